"""The worklist: whose cases, in which order, what it puts on record, and that it asks little for each case."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event

from flexura.storage.auditlog import search
from flexura.storage.cases import create_case, write_record
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor
from flexura.storage.worklist import list_work

MARIA, OTHER = Actor("clinic", "maria", "clinician"), Actor("clinic", "other", "clinician")


def _fill(store, clock, *, patients, cases):
    made = []
    for number in range(patients):
        clock.now += timedelta(minutes=1)
        with store.visit(MARIA) as visit:
            patient = create_patient(visit, Identity(f"M-{number}", f"Patient {number}"))
            made += [create_case(visit, patient, {"site": "neck"}) for _ in range(cases)]
    return made


def _list(store, **asked):
    with store.visit(MARIA) as visit:
        return list_work(visit, **{"status": None, "after": None, "limit": 50} | asked)


def test_own_cases_come_oldest_first_a_page_at_a_time(store, clock):
    _fill(store, clock, patients=3, cases=2)
    with store.visit(OTHER) as visit:
        create_case(visit, create_patient(visit, Identity("M-9", "of another")), {})
    rows = _list(store)
    assert [row.identity.number for row in rows] == ["M-0", "M-0", "M-1", "M-1", "M-2", "M-2"]
    assert {row.site for row in rows} == {"neck"}
    first = _list(store, limit=4)
    assert first + _list(store, after=first[-1].case) == rows


@pytest.mark.parametrize("status", ["waiting", "assessed", "reviewed"])
def test_a_status_shows_its_cases_only(store, clock, status):
    cases = dict(zip(("reviewed", "assessed", "waiting"), _fill(store, clock, patients=3, cases=1), strict=True))
    with store.visit(Actor("clinic", "service", "worker")) as visit:
        for told in ("reviewed", "assessed"):
            write_record(visit, "assessment", cases[told], {})
    with store.visit(MARIA) as visit:
        write_record(visit, "review", cases["reviewed"], {"agrees": True})
    assert [(row.case, row.status) for row in _list(store, status=status)] == [(cases[status], status)]
    assert [row.status for row in _list(store, status="open")] == ["assessed", "waiting"]
    assert [row.status for row in _list(store)] == ["reviewed", "assessed", "waiting"]


def test_a_page_is_chosen_without_reading_what_the_other_cases_hold(store, clock):
    if store.engine.dialect.name != "sqlite":
        return  # PostgreSQL goes by how many rows there are: benchmarks/worklist.py --plans
    first, *_ = _fill(store, clock, patients=2, cases=2)
    asked = []

    def note(_, __, statement, parameters, *___):
        if "LIMIT" in statement and "care_teams" in statement:
            asked.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    for status in (None, "open", "waiting", "assessed", "reviewed"):
        _list(store, status=status, after=first)
    event.remove(store.engine, "before_cursor_execute", note)
    assert len(asked) == 5
    with store.engine.begin() as connection:
        for statement, parameters in asked:
            plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert "SEARCH cases USING COVERING INDEX ix_cases_patient_created_at_id" in " ".join(plan)
            assert "SCAN cases" not in plan


def test_every_case_is_on_record_and_every_patient_once(store, clock):
    cases = _fill(store, clock, patients=2, cases=3)
    clock.now += timedelta(minutes=1)
    _list(store)
    with store.engine.begin() as connection:
        told = list(search(connection, "clinic", since=clock.now))
    assert Counter(row.verb for row in told) == {"case.read": 6, "patient.read": 2}
    assert {row.entity for row in told if row.verb == "case.read"} == {f"cases/{case}" for case in cases}


def test_a_case_costs_three_questions_and_a_patient_four(store, clock):
    _fill(store, clock, patients=5, cases=4)
    asked = []

    def note(connection, cursor, statement, *_):
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    _list(store)
    event.remove(store.engine, "before_cursor_execute", note)
    questions = [statement for statement in asked if statement.lstrip().startswith("SELECT")]
    assert len(questions) <= 20 * 3 + 5 * 4 + 3  # the list itself, and the log's head with its key
    assert sum(statement.startswith("INSERT INTO audit_entries") for statement in asked) == 1
