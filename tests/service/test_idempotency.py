"""Every request that makes something makes it once per Idempotency-Key, whichever service answers it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pyotp import TOTP
from sqlalchemy import Table, func, select
from starlette.testclient import TestClient

from flexura.service.app import make_app
from flexura.service.auth import COUNTER_HEADER
from flexura.service.routes import ROUTES
from flexura.storage import tables
from flexura.storage.database import begin, open_database
from flexura.storage.store import Actor
from flexura.storage.users import require_codes

API = "/api/v1"
PASSWORD = "seven green ladders"
ONCE = {"Idempotency-Key": "k-1"}
# Good once by themselves: an answer spends its question, and a new second factor replaces the one before.
BY_THEMSELVES = {"/passkeys", "/users/{user}/second-factor"}
MAKING = {
    route.path: route
    for route in ROUTES
    if route.method == "POST" and route.status in (201, 202) and route.path not in BY_THEMSELVES
}


@dataclass(frozen=True)
class Making:
    """What is sent to a route, something else that may be sent to it, the rows that it makes, and who asks.

    `other` is `None` where the request has no body. `secret` says that the answer holds one: it is not told again.
    """

    table: Table
    body: dict[str, Any] | bytes | None
    other: dict[str, Any] | bytes | None
    role: str = "clinician"
    secret: bool = False


NEW_USER = {"name": "jose", "role": "nurse", "password": "nine copper kettles", "codes": True}
MAKINGS: dict[str, Making] = {
    "/patients": Making(tables.PATIENTS, {"number": "MRN-1", "name": "Ann"}, {"number": "MRN-2", "name": "Ann"}),
    "/patients/{patient}/emergency": Making(
        tables.BROKEN_GLASS, {"reason": "Seizure in the emergency room"}, {"reason": "Anaphylaxis on the ward"}
    ),
    "/patients/{patient}/cases": Making(tables.CASES, {"context": {"itch": 7}}, {"context": {"itch": 8}}),
    "/cases/{case}/photos": Making(tables.PHOTOS, b"photo", b"another"),
    "/cases/{case}/photos/{photo}/assessments": Making(tables.ASSESSMENTS, None, None),
    "/cases/{case}/photos/{photo}/jobs": Making(tables.JOBS, None, None),
    "/cases/{case}/reviews": Making(
        tables.REVIEWS, {"assessment": "{assessment}", "agrees": True}, {"assessment": "{assessment}", "agrees": False}
    ),
    "/cases/{case}/outcomes": Making(
        tables.OUTCOMES, {"observed_on": "2026-02-01", "note": "a"}, {"observed_on": "2026-02-01", "note": "b"}
    ),
    "/users": Making(tables.USERS, NEW_USER, NEW_USER | {"name": "ana"}, "administrator", secret=True),
    "/users/{user}/tokens": Making(
        tables.TOKENS,
        {"scopes": ["case.read", "patient.read"]},
        {"scopes": ["case.read"]},
        "administrator",
        secret=True,
    ),
}


def test_every_route_that_makes_something_is_in_the_table_and_takes_a_key():
    assert MAKINGS.keys() == MAKING.keys()
    keyless = [path for path in MAKINGS if "idempotency_key" not in inspect.signature(MAKING[path].endpoint).parameters]
    assert not keyless


def test_no_route_makes_something_unnoticed():
    """Searches and questions, what is the same however often it is sent, and a sign-in, whose secret is told once."""
    quiet = {route.path for route in ROUTES if route.method == "POST"} - MAKINGS.keys() - BY_THEMSELVES
    same = {"/emergencies/{emergency}/review", "/users/{user}/enable"}
    assert quiet == {"/session", "/session/passkey", "/passkeys/challenge", "/patients/search"} | same


@pytest.fixture
def second(clinic, store):
    """Another service on the same database, which shares nothing in memory with the first."""
    engine = open_database(store.engine.url.render_as_string(hide_password=False))
    yield make_app(replace(clinic, store=replace(store, engine=engine)))
    engine.dispose()


@pytest.fixture
def services(app, second, client, people, patient):
    """Two clients of one role, of the first service and of the second."""

    def pair(role: str, path: str) -> tuple[TestClient, TestClient]:
        if path.endswith("/emergency"):
            return _sign_in(client(), people, second)
        headers = {"Authorization": f"Bearer {people.add(role, role)}"}
        return client(role), TestClient(second, base_url=f"https://clinic.test{API}", headers=headers)

    return pair


def _sign_in(http, people, second):
    """A clinician of no care team, with a session of a second factor: who may break the glass."""
    people.add("stranger", "clinician")
    with people.store.visit(Actor("clinic", "console", "administrator")) as visit:
        secret = require_codes(visit, people.ids["stranger"])
    shown = {"name": "stranger", "password": PASSWORD, "code": TOTP(secret).at(people.store.clock())}
    http.headers[COUNTER_HEADER] = http.post("/session", json=shown).json()["csrf_token"]
    other = TestClient(second, base_url=f"https://clinic.test{API}", headers=http.headers, cookies=http.cookies)
    return http, other


@pytest.fixture
def named(patient, case, people, skin_photo, request) -> Callable[[str], str]:
    """Puts real ids in the place of {patient}, {case} and so on; a photo or assessment is made when it is named."""

    def fill(text: str) -> str:
        ids = {"patient": patient, "case": case, "user": people.ids["clinician"]}
        for name in ("photo", "assessment"):
            if f"{{{name}}}" in text:
                ids[name] = request.getfixturevalue(name)
        for name, value in ids.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return fill


@pytest.fixture
def ask(named, skin_photo) -> Callable[..., Any]:
    def send(http: TestClient, path: str, body: Any) -> Any:
        if isinstance(body, bytes):
            content = skin_photo if body == b"photo" else skin_photo[:2] + b"\xff\xfe\x00\x03x" + skin_photo[2:]
            return http.post(named(path), headers=ONCE, content=content)
        if body is None:
            return http.post(named(path), headers=ONCE)
        sent = {key: named(value) if isinstance(value, str) else value for key, value in body.items()}
        return http.post(named(path), headers=ONCE, json=sent)

    return send


def _count(store, table: Table) -> int:
    with begin(store.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("path", MAKINGS)
def test_the_same_request_makes_one_thing_in_whichever_service(path, services, ask, named, store):
    making = MAKINGS[path]
    first, second = services(making.role, path)
    named(path + str(making.body))  # what the request needs is made before anything is counted
    before = _count(store, making.table)
    made = ask(first, path, making.body)
    assert made.status_code == MAKING[path].status, made.text
    again = [ask(http, path, making.body) for http in (first, second)]
    if making.secret:
        assert [(answer.status_code, answer.json()["code"]) for answer in again] == [(409, "store_conflict")] * 2
        assert all(made.json()["id"] in answer.json()["detail"] for answer in again)
    else:
        assert [(answer.status_code, answer.json()) for answer in again] == [(made.status_code, made.json())] * 2
    if making.other is not None:
        others = [ask(http, path, making.other) for http in (first, second)]
        assert [(answer.status_code, answer.json()["code"]) for answer in others] == [(409, "store_conflict")] * 2
    assert _count(store, making.table) == before + 1


def test_a_user_without_codes_is_answered_alike_and_no_password_is_hashed_fast(services, ask, store, monkeypatch):
    from flexura.storage import requests

    hashed: list[bytes] = []
    real = requests.hmac.digest
    monkeypatch.setattr(requests.hmac, "digest", lambda key, text, name: hashed.append(text) or real(key, text, name))
    plain = NEW_USER | {"codes": False}
    first, second = services("administrator", "/users")
    answers = [ask(http, "/users", plain) for http in (first, first, second)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert {answer.text for answer in answers} == {answers[0].text}
    assert hashed
    assert not [text for text in hashed if PASSWORD.encode() in text or b"nine copper kettles" in text]
