"""Assessments to be made later, each exactly once, however many workers die over them.

A worker takes a job for a while (lease) with a number (attempt). If it dies, the lease runs out and another takes the
job with the next number; what the first one brings after all is not taken (fence). Result and state are written in
one transaction, so there is one result or none.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import Row, and_, func, insert, or_, select, update

from flexura.errors import LeaseLost, NotStored
from flexura.storage.cases import Document, write_record
from flexura.storage.database import begin
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import JOBS, PATIENTS, PHOTOS

State = Literal["queued", "leased", "done", "failed"]

LEASE: Final = timedelta(seconds=60)
# A photo that kills every worker it meets is given up after so many.
MOST_ATTEMPTS: Final = 5
_POISONED: Final = "worker_died"


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
    """Where a job stands; `result` is the assessment's id, `error_code` why it failed."""

    id: str
    state: State
    attempt: int
    result: str | None
    error_code: str | None


def request_assessment(visit: Visit, photo: str) -> str:
    """Put a photo's assessment on the list.

    Parameters
    ----------
    visit : Visit
        The transaction.
    photo : str
        The photo's id.

    Returns
    -------
    str
        The job's id.

    Raises
    ------
    NotStored
        When this tenant has no such photo.
    """
    mine = PATIENTS.c.tenant == visit.actor.tenant
    joined = select(PHOTOS).join(PATIENTS, PHOTOS.c.patient == PATIENTS.c.id).where(PHOTOS.c.id == photo, mine)
    row = visit.connection.execute(joined).first()
    if row is None:
        raise NotStored("There is no such photo here.")
    job = visit.store.make_id()
    visit.admit("assessment.request", row.patient, f"jobs/{job}")
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


def extend_lease(store: Store, job: Job, *, lease: timedelta = LEASE) -> None:
    """Keep a job for longer.

    Parameters
    ----------
    store : Store
        Where the jobs are.
    job : Job
        As it was taken.
    lease : timedelta
        From now on.

    Raises
    ------
    LeaseLost
        When another worker has it.
    """
    with begin(store.engine) as connection:
        longer = {"leased_until": store.clock() + lease}
        _expect(connection.execute(update(JOBS).where(_held(job)).values(longer)).rowcount)


def finish_job(visit: Visit, job: Job, document: Document) -> str:
    """Write a job's assessment and its end, both or neither.

    Parameters
    ----------
    visit : Visit
        A transaction of `job.actor`.
    job : Job
        As it was taken.
    document : Document
        The assessment, JSON-ready.

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
    result = write_record(visit, "assessment", job.case, document, about=job.photo)
    visit.connection.execute(update(JOBS).where(JOBS.c.id == job.id).values(result=result))
    return result


def fail_job(store: Store, job: Job, error_code: str) -> None:
    """End a job that cannot be done, such as one whose photo is refused.

    Parameters
    ----------
    store : Store
        Where the jobs are.
    job : Job
        As it was taken.
    error_code : str
        The code of the error.

    Raises
    ------
    LeaseLost
        When another worker has it, or it has ended.
    """
    with begin(store.engine) as connection:
        ended = {"state": "failed", "error_code": error_code, "ended_at": store.clock()}
        _expect(connection.execute(update(JOBS).where(_held(job)).values(ended)).rowcount)


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
    mine = PATIENTS.c.tenant == visit.actor.tenant
    joined = select(JOBS).join(PATIENTS, JOBS.c.patient == PATIENTS.c.id).where(JOBS.c.id == job, mine)
    row: Row[Any] | None = visit.connection.execute(joined).first()
    if row is None:
        raise NotStored("There is no such job here.")
    visit.admit("assessment.read", row.patient, f"jobs/{job}")
    return JobState(row.id, row.state, row.attempt, row.result, row.error_code)


def count_waiting(store: Store) -> int:
    """Count the jobs that are queued or leased: what back-pressure goes by."""
    with begin(store.engine) as connection:
        waiting = select(func.count()).select_from(JOBS).where(JOBS.c.state.in_(("queued", "leased")))
        return int(connection.execute(waiting).scalar_one())


def _held(job: Job) -> Any:
    return (JOBS.c.id == job.id) & (JOBS.c.attempt == job.attempt) & (JOBS.c.state == "leased")


def _expect(rows: int) -> None:
    if rows != 1:
        raise LeaseLost("Another worker holds this job, or it has ended.")
