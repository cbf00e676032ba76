"""Patients and their cases: admitted, begun, looked at, judged, followed."""

from typing import Any, Final, get_args

from fastapi import Request, Response

from flexura.clinical.ages import completed_months
from flexura.clinical.sites import SITES
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import Forbidden
from flexura.records import SIGN_NAMES
from flexura.security.roles import GRANTS, Scope
from flexura.service import assessments, cases, jobs, patients
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import CorrectionReason, Id, NewCase, Outcome, Person, Review
from flexura.service.web.asking import FOLDS, list_told, read_told, responses
from flexura.service.web.bodymap import VIEWS
from flexura.service.web.frame import fill, go, show
from flexura.service.web.pictures import name_layers, outline_of, size_of
from flexura.service.web.work import find_waiting
from flexura.storage.people import read_names

REASONS: Final = get_args(CorrectionReason)


def ask_patient(request: Request, clinic: Wired) -> Response:
    """Ask who is to be admitted."""
    return show(request, "new_patient.html", key=clinic.store.make_id())


def admit_patient(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Admit a patient."""
    key = request.state.form.pop("key", None)
    made = patients.create_patient(fill(Person, request), caller, clinic, key)
    return go(f"/patients/{made.id}")


def read_patient(request: Request, patient: Id, caller: Asking, clinic: Wired) -> Response:
    """Show a patient with the cases, and ask for a new one; who is outside the care team is asked for a reason."""
    try:
        person = patients.read_patient(patient, caller, clinic)
    except Forbidden:
        if GRANTS[caller.actor.role, "glass.break"] is Scope.NO:
            raise
        return go(f"/patients/{patient}/emergency")
    found = [cases.read_case(case, caller, clinic) for case in cases.list_cases(patient, caller, clinic).items]
    age = None if person.born is None else completed_months(person.born, clinic.store.clock().date()) // 12
    key = clinic.store.make_id()
    asked: dict[str, Any] = {"sites": tuple(SITES), "views": VIEWS, "folds": FOLDS, "responses": responses()}
    return show(request, "patient.html", patient=person, cases=found, age=age, key=key, **asked)


def begin_case(request: Request, patient: Id, caller: Asking, clinic: Wired) -> Response:
    """Begin a case with what the form tells; what is left empty is unknown."""
    key = request.state.form.pop("key", None)
    made = cases.create_case(patient, NewCase(context=read_told(request.state.form)), caller, clinic, key)
    return go(f"/cases/{made.id}")


def read_case(request: Request, case: Id, caller: Asking, clinic: Wired) -> Response:
    """Show a case: its photos, what was answered, what clinicians said to it, what became of it."""
    stored = cases.read_case(case, caller, clinic)
    reviews = cases.list_reviews(case, caller, clinic).items
    answers = list(reversed(assessments.list_assessments(case, caller, clinic).items))
    return show(
        request,
        "case.html",
        case=stored,
        patient=patients.read_patient(stored.patient, caller, clinic),
        told=list_told(stored.context),
        assessments=answers,
        waiting=find_waiting(stored, answers, jobs.list_jobs(case, caller, clinic)),
        layers={answer.id: name_layers(case, answer, reviews) for answer in answers},
        reviews=reviews,
        outcomes=cases.list_outcomes(case, caller, clinic).items,
        names=names_of(caller, clinic),
        today=clinic.store.clock().date().isoformat(),
        may_review=GRANTS[caller.actor.role, "review.write"] is not Scope.NO,
        keys=tuple(clinic.store.make_id() for _ in range(2)),
        key=clinic.store.make_id(),
    )


def ask_correction(request: Request, case: Id, assessment: Id, caller: Asking, clinic: Wired) -> Response:
    """Ask what is right instead: diagnosis, signs, the outline drawn over the photo, and why."""
    answer = assessments.read_assessment(case, assessment, caller, clinic)
    stored = cases.read_case(case, caller, clinic)
    return show(
        request,
        "correct.html",
        case=stored,
        patient=patients.read_patient(stored.patient, caller, clinic),
        record=answer,
        size=size_of(answer.document),
        outline=outline_of(answer.document),
        diagnoses=TAXONOMY,
        signs=SIGN_NAMES,
        reasons=REASONS,
        key=clinic.store.make_id(),
    )


def review(request: Request, case: Id, caller: Asking, clinic: Wired) -> Response:
    """Sign what is right, or what is right instead."""
    form = request.state.form
    key = form.pop("key", None)
    form.pop("brush", None)  # which one was last in hand
    form["signs"] = {name: form.pop(f"sign_{name}") for name in SIGN_NAMES if f"sign_{name}" in form}
    form["reasons"] = [reason for reason in REASONS if form.pop(f"reason_{reason}", None)]
    cases.write_review(case, fill(Review, request), caller, clinic, key)
    return go(f"/cases/{case}")


def record_outcome(request: Request, case: Id, caller: Asking, clinic: Wired) -> Response:
    """Record what became of a case."""
    key = request.state.form.pop("key", None)
    cases.record_outcome(case, fill(Outcome, request), caller, clinic, key)
    return go(f"/cases/{case}")


def names_of(caller: Asking, clinic: Wired) -> dict[str, str]:
    """Names of the clinic's users, by id."""
    with clinic.store.visit(caller.actor) as visit:
        return read_names(visit)
