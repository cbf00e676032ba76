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
    visitor.press(page.get_by_role("link", name="Your account"))
    visitor.look("Your account")
    for path in ("/patients/new", "/audit", "/users"):
        visitor.open(path)
        visitor.faults.clear()  # the browser's console names the status of a refusal
        visitor.look("This did not work")
    visitor.press(page.get_by_role("link", name="Back to the worklist"))
    visitor.sign_out()


@pytest.mark.slow
def test_the_auditor_reads_who_did_what_and_measures_the_model_but_sees_no_patient(visitor):
    page = visitor.page
    visitor.sign_in("researcher")
    visitor.open("/users")
    visitor.faults.clear()  # the browser's console names the status of a refusal
    visitor.sign_out()
    visitor.sign_in("auditor")
    visitor.look("Worklist")
    for name in ("Admit patient", "Users"):
        assert page.get_by_role("link", name=name).count() == 0
    assert page.get_by_label("Patient number").count() == 0
    visitor.press(page.get_by_role("link", name="Audit log"))
    visitor.look("Audit log")
    visitor.type(page.get_by_label("Who"), "researcher")
    visitor.press(page.get_by_role("button", name="Show"))
    page.wait_for_url("**/audit?user=*")
    visitor.look("Audit log")
    assert page.get_by_role("row").filter(has_text="user.manage").filter(has_text="refused").first.is_visible()
    assert page.get_by_role("row").filter(has_text="clinician").count() == 0
    visitor.press(page.get_by_role("link", name="All entries"))
    visitor.press(page.get_by_role("link", name="Older entries"))
    page.wait_for_url("**/audit?before=*")
    visitor.press(page.locator("td a").first)
    page.wait_for_url("**/audit?patient=*")
    visitor.look("Audit log")
    visitor.press(page.get_by_role("link", name="The model"))
    visitor.look("The model")
    with page.expect_navigation():  # figures of before stay on the page meanwhile
        visitor.press(page.get_by_role("button", name="Measure"))
    page.get_by_role("button", name="Measure").wait_for()  # it comes back once all is read
    page.get_by_role("heading", name="Drift").wait_for()
    visitor.look("The model")
    visitor.sign_out()


@pytest.mark.slow
def test_the_administrator_adds_a_user_changes_the_role_disables_and_enables(visitor):
    page, name = visitor.page, f"nurse-{visitor.page.viewport_size['width']}"
    visitor.sign_in("administrator")
    visitor.press(page.get_by_role("link", name="Users"))
    visitor.look("Users")
    visitor.type(page.get_by_label("Name", exact=True), name)
    visitor.type(page.get_by_label("Role", exact=True), "nurse")
    visitor.type(page.get_by_label("Password"), "seven green ladders")
    visitor.press(page.get_by_role("button", name="Add user"))
    page.get_by_text("it is shown this once").wait_for()
    visitor.look("Users")
    role = page.get_by_role("combobox", name=f"Role: {name}")
    visitor.type(role, "Auditor")
    with page.expect_navigation():
        visitor.press(page.get_by_role("button", name=f"Change role: {name}"))
    assert role.input_value() == "auditor"
    for act, undo in (("Disable", "Enable"), ("Enable", "Disable")):
        visitor.press(page.get_by_role("button", name=f"{act}: {name}"))
        page.get_by_role("button", name=f"{undo}: {name}").wait_for()
        visitor.look("Users")
    mine = page.get_by_role("combobox", name="Role: administrator")
    visitor.type(mine, "Nurse")
    visitor.press(page.get_by_role("button", name="Change role: administrator"))
    page.get_by_text("Refused: nobody takes their own access").wait_for()
    visitor.faults.clear()  # the browser's console names the status of a refusal
    assert mine.input_value() == "nurse"
    visitor.look("Users")
    assert page.get_by_role("rowheader", name=name).is_visible()
    visitor.press(page.get_by_role("button", name=f"New second factor: {name}"))
    page.get_by_text("it is shown this once").wait_for()
    visitor.press(page.get_by_role("link", name="The model"))
    visitor.look("The model")
    visitor.open("/audit")
    visitor.faults.clear()
    visitor.look("This did not work")
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
