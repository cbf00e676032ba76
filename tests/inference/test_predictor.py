"""One photo through the engine, on a graph whose answers can be worked out by hand."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.context_evidence import ContextEvidence
from flexura.errors import BundleMismatch
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import Bundle, load_bundle
from flexura.inference.gathering import Batching
from flexura.inference.predictor import Predictor, available_threads, open_session
from flexura.records import Look, Prediction, UInt8Array

UNKNOWN = np.full(len(CONTEXT_NAMES), math.nan, np.float32)
UNMEASURED = np.full(len(FEATURE_NAMES), math.nan, np.float32)


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


@pytest.fixture(scope="module")
def predictor(bundle: Bundle) -> Predictor:
    return Predictor(bundle, threads=1)


def half_red() -> UInt8Array:
    """Red on the left, black on the right."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, :32, 0] = 255
    return pixels


def answer_on(predictor: Predictor, context: np.ndarray = UNKNOWN, findings: np.ndarray = UNMEASURED) -> Prediction:
    return predictor.answer(predictor.look(half_red()), context=context, findings=findings)


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_an_answer_by_hand(predictor: Predictor) -> None:
    answer = answer_on(predictor)
    # Mean red is a half; atopic dermatitis has bias 3, psoriasis 1 and half of each mean channel.
    assert answer.logits[[0, 10]].tolist() == pytest.approx([3.0, 1.25])
    assert answer.logit_samples[:, 10].tolist() == pytest.approx([1.0, 1.25 - 0.25 / 3, 1.25 + 0.25 / 3, 1.5])
    assert answer.signs[5].tolist() == pytest.approx([0.1, 0.3, 0.5, 0.1])
    assert answer.iga.tolist() == pytest.approx([0.05, 0.15, 0.5, 0.2, 0.1])


def test_blas_keeps_no_thread_beside_the_networks(bundle: Bundle) -> None:
    threadpool_limits(limits=2, user_api="blas")
    Predictor(bundle, threads=1)
    assert {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"} == {1}


def told(names: tuple[str, ...] = CONTEXT_NAMES) -> ContextEvidence:
    """Itching is told of three in four with scabies, of one in four with acne; both are alike common."""
    weight = tuple(math.log(3) if name == "itches" else 0.0 for name in names)
    nothing, one, even = (0.0,) * len(names), (1.0,) * len(names), (math.log(0.5),) * 2
    return ContextEvidence(names, ("scabies", "acne"), nothing, one, even, (weight, nothing), 0.5)


def test_what_is_told_is_weighed_as_the_calibration_says(bundle: Bundle, predictor: Predictor) -> None:
    calibration = replace(bundle.calibration, context_evidence=told())
    weighing = Predictor(replace(bundle, calibration=calibration), threads=1)
    itching = UNKNOWN.copy()
    itching[CONTEXT_NAMES.index("itches")] = 1
    before, after = answer_on(predictor, itching), answer_on(weighing, itching)
    codes = [label.code for label in calibration.labels]
    wanted = np.zeros(len(codes))
    # Odds of three to one: 1.5 and .5 times as often as at large, of which half is believed.
    wanted[codes.index("scabies")] = 0.5 * math.log(1.5) * calibration.temperature
    wanted[codes.index("acne")] = 0.5 * math.log(0.5) * calibration.temperature
    assert after.logits - before.logits == pytest.approx(wanted, abs=1e-5)
    assert after.logit_samples - before.logit_samples == pytest.approx(np.tile(wanted, (4, 1)), abs=1e-5)
    look = weighing.look(half_red())
    many = weighing.logits(look, contexts=np.stack([itching, UNKNOWN]), findings=np.stack([UNMEASURED] * 2))
    assert many[0] == pytest.approx(after.logits, abs=1e-5)
    assert np.array_equal(many[1], answer_on(predictor).logits)


def test_evidence_of_other_context_values_is_refused(bundle: Bundle) -> None:
    calibration = replace(bundle.calibration, context_evidence=told((*CONTEXT_NAMES[1:], "sleeps")))
    with pytest.raises(BundleMismatch, match="context values"):
        Predictor(replace(bundle, calibration=calibration), threads=1)


def test_logits_of_many_contexts_are_those_that_each_gets_alone() -> None:
    shipped = Predictor(load_bundle(None), threads=1)
    look = shipped.look(np.random.default_rng(3).integers(0, 256, (shipped.side, shipped.side, 3), np.uint8))
    contexts, findings = np.tile(UNKNOWN, (3, 1)), np.tile(UNMEASURED, (3, 1))
    contexts[1, CONTEXT_NAMES.index("itches")], findings[2, :5] = 1, 0.5
    many = shipped.logits(look, contexts=contexts, findings=findings)
    alone = [shipped.answer(look, context=row, findings=of) for row, of in zip(contexts, findings, strict=True)]
    assert many == pytest.approx(np.stack([each.logits for each in alone]), abs=1e-5)
    assert np.abs(many[1] - many[0]).max() > 1e-3
    assert np.abs(many[2] - many[0]).max() > 1e-3


def test_the_lesion_map_is_first_and_left_stays_left(predictor: Predictor) -> None:
    answer = answer_on(predictor)
    assert answer.lesion_map[0, [0, 15]].tolist() == pytest.approx([sigmoid(9 - 1.2), sigmoid(-1.2)], rel=1e-5)
    assert answer.skin_map[0, [0, 15]].tolist() == pytest.approx([sigmoid(4 - 1), sigmoid(-1)], rel=1e-5)


def test_one_photo_comes_without_a_batch_axis(predictor: Predictor) -> None:
    answer = answer_on(predictor)
    shapes = {field.name: np.shape(getattr(answer, field.name)) for field in fields(answer) if field.name != "partial"}
    assert answer.partial is None
    assert shapes == {
        "logits": (35,),
        "logit_samples": (4, 35),
        "signs": (6, 4),
        "iga": (5,),
        "lesion_map": (16, 16),
        "skin_map": (16, 16),
        "attention": (8, 8),
        "distance": (),
    }


def test_unknown_context_arrives_as_unknown(predictor: Predictor) -> None:
    one_known = np.where(np.arange(len(UNKNOWN)) == 3, np.float32(0.5), UNKNOWN)
    # The tiny graph's distance is the share of what is unknown.
    contexts = (UNKNOWN, one_known, np.zeros_like(UNKNOWN))
    told, all_told = len(UNKNOWN), len(UNKNOWN) + len(UNMEASURED)
    distances = [answer_on(predictor, context).distance for context in contexts]
    assert distances == pytest.approx([1.0, 1 - 1 / all_told, 1 - told / all_told])
    assert answer_on(predictor, np.zeros_like(UNKNOWN), np.zeros_like(UNMEASURED)).distance == 0.0


def test_threads_may_share_a_predictor(predictor: Predictor) -> None:
    expected = answer_on(predictor)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: answer_on(predictor), range(16)))
    assert all(np.array_equal(answer.logits, expected.logits) for answer in answers)
    assert all(np.array_equal(answer.lesion_map, expected.lesion_map) for answer in answers)


