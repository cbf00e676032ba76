"""Measures against hand-worked values, scikit-learn as a peer, and each refusal."""

import numpy as np
import pytest
import sklearn.metrics as peer

from flexura.errors import MetricError, MetricUndefined
from flexura.monitoring import metrics

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.3, 0.5], [0.5, 0.4, 0.1]])
TRUTH = np.array([0, 2, 2, 1])


def _drawn(seed: int, cases: int = 400, codes: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(codes), size=cases)
    return probabilities, rng.integers(codes, size=cases)


def test_top_k_accuracy_counts_the_true_code_among_the_best() -> None:
    assert metrics.top_k_accuracy(PROBABILITIES, TRUTH, k=1) == 0.5
    assert metrics.top_k_accuracy(PROBABILITIES, TRUTH, k=2) == 1.0
    assert metrics.top_k_accuracy(PROBABILITIES, TRUTH, k=3) == 1.0


def test_top_k_accuracy_ranks_ties_by_position() -> None:
    flat = np.full((4, 4), 0.25)
    assert [metrics.top_k_accuracy(flat, np.arange(4), k=k) for k in (1, 2, 3, 4)] == [0.25, 0.5, 0.75, 1.0]


def test_top_k_accuracy_takes_codes_ruled_out() -> None:
    logits = np.array([[-np.inf, 1.0, 0.0], [3.0, -np.inf, 2.0]])
    assert metrics.top_k_accuracy(logits, np.array([1, 2]), k=1) == 0.5


@pytest.mark.parametrize("k", [1, 3, 5])
def test_top_k_accuracy_agrees_with_scikit_learn(k: int) -> None:
    probabilities, truth = _drawn(1)
    expected = peer.top_k_accuracy_score(truth, probabilities, k=k, labels=np.arange(7))
    assert metrics.top_k_accuracy(probabilities, truth, k=k) == pytest.approx(expected)


@pytest.mark.parametrize("k", [0, 4])
def test_top_k_accuracy_refuses_impossible_k(k: int) -> None:
    with pytest.raises(MetricError, match="k is"):
        metrics.top_k_accuracy(PROBABILITIES, TRUTH, k=k)


def test_roc_auc_by_hand() -> None:
    # Pairs (positive, negative): .35>.1, .35<.4, .8>.1, .8>.4 -> 3 of 4.
    assert metrics.roc_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])) == 0.75


def test_roc_auc_counts_ties_half() -> None:
    assert metrics.roc_auc(np.array([1.0, 1.0, 1.0]), np.array([0, 1, 1])) == 0.5


def test_roc_auc_keeps_order_under_monotone_change_and_mirrors_under_negation() -> None:
    rng = np.random.default_rng(2)
    scores, truth = rng.normal(size=50), rng.integers(2, size=50)
    area = metrics.roc_auc(scores, truth)
    assert metrics.roc_auc(np.exp(scores), truth) == area
    assert metrics.roc_auc(-scores, truth) == pytest.approx(1 - area)


def test_roc_auc_agrees_with_scikit_learn_under_ties() -> None:
    rng = np.random.default_rng(3)
    scores, truth = rng.integers(8, size=300).astype(float), rng.integers(2, size=300)
    assert metrics.roc_auc(scores, truth) == pytest.approx(peer.roc_auc_score(truth, scores))


@pytest.mark.parametrize("truth", [[0, 0, 0], [1, 1, 1]])
def test_roc_auc_is_undefined_for_one_class(truth: list[int]) -> None:
    with pytest.raises(MetricUndefined, match="both classes"):
        metrics.roc_auc(np.array([0.1, 0.2, 0.3]), np.array(truth))


def test_roc_auc_refuses_other_truth_than_two_classes() -> None:
    with pytest.raises(MetricError, match="0 and 1"):
        metrics.roc_auc(np.array([0.1, 0.2]), np.array([0, 2]))


def test_calibration_error_by_hand() -> None:
    # Five bins. (.4, .6]: confidences .6 wrong, .5 right, .5 wrong: gap 1.6 - 1; (.6, .8]: .7 right: gap .3.
    expected = (0.6 + 0.3) / 4
    assert metrics.expected_calibration_error(PROBABILITIES, TRUTH, bins=5) == pytest.approx(expected)


