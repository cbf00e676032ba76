"""Measures against spread labels: by hand, and equal to the hard ones where no label is spread."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.errors import MetricError
from flexura.monitoring.metrics import negative_log_likelihood, top_k_accuracy
from flexura.monitoring.soft_labels import weighted_log_loss, weighted_top_k

TABLE = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]])
WEIGHTS = np.array([[0.5, 0.5, 0.0], [0.0, 0.25, 0.25]])


def test_log_loss_by_hand() -> None:
    by_hand = -(0.5 * np.log(0.5) + 0.5 * np.log(0.25) + 0.25 * np.log(0.8) + 0.25 * np.log(0.1)) / 1.5
    assert weighted_log_loss(TABLE, WEIGHTS) == pytest.approx(by_hand)


def test_top_k_by_hand() -> None:
    assert weighted_top_k(TABLE, WEIGHTS, k=1) == pytest.approx((0.5 + 0.25) / 1.5)
    assert weighted_top_k(TABLE, WEIGHTS, k=2) == pytest.approx((1.0 + 0.25) / 1.5)  # the tie goes to the lower code
    assert weighted_top_k(TABLE, WEIGHTS, k=3) == 1


def test_a_weighted_code_of_no_probability_costs_everything() -> None:
    certain = np.array([[1.0, 0.0]])
    assert weighted_log_loss(certain, np.array([[0.9, 0.1]])) == np.inf
    assert weighted_log_loss(certain, np.array([[0.9, 0.0]])) == 0


@given(st.integers(0, 1000))
def test_hard_labels_give_the_hard_measures(seed: int) -> None:
    random = np.random.default_rng(seed)
    table = random.dirichlet(np.ones(4), 20)
    truth = random.integers(4, size=20)
    weights = np.eye(4)[truth]
    assert weighted_log_loss(table, weights) == pytest.approx(negative_log_likelihood(table, truth))
    assert weighted_top_k(table, weights, k=2) == pytest.approx(top_k_accuracy(table, truth, k=2))


@pytest.mark.parametrize(
    "weights", [WEIGHTS[:1], np.zeros((2, 3)), -WEIGHTS, 3 * WEIGHTS, np.full((2, 3), np.nan), np.ones(2)]
)
def test_impossible_weights_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(MetricError):
        weighted_log_loss(TABLE, weights)
    with pytest.raises(MetricError):
        weighted_top_k(TABLE, weights, k=1)


@pytest.mark.parametrize("k", [0, 4])
def test_k_must_lie_within_the_codes(k: int) -> None:
    with pytest.raises(MetricError, match="k is"):
        weighted_top_k(TABLE, WEIGHTS, k=k)
