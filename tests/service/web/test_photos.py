"""Photos on their way in: judged first, on record, and nothing stored that is not good enough."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.objects import list_objects


def _check(browser, token, case, content):
    return browser.post(f"/cases/{case}/photos/check", content=content, headers={"X-CSRF-Token": token})


def _verbs(store, patient):
    with begin(store.engine) as connection:
        return [(event.verb, event.outcome) for event in search(connection, "clinic", patient=patient)]


def _refusals(store, patient):
    with begin(store.engine) as connection:
        told = [event for event in search(connection, "clinic", patient=patient) if event.outcome == "failed"]
    return [(event.verb, event.entity, event.reason) for event in told]


def test_a_photo_is_judged_shown_and_on_record_and_not_stored(enter, store, patient, case, skin_photo):
    browser, token = enter("clinician")
    answer = _check(browser, token, case, skin_photo)
    assert (answer.status_code, 'class="judged fit"' in answer.text) == (200, True)
    assert re.search(r'src="data:image/jpeg;base64,[\w+/=]{1000,}"', answer.text)
    assert "Good enough" in answer.text
    assert list(list_objects(store.folder)) == []
    assert _verbs(store, patient)[-1] == ("photo.check", "success")


def test_what_is_wrong_with_a_photo_is_said_in_words_and_on_record_by_its_codes(
    enter, store, patient, case, grey_photo
):
    browser, token = enter("clinician")
    page = _check(browser, token, case, grey_photo).text
    assert 'class="judged unfit"' in page
    assert "Hold the camera still" in page
    assert "data:image/jpeg" in page
    ((verb, entity, reason),) = _refusals(store, patient)
    assert (verb, entity, reason.split()[0]) == ("photo.check", f"cases/{case}", "photo_unfit")
    assert "too_blurred" in reason.split()
    assert [verb for verb, _ in _verbs(store, patient)].count("photo.check") == 1


def test_what_is_no_photo_is_said_without_a_picture(enter, store, patient, case):
    browser, token = enter("clinician")
    page = _check(browser, token, case, b"no photo at all").text
    assert 'class="judged unfit"' in page
    assert "data:image" not in page
    assert _refusals(store, patient) == [("photo.check", f"cases/{case}", "not_an_image")]


def test_a_stranger_judges_no_photo_of_a_case_and_it_is_on_record(enter, store, patient, case, skin_photo):
    browser, token = enter("nurse")
    answer = _check(browser, token, case, skin_photo)
    assert (answer.status_code, "forbidden" in answer.text) == (403, True)
    assert _verbs(store, patient)[-1] == ("photo.check", "refused")


@pytest.mark.parametrize("path", ["photos", "photos/check"])
def test_who_is_not_signed_in_is_sent_away_before_the_body_is_read(app, enter, case, path):
    browser, _ = enter("clinician")
    browser.cookies.clear()
    answer = browser.post(f"/cases/{case}/{path}", files={"file": ("a.jpg", bytes(1000))})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_without_scripts_a_form_of_photos_is_judged_and_stored_and_its_answers_come(
    app, clinic, enter, case, skin_photo, work_off
):
    read: list[bytes] = []
    app.state.clinic = replace(clinic, read=lambda content: [read.append(content), clinic.read(content)][1])
    browser, token = enter("clinician")
    other = BytesIO()
    Image.open(BytesIO(skin_photo)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(other, "JPEG", quality=90)
    files = [("file", ("a.jpg", skin_photo)), ("file", ("b.jpg", other.getvalue())), ("file", ("", b""))]
    answer = browser.post(f"/cases/{case}/photos", data={"counter_token": token}, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}")
    assert read == [skin_photo, other.getvalue()]  # once each, before any was stored
    assert browser.get(f"/cases/{case}").text.count("waits to be assessed") == 4  # said, and the name of its progress
    work_off()
    page = browser.get(f"/cases/{case}").text
    assert (page.count('class="answer"'), page.count('class="waiting"')) == (2, 0)


@pytest.mark.parametrize(("names", "said"), [(("skin_photo", "grey_photo"), "Hold the camera"), ((), "Choose a photo")])
def test_without_scripts_one_that_is_refused_stores_none(request, enter, store, case, names, said):
    browser, token = enter("clinician")
    files = [("file", (name, request.getfixturevalue(name))) for name in names] or [("file", ("", b""))]
    answer = browser.post(f"/cases/{case}/photos", data={"counter_token": token}, files=files)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert list(list_objects(store.folder)) == []


def test_a_form_of_photos_needs_its_counter_token(enter, store, case, skin_photo):
    browser, _ = enter("clinician")
    answer = browser.post(f"/cases/{case}/photos", files={"file": ("a.jpg", skin_photo)})
    assert (answer.status_code, "cross_site" in answer.text) == (403, True)
    assert list(list_objects(store.folder)) == []
