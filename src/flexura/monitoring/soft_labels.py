"""Measures against labels that spread their weight over several codes, as a panel of readers gives them.

Letters in shapes: N cases, T diagnosis codes. A case counts by its own sum of weights, 0 to 1: what
the readers gave to codes outside the T is left out. Hard labels are in `metrics`.
"""

import numpy as np

from flexura.errors import MetricError
from flexura.monitoring.arrays import Array, distributions_and_codes

# Weights of a case as published with two digits add up to 1 within this.
_SUM_TOLERANCE = 0.05


def weighted_log_loss(probabilities: Array, weights: Array) -> float:
    """Mean of -ln(probability), weighted by the readers.

    Parameters
    ----------
    probabilities : array (N, T)
        One distribution over the codes per case; rows add up to 1.
    weights : array (N, T)
        The readers' weight of each code, at least 0; rows add up to 1 at most.

    Returns
    -------
    float
        Nats per unit of weight, 0 to infinity; with one code of weight 1 per case it is the
        negative log-likelihood.

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    References
    ----------
    Gneiting and Raftery 2007, doi:10.1198/016214506000001437 (the logarithmic score).

    Examples
    --------
    >>> round(weighted_log_loss(np.array([[0.5, 0.5]]), np.array([[0.9, 0.1]])), 4)
    0.6931
    """
    table, weights = _checked(probabilities, weights)
    with np.errstate(divide="ignore"):
        logs = np.where(weights > 0, np.log(table), 0.0)
    return float(-np.sum(weights * logs) / np.sum(weights)) + 0.0


def weighted_top_k(probabilities: Array, weights: Array, *, k: int) -> float:
    """Share of the readers' weight that lies on the k most likely codes.

    Equal probabilities rank by position, lower first.

    Parameters
    ----------
    probabilities : array (N, T)
        One distribution over the codes per case; rows add up to 1.
    weights : array (N, T)
        The readers' weight of each code, at least 0; rows add up to 1 at most.
    k : int
        How many codes count as answered, 1 to T.

    Returns
    -------
    float
        Share in [0, 1]; with one code of weight 1 per case it is the top-k accuracy.

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    Examples
    --------
    >>> weighted_top_k(np.array([[0.6, 0.3, 0.1]]), np.array([[0.0, 0.75, 0.25]]), k=2)
    0.75
    """
    table, weights = _checked(probabilities, weights)
    if not 1 <= k <= table.shape[1]:
        raise MetricError(f"k is {k}; it must lie between 1 and the {table.shape[1]} codes scored")
    best = np.argsort(-table, axis=1, kind="stable")[:, :k]
    return float(np.sum(np.take_along_axis(weights, best, axis=1)) / np.sum(weights))


def _checked(probabilities: Array, weights: Array) -> tuple[Array, Array]:
    if weights.shape != probabilities.shape or weights.ndim != 2 or weights.size == 0:
        raise MetricError(f"expected two tables of one shape; got {probabilities.shape} and {weights.shape}")
    table, _ = distributions_and_codes(probabilities, np.zeros(len(probabilities), np.int64))
    values = weights.astype(np.float64)
    sums = np.sum(values, axis=1)
    if not np.all(values >= 0) or not np.all(sums <= 1 + _SUM_TOLERANCE) or not np.sum(sums) > 0:
        raise MetricError("readers' weights must be at least 0, add up to 1 at most in a case, and not all be 0")
    return table, values
