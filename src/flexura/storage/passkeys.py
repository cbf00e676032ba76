"""Passkeys as second factors: registered and removed by whose they are, asked for and used at sign-in.

A challenge is good once, for five minutes, for one user, and for one session where a passkey is registered. It is spent
in a transaction of its own before the answer to it is judged, so that a wrong answer spends it too.
"""

import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from flexura.errors import LockoutRefused, NotAuthenticated, NotStored, PasskeyUnfit, StoreConflict
from flexura.security.encryption import decrypt, encrypt
from flexura.security.passkeys import (
    CHALLENGE_LASTS,
    Answer,
    Passkey,
    RelyingParty,
    ask_registration,
    ask_use,
    identify,
    make_challenge,
    may_be_copied,
    verify_registration,
    verify_use,
)
from flexura.security.sessions import Session, is_fresh
from flexura.storage.attempts import WRONG
from flexura.storage.database import begin
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import CHALLENGES, PASSKEYS, USERS

_MOST: Final = 20

_log = logging.getLogger("flexura.storage")


@dataclass(frozen=True)
class KeptPasskey:
    """A passkey as its user sees it."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """A user's second factors as the user sees them; `may_change` says whether this session may change them now."""

    name: str
    codes: bool
    passkeys: tuple[KeptPasskey, ...]
    may_change: bool


@dataclass(frozen=True)
class Challenge:
    """A challenge that was asked of a user, and where a passkey is registered of a session; it is spent."""

    content: bytes
    user: str
    session: str | None


def has_second_factor(connection: Connection, user: str) -> bool:
    """Tell whether a user is asked for a second factor: a code, or a passkey."""
    codes = select(USERS.c.id).where(USERS.c.id == user, USERS.c.code_secret.is_not(None))
    keys = select(PASSKEYS.c.id).where(PASSKEYS.c.user_id == user)
    return connection.scalar(codes) is not None or connection.scalar(keys.limit(1)) is not None


def may_change(visit: Visit, session: Session) -> bool:
    """Tell whether the visit's own user may change second factors: signed in with one, or without any, a moment ago."""
    shown_at = session.second_factor_at
    if not has_second_factor(visit.connection, visit.actor.user):
        shown_at = shown_at or session.opened_at
    return is_fresh(shown_at, now=visit.now)


def describe_factors(visit: Visit, session: Session) -> Factors:
    """Describe the second factors of the visit's own user.

    Parameters
    ----------
    visit : Visit
        The transaction of the user.
    session : Session
        Of the user.

    Returns
    -------
    Factors
    """
    row = visit.connection.execute(select(USERS).where(USERS.c.id == visit.actor.user)).one()
    return Factors(row.name, row.code_secret is not None, list_passkeys(visit), may_change(visit, session))


def list_passkeys(visit: Visit) -> tuple[KeptPasskey, ...]:
    """List the passkeys of the visit's own user, oldest first."""
    return tuple(
        KeptPasskey(row.id, _open(visit, row)["name"], row.created_at, row.used_at)
        for row in _find(visit, visit.actor.user)
    )


def ask_to_register(visit: Visit, party: RelyingParty, session: Session) -> dict[str, Any]:
    """Ask the authenticator of who is signed in for a new passkey.

    Parameters
    ----------
    visit : Visit
        The transaction of the user.
    party : RelyingParty
        The clinic.
    session : Session
        In which the answer must come.

    Returns
    -------
    dict[str, Any]
        For the browser.

    Raises
    ------
    NotAuthenticated
        When the user last signed in, with the second factor if there is one, more than five minutes ago.
    """
    _check_fresh(visit, session)
    user = visit.actor.user
    name = visit.connection.scalar(select(USERS.c.name).where(USERS.c.id == user))
    challenge = _make_challenge(visit, user, session.id)
    return ask_registration(party, challenge, user=user, name=str(name), known=_credentials(visit, user))


