"""Cases of a patient, their photos, and what was written of them; nothing is ever overwritten."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from sqlalchemy import Select, Table, bindparam, insert, select

from flexura.errors import InputRefused, NotStored, StorageFull, StorageUnavailable
from flexura.security.encryption import DataKey, decrypt, decrypt_content, encrypt, encrypt_content
from flexura.storage.database import insert_new
from flexura.storage.objects import hash_object, hold_name, read_object, write_object
from flexura.storage.pages import ALL, Page
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import ASSESSMENTS, CASES, OBJECTS, OUTCOMES, PATIENTS, PHOTOS, REVIEWS

Kind = Literal["assessment", "review", "outcome"]
Document = Mapping[str, Any]

# Per kind: its table, the verb that writes it and the verb that reads it.
_KINDS: Final[Mapping[Kind, tuple[Table, str, str]]] = MappingProxyType(
    {
        "assessment": (ASSESSMENTS, "assessment.run", "assessment.read"),
        "review": (REVIEWS, "review.write", "review.read"),
        "outcome": (OUTCOMES, "outcome.record", "outcome.read"),
    }
)
# Built once: building a statement costs five times what asking it does.
_PHOTOS_IN_ORDER: Final = (
    select(PHOTOS.c.id).where(PHOTOS.c.case_id == bindparam("case")).order_by(PHOTOS.c.created_at, PHOTOS.c.id)
)


@dataclass(frozen=True)
class StoredCase:
    """A case: whose, when and by whom begun, what was known then, and the ids of its photos."""

    id: str
    patient: str
    created_by: str
    created_at: datetime
    context: Document = field(repr=False)
    photos: tuple[str, ...]


@dataclass(frozen=True)
class StoredRecord:
    """An assessment, review or outcome; `about` is the photo of an assessment, the assessment of a review."""

    id: str
    about: str | None
    created_by: str
    created_at: datetime
    document: Document = field(repr=False)


def create_case(visit: Visit, patient: str, context: Document) -> str:
    """Begin a case.

    Parameters
    ----------
    visit : Visit
        The transaction.
    patient : str
        The patient's id.
    context : Document
        What is known of the patient, JSON-ready.

    Returns
    -------
    str
        The case's id.
    """
    case = visit.store.make_id()
    key = visit.touch("case.create", patient, f"cases/{case}")
    row = {"id": case, "patient": patient, "created_by": visit.actor.user, "created_at": visit.now}
    visit.connection.execute(insert(CASES), row | {"sealed": _seal(visit, key, CASES, case, context)})
    return case


def read_case(visit: Visit, case: str) -> StoredCase:
    """Read a case.

    Parameters
    ----------
    visit : Visit
        The transaction.
    case : str
        Its id.

    Returns
    -------
    StoredCase

    Raises
    ------
    NotStored
        When this tenant has none of that id.
    """
    row = find_record(visit, CASES, case)
    key = visit.touch("case.read", row.patient, f"cases/{case}")
    photos = visit.connection.scalars(_PHOTOS_IN_ORDER, {"case": case}).all()
    return StoredCase(case, row.patient, row.created_by, row.created_at, open_sealed(key, CASES, row), tuple(photos))


def list_cases(visit: Visit, patient: str, page: Page = ALL) -> tuple[str, ...]:
    """List the ids of a patient's cases, oldest first."""
    visit.touch("case.read", patient, f"patients/{patient}")
    wanted = page.cut(select(CASES.c.id).where(CASES.c.patient == patient), CASES.c.created_at)
    return tuple(visit.connection.scalars(wanted).all())


@dataclass(frozen=True)
class WrittenPhoto:
    """A photo's file that is on disk, encrypted, and that no row knows yet; or why it could not be written."""

    id: str
    case: str
    name: str
    bytes: int
    sealed_sha256: str
    fault: StorageFull | StorageUnavailable | None = None


