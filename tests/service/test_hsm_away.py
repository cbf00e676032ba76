"""A service whose master keys are in a token: while the token is away it says so, and works again with it."""

import os

import pytest

from flexura.errors import HsmUnavailable
from flexura.security.hsm import open_hsm
from flexura.security.hsmaddress import parse_address
from flexura.service.workers import do_job
from flexura.storage.database import open_database, upgrade
from flexura.storage.jobs import take_job
from flexura.storage.objects import prepare_folder
from flexura.storage.store import Store
from flexura.storage.tenants import create_tenant

ANOTHER = {"number": "MRN-4712", "name": "Joan Doe", "born": "2019-05-04"}


@pytest.fixture
def store(tmp_path, clock, token):
    keys = open_hsm(parse_address(token.uri))
    keys.create_first(randomness=os.urandom)
    engine = open_database(f"sqlite:///{tmp_path}/clinic.db")
    upgrade(engine)
    prepare_folder(tmp_path / "photos")
    made = Store(engine, tmp_path / "photos", lambda: keys, clock, os.urandom)
    create_tenant(made, "clinic")
    yield made
    engine.dispose()


def test_requests_are_told_to_come_back_and_are_served_when_the_token_is(
    doctor, case, photo, skin_photo, token, client
):
    path = f"/cases/{case}/photos/{photo}"
    assert doctor.get(path).content == skin_photo
    for _ in range(2):
        token.lose()
        for answer in (doctor.get(path), doctor.post("/patients", json=ANOTHER), client().get("/ready")):
            assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
                503, "hsm_unavailable", "5"
            )  # fmt: skip
            assert token.pin not in answer.text
        assert client().get("/health").status_code == 200
        token.put_back()
        assert doctor.get(path).content == skin_photo
        assert client().get("/ready").status_code == 200


def test_a_job_waits_for_the_token(doctor, case, photo, clinic, token):
    asked = doctor.post(f"/cases/{case}/photos/{photo}/jobs")
    assert asked.status_code == 202, asked.text
    job = take_job(clinic.store, "worker-1")
    token.lose()
    with pytest.raises(HsmUnavailable):
        do_job(clinic.store, job, clinic.assessor)
    token.put_back()
    do_job(clinic.store, job, clinic.assessor)
    assert doctor.get(f"/jobs/{asked.json()['id']}").json()["state"] == "done"
