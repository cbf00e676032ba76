"""The worklist: the cases of one's own patients, oldest first, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, and_, exists, select, tuple_

from flexura.storage.cases import open_sealed
from flexura.storage.patients import Identity, read_patient
from flexura.storage.store import Visit
from flexura.storage.tables import ASSESSMENTS, CARE_TEAMS, CASES, PATIENTS, REVIEWS

Status = Literal["waiting", "assessed", "reviewed"]
Choice = Literal["open", "waiting", "assessed", "reviewed"]
CHOICES: Final[tuple[Choice, ...]] = ("open", "waiting", "assessed", "reviewed")

_ASSESSED: Final = exists().where(ASSESSMENTS.c.case_id == CASES.c.id)
_REVIEWED: Final = exists().where(REVIEWS.c.case_id == CASES.c.id)
# Reviewed is asked first: of most cases of a clinic that settles it.
_PARTS: Final[Mapping[Choice, ColumnElement[bool]]] = MappingProxyType(
    {
        "open": ~_REVIEWED,
        "waiting": and_(~_REVIEWED, ~_ASSESSED),
        "assessed": and_(~_REVIEWED, _ASSESSED),
        "reviewed": _REVIEWED,
    }
)


@dataclass(frozen=True)
class Listed:
    """One case on the list; `site` is where the photo was taken, if that is known."""

    case: str
    patient: str
    identity: Identity = field(repr=False)
    created_at: datetime
    status: Status
    site: str | None = field(repr=False)


def list_work(visit: Visit, *, status: Choice | None, after: str | None, limit: int) -> tuple[Listed, ...]:
    """List the cases of the patients in whose care team the actor is; each case shown is a touch of its own.

    Parameters
    ----------
    visit : Visit
        The transaction.
    status : Choice | None
        Only cases that wait for an assessment, were assessed, or were reviewed; those of the first two are open. `None`
        for all.
    after : str | None
        The last case of the page before.
    limit : int
        At most so many, from 1 up.

    Returns
    -------
    tuple[Listed, ...]
        Oldest first.
    """
    page = _cut(visit, status, after, limit).subquery()
    columns = (CASES.c.id, CASES.c.patient, CASES.c.created_at, CASES.c.sealed)
    flags = (_ASSESSED.label("assessed"), _REVIEWED.label("reviewed"))
    wanted = select(*columns, *flags).join(page, page.c.id == CASES.c.id)
    rows = visit.connection.execute(wanted.order_by(CASES.c.created_at, CASES.c.id)).all()
    identities = {patient: read_patient(visit, patient) for patient in dict.fromkeys(row.patient for row in rows)}
    return tuple(_listed(visit, row, identities[row.patient]) for row in rows)


def _cut(visit: Visit, status: Choice | None, after: str | None, limit: int) -> Select[Any]:
    """Choose a page's ids by indexes alone: what a case holds is read of those that are shown, not of all."""
    joined = CASES.join(PATIENTS, CASES.c.patient == PATIENTS.c.id).join(
        CARE_TEAMS, CARE_TEAMS.c.patient == PATIENTS.c.id
    )
    mine = (PATIENTS.c.tenant == visit.actor.tenant) & PATIENTS.c.deleted_at.is_(None)
    wanted = select(CASES.c.id).select_from(joined).where(mine, CARE_TEAMS.c.user_id == visit.actor.user)
    if status is not None:
        wanted = wanted.where(_PARTS[status])
    if after is not None:
        last = select(CASES.c.created_at).where(CASES.c.id == after).scalar_subquery()
        wanted = wanted.where(tuple_(CASES.c.created_at, CASES.c.id) > tuple_(last, after))
    return wanted.order_by(CASES.c.created_at, CASES.c.id).limit(limit)


def _listed(visit: Visit, row: Any, identity: Identity) -> Listed:
    context = open_sealed(visit.touch("case.read", row.patient, f"cases/{row.id}"), CASES, row)
    status: Status = "reviewed" if row.reviewed else "assessed" if row.assessed else "waiting"
    return Listed(row.id, row.patient, identity, row.created_at, status, context.get("site"))