@contextmanager
def write_photo(
    store: Store, actor: Actor, case: str, content: bytes, *, check: Callable[[bytes], object] = bool
) -> Iterator[WrittenPhoto]:
    """Write a photo's file, unaltered and encrypted, so that it survives a power cut; `add_photo` then makes it known.

    No transaction is open while the disk is waited for. Until the block ends, `reconcile` leaves the file alone; what
    stays unknown it removes after that.

    Parameters
    ----------
    store : Store
        Where to.
    actor : Actor
        In whose name; put on record by `add_photo`, here only where it, or the photo, is refused.
    case : str
        The case's id.
    content : bytes
        The file as it came.
    check : Callable[[bytes], object]
        Refuses what is no photo, before anything is written.

    Yields
    ------
    WrittenPhoto
        For `add_photo`.

    Raises
    ------
    NotStored
        When there is no such case.
    Forbidden
        When the actor may not.
    InputRefused
        When `check` refuses the file.
    """
    with store.visit(actor) as visit:
        key = visit.touch("photo.add", find_record(visit, CASES, case).patient, f"cases/{case}")
        visit.put_off()
    try:
        check(content)
    except InputRefused:
        with store.visit(actor) as visit:
            visit.touch("photo.add", find_record(visit, CASES, case).patient, f"cases/{case}")
            raise  # so that the log says why
    photo, (name, sealed) = store.make_id(), encrypt_content(key, content)
    written = WrittenPhoto(photo, case, name, len(content), hash_object(sealed))
    with ExitStack() as held:
        try:
            held.enter_context(hold_name(store.folder, name))
            write_object(store.folder, name, sealed, unique=photo)
        except (StorageFull, StorageUnavailable) as error:
            written = replace(written, fault=error)
        yield written


def add_photo(visit: Visit, written: WrittenPhoto) -> str:
    """Make a written photo known; the same file of a case again is the same photo.

    Parameters
    ----------
    visit : Visit
        The transaction.
    written : WrittenPhoto
        From `write_photo` of the same actor.

    Returns
    -------
    str
        The photo's id.

    Raises
    ------
    NotStored
        When there is no such case any more.
    StorageFull
        When the disk was full.
    StorageUnavailable
        When the photos' folder could not be written.
    """
    patient = find_record(visit, CASES, written.case).patient
    visit.touch("photo.add", patient, f"cases/{written.case}")
    if written.fault is not None:
        raise written.fault
    file = {"patient": patient, "name": written.name, "bytes": written.bytes, "sealed_sha256": written.sealed_sha256}
    insert_new(visit.connection, OBJECTS, file | {"created_at": visit.now})
    row = {"id": written.id, "patient": patient, "case_id": written.case, "name": written.name}
    if insert_new(visit.connection, PHOTOS, row | {"created_at": visit.now}):
        return written.id
    same = (PHOTOS.c.case_id == written.case) & (PHOTOS.c.name == written.name)
    return str(visit.connection.execute(select(PHOTOS.c.id).where(same)).scalar_one())


def read_photo(visit: Visit, photo: str) -> bytes:
    """Read a photo's file as it came.

    Parameters
    ----------
    visit : Visit
        The transaction.
    photo : str
        Its id.

    Returns
    -------
    bytes

    Raises
    ------
    NotStored
        When there is no such photo.
    ObjectDamaged
        When its file is gone.
    Undecipherable
        When its file is not what was stored.
    """
    row = find_record(visit, PHOTOS, photo)
    key = visit.touch("photo.read", row.patient, f"photos/{photo}")
    return decrypt_content(key, row.name, read_object(visit.store.folder, row.name))


