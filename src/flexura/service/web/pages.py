"""All pages as one table, and what each shows; they call the functions of the interface, so that no rule can differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from flexura.clinical.ages import completed_months
from flexura.clinical.sites import SITES
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import CrossSite, NotAuthenticated, RequestUnfit, TooManyAttempts, UnsupportedImage
from flexura.security.roles import GRANTS, Scope
from flexura.service import assessments, cases, patients, session
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Id, NewCase, Number, Outcome, Person, Review, SignIn
from flexura.service.web.frame import go, read_static, show
from flexura.storage.worklist import STATUSES, list_work

_PAGE: Final = 50
_NUMBERS: Final = frozenset({"age_years", "itch", "duration_days"})
_SHOWN_BY_BROWSERS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def ask_sign_in(request: Request) -> Response:
    """Ask for name, password and code."""
    return show(request, "sign_in.html", failed=None)


def sign_in(request: Request, clinic: Wired) -> Response:
    """Sign in and go to the worklist.

    Parameters
    ----------
    request : Request
        Its form holds name, password and code.
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
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise CrossSite("This form was sent by another site's page.")
    try:
        answer = go("/")
        session.sign_in(_fill(SignIn, request), request, answer, clinic)
    except (NotAuthenticated, TooManyAttempts, RequestUnfit) as error:
        return show(request, "sign_in.html", http_status=401, failed=error.code)
    return answer


def sign_out(caller: Asking, clinic: Wired) -> Response:
    """End the session."""
    answer = go("/sign-in")
    session.sign_out(answer, caller, clinic)
    return answer


def list_worklist(
    request: Request, caller: Asking, clinic: Wired, status: str | None = None, after: Id | None = None
) -> Response:
    """Show the cases of one's own patients, oldest first."""
    wanted = next((known for known in STATUSES if known == status), None)
    rows: tuple[Any, ...] = ()
    if GRANTS[caller.actor.role, "case.read"] is Scope.OWN:
        with clinic.store.visit(caller.actor) as visit:
            rows = list_work(visit, status=wanted, after=after, limit=_PAGE)
    following = rows[-1].case if len(rows) == _PAGE else None
    return show(
        request, "worklist.html", rows=rows, statuses=STATUSES, status=wanted, following=following, missed=False
    )


def find_patient(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Go to the patient of a number, which is in no address."""
    found = patients.find_patient(_fill(Number, request), caller, clinic).id
    if found is None:
        return show(request, "worklist.html", rows=(), statuses=STATUSES, status=None, following=None, missed=True)
    return go(f"/patients/{found}")


def ask_patient(request: Request, clinic: Wired) -> Response:
    """Ask who is to be admitted."""
    return show(request, "new_patient.html", key=clinic.store.make_id())


def admit_patient(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Admit a patient."""
    key = request.state.form.pop("key", None)
    made = patients.create_patient(_fill(Person, request), caller, clinic, key)
    return go(f"/patients/{made.id}")


def read_patient(request: Request, patient: Id, caller: Asking, clinic: Wired) -> Response:
    """Show a patient with the cases, and ask for a new one."""
    person = patients.read_patient(patient, caller, clinic)
    found = [cases.read_case(case, caller, clinic) for case in cases.list_cases(patient, caller, clinic).items]
    age = None if person.born is None else completed_months(person.born, clinic.store.clock().date()) // 12
    key = clinic.store.make_id()
    return show(request, "patient.html", patient=person, cases=found, sites=tuple(SITES), age=age, key=key)


def begin_case(request: Request, patient: Id, caller: Asking, clinic: Wired) -> Response:
    """Begin a case with what the form tells; what is left empty is unknown."""
    form, key = dict(request.state.form), request.state.form.get("key")
    side = form.pop("side", None)
    form.pop("key", None)
    if side and "site" in form:
        form["site"] = f"{side}_{form['site']}"
    context = {name: _number(value) if name in _NUMBERS else value for name, value in form.items()}
    made = cases.create_case(patient, NewCase(context=context), caller, clinic, key)
    return go(f"/cases/{made.id}")


def read_case(request: Request, case: Id, caller: Asking, clinic: Wired) -> Response:
    """Show a case: its photos, what was answered, what clinicians said to it, what became of it."""
    stored = cases.read_case(case, caller, clinic)
    return show(
        request,
        "case.html",
        case=stored,
        patient=patients.read_patient(stored.patient, caller, clinic),
        assessments=list(reversed(assessments.list_assessments(case, caller, clinic).items)),
        reviews=cases.list_reviews(case, caller, clinic).items,
        outcomes=cases.list_outcomes(case, caller, clinic).items,
        diagnoses=TAXONOMY,
        today=clinic.store.clock().date().isoformat(),
        may_review=GRANTS[caller.actor.role, "review.write"] is not Scope.NO,
        keys=tuple(clinic.store.make_id() for _ in range(2)),
    )


def show_photo(case: Id, photo: Id, caller: Asking, clinic: Wired) -> Response:
    """Give a photo's file for a page to show.

    Parameters
    ----------
    case : Id
        Of which case.
    photo : Id
        Which one.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.

    Returns
    -------
    Response

    Raises
    ------
    UnsupportedImage
        When it is of a format that browsers do not show; the interface gives the file.
    """
    content = bytes(cases.read_photo(case, photo, caller, clinic).body)
    kind = next((kind for begin, kind in _SHOWN_BY_BROWSERS.items() if content.startswith(begin)), None)
    if kind is None:
        raise UnsupportedImage("Browsers do not show photos of this format.")
    return Response(content, media_type=kind, headers={"content-security-policy": "default-src 'none'; sandbox"})


def review(request: Request, case: Id, caller: Asking, clinic: Wired) -> Response:
    """Sign what is right, or what is right instead."""
    key = request.state.form.pop("key", None)
    cases.write_review(case, _fill(Review, request), caller, clinic, key)
    return go(f"/cases/{case}")


def record_outcome(request: Request, case: Id, caller: Asking, clinic: Wired) -> Response:
    """Record what became of a case."""
    key = request.state.form.pop("key", None)
    cases.record_outcome(case, _fill(Outcome, request), caller, clinic, key)
    return go(f"/cases/{case}")


def _fill(form: Callable[..., Any], request: Request) -> Any:
    try:
        return form(**request.state.form)
    except ValueError as error:  # pydantic's; its words repeat what was typed
        raise RequestUnfit("Fields are missing or wrong.") from error


def _number(typed: str) -> float:
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        raise RequestUnfit("A number was expected.") from None


@dataclass(frozen=True)
class Page:
    """One page or form; a verb of `None` is open to everybody."""

    method: str
    path: str
    verb: str | None
    endpoint: Callable[..., Any]


PAGES: Final = (
    Page("GET", "/static/{name}", None, read_static),
    Page("GET", "/sign-in", None, ask_sign_in),
    Page("POST", "/sign-in", None, sign_in),
    Page("POST", "/sign-out", "session.close", sign_out),
    Page("GET", "/", "session.open", list_worklist),
    Page("POST", "/search", "patient.find", find_patient),
    Page("GET", "/patients/new", "patient.create", ask_patient),
    Page("POST", "/patients", "patient.create", admit_patient),
    Page("GET", "/patients/{patient}", "patient.read", read_patient),
    Page("POST", "/patients/{patient}/cases", "case.create", begin_case),
    Page("GET", "/cases/{case}", "case.read", read_case),
    Page("GET", "/cases/{case}/photos/{photo}", "photo.read", show_photo),
    Page("POST", "/cases/{case}/reviews", "review.write", review),
    Page("POST", "/cases/{case}/outcomes", "outcome.record", record_outcome),
)
