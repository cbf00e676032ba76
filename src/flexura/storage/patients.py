"""Patients: admitted, found by number, read, changed, given to a care team, opened in an emergency, destroyed."""

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from flexura.errors import AlreadyReviewed, NotStored
from flexura.security.encryption import DataKey, Owner, decrypt, derive, encrypt
from flexura.security.roles import break_glass
from flexura.storage.database import begin, insert_new
from flexura.storage.datakeys import create_key, destroy_key
from flexura.storage.objects import remove_object
from flexura.storage.pages import ALL, Page
from flexura.storage.store import Actor, Store, Visit
from flexura.storage.tables import BROKEN_GLASS, CARE_TEAMS, CASES, JOBS, OBJECTS, PATIENTS, PHOTOS


@dataclass(frozen=True)
class Identity:
    """Who a patient is; `number` is the clinic's own, unique there, `born` an ISO date."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    born: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class GlassToReview:
    """An emergency access that waits for an auditor."""

    id: str
    user: str
    patient: str
    opened_at: datetime
    closes_at: datetime


def create_patient(visit: Visit, identity: Identity) -> str:
    """Admit a patient, who gets a key of their own; whoever admits joins the care team.

    Parameters
    ----------
    visit : Visit
        The transaction.
    identity : Identity
        Who it is.

    Returns
    -------
    str
        The patient's id.

    Raises
    ------
    StoreConflict
        When the number is taken (raised as the visit ends).
    Forbidden
        When the role does not allow it.
    """
    patient, store = visit.store.make_id(), visit.store
    owner = Owner(visit.actor.tenant, patient)
    key = create_key(visit.connection, owner, read_ring=store.read_ring, randomness=store.randomness)
    row = {"id": patient, "tenant": owner.tenant, "created_at": visit.now}
    visit.connection.execute(insert(PATIENTS).values(**row, **_sealed(visit, key, identity, revision=1)))
    visit.admit("patient.create", patient, f"patients/{patient}")
    insert_new(visit.connection, CARE_TEAMS, {"patient": patient, "user_id": visit.actor.user})
    return patient


def find_patient(visit: Visit, number: str) -> str | None:
    """Find a patient by the whole number; nothing of the patient is shown.

    Parameters
    ----------
    visit : Visit
        The transaction.
    number : str
        The clinic's number.

    Returns
    -------
    str | None
        The patient's id, if there is one.
    """
    wanted = (PATIENTS.c.tenant == visit.actor.tenant) & (PATIENTS.c.number == _index(visit, number))
    patient = visit.connection.scalar(select(PATIENTS.c.id).where(wanted))
    if patient is None:
        visit.record("patient.find")
        return None
    visit.admit("patient.find", patient, f"patients/{patient}")
    return str(patient)


def read_patient(visit: Visit, patient: str) -> Identity:
    """Read who a patient is.

    Parameters
    ----------
    visit : Visit
        The transaction.
    patient : str
        The patient's id.

    Returns
    -------
    Identity
    """
    key = visit.touch("patient.read", patient, f"patients/{patient}")
    row = visit.connection.execute(select(PATIENTS).where(PATIENTS.c.id == patient)).one()
    return Identity(**json.loads(decrypt(key, _field(patient, row.revision), row.sealed)))


def list_patients(visit: Visit, *, after: str = "", limit: int) -> tuple[tuple[str, Identity], ...]:
    """List the patients in whose care team the actor is; each one is a touch of its own.

    Parameters
    ----------
    visit : Visit
        The transaction.
    after : str
        The last id of the page before.
    limit : int
        At most so many, from 1 up.

    Returns
    -------
    tuple[tuple[str, Identity], ...]
        Id and identity, in the order of the ids, which tells nothing.
    """
    mine = (PATIENTS.c.tenant == visit.actor.tenant) & PATIENTS.c.deleted_at.is_(None) & (PATIENTS.c.id > after)
    own = CARE_TEAMS.c.user_id == visit.actor.user
    wanted = select(PATIENTS.c.id).join(CARE_TEAMS, CARE_TEAMS.c.patient == PATIENTS.c.id).where(mine, own)
    ids = visit.connection.scalars(wanted.order_by(PATIENTS.c.id).limit(limit)).all()
    return tuple((patient, read_patient(visit, patient)) for patient in ids)


def update_patient(visit: Visit, patient: str, identity: Identity) -> None:
    """Change who a patient is.

    Parameters
    ----------
    visit : Visit
        The transaction.
    patient : str
        The patient's id.
    identity : Identity
        What holds from now on.
    """
    key = visit.touch("patient.update", patient, f"patients/{patient}")
    mine = PATIENTS.c.id == patient
    revision = visit.connection.execute(select(PATIENTS.c.revision).where(mine).with_for_update()).scalar_one() + 1
    visit.connection.execute(update(PATIENTS).where(mine).values(_sealed(visit, key, identity, revision=revision)))


def assign_care(visit: Visit, patient: str, user: str) -> None:
    """Put a user into a patient's care team."""
    visit.admit("care.assign", patient, f"users/{user}")
    insert_new(visit.connection, CARE_TEAMS, {"patient": patient, "user_id": user})


