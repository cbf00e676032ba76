"""Sets by skin tone: crepes' Mondrian classifier as the oracle, coverage in every group, and silence without cases."""

import math
from dataclasses import replace

import numpy as np
import pytest
from crepes import ConformalClassifier
from scipy.stats import betabinom

from flexura.decision.calibration import Calibration, ConformalQuantile, ToneScores, softmax
from flexura.decision.conformal import cases_needed, conformal_scores, fit_quantile, mass_before, upper_rank
from flexura.decision.tone_groups import (
    GROUP_NAMES,
    TONE_GROUPS,
    UNMEASURED,
    angle_of,
    group_scores,
    grouped_set,
    tone_group,
)
from flexura.errors import CalibrationError
from flexura.features.colour import TONE_CLASSES
from flexura.records import CalibrationGroup, FeatureVector

ANGLES = {"light": 40.0, "tan": 20.0, "brown_or_dark": -20.0, UNMEASURED: math.nan}
CODES = 12


def drawn(seed: int, count: int, *, overconfidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truths of exchangeable photos of one group, on which the network is too sure of itself."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, CODES)) * 1.5
    truth = (softmax(logits).cumsum(1) > rng.random((count, 1))).argmax(1)
    return softmax(logits * overconfidence), truth


def fitted(calibration: Calibration, photos: dict[str, tuple[np.ndarray, np.ndarray]]) -> Calibration:
    scores = {name: conformal_scores(*pair) for name, pair in photos.items()}
    angles = np.concatenate([np.full(len(each), ANGLES[name]) for name, each in scores.items()])
    everything = np.concatenate(list(scores.values()))
    return replace(calibration, conformal=fit_quantile(everything, 0.9), tone_scores=group_scores(everything, angles))


@pytest.mark.parametrize(
    ("angle", "name"),
    [
        (90.0, "light"),
        (28.01, "light"),
        (28.0, "tan"),
        (10.01, "tan"),
        (10.0, "brown_or_dark"),
        (-90.0, "brown_or_dark"),
        (math.nan, "unmeasured"),
    ],
)
def test_a_group_ends_at_its_bound(angle: float, name: str) -> None:
    assert tone_group(angle) == name


def test_bounds_are_those_of_the_published_classes() -> None:
    assert {bound for _, bound in TONE_GROUPS if bound > -90} <= {bound for bound, _ in TONE_CLASSES}


def test_the_angle_comes_from_the_features() -> None:
    known = FeatureVector(("skin_ita", "delta_a"), np.array([31.5, 2], np.float32), ("degrees", "a*"))
    assert angle_of(known) == 31.5
    assert math.isnan(angle_of(replace(known, names=("other", "delta_a"))))
    assert math.isnan(angle_of(None))


def test_scores_are_sorted_into_every_group() -> None:
    found = group_scores(np.array([0.3, 0.1, 0.2, 0.5]), np.array([40.0, 35.0, 0.0, math.nan]))
    assert found == (
        ToneScores("light", (0.1, 0.3)),
        ToneScores("tan", ()),
        ToneScores("brown_or_dark", (0.2,)),
        ToneScores("unmeasured", (0.5,)),
    )
    assert tuple(group.name for group in found) == GROUP_NAMES


def test_a_photo_without_tone_is_refused() -> None:
    with pytest.raises(CalibrationError, match="one tone a photo"):
        group_scores(np.zeros(3), np.zeros(2))


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_cases_needed_are_the_fewest_that_the_rule_allows(coverage: float) -> None:
    needed = cases_needed(coverage)
    assert upper_rank(needed, coverage) <= needed
    assert upper_rank(needed - 1, coverage) > needed - 1


def test_impossible_coverage_needs_no_number_of_cases() -> None:
    with pytest.raises(CalibrationError, match="between 0 and 1"):
        cases_needed(1.0)


@pytest.mark.parametrize(("cases", "codes", "enough"), [(8, 35, False), (9, 1, True)])
def test_too_few_cases_give_every_code_and_say_so(
    calibration: Calibration, cases: int, codes: int, enough: bool
) -> None:
    # With nine cases, the ninth score decides: 0, the first code alone. With eight there is no ninth.
    known = tuple(ToneScores(name, (0.0,) * (cases if name == "tan" else 50)) for name in GROUP_NAMES)
    chosen, group = grouped_set(
        np.linspace(2, 0, 35) / 35, replace(calibration, tone_scores=known), angle_degrees=ANGLES["tan"]
    )
    assert group == CalibrationGroup("tan", cases, 9)
    assert group.enough is enough
    assert len(chosen) == codes


def test_a_bundle_without_groups_has_one_quantile_for_all(calibration: Calibration) -> None:
    rows = np.array([0.1, 0.5, 0.15, 0.25])
    whole = replace(calibration, conformal=ConformalQuantile(0.5, 0.9), tone_scores=())
    assert grouped_set(rows, whole, angle_degrees=20.0) == ((1, 3), None)


def test_sets_are_those_of_crepes(calibration: Calibration) -> None:
    """Where (n + 1) / 10 is whole, crepes adds one rank for good measure (p >= 0.1); no group here has such a size."""
    photos = {
        "light": drawn(1, 37, overconfidence=1.0),
        "tan": drawn(2, 65, overconfidence=2.0),
        "brown_or_dark": drawn(3, 80, overconfidence=4.0),
        UNMEASURED: drawn(4, 5, overconfidence=1.0),
    }
    own = fitted(calibration, photos)
    scores = np.concatenate([conformal_scores(*pair) for pair in photos.values()])
    bins = np.concatenate([np.full(len(truth), name) for name, (_, truth) in photos.items()])
    oracle = ConformalClassifier().fit(scores, bins=bins)
    for name, angle in ANGLES.items():
        rows, _ = drawn(5, 60, overconfidence=2.0)
        theirs = oracle.predict_set(mass_before(rows), bins=np.full(60, name), confidence=0.9, smoothing=False)
        for row, marks in zip(rows, theirs, strict=True):
            chosen, group = grouped_set(row, own, angle_degrees=angle)
            assert set(chosen) == set(np.flatnonzero(marks))
            assert group is not None
            assert group.enough is (name != UNMEASURED)


def test_every_group_keeps_its_coverage_where_one_quantile_does_not(calibration: Calibration) -> None:
    """How many of m new photos are covered is beta-binomial, given n cases: Vovk 2012, doi 10.48550/arXiv.1209.2673."""
    cases, new, overconfidence = 150, 2000, {"light": 0.6, "tan": 1.0, "brown_or_dark": 6.0}
    groups = {
        name: drawn(number, cases, overconfidence=much) for number, (name, much) in enumerate(overconfidence.items())
    }
    own = fitted(calibration, groups)
    pooled = replace(own, tone_scores=())
    rank = upper_rank(cases, 0.9)
    low, high = betabinom(new, rank, cases + 1 - rank).ppf([0.001, 0.999])
    for number, (name, much) in enumerate(overconfidence.items()):
        rows, truth = drawn(100 + number, new, overconfidence=much)
        held = sum(
            int(code) in grouped_set(row, own, angle_degrees=ANGLES[name])[0]
            for row, code in zip(rows, truth, strict=True)
        )
        assert low <= held <= high
    rows, truth = drawn(200, new, overconfidence=6.0)
    held = sum(
        int(code) in grouped_set(row, pooled, angle_degrees=-20.0)[0] for row, code in zip(rows, truth, strict=True)
    )
    assert held < low
