"""Whether a window of cases comes from where the reference came from: one answer over all channels together.

Labels "reference" and "window" are exchanged between whole groups (patients); the smallest p over all channels is
compared with the smallest p of every exchange. So the chance of any false alarm in a window is at most `level`,
however many channels there are and however they hang together (Westfall and Young 1993, doi:10.2307/2532216).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from flexura.errors import MetricError
from flexura.monitoring.arrays import Array
from flexura.monitoring.channels import CHANNELS, Columns

LEVEL: Final = 0.05
# p is a multiple of 1 / (exchanges + 1): with 25 channels the smallest familywise p is still below 0.0125.
EXCHANGES: Final = 1999
# Fewer known values on either side say nothing of a distribution.
MIN_KNOWN: Final = 20

_Members = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ChannelDrift:
    """One channel: p over all channels together, how far apart, and what it looked like before and now.

    `p` and all else are `None` where too few values are known: a median of few is somebody's own. `distance` is the
    largest gap of the two distribution functions, or half the sum of the differences of shares, both 0-1. `before` and
    `now` are medians, or the most frequent word.
    """

    name: str
    group: str
    p: float | None
    distance: float | None
    before: float | str | None
    now: float | str | None


@dataclass(frozen=True)
class Drift:
    """All channels, most surprising first, and the names of those that drifted."""

    reference_cases: int
    window_cases: int
    level: float
    channels: tuple[ChannelDrift, ...]

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of the channels whose familywise p is at most `level`."""
        return tuple(each.name for each in self.channels if each.p is not None and each.p <= self.level)


def find_drift(
    reference: Columns, window: Columns, *, groups: tuple[Array, Array] | None = None, seed: int = 0
) -> Drift:
    """Compare a window with the reference over all channels together.

    Parameters
    ----------
    reference : Columns
        From `read_columns`.
    window : Columns
        The same.
    groups : tuple[array (R,), array (W,)] | None
        The patient of each case; by default every case is a patient of its own, and photos of one patient in many
        cases then raise false alarms. A patient of both sides counts as two.
    seed : int
        Of the exchanges; the same seed gives the same answer.

    Returns
    -------
    Drift

    Raises
    ------
    MetricError
        When a side is empty.
    """
    sizes = [len(next(iter(side.values()), ())) for side in (reference, window)]
    if not all(sizes):
        raise MetricError(f"drift needs cases on both sides; got {sizes[0]} and {sizes[1]}")
    members = _exchanges(sizes, groups, np.random.default_rng(seed))
    statistics: dict[str, Array] = {}
    for channel in CHANNELS:
        values = np.concatenate([reference[channel.name], window[channel.name]])
        known = ~np.isnan(values) if channel.numeric else np.ones(len(values), bool)
        if min((known & members[0]).sum(), (known & ~members[0]).sum()) >= MIN_KNOWN:
            measure = _gaps if channel.numeric else _share_differences
            statistics[channel.name] = measure(values[known], members[:, known])
    return Drift(sizes[0], sizes[1], LEVEL, _described(reference, window, statistics))


def _exchanges(sizes: list[int], groups: tuple[Array, Array] | None, generator: np.random.Generator) -> _Members:
    """Whether each case is of the window (EXCHANGES + 1, N): as it is in row 0, then by whole groups at random."""
    sides = groups or tuple(np.arange(size) for size in sizes)
    places = [np.unique(side, return_inverse=True)[1] for side in sides]
    counts = [int(place.max()) + 1 for place in places]
    of_case = np.concatenate([places[0], places[1] + counts[0]])
    label = np.arange(sum(counts)) >= counts[0]
    shuffled = generator.permuted(np.tile(label, (EXCHANGES, 1)), axis=1)
    return np.asarray(np.concatenate([label[None], shuffled])[:, of_case])


def _gaps(values: Array, members: _Members) -> Array:
    """Kolmogorov-Smirnov distance (rows,), scaled by sizes; 0 where one side is empty."""
    order = np.argsort(values, kind="stable")
    ends = np.append(np.diff(values[order]) > 0, True)
    inside = np.cumsum(members[:, order], axis=1, dtype=np.int32)
    total, count = np.arange(1, len(values) + 1), inside[:, -1:]
    others = len(values) - count
    gaps = inside / np.maximum(count, 1) - (total - inside) / np.maximum(others, 1)
    scale = np.sqrt(count * others / len(values))[:, 0]
    return np.asarray(np.abs(gaps[:, ends]).max(1) * scale)


def _share_differences(values: Array, members: _Members) -> Array:
    """Pearson's chi-square (rows,) of side by word."""
    words, place = np.unique(values, return_inverse=True)
    seen = members.astype(np.float64) @ np.eye(len(words))[place]
    total = np.bincount(place)
    share = members.mean(1, keepdims=True)
    spread = total * share * (1 - share)
    return np.asarray(np.sum((seen - total * share) ** 2 / np.maximum(spread, 1e-12), axis=1))


def _described(reference: Columns, window: Columns, statistics: Mapping[str, Array]) -> tuple[ChannelDrift, ...]:
    p_of = dict(zip(statistics, _familywise(list(statistics.values())), strict=True))
    told = [
        ChannelDrift(
            channel.name,
            channel.group,
            p_of.get(channel.name),
            _distance(reference[channel.name], window[channel.name]) if channel.name in p_of else None,
            _typical(reference[channel.name]) if channel.name in p_of else None,
            _typical(window[channel.name]) if channel.name in p_of else None,
        )
        for channel in CHANNELS
    ]
    return tuple(sorted(told, key=lambda each: (2.0 if each.p is None else each.p, -(each.distance or 0.0))))


def _familywise(statistics: list[Array]) -> list[float]:
    """Of each channel, how often the smallest p of an exchange is as small as its own."""
    ranks = np.array([_upper_shares(each) for each in statistics])  # (channels, rows)
    if not ranks.size:
        return []
    smallest = ranks.min(0)
    return [float(np.mean(smallest <= own + 1e-12)) for own in ranks[:, 0]]


def _upper_shares(statistic: Array) -> Array:
    """Share of rows with a statistic as large as each row's own; what differs by rounding alone is equal."""
    rounded = np.round(statistic, 9)
    return np.asarray(1 - np.searchsorted(np.sort(rounded), rounded) / len(rounded))


def _distance(before: Array, now: Array) -> float:
    if before.dtype.kind == "f":
        before, now = np.sort(before[~np.isnan(before)]), np.sort(now[~np.isnan(now)])
        points = np.concatenate([before, now])
        shares = [np.searchsorted(side, points, side="right") / len(side) for side in (before, now)]
        return float(np.abs(shares[0] - shares[1]).max())
    words = np.unique(np.concatenate([before, now]))
    return float(sum(abs(np.mean(before == word) - np.mean(now == word)) for word in words) / 2)


def _typical(values: Array) -> float | str | None:
    if values.dtype.kind != "f":
        words, counts = np.unique(values, return_counts=True)
        return str(words[np.argmax(counts)])
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else None
