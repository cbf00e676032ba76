"""An assessment as a job over the web: asked for, polled, cancelled; refused as it would be at once."""

from dataclasses import replace

import pytest

from flexura.storage.jobs import take_job

NOBODY = "0" * 32


@pytest.fixture
def path(case, photo):
    return f"/cases/{case}/photos/{photo}/jobs"


def test_a_job_is_asked_for_and_polled_until_its_answer_is_there(doctor, case, photo, path, work_off):
    asked = doctor.post(path)
    job = asked.json()
    assert (asked.status_code, asked.headers["Location"]) == (202, f"/api/v1/jobs/{job['id']}")
    assert job == {
        "id": job["id"], "case": case, "photo": photo, "state": "queued", "attempt": 0,
        "assessment": None, "code": None, "problem": None,
    }  # fmt: skip
    work_off()
    done = doctor.get(f"/jobs/{job['id']}").json()
    assert done == job | {"state": "done", "attempt": 1, "assessment": done["assessment"]}
    record = doctor.get(f"/cases/{case}/assessments/{done['assessment']}").json()
    assert (record["about"], record["created_by"]) == (photo, "worker-1")


def test_a_job_answers_as_the_answer_at_once_does(doctor, case, photo, path, work_off):
    at_once = doctor.post(f"/cases/{case}/photos/{photo}/assessments").json()
    job = doctor.post(path).json()["id"]
    work_off()
    made = doctor.get(f"/jobs/{job}").json()["assessment"]
    later = doctor.get(f"/cases/{case}/assessments/{made}").json()
    assert later["id"] != at_once["id"]
    for name in ("assessment", "context"):
        assert later["document"][name] == at_once["document"][name]


def test_a_job_is_made_once_per_key(doctor, path, work_off):
    once = {"Idempotency-Key": "k"}
    first = doctor.post(path, headers=once).json()
    work_off()
    again = doctor.post(path, headers=once).json()
    assert (again["id"], again["state"]) == (first["id"], "done")


def test_a_job_is_running_while_a_worker_has_it(doctor, store, path):
    job = doctor.post(path).json()["id"]
    take_job(store, "worker-1")
    assert doctor.get(f"/jobs/{job}").json()["state"] == "running"


def test_a_job_whose_photo_is_refused_tells_the_whole_refusal(doctor, patient, grey_photo, work_off):
    context = {"age_years": 4, "warning_signs": ["punched_out_erosions"]}
    case = doctor.post(f"/patients/{patient}/cases", json={"context": context}).json()["id"]
    photo = doctor.post(f"/cases/{case}/photos", content=grey_photo).json()["id"]
    job = doctor.post(f"/cases/{case}/photos/{photo}/jobs").json()["id"]
    work_off()
    failed = doctor.get(f"/jobs/{job}").json()
    assert (failed["state"], failed["code"], failed["assessment"]) == ("failed", "photo_unfit", None)
    refused = doctor.post(f"/cases/{case}/photos/{photo}/assessments").json()
    told = {name: value for name, value in failed["problem"].items() if value is not None}
    # A photo that is not good enough hides no flag, whichever way it was asked about.
    assert told == refused
    assert told["reasons"]


def test_a_cancelled_job_stores_nothing(doctor, case, path, work_off):
    job = doctor.post(path).json()["id"]
    assert [doctor.delete(f"/jobs/{job}").status_code for _ in range(2)] == [204, 204]
    work_off()
    assert doctor.get(f"/jobs/{job}").json()["state"] == "cancelled"
    assert doctor.get(f"/cases/{case}/assessments").json() == {"items": [], "next": None}


def test_a_job_that_is_done_is_not_cancelled(doctor, path, work_off):
    job = doctor.post(path).json()["id"]
    work_off()
    refused = doctor.delete(f"/jobs/{job}")
    assert (refused.status_code, refused.json()["code"]) == (409, "store_conflict")


def test_strangers_neither_look_at_a_job_nor_cancel_it(doctor, client, path):
    job = doctor.post(path).json()["id"]
    for http in (client("clinician", "second clinician"), client("nurse")):
        assert [http.get(f"/jobs/{job}").status_code, http.delete(f"/jobs/{job}").status_code] == [403, 403]
    assert doctor.get(f"/jobs/{job}").json()["state"] == "queued"


def test_what_is_not_there_is_not_found(doctor, case):
    assert doctor.get(f"/jobs/{NOBODY}").status_code == 404
    assert doctor.delete(f"/jobs/{NOBODY}").status_code == 404
    assert doctor.post(f"/cases/{case}/photos/{NOBODY}/jobs").status_code == 404


class TestAFullList:
    @pytest.fixture
    def clinic(self, clinic):
        return replace(clinic, most_waiting=1)

    def test_who_asks_for_more_is_told_when_to_come_back(self, doctor, path, work_off):
        assert doctor.post(path).status_code == 202
        refused = doctor.post(path)
        assert (refused.status_code, refused.json()["code"]) == (503, "service_busy")
        assert refused.headers["Retry-After"] == "5"
        work_off()
        assert doctor.post(path).status_code == 202
