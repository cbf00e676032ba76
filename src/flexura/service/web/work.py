"""Photos that are stored and have no answer yet: how far their jobs are, cancelled, asked for again."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Request, Response

from flexura.errors import NotStored, StoreConflict
from flexura.service import cases, jobs
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Case, Id, Job, Record
from flexura.service.web.frame import go, show


@dataclass(frozen=True)
class Waiting:
    """A photo without an answer, or one that is being answered anew, and its newest job, if it has one."""

    case: str
    photo: str
    job: Job | None

    @property
    def state(self) -> str:
        """Where it stands: that of its job, or "unasked"."""
        return "unasked" if self.job is None else self.job.state

    @property
    def running(self) -> bool:
        """Whether its answer is still to come."""
        return self.state in {"queued", "running"}


def find_waiting(case: Case, answers: Sequence[Record], listed: Sequence[Job]) -> list[Waiting]:
    """Find the photos of a case whose answer is still to come, was given up, or was never asked for.

    Parameters
    ----------
    case : Case
        With its photos.
    answers : Sequence[Record]
        Its assessments.
    listed : Sequence[Job]
        The newest job of each photo.

    Returns
    -------
    list[Waiting]
        In the order of the photos.
    """
    newest, answered = {job.photo: job for job in listed}, {answer.about for answer in answers}
    found = [Waiting(case.id, photo, newest.get(photo)) for photo in case.photos]
    return [one for one in found if one.running or one.photo not in answered]


def show_work(request: Request, case: Id, photo: Id, caller: Asking, clinic: Wired) -> Response:
    """Show how far one photo is; a piece of a page, which a script looks at again."""
    listed = jobs.list_jobs(case, caller, clinic)
    newest = next((job for job in listed if job.photo == photo), None)
    if newest is None and photo not in cases.read_case(case, caller, clinic).photos:
        raise NotStored("This case has no such photo.")
    return show(request, "waiting.html", one=Waiting(case, photo, newest), key=clinic.store.make_id())


def ask_again(request: Request, case: Id, photo: Id, caller: Asking, clinic: Wired) -> Response:
    """Ask for the answer to a photo that is stored."""
    jobs.request_assessment(case, photo, caller, clinic, Response(), request.state.form.get("key"))
    return go(f"/cases/{case}")


def cancel(case: Id, job: Id, caller: Asking, clinic: Wired) -> Response:
    """Cancel a job; where it has ended meanwhile, the case shows how."""
    with suppress(StoreConflict):
        jobs.cancel_job(job, caller, clinic)
    return go(f"/cases/{case}")
