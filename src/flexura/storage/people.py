"""The people of a clinic: names beside what they wrote; for its administrator list, change of role, lock and unlock.

No change may leave a clinic without an administrator: `_spare_administrator` is the rule, for every door.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Table, func, select, update

from flexura.errors import LockoutRefused, NotStored, StoreConflict
from flexura.storage.passkeys import forget_passkeys
from flexura.storage.store import Visit
from flexura.storage.tables import PASSKEYS, SESSIONS, TOKENS, USERS
from flexura.storage.users import PERSONS, require_codes

_ADMINISTRATOR: Final = "administrator"


@dataclass(frozen=True)
class Person:
    """A user: name, role, whether one-time codes are good, how many passkeys, and since when locked out."""

    id: str
    name: str
    role: str
    codes: bool
    passkeys: int
    created_at: datetime
    disabled_at: datetime | None


def read_names(visit: Visit) -> dict[str, str]:
    """Read the sign-in names of a tenant's users by id; they touch no patient.

    Parameters
    ----------
    visit : Visit
        The transaction.

    Returns
    -------
    dict[str, str]
        Disabled users too, who signed what they signed.
    """
    mine = select(USERS.c.id, USERS.c.name).where(USERS.c.tenant == visit.actor.tenant)
    return {row.id: row.name for row in visit.connection.execute(mine)}


def list_users(visit: Visit, *, after: str = "", limit: int | None = None) -> tuple[Person, ...]:
    """List the users of the tenant.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    after : str
        The last id of the page before.
    limit : int | None
        At most so many, from 1 up; all where None.

    Returns
    -------
    tuple[Person, ...]
        In the order of the ids.
    """
    visit.record("user.manage", "users/all")
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.id > after)
    keys = select(func.count()).where(PASSKEYS.c.user_id == USERS.c.id).scalar_subquery()
    wanted = select(USERS, keys.label("passkeys")).where(mine).order_by(USERS.c.id).limit(limit)
    return tuple(
        Person(
            id=row.id,
            name=row.name,
            role=row.role,
            codes=row.code_secret is not None,
            passkeys=row.passkeys,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )
        for row in visit.connection.execute(wanted)
    )


def change_role(visit: Visit, user: str, role: str) -> None:
    """Give a user another role; who is signed in must sign in anew. The same role again changes nothing.

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
    LockoutRefused
        When an administrator would lose the role by oneself, or as the last one.
    """
    if role not in PERSONS:
        raise StoreConflict(f"A user has one of the roles {', '.join(PERSONS)}.")
    row = _find(visit, user)
    visit.record("user.manage", f"users/{user}")
    if role == row.role:
        return
    if role != _ADMINISTRATOR:
        _spare_administrator(visit, row)
    visit.connection.execute(update(USERS).where(USERS.c.id == user).values(role=role))
    _end(visit, user, SESSIONS, TOKENS)


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
    LockoutRefused
        When an administrator would be locked out by oneself, or as the last one.
    """
    row = _find(visit, user)
    visit.record("user.manage", f"users/{user}")
    _spare_administrator(visit, row)
    since = row.disabled_at or visit.now
    visit.connection.execute(update(USERS).where(USERS.c.id == user).values(disabled_at=since))
    _end(visit, user, SESSIONS, TOKENS)


def reset_second_factor(visit: Visit, user: str) -> tuple[str, str]:
    """Give a user who lost the second factor a new one, and take all others away; who is signed in must do so anew.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id.

    Returns
    -------
    tuple[str, str]
        The user's name, and the secret of one-time codes for the app, shown once.

    Raises
    ------
    NotStored
        When there is no such user.
    LockoutRefused
        When it is the administrator's own: who holds a session alone must not get a second factor by it.
    """
    name = _find(visit, user).name
    if user == visit.actor.user:
        visit.record("user.manage", f"users/{user}")
        raise LockoutRefused("Nobody resets their own second factor; another administrator or the console must do it.")
    secret = require_codes(visit, user)
    forget_passkeys(visit, user)
    _end(visit, user, SESSIONS)
    return name, secret


def unlock(visit: Visit, user: str) -> None:
    """Let a user who was locked out sign in again; no session or token of before comes back.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id; one who is not locked out keeps everything.

    Raises
    ------
    NotStored
        When there is no such user.
    """
    row = _find(visit, user)
    visit.record("user.manage", f"users/{user}")
    if row.disabled_at is None:
        return
    visit.connection.execute(update(USERS).where(USERS.c.id == user).values(disabled_at=None))
    _end(visit, user, SESSIONS, TOKENS)  # a token may have been made, or a sign-in have ended, since the lock


def _spare_administrator(visit: Visit, row: Row[Any]) -> None:
    """Refuse to take the access of an administrator who asks for it, or who is the last that can sign in."""
    if row.role != _ADMINISTRATOR or row.disabled_at is not None:
        return
    if row.id == visit.actor.user:
        raise LockoutRefused("Nobody takes their own access as administrator; another administrator must do it.")
    able = (USERS.c.role == _ADMINISTRATOR) & USERS.c.disabled_at.is_(None)
    mine = select(USERS.c.id).where(USERS.c.tenant == visit.actor.tenant, able)
    # All of them are locked, in one order: two who lock each other out at once must not both succeed.
    able_ids = visit.connection.scalars(mine.order_by(USERS.c.id).with_for_update()).all()
    if not set(able_ids) - {row.id}:
        raise LockoutRefused("This is the last administrator; add another one first.")


def _find(visit: Visit, user: str) -> Row[Any]:
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.id == user)
    row = visit.connection.execute(select(USERS).where(mine)).first()
    if row is None:
        raise NotStored("There is no such user here.")
    return row


def _end(visit: Visit, user: str, first: Table, *others: Table) -> None:
    for table in (first, *others):
        alive = (table.c.user_id == user) & table.c.revoked_at.is_(None)
        visit.connection.execute(update(table).where(alive).values(revoked_at=visit.now))
