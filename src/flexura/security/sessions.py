"""Sessions of people and tokens of programs: a random secret outside, its hash and its limits in the store.

A session ends after 15 idle minutes and after 12 hours whatever happens (45 CFR 164.312(a)(2)(iii)); a token has an
end and names the verbs it is good for. Either can be revoked. All failures are the same `NotAuthenticated`.
"""

import base64
import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from flexura.errors import Forbidden, NotAuthenticated, TokenUnfit
from flexura.security.keys import Randomness
from flexura.security.verbs import VERBS

IDLE_LIMIT: Final = timedelta(minutes=15)
ABSOLUTE_LIMIT: Final = timedelta(hours=12)
FRESH: Final = timedelta(minutes=5)
LONGEST_TOKEN: Final = timedelta(days=366)

_SECRET_BYTES: Final = 32

T = TypeVar("T")


@dataclass(frozen=True)
class Session:
    """One signed-in person; `id` is the hash of the secret that the browser holds."""

    id: str
    user: str
    opened_at: datetime
    seen_at: datetime
    second_factor_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Token:
    """A program's access in the name of a user; `id` is the hash of its secret, `scopes` are verbs."""

    id: str
    user: str
    scopes: frozenset[str]
    made_at: datetime
    ends_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Issued(Generic[T]):
    """What was made, and its secret: shown to its owner once, kept nowhere."""

    record: T
    secret: str = field(repr=False)


def identify(secret: str) -> str:
    """Give the id under which a secret's session or token is stored: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_session(
    user: str, *, now: datetime, randomness: Randomness, second_factor_at: datetime | None = None
) -> Issued[Session]:
    """Open a session for a user who has shown who they are.

    Parameters
    ----------
    user : str
        The user's id.
    now : datetime
        With its zone.
    randomness : Randomness
        Gives the secret.
    second_factor_at : datetime | None
        When a second factor was shown; `None` for never.

    Returns
    -------
    Issued[Session]
        The session to store, and the secret for the browser's cookie.
    """
    secret = make_secret("fs", randomness)
    return Issued(Session(identify(secret), user, now, now, second_factor_at), secret)


def is_fresh(shown_at: datetime | None, *, now: datetime) -> bool:
    """Tell whether what was shown at sign-in is fresh enough for what a session alone may not do.

    Parameters
    ----------
    shown_at : datetime | None
        When; `None` for never.
    now : datetime
        With its zone.

    Returns
    -------
    bool
        True for five minutes.
    """
    return shown_at is not None and timedelta(0) <= now - shown_at <= FRESH


def touch_session(session: Session, *, now: datetime) -> Session:
    """Check a session, and note that it was used.

    Parameters
    ----------
    session : Session
        As stored.
    now : datetime
        With its zone.

    Returns
    -------
    Session
        To be stored.

    Raises
    ------
    NotAuthenticated
        When it is revoked, idle for 15 minutes, 12 hours old, or from the future (a clock was set back).
    """
    idle, age = now - session.seen_at, now - session.opened_at
    if session.revoked_at is not None or age < timedelta(0) or idle >= IDLE_LIMIT or age >= ABSOLUTE_LIMIT:
        raise NotAuthenticated("Sign in, again.")
    return replace(session, seen_at=max(session.seen_at, now))


def make_token(
    user: str, scopes: frozenset[str], *, lasts: timedelta, now: datetime, randomness: Randomness
) -> Issued[Token]:
    """Make a token for a program.

    Parameters
    ----------
    user : str
        In whose name it acts; it may never do more than that user's role.
    scopes : frozenset[str]
        The verbs it is good for, at least one.
    lasts : timedelta
        Up to 366 days.
    now : datetime
        With its zone.
    randomness : Randomness
        Gives the secret.

    Returns
    -------
    Issued[Token]
        The token to store, and the secret for the program.

    Raises
    ------
    TokenUnfit
        When there is no scope, one that is no verb, or the time is not in its range.
    """
    if not scopes or not scopes <= VERBS.keys() or not timedelta(0) < lasts <= LONGEST_TOKEN:
        raise TokenUnfit("A token needs verbs that exist and an end within a year.")
    secret = make_secret("ft", randomness)
    return Issued(Token(identify(secret), user, scopes, now, now + lasts), secret)


def check_token(token: Token, verb: str, *, now: datetime) -> None:
    """Check that a token is alive and good for a verb.

    Parameters
    ----------
    token : Token
        As stored.
    verb : str
        What is asked for.
    now : datetime
        With its zone.

    Raises
    ------
    NotAuthenticated
        When it is revoked, at its end, or not begun.
    Forbidden
        When the verb is not among its scopes.
    """
    if token.revoked_at is not None or not token.made_at <= now < token.ends_at:
        raise NotAuthenticated("This token is no longer valid.")
    if verb not in token.scopes:
        raise Forbidden("This token is not good for this.")


def make_secret(prefix: str, randomness: Randomness) -> str:
    """Make a secret: a prefix, by which scanners for leaked secrets know it, and 256 random bits."""
    return f"{prefix}_{base64.urlsafe_b64encode(randomness(_SECRET_BYTES)).decode().rstrip('=')}"
