"""Jobs: each has one result, also when its workers are killed in the middle of it (real processes, kill -9)."""

import json
import random
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from flexura.errors import Forbidden, LeaseLost, NotStored, ServiceBusy, StoreConflict
from flexura.security.keyfile import create_key_file
from flexura.storage.answers import Answer
from flexura.storage.auditlog import search
from flexura.storage.cases import create_case, read_case, read_records
from flexura.storage.database import begin
from flexura.storage.jobs import (
    MOST_ATTEMPTS,
    cancel_job,
    count_jobs,
    fail_job,
    finish_job,
    read_job,
    request_assessment,
    take_job,
)
from flexura.storage.patients import Identity, create_patient, open_emergency
from flexura.storage.tables import ASSESSMENTS, AUDIT_ENTRIES, JOBS

ANSWER = Answer({"schema": "flexura.assessment/1"}, "a" * 64, reused=False)
PROBLEM = {"code": "not_an_image", "red_flags": ["Eczema herpeticum."]}


@pytest.fixture
def case(do):
    patient = do("doctor", create_patient, Identity("MRN-1", "Jane Doe"))
    return do("doctor", create_case, patient, {})


@pytest.fixture
def job(do, case, keep):
    return do("doctor", request_assessment, keep(case, b"photo"))


def test_a_job_is_asked_for_taken_and_done(store, do, case, job):
    taken = take_job(store, "w1")
    assert (taken.id, taken.attempt, taken.actor.role, taken.actor.tenant) == (job, 1, "worker", "clinic")
    assert take_job(store, "w2") is None
    result = do(taken.actor, finish_job, taken, ANSWER)
    state = do("doctor", read_job, job)
    assert (state.state, state.result, state.error_code) == ("done", result, None)
    (record,) = do("doctor", read_records, "assessment", case)
    assert (record.id, record.about, record.created_by) == (result, taken.photo, "w1")
    assert count_jobs(store) == {"done": 1}


def test_a_late_worker_is_not_heard(store, do, case, job, clock):
    first = take_job(store, "w1", lease=timedelta(seconds=10))
    clock.move(seconds=10)
    second = take_job(store, "w2")
    assert second.attempt == 2
    for verb, brought in ((finish_job, ANSWER), (fail_job, PROBLEM)):
        with pytest.raises(LeaseLost):
            do(first.actor, verb, first, brought)
    do(second.actor, finish_job, second, ANSWER)
    with pytest.raises(LeaseLost):
        do(second.actor, finish_job, second, ANSWER)
    assert len(do("doctor", read_records, "assessment", case)) == 1


def test_a_job_that_kills_its_workers_is_given_up(store, do, job, clock):
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert take_job(store, "w").attempt == attempt
        clock.move(minutes=2)
    assert take_job(store, "w") is None
    state = do("doctor", read_job, job)
    assert (state.state, state.error_code) == ("failed", "worker_died")


def test_a_job_that_cannot_be_done_says_why_to_who_may_look(store, do, job):
    taken = take_job(store, "w1")
    do(taken.actor, fail_job, taken, PROBLEM)
    state = do("doctor", read_job, job)
    assert (state.state, state.error_code, state.problem) == ("failed", "not_an_image", PROBLEM)
    assert take_job(store, "w1") is None
    with begin(store.engine) as connection:
        assert b"herpeticum" not in connection.scalar(select(JOBS.c.sealed))


def test_a_cancelled_job_is_never_taken_and_its_result_not_either(store, do, case, job, keep):
    do("doctor", cancel_job, job)
    do("doctor", cancel_job, job)
    assert (take_job(store, "w1"), do("doctor", read_job, job).state) == (None, "cancelled")
    running = do("doctor", request_assessment, keep(case, b"other photo"))
    taken = take_job(store, "w1")
    do("doctor", cancel_job, running)
    with pytest.raises(LeaseLost):
        do(taken.actor, finish_job, taken, ANSWER)
    assert do("doctor", read_records, "assessment", case) == ()
    assert count_jobs(store) == {"cancelled": 2}


def test_what_has_ended_is_not_cancelled(store, do, job):
    taken = take_job(store, "w1")
    do(taken.actor, finish_job, taken, ANSWER)
    with pytest.raises(StoreConflict):
        do("doctor", cancel_job, job)
    assert do("doctor", read_job, job).state == "done"


def test_a_full_list_takes_no_more(store, do, case, job, keep):
    photo = keep(case, b"other photo")
    with pytest.raises(ServiceBusy):
        do("doctor", request_assessment, photo, most_waiting=1)
    do("doctor", cancel_job, job)
    do("doctor", request_assessment, photo, most_waiting=1)


