"""Workers: what they do with a job, and real ones killed, taken over from, and told to stop."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.errors import DatabaseUnavailable, LeaseLost
from flexura.inference.bundle import load_bundle
from flexura.inference.gathering import Batching
from flexura.inference.predictor import Predictor
from flexura.intake.read import read_photo
from flexura.security.keyfile import create_key_file
from flexura.security.keys import KeyRing, make_key
from flexura.service.clinic import make_assessor
from flexura.service.workers import do_job, run_workers
from flexura.storage import cases, jobs
from flexura.storage.answers import Answer
from flexura.storage.database import begin, open_database, upgrade
from flexura.storage.objects import prepare_folder
from flexura.storage.patients import Identity, create_patient, delete_patient
from flexura.storage.store import Actor, Store
from flexura.storage.tables import ASSESSMENTS, JOBS
from flexura.storage.tenants import create_tenant

DOCTOR = Actor("clinic", "doctor", "clinician")


def _ask(store, content, patient=None):
    """Store a case with a photo and ask for its assessment."""
    with store.visit(DOCTOR) as visit:
        patient = patient or create_patient(visit, Identity(f"MRN-{store.make_id()}", "Jane Doe"))
        case = cases.create_case(visit, patient, {"age_years": 6})
    with cases.write_photo(store, DOCTOR, case, content) as written, store.visit(DOCTOR) as visit:
        return jobs.request_assessment(visit, cases.add_photo(visit, written)), case, patient


def _state(store, job):
    with store.visit(DOCTOR) as visit:
        return jobs.read_job(visit, job)


def test_a_bug_fails_the_job_without_its_words(store, assessor, skin_photo):
    def fall(content, context):
        raise ZeroDivisionError("Jane Doe")

    job, *_ = _ask(store, skin_photo)
    do_job(store, jobs.take_job(store, "w"), replace(assessor, assess=fall))
    state = _state(store, job)
    assert (state.state, state.error_code) == ("failed", "internal_error")
    assert "Jane" not in str(state.problem)


def test_what_later_may_cure_leaves_the_job_to_its_lease(store, assessor, clock, skin_photo):
    def fail(content, context):
        raise DatabaseUnavailable("away")

    job, *_ = _ask(store, skin_photo)
    with pytest.raises(DatabaseUnavailable):
        do_job(store, jobs.take_job(store, "w"), replace(assessor, assess=fail))
    assert _state(store, job).state == "leased"
    clock.move(seconds=jobs.LEASE.total_seconds())
    do_job(store, jobs.take_job(store, "w"), assessor)
    assert (_state(store, job).state, _state(store, job).attempt) == ("done", 2)


def test_a_patient_who_is_deleted_meanwhile_ends_the_job_silently(store, assessor, skin_photo):
    _, _, patient = _ask(store, skin_photo)
    taken = jobs.take_job(store, "w")
    delete_patient(store, Actor("clinic", "console", "administrator"), patient)
    do_job(store, taken, assessor)
    assert jobs.count_jobs(store) == {}


def test_workers_that_are_told_to_stop_end_the_job_they_have_and_take_no_other(store, assessor, skin_photo):
    begun, go_on = threading.Event(), threading.Event()

    def slow(bring, context):
        begun.set()
        go_on.wait(20)
        return assessor.assess(bring, context)

    first, _, patient = _ask(store, skin_photo)
    with run_workers(store, replace(assessor, assess=slow), 1):
        assert begun.wait(20)
        second, *_ = _ask(store, skin_photo, patient)
        threading.Timer(0.3, go_on.set).start()
    assert [_state(store, job).state for job in (first, second)] == ["done", "queued"]


@pytest.fixture
def shared(database_url, tmp_path):
    """A store on either database that other processes can open, by their environment."""
    ring = KeyRing(make_key(os.urandom(32)))
    create_key_file(tmp_path / "keys", ring)
    engine = open_database(database_url)
    upgrade(engine)
    prepare_folder(tmp_path / "photos")
    made = Store(engine, tmp_path / "photos", lambda: ring, lambda: datetime.now(UTC), os.urandom)
    create_tenant(made, "clinic")
    yield made
    engine.dispose()


@pytest.fixture
def start(shared, database_url, tmp_path, tiny_bundle):
    """Start `flexura worker` as a process of its own."""
    settings = {
        "FLEXURA_DATA_DIR": str(tmp_path), "FLEXURA_DATABASE": database_url, "FLEXURA_BUNDLE": str(tiny_bundle),
        "FLEXURA_MASTER_KEY_FILE": str(tmp_path / "keys"), "FLEXURA_THREADS": "1",
    }  # fmt: skip
    command = [sys.executable, "-c", "from flexura.cli import main; main()", "worker"]
    started = []

    def run(together=1):
        at_once = {"FLEXURA_BATCH": str(together)}
        worker = subprocess.Popen(
            [*command, "--workers", str(together)], env=os.environ | settings | at_once, stderr=subprocess.PIPE
        )
        assert b"Working with flexura-tiny test on the " in worker.stderr.readline()
        started.append(worker)
        return worker

    yield run
    for worker in started:
        worker.kill()
        worker.communicate()


def _wait(store, job, *states):
    end = time.monotonic() + 60
    while (state := _state(store, job)).state not in states:
        assert time.monotonic() < end, state
        time.sleep(0.02)
    return state


@pytest.mark.slow
def test_a_killed_workers_job_is_taken_over_once_and_a_late_result_is_refused(shared, start, skin_photo):
    job, case, _ = _ask(shared, skin_photo)
    late = jobs.take_job(shared, "gone")  # a worker that took it, and stands still
    with begin(shared.engine) as connection:
        connection.execute(update(JOBS).values(leased_until=shared.clock()))
    killed = start()
    while _state(shared, job).attempt < 2:
        time.sleep(0.005)
    killed.kill()  # signal 9, in the middle of it
    with begin(shared.engine) as connection:
        connection.execute(update(JOBS).where(JOBS.c.state == "leased").values(leased_until=shared.clock()))
    start()
    state = _wait(shared, job, "done")
    assert state.attempt in {2, 3}
    with pytest.raises(LeaseLost), shared.visit(late.actor) as visit:
        jobs.finish_job(visit, late, Answer({"late": True}, "0" * 64, reused=False))
    with shared.visit(DOCTOR) as visit:
        (record,) = cases.read_records(visit, "assessment", case)
    assert (record.id, "late" in record.document) == (state.result, False)


@pytest.mark.slow
@pytest.mark.parametrize("together", [1, 3])
def test_workers_killed_again_and_again_leave_one_result_each(shared, start, skin_photo, together):
    """12 jobs; a worker is killed as often as it begins one, until three are dead."""
    asked = [_ask(shared, skin_photo)[0] for _ in range(12)]
    for _ in range(3):
        worker = start(together)
        end = time.monotonic() + 30
        while jobs.count_jobs(shared).get("leased", 0) == 0 and time.monotonic() < end:
            time.sleep(0.005)
        worker.kill()
        worker.wait()
        with begin(shared.engine) as connection:  # instead of waiting for the lease
            connection.execute(update(JOBS).where(JOBS.c.state == "leased").values(leased_until=shared.clock()))
    start(together)
    for job in asked:
        _wait(shared, job, "done")
    with begin(shared.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(ASSESSMENTS)) == len(asked)


@pytest.mark.slow
def test_a_worker_that_is_told_to_stop_ends_well(shared, start, skin_photo):
    worker = start()
    job, *_ = _ask(shared, skin_photo)
    _wait(shared, job, "leased", "done")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert _state(shared, job).state == "done"
    assert b"Traceback" not in worker.stderr.read()


class Held:
    """A predictor whose looks are made together; before the first batch is looked at, something happens."""

    def __init__(self, bundle, most, meanwhile):
        self.sizes, self._meanwhile = [], meanwhile
        self.predictor = Predictor(bundle, threads=1, batching=Batching(most, 3600.0))
        self._real, self.predictor.look_at = self.predictor.look_at, self._look_at

    def _look_at(self, pictures):
        self.sizes.append(len(pictures))
        if len(self.sizes) == 1:
            self._meanwhile()
        return self._real(pictures)


def test_of_jobs_looked_at_together_each_has_its_own_end(shared, tiny_bundle, assessor, skin_photo, grey_photo):
    """Four in one call of the network: done, cancelled, another worker's, deleted; beside them a bad photo."""
    store, names = shared, ("good", "unwanted", "late", "gone")
    asked = {name: _ask(store, skin_photo) for name in names}
    bad, *_ = _ask(store, grey_photo)
    (good, case, _), (unwanted, *_), (late, late_case, _), (_, _, gone) = asked.values()

    def meanwhile():
        with store.visit(DOCTOR) as visit:
            jobs.cancel_job(visit, unwanted)
        delete_patient(store, Actor("clinic", "console", "administrator"), gone)
        with begin(store.engine) as connection:  # its lease was over, and another worker has it
            connection.execute(update(JOBS).where(JOBS.c.id == late).values(attempt=2, worker="other"))

    held = Held(load_bundle(tiny_bundle), 4, meanwhile)
    together = make_assessor(held.predictor, [read_photo] * 5, preparation=None)
    with run_workers(store, together, 5):
        _wait(store, bad, "failed")
        _wait(store, good, "done")
    assert held.sizes == [4]
    states = [(_state(store, job).state, _state(store, job).error_code) for job in (good, unwanted, late, bad)]
    assert states == [("done", None), ("cancelled", None), ("leased", None), ("failed", "photo_unfit")]
    with store.visit(DOCTOR) as visit:
        (record,) = cases.read_records(visit, "assessment", case)
        assert cases.read_records(visit, "assessment", late_case) == ()
    alone = to_document(assessor.assess(lambda: (skin_photo, None), read_context({"age_years": 6})).assessment)
    answered = record.document["assessment"]
    for untimed in (alone, answered):
        del untimed["timings_ms"]
    assert _rounded(answered) == _rounded(alone)


def _rounded(document):
    """With numbers to four digits: for several pictures, the engine may add up in another order."""
    return json.loads(json.dumps(document), parse_float=lambda text: float(f"{float(text):.4g}"))