def test_calibration_error_puts_a_bound_into_the_lower_bin() -> None:
    rows = np.array([[0.5, 0.5], [0.6, 0.4]])
    # Bins (0, .5] and (.5, 1]: .5 right and .6 wrong do not cancel.
    assert metrics.expected_calibration_error(rows, np.array([0, 1]), bins=2) == pytest.approx((0.5 + 0.6) / 2)


def test_calibration_error_is_zero_when_confidence_equals_accuracy() -> None:
    rows = np.tile([0.75, 0.25], (4, 1))
    assert metrics.expected_calibration_error(rows, np.array([0, 0, 0, 1])) == pytest.approx(0)


def test_calibration_error_refuses_no_bins() -> None:
    with pytest.raises(MetricError, match="bins"):
        metrics.expected_calibration_error(PROBABILITIES, TRUTH, bins=0)


def test_negative_log_likelihood_by_hand_and_by_scikit_learn() -> None:
    by_hand = -(np.log(0.7) + np.log(0.3) + np.log(0.5) + np.log(0.4)) / 4
    assert metrics.negative_log_likelihood(PROBABILITIES, TRUTH) == pytest.approx(by_hand)
    probabilities, truth = _drawn(4)
    expected = peer.log_loss(truth, probabilities, labels=np.arange(7))
    assert metrics.negative_log_likelihood(probabilities, truth) == pytest.approx(expected)


def test_negative_log_likelihood_of_a_code_ruled_out_is_infinite() -> None:
    assert metrics.negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1])) == np.inf


def test_brier_score_by_hand() -> None:
    assert metrics.brier_score(np.array([[0.7, 0.2, 0.1]]), np.array([0])) == pytest.approx(0.09 + 0.04 + 0.01)
    assert metrics.brier_score(np.array([[0.0, 1.0]]), np.array([0])) == 2.0


@pytest.mark.parametrize("measure", [metrics.expected_calibration_error, metrics.negative_log_likelihood])
@pytest.mark.parametrize(
    ("rows", "message"),
    [([[2.0, -1.0]], "logits"), ([[0.5, 0.1]], "add up"), ([[np.nan, 1.0]], "NaN")],
)
def test_distributions_must_be_distributions(measure: object, rows: list[list[float]], message: str) -> None:
    with pytest.raises(MetricError, match=message):
        measure(np.array(rows), np.array([0]))  # type: ignore[operator]


def test_float16_distributions_are_accepted() -> None:
    probabilities, truth = _drawn(5, codes=35)
    half = probabilities.astype(np.float16)
    assert metrics.brier_score(half, truth) == pytest.approx(metrics.brier_score(probabilities, truth), abs=1e-3)


def test_kappa_by_hand() -> None:
    # Squared gaps 0, 0, 1: mean 1/3. All nine pairs: (0+1+1 + 1+0+0 + 4+1+1) / 9 = 1.
    first, second = np.array([0, 1, 2]), np.array([0, 1, 1])
    assert metrics.quadratic_weighted_kappa(first, second, categories=3) == pytest.approx(1 - 1 / 3)


def test_kappa_ends() -> None:
    grades = np.array([0, 1, 2, 3])
    assert metrics.quadratic_weighted_kappa(grades, grades, categories=4) == 1.0
    assert metrics.quadratic_weighted_kappa(grades, 3 - grades, categories=4) == pytest.approx(-1.0)


def test_kappa_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(6)
    first = rng.integers(4, size=200)
    second = np.clip(first + rng.integers(-1, 2, size=200), 0, 3)
    expected = peer.cohen_kappa_score(first, second, weights="quadratic")
    assert metrics.quadratic_weighted_kappa(first, second, categories=4) == pytest.approx(expected)


def test_kappa_is_undefined_for_one_grade_throughout() -> None:
    with pytest.raises(MetricUndefined, match="one and the same grade"):
        metrics.quadratic_weighted_kappa(np.array([3, 3, 3]), np.array([3, 3, 3]), categories=4)


