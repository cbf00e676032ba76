"""No permission, no key; no event, no commit; and the log shows every touch, refused and failed ones too."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from flexura.errors import Forbidden, KeyMissing, NotStored, Undecipherable
from flexura.security.keys import KeyRing, add_key, make_key
from flexura.storage import auditlog
from flexura.storage.cases import create_case, read_case, write_record
from flexura.storage.database import begin
from flexura.storage.datakeys import TENANT, open_key, rewrap_keys
from flexura.storage.patients import Identity, create_patient, read_patient
from flexura.storage.store import Actor
from flexura.storage.tables import AUDIT_ENTRIES, CASES, METADATA, PATIENTS
from flexura.storage.tenants import create_tenant, list_tenants

JANE = Identity("MRN-47119-Quintessa", "Jane Quintessa Doe", "2019-05-04")


@pytest.fixture
def patient(do):
    return do("doctor", create_patient, JANE)


def _events(store, **wanted):
    with begin(store.engine) as connection:
        return list(auditlog.search(connection, "clinic", **wanted))


def _findings(store, anchors=()):
    with begin(store.engine) as connection:
        key = open_key(connection, "clinic", TENANT, read_ring=store.read_ring)
        return {finding.code for finding in auditlog.verify(connection, key=key, anchors=anchors)}


def test_one_touch_is_one_event_in_the_same_transaction(store, do, patient):
    case = do("doctor", create_case, patient, {"itch": 7})
    do("doctor", read_case, case)
    events = _events(store)
    assert [(event.verb, event.outcome) for event in events] == [
        ("patient.create", "success"), ("case.create", "success"), ("case.read", "success"),
    ]  # fmt: skip
    last = events[-1]
    assert (last.user, last.role, last.patient, last.entity) == ("doctor", "clinician", patient, f"cases/{case}")
    assert (last.address, last.purpose, last.at) == ("192.0.2.7", "TREAT", store.clock())
    assert _findings(store) == set()


def test_a_patients_key_is_opened_once_a_transaction_and_every_touch_still_permitted_and_on_record(store, patient):
    asked = []
    counting = replace(store, read_ring=lambda: asked.append(1) or store.read_ring())
    doctor = Actor("clinic", "doctor", "clinician")
    before = len(_events(store))
    with counting.visit(doctor) as visit:
        first, second = (visit.touch("patient.read", patient, f"patients/{patient}") for _ in range(2))
        assert (first, len(asked)) == (second, 1)
    assert len(_events(store)) == before + 2
    with counting.visit(doctor) as visit:
        visit.touch("patient.read", patient, f"patients/{patient}")
        stranger = replace(visit, actor=replace(doctor, user="stranger"))
        with pytest.raises(Forbidden):
            stranger.touch("patient.read", patient, f"patients/{patient}")


def test_in_a_persons_transaction_a_program_has_its_own_rights_and_its_own_events(store, do, patient):
    case = do("doctor", create_case, patient, {})
    doctor, program = Actor("clinic", "doctor", "clinician"), Actor("clinic", "service", "worker")
    with store.visit(doctor) as visit:
        visit.touch("case.read", patient, f"cases/{case}")
        write_record(visit.in_name_of(program), "assessment", case, {"answer": 1})
        with pytest.raises(Forbidden):
            visit.touch("assessment.run", patient, f"cases/{case}")
        visit.touched.pop()  # of what was just refused
    last = [(event.verb, event.user, event.role, event.outcome) for event in _events(store)[-2:]]
    assert last == [
        ("case.read", "doctor", "clinician", "success"), ("assessment.run", "service", "worker", "success"),
    ]  # fmt: skip
    assert _findings(store) == set()
    with store.visit(doctor) as visit, pytest.raises(AssertionError):
        visit.in_name_of(replace(program, tenant="another"))


def test_what_is_rolled_back_leaves_no_data_and_is_on_record_as_failed(store, do, patient):
    before = _events(store)
    with pytest.raises(ZeroDivisionError):
        do("doctor", lambda visit: (create_case(visit, patient, {}), 1 / 0))
    *earlier, failed = _events(store)
    assert (earlier, failed.verb, failed.outcome) == (before, "case.create", "failed")
    assert failed.reason == "internal_error"
    with begin(store.engine) as connection:
        assert connection.execute(select(CASES)).all() == []


def test_without_an_audit_log_nothing_is_stored(store, patient, monkeypatch, actors):
    def fail(*_, **__):
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr("flexura.storage.store.append_events", fail)
    with pytest.raises(RuntimeError), store.visit(actors["doctor"]) as visit:
        create_case(visit, patient, {})
    with begin(store.engine) as connection:
        assert connection.execute(select(CASES)).all() == []


def test_a_refused_touch_gives_nothing_and_is_on_record(store, do, patient):
    for actor in ("other-doctor", "nurse", "auditor", "admin", "researcher"):
        with pytest.raises(Forbidden):
            do(actor, read_patient, patient)
    refused = [event for event in _events(store, patient=patient) if event.outcome == "refused"]
    assert [event.user for event in refused] == ["other-doctor", "nurse", "auditor", "admin", "researcher"]
    assert {event.reason for event in refused} == {"forbidden"}
    assert _findings(store) == set()


def test_a_researcher_gets_no_key_even_where_the_table_lets_them_in(do, patient):
    with pytest.raises(Forbidden, match="de-identified"):
        do("researcher", lambda visit: visit.touch("research.export", patient, "cases/all"))


def test_a_token_does_no_more_than_its_scopes(do, patient):
    narrow = Actor("clinic", "doctor", "clinician", scopes=frozenset({"case.create"}))
    assert do(narrow, create_case, patient, {})
    with pytest.raises(Forbidden):
        do(narrow, read_patient, patient)


def test_another_tenants_patient_is_not_there(store, do, patient):
    create_tenant(store, "practice")
    assert list_tenants(store) == ("clinic", "practice")
    case = do("doctor", create_case, patient, {})
    stranger = Actor("practice", "doctor", "clinician")
    with pytest.raises(NotStored):
        do(stranger, read_patient, patient)
    with pytest.raises(NotStored):
        do(stranger, read_case, case)
    with pytest.raises(NotStored):
        do(stranger, write_record, "outcome", case, {})


def test_swapped_ciphertexts_fail_and_the_attempt_is_on_record(store, do, patient):
    first, second = (do("doctor", create_case, patient, {"case": number}) for number in (1, 2))
    with begin(store.engine) as connection:
        sealed = dict(connection.execute(select(CASES.c.id, CASES.c.sealed)).all())
        for case, other in ((first, second), (second, first)):
            connection.execute(update(CASES).where(CASES.c.id == case).values(sealed=sealed[other]))
    with pytest.raises(Undecipherable):
        do("doctor", read_case, first)
    assert _events(store)[-1].outcome == "failed"


def test_an_older_ciphertext_put_back_fails(store, do, patient):
    from flexura.storage.patients import update_patient

    with begin(store.engine) as connection:
        old = connection.scalar(select(PATIENTS.c.sealed))
    do("doctor", update_patient, patient, Identity("MRN-47119-Quintessa", "Jane Quintessa Roe"))
    assert do("doctor", read_patient, patient).name == "Jane Quintessa Roe"
    with begin(store.engine) as connection:
        connection.execute(update(PATIENTS).values(sealed=old))
    with pytest.raises(Undecipherable):
        do("doctor", read_patient, patient)


def test_the_stored_log_shows_what_was_done_to_it(store, do, patient):
    with begin(store.engine) as connection:
        anchor = auditlog.current_checkpoint(connection, "clinic")
    do("doctor", read_patient, patient)
    do("doctor", read_patient, patient)
    assert _findings(store, [anchor]) == set()
    with begin(store.engine) as connection:
        last = AUDIT_ENTRIES.c.number == 3
        connection.execute(AUDIT_ENTRIES.delete().where(last))
    assert _findings(store) == {"truncated"}


def test_events_are_found_by_patient_user_and_time(store, do, patient, clock):
    clock.move(hours=1)
    do("doctor", read_patient, patient)
    assert len(_events(store, patient=patient)) == 2
    assert len(_events(store, user="doctor", since=clock.now)) == 1
    assert len(_events(store, until=clock.now)) == 1
    assert _events(store, user="nurse") == []


def test_rotation_needs_no_pause_and_then_no_old_key(store, do, patient, keys):
    old = keys.ring
    keys.ring = add_key(old, bytes(range(5, 250, 8)) + b"\xfe")
    assert do("doctor", read_patient, patient) == JANE
    assert rewrap_keys(store.engine, read_ring=keys, randomness=store.randomness) == 2
    assert rewrap_keys(store.engine, read_ring=keys, randomness=store.randomness) == 0
    keys.ring = KeyRing(keys.ring.current)
    assert do("doctor", read_patient, patient) == JANE
    assert _findings(store) == set()
    keys.ring = KeyRing(make_key(old.current.secret))
    with pytest.raises(KeyMissing):
        do("doctor", read_patient, patient)


def test_nothing_planted_can_be_read_in_the_database(store, do):
    planted = [f"Zyxw{number:04d}" for number in range(40)]
    for word in planted:
        patient = do("doctor", create_patient, Identity(f"MRN{word}", f"{word} Doe", word))
        case = do("doctor", create_case, patient, {"note": word})
        do("doctor", write_record, "outcome", case, {"note": word})
    with begin(store.engine) as connection:
        dump = [repr(tuple(row)) for table in METADATA.sorted_tables for row in connection.execute(select(table))]
    assert len(dump) > 200
    assert not [word for word in planted for line in dump if word in line]
    if store.engine.dialect.name == "sqlite":
        disk = b"".join(path.read_bytes() for path in store.folder.parent.glob("clinic.db*"))
        assert not [word for word in planted if word.encode() in disk]
