"""Assess a stored photo now, and read what was answered.

The caller asks and reads; the program itself looks at the photo and writes what the model answered, in the role of a
worker.
"""

from typing import Final

from anyio import to_thread

from flexura.service.answers import answer_photo, ask
from flexura.service.auth import Asking, Caller
from flexura.service.cases import Key, require_photo, show_page
from flexura.service.clinic import Clinic, Wired
from flexura.service.forms import Id, Record, Records
from flexura.service.paging import Paging
from flexura.storage import cases
from flexura.storage.answers import write_answer
from flexura.storage.pages import ALL
from flexura.storage.requests import make_once, recall
from flexura.storage.store import Actor, Visit

_PROGRAM: Final = "service"


async def assess_photo(case: Id, photo: Id, caller: Asking, clinic: Wired, idempotency_key: Key = None) -> Record:
    """Assess a photo of a case with the case's context, and store the answer with both and the model's version."""
    # In threads apart from those of other requests: whoever waits for an answer keeps nobody else waiting.
    return await to_thread.run_sync(assess_now, case, photo, caller, clinic, idempotency_key, limiter=clinic.assessing)


def assess_now(case: str, photo: str, caller: Caller, clinic: Clinic, key: str | None = None) -> Record:
    """Assess as `assess_photo` does, in this thread."""
    program = Actor(caller.actor.tenant, _PROGRAM, "worker", caller.actor.address, caller.actor.purpose)
    name = f"{caller.actor.user}/cases/{case}/photos/{photo}/assessments"
    with clinic.store.visit(caller.actor) as visit:
        stored = cases.read_case(visit, case)
        require_photo(stored, photo)
        visit.admit("assessment.request", stored.patient, f"photos/{photo}")
        made = recall(visit.in_name_of(program), name, key, b"")
        if made is not None:
            return _show(visit, case, made)
        question = ask(visit.in_name_of(program), photo, stored.context, assessor=clinic.assessor)
    answer = answer_photo(clinic.store, program, question, assessor=clinic.assessor)
    with clinic.store.visit(program) as visit:
        made = make_once(visit, name, key, b"", lambda: write_answer(visit, case, photo, answer))
        return _show(visit.in_name_of(caller.actor), case, made)


def read_assessment(case: Id, assessment: Id, caller: Asking, clinic: Wired) -> Record:
    """Read one assessment.

    Parameters
    ----------
    case : Id
        Of which case.
    assessment : Id
        Which one.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.

    Returns
    -------
    Record

    Raises
    ------
    NotStored
        When the case has no such assessment.
    """
    with clinic.store.visit(caller.actor) as visit:
        return _show(visit, case, assessment)


def _show(visit: Visit, case: str, assessment: str) -> Record:
    return Record(**vars(cases.read_record(visit, "assessment", case, assessment)))


def list_assessments(case: Id, caller: Asking, clinic: Wired, page: Paging = ALL) -> Records:
    """Read a case's assessments, oldest first."""
    with clinic.store.visit(caller.actor) as visit:
        return show_page(visit, "assessment", case, page)