def add_passkey(store: Store, actor: Actor, answer: Answer, *, name: str, session: Session) -> str:
    """Keep a passkey; from now on a second factor is asked for at every sign-in.

    Parameters
    ----------
    store : Store
        Where the user is.
    actor : Actor
        The user.
    answer : Answer
        To `ask_to_register`.
    name : str
        By which the user tells it from others.
    session : Session
        The one that asked.

    Returns
    -------
    str
        The passkey's id.

    Raises
    ------
    NotAuthenticated
        When the user last signed in, with the second factor if there is one, more than five minutes ago.
    PasskeyUnfit
        When it does not answer an unspent challenge of this session.
    StoreConflict
        When it is registered already, or the user has 20.
    """
    challenge = spend_challenge(store, answer)
    with store.visit(actor) as visit:
        made = identify(answer.credential)
        visit.record("passkey.add", f"passkeys/{made}")
        _check_fresh(visit, session)
        if challenge is None or (challenge.user, challenge.session) != (actor.user, session.id):
            raise PasskeyUnfit("This question was answered already, or too long ago; ask again.")
        passkey = verify_registration(answer, challenge.content)
        if len(_find(visit, actor.user)) >= _MOST:
            raise StoreConflict(f"A user has at most {_MOST} passkeys; remove one first.")
        row = {"id": made, "user_id": actor.user, "counter": passkey.counter, "created_at": visit.now}
        visit.connection.execute(insert(PASSKEYS).values(**row, sealed=_seal(visit, passkey, name)))
    return made


def remove_passkey(visit: Visit, passkey: str, *, session: Session) -> None:
    """Take a passkey away from the visit's own user, who keeps another second factor.

    Parameters
    ----------
    visit : Visit
        The transaction of the user.
    passkey : str
        Its id.
    session : Session
        Of the user.

    Raises
    ------
    NotAuthenticated
        When the user last signed in with the second factor more than five minutes ago.
    NotStored
        When the user has no such passkey.
    LockoutRefused
        When it is the last second factor.
    """
    visit.record("passkey.remove", f"passkeys/{passkey}")
    _check_fresh(visit, session)
    user = visit.actor.user
    # Locked, so that two who remove the last two at once do not both succeed.
    secret = visit.connection.scalar(select(USERS.c.code_secret).where(USERS.c.id == user).with_for_update())
    mine = {row.id for row in _find(visit, user)}
    if passkey not in mine:
        raise NotStored("There is no such passkey here.")
    if secret is None and mine == {passkey}:
        raise LockoutRefused("The last second factor stays: add another passkey first, or ask an administrator.")
    visit.connection.execute(delete(PASSKEYS).where(PASSKEYS.c.id == passkey))


def forget_passkeys(visit: Visit, user: str) -> None:
    """Take all passkeys of a user away.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    user : str
        The user's id, of this tenant.
    """
    for row in _find(visit, user):
        visit.record("passkey.remove", f"passkeys/{row.id}")
    visit.connection.execute(delete(PASSKEYS).where(PASSKEYS.c.user_id == user))


def ask_to_use(visit: Visit, user: str, party: RelyingParty) -> dict[str, Any]:
    """Ask the authenticators of somebody who showed the right password.

    Parameters
    ----------
    visit : Visit
        The transaction of who signs in.
    user : str
        The user's id.
    party : RelyingParty
        The clinic.

    Returns
    -------
    dict[str, Any]
        For the browser.

    Raises
    ------
    NotAuthenticated
        When the user has no passkey.
    """
    known = _credentials(visit, user)
    if not known:
        raise NotAuthenticated(WRONG)
    return ask_use(party, _make_challenge(visit, user, None), known=known)


