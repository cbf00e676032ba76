"""The way back after signing in: to one of our own pages, whatever a browser or a stranger's link asks for."""

import html
import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from flexura.service.web.back import HOME, find_way

PASSWORD = "seven green ladders"
CASE = f"/cases/{'0' * 32}"
OWN = (
    "/",
    CASE,
    f"{CASE}/assessments/{'1' * 32}/correct",
    "/?status=waiting",
    "/audit?before=7&user=ab",
    "/patients/new",
)
HOSTILE = (
    *("https://evil.test/", "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test"),
    *("/%2f/evil.test", "/%5cevil.test", "evil.test", "@evil.test", "/@evil.test", "/.evil.test", "/..//evil.test"),
    *(
        "javascript:alert(1)",
        "data:text/html,x",
        "/cases?next=https://evil.test",
        "/cases#//evil.test",
        "/cases\r\nX: y",
    ),
    *("/cäses", "/cases?a=%0d%0a", "", "?", "/sign-in", "/sign-in?next=/", "/sign-out"),
    *("/set-up", "/api/v1/session", "/static/app.js", "/" + "a" * 400),
)


@pytest.fixture
def browser(app, people):
    people.add("nurse", "nurse")
    return TestClient(app, base_url="https://clinic.test", follow_redirects=False)


def _sign_in(browser, **more):
    return browser.post("/sign-in", data={"name": "nurse", "password": PASSWORD} | more)


@pytest.mark.parametrize("way", OWN)
def test_a_page_of_ours_is_found_again(way):
    assert find_way(way) == way


@pytest.mark.parametrize("way", [*HOSTILE, " /cases", "/cases ", "/cases\n"])
def test_any_other_place_is_the_worklist(way):
    assert find_way(way) == HOME


def test_who_asks_for_a_page_and_is_not_signed_in_comes_back_to_it(browser):
    asked = browser.get(f"{CASE}?a=1&b=2").headers["location"]
    assert asked == f"/sign-in?next={quote(CASE + '?a=1&b=2', safe='/')}"
    page = browser.get(asked).text
    field = re.search(r'<input type="hidden" name="next" value="([^"]+)">', page).group(1)
    answer = _sign_in(browser, next=html.unescape(field))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CASE}?a=1&b=2")


def test_a_form_that_came_too_late_leads_to_the_sign_in_and_leaves_the_way_to_its_page(browser):
    answer = browser.post(f"{CASE}/outcomes", data={"note": "Seen with the mother"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    sent = browser.post(f"{CASE}/outcomes", data={"note": "Healed"}, headers={"X-Requested-With": "fetch"})
    assert (sent.status_code, sent.headers["location"], sent.content) == (200, "/sign-in", b"")


@pytest.mark.parametrize("way", HOSTILE)
def test_a_sign_in_leads_nowhere_else(browser, way):
    shown = browser.get("/sign-in", params={"next": way}).text
    assert 'name="next"' not in shown
    assert "evil" not in shown
    assert _sign_in(browser, next=way).headers["location"] == "/"


def test_a_wrong_password_keeps_the_way_and_follows_it_not(browser):
    answer = _sign_in(browser, next=CASE, password="wrong")
    assert (answer.status_code, f'name="next" value="{CASE}"' in answer.text) == (401, True)
    assert "location" not in answer.headers
    assert "evil" not in _sign_in(browser, next="//evil.test", password="wrong").text


def test_the_way_back_opens_nothing(enter, patient):
    """Where it leads, the page asks who is there as ever."""
    browser, _ = enter("auditor")
    assert _sign_in_as(browser, "auditor", f"/patients/{patient}") == f"/patients/{patient}"
    assert browser.get(f"/patients/{patient}").status_code == 403


def _sign_in_as(browser, name, way):
    return browser.post("/sign-in", data={"name": name, "password": PASSWORD, "next": way}).headers["location"]


def test_pages_say_when_the_session_ends(enter, people, clock):
    browser, _ = enter("nurse")
    found = r'data-user="(\w+)" data-idle="(\d+)" data-left="(\d+)"'
    assert re.search(found, browser.get("/").text).groups() == (people.ids["nurse"], "900", "43200")
    clock.move(minutes=14)
    assert re.search(found, browser.get("/").text).groups() == (people.ids["nurse"], "900", "42360")
    clock.move(minutes=15)
    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"
    assert "data-user" not in browser.get("/sign-in").text