def write_record(
    visit: Visit, kind: Kind, case: str, document: Document, *, about: str | None = None, **beside: object
) -> str:
    """Write an assessment, review or outcome of a case.

    Parameters
    ----------
    visit : Visit
        The transaction.
    kind : Kind
        What it is.
    case : str
        The case's id.
    document : Document
        JSON-ready.
    about : str | None
        The photo of an assessment, the assessment of a review.
    **beside : object
        Other columns of its row.

    Returns
    -------
    str
        Its id.

    Raises
    ------
    NotStored
        When there is no such case.
    """
    table, verb, _ = _KINDS[kind]
    patient, record = find_record(visit, CASES, case).patient, visit.store.make_id()
    key = visit.touch(verb, patient, f"{table.name}/{record}")
    row = {"id": record, "patient": patient, "case_id": case, "about": about, "created_by": visit.actor.user}
    sealed = _seal(visit, key, table, record, document)
    visit.connection.execute(insert(table), {**row, **beside, "created_at": visit.now, "sealed": sealed})
    return record


def read_records(visit: Visit, kind: Kind, case: str, page: Page = ALL) -> tuple[StoredRecord, ...]:
    """Read the assessments, reviews or outcomes of a case.

    Parameters
    ----------
    visit : Visit
        The transaction.
    kind : Kind
        What to read.
    case : str
        The case's id.
    page : Page
        Which of them.

    Returns
    -------
    tuple[StoredRecord, ...]
        Oldest first.

    Raises
    ------
    NotStored
        When there is no such case.
    """
    table, _, verb = _KINDS[kind]
    key = visit.touch(verb, find_record(visit, CASES, case).patient, f"cases/{case}")
    wanted = page.cut(select(table).where(table.c.case_id == case), table.c.created_at)
    return tuple(_open_record(key, table, row) for row in visit.connection.execute(wanted))


def read_record(visit: Visit, kind: Kind, case: str, record: str) -> StoredRecord:
    """Read one assessment, review or outcome of a case.

    Parameters
    ----------
    visit : Visit
        The transaction.
    kind : Kind
        What to read.
    case : str
        The case's id.
    record : str
        Its id.

    Returns
    -------
    StoredRecord

    Raises
    ------
    NotStored
        When there is no such case, or it has none of that id.
    """
    table, _, verb = _KINDS[kind]
    key = visit.touch(verb, find_record(visit, CASES, case).patient, f"cases/{case}")
    row = find_record(visit, table, record)
    if row.case_id != case:
        raise NotStored(f"This case has no such {kind}.")
    return _open_record(key, table, row)


def find_record(visit: Visit, table: Table, record: str) -> Any:
    """Find the row of a record; its content stays encrypted.

    Parameters
    ----------
    visit : Visit
        The transaction.
    table : Table
        With the columns `id` and `patient`.
    record : str
        Its id.

    Returns
    -------
    Any
        The row.

    Raises
    ------
    NotStored
        When this tenant has none of that id.
    """
    row = visit.connection.execute(_in_tenant(table), {"record": record, "tenant": visit.actor.tenant}).first()
    if row is None:
        raise NotStored("There is no such record here.")
    return row


@cache
def _in_tenant(table: Table) -> Select[Any]:
    joined = select(table).join(PATIENTS, table.c.patient == PATIENTS.c.id)
    return joined.where(table.c.id == bindparam("record"), PATIENTS.c.tenant == bindparam("tenant"))


def _open_record(key: DataKey, table: Table, row: Any) -> StoredRecord:
    return StoredRecord(row.id, row.about, row.created_by, row.created_at, open_sealed(key, table, row))


def _seal(visit: Visit, key: DataKey, table: Table, record: str, document: Document) -> bytes:
    written = json.dumps(document, allow_nan=False).encode()
    return encrypt(key, f"{table.name}.sealed/{record}", written, randomness=visit.store.randomness)


def open_sealed(key: DataKey, table: Table, row: Any) -> Document:
    """Decrypt what a row of a table holds, under the key of its patient."""
    document: Document = json.loads(decrypt(key, f"{table.name}.sealed/{row.id}", row.sealed))
    return document
