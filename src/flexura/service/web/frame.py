"""What every page stands in: its form, its language, its headers, and what is shown when something is refused."""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from http import HTTPStatus
from importlib import resources
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined

from flexura.errors import CrossSite, DatabaseUnavailable, FlexuraError, NotAuthenticated, RequestUnfit
from flexura.report.advice import differing_topics
from flexura.report.contributions import points
from flexura.report.wording import grade_range, percent, plain
from flexura.security.roles import GRANTS, Scope
from flexura.security.sessions import ABSOLUTE_LIMIT, IDLE_LIMIT
from flexura.service.auth import COOKIE, Caller, find_person, make_counter_token
from flexura.service.clinic import Clinic, Wired
from flexura.service.forms import Form
from flexura.service.problems import headers_of, to_problem
from flexura.service.upload import is_form, read_page_form
from flexura.service.web.back import ask_back
from flexura.service.web.texts import LANGUAGES, TEXTS
from flexura.service.web.words import FILTERS, is_spoken
from flexura.storage.patients import count_emergencies

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}
SCRIPT_HEADER: Final = "X-Requested-With"  # with which app.js sends forms
_SCRIPT: Final = "text/javascript; charset=utf-8"
STATIC: Final = {"app.css": "text/css; charset=utf-8"} | dict.fromkeys(
    ("app.js", "session.js", "body.js", "photos.js", "work.js", "view.js", "brush.js", "passkeys.js"), _SCRIPT
)

