import json
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from torch import nn

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import softmax
from flexura.decision.context_evidence import log_ratios
from flexura.errors import BundleMismatch, CalibrationError, OutputUnwritable, RecipeError
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import SHIPPED, load_bundle, write_copy
from flexura.inference.predictor import Engine, Predictor
from flexura.model.backbone import FixedBatchNorm
from flexura.model.checkpoint import CheckpointInfo, load_checkpoint, save_checkpoint
from flexura.model.network import Network, NetworkConfig
from flexura.monitoring.metrics import expected_calibration_error
from flexura.pipeline import PREPROCESSING_VERSION
from flexura.records import PatientContext
from flexura.training import release as releasing
from flexura.training.datasets import CODES, LabelledPhoto, kept_for_calibration, manifest_sha256, read_manifest
from flexura.training.predictions import Predictions, predict_graphs
from flexura.training.release import (
    agreement,
    area_bins,
    calibrate,
    cross_fitted_error,
    inherited_errors,
    recalibrate,
    release,
)
from flexura.training.scin import ScinCase
from flexura.training.start import load_start

INFO = CheckpointInfo(
    codes=CODES,
    context_names=CONTEXT_NAMES,
    preprocessing_version=PREPROCESSING_VERSION,
    recipe_name="test",
    recipe_sha256="0" * 64,
    manifest_sha256="0" * 64,
    seed=0,
    side=64,
    train_folds=(0, 1, 2, 3),
    calibration_one_in=2,
    unseen_sources=(),
)
BLANK = np.zeros((8, 8, 3), np.uint8)


def _photo(code: str, patient: int) -> LabelledPhoto:
    return LabelledPhoto("p.jpg", code, "a", f"patient {patient}", 0, BLANK)


def _of_logits(logits: np.ndarray) -> Predictions:
    nothing = np.zeros(len(logits), np.float32)
    return Predictions(logits, nothing, nothing, nothing, nothing, nothing, nothing)


def test_agreement_by_hand() -> None:
    exact = np.log(np.array([[0.6, 0.3, 0.1], [0.5, 0.4, 0.1]], np.float32))
    rounded = np.log(np.array([[0.5, 0.4, 0.1], [0.4, 0.5, 0.1]], np.float32))
    found = agreement(_of_logits(exact), _of_logits(rounded))
    assert found["top1_agreement"] == 0.5
    assert found["mean_difference"] == pytest.approx(0.4 / 6, abs=1e-6)
    assert found["mean_difference_of_top1"] == pytest.approx(0.1, abs=1e-6)


def test_area_bins_are_equally_filled_and_never_under_twenty_photos() -> None:
    assert area_bins(np.linspace(0, 1, 39)) == (1.0,)
    assert area_bins(np.linspace(0, 1, 41)) == (0.5, 1.0)
    third = area_bins(np.linspace(0, 1, 301))
    assert third == (pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0)
    assert area_bins(np.linspace(0, 1, 1000)) == third or len(area_bins(np.linspace(0, 1, 1000))) == 3


def test_too_few_readings_of_the_area_are_named_with_what_to_do() -> None:
    photos = [_photo(CODES[number % 2], number) for number in range(30)]
    logits = np.tile(np.linspace(1, 0, len(CODES), dtype=np.float32), (30, 1))
    maps = np.ones((30, 2, 4, 4), np.float32)
    unknown = np.full(30, np.nan, np.float32)
    findings = np.full((30, len(FEATURE_NAMES)), np.nan, np.float32)
    with pytest.raises(CalibrationError, match="0 of the 30 photos kept for calibration have a reading"):
        calibrate(Predictions(logits, unknown, unknown, maps, unknown, findings, unknown), photos, INFO)


