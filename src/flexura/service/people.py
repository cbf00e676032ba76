"""The users of the clinic, for its administrator: listed, added, given a role, locked, unlocked; tokens of programs."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query

from flexura.errors import StoreConflict
from flexura.security.codes import provisioning_uri
from flexura.security.sessions import Issued, Token
from flexura.service.auth import Asking
from flexura.service.cases import Key
from flexura.service.clinic import Wired
from flexura.service.factors import MadeCode
from flexura.service.forms import Id, MadeToken, MadeUser, NewRole, NewToken, NewUser, TokenId, User, Users
from flexura.storage import people, users
from flexura.storage.requests import make_once

_PAGE = 50


def list_users(
    caller: Asking,
    clinic: Wired,
    limit: Annotated[int, Query(ge=1, le=_PAGE)] = _PAGE,
    after: Id | None = None,
) -> Users:
    """List the users, those who are locked out too."""
    with clinic.store.visit(caller.actor) as visit:
        rows = people.list_users(visit, after=after or "", limit=limit)
    items = [User(**vars(row)) for row in rows]
    return Users(items=items, next=items[-1].id if len(items) == limit else None)


def add_user(form: NewUser, caller: Asking, clinic: Wired, idempotency_key: Key = None) -> MadeUser:
    """Add a user; the secret of the one-time codes is told once, here."""
    made, secret = admit_user(form, caller, clinic, idempotency_key)
    return MadeUser(id=made, code_uri=provisioning_uri(secret, form.name) if secret else None)


def admit_user(form: NewUser, caller: Asking, clinic: Wired, key: str | None = None) -> tuple[str, str | None]:
    """Add a user; gives the id and, where codes are asked for, their secret, which is not to be read again.

    Parameters
    ----------
    form : NewUser
        Who.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.
    key : str | None
        The same key and form again make nothing.

    Returns
    -------
    tuple[str, str | None]

    Raises
    ------
    StoreConflict
        When the name is taken, or the same request has told the secret already.
    """
    secrets: list[str] = []
    # Without the password: a fast hash beside the slow one would help whoever guesses.
    body = form.model_dump_json(exclude={"password"}).encode()
    with clinic.store.visit(caller.actor) as visit:

        def add() -> str:
            user = users.add_user(visit, form.name, form.role, form.password, cost=clinic.hash_cost)
            secrets.extend([users.require_codes(visit, user)] if form.codes else [])
            return user

        made = make_once(visit, "users", key, body, add)
    if form.codes and not secrets:
        raise _told_already(made)
    return made, secrets[0] if secrets else None


def change_role(user: Id, form: NewRole, caller: Asking, clinic: Wired) -> None:
    """Give a user another role; sessions and tokens of the old one end. The same role again changes nothing."""
    with clinic.store.visit(caller.actor) as visit:
        people.change_role(visit, user, form.role)


def lock_out(user: Id, caller: Asking, clinic: Wired) -> None:
    """Lock a user out at once; sessions and tokens end."""
    with clinic.store.visit(caller.actor) as visit:
        people.lock_out(visit, user)


def unlock(user: Id, caller: Asking, clinic: Wired) -> None:
    """Let a user who was locked out sign in again; sessions and tokens of before stay ended."""
    with clinic.store.visit(caller.actor) as visit:
        people.unlock(visit, user)


def reset_second_factor(user: Id, caller: Asking, clinic: Wired) -> MadeCode:
    """Give a user who lost the second factor a new one; passkeys and sessions end, its secret is told once, here."""
    with clinic.store.visit(caller.actor) as visit:
        name, secret = people.reset_second_factor(visit, user)
    return MadeCode(code_uri=provisioning_uri(secret, name))


def add_token(user: Id, form: NewToken, caller: Asking, clinic: Wired, idempotency_key: Key = None) -> MadeToken:
    """Make a token for a program that acts in the name of a user; its secret is told once, here.

    Parameters
    ----------
    user : Id
        In whose name.
    form : NewToken
        What for, and how long.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.
    idempotency_key : Key
        From the header.

    Returns
    -------
    MadeToken

    Raises
    ------
    StoreConflict
        When the same request has told the secret already.
    """
    tokens: list[Issued[Token]] = []
    with clinic.store.visit(caller.actor) as visit:

        def issue() -> str:
            scopes, lasts = frozenset(form.scopes), timedelta(days=form.days)
            tokens.append(users.add_token(visit, user, scopes, lasts=lasts))
            return tokens[0].record.id

        made = make_once(visit, f"users/{user}/tokens", idempotency_key, form.model_dump_json().encode(), issue)
    if not tokens:
        raise _told_already(made)
    (issued,) = tokens
    return MadeToken(id=issued.record.id, secret=issued.secret, ends_at=issued.record.ends_at)


def revoke_token(token: TokenId, caller: Asking, clinic: Wired) -> None:
    """End a token at once; one that is not there is left alone."""
    with clinic.store.visit(caller.actor) as visit:
        users.revoke_token(visit, token)


def _told_already(made: str) -> StoreConflict:
    return StoreConflict(
        f"This request has made {made} already, and told its secret; revoke it, and ask with a new key."
    )
