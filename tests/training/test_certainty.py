"""What certainty is worth: rankings, their gain, and coverage within the limits of chance in every group."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flexura.decision.calibration import Calibration, softmax
from flexura.decision.conformal import conformal_scores, fit_quantile
from flexura.decision.tone_groups import ANGLE_FEATURE, group_scores
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import load_bundle
from flexura.training.certainty import certainty_figures, rankings, set_figures
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.predictions import Predictions

BLANK = np.zeros((8, 8, 3), np.uint8)
ANGLES = np.array([40.0, 20.0, -10.0])


@pytest.fixture
def calibration(tiny_bundle: Path) -> Calibration:
    return replace(load_bundle(tiny_bundle).calibration, temperature=1.0)


def drawn(seed: int, count: int) -> tuple[Predictions, np.ndarray]:
    """Photos of three tones in turn; the darker the skin, the surer of itself is the network."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(count, len(CODES))) * 2.5
    truth = (softmax(honest).cumsum(1) > rng.random((count, 1))).argmax(1)
    group = np.arange(count) % 3
    logits = (honest * np.array([0.7, 1.0, 3.0])[group, None]).astype(np.float32)
    findings = np.full((count, len(FEATURE_NAMES)), np.nan, np.float32)
    findings[:, FEATURE_NAMES.index(ANGLE_FEATURE)] = ANGLES[group]
    samples = logits[:, None] + rng.normal(size=(count, 5, len(CODES))).astype(np.float32)
    blank = np.zeros(count, np.float32)
    return Predictions(logits, blank, blank, blank, rng.random(count).astype(np.float32), findings, samples), truth


def fitted(calibration: Calibration, seed: int, count: int) -> Calibration:
    predictions, truth = drawn(seed, count)
    scores = conformal_scores(softmax(predictions.logits), truth)
    by_tone = group_scores(scores, predictions.angles_degrees)
    return replace(calibration, conformal=fit_quantile(scores, 0.9), tone_scores=by_tone)


def test_coverage_lies_within_the_limits_of_chance_in_every_group(calibration: Calibration) -> None:
    predictions, truth = drawn(1, 1500)
    found = set_figures(predictions, truth, fitted(calibration, 0, 300))
    by_tone = found["sets_by_tone"]
    assert isinstance(by_tone, dict)
    assert set(by_tone) == {"light", "tan", "brown_or_dark"}
    for tone in by_tone.values():
        assert (tone["photos"], tone["held_out_photos"], tone["within_limits"]) == (500, 100, True)
        assert tone["low"] <= tone["coverage"] <= tone["high"]
    assert found["without_a_set"] == 0


def test_one_quantile_for_all_is_told_by_tone_without_limits(calibration: Calibration) -> None:
    predictions, truth = drawn(1, 1500)
    found = set_figures(predictions, truth, replace(fitted(calibration, 0, 300), tone_scores=()))
    by_tone = found["sets_by_tone"]
    assert isinstance(by_tone, dict)
    assert by_tone["brown_or_dark"]["coverage"] < 0.86 < by_tone["light"]["coverage"]
    assert by_tone["tan"]["within_limits"] is None


def test_a_group_with_too_few_cases_has_no_coverage(calibration: Calibration) -> None:
    predictions, truth = drawn(1, 30)
    found = set_figures(predictions, truth, fitted(calibration, 0, 24))
    by_tone = found["sets_by_tone"]
    assert isinstance(by_tone, dict)
    unknown = {"coverage": None, "mean_size": None, "within_limits": None}
    assert by_tone["tan"] == {"photos": 10, "held_out_photos": 8} | unknown
    assert (found["without_a_set"], found["set_coverage"], found["mean_set_size"]) == (30, None, None)


def test_rankings_by_hand(calibration: Calibration) -> None:
    predictions, _ = drawn(2, 2)
    logits = np.full((2, len(CODES)), -50.0, np.float32)
    logits[0, 0] = logits[1, 0] = logits[1, 1] = 0.0
    samples = np.repeat(logits[:, None], 2, axis=1)
    samples[1, 0, 0] = samples[1, 1, 1] = -50.0
    known = replace(predictions, logits=logits, logit_samples=samples, distances=np.array([3.0, 2.0], np.float32))
    found = rankings(known, calibration)
    assert found["probability"] == pytest.approx([1.0, 0.5])
    assert found["entropy"] == pytest.approx([0.0, -math.log(2) / math.log(len(CODES))], abs=1e-9)
    # The second photo's samples say one code, then the other: 1/4 of variance each.
    assert found["ensemble variance"] == pytest.approx([0.0, -0.5])
    assert found["distance to training"].tolist() == [-3.0, -2.0]
    alone = rankings(replace(known, logit_samples=samples[:, :1]), calibration)
    assert set(alone) == set(found) - {"ensemble variance"}


def test_every_ranking_tells_its_gain_and_the_pictures_are_there(calibration: Calibration, tmp_path: Path) -> None:
    predictions, truth = drawn(3, 300)
    photos = [LabelledPhoto("p.jpg", CODES[code], "a", f"{row}", 4, BLANK) for row, code in enumerate(truth)]
    risk = certainty_figures(predictions, photos, calibration, tmp_path)["risk_coverage"]
    assert isinstance(risk, dict)
    assert set(risk) == {"error of all", "probability", "entropy", "ensemble variance", "distance to training"}
    for name in set(risk) - {"error of all"}:
        assert risk[name]["fall"] == pytest.approx(1 - risk[name]["error at 80%"] / risk["error of all"])
    # How far a photo lies is drawn by lot here.
    assert risk["probability"]["fall"] > risk["distance to training"]["fall"]
    for name in ("reliability.svg", "risk_coverage.svg"):
        assert "300 photos" in (tmp_path / name).read_text(encoding="utf-8")


def test_how_often_healthy_skin_comes_first(calibration: Calibration, tmp_path: Path) -> None:
    predictions, _ = drawn(5, 5)
    healthy = CODES.index("healthy_skin")
    logits = np.zeros_like(predictions.logits)
    logits[:3, healthy] = logits[3:, 0] = 5
    truth = [healthy, healthy, 0, healthy, 0]
    photos = [LabelledPhoto("p.jpg", CODES[code], "a", str(row), 4, BLANK) for row, code in enumerate(truth)]
    found = certainty_figures(replace(predictions, logits=logits), photos, calibration, tmp_path)
    assert found["healthy_skin_first"] == {
        "of healthy skin": 2,
        "photos of healthy skin": 3,
        "of diseases": 1,
        "photos of diseases": 2,
    }


def test_where_no_answer_is_wrong_nothing_can_fall(calibration: Calibration, tmp_path: Path) -> None:
    predictions, _ = drawn(4, 30)
    photos = [LabelledPhoto("p.jpg", CODES[row.argmax()], "a", str(row[0]), 4, BLANK) for row in predictions.logits]
    risk = certainty_figures(predictions, photos, calibration, tmp_path)["risk_coverage"]
    assert isinstance(risk, dict)
    assert risk["probability"] == {"error at 80%": 0.0, "fall": None, "low": None, "high": None}
