"""What a DICOM photo that was handed in becomes: a photo of the case of its study, of the patient of its number.

All of it by the functions that an upload goes through: what is acknowledged is on disk, encrypted and on record.
Nothing of the file is believed before the process that decodes photos has read it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from flexura.errors import CorruptImage, InputRefused, NotStored, StoreConflict
from flexura.intake.dicom.identity import Identity
from flexura.intake.isolated import IsolatedReader
from flexura.storage.arrivals import KeptInstance, add_instance, find_instance, open_study
from flexura.storage.cases import read_photo, write_photo
from flexura.storage.patients import find_patient
from flexura.storage.store import Actor, Store

_PROGRAM: Final = "receiver"


@dataclass(frozen=True)
class Desk:
    """Where photos are handed in, for many threads; `lend` gives a reader for a while, or raises `ServiceBusy`.

    `photo_bytes` is the most that one photo's file may have.
    """

    store: Store
    lend: Callable[[], AbstractContextManager[IsolatedReader]]
    photo_bytes: int


@dataclass(frozen=True)
class HandedIn:
    """A file, and which instance of which class its sender says it is."""

    content: bytes
    instance: str
    sop_class: str

    def __repr__(self) -> str:
        """Hide all of it."""
        return "HandedIn(...)"


def file_photo(desk: Desk, actor: Actor, handed: HandedIn) -> str:
    """Store a photo; the same instance again is the same photo.

    Parameters
    ----------
    desk : Desk
        Where to.
    actor : Actor
        The device.
    handed : HandedIn
        What it brings.

    Returns
    -------
    str
        The photo's id.

    Raises
    ------
    InputRefused
        When the file is no photo, cannot be read, says nothing of whose it is, or is not what its sender says.
    NotStored
        When nobody has admitted a patient of this number.
    StoreConflict
        When another photo came under this UID before; that one stays as it is.
    Forbidden
        When the device's role does not allow it.
    ServiceBusy, StorageFull, StorageUnavailable, DatabaseUnavailable
        When the same later may succeed.
    """
    told = _identify(desk, actor, handed)
    patient, kept = _find(desk, actor, told)
    if kept is None:
        _look(desk, actor, patient, handed.content)
        try:
            return _store(desk, actor, patient, told, handed.content)
        except StoreConflict:
            patient, kept = _find(desk, actor, told)
            if kept is None:  # no other of this UID was faster
                raise
    return _confirm(desk, actor, patient, kept, told, handed.content)


def _identify(desk: Desk, actor: Actor, handed: HandedIn) -> Identity:
    try:
        with desk.lend() as reader:
            told = reader.identify(handed.content)
        if (told.instance, told.sop_class) != (handed.instance, handed.sop_class):
            raise CorruptImage("the DICOM file is another instance, or of another class, than its sender says")
    except InputRefused:
        with desk.store.visit(actor) as visit:
            visit.attempt("photo.add", None)
            raise  # so that the log says why; whose it would be is not known
    return told


def _find(desk: Desk, actor: Actor, told: Identity) -> tuple[str, KeptInstance | None]:
    """The patient of the number, who must be there, and what came under the same UID before."""
    with desk.store.visit(actor) as visit:
        patient = find_patient(visit, told.patient)
        if patient is None:
            raise NotStored("Nobody has admitted a patient of this number; admit the patient and send again.")
        return patient, find_instance(visit, told.instance)


def _look(desk: Desk, actor: Actor, patient: str, content: bytes) -> None:
    """Refuse what is no picture before a case is begun for it."""
    try:
        with desk.lend() as reader:
            reader.read(content)
    except InputRefused:
        with desk.store.visit(actor) as visit:
            visit.touch("photo.add", patient, f"patients/{patient}")
            raise  # so that the log says why


def _store(desk: Desk, actor: Actor, patient: str, told: Identity, content: bytes) -> str:
    with desk.store.visit(actor) as visit:
        case = open_study(visit, patient, told.study)
    with write_photo(desk.store, actor, case, content) as written, desk.store.visit(actor) as visit:
        return add_instance(visit, written, told.instance)


def _confirm(desk: Desk, actor: Actor, patient: str, kept: KeptInstance, told: Identity, content: bytes) -> str:
    """Answer for a photo that is there already: it must be this patient's, and the same pixels."""
    same = kept.patient == patient and _is_same(desk, actor, kept, told, content)
    with desk.store.visit(actor) as visit:
        visit.touch("photo.add", patient, f"photos/{kept.photo}")
        if not same:
            raise StoreConflict("Another photo came under this UID before; it stays as it is.")
    return kept.photo


def _is_same(desk: Desk, actor: Actor, kept: KeptInstance, told: Identity, content: bytes) -> bool:
    """Compare with what is on disk, which the program reads, for the device may not."""
    with desk.store.visit(replace(actor, user=_PROGRAM, role="worker")) as visit:
        first = read_photo(visit, kept.photo)
    if first == content:
        return True
    with desk.lend() as reader:
        return reader.identify(first).pixels == told.pixels
