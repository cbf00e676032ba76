"""A clinic on SQLite with one user per role, its service, and a client for each of them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.intake.read import read_photo
from flexura.security.keys import KeyRing, make_key
from flexura.security.passkeys import RelyingParty
from flexura.security.passwords import HashCost
from flexura.security.roles import ROLES
from flexura.security.verbs import VERBS
from flexura.service.app import make_app
from flexura.service.clinic import Assessor, Clinic, Invitation, make_assessor, make_read
from flexura.service.demo import PERSONS as DEMO_PERSONS
from flexura.service.demo import fill_demo
from flexura.service.workers import do_job
from flexura.storage.database import open_database, upgrade
from flexura.storage.jobs import take_job
from flexura.storage.objects import prepare_folder
from flexura.storage.store import Actor, Store
from flexura.storage.tenants import create_tenant
from flexura.storage.users import add_token, add_user

API = "/api/v1"
CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
PASSWORD = "seven green ladders"
DEMO_PASSWORD = "only for this demo"
ADMIN = Actor("clinic", "console", "administrator")
PARTY = RelyingParty("clinic.test", "https://clinic.test")
PERSONS = tuple(role for role in ROLES if role not in {"worker", "device"})


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class People:
    """Users by name, each with the id and a token for all verbs; made when first asked for."""

    store: Store
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, role: str) -> str:
        if name not in self.tokens:
            with self.store.visit(ADMIN) as visit:
                self.ids[name] = add_user(visit, name, role, PASSWORD, cost=CHEAP)
                issued = add_token(visit, self.ids[name], frozenset(VERBS), lasts=timedelta(days=1))
            self.tokens[name] = issued.secret
        return self.tokens[name]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    engine = open_database(f"sqlite:///{tmp_path}/clinic.db")
    upgrade(engine)
    prepare_folder(tmp_path / "photos")
    ring = KeyRing(make_key(os.urandom(32)))
    made = Store(engine, tmp_path / "photos", lambda: ring, clock, os.urandom)
    create_tenant(made, "clinic")
    yield made
    engine.dispose()


@pytest.fixture
def people(store: Store) -> People:
    return People(store)


@pytest.fixture(scope="session")
def assessor(tiny_bundle: Path) -> Assessor:
    return make_assessor(Predictor(load_bundle(tiny_bundle), threads=1), [read_photo], preparation=None)


@pytest.fixture
def clinic(store: Store, assessor: Assessor) -> Clinic:
    return Clinic(store, make_read([read_photo]), assessor, photo_bytes=200_000, hash_cost=CHEAP, party=PARTY)


@pytest.fixture
def demo(tmp_path: Path, store: Store, clinic: Clinic) -> Iterator[Clinic]:
    """A clinic with nothing in it but the demo, on a database of its own."""
    engine = open_database(f"sqlite:///{tmp_path}/demo.db")
    upgrade(engine)
    prepare_folder(tmp_path / "demo-photos")
    empty = Store(engine, tmp_path / "demo-photos", store.read_ring, store.clock, store.randomness)
    filled = replace(clinic, store=empty, demo=Invitation(DEMO_PERSONS, DEMO_PASSWORD))
    fill_demo(filled, DEMO_PASSWORD)
    yield filled
    engine.dispose()


@pytest.fixture
def app(clinic: Clinic) -> FastAPI:
    return make_app(clinic)


Client = Callable[..., TestClient]


@pytest.fixture
def client(app: FastAPI, people: People) -> Client:
    """A client of the service: nobody's, or with the token of a user who is made when first named."""

    def make(role: str | None = None, name: str | None = None) -> TestClient:
        headers = {} if role is None else {"Authorization": f"Bearer {people.add(name or role, role)}"}
        return TestClient(app, base_url=f"https://clinic.test{API}", headers=headers, client=("192.0.2.7", 4711))

    return make


@pytest.fixture
def doctor(client: Client) -> TestClient:
    return client("clinician")


@pytest.fixture
def patient(doctor: TestClient) -> str:
    made = doctor.post("/patients", json={"number": "MRN-4711", "name": "Jane Doe", "born": "2019-05-04"})
    assert made.status_code == 201, made.text
    return made.json()["id"]


@pytest.fixture
def case(doctor: TestClient, patient: str) -> str:
    made = doctor.post(f"/patients/{patient}/cases", json={"context": {"age_years": 6, "itch": 7}})
    assert made.status_code == 201, made.text
    return made.json()["id"]


@pytest.fixture
def photo(doctor: TestClient, case: str, skin_photo: bytes) -> str:
    made = doctor.post(f"/cases/{case}/photos", content=skin_photo)
    assert made.status_code == 201, made.text
    return made.json()["id"]


@pytest.fixture
def assessment(doctor: TestClient, case: str, photo: str) -> str:
    made = doctor.post(f"/cases/{case}/photos/{photo}/assessments")
    assert made.status_code == 201, made.text
    return made.json()["id"]


@pytest.fixture
def work_off(store: Store, assessor: Assessor) -> Callable[[], None]:
    """Do the jobs that wait, as a worker does."""

    def run() -> None:
        while job := take_job(store, "worker-1"):
            do_job(store, job, assessor)

    return run
