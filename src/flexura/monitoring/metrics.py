"""Measures of performance, each written once and used by training and by live monitoring.

Pure numpy on plain arrays; knows nothing of photos, models or files. Letters in shapes: N cases,
T diagnosis codes. Input that cannot be compared raises `MetricError`; input that is sound but for
which the measure has no value raises its leaf `MetricUndefined`. No measure ever answers NaN.
"""

import numpy as np

from flexura.errors import MetricError, MetricUndefined
from flexura.monitoring.arrays import Array, distributions_and_codes, paired, scores_and_codes, whole_codes


def top_k_accuracy(scores: Array, truth: Array, *, k: int) -> float:
    """Share of cases whose true code is among the k best-scored codes.

    Equal scores rank by position, lower first, as `argmax` does.

    Parameters
    ----------
    scores : array (N, T)
        Probabilities or logits, higher is likelier; minus infinity rules a code out.
    truth : array (N,) of int
        True codes, 0 to T - 1.
    k : int
        How many codes count as answered, 1 to T.

    Returns
    -------
    float
        Share in [0, 1].

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    Examples
    --------
    >>> top_k_accuracy(np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]), np.array([1, 2]), k=2)
    0.5
    """
    scores, codes = scores_and_codes(scores, truth)
    if not 1 <= k <= scores.shape[1]:
        raise MetricError(f"k is {k}; it must lie between 1 and the {scores.shape[1]} codes scored")
    own = np.take_along_axis(scores, codes[:, None], axis=1)
    earlier = np.arange(scores.shape[1]) < codes[:, None]
    rank = np.sum((scores > own) | ((scores == own) & earlier), axis=1)
    return float(np.mean(rank < k))


def roc_auc(scores: Array, truth: Array) -> float:
    """Area under the ROC curve: the chance that a positive case outscores a negative one, ties half.

    Parameters
    ----------
    scores : array (N,)
        Higher speaks for the positive class.
    truth : array (N,) of bool or 0/1
        Whether each case is positive.

    Returns
    -------
    float
        Area in [0, 1]; 0.5 is chance.

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.
    MetricUndefined
        All cases are of one class.

    References
    ----------
    Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747 (the Mann-Whitney form).

    Examples
    --------
    >>> roc_auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([0, 0, 1, 1]))
    0.875
    """
    values, positive = paired(scores, truth)
    if not np.all((positive == 0) | (positive == 1)):
        raise MetricError("truth of a ROC curve must hold only 0 and 1")
    positives = int(np.sum(positive))
    negatives = positive.size - positives
    if positives == 0 or negatives == 0:
        raise MetricUndefined("a ROC curve needs cases of both classes; all cases are of one")
    rank_sum = float(np.sum(_mid_ranks(values)[positive == 1]))
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def expected_calibration_error(probabilities: Array, truth: Array, *, bins: int = 15) -> float:
    """Mean gap between confidence in the top code and its accuracy, over equal-width bins.

    Parameters
    ----------
    probabilities : array (N, T)
        One distribution over the codes per case; rows add up to 1.
    truth : array (N,) of int
        True codes, 0 to T - 1.
    bins : int
        Number of equal bins (a, b] of the confidence.

    Returns
    -------
    float
        Case-weighted mean absolute gap in [0, 1].

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input, or no bins.

    References
    ----------
    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602; 15 bins as in Guo et al. 2017, arXiv:1706.04599.

    Examples
    --------
    >>> round(expected_calibration_error(np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1])), 6)
    0.3
    """
    probabilities, codes = distributions_and_codes(probabilities, truth)
    if bins < 1:
        raise MetricError(f"{bins} bins; at least 1 is needed")
    confidence = np.max(probabilities, axis=1)
    gap = confidence - (np.argmax(probabilities, axis=1) == codes)
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return float(np.sum(np.abs(np.bincount(place, weights=gap, minlength=bins))) / codes.size)


def negative_log_likelihood(probabilities: Array, truth: Array) -> float:
    """Mean of -ln(probability given to the true code); infinite where that is exactly 0.

    Parameters
    ----------
    probabilities : array (N, T)
        One distribution over the codes per case; rows add up to 1.
    truth : array (N,) of int
        True codes, 0 to T - 1.

    Returns
    -------
    float
        Nats per case, 0 to infinity.

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    References
    ----------
    Gneiting and Raftery 2007, doi:10.1198/016214506000001437 (the logarithmic score).

    Examples
    --------
    >>> negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([0]))
    0.0
    """
    probabilities, codes = distributions_and_codes(probabilities, truth)
    own = probabilities[np.arange(codes.size), codes]
    with np.errstate(divide="ignore"):
        return float(np.mean(-np.log(own))) + 0.0  # + 0.0 turns -0.0 into 0.0


