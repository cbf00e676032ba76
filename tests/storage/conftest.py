"""Stores on both databases."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flexura.security.keys import KeyRing, make_key
from flexura.storage.cases import add_photo, write_photo
from flexura.storage.database import open_database, upgrade
from flexura.storage.objects import prepare_folder
from flexura.storage.store import Actor, Store
from flexura.storage.tenants import create_tenant

TENANT = "clinic"
ACTORS = {
    "doctor": Actor(TENANT, "doctor", "clinician", address="192.0.2.7", purpose="TREAT"),
    "other-doctor": Actor(TENANT, "other-doctor", "clinician"),
    "nurse": Actor(TENANT, "nurse", "nurse"),
    "researcher": Actor(TENANT, "researcher", "researcher"),
    "auditor": Actor(TENANT, "auditor", "auditor"),
    "admin": Actor(TENANT, "admin", "administrator"),
    "worker": Actor(TENANT, "worker-1", "worker"),
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Keys:
    """The master keys, to be changed while a store is open."""

    ring: KeyRing = field(default_factory=lambda: KeyRing(make_key(os.urandom(32))))

    def __call__(self) -> KeyRing:
        return self.ring


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def store(database_url: str, tmp_path: Path, clock: Clock, keys: Keys) -> Iterator[Store]:
    """A store with one tenant."""
    engine = open_database(database_url)
    upgrade(engine)
    prepare_folder(tmp_path / "photos")
    made = Store(engine, tmp_path / "photos", keys, clock, os.urandom)
    create_tenant(made, TENANT)
    yield made
    engine.dispose()


Do = Callable[..., object]


@pytest.fixture
def actors() -> dict[str, Actor]:
    return ACTORS


@pytest.fixture
def do(store: Store) -> Do:
    """Run one verb in a visit of its own; the actor by name, or one made for the test."""

    def run(actor: str | Actor, verb: Callable[..., object], *arguments: object, **named: object) -> object:
        with store.visit(ACTORS[actor] if isinstance(actor, str) else actor) as visit:
            return verb(visit, *arguments, **named)

    return run


@pytest.fixture
def keep(store: Store) -> Callable[[str, bytes], str]:
    """Store a doctor's photo of a case: the file written, then its row."""

    def run(case: str, content: bytes) -> str:
        doctor = ACTORS["doctor"]
        with write_photo(store, doctor, case, content) as written, store.visit(doctor) as visit:
            return add_photo(visit, written)

    return run
