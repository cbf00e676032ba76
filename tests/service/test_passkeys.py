"""Passkeys over the web, as a program that drives a browser's part would use them."""

from dataclasses import replace

import pytest
from pyotp import TOTP, parse_uri
from starlette.testclient import TestClient

from flexura.service.app import make_app
from flexura.service.auth import COUNTER_HEADER

WHO = {"name": "clinician", "password": "seven green ladders"}


@pytest.fixture
def key(make_authenticator):
    return make_authenticator()


@pytest.fixture
def enter(client, people):
    """Signs somebody in with what is shown; gives a client of that session."""
    people.add("clinician", "clinician")

    def make(**shown):
        http = client()
        answer = http.post("/session", json=WHO | shown)
        assert answer.status_code == 200, answer.text
        http.headers[COUNTER_HEADER] = answer.json()["csrf_token"]
        return http

    return make


def _register(http, key, name="ring", **changes):
    asked = http.post("/passkeys/challenge")
    assert asked.status_code == 200, asked.text
    return http.post("/passkeys", json={"name": name, "answer": key.register(asked.json()["options"], **changes)})


def _answer(client, key, **changes):
    asked = client().post("/session/passkey", json=WHO)
    assert asked.status_code == 200, asked.text
    return key.use(asked.json()["options"], **changes)


def test_a_passkey_is_registered_listed_used_and_removed(client, enter, key, make_authenticator, clock):
    http = enter()
    made = _register(http, key)
    assert made.status_code == 201
    first = made.json()["id"]
    assert http.get("/passkeys").json() == {
        "items": [{"id": first, "name": "ring", "created_at": "2026-03-01T12:00:00Z", "used_at": None}]
    }
    assert client().post("/session", json=WHO).status_code == 401
    clock.move(hours=1)
    http = enter(passkey=_answer(client, key))
    assert http.get("/passkeys").json()["items"][0]["used_at"] == "2026-03-01T13:00:00Z"
    last = http.delete(f"/passkeys/{first}")
    assert (last.status_code, last.json()["code"]) == (409, "lockout_refused")
    assert _register(http, make_authenticator(), "drawer").status_code == 201
    assert http.delete(f"/passkeys/{first}").status_code == 204
    assert [each["name"] for each in http.get("/passkeys").json()["items"]] == ["drawer"]
    assert http.delete(f"/passkeys/{first}").status_code == 404


WRONG = [{"origin": "https://evil.test"}, {"host": "evil.test"}, {"challenge": "b3RoZXI"}, {"flags": 0x40}]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_an_answer_to_another_question_is_not_kept(enter, key, wrong):
    http = enter()
    refused = _register(http, key, **wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "passkey_unfit")
    assert http.get("/passkeys").json() == {"items": []}


@pytest.mark.parametrize("wrong", [*WRONG[:3], {"flags": 0x04}, {"counter": 1}], ids=str)
def test_a_wrong_answer_does_not_sign_in(client, enter, key, wrong):
    _register(enter(), key)
    refused = client().post("/session", json=WHO | {"passkey": _answer(client, key, **wrong)})
    assert (refused.status_code, refused.json()["detail"]) == (401, "Name, password or second factor is wrong.")
    assert "Set-Cookie" not in refused.headers


def test_an_answer_signs_in_once(client, enter, key):
    _register(enter(), key)
    answer = _answer(client, key)
    enter(passkey=answer)
    assert client().post("/session", json=WHO | {"passkey": answer}).status_code == 401


@pytest.mark.parametrize("answer", [{}, {"rawId": 7}, {"response": []}, {"response": {"clientDataJSON": "e30"}}])
def test_what_is_no_answer_is_refused(client, enter, answer):
    http = enter()
    http.post("/passkeys/challenge")
    assert http.post("/passkeys", json={"name": "x", "answer": answer}).json()["code"] == "passkey_unfit"
    assert client().post("/session", json=WHO | {"passkey": answer}).status_code == 401


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\0b"])
def test_a_name_that_is_none_is_refused(enter, key, name):
    assert _register(enter(), key, name).json()["code"] == "request_unfit"


def test_asking_slows_down_like_signing_in(client, people):
    people.add("clinician", "clinician")
    asked = [client().post("/session/passkey", json=WHO | {"password": f"wrong {n}"}).status_code for n in range(6)]
    assert asked == [401] * 5 + [429]
    assert client().post("/session", json=WHO).status_code == 429


def test_a_session_changes_nothing_without_its_counter_token_and_not_for_long(enter, key, clock):
    http = enter()
    counter = http.headers.pop(COUNTER_HEADER)
    assert http.post("/passkeys/challenge").json()["code"] == "cross_site"
    http.headers[COUNTER_HEADER] = counter
    clock.move(minutes=6)
    stale = http.post("/passkeys/challenge")
    assert (stale.status_code, stale.json()["code"]) == (401, "not_authenticated")


def test_a_token_has_no_passkey(doctor, key):
    for refused in (
        doctor.post("/passkeys/challenge"),
        doctor.post("/passkeys", json={"name": "x", "answer": {}}),
        doctor.delete(f"/passkeys/{'0' * 64}"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_passkey_breaks_the_glass_as_a_code_does(client, enter, key, clock):
    patient = client("nurse").post("/patients", json={"number": "MRN-9", "name": "John Roe"}).json()["id"]
    http = enter()
    _register(http, key)
    emergency = f"/patients/{patient}/emergency", {"reason": "Seizure in the emergency room"}
    assert http.post(emergency[0], json=emergency[1]).json()["code"] == "glass_unbroken"
    http = enter(passkey=_answer(client, key))
    assert http.post(emergency[0], json=emergency[1]).status_code == 201


def test_an_administrator_gives_a_new_second_factor(client, enter, people, key, clock):
    http = enter()
    _register(http, key)
    admin, user = client("administrator"), people.ids["clinician"]
    (listed,) = [row for row in admin.get("/users").json()["items"] if row["id"] == user]
    assert (listed["codes"], listed["passkeys"]) == (False, 1)
    answer = _answer(client, key)
    told = admin.post(f"/users/{user}/second-factor")
    assert told.status_code == 201
    assert http.get("/session").status_code == 401
    assert client().post("/session", json=WHO | {"passkey": answer}).status_code == 401
    enter(code=TOTP(parse_uri(told.json()["code_uri"]).secret).at(clock.now))
    own = admin.post(f"/users/{people.ids['administrator']}/second-factor")
    assert (own.status_code, own.json()["code"]) == (409, "lockout_refused")
    assert admin.post(f"/users/{'0' * 32}/second-factor").status_code == 404
    assert client("auditor").post(f"/users/{user}/second-factor").status_code == 403


def test_a_clinic_without_a_name_has_no_passkeys(clinic, people):
    token = people.add("clinician", "clinician")
    http = TestClient(make_app(replace(clinic, party=None)), base_url="https://clinic.test/api/v1")
    for asked, more in (("/session/passkey", WHO), ("/session", WHO | {"passkey": {}})):
        assert http.post(asked, json=more).json()["code"] == "request_unfit"
    http.headers["Authorization"] = f"Bearer {token}"
    assert http.post("/passkeys/challenge").json()["code"] == "request_unfit"
    assert http.get("/passkeys").json() == {"items": []}
