"""Patients: found by number only, opened in an emergency for an hour, and gone for good once deleted."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from flexura.errors import AlreadyReviewed, Forbidden, GlassUnbroken, NotStored, StoreConflict, Undecipherable
from flexura.storage.auditlog import search
from flexura.storage.cases import create_case, read_case
from flexura.storage.database import begin
from flexura.storage.patients import (
    Identity,
    assign_care,
    count_emergencies,
    create_patient,
    delete_patient,
    find_patient,
    list_emergencies,
    list_patients,
    open_emergency,
    read_patient,
    release_care,
    review_emergency,
    update_patient,
)
from flexura.storage.store import Actor
from flexura.storage.tables import BROKEN_GLASS, DATA_KEYS, PATIENTS

JANE = Identity("MRN-47119-Quintessa", "Jane Doe", "2019-05-04")
REASON = "Seizure in the emergency room"


@pytest.fixture
def patient(do):
    return do("doctor", create_patient, JANE)


def test_a_patient_reads_back(do, patient):
    assert do("doctor", read_patient, patient) == JANE


def test_own_patients_are_listed_in_pages(do, patient):
    tim = do("doctor", create_patient, Identity("MRN-2", "Tim Roe"))
    do("other-doctor", create_patient, Identity("MRN-3", "Ann Poe"))
    first, second = sorted((patient, tim))
    (listed, identity), *rest = do("doctor", list_patients, limit=1)
    assert (listed, identity.name, rest) == (first, "Jane Doe" if first == patient else "Tim Roe", [])
    assert [row[0] for row in do("doctor", list_patients, after=first, limit=5)] == [second]
    assert do("admin", list_patients, limit=5) == ()


def test_a_patient_is_found_by_the_whole_number_only(do, patient):
    assert do("nurse", find_patient, "MRN-47119-Quintessa") == patient
    assert do("nurse", find_patient, "MRN-471") is None
    do("doctor", update_patient, patient, Identity("MRN-4712", "Jane Doe"))
    assert do("nurse", find_patient, "MRN-47119-Quintessa") is None
    assert do("nurse", find_patient, "MRN-4712") == patient


def test_a_number_is_one_patients(do, patient):
    with pytest.raises(StoreConflict):
        do("doctor", create_patient, Identity("MRN-47119-Quintessa", "John Doe"))


def test_a_care_team_takes_in_and_lets_go(do, patient):
    do("doctor", assign_care, patient, "nurse")
    do("doctor", assign_care, patient, "nurse")
    assert do("nurse", read_patient, patient) == JANE
    do("admin", release_care, patient, "nurse")
    with pytest.raises(Forbidden):
        do("nurse", read_patient, patient)


def test_an_emergency_opens_one_patient_for_an_hour_and_is_reviewed(store, do, patient, clock):
    closes = do("other-doctor", open_emergency, patient, REASON, second_factor_at=clock.now)
    assert closes == clock.now + timedelta(hours=1)
    assert do("other-doctor", read_patient, patient) == JANE
    with pytest.raises(Forbidden):
        do("other-doctor", update_patient, patient, JANE)
    with begin(store.engine) as connection:
        purposes = [event.purpose for event in search(connection, "clinic", user="other-doctor")]
    assert purposes == [None, "BTG", "BTG"]
    (waiting,) = do("auditor", lambda visit: list(list_emergencies(visit)))
    assert (waiting.user, waiting.patient, waiting.closes_at) == ("other-doctor", patient, closes)
    assert count_emergencies(store) == {"to_review": 1, "reviewed": 0}
    assert count_emergencies(store, tenant="elsewhere") == {"to_review": 0, "reviewed": 0}
    with pytest.raises(Forbidden):
        do("other-doctor", review_emergency, waiting.id)
    assert do("auditor", review_emergency, waiting.id) == REASON
    second = Actor("clinic", "second-auditor", "auditor")
    with pytest.raises(AlreadyReviewed):
        do(second, review_emergency, waiting.id)
    with begin(store.engine) as connection:
        (kept,) = connection.execute(select(BROKEN_GLASS.c.reviewed_by, BROKEN_GLASS.c.reviewed_at)).all()
        told = [(event.verb, event.outcome) for event in search(connection, "clinic", user=second.user)]
    assert (tuple(kept), told) == (("auditor", clock.now), [("glass.review", "failed")])
    assert do("auditor", lambda visit: list(list_emergencies(visit))) == []
    assert count_emergencies(store, tenant="clinic") == {"to_review": 0, "reviewed": 1}
    clock.move(hours=1)
    with pytest.raises(Forbidden):
        do("other-doctor", read_patient, patient)


def test_an_emergency_needs_its_reason_and_second_factor(do, patient, clock):
    with pytest.raises(GlassUnbroken):
        do("other-doctor", open_emergency, patient, "now", second_factor_at=clock.now)
    with pytest.raises(GlassUnbroken):
        do("other-doctor", open_emergency, patient, REASON, second_factor_at=None)
    with pytest.raises(Forbidden):
        do("nurse", open_emergency, patient, REASON, second_factor_at=clock.now)
    with pytest.raises(NotStored):
        do("auditor", review_emergency, "nothing")


def test_an_emergency_is_reviewed_after_its_patient_was_deleted(store, do, patient, actors, clock):
    do("other-doctor", open_emergency, patient, REASON, second_factor_at=clock.now)
    delete_patient(store, actors["admin"], patient)
    (waiting,) = do("auditor", lambda visit: list(list_emergencies(visit)))
    with pytest.raises(Forbidden):
        do("other-doctor", review_emergency, waiting.id)
    assert do("auditor", review_emergency, waiting.id) is None
    assert count_emergencies(store) == {"to_review": 0, "reviewed": 1}


def test_a_deleted_patient_cannot_be_read_again_from_any_copy(store, do, patient, actors, keep):
    other = do("doctor", create_patient, Identity("MRN-2", "John Roe"))
    case = do("doctor", create_case, patient, {"itch": 7})
    keep(case, b"photo")
    with begin(store.engine) as connection:
        sealed = connection.scalar(select(PATIENTS.c.sealed).where(PATIENTS.c.id == patient))
    with pytest.raises(Forbidden):
        delete_patient(store, actors["doctor"], patient)
    delete_patient(store, actors["admin"], patient)
    assert not list(store.folder.glob("??/*"))
    for verb, wanted in ((read_patient, patient), (read_case, case)):
        with pytest.raises(NotStored):
            do("doctor", verb, wanted)
    # The copy that somebody kept, put back into the row, and every key that is left:
    with begin(store.engine) as connection:
        connection.execute(PATIENTS.update().where(PATIENTS.c.id == patient).values(sealed=sealed, deleted_at=None))
        assert set(connection.scalars(select(DATA_KEYS.c.subject))) == {"tenant", other}
        connection.execute(DATA_KEYS.update().where(DATA_KEYS.c.subject == other).values(subject=patient))
    with pytest.raises((Undecipherable, Forbidden)):
        do("doctor", read_patient, patient)
    do("admin", assign_care, patient, "doctor")
    with pytest.raises(Undecipherable):
        do("doctor", read_patient, patient)


def test_a_deleted_patients_number_is_free(store, do, patient, actors):
    delete_patient(store, actors["admin"], patient)
    assert do("doctor", create_patient, JANE) != patient
