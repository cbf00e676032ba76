"""Whether the service runs and is ready; signing in, asking who one is, signing out."""

from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import Field

from flexura.errors import DatabaseUnavailable, Forbidden
from flexura.security.sessions import ABSOLUTE_LIMIT, Issued, Session
from flexura.service.auth import COOKIE, Asking, address_of, make_counter_token
from flexura.service.clinic import Wired
from flexura.service.forms import Form, Myself, SignedIn, SignIn
from flexura.service.passkeys import read_answer
from flexura.storage.credentials import Credentials
from flexura.storage.credentials import sign_in as open_session
from flexura.storage.database import is_reachable
from flexura.storage.users import sign_out as close_session


class Health(Form):
    """That the service runs."""

    status: Literal["alive"] = "alive"


class Readiness(Form):
    """That the service can work, and with which network."""

    status: Literal["ready"] = "ready"
    model: Annotated[str, Field(examples=["flexura 0.1.0"])]


async def tell_health() -> Health:  # async, so that it waits for no thread
    """Tell that the process runs."""
    return Health()


def tell_readiness(clinic: Wired) -> Readiness:
    """Tell that database and master keys answer and the network is loaded.

    Parameters
    ----------
    clinic : Wired
        The service.

    Returns
    -------
    Readiness

    Raises
    ------
    DatabaseUnavailable
        When the database does not answer.
    HsmUnavailable
        When the token with the master keys does not.
    """
    if not is_reachable(clinic.store.engine):
        raise DatabaseUnavailable("The database does not answer.")
    clinic.store.read_ring().current  # noqa: B018  # asks where they are
    return Readiness(model=clinic.assessor.model)


def sign_in(form: SignIn, request: Request, response: Response, clinic: Wired) -> SignedIn:
    """Sign in with password and, where the user has one, code or passkey; the session is in the cookie."""
    passkey = None if form.passkey is None else read_answer(form.passkey, clinic)
    shown = Credentials(form.tenant, form.name, form.password, form.code, address_of(request), passkey)
    issued = open_session(clinic.store, shown, cost=clinic.hash_cost)
    keep_session(response, issued)
    return SignedIn(csrf_token=make_counter_token(issued.secret))


def keep_session(response: Response, issued: Issued[Session]) -> None:
    """Put a session's secret into the browser's cookie, closed to scripts, plain connections and other sites."""
    age_s = int(ABSOLUTE_LIMIT.total_seconds())
    response.set_cookie(COOKIE, issued.secret, max_age=age_s, secure=True, httponly=True, samesite="strict")


def tell_myself(request: Request, caller: Asking) -> Myself:
    """Tell who asks."""
    counter_token = make_counter_token(request.cookies[COOKIE]) if caller.session else None
    return Myself(user=caller.actor.user, role=caller.actor.role, csrf_token=counter_token)


def sign_out(response: Response, caller: Asking, clinic: Wired) -> None:
    """End the session, here and on the server.

    Parameters
    ----------
    response : Response
        Takes the cookie away.
    caller : Asking
        A person.
    clinic : Wired
        The service.

    Raises
    ------
    Forbidden
        For a token, which is no session.
    """
    if caller.session is None:
        raise Forbidden("A token is not signed out; an administrator revokes it.")
    with clinic.store.visit(caller.actor) as visit:
        close_session(visit, caller.session.id)
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict")
