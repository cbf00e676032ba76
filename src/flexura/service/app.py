"""The web application: the table of routes, the errors' answers and the shell around them; nothing is global.

Its description (OpenAPI) is at /api/v1/openapi.json. There is no page that loads anything from another host.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.datastructures import Default
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from flexura import __version__
from flexura.errors import FlexuraError
from flexura.service.auth import COOKIE, require, require_session
from flexura.service.clinic import Clinic
from flexura.service.exchange import FhirResponse
from flexura.service.forms import Problem
from flexura.service.metrics import Watch, make_metrics
from flexura.service.problems import MEDIA_TYPE, answer_error, answer_http, answer_unfit, http_problem
from flexura.service.routes import PREFIX, ROUTES, Route, describe, failures
from flexura.service.shell import Shell
from flexura.service.web.frame import PageRoute, read_form, read_upload, refuse, show_problem
from flexura.service.web.pages import PAGES, Page

DISCLAIMER: Final = "Decision support for research and clinicians; not a medical device."

_JSON_BYTES: Final = 64 * 1024
# As the default JSON is written by the model itself; chosen by name, it would go through Python's objects first.
_RESPONSES: Final = {"json": Default(JSONResponse), "file": Response, "fhir": FhirResponse, "text": Response}
_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "A program's token: flexura admin token add."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A person's session."},
}


def make_app(clinic: Clinic) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    clinic : Clinic
        What it works with.

    Returns
    -------
    FastAPI
        An ASGI application without state of its own but the count of its requests.
    """
    app = FastAPI(
        title="flexura",
        version=__version__,
        description=DISCLAIMER,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its page loads scripts from another host
        redoc_url=None,
    )
    app.state.clinic, app.state.metrics = clinic, make_metrics(clinic)
    for route in ROUTES:
        _add(app, route)
    for page in PAGES:
        _add_page(app, page)
    app.add_exception_handler(FlexuraError, _answer_error)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_unfit)
    app.add_middleware(Shell, limit=_limit(clinic.photo_bytes), answer=_answer_error)
    app.add_middleware(Watch, metrics=app.state.metrics)
    app.openapi = _complete(app.openapi)  # type: ignore[method-assign]
    return app


def _add(app: FastAPI, route: Route) -> None:
    summary = (route.endpoint.__doc__ or "").strip().splitlines()[0]
    app.add_api_route(
        PREFIX + route.path,
        route.endpoint,
        methods=[route.method],
        status_code=route.status,
        dependencies=[] if route.verb is None else [Depends(require(route.verb))],
        response_class=_RESPONSES[route.gives],
        summary=summary,
        description=summary,
        operation_id=route.endpoint.__name__,
        responses={code: {"model": Problem, "description": HTTPStatus(code).phrase} for code in failures(route)},
        openapi_extra=describe(route),
    )


def _add_page(app: FastAPI, page: Page) -> None:
    guard = [] if page.verb is None else [Depends(require(page.verb))]
    read = [Depends(require_session), Depends(read_upload)] if page.takes_files else [Depends(read_form)]
    app.router.add_api_route(
        page.path,
        page.endpoint,
        methods=[page.method],
        dependencies=[*read, *guard],
        response_class=Response,
        include_in_schema=False,
        route_class_override=PageRoute,
    )


def _answer_error(request: Request, error: Exception) -> Response:
    """Answer an error as a page to whoever looks at pages, and as a problem document to programs."""
    assert isinstance(error, FlexuraError)
    return answer_error(error) if _is_program(request) else refuse(request, error)


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer_http(error) if _is_program(request) else show_problem(request, http_problem(error))


def _answer_unfit(request: Request, error: Exception) -> Response:
    """Answer an id or a query of the wrong form; to a page's reader it is an address where nothing is."""
    assert isinstance(error, RequestValidationError)
    if _is_program(request):
        return answer_unfit(error)
    return show_problem(request, http_problem(HTTPException(HTTPStatus.NOT_FOUND)))


def _is_program(request: Request) -> bool:
    return request.url.path.startswith(PREFIX)


def _limit(photo_bytes: int) -> Callable[[str], int]:
    def limit(path: str) -> int:
        return photo_bytes if path.endswith(("/photos", "/photos/check")) else _JSON_BYTES

    return limit


def _complete(generate: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Say what the framework cannot: how one signs in, and that problems have a media type of their own."""

    def openapi() -> dict[str, Any]:
        schema = generate()
        schema["components"]["securitySchemes"] = _SCHEMES
        for path in schema["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= HTTPStatus.BAD_REQUEST:
                        (told,) = response["content"].values()
                        response["content"] = {MEDIA_TYPE: told}
        return schema

    return openapi
