"""Users as an identity provider knows them: linked by an administrator, found at sign-in, never made by one."""

from typing import Any, Final

from sqlalchemy import Row, delete, insert, select

from flexura.errors import NotAuthenticated, StoreConflict
from flexura.security.openid import Identity
from flexura.security.sessions import Issued, Session
from flexura.storage.attempts import begin_session, check_sources, count_failures, name_sources
from flexura.storage.database import begin
from flexura.storage.passkeys import has_second_factor
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import IDENTITIES, USERS

_LONGEST: Final = 255
_UNKNOWN: Final = "Nobody here has this account, or it needs a second factor."


def link_user(visit: Visit, user: str, *, issuer: str, subject: str) -> None:
    """Let a user in by an identity provider's account, instead of the one before.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id.
    issuer : str
        The provider.
    subject : str
        The account there: its `sub`, 1 to 255 characters, not a name that can pass to somebody else.

    Raises
    ------
    StoreConflict
        When the subject is unfit, or (as the visit ends) is another user's already.
    """
    if not 1 <= len(subject) <= _LONGEST or not subject.isprintable():
        raise StoreConflict(f"A subject has 1 to {_LONGEST} characters.")
    unlink_user(visit, user)
    row = {"issuer": issuer, "subject": subject, "tenant": visit.actor.tenant, "user_id": user}
    visit.connection.execute(insert(IDENTITIES).values(**row))


def unlink_user(visit: Visit, user: str) -> None:
    """Let a user in by no identity provider any more; sessions that run go on.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id.
    """
    visit.record("user.manage", f"users/{user}")
    mine = (IDENTITIES.c.tenant == visit.actor.tenant) & (IDENTITIES.c.user_id == user)
    visit.connection.execute(delete(IDENTITIES).where(mine))


def check_arrival(store: Store, *, address: str | None) -> None:
    """Refuse an attempt from an address that failed too often and too fast, before the provider is asked.

    Parameters
    ----------
    store : Store
        Where failures are counted.
    address : str | None
        Where the request comes from.
    """
    with begin(store.engine) as connection:
        check_sources(connection, name_sources(address=address), now=store.clock())


def sign_in_by_identity(
    store: Store, tenant: str, identity: Identity | None, *, address: str | None
) -> Issued[Session]:
    """Open a session for the user to whom an identity is linked.

    Parameters
    ----------
    store : Store
        Where the user is.
    tenant : str
        Whose user it must be.
    identity : Identity | None
        From the provider's token; `None` when there was none that is valid: the failure is put on record.
    address : str | None
        Where the request comes from.

    Returns
    -------
    Issued[Session]
        Its second factor is the provider's, as old as the provider says.

    Raises
    ------
    NotAuthenticated
        When no user, or one who is disabled, is linked; or when the user has a second factor here and the
        provider asked for none.
    """
    sources = name_sources(address=address)
    with begin(store.engine) as connection:
        row = _find(connection.execute, tenant, identity) if identity else None
    actor = Actor(tenant, row.id if row else "unknown", row.role if row else "unknown", address)
    try:
        with store.visit(actor) as visit:
            visit.attempt("session.open", f"users/{actor.user}")
            if row is None or identity is None or not _is_enough(visit, row.id, identity):
                raise NotAuthenticated(_UNKNOWN)
            factor_at = identity.at if identity.second_factor else None
            return begin_session(visit, row.id, sources=sources, second_factor_at=factor_at)
    except NotAuthenticated:
        count_failures(store, sources, now=store.clock())
        raise


def _is_enough(visit: Visit, user: str, identity: Identity) -> bool:
    """Who has a second factor here needs one there."""
    return identity.second_factor or not has_second_factor(visit.connection, user)


def _find(execute: Any, tenant: str, identity: Identity) -> Row[Any] | None:
    joined = select(USERS).join(IDENTITIES, IDENTITIES.c.user_id == USERS.c.id)
    theirs = (IDENTITIES.c.issuer == identity.issuer) & (IDENTITIES.c.subject == identity.subject)
    mine = (IDENTITIES.c.tenant == tenant) & (USERS.c.tenant == tenant) & USERS.c.disabled_at.is_(None)
    found: Row[Any] | None = execute(joined.where(theirs, mine)).first()
    return found
