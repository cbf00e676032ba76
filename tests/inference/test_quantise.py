"""From the trained network to its two graphs: distances and rounding by hand, and both graphs against torch."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from flexura.errors import BundleMismatch
from flexura.inference.graphs import ANSWER, LOOK, Graph
from flexura.inference.predictor import open_session
from flexura.inference.quantise import (
    AnsweringPart,
    LookingPart,
    Neighbourhood,
    export_answer,
    export_look,
    fit_neighbourhood,
    quantise,
)
from flexura.model.network import Network, NetworkConfig
from flexura.records import FloatArray

SIDE = 64
CONFIG = NetworkConfig(codes=5, context_features=3, findings=2, layer4_blocks=1, embedding=16, map_width=8)


@dataclass(frozen=True)
class Exported:
    """The network's graphs on disk."""

    fp32: Path
    int8: Path
    answer: Path


def new_network(seed: int) -> Network:
    torch.manual_seed(seed)
    return Network(CONFIG)


def new_neighbourhood(seed: int) -> Neighbourhood:
    random = np.random.default_rng(seed)
    return Neighbourhood(*(random.normal(size=shape).astype(np.float32) for shape in ((16,), (16, 4), (5, 4))))


@pytest.fixture(scope="module")
def answering() -> AnsweringPart:
    """Shared, so no test may change it. The network it was made from was left in training mode."""
    return AnsweringPart([new_network(1).train()], [new_neighbourhood(2)])


@pytest.fixture(scope="module")
def pair() -> AnsweringPart:
    """The same with a second network beside it, that shares its early stages."""
    networks = [new_network(1), new_network(8)]
    for part in ("bn0", "conv1", "bn1", "layer1", "layer2"):
        setattr(networks[1].backbone, part, networks[0].backbone.get_submodule(part))
    return AnsweringPart(networks, [new_neighbourhood(2), new_neighbourhood(9)])


@pytest.fixture(scope="module", params=["answering", "pair"])
def parts(request: pytest.FixtureRequest) -> AnsweringPart:
    """One network, and two that answer as one."""
    found: AnsweringPart = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def exported(parts: AnsweringPart, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("graphs")
    export_look(LookingPart(parts.members), folder / "fp32.onnx", side=SIDE)
    quantise(folder / "fp32.onnx", folder / "int8.onnx")
    export_answer(parts, folder / "answer.onnx")
    return Exported(folder / "fp32.onnx", folder / "int8.onnx", folder / "answer.onnx")


def squared_distances(point: FloatArray, neighbourhood: Neighbourhood) -> FloatArray:
    whitened = (point - neighbourhood.centre) @ neighbourhood.whitening
    return np.asarray(((whitened - neighbourhood.means) ** 2).sum(1))


@pytest.fixture(scope="module")
def photos() -> np.ndarray:
    """Three photos: another number than the graph was exported with."""
    return np.random.default_rng(3).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)


@pytest.fixture(scope="module")
def contexts() -> np.ndarray:
    """All unknown, one field known, all known."""
    return np.array([[math.nan] * 3, [math.nan, 1.0, math.nan], [0.2, 0.0, -1.0]], np.float32)


@pytest.fixture(scope="module")
def findings() -> np.ndarray:
    """All unknown, all known, one known."""
    return np.array([[math.nan] * 2, [0.5, -1.0], [math.nan, 2.0]], np.float32)


Inputs = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def inputs(photos: np.ndarray, contexts: np.ndarray, findings: np.ndarray) -> Inputs:
    return photos, contexts, findings


def by_torch(answering: AnsweringPart, inputs: Inputs) -> dict[str, np.ndarray]:
    photos, *told = (torch.from_numpy(each) for each in inputs)
    with torch.no_grad():
        look = LookingPart(answering.members)(photos)
        answer = answering(look[-1], *told)
    names = (*LOOK.outputs, *ANSWER.outputs)
    return {name: output.numpy() for name, output in zip(names, (*look, *answer), strict=True)}


