"""Intervals around measures of performance, by resampling groups of cases.

Knows neither the measure nor the cases: the statistic comes in as a function of case indices.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from flexura.errors import MetricError, MetricUndefined
from flexura.monitoring.arrays import Array, IntArray

# A percentile of fewer draws than this rests on a handful of resamples.
_MIN_DEFINED_SHARE = 0.9


@dataclass(frozen=True)
class Interval:
    """An estimate with its bootstrap interval.

    `level` is the nominal coverage in (0, 1); `draws` counts the resamples used and `undefined`
    those left out because the statistic had no value on them.
    """

    estimate: float
    low: float
    high: float
    level: float
    draws: int
    undefined: int


def bootstrap_interval(
    statistic: Callable[[IntArray], float], groups: Array, *, seed: int, level: float = 0.95, draws: int = 1000
) -> Interval:
    """Percentile interval of a statistic when whole groups, not single photos, are resampled.

    Photos of one patient resemble each other; resampling them singly makes intervals too narrow.

    Parameters
    ----------
    statistic : callable
        Takes case indices (M,), repeats included, and gives one number.
    groups : array (N,)
        The group (patient) of each case.
    seed : int
        Seed of the resampling; the same seed gives the same interval.
    level : float
        Nominal coverage in (0, 1).
    draws : int
        Number of resamples, at least 100.

    Returns
    -------
    Interval
        Estimate on all cases and its interval.

    Raises
    ------
    MetricError
        No cases, or an impossible level or number of draws.
    MetricUndefined
        Fewer than two groups, or the statistic has no value on the whole set or on more than a
        tenth of the resamples.

    References
    ----------
    Field and Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x (the cluster bootstrap).
    """
    if groups.ndim != 1 or groups.size == 0:
        raise MetricError(f"groups must be one value per case; got shape {groups.shape}")
    if not 0 < level < 1 or draws < 100:
        raise MetricError(f"level {level} must lie in (0, 1) and draws {draws} be at least 100")
    members = _members(groups)
    if len(members) < 2:
        raise MetricUndefined("an interval over groups needs at least two groups")
    estimate = statistic(np.arange(groups.size))
    values = _resampled(statistic, members, draws=draws, generator=np.random.default_rng(seed))
    if len(values) < _MIN_DEFINED_SHARE * draws:
        raise MetricUndefined(f"the statistic has a value on only {len(values)} of {draws} resamples")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high), level, draws=len(values), undefined=draws - len(values))


def wilson_interval(successes: int, of: int) -> tuple[float, float]:
    """95 % interval of a share of independent cases.

    Parameters
    ----------
    successes : int
        0 to `of`.
    of : int
        Cases, 1 or more.

    Returns
    -------
    tuple[float, float]
        In [0, 1].

    Raises
    ------
    MetricError
        No cases, or more successes than cases.

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson_interval(5, 10)]
    [0.2366, 0.7634]
    """
    if not 0 <= successes <= of or of < 1:
        raise MetricError(f"a share needs cases, and no more successes than cases; got {successes} of {of}")
    share, z2 = successes / of, 1.959964**2
    middle = share + z2 / (2 * of)
    reach = (z2 * (share * (1 - share) / of + z2 / (4 * of * of))) ** 0.5
    return max(0.0, (middle - reach) / (1 + z2 / of)), min(1.0, (middle + reach) / (1 + z2 / of))


def coverage_limits(held_out: int, new: int, *, share: float, level: float = 0.95) -> tuple[int, int]:
    """How many of new cases a conformal set may hold the truth of, if it keeps what it promises.

    Parameters
    ----------
    held_out : int
        Cases that fitted the set, enough of them for the share.
    new : int
        Cases that it is tried on, 1 or more; exchangeable with those.
    share : float
        The promised coverage, in (0, 1).
    level : float
        Probability, in (0, 1), of a number within the limits; half of the rest lies on each side.

    Returns
    -------
    tuple[int, int]
        Fewest and most.

    Raises
    ------
    MetricError
        Too few cases, or an impossible share or level.

    References
    ----------
    Beta-binomial distribution of the covered cases: Vovk 2012, doi:10.48550/arXiv.1209.2673.

    Examples
    --------
    >>> coverage_limits(99, 100, share=0.9)
    (81, 97)
    """
    rank = math.ceil((held_out + 1) * Decimal(repr(share))) if 0 < share < 1 else held_out + 1
    if rank > held_out or new < 1 or not 0 < level < 1:
        raise MetricError(f"{held_out} and {new} cases give no limits of a share of {share} at level {level}")
    first, second = rank, held_out + 1 - rank
    logs = [
        _log_beta(k + first, new - k + second) - _log_beta(first, second) - _log_beta(new - k + 1, k + 1)
        for k in range(new + 1)
    ]
    below = np.cumsum(np.exp(logs)) / (new + 1)
    low, high = np.searchsorted(below, [(1 - level) / 2, (1 + level) / 2])
    return int(low), int(min(high, new))


def _log_beta(first: float, second: float) -> float:
    return math.lgamma(first) + math.lgamma(second) - math.lgamma(first + second)


def _members(groups: Array) -> list[IntArray]:
    """Case indices of each group."""
    _, place, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.split(np.argsort(place, kind="stable"), np.cumsum(counts)[:-1])


def _resampled(
    statistic: Callable[[IntArray], float], members: list[IntArray], *, draws: int, generator: np.random.Generator
) -> list[float]:
    """Values of the statistic on resampled groups, without those where it is undefined."""
    values = []
    for _ in range(draws):
        chosen = generator.integers(len(members), size=len(members))
        try:
            values.append(statistic(np.concatenate([members[group] for group in chosen])))
        except MetricUndefined:
            continue
    return values
