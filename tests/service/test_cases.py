"""Cases and photos over the web, and what clinicians write of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.objects import list_objects

NOBODY = "0" * 32


def test_a_case_reads_back(doctor, people, patient, case, photo):
    stored = doctor.get(f"/cases/{case}").json()
    assert (stored["patient"], stored["created_by"], stored["photos"]) == (patient, people.ids["clinician"], [photo])
    assert (stored["context"], stored["created_at"]) == ({"age_years": 6, "itch": 7}, "2026-03-01T12:00:00Z")
    assert doctor.get(f"/patients/{patient}/cases").json() == {"items": [case], "next": None}


def test_a_case_begins_once_per_key(doctor, patient):
    made = {doctor.post(f"/patients/{patient}/cases", json={}, headers={"Idempotency-Key": "k"}).text for _ in "ab"}
    assert len(made) == 1
    assert len(doctor.get(f"/patients/{patient}/cases").json()["items"]) == 1


@pytest.mark.parametrize("context", [{"age": 6}, {"age_years": -1}, {"site": "moon"}])
def test_a_case_takes_what_an_assessment_takes(doctor, patient, context):
    refused = doctor.post(f"/patients/{patient}/cases", json={"context": context})
    assert (refused.status_code, refused.json()["code"]) == (422, "context_invalid")
    assert doctor.get(f"/patients/{patient}/cases").json() == {"items": [], "next": None}


def test_a_photo_reads_back_to_the_byte(doctor, case, photo, skin_photo):
    answer = doctor.get(f"/cases/{case}/photos/{photo}")
    assert answer.content == skin_photo
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"


def test_the_same_photo_many_times_at_once_is_one(doctor, store, case, skin_photo):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: doctor.post(f"/cases/{case}/photos", content=skin_photo), range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(list(list_objects(store.folder))) == 1


def test_a_key_is_good_for_one_photo(doctor, case, skin_photo, grey_photo):
    first, again, other = (
        doctor.post(f"/cases/{case}/photos", content=content, headers={"Idempotency-Key": "k"})
        for content in (skin_photo, skin_photo, grey_photo)
    )
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "store_conflict")


@pytest.mark.parametrize(
    ("content", "code"), [(b"no photo", "not_an_image"), (b"\xff\xd8\xff\xe0 cut", "truncated_image")]
)
def test_what_is_no_photo_is_refused_not_stored_and_on_record_by_its_code(doctor, store, patient, case, content, code):
    refused = doctor.post(f"/cases/{case}/photos", content=content)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert doctor.get(f"/cases/{case}").json()["photos"] == []
    assert list(list_objects(store.folder)) == []
    with begin(store.engine) as connection:
        (event,) = [event for event in search(connection, "clinic", patient=patient) if event.verb == "photo.add"]
    assert (event.outcome, event.reason, event.entity) == ("failed", code, f"cases/{case}")


def test_strangers_are_refused_before_their_file_is_looked_at(client, case):
    refused = client("clinician", "second clinician").post(f"/cases/{case}/photos", content=b"no photo")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_an_empty_photo_and_a_photo_of_another_case_are_refused(doctor, patient, case, photo):
    empty = doctor.post(f"/cases/{case}/photos", content=b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "empty_file")
    other = doctor.post(f"/patients/{patient}/cases", json={}).json()["id"]
    assert doctor.get(f"/cases/{other}/photos/{photo}").status_code == 404
    assert doctor.post(f"/cases/{NOBODY}/photos", content=b"x").status_code == 404


def test_a_review_is_about_an_assessment_of_its_case(doctor, people, case, assessment):
    review = {"assessment": assessment, "agrees": False, "diagnosis": "contact_dermatitis", "iga": 3, "note": "Nickel."}
    review |= {"signs": {"dryness": 2}, "reasons": ["wrong_signs"], "outline": "2x2:1,2,1"}
    made = doctor.post(f"/cases/{case}/reviews", json=review)
    assert made.status_code == 201
    (stored,) = doctor.get(f"/cases/{case}/reviews").json()["items"]
    assert (stored["id"], stored["about"]) == (made.json()["id"], assessment)
    assert stored["document"] == {name: value for name, value in review.items() if name != "assessment"}
    assert doctor.post(f"/cases/{case}/reviews", json=review | {"assessment": NOBODY}).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"diagnosis": "dandruff"},
        {"iga": 5},
        {"note": "x" * 4001},
        {"agrees": None},
        {"signs": {"itch": 1}},
        {"outline": "2x2:5"},
    ],
)
def test_unfit_reviews_are_refused(doctor, case, changed):
    review = {"assessment": NOBODY, "agrees": True} | changed
    assert doctor.post(f"/cases/{case}/reviews", json=review).status_code == 422


def test_reviews_and_outcomes_are_written_once_per_key(doctor, case, assessment):
    once = {"Idempotency-Key": "k"}
    for _ in range(2):
        doctor.post(f"/cases/{case}/reviews", json={"assessment": assessment, "agrees": True}, headers=once)
        doctor.post(f"/cases/{case}/outcomes", json={"observed_on": "2026-04-01"}, headers=once)
    for kind in ("reviews", "outcomes"):
        assert len(doctor.get(f"/cases/{case}/{kind}").json()["items"]) == 1


def test_an_outcome_is_added_never_changed(doctor, case):
    for note in ("Worse.", "Healed."):
        doctor.post(f"/cases/{case}/outcomes", json={"observed_on": "2026-04-01", "note": note})
    notes = [record["document"]["note"] for record in doctor.get(f"/cases/{case}/outcomes").json()["items"]]
    assert sorted(notes) == ["Healed.", "Worse."]
    wrong = doctor.post(f"/cases/{case}/outcomes", json={"observed_on": "2026-04-01", "diagnosis": "dandruff"})
    assert wrong.status_code == 422