def test_calibration_error_is_of_photos_that_did_not_fit_their_temperature() -> None:
    # Patient by patient: half the photos are right however sure the network is.
    random = np.random.default_rng(0)
    photos = [_photo("acne" if random.random() < 0.5 else "tinea", patient) for patient in range(400)]
    logits = np.full((400, len(CODES)), -400.0, np.float32)
    logits[:, [CODES.index("acne"), CODES.index("tinea")]] = (1.5, -1.5)
    truth = np.array([photo.label for photo in photos])
    # Sure to 95 %, right by half; the largest temperature, 20, leaves 54 %.
    assert cross_fitted_error(logits, truth, np.array([photo.group for photo in photos])) < 0.08
    assert expected_calibration_error(softmax(logits), truth) > 0.4


def _network(seed: int) -> Network:
    """One that never learned, each of its norms another, as learning leaves them."""
    torch.manual_seed(seed)
    network = Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=0)).eval()
    for norm in network.modules():
        if isinstance(norm, FixedBatchNorm):
            for tensor, centre in ((norm.running_mean, 0), (norm.running_var, 1), (norm.weight, 1), (norm.bias, 0)):
                nn.init.uniform_(cast(torch.Tensor, tensor), centre - 0.1, centre + 0.1)
    return network


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = _network(0)
    path = tmp_path_factory.mktemp("checkpoint") / "network.safetensors"
    save_checkpoint(path, network, INFO)
    return path


@pytest.mark.parametrize("info", [replace(INFO, calibration_one_in=0), replace(INFO, train_folds=(0, 4))])
def test_a_network_without_held_out_photos_is_not_released(
    info: CheckpointInfo, data_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "network.safetensors"
    save_checkpoint(
        path, Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=0)), info
    )
    with pytest.raises(RecipeError, match="calibration_one_in"):
        release([path], data_folder, tmp_path / "bundle", version="1")
    assert not (tmp_path / "bundle").exists()


def test_a_network_of_other_inputs_is_not_released(data_folder: Path, tmp_path: Path) -> None:
    config = NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=0)
    path = tmp_path / "network.safetensors"
    for other in (replace(INFO, preprocessing_version="squeeze-0"), replace(INFO, context_names=CONTEXT_NAMES[1:])):
        save_checkpoint(path, Network(config), other)
        with pytest.raises(BundleMismatch, match="train it again"):
            release([path], data_folder, tmp_path / "bundle", version="1")


