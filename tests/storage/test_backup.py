"""A backup comes back whole, on either kind of database, or not at all."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from flexura.errors import BackupUnfit, NotStored, ObjectDamaged, OutputUnwritable
from flexura.storage import auditlog
from flexura.storage.backup import make_backup, restore_backup
from flexura.storage.cases import create_case, read_case, read_photo
from flexura.storage.database import begin, open_database
from flexura.storage.datakeys import TENANT, open_key
from flexura.storage.jobs import request_assessment
from flexura.storage.patients import Identity, create_patient, delete_patient, read_patient
from flexura.storage.tables import METADATA

JANE = Identity("MRN-47119-Quintessa", "Jane Quintessa Doe", "2019-05-04")
PHOTOS = [b"photo %d" % number for number in range(3)]


@pytest.fixture
def patient(do):
    return do("doctor", create_patient, JANE)


@pytest.fixture
def case(do, patient, keep):
    case = do("doctor", create_case, patient, {"itch": 7})
    for content in PHOTOS:
        do("doctor", request_assessment, keep(case, content))
    return case


@pytest.fixture
def empty(store, tmp_path):
    """A store on an empty SQLite database, for restoring what either kind held."""
    engine = open_database(f"sqlite:///{tmp_path}/restored.db")
    yield replace(store, engine=engine, folder=tmp_path / "restored")
    engine.dispose()


def _rows(store):
    with begin(store.engine) as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in METADATA.sorted_tables
        }


def test_everything_comes_back(store, patient, case, empty, actors, tmp_path):
    assert make_backup(store, tmp_path / "backup", models=tmp_path / "models") == len(METADATA.sorted_tables) + len(
        PHOTOS
    )
    assert restore_backup(empty, tmp_path / "backup", models=tmp_path / "restored-models") == len(
        METADATA.sorted_tables
    ) + len(PHOTOS)
    assert _rows(empty) == _rows(store)
    with begin(empty.engine) as connection:
        key = open_key(connection, "clinic", TENANT, read_ring=empty.read_ring)
        assert auditlog.verify(connection, key=key) == ()
    with empty.visit(actors["doctor"]) as visit:
        assert read_patient(visit, patient) == JANE
        stored = read_case(visit, case)
        assert stored.context == {"itch": 7}
        assert sorted(read_photo(visit, photo) for photo in stored.photos) == PHOTOS


def test_a_backup_shows_nothing_and_is_its_owners(store, case, tmp_path):
    make_backup(store, tmp_path / "backup", models=tmp_path / "models")
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert not [word for word in (b"Quintessa", b"47119-Quint", *PHOTOS) if word in content]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


@pytest.mark.parametrize("name", ["tables/cases.jsonl", "tables/data_keys.jsonl", "photo"])
@pytest.mark.parametrize("damage", ["change", "lose"])
def test_a_damaged_backup_is_not_restored(store, case, empty, tmp_path, name, damage):
    make_backup(store, tmp_path / "backup", models=tmp_path / "models")
    path = next((tmp_path / "backup/photos").iterdir()) if name == "photo" else tmp_path / "backup" / name
    if damage == "lose":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(BackupUnfit):
        restore_backup(empty, tmp_path / "backup", models=tmp_path / "restored-models")
    assert not empty.folder.exists()


@pytest.mark.parametrize("manifest", [None, "{", json.dumps({"schema": "flexura.backup/1", "revision": "0000"})])
def test_without_a_fit_manifest_it_is_no_backup(store, empty, tmp_path, manifest):
    make_backup(store, tmp_path / "backup", models=tmp_path / "models")
    path = tmp_path / "backup/manifest.json"
    path.unlink() if manifest is None else path.write_text(manifest)
    with pytest.raises(BackupUnfit):
        restore_backup(empty, tmp_path / "backup", models=tmp_path / "restored-models")


def test_nothing_is_written_over(store, case, tmp_path):
    make_backup(store, tmp_path / "backup", models=tmp_path / "models")
    with pytest.raises(OutputUnwritable):
        make_backup(store, tmp_path / "backup", models=tmp_path / "models")
    with pytest.raises(BackupUnfit, match="empty"):
        restore_backup(store, tmp_path / "backup", models=tmp_path / "restored-models")


def test_a_damaged_photo_is_not_passed_on(store, case, tmp_path):
    file = next(store.folder.glob("??/*"))
    file.write_bytes(b"other")
    with pytest.raises(ObjectDamaged):
        make_backup(store, tmp_path / "backup", models=tmp_path / "models")
    assert not (tmp_path / "backup/manifest.json").exists()


def test_with_newer_keys_a_patient_deleted_since_stays_unreadable(store, patient, case, empty, actors, tmp_path):
    make_backup(store, tmp_path / "old", models=tmp_path / "models")
    delete_patient(store, actors["admin"], patient)
    make_backup(store, tmp_path / "new", models=tmp_path / "models")
    keys = "tables/data_keys.jsonl"
    old, new = (json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("old", "new"))
    (tmp_path / "new" / keys).replace(tmp_path / "old" / keys)
    old["sha256"][keys] = new["sha256"][keys]
    (tmp_path / "old/manifest.json").write_text(json.dumps(old))
    restore_backup(empty, tmp_path / "old", models=tmp_path / "restored-models")
    with pytest.raises(NotStored), empty.visit(actors["doctor"]) as visit:
        read_patient(visit, patient)


BUNDLES = {"adopted.jsonl": b"{}\n", "ab12/bundle.json": b"{}", "ab12/look.onnx": b"weights", "ab12/deep/er.txt": b"x"}


@pytest.fixture
def models(tmp_path):
    """A clinic's adopted bundles, and what an adoption that was cut off left."""
    for name, content in {**BUNDLES, ".adopted.jsonl": b"half", ".cd34.part/look.onnx": b"half"}.items():
        path = tmp_path / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "models"


def test_adopted_bundles_come_back_with_the_rest(store, empty, models, tmp_path):
    made = make_backup(store, tmp_path / "backup", models=models)
    place = tmp_path / "restored-models"
    assert (
        made == restore_backup(empty, tmp_path / "backup", models=place) == len(METADATA.sorted_tables) + len(BUNDLES)
    )
    back = {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert back == BUNDLES
    assert {path.stat().st_mode & 0o077 for path in [place, *place.rglob("*")]} == {0}


def test_a_damaged_bundle_is_not_restored_nor_one_over_another(store, empty, models, tmp_path):
    make_backup(store, tmp_path / "backup", models=models)
    with pytest.raises(BackupUnfit, match="empty"):
        restore_backup(empty, tmp_path / "backup", models=models)
    (tmp_path / "backup/models/ab12/look.onnx").write_bytes(b"other!!")
    with pytest.raises(BackupUnfit, match="not what its manifest says"):
        restore_backup(empty, tmp_path / "backup", models=tmp_path / "restored-models")
    assert not (tmp_path / "restored-models").exists()


def test_a_manifest_that_names_a_place_outside_is_refused(store, empty, tmp_path):
    make_backup(store, tmp_path / "backup", models=tmp_path / "models")
    path = tmp_path / "backup/manifest.json"
    manifest = json.loads(path.read_text())
    sha256 = manifest["sha256"]["tables/cases.jsonl"]
    (tmp_path / "backup/models").mkdir()
    path.write_text(json.dumps(manifest | {"sha256": manifest["sha256"] | {"models/../tables/cases.jsonl": sha256}}))
    with pytest.raises(BackupUnfit, match="no backup holds"):
        restore_backup(empty, tmp_path / "backup", models=tmp_path / "restored-models")
