"""Attempts to sign in, whatever is shown: counted by who and from where, and ended by a session."""

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from flexura.security.sessions import Issued, Session, open_session
from flexura.security.throttling import Failures, check_attempt, count_failure
from flexura.storage.database import begin
from flexura.storage.store import Store, Visit
from flexura.storage.tables import FAILURES, SESSIONS

# The one answer for everything that is wrong at sign-in.
WRONG: Final = "Name, password or second factor is wrong."


def name_sources(*, user: str | None = None, address: str | None = None) -> tuple[str, ...]:
    """Name what failures are counted by; hashed, for what is typed as a name may be a password.

    Parameters
    ----------
    user : str | None
        Tenant and sign-in name.
    address : str | None
        Where the request comes from.

    Returns
    -------
    tuple[str, ...]
        Of those that are known.
    """
    named = [f"{kind}/{text}" for kind, text in (("user", user), ("address", address)) if text]
    return tuple(f"{text.partition('/')[0]}/{hashlib.sha256(text.encode()).hexdigest()}" for text in named)


def check_sources(connection: Connection, sources: tuple[str, ...], *, now: datetime) -> None:
    """Refuse an attempt that comes too soon.

    Parameters
    ----------
    connection : Connection
        In a transaction.
    sources : tuple[str, ...]
        From `name_sources`.
    now : datetime
        With its zone.
    """
    for source in sources:
        check_attempt(_failures(connection, source), now=now)


def count_failures(store: Store, sources: tuple[str, ...], *, now: datetime) -> None:
    """Add a failure to each source, in a transaction of its own."""
    with begin(store.engine) as connection:
        for source in sources:
            failures = count_failure(_failures(connection, source), now=now)
            connection.execute(delete(FAILURES).where(FAILURES.c.source == source))
            row = {"source": source, "count": failures.count, "last_at": failures.last_at}
            connection.execute(insert(FAILURES).values(**row))


def begin_session(
    visit: Visit, user: str, *, sources: tuple[str, ...], second_factor_at: datetime | None
) -> Issued[Session]:
    """Open a session for somebody who has shown who they are; the failures before are forgotten.

    Parameters
    ----------
    visit : Visit
        The transaction of who signs in.
    user : str
        The user's id.
    sources : tuple[str, ...]
        From `name_sources`.
    second_factor_at : datetime | None
        When a second factor was shown.

    Returns
    -------
    Issued[Session]
        Its secret is for the browser's cookie.
    """
    randomness = visit.store.randomness
    issued = open_session(user, now=visit.now, randomness=randomness, second_factor_at=second_factor_at)
    values = vars(issued.record).copy()
    visit.connection.execute(insert(SESSIONS).values(values | {"user_id": values.pop("user")}))
    visit.connection.execute(delete(FAILURES).where(FAILURES.c.source.in_(sources)))
    return issued


def _failures(connection: Connection, source: str) -> Failures:
    row = connection.execute(select(FAILURES).where(FAILURES.c.source == source)).first()
    return Failures() if row is None else Failures(row._mapping["count"], row.last_at)
