"""A clinician's journeys in Chromium, by mouse, by finger on a phone, by keyboard alone; axe looks at every screen."""

import json
import re

import pytest


@pytest.mark.slow
def test_a_newcomer_gets_from_the_demos_sign_in_to_a_corrected_and_exported_assessment(visitor, skin_photo):
    page, number = visitor.page, f"B-{visitor.page.viewport_size['width']}"
    visitor.open("/sign-in")
    visitor.look("Sign in")
    visitor.press(page.get_by_role("button", name="Sign in"))
    visitor.look("Worklist")
    _begin(visitor, number, urgent="Clustered blisters")
    page.get_by_label("Photo of the skin").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": skin_photo}
    )
    page.get_by_text("Good enough to assess.").wait_for()
    visitor.look("Jane Doe")
    visitor.press(page.get_by_role("button", name="Add and assess"))
    page.get_by_role("heading", name="Your review").wait_for()
    visitor.look("Jane Doe")
    assert page.get_by_text("Eczema herpeticum").first.is_visible()
    visitor.slide_to_start(page.get_by_label("Opacity"))
    assert page.locator("[data-layer=layer_lesion]").evaluate("layer => layer.style.opacity") == "0"
    attention = page.locator("[data-layer=layer_attention]")
    assert not attention.is_visible()
    visitor.press(page.get_by_label("Attention"), "Space")
    assert attention.is_visible()
    visitor.press(page.get_by_label("Affected skin"), "Space")
    assert not page.locator("[data-layer=layer_lesion]").is_visible()
    visitor.press(page.get_by_role("link", name="Correct the answer"))
    visitor.look("Correct the answer")
    visitor.draw(page.get_by_role("application", name="Outline of affected skin"))
    visitor.type(page.get_by_label("Diagnosis instead"), "Contact")
    visitor.type(page.get_by_label("Erythema"), "3")
    visitor.press(page.get_by_label("Wrong diagnosis"), "Space")
    visitor.type(page.get_by_label("Note"), "Nickel")
    visitor.press(page.get_by_role("button", name="Sign correction"))
    page.get_by_text("Does not agree").wait_for()
    visitor.look("Jane Doe")
    assert page.get_by_text(re.compile("clinician: .*Contact dermatitis.* 3 .*outline drawn.*Nickel")).is_visible()
    assert page.locator("[data-layer]").count() == 4
    _export(visitor)
    visitor.press(page.get_by_role("link", name="flexura"))
    visitor.press(page.get_by_role("link", name="Waiting"))
    visitor.look("Worklist")
    assert not page.get_by_role("link", name="Jane Doe").filter(has_text=number).count()
    visitor.sign_out()


def _begin(visitor, number, urgent=None):
    page = visitor.page
    visitor.press(page.get_by_role("link", name="Admit patient"))
    visitor.look("Admit patient")
    visitor.type(page.get_by_label("Patient number"), number)
    visitor.type(page.get_by_label("Name"), "Jane Doe")
    visitor.press(page.get_by_role("button", name="Admit patient"))
    visitor.look("Jane Doe")
    visitor.type(page.get_by_label("Age (years)"), "7")
    if urgent:
        visitor.press(page.locator("summary", has_text="Signs that cannot wait"))
        none = page.get_by_role("group", name="Signs that cannot wait").get_by_label("None of these")
        none.check()
        visitor.press(page.get_by_label(urgent), "Space")
        assert not none.is_checked()
        visitor.look("Jane Doe")
    visitor.press(page.get_by_role("button", name="Begin case"))
    page.wait_for_url("**/cases/*")
    visitor.look("Jane Doe")


def _export(visitor):
    page = visitor.page
    with page.expect_download() as fhir:
        visitor.press(page.get_by_role("link", name="FHIR"))
    assert json.loads(fhir.value.path().read_text(encoding="utf-8"))["resourceType"] == "Bundle"
    visitor.press(page.get_by_role("link", name="Report"))
    visitor.look("Report")
    assert page.pdf().startswith(b"%PDF")
    with page.expect_download() as report:
        visitor.press(page.get_by_role("link", name="Save as one file"))
    _read_alone(visitor, report.value.path())


def _read_alone(visitor, path):
    """Open a saved report in a window of its own: it shows its pictures, and asks for nothing."""
    page, asked = visitor.page.context.new_page(), []
    page.on("request", lambda sent: asked.append(sent.url))
    page.set_content(path.read_text(encoding="utf-8"))
    assert page.locator("img").evaluate_all("all => all.map(image => image.naturalWidth > 0)") == [True] * 4
    assert page.get_by_text("Nickel").is_visible()
    assert [url for url in asked if not url.startswith("data:")] == []
    page.close()


