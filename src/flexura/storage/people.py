"""The people of a clinic as its administrator sees them: listed, given another role, locked out, their tokens ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from flexura.errors import NotStored, StoreConflict
from flexura.storage.store import Visit
from flexura.storage.tables import SESSIONS, TOKENS, USERS
from flexura.storage.users import PERSONS


@dataclass(frozen=True)
class Person:
    """A user: name, role, whether one-time codes are asked for, and since when locked out."""

    id: str
    name: str
    role: str
    codes: bool
    created_at: datetime
    disabled_at: datetime | None


def list_users(visit: Visit, *, after: str = "", limit: int) -> tuple[Person, ...]:
    """List the users of the tenant.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    after : str
        The last id of the page before.
    limit : int
        At most so many, from 1 up.

    Returns
    -------
    tuple[Person, ...]
        In the order of the ids.
    """
    visit.record("user.manage", "users/all")
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.id > after)
    rows = visit.connection.execute(select(USERS).where(mine).order_by(USERS.c.id).limit(limit)).all()
    return tuple(
        Person(row.id, row.name, row.role, row.code_secret is not None, row.created_at, row.disabled_at) for row in rows
    )


def change_role(visit: Visit, user: str, role: str) -> None:
    """Give a user another role; who is signed in must sign in anew.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id.
    role : str
        One of `PERSONS`.

    Raises
    ------
    NotStored
        When there is no such user.
    StoreConflict
        When the role is none for people.
    """
    if role not in PERSONS:
        raise StoreConflict(f"A user has one of the roles {', '.join(PERSONS)}.")
    _find(visit, user)
    visit.record("user.manage", f"users/{user}")
    visit.connection.execute(update(USERS).where(USERS.c.id == user).values(role=role))
    _end(visit, user)


def lock_out(visit: Visit, user: str) -> None:
    """Lock a user out at once: no sign-in, and all sessions and tokens revoked. Users are never deleted.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id; one who is locked out stays so.

    Raises
    ------
    NotStored
        When there is no such user.
    """
    row = _find(visit, user)
    visit.record("user.manage", f"users/{user}")
    since = row.disabled_at or visit.now
    visit.connection.execute(update(USERS).where(USERS.c.id == user).values(disabled_at=since))
    _end(visit, user)


def _find(visit: Visit, user: str) -> Row[Any]:
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.id == user)
    row = visit.connection.execute(select(USERS).where(mine)).first()
    if row is None:
        raise NotStored("There is no such user here.")
    return row


def _end(visit: Visit, user: str) -> None:
    for table in (SESSIONS, TOKENS):
        alive = (table.c.user_id == user) & table.c.revoked_at.is_(None)
        visit.connection.execute(update(table).where(alive).values(revoked_at=visit.now))
