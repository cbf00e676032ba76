"""People and programs: added, recognised by session or token, signed out. There is no default account."""

from datetime import timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Table, bindparam, insert, select, update

from flexura.errors import NotAuthenticated, NotStored, StoreConflict
from flexura.security.codes import make_code_secret
from flexura.security.encryption import encrypt
from flexura.security.passwords import USUAL_COST, HashCost, hash_password
from flexura.security.roles import PROGRAMS, ROLES
from flexura.security.sessions import (
    Issued,
    Session,
    Token,
    check_token,
    identify,
    make_token,
    touch_session,
)
from flexura.storage.database import begin
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import SESSIONS, TOKENS, USERS

PERSONS: Final = tuple(role for role in ROLES if role not in PROGRAMS)
# What every request asks is built once.
_SEEN: Final = update(SESSIONS).where(SESSIONS.c.id == bindparam("session"))


def add_user(visit: Visit, name: str, role: str, password: str, *, cost: HashCost = USUAL_COST) -> str:
    """Add a user.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    name : str
        The sign-in name, 1 to 128 characters, unique in its tenant.
    role : str
        One of `PERSONS`.
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


def code_field(user: str) -> str:
    """Name the place to which the secret of a user's one-time codes is bound."""
    return f"users.code_secret/{user}"


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
    field = code_field(user)
    sealed = encrypt(visit.tenant_key(), field, secret.encode(), randomness=visit.store.randomness)
    mine = (USERS.c.tenant == visit.actor.tenant) & (USERS.c.id == user)
    visit.connection.execute(update(USERS).where(mine).values(code_secret=sealed, code_step=None))


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
        Who acts, and the session with the time of its second factor.

    Raises
    ------
    NotAuthenticated
        When it is unknown, revoked, idle for too long or too old, or its user is disabled.
    """
    with begin(store.engine) as connection:
        row = _find_secret(connection, SESSIONS, secret)
        session = Session(row.id, row.user_id, row.opened_at, row.seen_at, row.second_factor_at, row.revoked_at)
        session = touch_session(session, now=store.clock())
        connection.execute(_SEEN, {"session": row.id, "seen_at": session.seen_at})
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
    row = connection.execute(_of_enabled(table), {"secret": identify(secret)}).first()
    if row is None:
        raise NotAuthenticated("Sign in, again.")
    return row


@cache
def _of_enabled(table: Table) -> Select[Any]:
    joined = select(table, USERS.c.tenant, USERS.c.role).join(USERS, table.c.user_id == USERS.c.id)
    return joined.where(table.c.id == bindparam("secret"), USERS.c.disabled_at.is_(None))