@pytest.fixture(scope="module")
def in_torch(parts: AnsweringPart, inputs: Inputs) -> dict[str, np.ndarray]:
    return by_torch(parts, inputs)


def in_engine(look: Path, answer: Path, inputs: Inputs) -> dict[str, np.ndarray]:
    photos, context, findings = inputs
    seen = run(look, LOOK, (photos,))
    return seen | run(answer, ANSWER, (seen["pooled"], context, findings))


def run(path: Path, graph: Graph, inputs: tuple[np.ndarray, ...]) -> dict[str, np.ndarray]:
    outputs = open_session(path, threads=1).run(list(graph.outputs), dict(zip(graph.inputs, inputs, strict=True)))
    return dict(zip(graph.outputs, outputs, strict=True))


def initializers(graph: Path) -> dict[str, np.ndarray]:
    return {one.name: numpy_helper.to_array(one) for one in onnx.load(graph).graph.initializer}


# ---- distance to the training photos


def test_distance_by_hand() -> None:
    cross = np.array([[3, 0], [-3, 0], [0, 1], [0, -1]], np.float32)
    features = np.concatenate([cross, cross + np.array([10, 0], np.float32)])
    found = fit_neighbourhood(features, np.array([2] * 4 + [7] * 4), components=2)
    # Variances 36/7 and 4/7, mean 20/7; nine tenths of each and a tenth of the mean.
    variance_x, variance_y = (0.9 * 36 + 0.1 * 20) / 7, (0.9 * 4 + 0.1 * 20) / 7
    own, other = squared_distances(np.array([3, 2], np.float32), found)
    assert own == pytest.approx(9 / variance_x + 4 / variance_y, rel=1e-4)
    assert other == pytest.approx(49 / variance_x + 4 / variance_y, rel=1e-4)


def test_only_the_largest_axes_count() -> None:
    cross = np.array([[3, 0], [-3, 0], [0, 1], [0, -1]], np.float32)
    found = fit_neighbourhood(np.concatenate([cross, cross]), np.repeat([0, 1], 4), components=1)
    assert found.whitening.shape == (2, 1)
    assert squared_distances(np.array([0, 50], np.float32), found) == pytest.approx([0, 0], abs=1e-6)


def test_distance_is_mahalanobis_with_the_shared_covariance() -> None:
    random = np.random.default_rng(4)
    mixing, labels = random.normal(size=(6, 6)), random.integers(0, 3, 300)
    features = (random.normal(size=(300, 6)) @ mixing + 4 * labels[:, None]).astype(np.float32)
    means = np.stack([features[labels == label].mean(0) for label in range(3)])
    covariance = np.cov(features - means[labels], rowvar=False)
    inverse = np.linalg.inv(0.9 * covariance + 0.1 * np.trace(covariance) / 6 * np.eye(6))
    offsets = features[0] - means
    expected = np.einsum("ti,ij,tj->t", offsets, inverse, offsets)
    found = squared_distances(features[0], fit_neighbourhood(features, labels, components=6))
    assert found == pytest.approx(expected, rel=1e-3)


# ---- the network that answers


def test_answers_have_no_dropout_whatever_mode_the_network_was_in(
    parts: AnsweringPart, inputs: Inputs, in_torch: dict[str, np.ndarray]
) -> None:
    assert not any(part.training for part in parts.modules())
    again = by_torch(parts, inputs)
    assert all(np.array_equal(output, again[name]) for name, output in in_torch.items())


def test_masks_drop_a_fifth_and_keep_the_expectation(answering: AnsweringPart) -> None:
    assert answering.masks.shape == (16, 16)
    assert set(answering.masks.flatten().tolist()) == {0.0, 1.25}
    assert (answering.masks == 0).float().mean().item() == pytest.approx(0.2, abs=0.1)


