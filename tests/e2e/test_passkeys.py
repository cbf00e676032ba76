"""A passkey in Chromium, whose own virtual authenticator makes and signs it: added, used, and the only one kept."""

import pytest

PASSWORD = "seven green ladders"


def _fill_in(visitor):
    visitor.open("/sign-in")
    visitor.look("Sign in")
    visitor.type(visitor.page.get_by_label("Name", exact=True), "maria")
    visitor.type(visitor.page.get_by_label("Password"), PASSWORD)


@pytest.mark.slow
def test_a_colleague_adds_a_passkey_and_signs_in_with_it(keyholder):
    page = keyholder.page
    _fill_in(keyholder)
    keyholder.press(page.get_by_role("button", name="Sign in", exact=True))
    keyholder.look("Worklist")
    keyholder.press(page.get_by_role("link", name="Your account"))
    keyholder.look("Your account")
    keyholder.type(page.get_by_label("Name, by which you tell it from others"), "Key on my ring")
    keyholder.press(page.get_by_role("button", name="Add a passkey"))
    page.get_by_role("listitem").filter(has_text="Key on my ring").filter(has_text="Last used: Never").wait_for()
    keyholder.look("Your account")
    keyholder.sign_out()
    _fill_in(keyholder)
    keyholder.press(page.get_by_role("button", name="Sign in", exact=True))  # the password alone is not enough any more
    page.get_by_text("second factor is wrong").wait_for()
    keyholder.faults.clear()  # the browser's console names the status of a refusal
    keyholder.press(page.get_by_role("button", name="Sign in with a passkey"))
    keyholder.look("Worklist")
    keyholder.press(page.get_by_role("link", name="Your account"))
    page.get_by_text("The last second factor stays").wait_for()
    (kept,) = page.get_by_role("listitem").filter(has_text="Key on my ring").all()
    assert "Never" not in kept.inner_text()
    assert kept.get_by_role("button").count() == 0
    keyholder.type(page.get_by_label("Name, by which you tell it from others"), "The same key")
    keyholder.press(page.get_by_role("button", name="Add a passkey"))
    page.get_by_text("already added").wait_for()
    keyholder.look("Your account")


@pytest.mark.slow
def test_without_script_the_code_is_asked_for_and_no_passkey(chromium, named_clinic):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{named_clinic}/sign-in")
    assert page.get_by_label("One-time code").is_visible()
    assert page.get_by_role("button", name="Sign in with a passkey").is_hidden()
    context.close()
