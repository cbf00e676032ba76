"""An answer over the web: stored with its model and context, given once per key, refused by name."""

import jsonschema
import pytest

from flexura.decision.document import assessment_schema
from flexura.storage.auditlog import search
from flexura.storage.database import begin

NOBODY = "0" * 32


@pytest.fixture
def path(case, photo):
    return f"/cases/{case}/photos/{photo}/assessments"


def test_an_answer_is_stored_with_its_model_and_context(doctor, case, photo, path):
    made = doctor.post(path)
    assert made.status_code == 201
    record = made.json()
    assert (record["about"], record["created_by"]) == (photo, "service")
    document = record["document"]
    jsonschema.validate(document["assessment"], assessment_schema())
    assert document["assessment"]["model"]["version"] == "test"
    assert document["context"] == {"age_years": 6, "itch": 7}
    assert doctor.get(f"/cases/{case}/assessments").json() == {"items": [record], "next": None}
    assert doctor.get(f"/cases/{case}/assessments/{record['id']}").json() == record


def test_an_answer_is_given_once_per_key(doctor, case, path):
    first, again = (doctor.post(path, headers={"Idempotency-Key": "k"}).json() for _ in range(2))
    assert first == again
    assert doctor.post(path).json()["id"] != first["id"]
    assert len(doctor.get(f"/cases/{case}/assessments").json()["items"]) == 2


def test_the_caller_asks_and_the_program_writes(doctor, people, store, patient, path):
    doctor.post(path)
    with begin(store.engine) as connection:
        events = list(search(connection, "clinic", patient=patient))[-5:]
    assert [(event.verb, event.role) for event in events] == [
        ("case.read", "clinician"),
        ("assessment.request", "clinician"),
        ("photo.read", "worker"),
        ("assessment.run", "worker"),
        ("assessment.read", "clinician"),
    ]


def test_a_photo_that_is_not_good_enough_is_refused_by_name_and_on_record(doctor, store, patient, case, grey_photo):
    photo = doctor.post(f"/cases/{case}/photos", content=grey_photo).json()["id"]
    refused = doctor.post(f"/cases/{case}/photos/{photo}/assessments")
    assert (refused.status_code, refused.json()["code"]) == (422, "photo_unfit")
    codes = [reason["code"] for reason in refused.json()["reasons"]]
    assert "too_blurred" in codes
    assert doctor.get(f"/cases/{case}/assessments").json() == {"items": [], "next": None}
    with begin(store.engine) as connection:
        (event,) = [event for event in search(connection, "clinic", patient=patient) if event.verb == "assessment.run"]
    assert (event.role, event.outcome, event.entity) == ("worker", "failed", f"photos/{photo}")
    assert event.reason == " ".join(["photo_unfit", *codes])


def test_a_refused_photo_does_not_hide_what_was_told(doctor, patient, grey_photo):
    context = {"age_years": 4, "warning_signs": ["punched_out_erosions"]}
    case = doctor.post(f"/patients/{patient}/cases", json={"context": context}).json()["id"]
    photo = doctor.post(f"/cases/{case}/photos", content=grey_photo).json()["id"]
    refused = doctor.post(f"/cases/{case}/photos/{photo}/assessments").json()
    assert refused["code"] == "photo_unfit"
    assert [flag.partition(".")[0] for flag in refused["red_flags"]] == ["Eczema herpeticum"]


def test_what_is_not_there_is_not_found(doctor, case, photo):
    assert doctor.get(f"/cases/{case}/assessments/{NOBODY}").status_code == 404
    assert doctor.post(f"/cases/{case}/photos/{NOBODY}/assessments").status_code == 404
    assert doctor.post(f"/cases/{NOBODY}/photos/{photo}/assessments").status_code == 404
