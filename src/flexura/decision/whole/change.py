"""Change between two visits, told only where it is beyond what measuring twice would give.

Both visits' errors, of the model and of reading photos, enter as if independent. No direction is named inside them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from flexura.decision.whole.visit import EASI_SEM, VisitReading
from flexura.records import Interval

Verdict = Literal["fell", "rose", "within_error", "unknown"]
PoemVerdict = Literal["within_error", "probably_important", "very_likely_important"]

COVERAGE: Final = 0.95
# 1.96 x sqrt(2) x standard error: the smallest change that is none of the reading's at 95 %.
SMALLEST_DETECTABLE: Final = 1.96 * math.sqrt(2) * EASI_SEM
# Minimal important change of EASI: Schram et al. 2012, doi 10.1111/j.1398-9995.2011.02719.x.
IMPORTANT_CHANGE: Final = 6.6
IMPORTANT_CHANGE_SOURCE: Final = "Schram 2012, doi 10.1111/j.1398-9995.2011.02719.x"
# EASI-50, -75 and -90: improvement by these shares of the first score.
RESPONSES: Final = (50, 75, 90)
# What a change of POEM by so many points or more is, whichever way. POEM is a whole number.
POEM_CHANGES: Final[tuple[tuple[int, PoemVerdict], ...]] = (
    (4, "very_likely_important"),
    (3, "probably_important"),
    (0, "within_error"),
)
POEM_CHANGES_SOURCE: Final = "Howells 2018, Br J Dermatol 178:1135-1142, in children"


@dataclass(frozen=True)
class PoemChange:
    """Change of POEM in points, negative is a fall, and what it is worth."""

    difference: int = field(repr=False)
    verdict: PoemVerdict = field(repr=False)


@dataclass(frozen=True)
class Change:
    """Change of EASI from one visit to a later one, in points, with its 95 % interval; negative is a fall.

    `important` says whether a change of at least 6.6 points, `responses` whether EASI-50, -75, -90 were reached:
    true or false at 95 %, `None` where it cannot be told.
    """

    first: date | None = field(repr=False)
    later: date | None = field(repr=False)
    difference: float | None = field(repr=False)
    interval: Interval | None = field(repr=False)
    verdict: Verdict = field(repr=False)
    important: bool | None = field(repr=False)
    responses: tuple[tuple[int, bool | None], ...] = field(repr=False)
    poem: PoemChange | None = field(default=None, repr=False)  # where it was told at both visits


def compare(first: VisitReading, later: VisitReading) -> Change:
    """Compare two visits of one patient.

    Parameters
    ----------
    first : VisitReading
        The earlier one.
    later : VisitReading
        Drawn with luck of its own.

    Returns
    -------
    Change
        Unknown where at either visit a part of the body is not known.

    References
    ----------
    Ragamin et al. 2023, JAAD Int 13:184-191 (standard error of EASI from photos); Schram et al. 2012,
    doi 10.1111/j.1398-9995.2011.02719.x (minimal important change).
    """
    poem = None if first.poem is None or later.poem is None else compare_poem(first.poem, later.poem)
    if first.draws is None or later.draws is None or first.easi is None or later.easi is None:
        unknown = tuple((share, None) for share in RESPONSES)
        return Change(first.day, later.day, None, None, "unknown", None, unknown, poem)
    assert first.easi.value is not None, "draws are kept where there is a value"
    assert later.easi.value is not None, "draws are kept where there is a value"
    changes = later.draws - first.draws
    tail = (1 - COVERAGE) / 2
    low, high = float(np.quantile(changes, tail)), float(np.quantile(changes, 1 - tail))
    verdict: Verdict = "fell" if high < 0 else "rose" if low > 0 else "within_error"
    return Change(
        first=first.day,
        later=later.day,
        difference=later.easi.value - first.easi.value,
        interval=(low, high),
        verdict=verdict,
        important=_sure(float((np.abs(changes) >= IMPORTANT_CHANGE).mean())),
        responses=tuple(
            (share, _sure(float((later.draws <= (1 - share / 100) * first.draws).mean()))) for share in RESPONSES
        ),
        poem=poem,
    )


def compare_poem(first: int, later: int) -> PoemChange:
    """Compare two POEM scores of one patient.

    Parameters
    ----------
    first : int
        The earlier one, 0 to 28 points.
    later : int
        The later one, 0 to 28 points.

    Returns
    -------
    PoemChange
        Inside the measurement error up to 2 points.

    References
    ----------
    Howells et al. 2018, Br J Dermatol 178:1135-1142 (smallest detectable change 2.13; 300 children).

    Examples
    --------
    >>> compare_poem(17, 13).verdict
    'very_likely_important'
    """
    difference = later - first
    return PoemChange(difference, next(verdict for least, verdict in POEM_CHANGES if abs(difference) >= least))


def compare_all(visits: Sequence[VisitReading]) -> tuple[Change, ...]:
    """Compare each visit with the next, and the first with the last of three or more.

    Parameters
    ----------
    visits : sequence of VisitReading
        By rising day.

    Returns
    -------
    tuple of Change
        Empty for one visit.
    """
    pairs = list(pairwise(visits))
    if len(visits) > 2:
        pairs.append((visits[0], visits[-1]))
    return tuple(compare(first, later) for first, later in pairs)


def _sure(share: float) -> bool | None:
    """Whether something holds, where at least 95 % of the draws say so or say not."""
    return True if share >= COVERAGE else False if share <= 1 - COVERAGE else None
