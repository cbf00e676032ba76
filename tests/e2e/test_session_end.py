"""A session that ends while somebody types: nothing is lost, nobody else sees it, and it is said before it comes."""

import pytest


@pytest.mark.slow
def test_what_was_typed_is_there_again_after_signing_in_and_only_for_who_typed_it(visitor):
    page, note = visitor.page, f"Seen with the mother {visitor.page.viewport_size['width']}"
    visitor.sign_in()
    visitor.press(page.get_by_role("link", name="Cleo Shader").first)
    visitor.look("Cleo Shader")
    there = page.url
    _type_outcome(visitor, note)
    page.context.clear_cookies()  # what the browser knows of a session that ended
    visitor.press(page.get_by_role("button", name="Save"))
    page.get_by_text("What you typed is kept in this tab").wait_for()
    visitor.look("Sign in")
    assert "Seen" not in page.content() + page.url
    visitor.press(page.get_by_role("button", name="Sign in"))
    page.get_by_text("is filled in again. Nothing was sent yet.").wait_for()
    visitor.look("Cleo Shader")
    assert page.url == there
    assert page.get_by_label("IGA", exact=True).input_value() == "2"
    assert page.get_by_label("Note").input_value() == note
    assert _count_kept(page) == 0
    with page.expect_navigation():
        visitor.press(page.get_by_role("button", name="Save"))
    assert page.get_by_text(f"IGA 2 {note}").count() == 1
    assert page.get_by_label("Note").input_value() == ""

    _type_outcome(visitor, note)
    page.context.clear_cookies()
    visitor.press(page.get_by_role("button", name="Save"))
    page.get_by_text("What you typed is kept in this tab").wait_for()
    assert _count_kept(page) == 1
    page.get_by_label("Name", exact=True).fill("auditor")
    visitor.press(page.get_by_role("button", name="Sign in"))
    page.get_by_role("heading", name="This did not work").wait_for()
    assert _count_kept(page) == 0
    visitor.faults.clear()  # the browser's console names the status of a refusal


@pytest.mark.slow
def test_what_was_drawn_is_there_again_and_a_sign_out_takes_it_away(visitor):
    page = visitor.page
    visitor.sign_in()
    visitor.press(page.get_by_role("link", name="Cleo Shader").first)
    visitor.press(page.get_by_role("link", name="Correct the answer"))
    visitor.look("Correct the answer")
    there, canvas = page.url, page.get_by_role("application")
    visitor.press(canvas, "Space")
    drawn = page.locator("[name=outline]").input_value()
    page.get_by_label("Wrong outline").check()
    page.context.clear_cookies()
    visitor.press(page.get_by_role("button", name="Sign correction"))
    visitor.look("Sign in")
    visitor.press(page.get_by_role("button", name="Sign in"))
    page.get_by_text("is filled in again. Nothing was sent yet.").wait_for()
    assert page.url == there
    assert page.locator("[name=outline]").input_value() == drawn
    assert page.get_by_label("Wrong outline").is_checked()
    page.evaluate("sessionStorage.setItem('flexura-kept', '{}')")
    visitor.sign_out()
    assert _count_kept(page) == 0


@pytest.mark.slow
def test_the_end_of_a_session_is_said_before_it_comes_and_a_button_keeps_it(visitor):
    page = visitor.page
    page.clock.install()
    visitor.sign_in()
    visitor.press(page.get_by_role("link", name="Cleo Shader").first)
    visitor.look("Cleo Shader")
    visitor.type(page.get_by_label("Note"), "Healing")
    page.clock.fast_forward("09:00")  # time also goes on by itself
    assert page.get_by_text("You will be signed out at").count() == 0
    page.clock.fast_forward("04:00")
    page.get_by_text("You will be signed out at").wait_for()
    visitor.look("Cleo Shader")
    visitor.press(page.get_by_role("button", name="Stay signed in"))
    page.get_by_text("You will be signed out at").wait_for(state="detached")
    page.clock.fast_forward("09:00")
    assert page.get_by_role("button", name="Stay signed in").count() == 0
    page.clock.fast_forward("06:00")
    page.get_by_text("You were signed out. What you typed is still here").wait_for()
    visitor.look("Cleo Shader")
    visitor.press(page.locator(".ending").get_by_role("button", name="Sign in"))
    page.get_by_text("What you typed is kept in this tab").wait_for()
    visitor.press(page.get_by_role("button", name="Sign in"))
    page.get_by_text("is filled in again. Nothing was sent yet.").wait_for()
    assert page.get_by_label("Note").input_value() == "Healing"


def _type_outcome(visitor, note):
    visitor.type(visitor.page.get_by_label("IGA", exact=True), "2")
    visitor.type(visitor.page.get_by_label("Note"), note)


def _count_kept(page):
    return page.evaluate("sessionStorage.length")
