"""POEM over time: told with a case or entered on the course's page, by day, with its band and what a change is worth.

Only points and short labels of our own are here: the questionnaire's wording belongs to the University of Nottingham.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fastapi import Request, Response

from flexura.decision.bands import band_of
from flexura.decision.scores.questionnaires import QUESTIONNAIRES, questionnaire_score
from flexura.decision.whole.change import PoemChange, compare_poem
from flexura.errors import RequestUnfit
from flexura.service import cases
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Case, Id, Outcome, Record
from flexura.service.web.frame import fill, go

SHEET: Final = QUESTIONNAIRES["poem"]


@dataclass(frozen=True)
class PoemMark:
    """One total: its day, its band, the change since the one before; `x` and `y` are places in the unit square."""

    day: date
    total: int = field(repr=False)
    band: str = field(repr=False)
    change: PoemChange | None = field(repr=False)
    x: float
    y: float = field(repr=False)


def record_poem(request: Request, patient: Id, caller: Asking, clinic: Wired) -> Response:
    """Record the seven answers of a day as an outcome of the patient's newest case.

    Parameters
    ----------
    request : Request
        Its form holds the day and the points of each answer.
    patient : Id
        Whose answers they are.
    caller : Asking
        Who enters them.
    clinic : Wired
        The service.

    Returns
    -------
    Response

    Raises
    ------
    RequestUnfit
        When an answer is missing or out of its range, or there is no case yet.
    """
    form = request.state.form
    key = form.pop("key", None)
    form["poem_items"] = [form.pop(f"poem_{item}", None) for item in SHEET.items]
    listed = cases.list_cases(patient, caller, clinic).items
    if not listed:
        raise RequestUnfit("POEM is recorded with a case; begin one first.")
    cases.record_outcome(listed[-1], fill(Outcome, request), caller, clinic, key)
    return go(f"/patients/{patient}/course")


def read_poems(told: Sequence[Case], outcomes: Sequence[Record]) -> tuple[PoemMark, ...]:
    """Read the totals of POEM, one a day: the last that was entered, else the one that was told with a case.

    Parameters
    ----------
    told : Sequence[Case]
        In the order of time.
    outcomes : Sequence[Record]
        Of these cases.

    Returns
    -------
    tuple[PoemMark, ...]
        By rising day.
    """
    totals = {case.created_at.date(): total_of(case.context) for case in told}
    for row in sorted(outcomes, key=lambda row: row.created_at):
        if row.document.get("poem_items"):
            totals[date.fromisoformat(row.document["observed_on"])] = total_of(row.document)
    known = [(day, total) for day, total in sorted(totals.items()) if total is not None]
    span = (known[-1][0] - known[0][0]).days if known else 0
    marks: list[PoemMark] = []
    for day, total in known:
        change = compare_poem(marks[-1].total, total) if marks else None
        x = (day - known[0][0]).days / span if span else 0.5
        marks.append(PoemMark(day, total, band_of(Decimal(total), SHEET.scheme), change, x, total / SHEET.highest))
    return tuple(marks)


def total_of(document: Mapping[str, Any]) -> int | None:
    """Give the total of what was told, from the answers where they are there.

    Parameters
    ----------
    document : Mapping[str, Any]
        A context or an outcome.

    Returns
    -------
    int | None
        0 to 28; None where POEM was not told.

    Examples
    --------
    >>> total_of({"poem_items": [4, 3, 1, 1, 2, 2, 4]}), total_of({"poem": 17}), total_of({})
    (17, 17, None)
    """
    items = document.get("poem_items")
    if items is None:
        return document.get("poem")
    value = questionnaire_score(SHEET.name, dict(zip(SHEET.items, items, strict=True))).value
    return None if value is None else int(value)
