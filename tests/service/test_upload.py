"""Several photos of a case in one form: all or none, in order, and never in a file on the way."""

import tempfile

import pytest

from flexura.service.upload import MOST_FILES
from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.objects import list_objects


def _form(*files):
    return {"files": [("file", (f"photo-{number}.jpg", content)) for number, content in enumerate(files)]}


def test_photos_of_one_form_are_stored_in_order(doctor, case, skin_photo, grey_photo):
    made = doctor.post(f"/cases/{case}/photos", **_form(skin_photo, grey_photo))
    assert made.status_code == 201, made.text
    ids = made.json()["ids"]
    assert made.json()["id"] == ids[0]
    assert sorted(doctor.get(f"/cases/{case}").json()["photos"]) == sorted(set(ids))
    contents = [doctor.get(f"/cases/{case}/photos/{photo}").content for photo in ids]
    assert contents == [skin_photo, grey_photo]


def test_one_photo_alone_comes_as_body_or_form(doctor, case, skin_photo):
    ways = ({"content": skin_photo}, _form(skin_photo), _form(skin_photo, skin_photo))
    answers = [doctor.post(f"/cases/{case}/photos", **way).json() for way in ways]
    assert len({photo for answer in answers for photo in answer["ids"]}) == 1


def test_one_that_is_refused_stores_none_and_says_which(doctor, store, case, skin_photo):
    refused = doctor.post(f"/cases/{case}/photos", **_form(skin_photo, b"no photo", skin_photo))
    assert (refused.status_code, refused.json()["code"]) == (422, "not_an_image")
    assert refused.json()["fields"] == [{"field": "files.1", "fault": "not_an_image"}]
    assert doctor.get(f"/cases/{case}").json()["photos"] == []
    assert list(list_objects(store.folder)) == []


def test_each_photo_of_a_form_is_on_record(doctor, store, patient, case, skin_photo, grey_photo):
    doctor.post(f"/cases/{case}/photos", **_form(skin_photo, grey_photo))
    with begin(store.engine) as connection:
        verbs = [event.verb for event in search(connection, "clinic", patient=patient)]
    assert verbs.count("photo.add") == 2


def test_a_key_is_good_for_one_form(doctor, case, skin_photo, grey_photo):
    once = {"Idempotency-Key": "k"}
    first, again, other = (
        doctor.post(f"/cases/{case}/photos", **_form(*files), headers=once)
        for files in ((skin_photo, grey_photo), (skin_photo, grey_photo), (grey_photo, skin_photo))
    )
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "store_conflict")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"files": [("file", ("a", b""))]}, "empty_file"),
        ({"data": {"name": "Jane"}, "files": [("file", ("a", b"x"))]}, "request_unfit"),
        (_form(*[b"x"] * (MOST_FILES + 1)), "request_unfit"),
        ({"content": b"junk", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, "request_unfit"),
        ({"content": b"junk", "headers": {"Content-Type": "multipart/form-data"}}, "request_unfit"),
    ],
    ids=["empty", "field", "too many", "no form", "no boundary"],
)
def test_unfit_forms_are_refused(doctor, case, sent, code):
    refused = doctor.post(f"/cases/{case}/photos", **sent)
    assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text


def test_a_form_that_is_too_large_is_refused(doctor, case, skin_photo):
    refused = doctor.post(f"/cases/{case}/photos", **_form(bytes(150_000), bytes(150_000)))
    assert (refused.status_code, refused.json()["code"]) == (413, "request_too_large")


def test_no_part_of_a_form_goes_through_a_file(doctor, case, monkeypatch, app, clinic):
    from dataclasses import replace

    rolled = []
    real = tempfile.SpooledTemporaryFile.rollover
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", lambda file: (rolled.append(1), real(file))[1])
    app.state.clinic = replace(clinic, photo_bytes=4_000_000)
    doctor.post(f"/cases/{case}/photos", **_form(bytes(190_000)))
    from starlette.testclient import TestClient

    from flexura.service.app import make_app

    large = TestClient(make_app(app.state.clinic), base_url="https://clinic.test/api/v1", headers=doctor.headers)
    assert large.post(f"/cases/{case}/photos", **_form(bytes(3_000_000))).json()["code"] == "not_an_image"
    assert rolled == []
