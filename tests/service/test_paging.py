"""Every list comes by page, oldest first, with nothing left out and nothing twice."""

import inspect
from collections.abc import Callable

import pytest
from pyotp import TOTP

from flexura.service.auth import COUNTER_HEADER
from flexura.service.routes import ROUTES
from flexura.storage.store import Actor
from flexura.storage.users import require_codes

PASSWORD = "seven green ladders"
# A person's own few.
WHOLE = {"/passkeys"}
LISTS = {
    route.path
    for route in ROUTES
    if "items" in getattr(inspect.signature(route.endpoint).return_annotation, "model_fields", {})
} - WHOLE
# Whose order is by id or by number; tested in test_patients.py, test_people.py and test_oversight.py.
ELSEWHERE = {"/patients", "/users", "/audit"}
FEW, EACH = 5, 2


@pytest.fixture
def break_glass(client, people, clock, patient) -> Callable[[], None]:
    """A clinician of no care team breaks the glass a few times."""

    def break_often() -> None:
        people.add("stranger", "clinician")
        with people.store.visit(Actor("clinic", "console", "administrator")) as visit:
            secret = require_codes(visit, people.ids["stranger"])
        http = client()
        shown = {"name": "stranger", "password": PASSWORD, "code": TOTP(secret).at(clock.now)}
        http.headers[COUNTER_HEADER] = http.post("/session", json=shown).json()["csrf_token"]
        for _ in range(FEW):
            assert http.post(f"/patients/{patient}/emergency", json={"reason": "Seizure in the ward"}).is_success

    return break_often


@pytest.fixture
def fill(doctor, clock, patient, case, break_glass, request) -> Callable[[str], tuple[str, str]]:
    """Write a few of what a route lists; gives the address, and the role that may read it."""

    def cases() -> None:
        for _ in range(FEW - 1):
            doctor.post(f"/patients/{patient}/cases", json={})

    def assessments() -> None:
        photo = request.getfixturevalue("photo")
        for _ in range(FEW):
            assert doctor.post(f"/cases/{case}/photos/{photo}/assessments").is_success

    def reviews() -> None:
        assessment = request.getfixturevalue("assessment")
        for _ in range(FEW):
            doctor.post(f"/cases/{case}/reviews", json={"assessment": assessment, "agrees": True})

    def outcomes() -> None:
        for number in range(FEW):  # the last two at one moment: then the ids decide
            clock.move(seconds=1 if number < FEW - 1 else 0)
            doctor.post(f"/cases/{case}/outcomes", json={"observed_on": "2026-02-01", "note": str(number)})

    known = {each.__name__: each for each in (cases, assessments, reviews, outcomes)} | {"emergencies": break_glass}

    def write(path: str) -> tuple[str, str]:
        known[path.rpartition("/")[2]]()
        return path.format(patient=patient, case=case), "auditor" if path == "/emergencies" else "clinician"

    return write


@pytest.mark.parametrize("path", sorted(LISTS))
def test_every_list_takes_limit_and_after_and_tells_what_follows(app, path):
    described = app.openapi()
    operation = described["paths"][f"/api/v1{path}"]["get"]
    assert {"limit", "after"} <= {parameter["name"] for parameter in operation["parameters"]}
    form = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert "next" in described["components"]["schemas"][form]["properties"]


def test_no_answer_is_a_list_that_is_not_known_here():
    """A body that is a bare array, or that lists in another field, could not be told by page."""
    assert len(LISTS) == 8
    bare = [
        route.path for route in ROUTES if str(inspect.signature(route.endpoint).return_annotation).startswith("list")
    ]
    assert not bare


@pytest.mark.parametrize("path", sorted(LISTS - ELSEWHERE))
def test_the_pages_together_are_the_list(client, fill, path):
    address, role = fill(path)
    http = client(role)
    whole = http.get(address).json()
    assert (len(whole["items"]), whole["next"]) == (FEW, None)
    sizes, seen, after = [], [], {}
    while after is not None:
        page = http.get(address, params={"limit": EACH, **after}).json()
        sizes.append(len(page["items"]))
        seen += page["items"]
        after = page["next"] and {"after": page["next"]}
    assert (sizes, seen) == ([2, 2, 1], whole["items"])


@pytest.mark.parametrize("path", sorted(LISTS - ELSEWHERE))
def test_a_page_is_refused_that_is_none(client, fill, path):
    address, role = fill(path)
    for asked in ({"limit": 0}, {"limit": 51}, {"after": "nothing"}):
        refused = client(role).get(address, params=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "request_unfit")
    assert client(role).get(address, params={"after": "0" * 32}).json() == {"items": [], "next": None}
