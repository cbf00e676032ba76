"""Patients over the web: made once, found, paged, exported whole, gone for good."""

import pytest

from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.objects import list_objects

JANE = {"number": "MRN-4711", "name": "Jane Doe", "born": "2019-05-04"}
NOBODY = "0" * 32


def test_a_patient_reads_back_and_is_found_by_number(doctor, client, patient):
    assert doctor.get(f"/patients/{patient}").json() == {"id": patient, **JANE}
    assert client("nurse").post("/patients/search", json={"number": "MRN-4711"}).json() == {"id": patient}
    assert doctor.post("/patients/search", json={"number": "MRN-47"}).json() == {"id": None}


def test_a_number_is_taken_once(doctor, patient):
    again = doctor.post("/patients", json=JANE | {"name": "Ann Poe"})
    assert (again.status_code, again.json()["code"]) == (409, "store_conflict")


def test_the_same_request_again_makes_nobody(doctor):
    made = [doctor.post("/patients", json=JANE, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    other = doctor.post("/patients", json=JANE | {"number": "MRN-2"}, headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (409, "store_conflict")


def test_patients_come_in_pages(doctor, client):
    made = {doctor.post("/patients", json=JANE | {"number": f"MRN-{n}"}).json()["id"] for n in range(5)}
    client("nurse").post("/patients", json=JANE | {"number": "MRN-9"})
    seen, after = [], None
    for _ in range(3):
        page = doctor.get("/patients", params={"limit": 2} | ({"after": after} if after else {})).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert (set(seen), len(seen), after) == (made, 5, None)


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 51}, {"limit": "x"}, {"after": "x"}])
def test_pages_have_limits(doctor, query):
    assert doctor.get("/patients", params=query).status_code == 422


@pytest.mark.parametrize("changed", [{"name": ""}, {"name": "x" * 201}, {"number": "a\nb"}, {"born": "2019-13-01"}])
def test_unfit_people_are_refused(doctor, changed):
    assert doctor.post("/patients", json=JANE | changed).status_code == 422


def test_a_care_team_opens_and_closes(doctor, client, people, patient):
    nurse = client("nurse")
    member = f"/patients/{patient}/care-team/{people.ids['nurse']}"
    assert nurse.get(f"/patients/{patient}").status_code == 403
    assert doctor.put(member).status_code == 204
    assert nurse.get(f"/patients/{patient}").json()["name"] == "Jane Doe"
    assert doctor.delete(member).status_code == 204
    assert nurse.get(f"/patients/{patient}").status_code == 403


def test_an_export_holds_all_of_a_patient(doctor, patient, case, photo, assessment):
    doctor.post(f"/cases/{case}/reviews", json={"assessment": assessment, "agrees": True, "note": "Clear case."})
    doctor.post(f"/cases/{case}/outcomes", json={"observed_on": "2026-04-01", "note": "Healed."})
    export = doctor.get(f"/patients/{patient}/export").json()
    assert (export["format"], export["patient"]) == ("flexura.export/1", {"id": patient, **JANE})
    (exported,) = export["cases"]
    assert (exported["id"], exported["photos"], exported["context"]["itch"]) == (case, [photo], 7)
    assert [record["id"] for record in exported["assessments"]] == [assessment]
    assert exported["reviews"][0]["document"]["note"] == "Clear case."
    assert exported["outcomes"][0]["document"]["note"] == "Healed."


def test_a_deleted_patient_is_gone(doctor, client, store, patient, case, photo):
    assert client("administrator").delete(f"/patients/{patient}").status_code == 204
    for path in (f"/patients/{patient}", f"/patients/{patient}/export", f"/cases/{case}", f"/cases/{case}/assessments"):
        assert doctor.get(path).status_code == 404
    assert client("administrator").delete(f"/patients/{patient}").status_code == 404
    assert list(list_objects(store.folder)) == []
    assert doctor.post("/patients", json=JANE).status_code == 201


def test_every_touch_is_on_record(doctor, store, patient):
    doctor.get("/patients")
    doctor.get(f"/patients/{patient}/export")
    with begin(store.engine) as connection:
        verbs = [event.verb for event in search(connection, "clinic", patient=patient)]
    assert verbs == ["patient.create", "patient.read", "patient.export", "patient.read", "case.read"]
