"""Entropies and distances by hand and by their identities."""

import math

import numpy as np
import pytest

from flexura.decision.calibration import DistanceReference
from flexura.decision.uncertainty import distance_reading, entropy_fraction, fit_distances, uncertainty_of
from flexura.errors import CalibrationError
from flexura.records import OutOfDistribution

NEAR = OutOfDistribution(0.1, 0.95, flag=False)


def test_entropy_by_hand() -> None:
    assert entropy_fraction(np.full(8, 1 / 8)) == pytest.approx(1.0)
    assert entropy_fraction(np.array([1.0, 0.0, 0.0])) == 0.0
    # Half and half of four codes: one bit of two.
    assert entropy_fraction(np.array([0.5, 0.5, 0.0, 0.0])) == pytest.approx(0.5)


def test_equal_samples_leave_nothing_to_the_model() -> None:
    logits = np.array([2.0, 1.0, 0.0])
    found = uncertainty_of(logits, np.tile(logits, (5, 1)), temperature=1.3, out_of_distribution=NEAR)
    assert found.model == pytest.approx(0.0, abs=1e-12)
    assert found.total == pytest.approx(found.data)
    assert found.out_of_distribution is NEAR


def test_certain_but_contradicting_samples_leave_all_to_the_model() -> None:
    samples = np.array([[50.0, 0.0], [0.0, 50.0]])
    found = uncertainty_of(samples[0], samples, temperature=1.0, out_of_distribution=NEAR)
    assert found.total == pytest.approx(1.0)
    assert found.model == pytest.approx(1.0)
    assert found.data == pytest.approx(0.0, abs=1e-9)


def test_total_is_model_plus_data() -> None:
    samples = np.random.default_rng(1).normal(size=(10, 35))
    found = uncertainty_of(samples[0], samples, temperature=0.8, out_of_distribution=NEAR)
    assert found.model is not None
    assert found.data is not None
    assert found.total == pytest.approx(found.model + found.data)
    assert 0 < found.model < found.total < 1


def test_higher_temperature_is_less_certain() -> None:
    samples = np.random.default_rng(2).normal(size=(4, 35)) * 3
    totals = [
        uncertainty_of(samples[0], samples, temperature=temperature, out_of_distribution=NEAR).total
        for temperature in (0.5, 1.0, 2.0)
    ]
    assert totals == sorted(totals)


@pytest.mark.parametrize("count", [0, 1])
def test_without_samples_the_parts_are_unknown(count: int) -> None:
    logits = np.log([0.5, 0.5, 1e-30, 1e-30])
    found = uncertainty_of(logits, np.zeros((count, 4)), temperature=1.0, out_of_distribution=NEAR)
    assert found.total == pytest.approx(0.5)
    assert (found.model, found.data) == (None, None)


def test_impossible_temperature_is_refused() -> None:
    with pytest.raises(CalibrationError):
        uncertainty_of(np.zeros(3), np.zeros((2, 3)), temperature=0.0, out_of_distribution=NEAR)


@pytest.mark.parametrize(
    ("distance", "score", "flag"),
    [(-5.0, 0.0, False), (0.0, 0.0, False), (5.0, 0.25, False), (15.0, 0.75, False), (40.0, 1.0, True)],
)
def test_distance_by_hand(distance: float, score: float, flag: bool) -> None:
    found = distance_reading(distance, DistanceReference((0.0, 10.0, 20.0), 0.95))
    assert (found.score, found.threshold, found.flag) == (score, 0.95, flag)


def test_share_flagged_is_what_the_threshold_leaves() -> None:
    rng = np.random.default_rng(3)
    reference = fit_distances(rng.chisquare(10, size=5000), threshold=0.95)
    fresh = rng.chisquare(10, size=5000)
    flagged = np.mean([distance_reading(float(distance), reference).flag for distance in fresh])
    assert flagged == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 * 2 / 5000))


def test_quantiles_span_the_distances() -> None:
    reference = fit_distances(np.array([3.0, 1.0, 2.0]), threshold=0.9, count=3)
    assert reference.quantiles == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("distances", "threshold", "count"),
    [
        (np.zeros(5), 0.0, 3),
        (np.zeros(5), 1.1, 3),
        (np.zeros(5), 0.9, 6),
        (np.zeros(5), 0.9, 1),
        (np.array([0.0, np.inf, 1.0]), 0.9, 2),
    ],
)
def test_unfit_distances_are_refused(distances: np.ndarray, threshold: float, count: int) -> None:
    with pytest.raises(CalibrationError):
        fit_distances(distances, threshold=threshold, count=count)
