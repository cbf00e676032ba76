"""What monitoring reads of a store: answers with reviews and outcomes, by day, by role, one touch per patient."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from flexura.errors import Forbidden
from flexura.storage.auditlog import search
from flexura.storage.cases import add_photo, create_case, write_photo, write_record
from flexura.storage.database import begin
from flexura.storage.jobs import request_assessment
from flexura.storage.patients import Identity, create_patient, delete_patient
from flexura.storage.signals import Period, read_signals
from flexura.storage.store import Actor
from flexura.storage.tables import ASSESSMENTS

ADMIN, DOCTOR, WORKER = (
    Actor("clinic", name, role) for name, role in (("a", "administrator"), ("d", "clinician"), ("w", "worker"))
)


def answer(store, patient, *, age=6):
    with store.visit(DOCTOR) as visit:
        case = create_case(visit, patient, {"age_years": age})
    stored = {
        "assessment": {"schema": "flexura.assessment/1", "severity": {"iga": {"expected": 2.0}}},
        "context": {"age_years": age},
        "resources": {"peak_memory_mb": 200.0, "waited_ms": 1.0},
    }
    with store.visit(WORKER) as visit:
        return case, write_record(visit, "assessment", case, stored, about="photo")


@pytest.fixture
def patient(store):
    with store.visit(DOCTOR) as visit:
        return create_patient(visit, Identity("MRN-4711", "Jane Doe"))


def _photo(store, case):
    with write_photo(store, DOCTOR, case, b"photo") as written, store.visit(DOCTOR) as visit:
        return add_photo(visit, written)


def whole(clock):
    return Period(clock.now - timedelta(days=1), clock.now + timedelta(days=1))


def test_answers_come_with_what_people_said_of_them(store, clock, patient):
    period = whole(clock)
    case, first = answer(store, patient)
    with store.visit(DOCTOR) as visit:
        said = {"agrees": False, "diagnosis": "psoriasis", "iga": 3, "note": "SECRET"}
        write_record(visit, "review", case, said, about=first)
        for day, iga in (("2026-03-31", 1), ("2026-03-11", 2), ("2026-02-01", 4)):
            write_record(visit, "outcome", case, {"observed_on": day, "diagnosis": None, "iga": iga, "note": "SECRET"})
    clock.move(days=2)
    answer(store, patient, age=30)  # after the period
    (seen,) = read_signals(store, ADMIN, period).answers
    assert (seen.patient, seen.on.isoformat(), seen.truth, seen.iga) == (patient, "2026-03-01", "psoriasis", 3)
    assert [(each.days, each.iga) for each in seen.outcomes] == [(10, 2), (30, 1)]  # none from before the answer
    assert (seen.document["context"]["age_group"], seen.document["resources"]["peak_memory_mb"]) == ("child", 200.0)
    assert "SECRET" not in str(vars(seen))


def test_each_patient_is_one_touch_in_the_log(store, clock, patient):
    for _ in range(3):
        answer(store, patient)
    with begin(store.engine) as connection:
        before = len(list(search(connection, "clinic")))
    assert len(read_signals(store, ADMIN, whole(clock)).answers) == 3
    with begin(store.engine) as connection:
        events = list(search(connection, "clinic"))[before:]
    assert [(event.verb, event.role, event.patient) for event in events] == [
        ("monitoring.run", "administrator", None),
        ("monitoring.read", "worker", patient),
    ]


def test_only_administrators_and_auditors_may_ask(store, clock, patient):
    answer(store, patient)
    for role in ("clinician", "nurse", "researcher"):
        with pytest.raises(Forbidden):
            read_signals(store, Actor("clinic", "x", role), whole(clock))
    assert read_signals(store, Actor("clinic", "x", "auditor"), whole(clock)).answers


def test_deleted_patients_and_other_tenants_are_not_read(store, clock, patient):
    answer(store, patient)
    delete_patient(store, ADMIN, patient)
    with begin(store.engine) as connection:
        assert connection.scalars(select(ASSESSMENTS.c.id)).all()
    assert read_signals(store, ADMIN, whole(clock)).answers == ()


def test_jobs_that_are_left_are_counted(store, clock, patient, do):
    case, _ = answer(store, patient)
    do(DOCTOR, request_assessment, _photo(store, case))
    assert read_signals(store, ADMIN, whole(clock)).queue == {"queued": 1}
