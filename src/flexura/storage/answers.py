"""Answers given again: the same photo of the same patient, told the same, by the same model, is answered once.

There is no second copy. An answer is found by a keyed hash that stands beside its assessment, and is read from that
assessment, under its patient's key; so nothing grows, and what was deleted is found no more.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from sqlalchemy import bindparam, func, select

from flexura.security.encryption import derive
from flexura.storage.cases import Document, find_record, open_sealed, write_record
from flexura.storage.database import begin
from flexura.storage.store import Store, Visit
from flexura.storage.tables import ASSESSMENTS, PATIENTS, PHOTOS

_SOURCES: Final[Mapping[bool, str]] = MappingProxyType({False: "computed", True: "reused"})
_NEWEST: Final = (
    select(ASSESSMENTS)
    .join(PATIENTS, ASSESSMENTS.c.patient == PATIENTS.c.id)
    .where(
        PATIENTS.c.tenant == bindparam("tenant"),
        PATIENTS.c.deleted_at.is_(None),
        ASSESSMENTS.c.answer == bindparam("answer"),
    )
    .order_by(ASSESSMENTS.c.created_at.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Answer:
    """An answer's document, the keyed hash it can be found by, and whether it was given before."""

    document: Document = field(repr=False)
    key: str
    reused: bool


def name_answer(visit: Visit, photo: str, context: Document, version: str) -> str:
    """Name the answer on a photo: equal for what must be answered equally.

    Parameters
    ----------
    visit : Visit
        The transaction.
    photo : str
        The photo's id; the same file of the same patient counts as the same photo.
    context : Document
        What was told.
    version : str
        Of everything else that an answer depends on.

    Returns
    -------
    str
        64 hexadecimal digits, which tell nothing without the tenant's key.

    Raises
    ------
    NotStored
        When there is no such photo.
    """
    row = find_record(visit, PHOTOS, photo)
    asked = json.dumps([row.patient, row.name, dict(context), version], sort_keys=True)
    return hmac.digest(derive(visit.tenant_key(), "answers"), asked.encode(), "sha256").hex()


def recall_answer(visit: Visit, key: str) -> Document | None:
    """Recall what was answered, if it was.

    Parameters
    ----------
    visit : Visit
        The transaction.
    key : str
        From `name_answer`.

    Returns
    -------
    Document | None
        The newest assessment of that name; looking for none is no touch of the patient.
    """
    row = visit.connection.execute(_NEWEST, {"tenant": visit.actor.tenant, "answer": key}).first()
    if row is None:
        return None
    return open_sealed(visit.touch("assessment.read", row.patient, f"assessments/{row.id}"), ASSESSMENTS, row)


def write_answer(visit: Visit, case: str, photo: str, answer: Answer) -> str:
    """Write an answer as an assessment, to be found by its name.

    Parameters
    ----------
    visit : Visit
        The transaction.
    case : str
        The case's id.
    photo : str
        The photo's id.
    answer : Answer
        Computed, or recalled.

    Returns
    -------
    str
        The assessment's id.
    """
    found_by = {"answer": answer.key, "reused": answer.reused}
    return write_record(visit, "assessment", case, answer.document, about=photo, **found_by)


def count_answers(store: Store) -> Mapping[str, int]:
    """Count the answers that were computed, and those that were given again, by all workers and ever."""
    counted = select(ASSESSMENTS.c.reused, func.count().label("number")).where(ASSESSMENTS.c.reused.is_not(None))
    with begin(store.engine) as connection:
        rows = connection.execute(counted.group_by(ASSESSMENTS.c.reused)).all()
    numbers = {bool(row.reused): int(row.number) for row in rows}
    return {source: numbers.get(reused, 0) for reused, source in _SOURCES.items()}
