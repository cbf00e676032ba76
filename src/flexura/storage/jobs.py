"""Assessments to be made later, each exactly once, however many workers die over them.

A worker takes a job for a while (lease) with a number (attempt). If it dies, the lease runs out and another takes the
job with the next number; what the first one brings after all is not taken (fence). Result and state are written in
one transaction, so there is one result or none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from flexura.errors import LeaseLost, NotStored, ServiceBusy, StoreConflict
from flexura.security.encryption import DataKey, decrypt, encrypt
from flexura.storage.answers import Answer, write_answer
from flexura.storage.cases import Document
from flexura.storage.database import begin
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import JOBS, PATIENTS, PHOTOS

State = Literal["queued", "leased", "done", "failed", "cancelled"]

# Longer than any photo takes: its decoding alone is ended after 20 s.
LEASE: Final = timedelta(seconds=45)
# Beyond so many that wait, a client is asked to come back later.
MOST_WAITING: Final = 1000
# A photo that kills every worker it meets is given up after so many.
MOST_ATTEMPTS: Final = 5
_POISONED: Final = "worker_died"
_OPEN: Final = ("queued", "leased")


@dataclass(frozen=True)
class Job:
    """One job as a worker holds it; `actor` is in whose name the worker then acts."""

    id: str
    actor: Actor
    case: str
    photo: str
    attempt: int


@dataclass(frozen=True)
class JobState:
    """Where a job stands; `result` is the assessment's id, `error_code` why it failed, `problem` the same in full."""

    id: str
    case: str
    photo: str
    state: State
    attempt: int
    result: str | None
    error_code: str | None
    problem: Document | None = field(repr=False)


def request_assessment(visit: Visit, photo: str, *, most_waiting: int = MOST_WAITING) -> str:
    """Put a photo's assessment on the list.

    Parameters
    ----------
    visit : Visit
        The transaction.
    photo : str
        The photo's id.
    most_waiting : int
        How many jobs may wait.

    Returns
    -------
    str
        The job's id.

    Raises
    ------
    NotStored
        When this tenant has no such photo.
    ServiceBusy
        When too many jobs wait.
    """
    mine = PATIENTS.c.tenant == visit.actor.tenant
    joined = select(PHOTOS).join(PATIENTS, PHOTOS.c.patient == PATIENTS.c.id).where(PHOTOS.c.id == photo, mine)
    row = visit.connection.execute(joined).first()
    if row is None:
        raise NotStored("There is no such photo here.")
    job = visit.store.make_id()
    visit.admit("assessment.request", row.patient, f"jobs/{job}")
    if _count_waiting(visit.connection) >= most_waiting:
        raise ServiceBusy("Too many assessments wait already.")
    about = {"patient": row.patient, "case_id": row.case_id, "photo": photo}
    visit.connection.execute(insert(JOBS).values(id=job, **about, state="queued", attempt=0, created_at=visit.now))
    return job


