"""Patients: admitted, found by number, listed, read, exported, deleted; their care team and emergency access."""

import logging
from datetime import datetime
from typing import Annotated

from fastapi import Query

from flexura.service.auth import Asking
from flexura.service.cases import Key, show_case, show_records
from flexura.service.clinic import Wired
from flexura.service.forms import (
    Emergency,
    Export,
    ExportedCase,
    Found,
    Id,
    Made,
    Number,
    OpenedEmergency,
    Patient,
    Patients,
    Person,
)
from flexura.storage import patients
from flexura.storage.cases import list_cases, read_case
from flexura.storage.patients import Identity
from flexura.storage.requests import make_once
from flexura.storage.store import Visit

_PAGE = 50

_log = logging.getLogger("flexura.service")


def create_patient(form: Person, caller: Asking, clinic: Wired, idempotency_key: Key = None) -> Made:
    """Admit a patient; whoever admits joins the care team."""
    identity = Identity(form.number, form.name, form.born.isoformat() if form.born else None)
    with clinic.store.visit(caller.actor) as visit:
        body = form.model_dump_json().encode()
        made = make_once(visit, "patients", idempotency_key, body, lambda: patients.create_patient(visit, identity))
    return Made(id=made)


def find_patient(form: Number, caller: Asking, clinic: Wired) -> Found:
    """Find a patient by the whole number; the number stays out of addresses and their logs."""
    with clinic.store.visit(caller.actor) as visit:
        return Found(id=patients.find_patient(visit, form.number))


def list_patients(
    caller: Asking,
    clinic: Wired,
    limit: Annotated[int, Query(ge=1, le=_PAGE)] = _PAGE,
    after: Id | None = None,
) -> Patients:
    """List the patients in whose care team the caller is."""
    with clinic.store.visit(caller.actor) as visit:
        rows = patients.list_patients(visit, after=after or "", limit=limit)
    items = [_show(patient, identity) for patient, identity in rows]
    return Patients(items=items, next=items[-1].id if len(items) == limit else None)


def read_patient(patient: Id, caller: Asking, clinic: Wired) -> Patient:
    """Read who a patient is."""
    with clinic.store.visit(caller.actor) as visit:
        return _show(patient, patients.read_patient(visit, patient))


def delete_patient(patient: Id, caller: Asking, clinic: Wired) -> None:
    """Destroy the patient's key, so that nothing of the patient can ever be read again."""
    patients.delete_patient(clinic.store, caller.actor, patient)


def export_patient(patient: Id, caller: Asking, clinic: Wired) -> Export:
    """Export all of a patient; the photos' files are fetched by their ids."""
    with clinic.store.visit(caller.actor) as visit:
        visit.admit("patient.export", patient, f"patients/{patient}")
        identity = patients.read_patient(visit, patient)
        cases = [_export_case(visit, case) for case in list_cases(visit, patient)]
        return Export(exported_at=visit.now, patient=_show(patient, identity), cases=cases)


def assign_care(patient: Id, user: Id, caller: Asking, clinic: Wired) -> None:
    """Put a user into the patient's care team."""
    with clinic.store.visit(caller.actor) as visit:
        patients.assign_care(visit, patient, user)


def release_care(patient: Id, user: Id, caller: Asking, clinic: Wired) -> None:
    """Take a user out of the patient's care team."""
    with clinic.store.visit(caller.actor) as visit:
        patients.release_care(visit, patient, user)


def open_emergency(
    patient: Id, form: Emergency, caller: Asking, clinic: Wired, idempotency_key: Key = None
) -> OpenedEmergency:
    """Break the glass: look at a patient of others for an hour, on record, told at once and reviewed."""
    second_factor_at = caller.session.second_factor_at if caller.session else None
    with clinic.store.visit(caller.actor) as visit:

        def open_one() -> str:
            closes_at = patients.open_emergency(visit, patient, form.reason, second_factor_at=second_factor_at)
            _log.warning("An emergency access was opened; it waits for review.")
            return closes_at.isoformat()

        name, body = f"patients/{patient}/emergency", form.model_dump_json().encode()
        closes_at = make_once(visit, name, idempotency_key, body, open_one)
    return OpenedEmergency(closes_at=datetime.fromisoformat(closes_at))


def _show(patient: str, identity: Identity) -> Patient:
    return Patient.model_validate({"id": patient, **vars(identity)})


def _export_case(visit: Visit, case: str) -> ExportedCase:
    shown = show_case(read_case(visit, case))
    return ExportedCase(
        **dict(shown),
        assessments=show_records(visit, "assessment", case),
        reviews=show_records(visit, "review", case),
        outcomes=show_records(visit, "outcome", case),
    )
