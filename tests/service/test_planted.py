"""A thousand people's names, numbers and notes, planted and looked for: on disk, in dumps, logs and answers."""

import base64
import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from flexura.security.keys import KeyRing, make_key
from flexura.service.routes import ROUTES
from flexura.storage.backup import make_backup
from flexura.storage.cases import create_case, write_record
from flexura.storage.database import begin, open_database, upgrade
from flexura.storage.objects import prepare_folder
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor, Store
from flexura.storage.tenants import create_tenant

COUNT, PER_TRANSACTION = 1000, 100
MARK = "Zqxjvk"


def _forms(text: bytes) -> list[bytes]:
    """As it is, as UTF-16, as hexadecimal digits."""
    return [text, text.decode().encode("utf-16-le"), text.hex().encode(), text.hex().upper().encode()]


# The digits of Base64 that hold the mark alone, at each of its three positions in three bytes.
DIGITS = ((0, 0, 8), (1, 2, 9), (2, 3, 10))  # of how many bytes before, from, to
IN_BASE64 = [base64.b64encode(bytes(before) + MARK.encode())[start:end] for before, start, end in DIGITS]
FORMS = [*_forms(MARK.encode()), *IN_BASE64]
HIDDEN = re.compile(b"|".join(map(re.escape, FORMS)))


def _name(number: int) -> str:
    return f"{MARK}{number:04d}"


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    engine = open_database(database_url)
    upgrade(engine)
    prepare_folder(tmp_path / "photos")
    ring = KeyRing(make_key(os.urandom(32)))
    made = Store(engine, tmp_path / "photos", lambda: ring, lambda: datetime.now(UTC), os.urandom)
    create_tenant(made, "clinic")
    yield made
    engine.dispose()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, of this process and of those that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def _admit(store: Store) -> None:
    doctor = Actor("clinic", "doctor", "clinician")
    for first in range(0, COUNT, PER_TRANSACTION):
        with store.visit(doctor) as visit:
            for number in range(first, first + PER_TRANSACTION):
                patient = create_patient(visit, Identity(f"MRN-{_name(number)}", f"{_name(number)} Doe", _name(number)))
                case = create_case(visit, patient, {"note": _name(number)})
                write_record(visit, "outcome", case, {"note": _name(number)})


def _photo(skin_photo: bytes) -> bytes:
    marked = BytesIO()
    Image.open(BytesIO(skin_photo)).save(marked, "JPEG", quality=92, comment=f"{MARK} comment".encode())
    return marked.getvalue()


def _work(client, skin_photo: bytes) -> list[str]:
    """Go through the service as clinicians and mistaken programs do; give what those were told who may not see."""
    doctor, stranger = client("clinician"), client("nurse", "stranger")
    person = {"number": f"MRN-{MARK}", "name": f"{MARK} Roe", "born": "2019-05-04"}
    patient = doctor.post("/patients", json=person).json()["id"]
    assert doctor.post("/patients/search", json={"number": f"MRN-{MARK}"}).json()["id"] == patient
    case = doctor.post(f"/patients/{patient}/cases", json={"context": {"age_years": 6}}).json()["id"]
    photo = doctor.post(f"/cases/{case}/photos", content=_photo(skin_photo)).json()["id"]
    assessed = doctor.post(f"/cases/{case}/photos/{photo}/assessments")
    assert assessed.status_code == 201, assessed.text
    review = {"assessment": assessed.json()["id"], "agrees": True, "note": f"{MARK} likes nickel"}
    assert doctor.post(f"/cases/{case}/reviews", json=review).status_code == 201
    assert MARK in doctor.get(f"/patients/{patient}/export").text
    refused = [
        doctor.post("/patients", json=person),
        doctor.post("/patients", json=person | {MARK: MARK, "born": MARK}),
        doctor.post(f"/cases/{case}/photos", content=f"{MARK} is no photo".encode() * 9),
        doctor.post("/session", json={"name": MARK, "password": f"{MARK} password"}),
        stranger.get(f"/patients/{patient}"),
        stranger.get(f"/cases/{case}/photos/{photo}"),
    ]
    assert not [answer.status_code for answer in refused if not 400 <= answer.status_code < 500]
    open_to_all = [route.path for route in ROUTES if route.verb is None and route.method == "GET"]
    told = [client().get(path) for path in ("/openapi.json", *open_to_all)]
    told.append(client("administrator").get("/metrics"))
    assert all(answer.status_code == 200 for answer in told)
    return [answer.text + str(answer.headers) for answer in (*refused, *told)]


def _dump(store: Store, folder: Path) -> None:
    """What a thief of the database gets: PostgreSQL's dump and its files; SQLite's lie in the folder already."""
    if store.engine.dialect.name != "postgresql":
        return
    with begin(store.engine) as connection:
        place = connection.exec_driver_sql("SHOW data_directory").scalar()
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
    shutil.copytree(f"{place}/base", folder / "base")
    shutil.copytree(f"{place}/pg_wal", folder / "pg_wal")
    url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run(["pg_dump", "-f", folder / "dump.sql", url], check=True, capture_output=True)
    assert (folder / "dump.sql").read_text().count("\n") > 3 * COUNT


def _found(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if HIDDEN.search(path.read_bytes())]


def test_the_search_finds_what_is_there(tmp_path):
    """In every form, so that finding nothing means something."""
    said = f"Patient {_name(7)} Doe".encode()
    written = [*_forms(said), *(base64.b64encode(b"." * shift + said) for shift in range(3))]
    for number, content in enumerate(written):
        (tmp_path / f"{number}").write_bytes(content)
    assert sorted(_found(tmp_path)) == sorted(map(str, range(len(written))))


@pytest.mark.slow
def test_nothing_planted_is_readable_anywhere(store, client, skin_photo, temporary, caplog, capfd):
    folder = store.folder.parent
    with caplog.at_level(logging.DEBUG):
        _admit(store)
        answers = _work(client, skin_photo)
    make_backup(store, folder / "backup", models=folder / "models")
    _dump(store, folder)
    assert len(list(folder.rglob("*"))) > 256
    assert _found(folder) == []
    said = capfd.readouterr()
    assert MARK not in caplog.text + said.out + said.err
    assert not [answer for answer in answers if HIDDEN.search(answer.encode())]
    assert list(temporary.iterdir()) == []
