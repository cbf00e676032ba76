"""Photos that come with UIDs of their own, as DICOM has them: one case per study, one photo per instance.

A UID is kept as a keyed hash: it is found again and cannot be read. What is found here are ids; the photo itself is
touched by whoever goes on with them.
"""

import hmac
from dataclasses import dataclass

from sqlalchemy import select, update

from flexura.errors import StoreConflict
from flexura.security.encryption import derive
from flexura.storage.cases import WrittenPhoto, add_photo, create_case
from flexura.storage.store import Visit
from flexura.storage.tables import CASES, PATIENTS, PHOTOS


@dataclass(frozen=True)
class KeptInstance:
    """The photo that an instance became, and whose it is."""

    photo: str
    patient: str


def open_study(visit: Visit, patient: str, study: str) -> str:
    """Give the case of a patient's study; the first photo of a study begins it.

    Parameters
    ----------
    visit : Visit
        The transaction.
    patient : str
        The patient's id.
    study : str
        The study's UID.

    Returns
    -------
    str
        The case's id.

    Raises
    ------
    NotStored
        When this tenant has no such patient.
    Forbidden
        When the actor may not begin a case.
    """
    # One at a time, so that two first photos at once begin one case.
    visit.connection.execute(select(PATIENTS.c.id).where(PATIENTS.c.id == patient).with_for_update())
    name = _hash(visit, "studies", patient, study)
    case = visit.connection.scalar(select(CASES.c.id).where(CASES.c.study == name))
    if case is None:
        case = create_case(visit, patient, {})
        visit.connection.execute(update(CASES).where(CASES.c.id == case).values(study=name))
    return str(case)


def find_instance(visit: Visit, instance: str) -> KeptInstance | None:
    """Find the photo that an instance became.

    Parameters
    ----------
    visit : Visit
        The transaction.
    instance : str
        The instance's UID.

    Returns
    -------
    KeptInstance | None
        `None` where none of this tenant came so.
    """
    wanted = select(PHOTOS.c.id, PHOTOS.c.patient).where(PHOTOS.c.instance == _hash(visit, "instances", instance))
    row = visit.connection.execute(wanted).first()
    return None if row is None else KeptInstance(row.id, row.patient)


def add_instance(visit: Visit, written: WrittenPhoto, instance: str) -> str:
    """Make a written photo known under its UID, as `add_photo` does.

    Parameters
    ----------
    visit : Visit
        The transaction.
    written : WrittenPhoto
        From `write_photo` of the same actor.
    instance : str
        The instance's UID.

    Returns
    -------
    str
        The photo's id.

    Raises
    ------
    StoreConflict
        When (as the statement runs) the UID is another photo's already, or the photo has another UID.
    NotStored, StorageFull, StorageUnavailable
        See `add_photo`.
    """
    photo, name = add_photo(visit, written), _hash(visit, "instances", instance)
    mine = PHOTOS.c.id == photo
    named = visit.connection.scalar(select(PHOTOS.c.instance).where(mine))
    if named is None:
        visit.connection.execute(update(PHOTOS).where(mine).values(instance=name))
    elif named != name:
        raise StoreConflict("This photo has another UID already.")
    return photo


def _hash(visit: Visit, purpose: str, *parts: str) -> str:
    return hmac.digest(derive(visit.tenant_key(), purpose), "\n".join(parts).encode(), "sha256").hex()
