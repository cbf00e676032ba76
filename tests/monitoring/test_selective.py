"""Errors of the surest, and confidence against accuracy: by hand, by scikit-learn, and refusals."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from flexura.errors import MetricError, MetricUndefined
from flexura.monitoring.selective import ReliabilityBin, error_fall, reliability, risk_coverage


def test_errors_of_the_surest_by_hand() -> None:
    wrong, sure = np.array([True, False, False, True]), np.array([0.2, 0.9, 0.5, 0.7])
    assert risk_coverage(wrong, sure) == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])


def test_equal_ones_keep_their_order() -> None:
    assert risk_coverage(np.array([1, 0]), np.zeros(2)).tolist() == [1.0, 0.5]


def test_a_perfect_order_saves_all_that_can_be_saved_and_its_reverse_costs_as_much() -> None:
    wrong = np.arange(10) < 3
    assert error_fall(wrong, -wrong.astype(float), answered=0.7) == 1
    # Of 0.3, one wrong answer of eight is left, or all three.
    assert error_fall(wrong, -wrong.astype(float)) == pytest.approx(1 - (1 / 8) / 0.3)
    assert error_fall(wrong, wrong.astype(float)) == pytest.approx(1 - (3 / 8) / 0.3)
    assert error_fall(wrong, np.zeros(10), answered=1.0) == 0


def test_no_error_cannot_fall() -> None:
    with pytest.raises(MetricUndefined, match="no answer is wrong"):
        error_fall(np.zeros(5), np.arange(5.0))


@pytest.mark.parametrize("answered", [0.0, 0.01, 1.2])
def test_a_share_of_no_case_is_refused(answered: float) -> None:
    with pytest.raises(MetricError, match="no number of them"):
        error_fall(np.ones(5), np.arange(5.0), answered=answered)


def test_answers_are_wrong_or_not() -> None:
    with pytest.raises(MetricError, match="0 or 1"):
        risk_coverage(np.array([0.5, 1]), np.zeros(2))
    with pytest.raises(MetricError, match="one length"):
        risk_coverage(np.array([0, 1]), np.zeros(3))


def test_reliability_by_hand() -> None:
    rows = np.array([[0.55, 0.45], [0.6, 0.4], [0.05, 0.95], [1.0, 0.0]])
    low, high = reliability(rows, np.array([0, 1, 1, 0]), bins=5)
    assert low == ReliabilityBin(2, pytest.approx(0.575), 0.5)  # type: ignore[arg-type]
    assert high == ReliabilityBin(2, pytest.approx(0.975), 1.0)  # type: ignore[arg-type]


def test_reliability_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.5, 1, 500)
    rows, truth = np.stack([sure, 1 - sure], axis=1), (rng.random(500) > sure).astype(int)
    accuracy, confidence = calibration_curve(truth == 0, sure, n_bins=10)
    found = reliability(rows, truth)
    assert [each.accuracy for each in found] == pytest.approx(accuracy)
    assert [each.confidence for each in found] == pytest.approx(confidence)
    assert sum(each.cases for each in found) == 500


def test_no_bins_are_refused() -> None:
    with pytest.raises(MetricError, match="no case"):
        reliability(np.array([[0.5, 0.5]]), np.array([0]), bins=0)
