"""The audit log in the database: one per tenant, appended to in the transaction that it tells of."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from flexura.errors import NotStored
from flexura.security.audit import (
    AuditEvent,
    Checkpoint,
    Entry,
    Finding,
    Head,
    Outcome,
    append,
    read_checkpoint,
    read_event,
    sign,
    signing_key,
    verify_log,
    write_checkpoint,
)
from flexura.security.encryption import DataKey
from flexura.security.merkle import Frontier
from flexura.storage.tables import AUDIT_ENTRIES, AUDIT_HEADS

_MINE: Final = AUDIT_HEADS.c.log == bindparam("of_log")
# Locked until the commit, so that two transactions cannot write the same number.
_LOCK_HEAD: Final = select(AUDIT_HEADS).where(_MINE).with_for_update()
_MOVE_HEAD: Final = update(AUDIT_HEADS).where(_MINE)
_ADD: Final = insert(AUDIT_ENTRIES)


def create_log(connection: Connection, log: str, *, key: DataKey, now: datetime) -> None:
    """Begin a tenant's log.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    log : str
        The tenant's id.
    key : DataKey
        The tenant's key.
    now : datetime
        With its zone.
    """
    connection.execute(insert(AUDIT_HEADS).values(log=log, **_row(Head(), log, key=key, now=now)))


def append_events(connection: Connection, events: Iterable[AuditEvent], *, key: DataKey, now: datetime) -> None:
    """Write events as the next entries of their tenant's log, and sign where it stands.

    Parameters
    ----------
    connection : Connection
        In the transaction that the events tell of.
    events : Iterable[AuditEvent]
        Of one tenant, in order.
    key : DataKey
        That tenant's key.
    now : datetime
        With its zone.
    """
    log = key.owner.tenant
    stood = connection.execute(_LOCK_HEAD, {"of_log": log}).one()
    head = Head(Frontier(stood.size, tuple(bytes.fromhex(peak) for peak in json.loads(stood.peaks))), stood.last)
    rows = []
    for event in events:
        entry, head = append(head, event)
        rows.append({"log": log, **vars(entry), "user_id": event.user, "patient": event.patient, "at": event.at})
    if rows:
        connection.execute(_ADD, rows)
    connection.execute(_MOVE_HEAD, {"of_log": log, **_row(head, log, key=key, now=now)})


def _row(head: Head, log: str, *, key: DataKey, now: datetime) -> dict[str, object]:
    return {
        "size": head.frontier.size,
        "peaks": json.dumps([peak.hex() for peak in head.frontier.peaks]),
        "last": head.last,
        "checkpoint": write_checkpoint(sign(head, log, at=now, key=signing_key(key))),
    }


def current_checkpoint(connection: Connection, log: str) -> Checkpoint:
    """Give the signed checkpoint of where a log stands; a copy of it kept elsewhere is an anchor.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    log : str
        The tenant's id.

    Returns
    -------
    Checkpoint

    Raises
    ------
    NotStored
        When there is no such log.
    """
    text = connection.scalar(select(AUDIT_HEADS.c.checkpoint).where(AUDIT_HEADS.c.log == log))
    if text is None:
        raise NotStored("There is no audit log of this tenant.")
    return read_checkpoint(text)


def verify(connection: Connection, *, key: DataKey, anchors: Iterable[Checkpoint] = ()) -> tuple[Finding, ...]:
    """Hold a tenant's log against itself, its checkpoint and the anchors.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    key : DataKey
        The tenant's key.
    anchors : Iterable[Checkpoint]
        Checkpoints that were kept elsewhere.

    Returns
    -------
    tuple[Finding, ...]
        Empty for a whole log.
    """
    log = key.owner.tenant
    checkpoints = [current_checkpoint(connection, log), *anchors]
    rows = connection.execute(_entries(log))
    entries = (Entry(row.number, row.text, row.hash) for row in rows)
    return verify_log(entries, checkpoints, log=log, public=signing_key(key).public_key())


@dataclass(frozen=True)
class Wanted:
    """Which events to find: of a patient, by a user, from a time on, before a time, with an end; `None` for any."""

    patient: str | None = None
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None


def find_events(
    connection: Connection, log: str, wanted: Wanted, *, after: int = 0, limit: int | None = None
) -> Iterator[tuple[int, AuditEvent]]:
    """Find events by patient, user and time.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    log : str
        The tenant's id.
    wanted : Wanted
        Which ones.
    after : int
        The number of the last entry of the page before.
    limit : int | None
        At most so many; `None` for all.

    Yields
    ------
    tuple[int, AuditEvent]
        With the number of its entry, in the order of the log.
    """
    columns = AUDIT_ENTRIES.c
    found = _entries(log).where(columns.number > after).limit(limit)
    if wanted.patient is not None:
        found = found.where(columns.patient == wanted.patient)
    if wanted.user is not None:
        found = found.where(columns.user_id == wanted.user)
    if wanted.since is not None:
        found = found.where(columns.at >= wanted.since)
    if wanted.until is not None:
        found = found.where(columns.at < wanted.until)
    if wanted.outcome is not None:
        found = found.where(columns.text.contains(f'"outcome":"{wanted.outcome}"'))
    for row in connection.execute(found):
        yield row.number, read_event(Entry(row.number, row.text, row.hash))


def search(
    connection: Connection,
    log: str,
    *,
    patient: str | None = None,
    user: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[AuditEvent]:
    """Find all events by patient, user and time.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    log : str
        The tenant's id.
    patient : str | None
        The patient's id; `None` for any.
    user : str | None
        The user's id; `None` for any.
    since : datetime | None
        From this time on; `None` from the beginning.
    until : datetime | None
        Before this time; `None` to the end.

    Yields
    ------
    AuditEvent
        In the order of the log.
    """
    for _, event in find_events(connection, log, Wanted(patient, user, since, until)):
        yield event


def list_latest(
    connection: Connection,
    log: str,
    *,
    user: str | None = None,
    patient: str | None = None,
    before: int | None = None,
    limit: int,
) -> tuple[tuple[int, AuditEvent], ...]:
    """List the newest events, a page at a time.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    log : str
        The tenant's id.
    user : str | None
        The user's id; `None` for any.
    patient : str | None
        The patient's id; `None` for any.
    before : int | None
        The last number of the page before.
    limit : int
        At most so many, from 1 up.

    Returns
    -------
    tuple[tuple[int, AuditEvent], ...]
        Number and event, newest first.
    """
    columns = AUDIT_ENTRIES.c
    wanted = select(AUDIT_ENTRIES).where(columns.log == log)
    for column, value in ((columns.user_id, user), (columns.patient, patient)):
        wanted = wanted if value is None else wanted.where(column == value)
    if before is not None:
        wanted = wanted.where(columns.number < before)
    rows = connection.execute(wanted.order_by(columns.number.desc()).limit(limit))
    return tuple((row.number, read_event(Entry(row.number, row.text, row.hash))) for row in rows)


def _entries(log: str) -> Select[Any]:
    return select(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.log == log).order_by(AUDIT_ENTRIES.c.number)
