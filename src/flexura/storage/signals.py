"""What monitoring reads of a store: a time's answers with what people said of them, one audited touch per patient.

Whoever asks must be allowed to see counts and figures of everybody; the program then reads in the role of a worker. An
answer leaves here without names, numbers and notes, and never the process.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, select

from flexura.clinical.context import read_context
from flexura.clinical.demographics import age_band
from flexura.errors import InputRefused
from flexura.monitoring.answers import Answer, FollowUp, Judgement
from flexura.monitoring.channels import REFUSAL
from flexura.storage.auditlog import Wanted, find_events
from flexura.storage.cases import Document, open_sealed
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import ASSESSMENTS, JOBS, OUTCOMES, PATIENTS, REVIEWS

# Told before each patient is read, and once at the end: how many were read, of how many.
Note = Callable[[int, int], None]

_PROGRAM: Final = "monitoring"
_REFUSALS: Final = frozenset({InputRefused.code} | {kind.code for kind in InputRefused.__subclasses__()})


@dataclass(frozen=True)
class Period:
    """From a moment on, and before another; both with their zone."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Seen:
    """A time's answers and refused photos, oldest first, and the jobs that are left now ("queued", "leased", "failed").

    A refusal is what the audit log knows of it: day, patient and codes. One that was tried again is there again.
    """

    answers: tuple[Answer, ...]
    queue: Mapping[str, int]
    refused: tuple[Answer, ...]


@dataclass(frozen=True)
class Sides:
    """Answers of a time and of as long before it, oldest first; the time's refused photos, and the jobs left now."""

    now: tuple[Answer, ...]
    before: tuple[Answer, ...]
    refused: tuple[Answer, ...]
    queue: Mapping[str, int]


def _tell_nobody(done: int, of: int) -> None:
    """Nobody asked how far it is."""


def read_sides(store: Store, actor: Actor, *, until: date, days: int, note: Note = _tell_nobody) -> Sides:
    """Read the answers of some days, and those of as many days before to compare them with.

    Parameters
    ----------
    store : Store
        Of the clinic.
    actor : Actor
        As of `read_signals`.
    until : date
        The day after the last one, UTC.
    days : int
        1 or more.
    note : Note
        As of `read_signals`.

    Returns
    -------
    Sides

    Raises
    ------
    Forbidden
        When the actor's role does not allow it.
    """
    since = until - timedelta(days=days)
    seen = read_signals(store, actor, Period(_midnight(since - timedelta(days=days)), _midnight(until)), note=note)
    now, before = (
        tuple(each for each in seen.answers if each.on and (each.on >= since) is recent) for recent in (True, False)
    )
    refused = tuple(each for each in seen.refused if each.on and each.on >= since)
    return Sides(now, before, refused, seen.queue)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def read_signals(store: Store, actor: Actor, period: Period, *, note: Note = _tell_nobody) -> Seen:
    """Read the answers of a time with their reviews and outcomes up to now.

    Parameters
    ----------
    store : Store
        Of the clinic.
    actor : Actor
        Who asks; the patients are read in the role of a worker.
    period : Period
        When the answers were given.
    note : Note
        Is told how far it is; what it raises ends the reading.

    Returns
    -------
    Seen
        Beside each assessment stand the `context` with the age group, and `resources` where noted.

    Raises
    ------
    Forbidden
        When the actor's role does not allow it.
    """
    with store.visit(actor) as visit:
        visit.record("monitoring.run")
        patients, queue = _assessed_patients(visit, period), _count_jobs(visit)
        refused = tuple(_refusals(visit, period))
    program = Actor(actor.tenant, _PROGRAM, "worker", actor.address, actor.purpose)
    found: list[tuple[datetime, str, Answer]] = []
    for number, patient in enumerate(patients):
        note(number, len(patients))
        with store.visit(program) as visit:
            found += _answers_of(visit, patient, period)
    note(len(patients), len(patients))
    return Seen(tuple(answer for _, _, answer in sorted(found, key=lambda each: each[:2])), queue, refused)


def _count_jobs(visit: Visit) -> dict[str, int]:
    mine = JOBS.join(PATIENTS, JOBS.c.patient == PATIENTS.c.id)
    wanted = select(JOBS.c.state, func.count()).select_from(mine)
    left = wanted.where(PATIENTS.c.tenant == visit.actor.tenant, JOBS.c.state != "done").group_by(JOBS.c.state)
    return {row[0]: int(row[1]) for row in visit.connection.execute(left)}


def _refusals(visit: Visit, period: Period) -> Iterator[Answer]:
    """Of photos that could not be read, or were not good enough: a code of the gate each, or that of the error."""
    wanted = Wanted(since=period.since, until=period.until, outcome="failed")
    for _, event in find_events(visit.connection, visit.actor.tenant, wanted):
        code, *gate = (event.reason or "").split()
        if event.patient is not None and code in _REFUSALS:
            reasons = [{"code": each} for each in gate or [code]]
            yield Answer({"schema": REFUSAL, "reasons": reasons}, event.patient, event.at.date())


def _assessed_patients(visit: Visit, period: Period) -> tuple[str, ...]:
    mine = (PATIENTS.c.tenant == visit.actor.tenant) & PATIENTS.c.deleted_at.is_(None)
    joined = select(PATIENTS.c.id).distinct().join(ASSESSMENTS, ASSESSMENTS.c.patient == PATIENTS.c.id)
    inside = (ASSESSMENTS.c.created_at >= period.since) & (ASSESSMENTS.c.created_at < period.until)
    return tuple(visit.connection.scalars(joined.where(mine, inside).order_by(PATIENTS.c.id)).all())


def _answers_of(visit: Visit, patient: str, period: Period) -> Iterator[tuple[datetime, str, Answer]]:
    key = visit.touch("monitoring.read", patient, f"patients/{patient}")
    rows = {table: _rows(visit, table, patient) for table in (ASSESSMENTS, REVIEWS, OUTCOMES)}
    opened = {row.id: open_sealed(key, table, row) for table, found in rows.items() for row in found}
    for row in rows[ASSESSMENTS]:
        if period.since <= row.created_at < period.until:
            judged = [_judgement(each, opened) for each in rows[REVIEWS] if each.about == row.id]
            followed = [_follow_up(row, opened[each.id]) for each in rows[OUTCOMES] if each.case_id == row.case_id]
            later = sorted((each for each in followed if each.days >= 0), key=lambda each: each.days)
            document = _document(opened[row.id])
            answer = Answer(document, patient, row.created_at.date(), tuple(judged), tuple(later))
            yield row.created_at, row.id, answer


def _rows(visit: Visit, table: Any, patient: str) -> list[Row[Any]]:
    wanted = select(table).where(table.c.patient == patient).order_by(table.c.created_at, table.c.id)
    return list(visit.connection.execute(wanted))


def _judgement(row: Row[Any], opened: Mapping[str, Document]) -> Judgement:
    said = opened[row.id]
    return Judgement(row.created_by, said["agrees"], said.get("diagnosis"), said.get("iga"))


def _follow_up(assessed: Row[Any], said: Document) -> FollowUp:
    observed = datetime.fromisoformat(said["observed_on"]).date()
    return FollowUp((observed - assessed.created_at.date()).days, said.get("diagnosis"), said.get("iga"))


def _document(stored: Document) -> Document:
    """The assessment with the context that it was given on, its age in years and in words."""
    context = read_context(stored["context"])
    age = context.age_years
    told = {**stored["context"], "age_years": age, "age_group": None if age is None else age_band(age).name}
    return {**stored["assessment"], "context": told, "resources": stored.get("resources")}