def use_passkey(visit: Visit, user: str, answer: Answer, challenge: Challenge | None) -> None:
    """Judge what an authenticator answered for somebody who signs in.

    Parameters
    ----------
    visit : Visit
        The transaction of who signs in.
    user : str
        The user's id.
    answer : Answer
        To `ask_to_use`.
    challenge : Challenge | None
        From `spend_challenge`.

    Raises
    ------
    NotAuthenticated
        When anything about it is wrong. A counter that went back is on record as such, and told in the log.
    """
    used = identify(answer.credential)
    visit.attempt("passkey.use", f"passkeys/{used}")
    mine = (PASSKEYS.c.id == used) & (PASSKEYS.c.user_id == user)
    row = visit.connection.execute(select(PASSKEYS).where(mine).with_for_update()).first()
    if row is None or challenge is None or (challenge.user, challenge.session) != (user, None):
        raise NotAuthenticated(WRONG)
    kept = _open(visit, row)
    passkey = Passkey(b64decode(kept["credential"]), b64decode(kept["public_key"]), row.counter)
    try:
        counter = verify_use(answer, challenge.content, passkey=passkey, user=user)
    except PasskeyUnfit as error:
        raise NotAuthenticated(WRONG) from error
    if may_be_copied(passkey, counter):
        visit.attempt("passkey.use", f"counters/{used}")
        _log.warning("A passkey's counter went back: somebody may hold a copy of it. The sign-in was refused.")
        raise NotAuthenticated(WRONG)
    visit.connection.execute(update(PASSKEYS).where(mine).values(counter=counter, used_at=visit.now))


def spend_challenge(store: Store, answer: Answer) -> Challenge | None:
    """Take the challenge that is answered off the list, in a transaction of its own.

    Parameters
    ----------
    store : Store
        Where it may be.
    answer : Answer
        Whatever it says is believed only as far as it names a challenge.

    Returns
    -------
    Challenge | None
        `None` where it was never asked, is spent already or too old.
    """
    content, now = answer.challenge, store.clock()
    with begin(store.engine) as connection:
        asked = delete(CHALLENGES).where(CHALLENGES.c.id == identify(content)).returning(*CHALLENGES.c)
        row = connection.execute(asked).first()
    # One that ends too far away was asked before a clock was set back.
    if row is None or not now < row.ends_at <= now + CHALLENGE_LASTS:
        return None
    return Challenge(content, row.user_id, row.session_id)


def _make_challenge(visit: Visit, user: str, session: str | None) -> bytes:
    """Put a challenge on the list, and those that nobody answered off it."""
    visit.connection.execute(delete(CHALLENGES).where(CHALLENGES.c.ends_at <= visit.now))
    challenge = make_challenge(randomness=visit.store.randomness)
    row = {"id": identify(challenge), "user_id": user, "session_id": session, "ends_at": visit.now + CHALLENGE_LASTS}
    visit.connection.execute(insert(CHALLENGES).values(row))
    return challenge


def _check_fresh(visit: Visit, session: Session) -> None:
    if not may_change(visit, session):
        raise NotAuthenticated("This needs a sign-in of the last five minutes, with the second factor: sign in again.")


def _find(visit: Visit, user: str) -> Sequence[Row[Any]]:
    mine = select(PASSKEYS).where(PASSKEYS.c.user_id == user)
    return visit.connection.execute(mine.order_by(PASSKEYS.c.created_at, PASSKEYS.c.id)).all()


def _credentials(visit: Visit, user: str) -> list[bytes]:
    return [b64decode(_open(visit, row)["credential"]) for row in _find(visit, user)]


def _seal(visit: Visit, passkey: Passkey, name: str) -> bytes:
    """Bound to credential and user, so that whoever writes into the database gives nobody another key."""
    kept = {"name": name, "credential": _text(passkey.credential), "public_key": _text(passkey.public_key)}
    field = _field(identify(passkey.credential), visit.actor.user)
    return encrypt(visit.tenant_key(), field, json.dumps(kept).encode(), randomness=visit.store.randomness)


def _open(visit: Visit, row: Row[Any]) -> dict[str, str]:
    kept: dict[str, str] = json.loads(decrypt(visit.tenant_key(), _field(row.id, row.user_id), row.sealed))
    return kept


def _field(passkey: str, user: str) -> str:
    return f"passkeys.sealed/{user}/{passkey}"


def _text(content: bytes) -> str:
    return b64encode(content).decode()
