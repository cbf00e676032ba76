"""The page of an error: whatever refused, and wherever, whoever is signed in sees the way on and the way out."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from flexura.errors import DatabaseUnavailable
from flexura.service.allowance import Allowance
from flexura.service.web import frame

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FILES = {"Content-Type": "multipart/form-data"}
TOO_LARGE = b"x" * 70_000
# What is refused, by whom and before or after what: method, path, what is sent, status.
REFUSALS = {
    "no page": ("GET", "/nowhere", {}, 404),
    "no such file": ("GET", "/static/nothing.css", {}, 422),
    "no such method": ("GET", "/sign-out", {}, 405),
    "no id": ("GET", "/cases/xyz", {}, 404),
    "no such case": ("GET", f"/cases/{'0' * 32}", {}, 404),
    "not this role": ("GET", "/users", {}, 403),
    "no counter-token": ("POST", "/patients", {"data": {"number": "1", "name": "Jane Doe"}}, 403),
    "no text": ("POST", "/patients", {"content": b"\xff\xfe", "headers": FORM}, 422),
    "no form of files": (
        "POST",
        f"/cases/{'0' * 32}/photos",
        {"headers": {"Content-Type": "multipart/form-data"}},
        422,
    ),
    "too large, announced": ("POST", "/patients", {"content": TOO_LARGE, "headers": FORM}, 413),
    "too large, found out": ("POST", "/patients", {"content": [TOO_LARGE], "headers": FORM}, 413),
    "no identity provider": ("GET", "/sign-in/openid", {}, 422),
    "another site's sign-in": ("POST", "/sign-in", {"headers": {"sec-fetch-site": "cross-site"}}, 403),
}


def _ways(page):
    """Where the head of a page leads, and the counter-token with which one signs out there."""
    (head,) = re.findall(r"<header>(.*?)</header>", page, re.DOTALL)
    out = re.search(r'action="/sign-out"><input type="hidden" name="counter_token" value="(\w+)"', head)
    return set(re.findall(r'href="([^"]+)"', head)), out and out.group(1)


@pytest.mark.parametrize("name", REFUSALS)
def test_who_is_signed_in_sees_it_on_every_refusal(enter, name):
    method, path, sent, status = REFUSALS[name]
    browser, token = enter("clinician")
    answer = browser.request(method, path, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert _ways(answer.text) == ({"/", "/patients/new", "/model", "/account"}, token)
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_haste_is_refused_with_the_way_out(app, clinic, enter):
    browser, token = enter("nurse")
    app.state.clinic = replace(clinic, allowance=Allowance(per_minute=1, at_once=1))
    assert browser.get("/").status_code == 200
    answer = browser.get("/")
    assert (answer.status_code, _ways(answer.text)[1], answer.headers["retry-after"]) == (429, token, "5")


@pytest.mark.parametrize("cookie", [{}, {"Cookie": "__Host-flexura=fs_wrong"}])
def test_a_stranger_sees_no_way_that_is_closed(app, cookie):
    answer = TestClient(app, base_url="https://clinic.test").get("/nowhere", headers=cookie)
    assert (answer.status_code, _ways(answer.text)) == (404, ({"/"}, None))


def test_a_session_that_ended_is_not_shown_as_open(enter, clock):
    browser, _ = enter("nurse")
    clock.move(minutes=15)
    assert _ways(browser.get("/nowhere").text) == ({"/"}, None)


def test_without_the_store_the_page_is_there_all_the_same(enter, store, monkeypatch):
    browser, _ = enter("nurse")

    def away(*_, **__):
        raise DatabaseUnavailable("The database does not answer.")

    asked = []
    monkeypatch.setattr("flexura.service.auth.recognise_session", away)
    assert browser.get("/nowhere").status_code == 404
    monkeypatch.setattr(frame, "find_person", asked.append)
    answer = browser.get("/")
    assert (answer.status_code, "database_unavailable" in answer.text, asked) == (503, True, [])
    assert answer.headers["retry-after"] == "5"


def test_a_fault_of_ours_is_a_page_too_and_a_plain_problem_where_pages_fail(enter, monkeypatch, caplog):
    browser, token = enter("nurse")

    def broken(*_, **__):
        raise ZeroDivisionError("Jane Doe")

    monkeypatch.setattr("flexura.service.web.entry.list_work", broken)
    answer = browser.get("/")
    assert (answer.status_code, _ways(answer.text)[1]) == (500, token)
    assert "internal_error" in answer.text
    monkeypatch.setattr(frame, "language_of", broken)
    plain = browser.get("/")
    assert (plain.status_code, plain.json()["code"]) == (500, "internal_error")
    assert "Jane" not in answer.text + plain.text + caplog.text


def test_findings_are_cited_and_those_stored_before_are_shown_without():
    cited = frame._environment.get_template("answer.html").make_module({"language": "en"}).cited
    lines = [{"text": text, "source": source} for text, source in (("red", "Roe 2019"), ("itches", "Roe 2019"))]
    lines.append({"text": "<scaly>", "source": "Doe 2020"})
    assert cited(lines) == (
        'red; itches <span class="soft" lang="en">Roe 2019</span>; '
        '&lt;scaly&gt; <span class="soft" lang="en">Doe 2020</span>'
    )
    assert cited(["red", "itches"]) == "red; itches"
