"""The page of the first start: who holds the link becomes the administrator, and then the page is not there."""

import re

import pytest
from pyotp import TOTP
from starlette.testclient import TestClient

from flexura.service.auth import COOKIE
from flexura.storage.setup import make_link

PASSWORD = "nine copper kettles"


@pytest.fixture
def browser(app):
    return TestClient(app, base_url="https://clinic.test", follow_redirects=False)


@pytest.fixture
def fill(browser, store, clock):
    """Fill the form as somebody does who followed the link and has an app for codes."""

    def make(**changed):
        (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", browser.get("/set-up").text)
        form = {"link": make_link(store), "name": "ann", "password": PASSWORD, "again": PASSWORD}
        return form | {"code_secret": secret, "code": TOTP(secret).at(clock())} | changed

    return make


def _says(page):
    return re.search(r'role="alert">([^<]+)', page).group(1)


def test_the_first_administrator_is_made_and_signed_in_with_both_factors(browser, fill):
    assert "First start: nobody can sign in yet." in browser.get("/sign-in").text
    answer = browser.post("/set-up", data=fill())
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    page = browser.get("/users").text
    said = r'"row">ann</th>.*?value="administrator" selected.*?<td[^>]*>Yes</td><td[^>]*>0</td><td>Active</td>'
    assert re.search(said, page, re.DOTALL)
    browser.cookies.clear()
    assert browser.post("/sign-in", data={"name": "ann", "password": PASSWORD}).status_code == 401


def test_once_there_is_a_user_there_is_no_such_page(browser, fill, people):
    form = fill()
    people.add("nurse", "nurse")
    for answer in (browser.get("/set-up"), browser.post("/set-up", data=form)):
        assert (answer.status_code, "not_stored" in answer.text) == (404, True)
    assert "First start" not in browser.get("/sign-in").text


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"again": "nine copper kettle"}, 422, "The two passwords differ."),
        ({"code": "000000"}, 422, "This is not the code that the app shows for this secret"),
        ({"password": "short", "again": "short"}, 422, "This password is too weak"),
        ({"name": ""}, 422, "Something is missing or cannot be used."),
        ({"name": "a\u200bb"}, 409, "Something is missing or cannot be used."),
        ({"code_secret": "AAAA"}, 422, "Something is missing or cannot be used."),
        ({"role": "clinician"}, 422, "Something is missing or cannot be used."),
        ({"link": "fl_wrong"}, 401, "This link is wrong, used or over."),
    ],
    ids=["differ", "code", "weak", "no name", "no such name", "no secret", "role", "link"],
)
def test_what_is_refused_is_said_keeps_what_was_typed_and_leaves_the_link_good(browser, fill, changed, status, said):
    form = fill()
    answer = browser.post("/set-up", data=form | changed)
    assert (answer.status_code, _says(answer.text).startswith(said), COOKIE in answer.cookies) == (status, True, False)
    for name, value in (form | changed).items():
        kept = name in {"link", "name"} or (name == "code_secret" and len(value) == 32)
        assert (f'value="{value}"' in answer.text) is kept, name
    assert PASSWORD not in answer.text
    assert browser.post("/set-up", data=form).status_code == 303


def test_a_link_is_used_once(app, browser, fill):
    form = fill()
    browser.post("/set-up", data=form)
    other = TestClient(app, base_url="https://clinic.test")
    assert other.post("/set-up", data=form | {"name": "bob"}).status_code == 404


def test_guessing_is_slowed_down(browser, fill):
    form = fill()
    answers = [browser.post("/set-up", data=form | {"link": f"fl_{number}"}) for number in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert _says(answers[-1].text) == "Too many attempts. Try again later."


def test_another_sites_form_sets_nothing_up(browser, fill):
    form = fill()
    assert browser.post("/set-up", data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.post("/set-up", data=form).status_code == 303


def test_the_page_speaks_german(browser, fill):
    german = {"accept-language": "de"}
    assert "Erster Start: Noch kann sich niemand anmelden." in browser.get("/sign-in", headers=german).text
    answer = browser.post("/set-up", data=fill(again="x"), headers=german)
    assert _says(answer.text) == "Die beiden Passwörter sind verschieden."
