"""An answer over the web: stored with its model and context, given once per key, refused by name."""

import threading
from dataclasses import replace

import anyio
import httpx2
import jsonschema
import pytest

from flexura.decision.document import assessment_schema
from flexura.errors import ServiceBusy
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


def test_who_waits_for_an_answer_keeps_nobody_else_waiting(app, clinic, doctor, case, path):
    waiting, go_on, many = [], threading.Event(), 45  # more than the threads that other requests run in

    def wait(bring, context):
        waiting.append(context)
        go_on.wait(60)
        raise ServiceBusy("no more")

    app.state.clinic = replace(clinic, assessor=replace(clinic.assessor, assess=wait))
    told = []

    async def ask(client):
        told.append((await client.post(path)).status_code)

    async def run():
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url=doctor.base_url, headers=doctor.headers) as client:
            try:
                async with anyio.create_task_group() as tasks:
                    for _ in range(many):
                        tasks.start_soon(ask, client)
                    with anyio.fail_after(60):
                        while len(waiting) < many:
                            await anyio.sleep(0.01)
                        assert (await client.get(f"/cases/{case}")).status_code == 200
                    assert told == []
                    go_on.set()
            finally:
                go_on.set()

    anyio.run(run)
    assert told == [503] * many
