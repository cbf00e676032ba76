"""The first start in Chromium: from the link on the terminal to the first colleague, by keyboard alone."""

import re

import pytest
from pyotp import TOTP

PASSWORD = "nine copper kettles"


@pytest.mark.slow
def test_who_follows_the_terminals_link_sets_the_clinic_up_once(founder):
    visitor, link = founder
    page, asked = visitor.page, []
    page.on("request", lambda sent: asked.append(sent.url + (sent.post_data or "")))
    visitor.open("/sign-in")
    visitor.look("Sign in")
    assert page.get_by_text("First start: nobody can sign in yet.").is_visible()
    page.goto(link)
    visitor.look("Set up this clinic")
    (secret,) = re.findall("#(fl_.{43})$", link)
    assert (page.get_by_label("Secret of the link").input_value(), page.url) == (secret, f"{visitor.home}/set-up")
    assert not [each for each in asked if secret in each]
    visitor.type(page.get_by_label("Name"), "ann")
    visitor.type(page.get_by_label("Password (12"), PASSWORD)
    visitor.type(page.get_by_label("The password once more"), "another")
    visitor.type(page.get_by_label("One-time code"), "123")
    visitor.press(page.get_by_role("button", name="Make me administrator"))
    # The browser itself holds back what is shorter than a password.
    assert page.get_by_label("The password once more").evaluate("field => field.validity.tooShort")
    page.get_by_label("The password once more").fill(PASSWORD)
    visitor.press(page.get_by_role("button", name="Make me administrator"))
    page.get_by_text("This is not the code that the app shows").wait_for()
    visitor.faults.clear()  # the browser's console names the status of a refusal
    visitor.look("Set up this clinic")
    page.get_by_label("One-time code").fill(TOTP(page.locator("main code").inner_text()).now())
    visitor.press(page.get_by_role("button", name="Make me administrator"))
    visitor.look("Users")
    assert page.get_by_role("rowheader", name="ann").is_visible()
    visitor.sign_out()
    assert page.get_by_text("First start").count() == 0
    page.goto(link)
    visitor.faults.clear()
    visitor.look("This did not work")
