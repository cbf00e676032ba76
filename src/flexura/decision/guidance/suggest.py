"""Which lines of the guidelines apply to an answer, or why none is given."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flexura.decision.guidance import adults, children, conventional, hands, infection, licences, pregnancy, targeted
from flexura.decision.guidance.exclusions import excluded
from flexura.decision.guidance.option import Kind, Option
from flexura.decision.guidance.quantities import quantity_line
from flexura.decision.guidance.situation import Situation, situation_of
from flexura.decision.guidance.withheld import missing_questions, withholding_reasons
from flexura.records import Assessment, PatientContext, Recommendation

# What holds of every answer.
NOT_SAID: Final = "Red flags that were not asked for are not excluded. Options are without doses."

_KINDS: Final[tuple[Kind, ...]] = ("infection", "topical", "systemic", "maintenance", "basics", "referral")
_TABLES: Final = (children, infection, adults, hands, licences, pregnancy, targeted, conventional)

# Every row of every table; those of one kind together, and within it those of one topic, in the order of the tables.
_ROWS: Final[tuple[Option, ...]] = tuple(option for table in _TABLES for option in table.OPTIONS)


def _arranged(rows: Iterable[Option]) -> tuple[Option, ...]:
    listed = list(rows)
    topics = list(dict.fromkeys(row.topic for row in listed))
    return tuple(sorted(listed, key=lambda row: (_KINDS.index(row.kind), topics.index(row.topic))))


OPTIONS: Final = _arranged(_ROWS)


@dataclass(frozen=True)
class Guidance:
    """Lines that apply, and why there are none or not all; one of the two is never empty."""

    lines: tuple[Recommendation, ...]
    gaps: tuple[str, ...]


def suggest(assessment: Assessment, context: PatientContext, *, stopped_by: tuple[str, ...] = ()) -> Guidance:
    """Look up the guidance for an answer.

    Parameters
    ----------
    assessment : Assessment
        The answer, with findings and abstention.
    context : PatientContext
        Checked.
    stopped_by : tuple of str
        Names of red flags beside which no treatment of eczema is suggested.

    Returns
    -------
    Guidance
        Rows in the order treat, maintain, basics, refer; rows of one topic together.
    """
    reasons = withholding_reasons(assessment, context, stopped_by=stopped_by)
    if reasons:
        return Guidance((), reasons)
    situation = situation_of(assessment, context)
    rows = rows_for(situation)
    lines = tuple(_line(row, situation) for row in rows)
    quantity = quantity_line(context, rows)
    return Guidance(lines if quantity is None else (*lines, quantity), missing_questions(situation))


def rows_for(situation: Situation) -> tuple[Option, ...]:
    """Rows of all tables that fit a situation and offer nothing excluded.

    Parameters
    ----------
    situation : Situation
        From `situation_of`.

    Returns
    -------
    tuple of Option
        In the order of `OPTIONS`.
    """
    return tuple(row for row in OPTIONS if row.where.holds(situation) and not excluded(row.offers, situation))


def _line(row: Option, situation: Situation) -> Recommendation:
    return Recommendation(
        text=row.text,
        strength=row.strength,
        applies_because=row.where.because(situation),
        source=row.source.name,
        version=row.source.version,
        url=row.source.url,
        urgent=False,
        kind=row.kind,
        topic=row.topic,
    )