def release_care(visit: Visit, patient: str, user: str) -> None:
    """Take a user out of a patient's care team."""
    visit.admit("care.assign", patient, f"users/{user}")
    mine = (CARE_TEAMS.c.patient == patient) & (CARE_TEAMS.c.user_id == user)
    visit.connection.execute(delete(CARE_TEAMS).where(mine))


def open_emergency(visit: Visit, patient: str, reason: str, *, second_factor_at: datetime | None) -> datetime:
    """Break the glass: look at a patient of others for an hour.

    Parameters
    ----------
    visit : Visit
        The transaction.
    patient : str
        The patient's id.
    reason : str
        At least ten letters; kept encrypted for the reviewer.
    second_factor_at : datetime | None
        When the user last gave a one-time code.

    Returns
    -------
    datetime
        When it closes.

    Raises
    ------
    GlassUnbroken
        Without a reason or a fresh second factor.
    """
    key = visit.touch("glass.break", patient, f"patients/{patient}")
    glass = break_glass(visit.actor.user, patient, reason, second_factor_at=second_factor_at, now=visit.now)
    name = visit.store.make_id()
    sealed = encrypt(key, f"broken_glass.sealed/{name}", reason.encode(), randomness=visit.store.randomness)
    row = {"id": name, "patient": patient, "user_id": glass.user, "sealed": sealed}
    times = {"opened_at": glass.opened_at, "closes_at": glass.closes_at}
    visit.connection.execute(insert(BROKEN_GLASS).values(**row, **times))
    return glass.closes_at


def list_emergencies(visit: Visit, page: Page = ALL) -> Iterator[GlassToReview]:
    """List the emergency accesses that nobody has reviewed, oldest first."""
    visit.record("audit.read", "broken_glass/all")
    open_ones = select(BROKEN_GLASS).where(BROKEN_GLASS.c.reviewed_at.is_(None) & _of(visit.actor.tenant))
    for row in visit.connection.execute(page.cut(open_ones, BROKEN_GLASS.c.opened_at)):
        yield GlassToReview(row.id, row.user_id, row.patient, row.opened_at, row.closes_at)


def count_emergencies(store: Store, *, tenant: str | None = None) -> Mapping[str, int]:
    """Count emergency accesses: the alert. It touches no patient, so it needs no one's permission.

    Parameters
    ----------
    store : Store
        Where they are on record.
    tenant : str | None
        Whose; of all tenants without one.

    Returns
    -------
    Mapping[str, int]
        How many are "to_review" and "reviewed".
    """
    open_ones = func.count().filter(BROKEN_GLASS.c.reviewed_at.is_(None))
    counted = select(open_ones, func.count(BROKEN_GLASS.c.reviewed_at))
    with begin(store.engine) as connection:
        row = connection.execute(counted if tenant is None else counted.where(_of(tenant))).one()
    return {"to_review": row[0], "reviewed": row[1]}


