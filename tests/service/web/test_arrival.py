"""Coming in by an identity provider that runs in a process of its own, and everything that must not get in."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from flexura.security.openid import register
from flexura.service.app import make_app
from flexura.service.auth import COOKIE
from flexura.service.provider import IdentityProvider
from flexura.service.web.arrival import COOKIE as LOGIN_COOKIE
from flexura.service.web.arrival import WAY_COOKIE
from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.identities import link_user, unlink_user
from flexura.storage.people import lock_out
from flexura.storage.store import Actor
from flexura.storage.users import find_user, recognise_session, require_codes

ADMIN = Actor("clinic", "console", "administrator")
ORIGIN = "https://clinic.test"
SUBJECT = "248289761001"
SECRET = "s:cret/of the clinic"
NOON_S = 1772366400  # the clock of the tests' clinic


@pytest.fixture(scope="module")
def issuer(start_provider):
    return start_provider(NOON_S)


def _make_browser(clinic, issuer, secret=SECRET):
    known = register(issuer, "flexura", origin=ORIGIN, secret=secret)
    app = make_app(replace(clinic, provider=IdentityProvider(known)))
    return TestClient(app, base_url=ORIGIN, follow_redirects=False, client=("192.0.2.7", 4711))


@pytest.fixture
def browser(clinic, issuer):
    return _make_browser(clinic, issuer)


@pytest.fixture
def maria(people, issuer):
    """A nurse whose account at the provider is linked."""
    people.add("maria", "nurse")
    with people.store.visit(ADMIN) as visit:
        link_user(visit, people.ids["maria"], issuer=issuer, subject=SUBJECT)
    return people.ids["maria"]


def _allow(browser, subject=SUBJECT, **more):
    """Go to the provider and sign in there; gives the address to which it sends the browser back."""
    return _follow(browser.get("/sign-in/openid").headers["location"], subject, **more)


def _follow(there, subject=SUBJECT, **more):
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    answer = httpx2.post(there.partition("?")[0], data=asked | {"subject": subject} | more)
    back = answer.headers["location"]
    assert back.startswith(f"{ORIGIN}/sign-in/openid/back?")
    return back


def _events(store):
    with begin(store.engine) as connection:
        found = [event for event in search(connection, "clinic") if event.verb == "session.open"]
    return [(event.user, event.outcome, event.address) for event in found]


def test_a_linked_account_opens_the_users_session(browser, store, maria):
    page = browser.get("/sign-in").text
    assert 'href="/sign-in/openid"' in page
    answer = browser.get(_allow(browser))
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/">' in answer.text
    actor, session = recognise_session(store, browser.cookies[COOKIE])
    assert (actor.user, actor.role, session.second_factor_at) == (maria, "nurse", None)
    assert "Worklist" in browser.get("/").text
    assert _events(store) == [(maria, "success", "192.0.2.7")]


def test_the_cookies_are_closed_and_the_one_of_the_sign_in_goes(browser, maria):
    first = browser.get("/sign-in/openid").headers["set-cookie"].lower()
    assert first.startswith(f"{LOGIN_COOKIE.lower()}=")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip() for part in first.split(";")}
    gone, _, session = sorted(browser.get(_allow(browser)).headers.get_list("set-cookie"))
    assert {"HttpOnly", "Secure", "SameSite=strict"} <= {part.strip() for part in session.split(";")}
    assert gone.startswith(f'{LOGIN_COOKIE}=""')


def test_every_page_on_the_way_keeps_the_policy(browser, maria):
    for path in ("/sign-in", "/sign-in/openid", _allow(browser), "/sign-in/openid/back"):
        policy = browser.get(path).headers.get_list("content-security-policy")
        assert len(policy) == 1
        assert "script-src 'self'" in policy[0]
        assert "form-action 'self'" in policy[0]


def test_the_only_way_out_is_the_providers_own_address(browser, issuer, maria):
    there = browser.get("/sign-in/openid?next=https://evil.test").headers["location"]
    assert there.startswith(f"{issuer}/authorize?")
    back = _allow(browser)
    assert "evil" not in browser.get(f"{back}&next=https://evil.test").text


def test_the_way_back_goes_along_and_leads_to_our_own_pages_only(browser, issuer, maria):
    case = f"/cases/{'0' * 32}"
    assert f'href="/sign-in/openid?next={case}"' in browser.get("/sign-in", params={"next": case}).text
    for asked, led in ((f"{case}?a=1", f"{case}?a=1"), ("//evil.test", "/"), ("/\\evil.test", "/")):
        there = browser.get("/sign-in/openid", params={"next": asked})
        assert "evil" not in "".join(there.headers.get_list("set-cookie"))
        page = browser.get(_follow(there.headers["location"]))
        assert f'content="0;url={led}"' in page.text
        assert f'{WAY_COOKIE}=""' in "".join(page.headers.get_list("set-cookie"))


def test_a_way_that_somebody_wrote_into_the_cookie_is_not_believed(browser, maria):
    back = _allow(browser)
    browser.cookies.set(WAY_COOKIE, "%2F%2Fevil.test", domain="clinic.test", path="/")
    assert "evil" not in browser.get(back).text


def _assert_refused(answer, status=401):
    assert (answer.status_code, 'role="alert"' in answer.text) == (status, True)
    assert not [part for part in answer.headers.get_list("set-cookie") if part.startswith(f"{COOKIE}=")]


def test_an_account_that_nobody_has_makes_no_user(browser, store, maria):
    _assert_refused(browser.get(_allow(browser, "900")))
    assert _events(store) == [("unknown", "refused", "192.0.2.7")]
    with store.visit(ADMIN) as visit:
        unlink_user(visit, maria)
    _assert_refused(browser.get(_allow(browser)))


def test_a_disabled_user_stays_out(browser, store, maria):
    with store.visit(ADMIN) as visit:
        lock_out(visit, find_user(visit, "maria"))
    _assert_refused(browser.get(_allow(browser)))


def test_who_has_a_second_factor_here_needs_one_there(browser, store, maria, clock):
    with store.visit(ADMIN) as visit:
        require_codes(visit, maria)
    _assert_refused(browser.get(_allow(browser)))
    assert browser.get(_allow(browser, amr="pwd mfa")).status_code == 200
    assert recognise_session(store, browser.cookies[COOKIE])[1].second_factor_at == clock.now


def test_a_code_counts_once_and_in_one_browser(browser, clinic, issuer, maria):
    back = _allow(browser)
    _assert_refused(_make_browser(clinic, issuer).get(back))  # no cookie
    other = _make_browser(clinic, issuer)
    other.get("/sign-in/openid")  # a cookie of another sign-in
    _assert_refused(other.get(back))
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 200
    again = _make_browser(clinic, issuer)
    again.headers["Cookie"] = f"{LOGIN_COOKIE}={kept[LOGIN_COOKIE]}"
    _assert_refused(again.get(back))


def test_a_token_that_a_strangers_key_signed_is_refused(browser, maria):
    _assert_refused(browser.get(_allow(browser, key="stranger")))


def test_a_token_that_is_over_is_refused(browser, maria, clock):
    back = _allow(browser)
    clock.move(minutes=7)
    _assert_refused(browser.get(back))


def test_a_refusal_at_the_provider_is_one_here(browser, maria):
    _assert_refused(browser.get(_allow(browser, "nobody")))


def test_attempts_slow_down(browser, maria):
    for _ in range(5):
        _assert_refused(browser.get("/sign-in/openid/back?code=x&state=y"))
    _assert_refused(browser.get("/sign-in/openid"), 429)
    _assert_refused(browser.get("/sign-in/openid/back?code=x&state=y"))


def test_a_provider_that_is_away_or_knows_us_not_says_so(clinic, issuer, maria):
    away = _make_browser(clinic, "http://localhost:1")
    _assert_refused(away.get("/sign-in/openid"), 503)
    mistaken = _make_browser(clinic, issuer, secret="wrong")
    _assert_refused(mistaken.get(_allow(mistaken)), 503)


def test_without_a_provider_there_is_no_way_to_one(app):
    browser = TestClient(app, base_url=ORIGIN, follow_redirects=False)
    assert "/sign-in/openid" not in browser.get("/sign-in").text
    for path in ("/sign-in/openid", "/sign-in/openid/back"):
        assert browser.get(path).status_code == 422