@pytest.fixture(scope="module")
def hospital(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder four times over, as other patients: enough held-out readings for an area interval."""
    folder = tmp_path_factory.mktemp("hospital")
    for part in ("photos", "outlines"):
        (folder / part).mkdir()
        for path in (data_folder / part).iterdir():
            for copy in range(4):
                (folder / part / f"{copy}{path.name}").write_bytes(path.read_bytes())
    for table in ("photos.csv", "readings.csv"):
        header, *rows = (data_folder / table).read_text(encoding="utf-8").splitlines()
        copied = [f"{copy}{row}".replace("patient ", f"patient {copy}.") for copy in range(4) for row in rows]
        (folder / table).write_text("\n".join([header, *copied]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def second(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another member of the same recipe."""
    first, _ = load_checkpoint(checkpoint)
    network = _network(1)
    for part in ("bn0", "conv1", "bn1", "layer1", "layer2"):
        setattr(network.backbone, part, first.backbone.get_submodule(part))
    path = tmp_path_factory.mktemp("second") / "network.safetensors"
    save_checkpoint(path, network, replace(INFO, seed=1))
    return path


@pytest.fixture(scope="module")
def bundle(checkpoint: Path, second: Path, hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of two networks that never learned."""
    out = tmp_path_factory.mktemp("released")
    release([checkpoint, second], hospital, out, version="1.2.3")
    return out


def test_each_network_can_be_had_back_from_the_bundle(bundle: Path, checkpoint: Path, second: Path) -> None:
    picture = torch.arange(64 * 64 * 3, dtype=torch.uint8).reshape(1, 64, 64, 3)
    trained = [load_checkpoint(path)[0] for path in (checkpoint, second)]
    seen = [network.look(picture).pooled for network in trained]
    for member in (1, 2):
        again = _network(2)
        load_start(again, bundle, picture, member=member)
        own, other = seen[member - 1], seen[2 - member]
        assert (again.look(picture).pooled - own).abs().mean() < 0.05 * (other - own).abs().mean()
        assert torch.equal(again.heads.diagnosis.weight, trained[member - 1].heads.diagnosis.weight)
        was = trained[member - 1].fusion.from_image.weight
        assert torch.allclose(again.fusion.from_image.weight, was, atol=float(was.detach().abs().max()) / 250)
    with pytest.raises(BundleMismatch, match="has 2 networks; there is no member 3"):
        load_start(_network(2), bundle, picture, member=3)


def test_networks_that_do_not_belong_together_are_not_released_as_one(
    checkpoint: Path, second: Path, data_folder: Path, tmp_path: Path
) -> None:
    network, info = load_checkpoint(second)
    save_checkpoint(tmp_path / "other.safetensors", network, replace(info, manifest_sha256="1" * 64))
    for other, reason in ((checkpoint, "are the same"), (tmp_path / "other.safetensors", "the same photos")):
        with pytest.raises(BundleMismatch, match=reason):
            release([checkpoint, other], data_folder, tmp_path / "bundle", version="1")


def test_networks_of_a_bundle_are_taken_over(bundle: Path, hospital: Path, tmp_path: Path) -> None:
    # Nothing but its own rounding lies between them, and that is not rounded again.
    release([bundle], hospital, tmp_path / "again", version="2")
    before, after = load_bundle(bundle), load_bundle(tmp_path / "again")
    assert after.origin == before.origin
    picture = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
    unknown = [np.full(count, np.nan, np.float32) for count in (len(CONTEXT_NAMES), len(FEATURE_NAMES))]
    said = [
        engine.answer(engine.look(picture), context=unknown[0], findings=unknown[1])
        for engine in (Engine(each.look, each.answer, side=64, codes=len(CODES)) for each in (before, after))
    ]
    assert said[1].logits == pytest.approx(said[0].logits, abs=1e-3)
    assert said[1].distance == pytest.approx(said[0].distance, rel=0.05)


def test_a_released_bundle_answers(bundle: Path, hospital: Path) -> None:
    loaded = load_bundle(bundle)
    assert loaded.calibration.labels[0].code == CODES[0]
    assert Predictor(loaded).bundle.side == 64
    described = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    assert described["model"]["version"] == "1.2.3"
    assert described["origin"]["calibration_one_in"] == 2
    assert [each["seed"] for each in described["origin"]["members"]] == [0, 1]
    held = [photo for photo in read_manifest(hospital) if kept_for_calibration(photo, folds=INFO.train_folds, one_in=2)]
    assert described["figures"]["calibration_photos"] == len(held)
    assert described["figures"]["top1_agreement"] >= 0.98


@pytest.fixture
def trained_there(bundle: Path, hospital: Path, tmp_path: Path) -> Path:
    """The bundle as if the hospital's manifest had trained it."""
    loaded = load_bundle(bundle)
    origin = {**loaded.origin, "manifest_sha256": manifest_sha256(hospital)}
    calibration = replace(loaded.calibration, temperature=9.0, tone_scores=())
    write_copy(replace(loaded, origin=origin, calibration=calibration), tmp_path / "before", "1")
    return tmp_path / "before"


def test_calibrating_anew_gives_what_the_release_gave(
    trained_there: Path, bundle: Path, hospital: Path, tmp_path: Path
) -> None:
    recalibrate(trained_there, hospital, tmp_path / "again", version="2")
    again, released = load_bundle(tmp_path / "again"), load_bundle(bundle)
    assert (again.info.version, again.info.sha256) == ("2", released.info.sha256)
    assert again.calibration == released.calibration
    assert again.calibration.context_evidence is None  # the hospital has no questionnaires
    with pytest.raises(OutputUnwritable):
        recalibrate(trained_there, hospital, tmp_path / "again", version="2")


def test_only_the_own_data_and_a_known_training_calibrate_anew(
    trained_there: Path, bundle: Path, hospital: Path, tmp_path: Path
) -> None:
    with pytest.raises(BundleMismatch, match="another data folder"):
        recalibrate(bundle, hospital, tmp_path / "again", version="2")
    known = load_bundle(trained_there)
    kept_none = {**known.origin, "calibration_one_in": 0}
    for origin, error in (({"recipe": "none"}, BundleMismatch), (kept_none, RecipeError)):
        write_copy(replace(known, origin=origin), tmp_path / "other", "1")
        with pytest.raises(error):
            recalibrate(tmp_path / "other", hospital, tmp_path / "again", version="2")
    assert not (tmp_path / "again").exists()


def test_questionnaires_beside_the_photos_teach_what_weighs(
    trained_there: Path, hospital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [
        ScinCase(str(number), PatientContext(itch=float(number % 2)), {"scabies" if number % 2 else "acne": 1.0})
        for number in range(200)
    ]
    monkeypatch.setattr(releasing, "read_cases", lambda folder: cases if folder == hospital / "scin" else [])
    (hospital / "scin").mkdir()
    try:
        recalibrate(trained_there, hospital, tmp_path / "again", version="2")
    finally:
        (hospital / "scin").rmdir()
    evidence = load_bundle(tmp_path / "again").calibration.context_evidence
    assert evidence is not None
    itching = np.full((1, len(CONTEXT_NAMES)), np.nan)
    itching[0, CONTEXT_NAMES.index("itches")] = 1
    ratios = dict(zip(evidence.codes, log_ratios(evidence, itching, evidence.codes)[0].tolist(), strict=True))
    assert ratios["scabies"] > 0 > ratios["acne"]


def test_a_graph_that_rounding_broke_leaves_the_bundle_before_it_alone(
    checkpoint: Path, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "LARGEST_DIFFERENCE", 0.0)
    (tmp_path / "look.onnx").write_bytes(b"the bundle before")
    with pytest.raises(BundleMismatch, match="int8 does not agree"):
        release([checkpoint], data_folder, tmp_path, version="1")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"the bundle before"]


@pytest.fixture(scope="module")
def own() -> tuple[Network, CheckpointInfo]:
    """The shipped network with heads that learned a little more, as `recipes/own.toml` leaves it."""
    network = Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES))).eval()
    load_start(network, SHIPPED, torch.zeros(1, 64, 64, 3, dtype=torch.uint8))
    with torch.no_grad():
        for weights in network.heads.parameters():
            weights.add_(0.01 * torch.randn(weights.shape, generator=torch.Generator().manual_seed(0)))
    return network, replace(INFO, side=288)


def test_a_hospital_without_readings_keeps_the_area_errors_of_the_shipped_maps(
    own: tuple[Network, CheckpointInfo], data_folder: Path, tmp_path: Path
) -> None:
    save_checkpoint(tmp_path / "network.safetensors", *own)
    release([tmp_path / "network.safetensors"], data_folder, tmp_path / "bundle", version="1")
    released, shipped = load_bundle(tmp_path / "bundle").calibration, load_bundle(SHIPPED).calibration
    assert released.area_errors == shipped.area_errors
    assert released.temperature != shipped.temperature


def test_maps_that_learned_anew_inherit_no_area_errors(photos: list[LabelledPhoto]) -> None:
    engine = Predictor(load_bundle(SHIPPED))
    maps = predict_graphs(engine, photos[:2]).maps
    assert inherited_errors(maps, photos[:2]) == engine.bundle.calibration.area_errors
    moved = maps.copy()
    moved[1, 0, 3, 3] += 0.01
    assert inherited_errors(moved, photos[:2]) is None
    assert inherited_errors(maps[..., ::2], photos[:2]) is None