def take_job(store: Store, worker: str, *, lease: timedelta = LEASE) -> Job | None:
    """Take the oldest job that nobody holds.

    Parameters
    ----------
    store : Store
        Where the jobs are.
    worker : str
        The worker's name.
    lease : timedelta
        How long it may take, unless extended.

    Returns
    -------
    Job | None
        `None` when there is nothing to do.
    """
    now = store.clock()
    expired = and_(JOBS.c.state == "leased", JOBS.c.leased_until <= now)
    waiting = or_(JOBS.c.state == "queued", expired)
    first = select(JOBS).where(waiting).order_by(JOBS.c.created_at, JOBS.c.id).limit(1)
    with begin(store.engine) as connection:
        given_up = expired & (JOBS.c.attempt >= MOST_ATTEMPTS)
        ended = {"state": "failed", "error_code": _POISONED, "ended_at": now}
        connection.execute(update(JOBS).where(given_up).values(ended))
        row = connection.execute(first.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        held = {"state": "leased", "attempt": row.attempt + 1, "leased_until": now + lease, "worker": worker}
        connection.execute(update(JOBS).where(JOBS.c.id == row.id).values(held))
        tenant = connection.scalar(select(PATIENTS.c.tenant).where(PATIENTS.c.id == row.patient))
    return Job(row.id, Actor(str(tenant), worker, "worker"), row.case_id, row.photo, row.attempt + 1)


def finish_job(visit: Visit, job: Job, answer: Answer) -> str:
    """Write a job's assessment and its end, both or neither.

    Parameters
    ----------
    visit : Visit
        A transaction of `job.actor`.
    job : Job
        As it was taken.
    answer : Answer
        What becomes the assessment.

    Returns
    -------
    str
        The assessment's id.

    Raises
    ------
    LeaseLost
        When another worker has it, or it has ended; nothing is written then.
    """
    done = {"state": "done", "ended_at": visit.now}
    _expect(visit.connection.execute(update(JOBS).where(_held(job)).values(done)).rowcount)
    result = write_answer(visit, job.case, job.photo, answer)
    visit.connection.execute(update(JOBS).where(JOBS.c.id == job.id).values(result=result))
    return result


def fail_job(visit: Visit, job: Job, problem: Document) -> None:
    """End a job that cannot be done, such as one whose photo is refused.

    Parameters
    ----------
    visit : Visit
        A transaction of `job.actor`.
    job : Job
        As it was taken.
    problem : Document
        Why, JSON-ready, with the error's `code`; kept encrypted.

    Raises
    ------
    LeaseLost
        When another worker has it, or it has ended.
    """
    ended = {"state": "failed", "error_code": problem["code"], "ended_at": visit.now}
    patient = visit.connection.scalar(select(JOBS.c.patient).where(_held(job)))
    _expect(visit.connection.execute(update(JOBS).where(_held(job)).values(ended)).rowcount)
    key = visit.touch("assessment.run", str(patient), f"jobs/{job.id}")
    written = json.dumps(dict(problem), allow_nan=False).encode()
    sealed = encrypt(key, _field(job.id), written, randomness=visit.store.randomness)
    visit.connection.execute(update(JOBS).where(JOBS.c.id == job.id).values(sealed=sealed))


def cancel_job(visit: Visit, job: str) -> None:
    """End a job that nobody wants any more; what a worker may bring of it is not taken.

    Parameters
    ----------
    visit : Visit
        The transaction.
    job : str
        Its id; one that is cancelled stays so.

    Raises
    ------
    NotStored
        When this tenant has no such job.
    StoreConflict
        When it is done or has failed.
    """
    row = _find(visit, job)
    visit.admit("assessment.request", row.patient, f"jobs/{job}")
    ended = {"state": "cancelled", "ended_at": visit.now}
    stoppable = (JOBS.c.id == job) & JOBS.c.state.in_((*_OPEN, "cancelled"))
    if visit.connection.execute(update(JOBS).where(stoppable).values(ended)).rowcount != 1:
        raise StoreConflict("This job has ended already.")


def read_job(visit: Visit, job: str) -> JobState:
    """Tell where a job stands.

    Parameters
    ----------
    visit : Visit
        The transaction.
    job : str
        Its id.

    Returns
    -------
    JobState

    Raises
    ------
    NotStored
        When this tenant has no such job.
    """
    row = _find(visit, job)
    return _state_of(row, visit.touch("assessment.read", row.patient, f"jobs/{job}"))


def list_newest(visit: Visit, case: str) -> tuple[JobState, ...]:
    """Tell where the newest job of each photo of a case stands.

    Parameters
    ----------
    visit : Visit
        The transaction.
    case : str
        Its id.

    Returns
    -------
    tuple[JobState, ...]
        Empty where there is no job; one touch of the patient where there is any.
    """
    mine = (PATIENTS.c.tenant == visit.actor.tenant) & (JOBS.c.case_id == case)
    joined = select(JOBS).join(PATIENTS, JOBS.c.patient == PATIENTS.c.id).where(mine)
    rows = visit.connection.execute(joined.order_by(JOBS.c.created_at, JOBS.c.id)).all()
    if not rows:
        return ()
    key = visit.touch("assessment.read", rows[0].patient, f"cases/{case}")
    return tuple(_state_of(row, key) for row in {row.photo: row for row in rows}.values())


def _state_of(row: Row[Any], key: DataKey) -> JobState:
    problem = None if row.sealed is None else json.loads(decrypt(key, _field(row.id), row.sealed))
    return JobState(row.id, row.case_id, row.photo, row.state, row.attempt, row.result, row.error_code, problem)


def count_jobs(store: Store) -> Mapping[State, int]:
    """Count the jobs of every state that has any."""
    with begin(store.engine) as connection:
        counted = connection.execute(select(JOBS.c.state, func.count().label("number")).group_by(JOBS.c.state)).all()
    return {row.state: row.number for row in counted}


def oldest_waiting(store: Store) -> datetime | None:
    """Tell since when the oldest job waits that has not ended; `None` where none does."""
    with begin(store.engine) as connection:
        since: datetime | None = connection.scalar(select(func.min(JOBS.c.created_at)).where(JOBS.c.state.in_(_OPEN)))
        return since


def _count_waiting(connection: Connection) -> int:
    waiting = select(func.count()).select_from(JOBS).where(JOBS.c.state.in_(_OPEN))
    return int(connection.execute(waiting).scalar_one())


def _find(visit: Visit, job: str) -> Row[Any]:
    mine = PATIENTS.c.tenant == visit.actor.tenant
    joined = select(JOBS).join(PATIENTS, JOBS.c.patient == PATIENTS.c.id).where(JOBS.c.id == job, mine)
    row: Row[Any] | None = visit.connection.execute(joined).first()
    if row is None:
        raise NotStored("There is no such job here.")
    return row


def _field(job: str) -> str:
    return f"jobs.sealed/{job}"


def _held(job: Job) -> Any:
    return (JOBS.c.id == job.id) & (JOBS.c.attempt == job.attempt) & (JOBS.c.state == "leased")


def _expect(rows: int) -> None:
    if rows != 1:
        raise LeaseLost("Another worker holds this job, or it has ended.")