def test_the_oldest_job_comes_first(store, do, case, clock, keep):
    jobs = []
    for number in range(3):
        jobs.append(do("doctor", request_assessment, keep(case, b"%d" % number)))
        clock.move(seconds=1)
    assert count_jobs(store) == {"queued": 3}
    assert [take_job(store, "w").id for _ in jobs] == jobs


def test_strangers_neither_ask_nor_look(do, job):
    with pytest.raises(Forbidden):
        do("other-doctor", read_job, job)
    with pytest.raises(Forbidden):
        do("other-doctor", cancel_job, job)
    for verb in (read_job, cancel_job):
        with pytest.raises(NotStored):
            do("doctor", verb, "nothing")
    with pytest.raises(NotStored):
        do("doctor", request_assessment, "nothing")


def test_broken_glass_opens_looking_at_a_job_and_asks_for_none(store, do, case, keep, clock):
    photo = keep(case, b"photo")
    job = do("doctor", request_assessment, photo)
    patient = do("doctor", read_case, case).patient
    do("other-doctor", open_emergency, patient, "Seizure in the emergency room", second_factor_at=clock())
    assert do("other-doctor", read_job, job).state == "queued"
    with pytest.raises(Forbidden):
        do("other-doctor", request_assessment, photo)
    with begin(store.engine) as connection:
        *_, looked, asked = search(connection, "clinic", user="other-doctor")
    assert (looked.verb, looked.outcome, looked.purpose) == ("assessment.read", "success", "BTG")
    assert (asked.verb, asked.outcome, asked.purpose) == ("assessment.request", "refused", "BTG")
    clock.move(hours=1)
    with pytest.raises(Forbidden):
        do("other-doctor", read_job, job)


# A worker as a program of its own: takes jobs, reads the photo, thinks for a while, writes the answer.
WORKER = """
import json, os, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from flexura.errors import FlexuraError
from flexura.security.keyfile import read_key_file
from flexura.storage.answers import Answer
from flexura.storage.cases import read_photo
from flexura.storage.database import open_database
from flexura.storage.jobs import finish_job, take_job
from flexura.storage.store import Store
url, folder, key, name = sys.argv[1:]
store = Store(open_database(url), Path(folder), lambda: read_key_file(Path(key)), lambda: datetime.now(UTC), os.urandom)
while True:
    job = take_job(store, name, lease=timedelta(seconds=2))
    if job is None:
        time.sleep(0.05)
        continue
    try:
        with store.visit(job.actor) as visit:
            content = read_photo(visit, job.photo)
        time.sleep(0.02)
        with store.visit(job.actor) as visit:
            finish_job(visit, job, Answer({"content": content.decode()}, "a" * 64, reused=False))
    except FlexuraError:
        pass
"""


@pytest.mark.slow
def test_every_job_has_one_result_when_workers_are_killed(store, do, case, keys, clock, keep):
    clock.now = clock.now.now(clock.now.tzinfo)
    key_file = store.folder.parent / "keys"
    create_key_file(key_file, keys.ring)
    wanted = {f"photo {number}" for number in range(40)}
    for text in sorted(wanted):
        do("doctor", request_assessment, keep(case, text.encode()))
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", WORKER, url, str(store.folder), str(key_file)]
    chance, workers, kills = random.Random(7), {}, 0
    end = time.monotonic() + 200
    try:
        while _unfinished(store) and time.monotonic() < end:
            for name in ("w1", "w2"):
                if name not in workers:
                    workers[name] = subprocess.Popen([*command, name])
            time.sleep(0.3)
            if kills < 8 and _busy(store):
                victim = workers.pop(chance.choice(["w1", "w2"]))
                victim.kill()  # signal 9
                victim.wait()
                kills += 1
    finally:
        for worker in workers.values():
            worker.kill()
            worker.wait()
    assert kills >= 3
    results = [record.document["content"] for record in do("doctor", read_records, "assessment", case)]
    assert sorted(results) == sorted(wanted)
    with begin(store.engine) as connection:
        texts = connection.scalars(select(AUDIT_ENTRIES.c.text)).all()
        assert connection.scalar(select(func.count()).select_from(ASSESSMENTS)) == 40
    written = [json.loads(text) for text in texts if '"assessment.run"' in text]
    assert len([event for event in written if event["outcome"] == "success"]) == 40


def _unfinished(store) -> bool:
    with begin(store.engine) as connection:
        return bool(connection.scalar(select(func.count()).select_from(JOBS).where(JOBS.c.state != "done")))


def _busy(store) -> bool:
    with begin(store.engine) as connection:
        return bool(connection.scalar(select(func.count()).select_from(JOBS).where(JOBS.c.state == "leased")))
