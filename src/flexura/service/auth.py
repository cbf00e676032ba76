"""Who asks: a person by the session in a cookie, a program by a token; and whether the role may ever do this.

A browser sends cookies along with requests that a stranger's page makes, so a request of a session that changes
anything must also show its counter-token, which only a page of our own can read. Whose data the role may touch is
decided later, with the data at hand, by `Store.visit`.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import Depends, Request

from flexura.errors import CrossSite, Forbidden, NotAuthenticated
from flexura.security.roles import GRANTS, Scope
from flexura.security.sessions import Session
from flexura.service.clinic import Clinic, Wired
from flexura.storage.store import Actor
from flexura.storage.users import recognise_session, recognise_token

# The prefix makes browsers insist on Secure, Path=/ and this very host (RFC 6265bis, 4.1.3.2).
COOKIE: Final = "__Host-flexura"
COUNTER_HEADER: Final = "X-CSRF-Token"
# What the treatment team does is for treatment (v3-ActReason).
_TREATMENT: Final = "TREAT"
_TREATING: Final = frozenset({"clinician", "nurse"})
_HARMLESS: Final = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Caller:
    """Who asks; `session` for a person, `None` for a program."""

    actor: Actor
    session: Session | None = None


def make_counter_token(secret: str) -> str:
    """Derive the counter-token of a session: whoever has it has read our answer, and cannot tell the secret from it.

    Parameters
    ----------
    secret : str
        The session's.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    return hmac.digest(secret.encode(), b"counter-token", hashlib.sha256).hex()


def address_of(request: Request) -> str | None:
    """Tell where a request comes from; what a proxy claims does not count."""
    return request.client.host if request.client else None


def require(verb: str) -> Callable[[Request, Wired], None]:
    """Make the dependency that lets a request in to a verb.

    Parameters
    ----------
    verb : str
        A row of `VERBS`.

    Returns
    -------
    Callable[[Request, Wired], None]
        Leaves a `Caller` in the request's state. Raises `NotAuthenticated`, `CrossSite`, `TooManyAttempts` or
        `Forbidden`.
    """

    def let_in(request: Request, clinic: Wired) -> None:
        caller = _recognise(request, clinic, verb)
        purpose = _TREATMENT if caller.actor.role in _TREATING else None
        # Left before anything is refused, so that the page of the refusal knows whose it is.
        request.state.caller = caller = replace(caller, actor=replace(caller.actor, purpose=purpose))
        clinic.allowance.take(f"{caller.actor.tenant}/{caller.actor.user}")
        if GRANTS.get((caller.actor.role, verb), Scope.NO) is Scope.NO:
            _refuse(clinic, caller, verb)

    return let_in


def require_session(request: Request, clinic: Wired) -> None:
    """Refuse who is not signed in before a large body is read, which brings the counter-token with it.

    Parameters
    ----------
    request : Request
        Of a page.
    clinic : Wired
        The service.

    Raises
    ------
    NotAuthenticated
        When nobody is signed in.
    """
    find_person(request, clinic)


def find_person(request: Request, clinic: Clinic) -> Caller:
    """Recognise a person by the session in the cookie, whatever the request asks for.

    Parameters
    ----------
    request : Request
        Of a browser.
    clinic : Clinic
        The service.

    Returns
    -------
    Caller
        Who it is; not that this request may be answered.

    Raises
    ------
    NotAuthenticated
        When nobody is signed in.
    """
    secret = request.cookies.get(COOKIE)
    if not secret:
        raise NotAuthenticated("Sign in, or send a token.")
    return Caller(*recognise_session(clinic.store, secret, address=address_of(request)))


def _recognise(request: Request, clinic: Wired, verb: str) -> Caller:
    """A token is taken before a cookie: no browser adds one by itself."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return Caller(recognise_token(clinic.store, token.strip(), verb, address=address_of(request)))
    caller = find_person(request, clinic)
    secret = request.cookies[COOKIE]
    shown: str = request.headers.get(COUNTER_HEADER, "") or getattr(request.state, "counter_token", "")
    if request.method not in _HARMLESS and not hmac.compare_digest(shown.encode(), make_counter_token(secret).encode()):
        raise CrossSite(f"A session's request that changes anything needs its {COUNTER_HEADER}.")
    return caller


def _refuse(clinic: Wired, caller: Caller, verb: str) -> None:
    """Refuse for the role alone; it stands in the log like every refusal."""
    with clinic.store.visit(caller.actor) as visit:
        visit.attempt(verb, None)
        raise Forbidden("This role may not do this.")


async def _caller_of(request: Request) -> Caller:  # async: it waits for nothing and needs no thread
    caller: Caller = request.state.caller
    return caller


Asking = Annotated[Caller, Depends(_caller_of)]