@pytest.mark.parametrize(
    ("first", "categories", "message"),
    [
        ([0, 4], 4, "from 0 to 3"),
        ([0, -1], 4, "from 0 to 3"),
        ([0.5, 1], 4, "whole numbers"),
        ([0, 0], 1, "at least 2"),
    ],
)
def test_kappa_refuses_impossible_grades(first: list[float], categories: int, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        metrics.quadratic_weighted_kappa(np.array(first), np.array([0, 0]), categories=categories)


def test_overlap_by_hand() -> None:
    mask = np.zeros((4, 4), dtype=bool)
    truth = mask.copy()
    mask[:2, :2], truth[1:3, :2] = True, True
    assert metrics.intersection_over_union(mask, truth) == 2 / 6
    assert metrics.intersection_over_union(mask, mask) == 1.0
    assert metrics.intersection_over_union(mask, ~mask) == 0.0


def test_overlap_of_two_empty_outlines_is_undefined() -> None:
    empty = np.zeros((2, 2), dtype=bool)
    with pytest.raises(MetricUndefined, match="neither"):
        metrics.intersection_over_union(empty, empty)


@pytest.mark.parametrize(
    ("mask", "message"),
    [(np.zeros((2, 3), bool), "one shape"), (np.zeros((2, 2), np.uint8), "bool")],
)
def test_overlap_refuses_other_masks(mask: np.ndarray, message: str) -> None:
    with pytest.raises(MetricError, match=message):
        metrics.intersection_over_union(mask, np.zeros((2, 2), bool))


def test_coverage_by_hand() -> None:
    sets = np.array([[True, False, False], [True, True, False], [False, False, True], [True, True, True]])
    assert metrics.coverage(sets, TRUTH) == 0.75


def test_coverage_refuses_probabilities_for_sets() -> None:
    with pytest.raises(MetricError, match="bool"):
        metrics.coverage(PROBABILITIES, TRUTH)


def test_share_within_includes_its_bound() -> None:
    estimate, truth = np.array([0.0, 15.0, 15.1, 50.0]), np.array([0.0, 0.0, 0.0, 60.0])
    assert metrics.share_within(estimate, truth, tolerance=15) == 0.75


@pytest.mark.parametrize("tolerance", [-1.0, np.nan])
def test_share_within_refuses_impossible_tolerance(tolerance: float) -> None:
    with pytest.raises(MetricError, match="tolerance"):
        metrics.share_within(np.zeros(2), np.zeros(2), tolerance=tolerance)


TABLES = [
    lambda rows, truth: metrics.top_k_accuracy(rows, truth, k=1),
    metrics.expected_calibration_error,
    metrics.negative_log_likelihood,
    metrics.brier_score,
    lambda rows, truth: metrics.coverage(rows > 0, truth),
]
PAIRS = [
    metrics.roc_auc,
    lambda one, two: metrics.quadratic_weighted_kappa(one, two, categories=4),
    lambda one, two: metrics.share_within(one, two, tolerance=1),
]


@pytest.mark.parametrize("measure", TABLES)
@pytest.mark.parametrize(
    ("rows", "truth"),
    [
        (np.zeros((0, 3)), np.zeros(0, int)),
        (PROBABILITIES, TRUTH[:2]),
        (PROBABILITIES[0], TRUTH),
        (PROBABILITIES, np.array([0, 1, 2, 3])),
        (PROBABILITIES, np.array([0, 1, 2, -1])),
    ],
    ids=["empty", "mismatched", "one row only", "code too high", "code negative"],
)
def test_measures_of_tables_refuse_what_cannot_be_compared(
    measure: object, rows: np.ndarray, truth: np.ndarray
) -> None:
    with pytest.raises(MetricError):
        measure(rows, truth)  # type: ignore[operator]


@pytest.mark.parametrize("measure", PAIRS)
@pytest.mark.parametrize(
    ("one", "two"),
    [
        (np.zeros(0), np.zeros(0)),
        (np.zeros(3), np.zeros(2)),
        (np.zeros((2, 2)), np.zeros((2, 2))),
        (np.array([0.0, np.nan]), np.array([0.0, 1.0])),
        (np.array([0.0, 1.0]), np.array([np.nan, 1.0])),
    ],
    ids=["empty", "mismatched", "not vectors", "unknown first", "unknown second"],
)
def test_measures_of_pairs_refuse_what_cannot_be_compared(measure: object, one: np.ndarray, two: np.ndarray) -> None:
    with pytest.raises(MetricError):
        measure(one, two)  # type: ignore[operator]


def test_measures_leave_their_input_alone() -> None:
    rows, truth = PROBABILITIES.copy(), TRUTH.copy()
    for measure in TABLES:
        measure(rows, truth)
    assert np.array_equal(rows, PROBABILITIES)
    assert np.array_equal(truth, TRUTH)
