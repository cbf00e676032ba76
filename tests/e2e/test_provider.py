"""Signing in by an identity provider in Chromium, which is another site than the service's, as in a clinic."""

import re

import pytest

from .conftest import WAYS

ANOTHER_HOST = r"a request to another host: localhost:\d+"


def _go(visitor, subject):
    page = visitor.page
    visitor.open("/sign-in")
    visitor.look("Sign in")
    visitor.press(page.get_by_role("link", name="Sign in with the clinic's account"))
    page.get_by_role("heading", name="Provider").wait_for()
    visitor.type(page.get_by_label("Account"), subject)
    visitor.press(page.get_by_role("button", name="Allow"))
    page.wait_for_url(f"{visitor.home}/**")
    # The provider is where one meant to go; nothing else may be asked.
    visitor.faults[:] = [each for each in visitor.faults if not re.fullmatch(ANOTHER_HOST, each)]
    assert not [each for each in visitor.faults if "another host" in each]


@pytest.mark.slow
def test_a_colleague_signs_in_by_the_provider_and_out_again(colleague):
    page = colleague.page
    _go(colleague, "248289761001")
    page.wait_for_url(f"{colleague.home}/")
    colleague.look("Worklist")
    (session,) = [cookie for cookie in page.context.cookies() if cookie["name"].startswith("__Host-")]
    assert (session["name"], session["sameSite"], session["httpOnly"]) == ("__Host-flexura", "Strict", True)
    page.go_back()
    assert "code=" not in page.url
    colleague.faults.clear()  # back is the provider's page, which is asked for again
    colleague.open("/")
    colleague.sign_out()


@pytest.mark.slow
@pytest.mark.parametrize(  # more than five failures from one address would have to wait
    ("colleague", "subject"), [*((way, "900") for way in WAYS), ("phone", "nobody")], indirect=["colleague"]
)
def test_an_account_of_nobody_here_and_a_refusal_there_say_so(colleague, subject):
    _go(colleague, subject)
    colleague.page.get_by_role("alert").filter(has_text="ask your administrator").wait_for()
    colleague.faults.clear()  # the browser's console names the status of a refusal
    colleague.look("Sign in")
