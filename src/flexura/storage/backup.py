"""Backups: every table as lines of JSON, every photo file and every adopted bundle, with the SHA-256 of each.

Encrypted content stays encrypted: a backup is read with the master key only. The wrapped data keys are a file of
their own, so that it can be kept apart and replaced: with a newer one, patients deleted since stay unreadable. A
backup of one kind of database can be restored into the other. The manifest is written last: without it, it is none.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select

from flexura.errors import BackupUnfit, FileUnreadable, ObjectDamaged, OutputUnwritable
from flexura.storage.database import begin, check_revision, current_revision, newest_revision, upgrade
from flexura.storage.objects import hash_object, prepare_folder, read_object, sync_folder, write_object
from flexura.storage.store import Store
from flexura.storage.tables import METADATA, OBJECTS

_MANIFEST: Final = "manifest.json"
_MODELS: Final = "models"
_SCHEMA: Final = "flexura.backup/1"
_BATCH: Final = 500


def make_backup(store: Store, folder: Path, *, models: Path) -> int:
    """Copy everything into a new folder.

    Parameters
    ----------
    store : Store
        What to copy; it may be at work meanwhile.
    folder : Path
        Not there yet, or empty.
    models : Path
        Of adopted bundles; need not be there.

    Returns
    -------
    int
        How many files the backup has, without its manifest.

    Raises
    ------
    OutputUnwritable
        When the folder holds something or cannot be written.
    FileUnreadable
        When a bundle's file cannot be read.
    ObjectDamaged
        When a photo's file is gone or is not what was stored; the backup is then left without a manifest.
    """
    check_revision(store.engine)
    _make_empty(folder)
    with begin(store.engine) as connection:
        if connection.dialect.name == "postgresql":
            # All tables as they are at one moment; SQLite lets nobody write meanwhile.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        hashes = {name: _write(folder / name, text) for name, text in _dump(connection)}
        objects = connection.execute(select(OBJECTS.c.name, OBJECTS.c.sealed_sha256)).all()
    for name, sha256 in objects:
        content = read_object(store.folder, name)
        if hash_object(content) != sha256:
            raise ObjectDamaged("The file of a photo is not what was stored; restore it from an earlier backup.")
        hashes[f"photos/{name}"] = _write(folder / f"photos/{name}", content)
    for name, path in _list_models(models):
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        hashes[name] = _write(folder / name, _read_model(path))
    manifest = {"schema": _SCHEMA, "revision": newest_revision(), "made_at": store.clock().isoformat()}
    _write(folder / _MANIFEST, json.dumps(manifest | {"sha256": hashes}, indent=1).encode())
    return len(hashes)


def restore_backup(store: Store, folder: Path, *, models: Path) -> int:
    """Bring a backup into an empty store, after every hash was verified.

    Parameters
    ----------
    store : Store
        With an empty database and no photos.
    folder : Path
        Of the backup.
    models : Path
        Where adopted bundles belong; empty, or not there. A backup of before they were in it leaves it so.

    Returns
    -------
    int
        How many files were verified and restored.

    Raises
    ------
    BackupUnfit
        When a file is missing, changed or not of the manifest, or the store is not empty.
    """
    manifest = _read_manifest(folder)
    if current_revision(store.engine) is not None or any(store.folder.glob("??/*")) or any(models.glob("*")):
        raise BackupUnfit("A backup is restored into an empty database and an empty folder only.")
    for name, sha256 in manifest["sha256"].items():
        if any(part.startswith(".") for part in PurePosixPath(name).parts):
            raise BackupUnfit("The manifest of the backup names a file that no backup holds.")
        if hash_object(_read(folder, name)) != sha256:
            raise BackupUnfit("A file of the backup is not what its manifest says; take another backup.")
    prepare_folder(store.folder)
    for name in manifest["sha256"]:
        kind, _, inside = name.partition("/")
        if kind == "photos":
            write_object(store.folder, inside, _read(folder, name), unique=store.make_id())
        elif kind == _MODELS:
            place = models / inside
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(place, _read(folder, name))
    upgrade(store.engine, manifest["revision"])
    with begin(store.engine) as connection:
        for table in METADATA.sorted_tables:
            _load(connection, table, _read(folder, _table_file(table)))
    return len(manifest["sha256"])


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise OutputUnwritable("The backup's folder holds something already; name a new one.")
        (folder / "tables").mkdir(mode=0o700)
        (folder / "photos").mkdir(mode=0o700)
    except OSError as error:
        raise OutputUnwritable("The backup's folder must be new and writable.") from error


def _dump(connection: Connection) -> Iterator[tuple[str, bytes]]:
    for table in METADATA.sorted_tables:
        rows = connection.execute(select(table).order_by(*table.primary_key))
        lines = [json.dumps([_encode(value) for value in row]) for row in rows]
        yield _table_file(table), ("\n".join([json.dumps([column.name for column in table.columns]), *lines])).encode()


def _list_models(models: Path) -> Iterator[tuple[str, Path]]:
    """The log of adoptions first: a bundle that it names lies there by then. Hidden files are unfinished ones."""
    for path in [*models.glob("*"), *models.glob("*/**/*")]:
        inside = path.relative_to(models)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield f"{_MODELS}/{inside.as_posix()}", path


def _read_model(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable("A file of an adopted bundle cannot be read; check the rights of `models/`.") from error


def _table_file(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def _encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return {"time": value.isoformat()} if isinstance(value, datetime) else value


def _decode(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return base64.b64decode(value["base64"]) if "base64" in value else datetime.fromisoformat(value["time"])


def _load(connection: Connection, table: Table, content: bytes) -> None:
    names, *rows = (json.loads(line) for line in content.decode().split("\n"))
    values = [dict(zip(names, map(_decode, row), strict=True)) for row in rows]
    for start in range(0, len(values), _BATCH):
        connection.execute(insert(table), values[start : start + _BATCH])


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(_read(folder, _MANIFEST))
    except ValueError as error:
        raise BackupUnfit("The manifest of the backup cannot be read.") from error
    if manifest.get("schema") != _SCHEMA or manifest.get("revision") != newest_revision():
        raise BackupUnfit("The backup is of another version of flexura; restore it with that one, then upgrade.")
    return manifest


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise BackupUnfit("A file of the backup is missing or cannot be read.") from error


def _write(path: Path, content: bytes) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError as error:
        raise OutputUnwritable("A file cannot be written there; check the folder's rights and space.") from error
    return hashlib.sha256(content).hexdigest()