@pytest.mark.parametrize("content", [b"", b"no graph", None])
def test_a_graph_the_engine_cannot_read_is_refused(bundle: Bundle, tmp_path: Path, content: bytes | None) -> None:
    for name in ("look", "answer"):
        path = tmp_path / f"{name}.onnx"
        path.write_bytes(getattr(bundle, name).read_bytes()[:-40] if content is None else content)
        with pytest.raises(BundleMismatch, match="cannot read"):
            Predictor(replace(bundle, **{name: path}), threads=1)


def test_a_graph_in_memory_is_read_as_one_on_disk(bundle: Bundle) -> None:
    session = open_session(bundle.answer.read_bytes(), threads=1)
    assert [one.name for one in session.get_inputs()] == ["pooled", "context", "findings"]


def test_outputs_in_another_order_are_refused(bundle: Bundle, tmp_path: Path) -> None:
    model = onnx.load(bundle.answer)
    first = model.graph.output.pop(0)
    model.graph.output.append(first)
    onnx.save(model, tmp_path / "answer.onnx")
    with pytest.raises(BundleMismatch, match=r"expected.*logits"):
        Predictor(replace(bundle, answer=tmp_path / "answer.onnx"), threads=1)


def test_several_pictures_are_seen_as_each_alone(predictor: Predictor) -> None:
    pictures = np.stack([half_red(), half_red()[:, ::-1]])
    for together, pixels in zip(predictor.look_at(pictures), pictures, strict=True):
        alone = predictor.look(pixels)
        assert isinstance(together, Look)
        for name in ("pooled", "lesion_map", "skin_map", "attention"):
            assert getattr(together, name) == pytest.approx(getattr(alone, name), abs=1e-6)


def test_looks_of_several_threads_in_one_call_are_those_of_each_alone(bundle: Bundle, predictor: Predictor) -> None:
    shared = Predictor(bundle, threads=1, batching=Batching(4, 3600.0))
    pictures = [half_red(), half_red()[:, ::-1], np.zeros_like(half_red()), np.full_like(half_red(), 200)]
    with ThreadPoolExecutor(4) as pool:
        looks = list(pool.map(shared.look, pictures))  # an hour's wait would be noticed: the four fill the batch
    for together, pixels in zip(looks, pictures, strict=True):
        alone = predictor.look(pixels)
        # The engine may add up in another order for several pictures.
        for name in ("pooled", "lesion_map", "skin_map", "attention"):
            assert getattr(together, name) == pytest.approx(getattr(alone, name), rel=1e-4)


def test_a_picture_of_the_wrong_size_hurts_no_other(bundle: Bundle) -> None:
    shared = Predictor(bundle, threads=1, batching=Batching(2, 3600.0))
    with ThreadPoolExecutor(2) as pool:
        good, bad = pool.submit(shared.look, half_red()), pool.submit(shared.look, half_red()[:32])
        assert good.result().lesion_map.shape == (16, 16)
        assert bad.exception() is not None


def test_a_graph_for_photos_of_another_size_is_refused(bundle: Bundle) -> None:
    with pytest.raises(BundleMismatch, match=r"\[96, 96, 3\]"):
        Predictor(replace(bundle, side=96), threads=1)


def test_a_calibration_of_other_codes_than_the_graphs_is_refused(bundle: Bundle) -> None:
    fewer = replace(bundle.calibration, labels=bundle.calibration.labels[:-1])
    with pytest.raises(BundleMismatch, match=r"\[34\]"):
        Predictor(replace(bundle, calibration=fewer), threads=1)


def test_threads_are_those_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5, 6}, raising=False)
    assert available_threads() == 3


def test_one_thread_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert available_threads() == 1
