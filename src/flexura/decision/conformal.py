"""Prediction sets that hold the truth with a stated coverage: split conformal prediction.

The score of a code is the probability mass of the codes ranked before it (adaptive prediction
sets without chance). The most likely code scores 0, so no set is empty. Coverage holds on average
over photos like the held-out ones, not for every disease; `tone_groups` makes it hold by skin tone.
"""

import math
from decimal import Decimal
from typing import Final

import numpy as np

from flexura.decision.calibration import Array, ConformalQuantile, Probabilities, checked_pairs
from flexura.errors import CalibrationError

# Sums of the same probabilities in another order differ by less.
_SLACK: Final = 1e-9


def mass_before(probabilities: Array) -> Probabilities:
    """Sum, for each code, the probabilities of the codes ranked before it.

    Parameters
    ----------
    probabilities : array (..., T)
        Rows in [0, 1] that sum to 1; equal ones rank by position.

    Returns
    -------
    array (..., T) of float64
        In [0, 1]; 0 for the most likely code.

    Examples
    --------
    >>> mass_before(np.array([0.25, 0.5, 0.25])).tolist()
    [0.5, 0.0, 0.75]
    """
    rows = np.asarray(probabilities, np.float64)
    order = np.argsort(-rows, axis=-1, kind="stable")
    ranked = np.take_along_axis(rows, order, axis=-1)
    before = np.zeros_like(ranked)
    before[..., 1:] = np.cumsum(ranked, axis=-1)[..., :-1]
    mass = np.empty_like(before)
    np.put_along_axis(mass, order, before, axis=-1)
    return mass


def conformal_scores(probabilities: Array, truth: Array) -> Probabilities:
    """Score held-out photos by the mass ranked before their true code.

    Parameters
    ----------
    probabilities : array (N, T)
        Calibrated probabilities of photos that neither trained the network nor chose anything.
    truth : array (N,) of int
        True codes, 0 to T - 1.

    Returns
    -------
    array (N,) of float64
        Scores for `fit_quantile`.

    Raises
    ------
    CalibrationError
        If the arrays are empty, mismatched or not finite.
    """
    rows, codes = checked_pairs(probabilities, truth)
    scores: Probabilities = mass_before(rows)[np.arange(len(codes)), codes]
    return scores


def fit_quantile(scores: Array, coverage: float) -> ConformalQuantile:
    """Take the score that a new photo stays at or under with the coverage.

    Parameters
    ----------
    scores : array (N,)
        Scores of held-out photos; N must reach coverage / (1 - coverage).
    coverage : float
        In (0, 1).

    Returns
    -------
    ConformalQuantile
        The ceil((N + 1) * coverage)-th smallest score.

    Raises
    ------
    CalibrationError
        If the coverage lies outside (0, 1), a score is not finite, or there are too few.

    References
    ----------
    Vovk, Gammerman, Shafer 2005, Algorithmic learning in a random world, doi 10.1007/b106715;
    Romano, Sesia, Candes 2020, doi 10.48550/arXiv.2006.02544.

    Examples
    --------
    >>> fit_quantile(np.arange(9) / 10, 0.9).quantile
    0.8
    """
    known = np.sort(np.asarray(scores, np.float64).ravel())
    if not np.isfinite(known).all():
        raise CalibrationError("conformal scores hold NaN or infinity")
    rank = upper_rank(len(known), coverage)
    if rank > len(known):
        needed = cases_needed(coverage)
        raise CalibrationError(f"{len(known)} held-out photos cannot give {coverage:.0%} coverage; need {needed}")
    return ConformalQuantile(float(known[rank - 1]), coverage)


def cases_needed(coverage: float) -> int:
    """Fewest held-out photos that give a coverage.

    Parameters
    ----------
    coverage : float
        In (0, 1).

    Returns
    -------
    int
        The smallest n with ceil((n + 1) * coverage) <= n.

    Raises
    ------
    CalibrationError
        If the coverage lies outside (0, 1).

    Examples
    --------
    >>> cases_needed(0.9), cases_needed(0.95)
    (9, 19)
    """
    if not 0 < coverage < 1:
        raise CalibrationError(f"coverage is {coverage}; it must lie between 0 and 1")
    share = Decimal(repr(float(coverage)))
    return math.ceil(share / (1 - share))


def upper_rank(count: int, share: float) -> int:
    """Rank, from 1, of the order statistic that a new draw stays at or under with probability `share`.

    Parameters
    ----------
    count : int
        Number of earlier draws.
    share : float
        Probability in (0, 1).

    Returns
    -------
    int
        ceil((count + 1) * share); above `count` if there are too few draws.

    Raises
    ------
    CalibrationError
        If the share lies outside (0, 1).

    Examples
    --------
    >>> upper_rank(99, 0.9)
    90
    """
    if not 0 < share < 1:
        raise CalibrationError(f"coverage is {share}; it must lie between 0 and 1")
    # Decimal of the printed number: 0.7 * 10 is 7, not 7.000000000000001.
    return math.ceil((count + 1) * Decimal(repr(float(share))))


def prediction_set(probabilities: Array, quantile: ConformalQuantile) -> tuple[int, ...]:
    """Take the codes that cannot be left out at the coverage.

    Parameters
    ----------
    probabilities : array (T,)
        Calibrated probabilities of one photo.
    quantile : ConformalQuantile
        From `fit_quantile`.

    Returns
    -------
    tuple of int
        Positions of the codes, most likely first; at least one.

    Examples
    --------
    >>> prediction_set(np.array([0.2, 0.7, 0.1]), ConformalQuantile(0.7, 0.9))
    (1, 0)
    """
    # Not ranked by mass: a code too unlikely to add to the sum ties with the next one.
    ranked = np.argsort(-np.asarray(probabilities, np.float64), kind="stable")
    kept = mass_before(probabilities)[ranked] <= quantile.quantile + _SLACK
    return tuple(int(code) for code in ranked[kept])
