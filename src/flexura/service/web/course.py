"""The course of a patient: whole-body scores with their error, visits on one axis, and what was tried and observed.

A visit is a day; of each photo the newest answer counts. Scores are those of `decision.whole`, computed anew from what
is stored, with the area errors of the model in force.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
from fastapi import Request, Response

from flexura.clinical.context import read_context
from flexura.decision.calibration import AreaErrors
from flexura.decision.whole.body import parts_of_site
from flexura.decision.whole.change import compare_all
from flexura.decision.whole.draws import SeenPhoto, draw_chance
from flexura.decision.whole.visit import VisitReading, read_visit
from flexura.service import assessments, cases, patients
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Case, Id, Record
from flexura.service.web.beside import BAR_MM, Shot, arrange, choose
from flexura.service.web.frame import show
from flexura.service.web.poem import SHEET, read_poems

_HIGHEST_EASI: Final = 72
_STEPS: Final = (5, 10, 20, 40, _HIGHEST_EASI)  # where a chart may end, so that a mild course can be read too


@dataclass(frozen=True)
class Seen:
    """One answered photo of a visit: in which case, what was told then, and the newest answer."""

    case: Case = field(repr=False)
    answer: Record = field(repr=False)

    @property
    def day(self) -> date:
        """The day of the visit: that on which the case was begun."""
        return self.case.created_at.date()


@dataclass(frozen=True)
class Mark:
    """One visit on the chart: places in the unit square from the lower left, `middle` where there is a value."""

    day: date
    x: float
    low: float
    high: float
    middle: float | None


def show_course(request: Request, patient: Id, caller: Asking, clinic: Wired) -> Response:
    """Show how a patient has been: scores, photos, treatments and outcomes in the order of time."""
    listed = [cases.read_case(case, caller, clinic) for case in cases.list_cases(patient, caller, clinic).items]
    seen = [
        one for case in listed for one in _newest(case, assessments.list_assessments(case.id, caller, clinic).items)
    ]
    outcomes = [(case, row) for case in listed for row in cases.list_outcomes(case.id, caller, clinic).items]
    outcomes.sort(key=lambda pair: pair[1].document["observed_on"])
    visits = read_visits(seen, clinic.assessor.bundle.calibration.area_errors)
    highest = highest_of(visits)
    shots = [_shot(one) for one in seen]
    match_light = "as_taken" not in request.query_params
    chosen = choose(shots, left=request.query_params.get("left"), right=request.query_params.get("right"))
    return show(
        request,
        "course.html",
        patient=patients.read_patient(patient, caller, clinic),
        visits=visits,
        told={visit.day: _told([case for case in listed if case.created_at.date() == visit.day]) for visit in visits},
        marks=place(visits, highest),
        highest=highest,
        changes=compare_all(visits),
        seen=seen,
        shots=shots,
        pair=chosen and arrange(*chosen, match_light=match_light),
        match_light=match_light,
        bar_mm=BAR_MM,
        outcomes=outcomes,
        observed=place_days(visits, [date.fromisoformat(row.document["observed_on"]) for _, row in outcomes]),
        poems=read_poems(listed, [row for _, row in outcomes]),
        sheet=SHEET,
        cases=listed,
        today=clinic.store.clock().date().isoformat(),
        key=clinic.store.make_id(),
    )


def read_visits(seen: Sequence[Seen], errors: AreaErrors) -> tuple[VisitReading, ...]:
    """Score the whole body on each day on which a photo was answered on.

    Parameters
    ----------
    seen : Sequence[Seen]
        In any order.
    errors : AreaErrors
        Of the calibration of the model in force.

    Returns
    -------
    tuple[VisitReading, ...]
        By rising day; drawn from a fixed seed, so that the same records give the same figures.
    """
    generator = np.random.default_rng(0)
    visits = []
    for day in sorted({one.day for one in seen}):
        of_day = [one for one in seen if one.day == day]
        context = read_context(of_day[0].answer.document["context"])
        chance = draw_chance(generator)
        photos = [photo for one in of_day if (photo := _photo(one.answer.document)) is not None]
        visits.append(read_visit(photos, context, day=day, errors=errors, chance=chance))
    return tuple(visits)


def highest_of(visits: Sequence[VisitReading]) -> int:
    """Say where the chart ends, in points of EASI."""
    most = max((visit.easi.interval[1] for visit in visits if visit.easi), default=0.0)
    return next(step for step in _STEPS if most <= step)


def place(visits: Sequence[VisitReading], highest: float) -> tuple[Mark, ...]:
    """Place the visits that have a score on the chart.

    Parameters
    ----------
    visits : Sequence[VisitReading]
        By rising day.
    highest : float
        Points of EASI at its upper end.

    Returns
    -------
    tuple[Mark, ...]
        The first at the left, the last at the right; a single one in the middle.
    """
    days = [visit.day for visit in visits if visit.easi and visit.day]
    marks = []
    for visit in visits:
        if visit.easi is None or visit.day is None:
            continue
        span = (days[-1] - days[0]).days
        x = (visit.day - days[0]).days / span if span else 0.5
        value = visit.easi.value
        low, high = visit.easi.interval
        marks.append(Mark(visit.day, x, low / highest, high / highest, None if value is None else value / highest))
    return tuple(marks)


def place_days(visits: Sequence[VisitReading], days: Sequence[date]) -> list[float]:
    """Place days on the chart's axis, from 0 at the first visit to 1 at the last; others are left out."""
    own = [visit.day for visit in visits if visit.easi and visit.day]
    if len(own) < 2:
        return []
    span = (own[-1] - own[0]).days
    return [(day - own[0]).days / span for day in days if own[0] <= day <= own[-1]]


def _newest(case: Case, answers: Sequence[Record]) -> list[Seen]:
    return [Seen(case, answer) for answer in {answer.about: answer for answer in answers}.values()]


def _shot(one: Seen) -> Shot:
    case, answer = one.case, one.answer
    return Shot(answer.id, case.id, str(answer.about), one.day, case.context.get("site"), answer.document)


def _photo(document: Mapping[str, Any]) -> SeenPhoto | None:
    answer, site = document["assessment"], document["context"].get("site")
    fraction = answer["area"]["lesion_fraction_of_skin"]
    if fraction is None or not parts_of_site(site):
        return None
    signs = {name: tuple(grade["distribution"]) for name, grade in answer["severity"]["signs"].items()}
    return SeenPhoto(site, signs, fraction)


def _told(of_day: Sequence[Case]) -> dict[str, Any]:
    """What was told at a visit and changes from one to the next."""
    context = {name: value for case in of_day for name, value in case.context.items()}
    treatments = [row["treatment"] for row in context.get("treatments", [])]
    return {"itch": context.get("itch"), "sleep_loss": context.get("sleep_loss"), "treatments": treatments}
