"""All that the service serves, as one table: method, path, the verb that decides who may, and what does it.

There is no route that is not a row. A verb of `None` is open to everybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from flexura.service import assessments, cases, exchange, jobs, metrics, oversight, passkeys, patients, people, session
from flexura.service.upload import MOST_FILES

PREFIX: Final = "/api/v1"

# Routes whose body is a file and no JSON.
_FILE: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_FILES: Final = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "minItems": 1,
    "maxItems": MOST_FILES,
}
_FORM: Final = {
    "multipart/form-data": {"schema": {"type": "object", "properties": {"file": _FILES}, "required": ["file"]}}
}
_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}


@dataclass(frozen=True)
class Route:
    """One route; body or answer is JSON, but for photos' files, FHIR resources and the metrics' text."""

    method: str
    path: str
    verb: str | None
    endpoint: Callable[..., Any]
    status: int = 200
    takes_file: bool = False
    gives: Literal["json", "file", "fhir", "text"] = "json"


_PATIENT, _CASE = "/patients/{patient}", "/cases/{case}"
_PHOTO, _MEMBER = _CASE + "/photos/{photo}", _PATIENT + "/care-team/{user}"

ROUTES: Final = (
    Route("GET", "/health", None, session.tell_health),
    Route("GET", "/ready", None, session.tell_readiness),
    Route("GET", "/metrics", "metrics.read", metrics.tell_metrics, gives="text"),
    Route("POST", "/session", None, session.sign_in),
    Route("GET", "/session", "session.open", session.tell_myself),
    Route("DELETE", "/session", "session.close", session.sign_out, 204),
    Route("POST", "/session/passkey", None, passkeys.ask_passkey),
    Route("GET", "/passkeys", "session.open", passkeys.list_passkeys),
    Route("POST", "/passkeys", "passkey.add", passkeys.add_passkey, 201),
    Route("POST", "/passkeys/challenge", "passkey.add", passkeys.ask_new_passkey),
    Route("DELETE", "/passkeys/{passkey}", "passkey.remove", passkeys.remove_passkey, 204),
    Route("POST", "/patients", "patient.create", patients.create_patient, 201),
    Route("GET", "/patients", "patient.read", patients.list_patients),
    Route("POST", "/patients/search", "patient.find", patients.find_patient),
    Route("GET", _PATIENT, "patient.read", patients.read_patient),
    Route("DELETE", _PATIENT, "patient.delete", patients.delete_patient, 204),
    Route("GET", _PATIENT + "/export", "patient.export", patients.export_patient),
    Route("PUT", _MEMBER, "care.assign", patients.assign_care, 204),
    Route("DELETE", _MEMBER, "care.assign", patients.release_care, 204),
    Route("POST", _PATIENT + "/emergency", "glass.break", patients.open_emergency, 201),
    Route("POST", _PATIENT + "/cases", "case.create", cases.create_case, 201),
    Route("GET", _PATIENT + "/cases", "case.read", cases.list_cases),
    Route("GET", _CASE, "case.read", cases.read_case),
    Route("POST", _CASE + "/photos", "photo.add", cases.add_photos, 201, takes_file=True),
    Route("GET", _PHOTO, "photo.read", cases.read_photo, gives="file"),
    Route("POST", _PHOTO + "/assessments", "assessment.request", assessments.assess_photo, 201),
    Route("POST", _PHOTO + "/jobs", "assessment.request", jobs.request_assessment, 202),
    Route("GET", "/jobs/{job}", "assessment.read", jobs.read_job),
    Route("DELETE", "/jobs/{job}", "assessment.request", jobs.cancel_job, 204),
    Route("GET", _CASE + "/assessments", "assessment.read", assessments.list_assessments),
    Route("GET", _CASE + "/assessments/{assessment}", "assessment.read", assessments.read_assessment),
    Route("GET", _CASE + "/assessments/{assessment}/fhir", "assessment.read", exchange.show_fhir, gives="fhir"),
    Route("POST", _CASE + "/reviews", "review.write", cases.write_review, 201),
    Route("GET", _CASE + "/reviews", "review.read", cases.list_reviews),
    Route("POST", _CASE + "/outcomes", "outcome.record", cases.record_outcome, 201),
    Route("GET", _CASE + "/outcomes", "outcome.read", cases.list_outcomes),
    Route("GET", "/users", "user.manage", people.list_users),
    Route("POST", "/users", "user.manage", people.add_user, 201),
    Route("PUT", "/users/{user}/role", "user.manage", people.change_role, 204),
    Route("DELETE", "/users/{user}", "user.manage", people.lock_out, 204),
    Route("POST", "/users/{user}/enable", "user.manage", people.unlock, 204),
    Route("POST", "/users/{user}/second-factor", "user.manage", people.reset_second_factor, 201),
    Route("POST", "/users/{user}/tokens", "user.manage", people.add_token, 201),
    Route("DELETE", "/tokens/{token}", "user.manage", people.revoke_token, 204),
    Route("GET", "/audit", "audit.read", oversight.search_audit),
    Route("GET", "/audit/fhir", "audit.read", oversight.export_audit, gives="fhir"),
    Route("GET", "/audit/verification", "audit.verify", oversight.verify_audit),
    Route("GET", "/emergencies", "audit.read", oversight.list_emergencies),
    Route("POST", "/emergencies/{emergency}/review", "glass.review", oversight.review_emergency),
)


def describe(route: Route) -> dict[str, Any]:
    """Describe a route for OpenAPI, beyond what its function's signature tells.

    Parameters
    ----------
    route : Route
        A row of `ROUTES`.

    Returns
    -------
    dict[str, Any]
        For the operation: security, and the body or answer that is a file.
    """
    described: dict[str, Any] = {"security": [] if route.verb is None else [{"token": []}, {"session": []}]}
    if route.takes_file:
        described["requestBody"] = {"required": True, "content": _FILE | _FORM}
    if route.gives == "file":
        described["responses"] = {str(route.status): {"description": "The file as it came.", "content": _FILE}}
    if route.gives == "text":
        described["responses"] = {str(route.status): {"description": "Prometheus' text format.", "content": _TEXT}}
    return described


def failures(route: Route) -> frozenset[int]:
    """Name the HTTP statuses of the problems that a route may answer with.

    Parameters
    ----------
    route : Route
        A row of `ROUTES`.

    Returns
    -------
    frozenset[int]
        400 and above.
    """
    met = {413, 500}
    if route.path not in {"/health"}:
        met |= {503}
    if route.verb is not None:
        met |= {401, 403, 429}
    if route.path in {"/session", "/session/passkey"} and route.method == "POST":
        met |= {401, 429}
    if "{" in route.path:
        met |= {404, 422}
    if route.method in {"POST", "PUT", "DELETE"}:
        met |= {409, 422, 507}
    if route.path in {"/patients", "/users", "/audit", "/audit/fhir", "/emergencies"}:
        met |= {422}
    return frozenset(met)