@pytest.mark.slow
def test_photos_are_judged_before_they_are_sent_and_one_that_is_not_good_enough_stays_behind(
    visitor, skin_photo, grey_photo
):
    page = visitor.page
    visitor.sign_in()
    _begin(visitor, f"P-{page.viewport_size['width']}")
    files = [("arm.jpg", "image/jpeg", skin_photo), ("wall.png", "image/png", grey_photo)]
    chosen = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    page.get_by_label("Photo of the skin").set_input_files(chosen)
    page.get_by_text("Not good enough; it will not be sent.").wait_for()
    assert page.get_by_text("Hold the camera still").is_visible()
    assert page.locator(".chosen img").count() == 2
    assert page.get_by_label("Take a photo").is_visible() is (page.viewport_size["width"] == 360)
    visitor.look("Jane Doe")
    _drop(page, skin_photo)
    page.get_by_text("dropped.jpg").wait_for()
    visitor.press(page.get_by_role("button", name="Remove: dropped.jpg"))
    assert page.get_by_text("dropped.jpg").count() == 0
    visitor.press(page.get_by_role("button", name="Add and assess"))
    page.get_by_role("heading", name="Your review").wait_for()
    assert page.locator(".answer").count() == 1


def _drop(page, content):
    """Let go of a photo over the form, as a file manager does."""
    page.evaluate(
        """levels => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(levels)], "dropped.jpg", { type: "image/jpeg" }));
            const dropped = new DragEvent("drop", { dataTransfer: files, cancelable: true });
            document.querySelector(".photos").dispatchEvent(dropped);
        }""",
        list(content),
    )


@pytest.mark.slow
def test_a_site_is_pointed_at_by_keyboard_or_hand_and_the_list_says_the_same(visitor):
    page, number = visitor.page, f"S-{visitor.page.viewport_size['width']}"
    visitor.sign_in()
    visitor.open("/patients/new")
    visitor.type(page.get_by_label("Patient number"), number)
    visitor.type(page.get_by_label("Name"), "Jane Doe")
    visitor.press(page.get_by_role("button", name="Admit patient"))
    visitor.look("Jane Doe")
    front, back = (page.get_by_role("radiogroup", name=name) for name in ("Front", "Back"))
    visitor.reach(front.get_by_role("radio").first)
    page.keyboard.press("Space")
    assert page.get_by_label("Site").input_value() == "scalp"
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert (page.get_by_label("Site").input_value(), page.get_by_label("Side").input_value()) == ("shoulder", "right")
    back.get_by_role("radio", name="Elbow, Left").click()
    assert (page.get_by_label("Site").input_value(), page.get_by_label("Side").input_value()) == ("elbow", "left")
    assert front.locator("[aria-checked=true]").count() == 0
    page.get_by_label("Site").select_option("knee")
    page.get_by_label("Side").select_option("right")
    assert front.get_by_role("radio", name="Knee, Right").get_attribute("aria-checked") == "true"
    visitor.look("Jane Doe")
    visitor.press(page.get_by_role("button", name="Begin case"))
    page.wait_for_url("**/cases/*")
    page.get_by_text("Right knee").wait_for()


@pytest.mark.slow
def test_a_lost_connection_loses_nothing_that_was_typed_or_taken(visitor, skin_photo):
    page, number = visitor.page, f"L-{visitor.page.viewport_size['width']}"
    visitor.sign_in()
    visitor.open("/patients/new")
    visitor.type(page.get_by_label("Patient number"), number)
    visitor.type(page.get_by_label("Name"), "Jane Doe")
    page.context.set_offline(True)
    visitor.press(page.get_by_role("button", name="Admit patient"))
    page.get_by_text("What you typed is still here").wait_for()
    assert page.get_by_label("Name").input_value() == "Jane Doe"
    visitor.faults.clear()  # the browser's console says that it is offline
    visitor.look("Admit patient")
    page.context.set_offline(False)
    visitor.press(page.get_by_role("button", name="Admit patient"))
    visitor.press(page.get_by_role("button", name="Begin case"))
    page.wait_for_url("**/cases/*")
    page.context.set_offline(True)
    page.get_by_label("Photo of the skin").set_input_files(
        {"name": "arm.jpg", "mimeType": "image/jpeg", "buffer": skin_photo}
    )
    page.get_by_text("Not checked: the connection was lost.").wait_for()
    visitor.press(page.get_by_role("button", name="Add and assess"))
    page.get_by_text("The photos are still chosen").wait_for()
    visitor.faults.clear()
    visitor.look("Jane Doe")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.context.set_offline(False)
    visitor.press(page.get_by_role("button", name="Add and assess"))
    page.get_by_role("heading", name="Your review").wait_for()
    page.context.set_offline(True)
    visitor.type(page.get_by_label("Note"), "Seen with the mother")
    visitor.press(page.get_by_role("button", name="Save"))
    page.get_by_text("What you typed is still here").wait_for()
    page.context.set_offline(False)
    visitor.faults.clear()
    visitor.press(page.get_by_role("button", name="Save"))
    page.get_by_role("heading", name="Outcomes").wait_for()
    assert page.get_by_text("Seen with the mother").count() == 1


