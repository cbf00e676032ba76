"""The figures that Prometheus reads: true, by route and state, and without anything of a patient."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flexura.service.workers import do_job
from flexura.storage.jobs import take_job


@pytest.fixture
def read(client):
    """All samples by name and labels, as the administrator's program gets them."""

    def run():
        answer = client("administrator").get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        families = text_string_to_metric_families(answer.text)
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    return run


def test_requests_are_counted_by_pattern_and_status(read, doctor, patient):
    doctor.get(f"/patients/{patient}")
    doctor.get(f"/patients/{'0' * 32}")
    doctor.get("/nothing/here")
    figures = read()
    route = ("route", "/api/v1/patients/{patient}")
    for status in ("200", "404"):
        assert figures["flexura_requests_total", ("method", "GET"), route, ("status", status)] == 1
    assert figures["flexura_requests_total", ("method", "none"), ("route", "none"), ("status", "404")] == 1
    assert figures["flexura_request_seconds_count", ("method", "GET"), route] == 2


def test_hits_and_misses_of_answers_are_counted(read, doctor, case, photo):
    for _ in range(3):
        doctor.post(f"/cases/{case}/photos/{photo}/assessments")
    figures = read()
    assert figures["flexura_answers_total", ("source", "computed")] == 1
    assert figures["flexura_answers_total", ("source", "reused")] == 2


def test_jobs_are_counted_by_state_with_the_oldest_ones_age(read, doctor, clinic, clock, case, photo):
    store = clinic.store
    doctor.post(f"/cases/{case}/photos/{photo}/jobs")
    clock.move(seconds=9)
    figures = read()
    assert (figures["flexura_jobs", ("state", "queued")], figures["flexura_oldest_job_seconds",]) == (1, 9)
    do_job(store, take_job(store, "w"), clinic.assessor)
    figures = read()
    assert (figures["flexura_jobs", ("state", "done")], figures["flexura_oldest_job_seconds",]) == (1, 0)


def test_model_and_process_are_in_it(read):
    figures = read()
    assert figures["flexura_model", ("model", "flexura-tiny test")] == 1
    assert figures["process_resident_memory_bytes",] > 1e6


def test_nothing_of_a_patient_is_in_it(client, doctor, patient, case, photo, assessment):
    doctor.get(f"/cases/{case}/assessments/{assessment}")
    doctor.post("/patients/search", json={"number": "MRN-4711"})
    doctor.get("/patients/MRN-4711-Jane-Doe")
    text = client("administrator").get("/metrics").text
    for told in (patient, case, photo, assessment, "MRN-4711", "Jane", "Doe", "2019"):
        assert told not in text


@pytest.mark.parametrize("role", ["clinician", "nurse", "researcher", "auditor"])
def test_only_who_runs_the_machine_reads_them(client, role):
    assert client(role).get("/metrics").status_code == 403