_environment: Final = Environment(
    loader=PackageLoader("flexura.service.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_environment.filters.update(percent=percent, plain=plain, points=points, grades=grade_range, **FILTERS)
_environment.filters.update(differing=differing_topics)
_environment.tests["spoken"] = is_spoken


class PageRoute(APIRoute):
    """A page's route: to the page's own script it says where to go next, so that a browser reads that page once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the framework's handler."""
        handle = super().get_route_handler()

        async def answer_script(request: Request) -> Response:
            answer = await handle(request)
            if answer.status_code == HTTPStatus.SEE_OTHER and SCRIPT_HEADER in request.headers:
                answer.status_code = HTTPStatus.OK
            return answer

        return answer_script


async def read_form(request: Request) -> None:
    """Read a page's form into the request's state, and the counter-token that it carries.

    Parameters
    ----------
    request : Request
        Its body, if any, is an HTML form.

    Raises
    ------
    RequestUnfit
        When the body is no text.
    """
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=False, max_num_fields=200)
    except ValueError as error:
        raise RequestUnfit("The form could not be read.") from error
    request.state.form = {name: value.strip() for name, value in pairs if value.strip()}
    request.state.counter_token = request.state.form.pop("counter_token", "")


async def read_upload(request: Request, clinic: Wired) -> None:
    """Read a page's form of files into the request's state; of a file that a script sends the body stays unread.

    Parameters
    ----------
    request : Request
        Its body is multipart/form-data, or a file.
    clinic : Wired
        Knows how large a body may be.

    Raises
    ------
    RequestUnfit
        When the form is broken.
    """
    request.state.files, request.state.form = [], {}
    if is_form(request):
        request.state.files, request.state.form = await read_page_form(request, most_bytes=clinic.photo_bytes)
    request.state.counter_token = request.state.form.pop("counter_token", "")


def fill(form: Callable[..., Form], request: Request) -> Any:
    """Fill a form of the interface with what was typed into a page's.

    Parameters
    ----------
    form : Callable[..., Form]
        Its class.
    request : Request
        Read by `read_form`.

    Returns
    -------
    Any
        One of that class.

    Raises
    ------
    RequestUnfit
        When fields are missing or wrong.
    """
    try:
        return form(**request.state.form)
    except ValueError as error:  # pydantic's; its words repeat what was typed
        raise RequestUnfit("Fields are missing or wrong.") from error


def check_site(request: Request) -> None:
    """Refuse a form that no counter-token guards yet, if a stranger's page sent it.

    Parameters
    ----------
    request : Request
        Of a browser, which says so.

    Raises
    ------
    CrossSite
        When another site's page sent it.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CrossSite("This form was sent by another site's page.")


def language_of(request: Request) -> str:
    """Choose the first language of the browser that the catalogue has; English otherwise."""
    asked = (
        part.partition(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    )
    return next((language for language in asked if language in LANGUAGES), "en")


def show(request: Request, template: str, /, *, http_status: int = 200, **shown: Any) -> HTMLResponse:
    """Render a page.

    Parameters
    ----------
    request : Request
        Gives language, role and counter-token.
    template : str
        Its name.
    http_status : int
        HTTP's.
    **shown : Any
        What the template shows.

    Returns
    -------
    HTMLResponse
    """
    language, secret = language_of(request), request.cookies.get(COOKIE)
    caller, clinic = getattr(request.state, "caller", None), request.app.state.clinic
    page = _environment.get_template(template).render(
        **shown,
        language=language,
        t=TEXTS[language],
        role=caller.actor.role if caller else None,
        may=lambda verb: caller is not None and GRANTS[caller.actor.role, verb] is not Scope.NO,
        count_emergencies=lambda: count_emergencies(clinic.store, tenant=caller.actor.tenant) if caller else {},
        demo=clinic.demo,
        counter_token=make_counter_token(secret) if secret and caller else "",
        session=_describe_session(caller, clinic) if caller else None,
    )
    return HTMLResponse(page, http_status, HEADERS)


def _describe_session(caller: Caller, clinic: Clinic) -> dict[str, Any] | None:
    """Whose it is, and the seconds that the page's script counts: until it ends unused, and until it ends at all."""
    if caller.session is None:
        return None
    left = caller.session.opened_at + ABSOLUTE_LIMIT - clinic.store.clock()
    return {"user": caller.actor.user, "idle_s": int(IDLE_LIMIT.total_seconds()), "left_s": int(left.total_seconds())}


def go(path: str) -> RedirectResponse:
    """Answer a form: the browser reads another page, so that going back sends nothing twice."""
    return RedirectResponse(quote(path), HTTPStatus.SEE_OTHER, HEADERS)


def refuse(request: Request, error: FlexuraError) -> Response:
    """Show an error as a page; who is not signed in goes to sign in, and from there back."""
    if isinstance(error, NotAuthenticated):
        status = HTTPStatus.OK if SCRIPT_HEADER in request.headers else HTTPStatus.SEE_OTHER
        return RedirectResponse(ask_back(request), status, HEADERS)
    return show_problem(request, to_problem(error))


def show_problem(request: Request, problem: Mapping[str, Any], /) -> HTMLResponse:
    """Show a problem document as a page, with the way on and out of whoever is signed in.

    What is refused before anybody asked who is there shows it too. Where we failed ourselves, or the store is away,
    nothing more is asked of it.

    Parameters
    ----------
    request : Request
        Refused.
    problem : Mapping[str, Any]
        From `to_problem` or `http_problem`.

    Returns
    -------
    HTMLResponse
    """
    if problem["status"] < HTTPStatus.INTERNAL_SERVER_ERROR and not hasattr(request.state, "caller"):
        with suppress(NotAuthenticated, DatabaseUnavailable):
            request.state.caller = find_person(request, request.app.state.clinic)
    page = show(request, "problem.html", http_status=problem["status"], problem=problem)
    page.headers.update(headers_of(problem))
    return page


def read_static(name: str) -> Response:
    """Give one of the files that pages load.

    Parameters
    ----------
    name : str
        Such as "app.css".

    Returns
    -------
    Response

    Raises
    ------
    RequestUnfit
        When there is none of that name.
    """
    if name not in STATIC:
        raise RequestUnfit("There is no such file.")
    content = resources.files("flexura.service.web").joinpath("static", name).read_bytes()
    return Response(content, media_type=STATIC[name], headers={"cache-control": "max-age=300"})
