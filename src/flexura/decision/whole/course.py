"""How long a patient stayed in each band of EASI between visits, by straight lines from one visit to the next.

Straight lines as for the time in range of anticoagulation (Rosendaal 1993). What happens between two visits is not
seen: over longer gaps, and where a score is unknown, the time counts as unknown. The interval takes the errors of both
visits; it does not know of flares between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from flexura.decision.bands import EASI_BANDS
from flexura.decision.whole.draws import HIGHEST_EASI, Draws
from flexura.decision.whole.visit import COVERAGE, VisitReading
from flexura.records import Interval

# Over a longer gap a straight line is a guess: Rosendaal et al. 1993.
LONGEST_GAP_DAYS: Final = 56
COURSE_SOURCE: Final = "Rosendaal 1993, Thromb Haemost 69:236-239"
SCHEME: Final = EASI_BANDS["leshem_2015"]
# Bands are told from scores rounded half up to one decimal.
_ROUNDING: Final = 0.05


@dataclass(frozen=True)
class BandTime:
    """Days in one band, with their 90 % interval."""

    band: str
    days: float = field(repr=False)
    interval: Interval = field(repr=False)


@dataclass(frozen=True)
class Course:
    """Days in each band between the first and the last dated visit, and those of which nothing is known."""

    bands: tuple[BandTime, ...] = field(repr=False)
    days_known: int
    days_unknown: int


def time_in_bands(visits: Sequence[VisitReading]) -> Course | None:
    """Add up the days in each band of EASI.

    Parameters
    ----------
    visits : sequence of VisitReading
        By rising day; those without a day are left out.

    Returns
    -------
    Course or None
        `None` for fewer than two dated visits. Only stretches of at most `LONGEST_GAP_DAYS` between two visits with a
        value count as known.

    References
    ----------
    Rosendaal et al. 1993, Thromb Haemost 69:236-239 (linear interpolation); Leshem et al. 2015,
    doi 10.1111/bjd.13662 (bands).
    """
    dated = [visit for visit in visits if visit.day is not None]
    if len(dated) < 2:
        return None
    lengths = [_days(*pair) for pair in pairwise(dated)]
    known = [(pair, days) for pair, days in zip(pairwise(dated), lengths, strict=True) if _comparable(*pair, days)]
    count = sum(days for _, days in known)
    values = [_line(_value(first), _value(later), days) for (first, later), days in known]
    drawn = [_line(_draws(first), _draws(later), days) for (first, later), days in known]
    bands = tuple(
        _band_time(name, float(sum(one[place][0] for one in values)), np.sum([one[place] for one in drawn], axis=0))
        for place, (name, _) in enumerate(SCHEME.upper_bounds)
        if known
    )
    return Course(bands, count, sum(lengths) - count)


def _days(first: VisitReading, later: VisitReading) -> int:
    assert first.day is not None, "only dated visits are compared"
    assert later.day is not None, "only dated visits are compared"
    return (later.day - first.day).days


def _comparable(first: VisitReading, later: VisitReading, days: int) -> bool:
    return first.draws is not None and later.draws is not None and days <= LONGEST_GAP_DAYS


def _value(visit: VisitReading) -> Draws:
    assert visit.easi is not None, "draws are kept where there is a score"
    assert visit.easi.value is not None, "draws are kept where there is a value"
    return np.array([visit.easi.value])


def _draws(visit: VisitReading) -> Draws:
    assert visit.draws is not None, "only visits with draws are compared"
    return np.clip(visit.draws, 0.0, HIGHEST_EASI)


def _line(first: Draws, later: Draws, days: int) -> list[Draws]:
    """Days in each band, in the order of the scheme, on straight lines (N,) from one score to another."""
    edges = [-np.inf, *(float(highest) + _ROUNDING for _, highest in SCHEME.upper_bounds)]
    return [days * _share(first, later, low=low, high=high) for low, high in pairwise(edges)]


def _share(first: Draws, later: Draws, *, low: float, high: float) -> Draws:
    """Share of each straight line that lies above `low` and at most at `high`."""
    bottom, top = np.minimum(first, later), np.maximum(first, later)
    inside = np.clip(np.minimum(top, high) - np.maximum(bottom, low), 0.0, None)
    level = ((low < first) & (first <= high)).astype(np.float64)
    share: Draws = np.divide(inside, top - bottom, out=level, where=top > bottom)
    return share


def _band_time(name: str, days: float, drawn: Draws) -> BandTime:
    tail = (1 - COVERAGE) / 2
    low, high = float(np.quantile(drawn, tail)), float(np.quantile(drawn, 1 - tail))
    return BandTime(name, days, (min(low, days), max(high, days)))
