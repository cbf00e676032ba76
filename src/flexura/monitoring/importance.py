"""What a model leans on: how much worse its answers get when one group of values is exchanged between patients.

A loss in nats is given per case; a group's importance is its rise when the group's values, all together, come from
another case. It tells what this model uses, not what causes a disease; values that say the same share their importance.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flexura.errors import MetricError
from flexura.monitoring.arrays import Array
from flexura.monitoring.feedback import MIN_CASES, mean_interval
from flexura.monitoring.intervals import Interval

REPEATS: Final = 5


@dataclass(frozen=True)
class Importance:
    """One group: in how many cases any of its values is known, and the rise of the loss in nats, `None` below 20."""

    name: str
    known: int
    rise: Interval | None


@dataclass(frozen=True)
class ImportanceChange:
    """A group before and now, in nats; `changed` where the two 95 % intervals have nothing in common."""

    name: str
    before: Interval
    now: Interval
    changed: bool


def permutation_importance(
    values: Array,
    groups: Mapping[str, Sequence[int]],
    loss: Callable[[Array], Array],
    patients: Array,
    *,
    seed: int = 0,
) -> tuple[Importance, ...]:
    """Measure how much each group of columns matters.

    Parameters
    ----------
    values : array (N, K)
        Of N cases; NaN is unknown.
    groups : Mapping[str, Sequence[int]]
        By name, the columns that are exchanged together.
    loss : Callable[[array (N, K)], array (N,)]
        Of every case, on these values.
    patients : array (N,)
        The patient of each case, whom the intervals resample.
    seed : int
        Of exchanges and resampling.

    Returns
    -------
    tuple[Importance, ...]
        Largest rise first, those too rarely known last.

    Raises
    ------
    MetricError
        When there are no cases, or not one patient for each.

    References
    ----------
    Breiman 2001, doi:10.1023/A:1010933404324; Fisher, Rudin and Dominici 2019, arXiv:1801.01489.
    """
    if values.ndim != 2 or not values.size or patients.shape != values.shape[:1]:
        raise MetricError(f"expected values (N, K) and patients (N,); got {values.shape} and {patients.shape}")
    generator, usual = np.random.default_rng(seed), loss(values)
    found = []
    for name, columns in groups.items():
        known = np.asarray(~np.isnan(values[:, np.asarray(columns)]).all(axis=1))
        rise = None
        if known.sum() >= MIN_CASES:
            exchanged = [loss(_exchanged(values, columns, known, generator)) for _ in range(REPEATS)]
            rise = mean_interval((np.mean(exchanged, axis=0) - usual)[known], patients[known], seed=seed)
        found.append(Importance(name, int(known.sum()), rise))
    return tuple(sorted(found, key=lambda each: -each.rise.estimate if each.rise else np.inf))


def compare_importance(before: Sequence[Importance], now: Sequence[Importance]) -> tuple[ImportanceChange, ...]:
    """Set two times side by side.

    Parameters
    ----------
    before : Sequence[Importance]
        Of the earlier time.
    now : Sequence[Importance]
        Of the later one.

    Returns
    -------
    tuple[ImportanceChange, ...]
        The groups that both times tell, in the order of `now`. Disjoint 95 % intervals are a strict sign: by chance
        alone they come in well under 1 of 20 groups.
    """
    earlier = {each.name: each.rise for each in before}
    rows = []
    for each in now:
        was = earlier.get(each.name)
        if was is not None and each.rise is not None:
            apart = each.rise.low > was.high or each.rise.high < was.low
            rows.append(ImportanceChange(each.name, was, each.rise, apart))
    return tuple(rows)


def _exchanged(values: Array, columns: Sequence[int], known: Array, generator: np.random.Generator) -> Array:
    """The values with these columns taken from another case that knows them."""
    changed, taken = values.copy(), np.asarray(columns)
    rows = np.flatnonzero(known)
    changed[np.ix_(rows, taken)] = values[np.ix_(generator.permutation(rows), taken)]
    return changed