def brier_score(probabilities: Array, truth: Array) -> float:
    """Mean squared distance between the distribution and the true code as a unit vector.

    Parameters
    ----------
    probabilities : array (N, T)
        One distribution over the codes per case; rows add up to 1.
    truth : array (N,) of int
        True codes, 0 to T - 1.

    Returns
    -------
    float
        Summed over codes: 0 (certain and right) to 2 (certain and wrong).

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    References
    ----------
    Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Examples
    --------
    >>> brier_score(np.array([[0.5, 0.5]]), np.array([0]))
    0.5
    """
    probabilities, codes = distributions_and_codes(probabilities, truth)
    unit = np.arange(probabilities.shape[1]) == codes[:, None]
    return float(np.mean(np.sum((probabilities - unit) ** 2, axis=1)))


def quadratic_weighted_kappa(first: Array, second: Array, *, categories: int) -> float:
    """Agreement of two readings on an ordinal scale beyond chance, gaps weighted by their square.

    Parameters
    ----------
    first : array (N,) of int
        Grades 0 to `categories` - 1 of one reading.
    second : array (N,) of int
        Grades of the second reading, likewise.
    categories : int
        Number of grades, at least 2.

    Returns
    -------
    float
        1 for full agreement, 0 for chance, down to -1.

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.
    MetricUndefined
        Both readings give one and the same grade throughout, so chance already agrees fully.

    References
    ----------
    Cohen 1968, doi:10.1037/h0026256.

    Examples
    --------
    >>> quadratic_weighted_kappa(np.array([0, 1, 2]), np.array([0, 1, 1]), categories=3)
    0.6666666666666667
    """
    if categories < 2:
        raise MetricError(f"{categories} grades; an ordinal scale has at least 2")
    one, two = paired(first, second)
    one, two = whole_codes(one, categories), whole_codes(two, categories)
    # Mean over all N x N pairs of (one_i - two_j)^2, without the table.
    by_chance = np.mean(one**2) + np.mean(two**2) - 2 * np.mean(one) * np.mean(two)
    if by_chance == 0:
        raise MetricUndefined("kappa has no value: both readings give one and the same grade throughout")
    return float(1 - np.mean((one - two) ** 2) / by_chance)


def intersection_over_union(mask: Array, truth: Array) -> float:
    """Overlap of two outlines: pixels in both over pixels in either.

    Parameters
    ----------
    mask : array (H, W) of bool
        Outline that is judged.
    truth : array (H, W) of bool
        Outline on the same pixels.

    Returns
    -------
    float
        Ratio in [0, 1].

    Raises
    ------
    MetricError
        Empty or mismatched masks, or masks that are not bool.
    MetricUndefined
        Both masks are empty of foreground.

    References
    ----------
    Jaccard 1912, doi:10.1111/j.1469-8137.1912.tb05611.x.

    Examples
    --------
    >>> intersection_over_union(np.array([[True, True]]), np.array([[True, False]]))
    0.5
    """
    if mask.dtype != np.bool_ or truth.dtype != np.bool_:
        raise MetricError(f"masks must be bool; got {mask.dtype} and {truth.dtype}")
    if mask.shape != truth.shape or mask.size == 0:
        raise MetricError(f"masks must have one shape and some pixels; got {mask.shape} and {truth.shape}")
    union = int(np.count_nonzero(mask | truth))
    if union == 0:
        raise MetricUndefined("overlap has no value: neither mask holds a pixel")
    return int(np.count_nonzero(mask & truth)) / union


def coverage(sets: Array, truth: Array) -> float:
    """Share of cases whose prediction set holds the true code.

    Parameters
    ----------
    sets : array (N, T) of bool
        Which codes are in each case's set.
    truth : array (N,) of int
        True codes, 0 to T - 1.

    Returns
    -------
    float
        Share in [0, 1], to be compared with the nominal coverage.

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    References
    ----------
    Angelopoulos and Bates 2023, doi:10.1561/2200000101.

    Examples
    --------
    >>> coverage(np.array([[True, True], [False, True]]), np.array([0, 0]))
    0.5
    """
    if sets.dtype != np.bool_:
        raise MetricError(f"prediction sets must be bool; got {sets.dtype}")
    members, codes = scores_and_codes(sets, truth)
    return float(np.mean(members[np.arange(codes.size), codes]))


def share_within(estimate: Array, truth: Array, *, tolerance: float) -> float:
    """Share of cases whose estimate lies within a tolerance of the truth, the bound included.

    Parameters
    ----------
    estimate : array (N,)
        Values that are judged.
    truth : array (N,)
        Values of the same cases in the same unit.
    tolerance : float
        Largest accepted absolute difference, in that unit, at least 0.

    Returns
    -------
    float
        Share in [0, 1].

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    Examples
    --------
    >>> share_within(np.array([10.0, 60.0]), np.array([25.0, 40.0]), tolerance=15.0)
    0.5
    """
    if not tolerance >= 0:
        raise MetricError(f"tolerance is {tolerance}; it cannot be negative")
    values, reference = paired(estimate, truth)
    return float(np.mean(np.abs(values - reference) <= tolerance))


def _mid_ranks(values: Array) -> Array:
    """Ranks from 1 (N,), equal values sharing the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])
