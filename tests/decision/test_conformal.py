"""Prediction sets: by hand, never empty, and the promised coverage on simulated photos."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.decision.calibration import ConformalQuantile, softmax
from flexura.decision.conformal import conformal_scores, fit_quantile, mass_before, prediction_set, upper_rank
from flexura.errors import CalibrationError


def drawn(seed: int, count: int, *, overconfidence: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truths of photos, where the network may be too sure of itself."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, 12)) * 1.5
    honest = softmax(logits)
    truth = (honest.cumsum(1) > rng.random((count, 1))).argmax(1)
    return softmax(logits * overconfidence), truth


def test_mass_before_by_hand() -> None:
    rows = np.array([[0.1, 0.6, 0.3], [0.25, 0.25, 0.5]])
    assert mass_before(rows) == pytest.approx(np.array([[0.9, 0.0, 0.6], [0.5, 0.75, 0.0]]))


def test_scores_are_the_mass_before_the_truth() -> None:
    rows = np.array([[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]])
    assert conformal_scores(rows, np.array([1, 0])) == pytest.approx([0.0, 0.9])


@pytest.mark.parametrize(
    ("count", "share", "rank"), [(9, 0.9, 9), (8, 0.9, 9), (19, 0.95, 19), (99, 0.9, 90), (100, 0.9, 91), (9, 0.7, 7)]
)
def test_finite_sample_rank(count: int, share: float, rank: int) -> None:
    assert upper_rank(count, share) == rank


def test_rank_is_free_of_binary_fractions() -> None:
    # In floats 0.55 * 100 is 55.00000000000001, and its ceiling 56.
    assert math.ceil(100 * 0.55) == 56
    assert upper_rank(99, 0.55) == 55


def test_quantile_by_hand() -> None:
    found = fit_quantile(np.array([0.4, 0.1, 0.3, 0.2]), 0.6)
    assert found == ConformalQuantile(0.3, 0.6)


def test_too_few_photos_are_refused_and_the_need_is_named() -> None:
    with pytest.raises(CalibrationError, match="need 9"):
        fit_quantile(np.zeros(8), 0.9)
    assert fit_quantile(np.zeros(9), 0.9).quantile == 0


@pytest.mark.parametrize("coverage", [0.0, 1.0, -0.1, 1.1, float("nan")])
def test_impossible_coverage_is_refused(coverage: float) -> None:
    with pytest.raises(CalibrationError, match="coverage"):
        fit_quantile(np.zeros(50), coverage)


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(CalibrationError, match="NaN"):
        fit_quantile(np.array([0.1] * 20 + [np.nan]), 0.9)


def test_mismatched_scores_are_refused() -> None:
    with pytest.raises(CalibrationError):
        conformal_scores(np.full((3, 2), 0.5), np.zeros(2, int))


def test_set_by_hand() -> None:
    rows = np.array([0.1, 0.5, 0.15, 0.25])
    assert prediction_set(rows, ConformalQuantile(0.0, 0.9)) == (1,)
    assert prediction_set(rows, ConformalQuantile(0.5, 0.9)) == (1, 3)
    assert prediction_set(rows, ConformalQuantile(0.74, 0.9)) == (1, 3)
    assert prediction_set(rows, ConformalQuantile(0.75, 0.9)) == (1, 3, 2)
    assert prediction_set(rows, ConformalQuantile(1.0, 0.9)) == (1, 3, 2, 0)


def test_set_ranks_by_probability_where_the_mass_ties() -> None:
    assert prediction_set(np.array([0.0, 1.0, 1e-308]), ConformalQuantile(1.0, 0.9)) == (1, 2, 0)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40).filter(lambda row: sum(row) > 0.01), st.floats(0, 1))
def test_set_is_never_empty_and_leads_with_the_most_likely(row: list[float], quantile: float) -> None:
    probabilities = np.array(row) / sum(row)
    chosen = prediction_set(probabilities, ConformalQuantile(quantile, 0.9))
    assert chosen[0] == int(probabilities.argmax())
    assert len(set(chosen)) == len(chosen)
    shares = probabilities[list(chosen)]
    assert (np.diff(shares) <= 0).all()


@pytest.mark.parametrize("overconfidence", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_coverage_holds_however_wrong_the_probabilities(coverage: float, overconfidence: float) -> None:
    held_out, new = 1000, 4000
    quantile = fit_quantile(conformal_scores(*drawn(3, held_out, overconfidence=overconfidence)), coverage)
    rows, truth = drawn(4, new, overconfidence=overconfidence)
    covered = np.mean([code in prediction_set(row, quantile) for row, code in zip(rows, truth, strict=True)])
    # Four standard errors of both draws; above, ties and whole codes may add to it.
    slack = 4 * math.sqrt(coverage * (1 - coverage) * (1 / held_out + 1 / new))
    assert covered >= coverage - slack
    assert covered <= coverage + slack + 0.02


def test_a_permuted_photo_gets_the_permuted_set() -> None:
    rows, _ = drawn(5, 50)
    order = np.random.default_rng(6).permutation(12)
    quantile = ConformalQuantile(0.8, 0.9)
    for row in rows:
        back = {int(order[place]) for place in prediction_set(row[order], quantile)}
        assert back == set(prediction_set(row, quantile))
