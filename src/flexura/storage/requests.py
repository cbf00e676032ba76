"""Requests that may come twice: what the first made is remembered with it, and the second makes nothing."""

import hmac
from collections.abc import Callable
from typing import Final

from sqlalchemy import insert, select

from flexura.errors import RequestUnfit, StoreConflict
from flexura.security.encryption import derive
from flexura.storage.store import Visit
from flexura.storage.tables import REQUESTS

_LONGEST_KEY: Final = 255


def make_once(visit: Visit, name: str, key: str | None, body: bytes, make: Callable[[], str]) -> str:
    """Make something, unless this user's same request has made it already.

    Parameters
    ----------
    visit : Visit
        The transaction in which it is made. Of two at once, one commits and the other is a conflict.
    name : str
        What is asked for, such as "cases/ID".
    key : str | None
        The client's Idempotency-Key, 1 to 255 characters; `None` makes it every time.
    body : bytes
        The rest of the request; only a keyed hash of it is kept.
    make : Callable[[], str]
        Makes it and gives its id.

    Returns
    -------
    str
        The id of what was made, now or then.

    Raises
    ------
    RequestUnfit
        When the key is empty or too long.
    StoreConflict
        When the key was used for another request.
    """
    made = recall(visit, name, key, body)
    if made is not None:
        return made
    made = make()
    if key is not None:
        hashed_name, hashed_body = _hash(visit, name, key, body)
        row = {**_owner(visit), "name": hashed_name, "body": hashed_body, "made": made, "created_at": visit.now}
        visit.connection.execute(insert(REQUESTS).values(row))
    return made


def recall(visit: Visit, name: str, key: str | None, body: bytes) -> str | None:
    """Recall what this user's same request has made, without making anything; parameters as `make_once`.

    Parameters
    ----------
    visit : Visit
        The transaction.
    name : str
        What is asked for.
    key : str | None
        The client's Idempotency-Key.
    body : bytes
        The rest of the request.

    Returns
    -------
    str | None
        The id of what was made; `None` when nothing was, or there is no key.

    Raises
    ------
    RequestUnfit
        When the key is empty or too long.
    StoreConflict
        When the key was used for another request.
    """
    if key is None:
        return None
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise RequestUnfit(f"An Idempotency-Key has 1 to {_LONGEST_KEY} characters.")
    hashed_name, hashed_body = _hash(visit, name, key, body)
    row = visit.connection.execute(select(REQUESTS).filter_by(**_owner(visit), name=hashed_name)).first()
    if row is not None and not hmac.compare_digest(row.body, hashed_body):
        raise StoreConflict("This Idempotency-Key was used for another request; take a new one.")
    return None if row is None else str(row.made)


def _owner(visit: Visit) -> dict[str, str]:
    return {"tenant": visit.actor.tenant, "user_id": visit.actor.user}


def _hash(visit: Visit, name: str, key: str, body: bytes) -> tuple[str, str]:
    """Keyed, so that nobody finds a patient's name by trying."""
    secret = derive(visit.tenant_key(), "requests")
    return hmac.digest(secret, f"{name}\n{key}".encode(), "sha256").hex(), hmac.digest(secret, body, "sha256").hex()
