"""Coming in, and what there is to do: sign-in, the worklist, and finding a patient."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from flexura.errors import NotAuthenticated, RequestUnfit, TooManyAttempts
from flexura.security.roles import GRANTS, Scope
from flexura.service import patients, session
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Id, Number, SignIn
from flexura.service.web.account import unfold
from flexura.service.web.arrival import show_sign_in
from flexura.service.web.back import find_way
from flexura.service.web.frame import HEADERS, check_site, fill, go, show
from flexura.storage.worklist import CHOICES, list_work

_PAGE: Final = 50
_ALL: Final = "all"


def ask_sign_in(request: Request) -> Response:
    """Ask for name, password and second factor, or lead to the identity provider."""
    return show_sign_in(request, find_way(request.query_params.get("next")))


def sign_in(request: Request, clinic: Wired) -> Response:
    """Sign in and go back to the page where one was, or to the worklist.

    Parameters
    ----------
    request : Request
        Its form holds name, password and code, or what a passkey answered, and `next`, the way back.
    clinic : Wired
        The service.

    Returns
    -------
    Response

    Raises
    ------
    CrossSite
        When a stranger's page sent the form.
    """
    check_site(request)
    way = find_way(request.state.form.pop("next", None))
    try:
        answer = RedirectResponse(way, HTTPStatus.SEE_OTHER, HEADERS)
        unfold(request, "passkey")
        session.sign_in(fill(SignIn, request), request, answer, clinic)
    except (NotAuthenticated, TooManyAttempts, RequestUnfit):
        return show_sign_in(request, way, http_status=401, failed="failed")
    return answer


def sign_out(caller: Asking, clinic: Wired) -> Response:
    """End the session."""
    answer = go("/sign-in")
    session.sign_out(answer, caller, clinic)
    return answer


def list_worklist(
    request: Request, caller: Asking, clinic: Wired, status: str | None = None, after: Id | None = None
) -> Response:
    """Show the cases of one's own patients, oldest first: those that are open, where nothing else is asked for."""
    wanted = None if status == _ALL else next((known for known in CHOICES if known == status), CHOICES[0])
    rows: tuple[Any, ...] = ()
    if GRANTS[caller.actor.role, "case.read"] is Scope.OWN:
        with clinic.store.visit(caller.actor) as visit:
            rows = list_work(visit, status=wanted, after=after, limit=_PAGE)
    following = rows[-1].case if len(rows) == _PAGE else None
    return _show_worklist(request, rows=rows, status=wanted or _ALL, following=following, missed=False)


def find_patient(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Go to the patient of a number, which is in no address."""
    found = patients.find_patient(fill(Number, request), caller, clinic).id
    if found is None:
        return _show_worklist(request, rows=(), status=None, following=None, missed=True)
    return go(f"/patients/{found}")


def _show_worklist(request: Request, **shown: Any) -> Response:
    return show(request, "worklist.html", choices=(*CHOICES, _ALL), **shown)
