"""The people of a clinic: their names beside what they wrote, and the list that an administrator works on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from flexura.storage.store import Visit
from flexura.storage.tables import USERS


@dataclass(frozen=True)
class Member:
    """One user; `codes` says whether a one-time code is asked for at sign-in."""

    id: str
    name: str
    role: str
    codes: bool
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


def list_members(visit: Visit) -> tuple[Member, ...]:
    """List a tenant's users, by name.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.

    Returns
    -------
    tuple[Member, ...]
    """
    visit.record("user.manage", "users/all")
    mine = select(USERS).where(USERS.c.tenant == visit.actor.tenant).order_by(USERS.c.name)
    return tuple(
        Member(row.id, row.name, row.role, row.code_secret is not None, row.created_at, row.disabled_at)
        for row in visit.connection.execute(mine)
    )