def test_masks_follow_the_seed(answering: AnsweringPart) -> None:
    nothing = Neighbourhood(*(np.zeros(shape, np.float32) for shape in ((16,), (16, 4), (5, 4))))
    same, other = (AnsweringPart(answering.members, [nothing], seed=seed).masks for seed in (0, 1))
    assert torch.equal(same, answering.masks)
    assert not torch.equal(other, answering.masks)


def test_samples_spread_around_the_answers_of_the_networks_in_turn(
    parts: AnsweringPart, inputs: Inputs, in_torch: dict[str, np.ndarray]
) -> None:
    _, context, findings = (torch.from_numpy(each) for each in inputs)
    members = parts.members
    for sample, number, mask in ((5, 0, 5 * len(members)), (15, len(members) - 1, 15)):
        pooled = torch.from_numpy(in_torch["pooled"][:, 3072 * number : 3072 * (number + 1)])
        with torch.no_grad():
            answer = members[number].answer(pooled, context, findings)
        fused = torch.relu(answer.fused).numpy()
        head = {name: tensor.numpy() for name, tensor in members[number].heads.diagnosis.state_dict().items()}
        expected = (fused * parts.masks[mask].numpy()) @ head["weight"].T + head["bias"]
        assert in_torch["logit_samples"][:, sample] == pytest.approx(expected, abs=1e-5)
    assert in_torch["logit_samples"].shape == (3, 16, 5)
    assert (in_torch["logit_samples"].std(1) > 0).all()


def test_two_networks_answer_with_their_means(pair: AnsweringPart, inputs: Inputs) -> None:
    together = by_torch(pair, inputs)
    first, second = (
        by_torch(AnsweringPart([network], [new_neighbourhood(seed)]), inputs)
        for network, seed in zip(pair.members, (2, 9), strict=True)
    )
    assert np.array_equal(together["maps"], first["maps"])
    for name in ("logits", "signs", "iga", "distance", "attention"):
        assert together[name] == pytest.approx((first[name] + second[name]) / 2, rel=1e-4, abs=1e-5), name
        assert np.abs(first[name] - second[name]).max() > 1e-4, name
    assert np.array_equal(together["pooled"], np.concatenate([first["pooled"], second["pooled"]], 1))


def test_networks_that_do_not_belong_together_do_not_answer_as_one(answering: AnsweringPart) -> None:
    with pytest.raises(BundleMismatch, match="stages 1-2 differ"):
        LookingPart([*answering.members, new_network(8)])
    torch.manual_seed(1)
    with pytest.raises(BundleMismatch, match="different shapes"):
        LookingPart([*answering.members, Network(replace(CONFIG, layer4_blocks=0))])


def test_signs_and_iga_are_probabilities(in_torch: dict[str, np.ndarray]) -> None:
    assert in_torch["signs"].shape == (3, 6, 4)
    assert in_torch["iga"].shape == (3, 5)
    for grades in (in_torch["signs"], in_torch["iga"]):
        assert (grades >= 0).all()
        assert grades.sum(-1) == pytest.approx(np.ones(grades.shape[:-1]), abs=1e-6)
    assert 0 < in_torch["maps"].min() < in_torch["maps"].max() < 1
    assert in_torch["attention"].sum((1, 2, 3)) == pytest.approx(np.ones(3), abs=1e-6)


# ---- rounding


def test_only_large_matrices_are_rounded(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    large, small = (random.normal(size=shape).astype(np.float32) for shape in ((400, 300), (4, 400)))
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "large"], ["y"], transB=1),
            helper.make_node("Gemm", ["y", "small"], ["z"], transB=1),
        ],
        "two",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 300))],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, (1, 4))],
        [numpy_helper.from_array(large, "large"), numpy_helper.from_array(small, "small")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), tmp_path / "fp32")
    quantise(tmp_path / "fp32", tmp_path / "int8")
    kept = initializers(tmp_path / "int8")
    assert kept.keys() == {"large_int8", "large_scale", "small"}
    assert np.abs(kept["large_int8"] * kept["large_scale"][:, None] - large).max() <= kept["large_scale"].max() * 0.5001
    x = random.normal(size=(1, 300)).astype(np.float32)
    (z,) = open_session(tmp_path / "int8", threads=1).run(None, {"x": x})
    assert z == pytest.approx(x @ large.T @ small.T, rel=0.05, abs=3)