def review_emergency(visit: Visit, glass: str) -> str | None:
    """Take an emergency access off the queue, also where the patient has been deleted since; the first review stays.

    Parameters
    ----------
    visit : Visit
        The transaction of an auditor.
    glass : str
        Its id.

    Returns
    -------
    str | None
        The reason that was given; `None` where it went with the patient's key.

    Raises
    ------
    NotStored
        When there is none of that id.
    AlreadyReviewed
        When somebody has reviewed it before.
    """
    joined = select(BROKEN_GLASS, PATIENTS.c.deleted_at).join(PATIENTS, BROKEN_GLASS.c.patient == PATIENTS.c.id)
    mine = (BROKEN_GLASS.c.id == glass) & (PATIENTS.c.tenant == visit.actor.tenant)
    row = visit.connection.execute(joined.where(mine)).first()
    if row is None:
        raise NotStored("There is no such emergency access.")
    reason, entity = None, f"broken_glass/{glass}"
    if row.deleted_at is None:
        key = visit.touch("glass.review", row.patient, entity)
        reason = decrypt(key, f"broken_glass.sealed/{glass}", row.sealed).decode()
    else:
        visit.record("glass.review", entity)
    reviewed = {"reviewed_at": visit.now, "reviewed_by": visit.actor.user}
    # Of two at once the database lets one find it open.
    still_open = (BROKEN_GLASS.c.id == glass) & BROKEN_GLASS.c.reviewed_at.is_(None)
    if not visit.connection.execute(update(BROKEN_GLASS).where(still_open).values(reviewed)).rowcount:
        raise AlreadyReviewed("This emergency access was reviewed before; the first review stays.")
    return reason


def delete_patient(store: Store, actor: Actor, patient: str) -> None:
    """Destroy a patient's key, and with it all that it encrypted; then the photos' files.

    What else was written stays as ciphertext that nobody can read, and the audit log stays whole.

    Parameters
    ----------
    store : Store
        Where the patient is.
    actor : Actor
        Who deletes.
    patient : str
        The patient's id.

    Raises
    ------
    Forbidden
        When the role does not allow it.
    """
    with store.visit(actor) as visit:
        visit.admit("patient.delete", patient, f"patients/{patient}")
        names = visit.connection.scalars(select(OBJECTS.c.name).where(OBJECTS.c.patient == patient)).all()
        destroy_key(visit.connection, Owner(actor.tenant, patient))
        for table in (JOBS, PHOTOS, OBJECTS, CARE_TEAMS):
            visit.connection.execute(delete(table).where(table.c.patient == patient))
        visit.connection.execute(update(CASES).where(CASES.c.patient == patient).values(study=None))
        gone = {"number": None, "sealed": b"", "deleted_at": visit.now}
        visit.connection.execute(update(PATIENTS).where(PATIENTS.c.id == patient).values(gone))
    for name in names:
        remove_object(store.folder, name)


def _of(tenant: str) -> ColumnElement[bool]:
    return BROKEN_GLASS.c.patient.in_(select(PATIENTS.c.id).where(PATIENTS.c.tenant == tenant))


def _sealed(visit: Visit, key: DataKey, identity: Identity, *, revision: int) -> dict[str, object]:
    written = json.dumps(asdict(identity)).encode()
    sealed = encrypt(key, _field(key.owner.subject, revision), written, randomness=visit.store.randomness)
    return {"number": _index(visit, identity.number), "revision": revision, "sealed": sealed}


def _field(patient: str, revision: int) -> str:
    return f"patients.sealed/{patient}/{revision}"


def _index(visit: Visit, number: str) -> str:
    """A keyed hash: equal for equal numbers, and nothing else can be told from it without the tenant's key."""
    return hmac.digest(derive(visit.tenant_key(), "index"), number.encode(), "sha256").hex()
