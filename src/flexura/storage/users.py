"""People and programs: added, signed in, recognised by session or token. There is no default account.

Every failure to sign in is the same answer, takes as long as a success, is counted per user and per address, and
stands in the audit log.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, insert, select, update

from flexura.errors import NotAuthenticated, NotStored, StoreConflict
from flexura.security.codes import make_code_secret, matching_step
from flexura.security.encryption import decrypt, encrypt
from flexura.security.passwords import USUAL_COST, HashCost, hash_password, is_outdated, verify_password, waste_time
from flexura.security.roles import ROLES
from flexura.security.sessions import (
    Issued,
    Session,
    Token,
    check_token,
    identify,
    make_token,
    touch_session,
)
from flexura.storage.attempts import begin_session, check_sources, count_failures, name_sources
from flexura.storage.database import begin
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import SESSIONS, TENANTS, TOKENS, USERS

_WRONG: Final = "Name, password or code is wrong."
PERSONS: Final = tuple(role for role in ROLES if role != "worker")


@dataclass(frozen=True)
class Credentials:
    """What somebody shows to be let in, and from which address."""

    tenant: str
    name: str
    password: str
    code: str | None = None
    address: str | None = None

    def __repr__(self) -> str:
        """Hide all of it."""
        return "Credentials(...)"


def add_user(visit: Visit, name: str, role: str, password: str, *, cost: HashCost = USUAL_COST) -> str:
    """Add a user.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    name : str
        The sign-in name, 1 to 128 characters, unique in its tenant.
    role : str
        One of `ROLES`, but not worker.
    password : str
        See `hash_password`.
    cost : HashCost
        What a hash costs.

    Returns
    -------
    str
        The user's id.

    Raises
    ------
    StoreConflict
        When the name is taken (as the visit ends) or unfit, or the role is none for people.
    PasswordUnfit
        When the password is too weak.
    """
    if not 1 <= len(name) <= 128 or not name.isprintable() or role not in PERSONS:
        raise StoreConflict(f"A user needs a name of 1 to 128 characters and one of the roles {', '.join(PERSONS)}.")
    user = visit.store.make_id()
    visit.record("user.manage", f"users/{user}")
    hashed = hash_password(password, cost, user_name=name)
    row = {"id": user, "tenant": visit.actor.tenant, "name": name, "role": role}
    visit.connection.execute(insert(USERS).values(**row, password=hashed, created_at=visit.now))
    return user


def find_user(visit: Visit, name: str) -> str:
    """Find a user by the sign-in name.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    name : str
        The sign-in name.

    Returns
    -------
    str
        The user's id.

    Raises
    ------
    NotStored
        When there is no such user.
    """
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.name == name)
    user = visit.connection.scalar(select(USERS.c.id).where(mine))
    if user is None:
        raise NotStored("There is no user of this name.")
    visit.record("user.manage", f"users/{user}")
    return str(user)


def require_codes(visit: Visit, user: str) -> str:
    """Give a user a second factor: from now on a one-time code is asked for at every sign-in.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id.

    Returns
    -------
    str
        The secret for the user's app, shown once.
    """
    secret = make_code_secret(randomness=visit.store.randomness)
    keep_code_secret(visit, user, secret)
    return secret


def keep_code_secret(visit: Visit, user: str, secret: str) -> None:
    """Give a user a second factor whose secret the user's app holds already.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id.
    secret : str
        From `make_code_secret`.
    """
    visit.record("user.manage", f"users/{user}")
    field = _code_field(user)
    sealed = encrypt(visit.tenant_key(), field, secret.encode(), randomness=visit.store.randomness)
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.id == user)
    visit.connection.execute(update(USERS).where(mine).values(code_secret=sealed, code_step=None))


def sign_in(store: Store, shown: Credentials, *, cost: HashCost = USUAL_COST) -> Issued[Session]:
    """Open a session for somebody who shows the right name, password and, where required, code.

    Parameters
    ----------
    store : Store
        Where the user is.
    shown : Credentials
        What was typed.
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
    now = store.clock()
    with begin(store.engine) as connection:
        wanted = (USERS.c.tenant == shown.tenant) & (USERS.c.name == shown.name) & USERS.c.disabled_at.is_(None)
        row = connection.execute(select(USERS).where(wanted)).first()
        known = connection.scalar(select(TENANTS.c.id).where(TENANTS.c.id == shown.tenant)) is not None
        sources = _sources(shown)
        check_sources(connection, sources, now=now)
    # Hashing takes long, so no transaction is open meanwhile; unknown users take as long as known ones.
    right = verify_password(shown.password, row.password, cost) if row is not None else _nobody(cost)
    actor = Actor(shown.tenant, row.id if row else "unknown", row.role if row else "unknown", shown.address)
    try:
        if not known:
            raise NotAuthenticated(_WRONG)  # no log to write into
        return _admit(store, actor, shown, row if right else None, cost)
    except NotAuthenticated:
        count_failures(store, sources, now=now)
        raise


def _nobody(cost: HashCost) -> bool:
    waste_time(cost)
    return False


def _admit(store: Store, actor: Actor, shown: Credentials, row: Row[Any] | None, cost: HashCost) -> Issued[Session]:
    with store.visit(actor) as visit:
        visit.attempt("session.open", f"users/{actor.user}")
        if row is None:
            raise NotAuthenticated(_WRONG)
        factor_at = visit.now if _is_code_right(visit, row.id, shown.code) else None
        if is_outdated(row.password, cost):
            fresh = hash_password(shown.password, cost)
            visit.connection.execute(update(USERS).where(USERS.c.id == row.id).values(password=fresh))
        return begin_session(visit, row.id, sources=_sources(shown), second_factor_at=factor_at)


