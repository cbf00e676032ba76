"""Photos that are looked at outside any transaction: on record with how it ended, and nothing of the photo.

Of one that cannot be used the codes of its refusal stand in the audit log, which monitoring counts.
"""

from contextlib import suppress

from sqlalchemy import Table

from flexura.errors import InputRefused
from flexura.storage.cases import find_record
from flexura.storage.store import Actor, Store
from flexura.storage.tables import CASES, PHOTOS


def admit_check(store: Store, actor: Actor, case: str) -> None:
    """Permit that a photo for a case is looked at, of which nothing is stored; `record_check` puts it on record.

    Parameters
    ----------
    store : Store
        Where the case is.
    actor : Actor
        Who looks.
    case : str
        The case's id.

    Raises
    ------
    NotStored
        When there is no such case.
    Forbidden
        When the actor may not; that is on record at once.
    """
    with store.visit(actor) as visit:
        visit.admit("photo.check", find_record(visit, CASES, case).patient, f"cases/{case}")
        visit.put_off()


def record_check(store: Store, actor: Actor, case: str, refusal: InputRefused | None) -> None:
    """Put on record that a photo was looked at and how it ended.

    Parameters
    ----------
    store : Store
        Where the case is.
    actor : Actor
        As of `admit_check`.
    case : str
        The case's id.
    refusal : InputRefused | None
        Why the photo cannot be used, if it cannot.
    """
    _record(store, actor, ("photo.check", CASES, case), refusal)


def record_unanswered(store: Store, actor: Actor, photo: str, refusal: InputRefused) -> None:
    """Put on record that a stored photo was not answered, and why.

    Parameters
    ----------
    store : Store
        Where the photo is.
    actor : Actor
        The program that looked, in the role of a worker.
    photo : str
        The photo's id.
    refusal : InputRefused
        Why the photo cannot be used.
    """
    _record(store, actor, ("assessment.run", PHOTOS, photo), refusal)


def _record(store: Store, actor: Actor, touch: tuple[str, Table, str], refusal: InputRefused | None) -> None:
    """A visit that ends by a refusal puts its codes on record."""
    verb, table, record = touch
    with suppress(InputRefused), store.visit(actor) as visit:
        visit.admit(verb, find_record(visit, table, record).patient, f"{table.name}/{record}")
        if refusal is not None:
            raise refusal
