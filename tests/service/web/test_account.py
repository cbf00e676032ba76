"""The account page, and signing in on the page with a passkey; the script's part is played by the test."""

import json
import re
from dataclasses import replace

import pytest
from pyotp import TOTP
from starlette.testclient import TestClient

from flexura.service.app import make_app
from flexura.storage.store import Actor
from flexura.storage.users import require_codes

PASSWORD = "seven green ladders"


@pytest.fixture
def key(make_authenticator):
    return make_authenticator()


def _register(browser, token, key, name="ring"):
    asked = browser.post("/api/v1/passkeys/challenge", headers={"X-CSRF-Token": token}).json()["options"]
    form = {"counter_token": token, "name": name, "answer": json.dumps(key.register(asked))}
    return browser.post("/account/passkeys", data=form)


def _sign_in(app, key, **changes):
    browser = TestClient(app, base_url="https://clinic.test", follow_redirects=False)
    who = {"name": "nurse", "password": PASSWORD}
    asked = browser.post("/api/v1/session/passkey", json=who).json()["options"]
    return browser, browser.post("/sign-in", data=who | {"passkey": json.dumps(key.use(asked, **changes))})


def test_a_passkey_is_added_used_and_removed_on_the_pages(app, enter, key, make_authenticator, clock):
    browser, token = enter("nurse")
    page = browser.get("/account").text
    for said in ("nurse", "You have no passkey.", "One-time code: No"):
        assert said in page
    assert _register(browser, token, key).headers["location"] == "/account"
    clock.move(seconds=1)
    browser, answer = _sign_in(app, key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = browser.get("/account").text
    assert "ring" in page
    assert "The last second factor stays" in page
    assert "Remove: ring" not in page
    token = re.search(r'name="counter_token" value="(\w+)"', page).group(1)
    _register(browser, token, make_authenticator(), name="<b>drawer</b>")
    page = browser.get("/account").text
    assert "&lt;b&gt;drawer" in page
    (ring, drawer) = re.findall(r"/account/passkeys/(\w{64})/remove", page)
    removed = browser.post(f"/account/passkeys/{ring}/remove", data={"counter_token": token})
    assert removed.headers["location"] == "/account"
    assert "ring" not in browser.get("/account").text
    refused = browser.post(f"/account/passkeys/{drawer}/remove", data={"counter_token": token})
    assert (refused.status_code, "lockout_refused" in refused.text) == (409, True)


@pytest.mark.parametrize("answer", ["", "no json", "[" * 20_000, "7", "{}"])
def test_an_answer_that_is_none_adds_nothing(enter, answer):
    browser, token = enter("nurse")
    form = {"counter_token": token, "name": "ring", "answer": answer}
    assert browser.post("/account/passkeys", data=form).status_code == 422
    assert "You have no passkey." in browser.get("/account").text


def test_a_wrong_answer_says_so_at_the_sign_in(app, enter, key):
    browser, token = enter("nurse")
    _register(browser, token, key)
    _, answer = _sign_in(app, key, origin="https://evil.test")
    assert (answer.status_code, 'role="alert"' in answer.text) == (401, True)
    who = {"name": "nurse", "password": PASSWORD, "passkey": "no json"}
    assert browser.post("/sign-in", data=who).status_code == 401


def test_second_factors_are_changed_soon_after_signing_in_only(enter, clock):
    browser, _ = enter("nurse")
    assert "/api/v1/passkeys/challenge" in browser.get("/account").text
    clock.move(minutes=6)
    page = browser.get("/account").text
    assert "sign out and in again" in page
    assert "/api/v1/passkeys/challenge" not in page


def test_without_a_name_of_the_clinic_no_page_offers_passkeys(clinic, people):
    people.add("nurse", "nurse")
    browser = TestClient(make_app(replace(clinic, party=None)), base_url="https://clinic.test", follow_redirects=False)
    assert "passkey" not in browser.get("/sign-in").text
    browser.post("/sign-in", data={"name": "nurse", "password": PASSWORD})
    page = browser.get("/account").text
    assert "does not offer passkeys" in page
    assert "data-asks" not in page


def test_the_code_field_stays_beside_the_passkey(app):
    page = TestClient(app, base_url="https://clinic.test").get("/sign-in").text
    assert 'name="code"' in page
    assert re.search(r"<button type=\"button\"[^>]* data-ask hidden>", page)  # a script shows it


def test_an_administrator_gives_a_new_second_factor_that_is_shown_once(enter, app, people, key, clock):
    nurse, token = enter("nurse")
    _register(nurse, token, key)
    browser, token = enter("administrator")
    user = people.ids["nurse"]
    page = browser.post(f"/users/{user}/second-factor", data={"counter_token": token}).text
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret not in browser.get("/users").text
    assert nurse.get("/account").headers["location"] == "/sign-in?next=/account"
    enter("nurse", code=TOTP(secret).at(clock()))


def test_who_has_codes_removes_the_only_passkey(enter, people, store, clock, key):
    people.add("nurse", "nurse")
    with store.visit(Actor("clinic", "console", "administrator")) as visit:
        secret = require_codes(visit, people.ids["nurse"])
    browser, token = enter("nurse", code=TOTP(secret).at(clock()))
    _register(browser, token, key)
    page = browser.get("/account").text
    assert "One-time code: Yes" in page
    (ring,) = re.findall(r"/account/passkeys/(\w{64})/remove", page)
    assert browser.post(f"/account/passkeys/{ring}/remove", data={"counter_token": token}).status_code == 303
    assert "You have no passkey." in browser.get("/account").text
