"""What a research export needs of the store: who may have it, whose data, the study's secret, and the way back."""

from collections.abc import Callable, Collection

from sqlalchemy import select

from flexura.errors import NotStored, StoreConflict
from flexura.security.encryption import derive
from flexura.storage.store import Actor, Visit
from flexura.storage.tables import CASES, PATIENTS, USERS
from flexura.storage.users import find_user


def find_researcher(visit: Visit, name: str) -> Actor:
    """Find the researcher for whom an export is made.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    name : str
        The sign-in name.

    Returns
    -------
    Actor
        Whose role decides what may leave.

    Raises
    ------
    NotStored
        When there is no such user, or one who is locked out.
    """
    user = find_user(visit, name)
    row = visit.connection.execute(select(USERS).where(USERS.c.id == user)).one()
    if row.disabled_at is not None:
        raise NotStored("This user is disabled.")
    return Actor(visit.actor.tenant, user, row.role, purpose="HRESCH")


def admit_export(visit: Visit, study: str, patients: Collection[str] | None = None) -> tuple[str, ...]:
    """Ask for a study's patients; each one is permitted, and on record, by itself.

    Parameters
    ----------
    visit : Visit
        The transaction of the researcher.
    study : str
        The study's name: 1 to 64 letters, digits and hyphens.
    patients : Collection[str] | None
        Ids; `None` for everybody.

    Returns
    -------
    tuple[str, ...]
        Their ids, sorted.

    Raises
    ------
    Forbidden
        When the role does not allow it.
    NotStored
        When one of them is not there.
    StoreConflict
        When the study's name is unfit.
    """
    _require_study(study)
    wanted = _present(visit) if patients is None else tuple(sorted(set(patients)))
    for patient in wanted:
        visit.admit("research.export", patient, f"studies/{study}")
    return wanted


def study_secret(visit: Visit, study: str) -> bytes:
    """Derive the secret of a study's pseudonyms from the tenant's key; it is stored nowhere.

    Parameters
    ----------
    visit : Visit
        A transaction.
    study : str
        The study's name.

    Returns
    -------
    bytes
        32 bytes, the same for the same study.
    """
    _require_study(study)
    return derive(visit.tenant_key(), f"research/{study}")


def list_all_cases(visit: Visit, patient: str) -> tuple[str, ...]:
    """List the ids of a patient's cases for an export that was admitted, oldest first."""
    wanted = select(CASES.c.id).where(CASES.c.patient == patient).order_by(CASES.c.created_at, CASES.c.id)
    return tuple(visit.connection.scalars(wanted).all())


def reidentify(visit: Visit, pseudonym: str, name: Callable[[str], str]) -> str:
    """Find who a pseudonym of a study is, for a finding that the patient must hear of.

    Parameters
    ----------
    visit : Visit
        The transaction of an administrator.
    pseudonym : str
        As it stands in the export.
    name : Callable[[str], str]
        From a patient's id to the study's pseudonym.

    Returns
    -------
    str
        The patient's id.

    Raises
    ------
    Forbidden
        When the role does not allow it.
    NotStored
        When it is nobody's, or the patient was deleted.
    """
    visit.record("research.reidentify")
    found = next((patient for patient in _present(visit) if name(patient) == pseudonym), None)
    if found is None:
        raise NotStored("This study has no patient of this pseudonym.")
    visit.admit("research.reidentify", found, f"patients/{found}")
    return found


def _present(visit: Visit) -> tuple[str, ...]:
    mine = (PATIENTS.c.tenant == visit.actor.tenant) & PATIENTS.c.deleted_at.is_(None)
    return tuple(visit.connection.scalars(select(PATIENTS.c.id).where(mine).order_by(PATIENTS.c.id)).all())


def _require_study(study: str) -> None:
    if not 1 <= len(study) <= 64 or not study.replace("-", "").isalnum() or not study.isascii():
        raise StoreConflict("A study's name has 1 to 64 letters, digits and hyphens.")
