"""The whole days of those who are neither clinicians nor run the clinic: what each can do, and is not offered."""

import pytest
from pyotp import TOTP


@pytest.mark.slow
def test_a_nurse_admits_photographs_and_records_but_signs_nothing(visitor, skin_photo):
    page, number = visitor.page, f"N-{visitor.page.viewport_size['width']}"
    visitor.sign_in("nurse")
    visitor.look("Worklist")
    visitor.press(page.get_by_role("link", name="Admit patient"))
    visitor.look("Admit patient")
    visitor.type(page.get_by_label("Patient number"), number)
    visitor.type(page.get_by_label("Name"), "Jane Doe")
    visitor.press(page.get_by_role("button", name="Admit patient"))
    visitor.look("Jane Doe")
    visitor.type(page.get_by_label("Site"), "Forearm")
    visitor.press(page.get_by_role("button", name="Begin case"))
    page.wait_for_url("**/cases/*")
    page.get_by_label("Photo of the skin").set_input_files(
        {"name": "arm.jpg", "mimeType": "image/jpeg", "buffer": skin_photo}
    )
    page.get_by_text("Good enough to assess.").wait_for()
    visitor.press(page.get_by_role("button", name="Add and assess"))
    page.locator(".answer").wait_for()
    visitor.look("Jane Doe")
    assert page.get_by_role("heading", name="Your review").count() == 0
    assert page.get_by_role("link", name="Correct the answer").count() == 0
    visitor.type(page.get_by_label("Note"), "Cream twice a day shown")
    visitor.press(page.get_by_role("button", name="Save"))
    page.get_by_role("heading", name="Outcomes").wait_for()
    visitor.press(page.get_by_role("link", name="Report"))
    visitor.look("Report")
    visitor.press(page.get_by_role("link", name="flexura"))
    visitor.type(page.get_by_label("Patient number"), number)
    visitor.press(page.get_by_role("button", name="Find"))
    visitor.look("Jane Doe")
    visitor.sign_out()


@pytest.mark.slow
def test_a_researcher_sees_the_model_and_no_patient(visitor):
    page = visitor.page
    visitor.sign_in("researcher")
    visitor.look("Worklist")
    assert page.get_by_text("No cases here.").is_visible()
    for name in ("Admit patient", "Audit log", "Users"):
        assert page.get_by_role("link", name=name).count() == 0
    assert page.get_by_label("Patient number").count() == 0
    visitor.press(page.get_by_role("link", name="The model"))
    visitor.look("The model")
    for path in ("/patients/new", "/audit", "/users"):
        visitor.open(path)
        visitor.faults.clear()  # the browser's console names the status of a refusal
        visitor.look("This did not work")
    visitor.press(page.get_by_role("link", name="Back to the worklist"))
    visitor.sign_out()


@pytest.mark.slow
def test_a_glass_is_broken_and_the_auditor_is_told_and_reads_why(visitor):
    page, name = visitor.page, f"doctor-{visitor.page.viewport_size['width']}"
    visitor.sign_in("administrator")
    visitor.press(page.get_by_role("link", name="Users"))
    visitor.type(page.get_by_label("Name", exact=True), name)
    visitor.type(page.get_by_label("Role", exact=True), "clinician")
    visitor.type(page.get_by_label("Password"), "seven green ladders")
    visitor.press(page.get_by_role("button", name="Add user"))
    secret = page.get_by_role("status").locator("code").inner_text()
    visitor.sign_out()
    for label, text in (("Name", name), ("Password", "seven green ladders"), ("One-time code", TOTP(secret).now())):
        page.get_by_label(label, exact=True).fill(text)
    visitor.press(page.get_by_role("button", name="Sign in"))
    visitor.look("Worklist")
    visitor.type(page.get_by_label("Patient number"), "D-2001")
    visitor.press(page.get_by_role("button", name="Find"))
    visitor.look("Emergency access")
    visitor.type(page.get_by_label("Reason"), "Seizure in the emergency room")
    visitor.press(page.get_by_role("button", name="Open for one hour"))
    visitor.look("Gus Voxel")
    visitor.sign_out()
    visitor.sign_in("auditor")
    visitor.look("Worklist")
    visitor.press(page.get_by_role("link", name="Emergency access to review: 1"))
    visitor.look("Audit log")
    visitor.press(page.get_by_role("button", name="Read the reason and close"))
    page.get_by_text("Seizure in the emergency room").wait_for()
    visitor.look("Audit log")
    visitor.press(page.get_by_role("link", name="The model"))
    visitor.look("The model")
    assert page.get_by_text("Emergency access to review").count() == 0
