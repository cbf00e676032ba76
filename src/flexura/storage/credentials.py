"""Signing in by name, password and, where a user has one, a second factor: a one-time code or a passkey.

Every failure is the same answer, takes as long as a success, is counted per user and per address, and stands in the
audit log.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, select, update

from flexura.errors import NotAuthenticated
from flexura.security.codes import matching_step
from flexura.security.encryption import decrypt
from flexura.security.passkeys import Answer, RelyingParty
from flexura.security.passwords import USUAL_COST, HashCost, hash_password, is_outdated, verify_password, waste_time
from flexura.security.sessions import Issued, Session
from flexura.storage.attempts import WRONG, begin_session, check_sources, count_failures, name_sources
from flexura.storage.database import begin
from flexura.storage.passkeys import ask_to_use, has_second_factor, spend_challenge, use_passkey
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import TENANTS, USERS
from flexura.storage.users import code_field

T = TypeVar("T")


@dataclass(frozen=True)
class Credentials:
    """What somebody shows to be let in, and from which address; a passkey's answer counts before a code."""

    tenant: str
    name: str
    password: str
    code: str | None = None
    address: str | None = None
    passkey: Answer | None = None

    def __repr__(self) -> str:
        """Hide all of it."""
        return "Credentials(...)"


def sign_in(store: Store, shown: Credentials, *, cost: HashCost = USUAL_COST) -> Issued[Session]:
    """Open a session for somebody who shows the right name, password and, where required, second factor.

    Parameters
    ----------
    store : Store
        Where the user is.
    shown : Credentials
        What was typed, and what an authenticator answered.
    cost : HashCost
        What a hash costs.

    Returns
    -------
    Issued[Session]
        Its secret is for the browser's cookie.

    Raises
    ------
    TooManyAttempts
        When this user or address failed too often and too fast; nothing is looked at then.
    NotAuthenticated
        For everything else that is wrong.
    """
    challenge = spend_challenge(store, shown.passkey) if shown.passkey else None

    def admit(visit: Visit, row: Row[Any]) -> Issued[Session]:
        if shown.passkey is not None:
            use_passkey(visit, row.id, shown.passkey, challenge)
            asked = True
        else:
            asked = _check_code(visit, row.id, shown.code)
        if is_outdated(row.password, cost):
            fresh = hash_password(shown.password, cost)
            visit.connection.execute(update(USERS).where(USERS.c.id == row.id).values(password=fresh))
        factor_at = visit.now if asked else None
        return begin_session(visit, row.id, sources=_sources(shown), second_factor_at=factor_at)

    return _let_in(store, shown, cost, verb="session.open", admit=admit)


def ask_passkey(
    store: Store, shown: Credentials, party: RelyingParty, *, cost: HashCost = USUAL_COST
) -> dict[str, Any]:
    """Ask the authenticators of somebody who shows the right name and password; no session is opened yet.

    Parameters
    ----------
    store : Store
        Where the user is.
    shown : Credentials
        What was typed.
    party : RelyingParty
        The clinic.
    cost : HashCost
        What a hash costs.

    Returns
    -------
    dict[str, Any]
        For the browser; the answer goes into `Credentials.passkey`, beside the same name and password.

    Raises
    ------
    TooManyAttempts
        As for `sign_in`, by the same count.
    NotAuthenticated
        For everything else that is wrong, and for who has no passkey.
    """
    return _let_in(store, shown, cost, verb="passkey.ask", admit=lambda visit, row: ask_to_use(visit, row.id, party))


def _let_in(store: Store, shown: Credentials, cost: HashCost, *, verb: str, admit: Callable[[Visit, Row[Any]], T]) -> T:
    """Do something for whoever shows the right name and password; what is wrong is counted and on record."""
    now, sources = store.clock(), _sources(shown)
    with begin(store.engine) as connection:
        wanted = (USERS.c.tenant == shown.tenant) & (USERS.c.name == shown.name) & USERS.c.disabled_at.is_(None)
        row = connection.execute(select(USERS).where(wanted)).first()
        known = connection.scalar(select(TENANTS.c.id).where(TENANTS.c.id == shown.tenant)) is not None
        check_sources(connection, sources, now=now)
    # Hashing takes long, so no transaction is open meanwhile; unknown users take as long as known ones.
    right = verify_password(shown.password, row.password, cost) if row is not None else _nobody(cost)
    actor = Actor(shown.tenant, row.id if row else "unknown", row.role if row else "unknown", shown.address)
    try:
        if not known:
            raise NotAuthenticated(WRONG)  # no log to write into
        with store.visit(actor) as visit:
            visit.attempt(verb, f"users/{actor.user}")
            if row is None or not right:
                raise NotAuthenticated(WRONG)
            return admit(visit, row)
    except NotAuthenticated:
        count_failures(store, sources, now=now)
        raise


def _nobody(cost: HashCost) -> bool:
    waste_time(cost)
    return False


def _check_code(visit: Visit, user: str, code: str | None) -> bool:
    """False where no second factor is required; a wrong, missing or used code ends the sign-in."""
    locked = select(USERS.c.code_secret, USERS.c.code_step).where(USERS.c.id == user).with_for_update()
    row = visit.connection.execute(locked).one()
    if row.code_secret is None:
        if has_second_factor(visit.connection, user):
            raise NotAuthenticated(WRONG)
        return False
    secret = decrypt(visit.tenant_key(), code_field(user), row.code_secret).decode()
    step = matching_step(secret, code or "", now=visit.now, after_step=row.code_step)
    if step is None:
        raise NotAuthenticated(WRONG)
    visit.connection.execute(update(USERS).where(USERS.c.id == user).values(code_step=step))
    return True


def _sources(shown: Credentials) -> tuple[str, ...]:
    return name_sources(user=f"{shown.tenant}/{shown.name}", address=shown.address)
