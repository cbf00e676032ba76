"""Temperature scaling: hand-worked rows, the best temperature, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.decision.calibration import fit_temperature, softmax
from flexura.errors import CalibrationError


def loss(logits: np.ndarray, truth: np.ndarray, temperature: float) -> float:
    probabilities = softmax(logits, temperature=temperature)
    return float(-np.log(probabilities[np.arange(len(truth)), truth]).mean())


def drawn(seed: int, *, scale: float, count: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are `scale` times as large as the true log-odds."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(count, 5)) * 2
    truth = np.array([rng.choice(5, p=row) for row in softmax(honest)])
    return honest * scale, truth


def test_softmax_by_hand() -> None:
    logits = np.log([1.0, 2.0, 5.0])
    assert softmax(logits) == pytest.approx([0.125, 0.25, 0.625])
    # At temperature 1/2 the odds are squared: 1, 4, 25.
    assert softmax(logits, temperature=0.5) == pytest.approx([1 / 30, 4 / 30, 25 / 30])


def test_softmax_survives_large_logits_and_ruled_out_codes() -> None:
    assert softmax(np.array([1e5, 0.0, -np.inf])).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_temperature_must_be_a_finite_number_above_nought(temperature: float) -> None:
    with pytest.raises(CalibrationError, match="temperature"):
        softmax(np.zeros(3), temperature=temperature)


@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_fit_finds_the_scale_of_the_logits(scale: float) -> None:
    logits, truth = drawn(1, scale=scale)
    assert fit_temperature(logits, truth, split="held_out") == pytest.approx(scale, rel=0.1)


def test_fit_is_the_lowest_of_a_fine_grid() -> None:
    logits, truth = drawn(2, scale=2.5, count=300)
    fitted = fit_temperature(logits, truth, split="held_out")
    grid = np.geomspace(0.05, 20, 4001)
    best = min(loss(logits, truth, temperature) for temperature in grid)
    assert loss(logits, truth, fitted) <= best + 1e-9


@given(st.integers(0, 10_000), st.floats(0.05, 20))
@settings(max_examples=40, deadline=None)
def test_fit_never_makes_the_likelihood_worse(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    logits, truth = rng.normal(size=(20, 4)) * scale, rng.integers(4, size=20)
    fitted = fit_temperature(logits, truth, split="calibration")
    assert 0.05 <= fitted <= 20
    assert loss(logits, truth, fitted) <= loss(logits, truth, 1.0)
    assert (softmax(logits, temperature=fitted).argmax(1) == logits.argmax(1)).all()


def test_perfect_answers_stay_finite() -> None:
    # An optimiser without bounds runs to 0 here; another in use ended at 1,386,304 and below nought.
    assert fit_temperature(np.eye(3) * 9, np.arange(3), split="held_out") == pytest.approx(0.05, rel=1e-6)


def test_hopeless_answers_stay_finite() -> None:
    assert fit_temperature(np.eye(3) * 9, np.array([1, 2, 0]), split="held_out") == pytest.approx(20, rel=1e-6)


def test_training_photos_are_refused() -> None:
    with pytest.raises(CalibrationError, match="held-out"):
        fit_temperature(np.eye(3), np.arange(3), split="training")


@pytest.mark.parametrize(
    ("logits", "truth"),
    [
        (np.zeros((0, 3)), np.zeros(0, int)),
        (np.zeros((2, 3)), np.zeros(3, int)),
        (np.zeros(3), np.zeros(3, int)),
        (np.zeros((2, 1)), np.zeros(2, int)),
        (np.zeros((2, 3)), np.array([0, 3])),
        (np.zeros((2, 3)), np.array([-1, 0])),
        (np.zeros((2, 3)), np.array([0.0, 1.0])),
        (np.full((2, 3), np.nan), np.array([0, 1])),
        (np.array([[-np.inf, 0.0], [0.0, 0.0]]), np.array([0, 1])),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(logits: np.ndarray, truth: np.ndarray) -> None:
    with pytest.raises(CalibrationError):
        fit_temperature(logits, truth, split="held_out")