@pytest.mark.slow
def test_a_photo_on_its_way_is_cancelled_and_sent_again_and_going_back_makes_nothing_twice(visitor, skin_photo):
    page, sent = visitor.page, []
    visitor.sign_in()
    _begin(visitor, f"C-{page.viewport_size['width']}")
    case = page.url
    page.get_by_label("Photo of the skin").set_input_files(
        {"name": "arm.jpg", "mimeType": "image/jpeg", "buffer": skin_photo}
    )
    page.get_by_text("Good enough to assess.").wait_for()
    page.route("**/photos", lambda route: sent.append(route.request.url))  # it never gets through
    visitor.press(page.get_by_role("button", name="Add and assess"))
    visitor.press(page.get_by_role("button", name="Cancel"))
    page.get_by_text("Cancelled. What was not sent whole is not stored").wait_for()
    assert (len(sent), page.get_by_text("arm.jpg").is_visible()) == (1, True)
    assert page.locator(".waiting").count() == 0
    assert page.get_by_role("button", name="Cancel").count() == 0
    visitor.faults.clear()
    visitor.look("Jane Doe")
    page.unroute("**/photos")
    visitor.press(page.get_by_role("button", name="Add and assess"))
    page.get_by_role("heading", name="Your review").wait_for()
    page.goto(visitor.home)
    page.go_back()
    page.get_by_role("heading", name="Your review").wait_for()
    assert (page.url, page.locator(".answer").count(), page.locator(".waiting").count()) == (case, 1, 0)


@pytest.mark.slow
def test_what_is_not_there_or_not_allowed_says_so_on_a_page_with_a_way_on(visitor):
    visitor.sign_in("auditor")
    visitor.look("Worklist")
    visitor.open("/patients/new")
    visitor.faults.clear()  # the browser's console names the status of a refusal
    visitor.look("This did not work")
    visitor.open("/nowhere")
    visitor.faults.clear()
    visitor.look("This did not work")
    assert visitor.page.get_by_role("button", name="Sign out").is_visible()
    visitor.press(visitor.page.get_by_role("link", name="Back to the worklist"))
    visitor.look("Worklist")


@pytest.mark.slow
def test_a_course_is_followed_over_time(visitor):
    page = visitor.page
    visitor.sign_in()
    visitor.press(page.get_by_role("link", name="Ada Render").first)
    visitor.look("Ada Render")
    visitor.press(page.get_by_role("link", name="Course and scores"))
    visitor.look("Course and scores")
    easi, poem = page.locator("figure.chart").all()
    assert (easi.locator("circle").count(), poem.locator("circle").count()) == (3, 3)
    assert page.get_by_role("columnheader", name="EASI-75").is_visible() or page.viewport_size["width"] < 500
    drawing = page.locator("figure.beside")
    first = [image.get_attribute("href") for image in drawing.locator("image").all()]
    assert len(set(first)) == 2
    page.get_by_label("Left").select_option(index=1)
    page.get_by_label("Light as taken").press("Space")
    with page.expect_navigation():
        visitor.press(page.get_by_role("button", name="Compare"))
    visitor.look("Course and scores")
    chosen = [image.get_attribute("href") for image in drawing.locator("image").all()]
    assert (chosen[0] != first[0], chosen[1]) == (True, first[1])
    assert page.get_by_text("Light as taken.").is_visible()


@pytest.mark.slow
def test_what_the_patient_says_is_entered_and_stands_on_the_curve(visitor):
    page = visitor.page
    visitor.sign_in()
    visitor.press(page.get_by_role("link", name="Ben Pixel").first)
    visitor.look("Ben Pixel")
    visitor.press(page.get_by_role("link", name="Course and scores"))
    visitor.look("Course and scores")
    visitor.press(page.locator("summary", has_text="Enter POEM"))
    visitor.look("Course and scores")
    for item in ("Itch", "Sleep", "Bleeding", "Weeping", "Cracking", "Flaking", "Dryness"):
        visitor.type(page.get_by_label(item, exact=True), "2")
    with page.expect_navigation():
        visitor.press(page.get_by_role("button", name="Save"))
    visitor.look("Course and scores")
    assert page.get_by_role("row").filter(has_text="Moderate").filter(has_text="14").is_visible()
