#!/usr/bin/env python3
"""How long the worklist takes with 10,000 cases, and how much each page weighs without photos.

    .venv/bin/python benchmarks/worklist.py [--cases 10000] [--database sqlite|postgresql] [--plans]

A store in a temporary folder, one clinician, five cases a patient; the older nine in ten are assessed and reviewed, of
the rest two in five assessed. Requests go through the whole application in this process. Milliseconds of server time:
median and worst of ten requests after one to warm up; beside it the question that chooses the rows, by itself, whose
plan `--plans` shows.
"""

import argparse
import base64
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from clinic import open_database, temporary_folder
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from flexura.intake.read import read_photo
from flexura.security.passwords import HashCost
from flexura.service.app import make_app
from flexura.service.clinic import Clinic, make_assessor, make_read
from flexura.service.demo import VISITS, fill_demo
from flexura.settings import Secret, build_predictor, open_store, read_settings
from flexura.storage.cases import create_case, write_record
from flexura.storage.credentials import Credentials, sign_in
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor, Store
from flexura.storage.users import recognise_session
from flexura.storage.worklist import list_work

_PASSWORD = "seven green ladders"  # noqa: S105  # of a store that is gone afterwards
_CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
_PER_PATIENT, _REPEATS = 5, 10


def main() -> None:
    """Fill a store, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--plans", action="store_true")
    asked = parser.parse_args()
    with _running(asked.database) as clinic:
        actor = _sign_in(clinic.store)
        begun = time.perf_counter()
        _fill(clinic.store, actor, asked.cases)
        _analyse(clinic.store.engine)
        print(f"{asked.database}: filled with {asked.cases} cases in {time.perf_counter() - begun:.0f} s")
        with TestClient(make_app(clinic), base_url="https://clinic.test") as browser:
            browser.post("/sign-in", data={"name": "clinician", "password": _PASSWORD})
            _report(browser, clinic.store, actor, plans=asked.plans)


@contextmanager
def _running(database: str) -> Iterator[Clinic]:
    with temporary_folder() as folder, open_database(database, folder) as cluster:
        key = Secret(base64.b64encode(os.urandom(32)).decode())
        settings = replace(read_settings({}), data_dir=folder / "clinic", master_key=key)
        if cluster:
            settings = replace(settings, database=Secret(cluster.address))
        store, predictor = open_store(settings), build_predictor(settings)
        assessor = make_assessor(predictor, [read_photo], preparation=None)
        clinic = Clinic(store, make_read([read_photo]), assessor, photo_bytes=20_000_000, hash_cost=_CHEAP)
        fill_demo(clinic, _PASSWORD)
        yield clinic
        store.engine.dispose()


def _sign_in(store: Store) -> Actor:
    issued = sign_in(store, Credentials("clinic", "clinician", _PASSWORD), cost=_CHEAP)
    return recognise_session(store, issued.secret)[0]


def _fill(store: Store, actor: Actor, cases: int) -> None:
    """A clinic's day in each visit: a hundred patients, five cases each."""
    program, old = replace(actor, user="service", role="worker"), cases * 9 // 10
    for first in range(0, cases, 100 * _PER_PATIENT):
        made = []
        with store.visit(actor) as visit:
            for number in range(first, min(first + 100 * _PER_PATIENT, cases), _PER_PATIENT):
                patient = create_patient(visit, Identity(f"N-{number}", f"Patient {number}", "1990-01-01"))
                made += [create_case(visit, patient, {"age_years": 36, "site": "neck"}) for _ in range(_PER_PATIENT)]
        with store.visit(program) as visit:
            for case in made if first < old else made[::5] + made[1::5]:
                write_record(visit, "assessment", case, {"assessment": {}, "context": {}})
        if first < old:
            with store.visit(actor) as visit:
                for case in made:
                    write_record(visit, "review", case, {"agrees": True})


def _analyse(engine: Engine) -> None:
    """PostgreSQL counts its rows by itself within a minute; SQLite only where it is asked to, and nobody does."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _report(browser: TestClient, store: Store, actor: Actor, *, plans: bool) -> None:
    with store.visit(actor) as visit:
        rows = list_work(visit, status=None, after=None, limit=50)
        middle = list_work(visit, status=None, after=None, limit=5000)[-1].case
    demo = next(row.case for row in rows if row.status == "assessed")
    assert rows[0].identity.number == VISITS[0].number, "the demo's cases are the oldest"
    paths = {
        "worklist, first page": "/?status=all",
        "worklist, to do": "/",
        "worklist, from the middle on": f"/?status=all&after={middle}",
        "worklist, waiting": "/?status=waiting",
        "worklist, assessed": "/?status=assessed",
        "worklist, reviewed": "/?status=reviewed",
        "assessment": f"/cases/{demo}",
        "course": f"/patients/{rows[0].patient}/course",
        "sign-in": "/sign-in",
    }
    assets = sum(len(browser.get(f"/static/{name}").content) for name in ("app.css", "app.js", "view.js", "brush.js"))
    print(f"style and scripts: {assets / 1024:.1f} KiB")
    print(
        "| page | server time, median / worst (ms) | choosing the rows (ms) | HTML (KiB) |\n| --- | --- | --- | --- |"
    )
    for name, path in paths.items():
        times, size = _time(browser, path)
        question = _time_question(browser, store.engine, path, plans=plans)
        print(f"| {name} | {statistics.median(times):.0f} / {max(times):.0f} | {question} | {size / 1024:.1f} |")


def _time_question(browser: TestClient, engine: Engine, path: str, *, plans: bool) -> str:
    """Time the question that chooses the worklist's rows, if the page asks it, by itself."""
    asked: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if "care_teams.user_id" in statement and "LIMIT" in statement:
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    browser.get(path)
    event.remove(engine, "before_cursor_execute", note)
    if not asked:
        return ""
    times, (statement, parameters) = [], asked[0]
    with engine.begin() as connection:
        for _ in range(_REPEATS + 1):
            begun = time.perf_counter()
            connection.exec_driver_sql(statement, parameters).all()
            times.append(1000 * (time.perf_counter() - begun))
        if plans:
            word = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
            print("\n".join(f"    {row[-1]}" for row in connection.exec_driver_sql(f"{word} {statement}", parameters)))
    return f"{statistics.median(times[1:]):.1f}"


def _time(browser: TestClient, path: str) -> tuple[list[float], int]:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    times = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        browser.get(path)
        times.append(1000 * (time.perf_counter() - begun))
    return times, len(answer.content)


if __name__ == "__main__":
    main()
