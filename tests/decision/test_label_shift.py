"""The shares of diseases at a clinic, against simulated clinics whose shares are known."""

import numpy as np
import pytest

from flexura.decision.calibration import softmax
from flexura.decision.label_shift import estimate_prevalence
from flexura.errors import CalibrationError

CODES = 8
HOME = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05])
# What is common at home is rare here, and the other way round.
CLINIC = HOME[::-1]


def cases(seed: int, count: int, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are right at home, and true codes, of photos at a place with these shares."""
    middles = np.random.default_rng(1).normal(size=(CODES, 6)) * 1.2
    rng = np.random.default_rng(seed)
    truth = rng.choice(CODES, size=count, p=shares)
    looks = middles[truth] + rng.normal(size=(count, 6))
    # Bayes' rule for unit normals around the middles.
    return softmax(looks @ middles.T - (middles**2).sum(1) / 2 + np.log(HOME)), truth


def loss(probabilities: np.ndarray, truth: np.ndarray) -> float:
    return float(-np.log(probabilities[np.arange(len(truth)), truth]).mean())


def shifted(probabilities: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return softmax(np.log(probabilities) + np.log(shares / HOME))


def test_the_shares_of_a_clinic_are_found() -> None:
    probabilities, truth = cases(2, 2000, CLINIC)
    found = estimate_prevalence(probabilities, HOME)
    counted = np.bincount(truth, minlength=CODES) / len(truth)
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - counted).max() < 0.03
    assert np.abs(HOME - counted).max() > 0.2


def test_new_cases_are_answered_better_and_nearly_as_by_the_true_shares() -> None:
    found = estimate_prevalence(cases(2, 400, CLINIC)[0], HOME)
    probabilities, truth = cases(3, 4000, CLINIC)
    before, after, best = (loss(shifted(probabilities, shares), truth) for shares in (HOME, found, CLINIC))
    assert best < after < before
    assert before - after > 0.8 * (before - best)
    hits = (probabilities.argmax(1) == truth).mean(), (shifted(probabilities, found).argmax(1) == truth).mean()
    assert hits[1] > hits[0] + 0.03


def test_where_nothing_shifted_little_changes() -> None:
    found = estimate_prevalence(cases(4, 400, HOME)[0], HOME)
    probabilities, truth = cases(5, 4000, HOME)
    assert loss(shifted(probabilities, found), truth) < loss(probabilities, truth) + 0.01


def test_a_disease_that_did_not_come_by_is_not_ruled_out() -> None:
    sure = np.tile([0.999, 0.001], (100, 1))
    found = estimate_prevalence(sure, np.array([0.5, 0.5]))
    # One of 102 cases is the one that was added, and a tenth of a case is in doubt.
    assert found[1] == pytest.approx(1 / 102, abs=0.002)


def test_the_order_of_cases_and_codes_is_of_no_account() -> None:
    probabilities, _ = cases(6, 200, CLINIC)
    found = estimate_prevalence(probabilities, HOME)
    assert estimate_prevalence(probabilities[::-1], HOME) == pytest.approx(found)
    assert estimate_prevalence(probabilities[:, ::-1], HOME[::-1])[::-1] == pytest.approx(found)


@pytest.mark.parametrize(
    ("probabilities", "shares", "named"),
    [
        (np.full((0, 2), 0.5), np.array([0.5, 0.5]), "N > 0"),
        (np.full((3, 2), 0.5), np.full(3, 1 / 3), "fit|must be"),
        (np.full(2, 0.5), np.array([0.5, 0.5]), "must be"),
        (np.full((3, 2), 0.6), np.array([0.5, 0.5]), "sum to 1"),
        (np.array([[1.5, -0.5]]), np.array([0.5, 0.5]), "sum to 1"),
        (np.array([[np.nan, 1.0]]), np.array([0.5, 0.5]), "sum to 1"),
        (np.full((3, 2), 0.5), np.array([1.0, 0.0]), "above 0"),
        (np.full((3, 2), 0.5), np.array([0.5, 0.4]), "sum to 1"),
    ],
)
def test_what_does_not_fit_is_refused(probabilities: np.ndarray, shares: np.ndarray, named: str) -> None:
    with pytest.raises(CalibrationError, match=named):
        estimate_prevalence(probabilities, shares)


def test_shares_that_do_not_settle_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexura.decision.label_shift._MOST_STEPS", 2)
    with pytest.raises(CalibrationError, match="did not settle"):
        estimate_prevalence(cases(7, 50, CLINIC)[0], HOME)
