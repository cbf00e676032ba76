"""The audit log and emergency accesses over the web, for auditors."""

import pytest
from fhir.resources.R4B.bundle import Bundle
from pyotp import TOTP
from sqlalchemy import update

from flexura.service.auth import COUNTER_HEADER
from flexura.storage.database import begin
from flexura.storage.store import Actor
from flexura.storage.tables import AUDIT_ENTRIES
from flexura.storage.users import require_codes

PASSWORD = "seven green ladders"


@pytest.fixture
def auditor(client):
    return client("auditor")


def test_the_log_is_searched_by_patient_user_and_time(auditor, doctor, people, clock, patient):
    clock.move(minutes=10)
    doctor.get(f"/patients/{patient}")
    clock.move(minutes=10)
    other = doctor.post("/patients", json={"number": "MRN-2", "name": "John Doe"}).json()["id"]

    def find(**asked):
        return [row["verb"] for row in auditor.get("/audit", params=asked).json()["items"]]

    assert find(patient=patient) == ["patient.create", "patient.read"]
    assert find(patient=other) == ["patient.create"]
    assert find(user=people.ids["clinician"]) == ["patient.create", "patient.read", "patient.create"]
    assert find(patient=patient, since="2026-03-01T12:05:00Z") == ["patient.read"]
    assert find(patient=patient, until="2026-03-01T13:05:00+01:00") == ["patient.create"]
    (last,) = auditor.get("/audit", params={"patient": other}).json()["items"]
    assert (last["user"], last["outcome"], last["purpose"]) == (people.ids["clinician"], "success", "TREAT")
    assert last["reason"] is None


def test_the_log_says_by_which_code_a_photo_was_refused(auditor, doctor, patient):
    case = doctor.post(f"/patients/{patient}/cases", json={}).json()["id"]
    doctor.post(f"/cases/{case}/photos", content=b"no picture")
    last = auditor.get("/audit", params={"patient": patient}).json()["items"][-1]
    assert (last["verb"], last["outcome"], last["reason"]) == ("photo.add", "failed", "not_an_image")


def test_the_log_is_read_by_page_and_reading_is_in_it(auditor, doctor, people, patient):
    for _ in range(5):
        doctor.get(f"/patients/{patient}")
    seen, after = [], 0
    while after is not None:
        page = auditor.get("/audit", params={"patient": patient, "limit": 4, "after": after}).json()
        seen += [row["number"] for row in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen)
    mine = auditor.get("/audit", params={"user": people.ids["auditor"]}).json()["items"]
    assert {row["verb"] for row in mine} == {"audit.read"}


@pytest.mark.parametrize(
    "asked",
    [{"patient": "MRN-1"}, {"since": "yesterday"}, {"since": "2026-03-01T12:00:00"}, {"limit": 0}, {"user": "a\0"}],
)
def test_unfit_searches_are_refused(auditor, asked):
    refused = auditor.get("/audit", params=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "request_unfit")


def test_the_log_leaves_as_fhir(auditor, patient):
    answer = auditor.get("/audit/fhir", params={"patient": patient})
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    bundle = Bundle.model_validate(answer.json())
    assert [entry.resource.action for entry in bundle.entry] == ["C"]


def test_the_log_leaves_as_fhir_page_by_page(auditor, doctor, patient):
    for _ in range(4):
        doctor.get(f"/patients/{patient}")
    page = auditor.get("/audit/fhir", params={"patient": patient, "limit": 2}).json()
    seen = [len(page["entry"])]
    while "link" in page:
        Bundle.model_validate(page)
        (following,) = page["link"]
        page = auditor.get(following["url"].removeprefix("/api/v1")).json()
        seen.append(len(page["entry"]))
    assert (following["relation"], seen) == ("next", [2, 2, 1])


def test_the_log_is_verified(auditor, client, store, patient):
    whole = auditor.get("/audit/verification").json()
    assert whole["findings"] == []
    assert whole["size"] >= 1
    with begin(store.engine) as connection:
        connection.execute(update(AUDIT_ENTRIES).where(AUDIT_ENTRIES.c.number == 1).values(text="{}"))
    for http in (auditor, client("administrator")):
        found = http.get("/audit/verification").json()["findings"]
        assert (found[0]["code"], found[0]["number"]) == ("edited", 1)


def test_an_emergency_access_is_told_at_once_and_listed_until_it_is_reviewed(
    auditor, client, people, clock, patient, caplog
):
    other = "second clinician"
    people.add(other, "clinician")
    with people.store.visit(Actor("clinic", "console", "administrator")) as visit:
        secret = require_codes(visit, people.ids[other])
    http = client()
    shown = {"name": other, "password": PASSWORD, "code": TOTP(secret).at(clock.now)}
    http.headers[COUNTER_HEADER] = http.post("/session", json=shown).json()["csrf_token"]
    http.post(f"/patients/{patient}/emergency", json={"reason": "Seizure in the emergency room"})
    told = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "flexura.service"]
    assert told == [("WARNING", "An emergency access was opened; it waits for review.")]
    text = client("administrator").get("/metrics").text
    assert 'flexura_emergencies{state="to_review"} 1.0' in text
    (waiting,) = auditor.get("/emergencies").json()["items"]
    assert (waiting["user"], waiting["patient"]) == (people.ids[other], patient)
    assert "Seizure" not in str(waiting)
    reviewed = auditor.post(f"/emergencies/{waiting['id']}/review")
    assert reviewed.json() == {"reason": "Seizure in the emergency room"}
    assert auditor.get("/emergencies").json() == {"items": [], "next": None}
    assert auditor.post(f"/emergencies/{'0' * 32}/review").status_code == 404


def test_nobody_who_treats_or_manages_reads_the_log(client):
    for role in ("clinician", "nurse", "researcher", "administrator"):
        assert client(role).get("/audit").status_code == 403
        assert client(role).get("/emergencies").status_code == 403