def _is_code_right(visit: Visit, user: str, code: str | None) -> bool:
    """False where none is required; a wrong, missing or used code ends the sign-in."""
    locked = select(USERS.c.code_secret, USERS.c.code_step).where(USERS.c.id == user).with_for_update()
    row = visit.connection.execute(locked).one()
    if row.code_secret is None:
        return False
    secret = decrypt(visit.tenant_key(), _code_field(user), row.code_secret).decode()
    step = matching_step(secret, code or "", now=visit.now, after_step=row.code_step)
    if step is None:
        raise NotAuthenticated(_WRONG)
    visit.connection.execute(update(USERS).where(USERS.c.id == user).values(code_step=step))
    return True


def recognise_session(store: Store, secret: str, *, address: str | None = None) -> tuple[Actor, Session]:
    """Recognise the person behind a session, and note that it was used.

    Parameters
    ----------
    store : Store
        Where the session is.
    secret : str
        From the cookie.
    address : str | None
        Where the request comes from.

    Returns
    -------
    tuple[Actor, Session]
        Who acts, and the session with the time of its last one-time code.

    Raises
    ------
    NotAuthenticated
        When it is unknown, revoked, idle for too long or too old, or its user is disabled.
    """
    with begin(store.engine) as connection:
        row = _find_secret(connection, SESSIONS, secret)
        session = Session(row.id, row.user_id, row.opened_at, row.seen_at, row.second_factor_at, row.revoked_at)
        session = touch_session(session, now=store.clock())
        connection.execute(update(SESSIONS).where(SESSIONS.c.id == row.id).values(seen_at=session.seen_at))
        return Actor(row.tenant, row.user_id, row.role, address), session


def recognise_token(store: Store, secret: str, verb: str, *, address: str | None = None) -> Actor:
    """Recognise the program behind a token, for one verb.

    Parameters
    ----------
    store : Store
        Where the token is.
    secret : str
        As the program sent it.
    verb : str
        What it asks for.
    address : str | None
        Where the request comes from.

    Returns
    -------
    Actor
        The token's user, narrowed to the token's scopes.

    Raises
    ------
    NotAuthenticated
        When it is unknown, revoked or over, or its user is disabled.
    Forbidden
        When the verb is not among its scopes.
    """
    with begin(store.engine) as connection:
        row = _find_secret(connection, TOKENS, secret)
    scopes = frozenset(row.scopes.split())
    token = Token(row.id, row.user_id, scopes, row.made_at, row.ends_at, row.revoked_at)
    check_token(token, verb, now=store.clock())
    return Actor(row.tenant, row.user_id, row.role, address, scopes=scopes)


def sign_out(visit: Visit, session: str) -> None:
    """End a session of the visit's own user."""
    visit.record("session.close", f"users/{visit.actor.user}")
    mine = (SESSIONS.c.id == session) & (SESSIONS.c.user_id == visit.actor.user)
    visit.connection.execute(update(SESSIONS).where(mine).values(revoked_at=visit.now))


def add_token(visit: Visit, user: str, scopes: frozenset[str], *, lasts: timedelta) -> Issued[Token]:
    """Make a token for a program that acts in the name of a user.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id.
    scopes : frozenset[str]
        The verbs it is good for.
    lasts : timedelta
        Up to 366 days.

    Returns
    -------
    Issued[Token]
        Its secret is shown once.

    Raises
    ------
    TokenUnfit
        Without scopes that exist or a fit end.
    NotStored
        When this tenant has no such user.
    """
    visit.record("user.manage", f"users/{user}")
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.id == user)
    if visit.connection.scalar(select(USERS.c.id).where(mine)) is None:
        raise NotStored("There is no such user.")
    issued = make_token(user, scopes, lasts=lasts, now=visit.now, randomness=visit.store.randomness)
    token = issued.record
    row = {"id": token.id, "user_id": user, "scopes": " ".join(sorted(scopes)), "made_at": token.made_at}
    visit.connection.execute(insert(TOKENS).values(**row, ends_at=token.ends_at))
    return issued


def revoke_token(visit: Visit, token: str) -> None:
    """End a token; one that is not there, or another tenant's, is left alone."""
    visit.record("user.manage", "tokens/revoked")
    mine = select(USERS.c.id).where(USERS.c.tenant == visit.actor.tenant)
    wanted = (TOKENS.c.id == token) & TOKENS.c.user_id.in_(mine)
    visit.connection.execute(update(TOKENS).where(wanted).values(revoked_at=visit.now))


def _find_secret(connection: Connection, table: Table, secret: str) -> Row[Any]:
    joined = select(table, USERS.c.tenant, USERS.c.role).join(USERS, table.c.user_id == USERS.c.id)
    row = connection.execute(joined.where(table.c.id == identify(secret), USERS.c.disabled_at.is_(None))).first()
    if row is None:
        raise NotAuthenticated("Sign in, again.")
    return row


def _code_field(user: str) -> str:
    return f"users.code_secret/{user}"


def _sources(shown: Credentials) -> tuple[str, ...]:
    return name_sources(user=f"{shown.tenant}/{shown.name}", address=shown.address)