def test_rounding_by_hand(tmp_path: Path) -> None:
    # Channel by channel: a step of 0.01, of 2, and a channel of zeros that must not become NaN.
    weights = np.array([[1.27, -0.504], [-254.0, 1.2], [0.0, 0.0]], np.float32).reshape(3, 2, 1, 1)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 2, 1, 1))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 3, 1, 1))],
        [numpy_helper.from_array(weights, "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10), tmp_path / "fp32")
    quantise(tmp_path / "fp32", tmp_path / "int8")
    assert initializers(tmp_path / "int8")["w_int8"].reshape(3, 2).tolist() == [[127, -50], [-127, 1], [0, 0]]
    (y,) = open_session(tmp_path / "int8", threads=1).run(None, {"x": np.ones((1, 2, 1, 1), np.float32)})
    assert y.ravel().tolist() == pytest.approx([1.27 - 0.5, -254 + 2, 0])


def test_every_convolution_is_within_half_a_step_of_its_weights(exported: Exported, parts: AnsweringPart) -> None:
    before, after = initializers(exported.fp32), initializers(exported.int8)
    convolutions = [name.removesuffix("_int8") for name in after if name.endswith("_int8")]
    # Stem, 3 + 4 blocks of three and two shortcuts; then 6 + 1 blocks, a shortcut, and five of the attention.
    # Of a second network its stages 3 and 4, their shortcut and its attention: it shares the rest.
    late = (6 + 1) * 3 + 1 + 5
    assert len(convolutions) == 1 + (3 + 4) * 3 + 2 + late * len(parts.members)
    for name in convolutions:
        weights, levels, scale = before[name], after[f"{name}_int8"], after[f"{name}_scale"]
        assert levels.dtype == np.int8
        assert scale.shape == (len(weights),)
        step = scale.reshape(-1, 1, 1, 1)
        assert (np.abs(levels * step - weights) <= step * 0.5001).all()


def test_everything_but_convolutions_stays_as_it_was(exported: Exported) -> None:
    before, after = initializers(exported.fp32), initializers(exported.int8)
    kept = before.keys() & after.keys()
    assert {f"{name}_int8" for name in before.keys() - kept} <= after.keys()
    assert any(name.endswith("layer1.0.bn1.weight") for name in kept)
    assert all(np.array_equal(before[name], after[name]) for name in kept)


def test_the_bundles_graph_is_about_a_quarter(exported: Exported) -> None:
    assert exported.int8.stat().st_size < 0.3 * exported.fp32.stat().st_size


# ---- the whole graph


def test_the_exported_graph_agrees_with_torch(
    exported: Exported, inputs: Inputs, in_torch: dict[str, np.ndarray]
) -> None:
    found = in_engine(exported.fp32, exported.answer, inputs)
    for name, expected in in_torch.items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-3, atol=1e-4, err_msg=name)


def test_rounding_moves_an_answer_far_less_than_another_photo_does(
    exported: Exported, inputs: Inputs, in_torch: dict[str, np.ndarray]
) -> None:
    found = in_engine(exported.int8, exported.answer, inputs)
    for name, expected in in_torch.items():
        between_photos = np.ptp(expected, axis=0).max()
        assert np.abs(found[name] - expected).max() < 0.1 * between_photos, name


def test_a_photo_scores_the_same_alone_and_in_a_batch_of_the_graph(exported: Exported, inputs: Inputs) -> None:
    photos, contexts, findings = inputs
    together, alone = (
        in_engine(exported.int8, exported.answer, (photos[:n], contexts[:n], findings[:n])) for n in (3, 1)
    )
    for name in together:
        np.testing.assert_allclose(alone[name][0], together[name][0], rtol=1e-4, atol=1e-5, err_msg=name)
