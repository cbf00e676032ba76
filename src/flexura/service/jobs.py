"""Assessments as jobs: asked for now, made by a worker, looked at until they have ended."""

from fastapi import Response

from flexura.service.auth import Asking
from flexura.service.cases import Key, require_photo
from flexura.service.clinic import Wired
from flexura.service.forms import Id, Job
from flexura.storage import cases, jobs
from flexura.storage.requests import make_once


def request_assessment(
    case: Id, photo: Id, caller: Asking, clinic: Wired, response: Response, idempotency_key: Key = None
) -> Job:
    """Put the assessment of a photo on the list of the workers; poll the job until it has ended."""
    with clinic.store.visit(caller.actor) as visit:
        require_photo(cases.read_case(visit, case), photo)
        made = make_once(
            visit,
            f"cases/{case}/photos/{photo}/jobs",
            idempotency_key,
            b"",
            lambda: jobs.request_assessment(visit, photo, most_waiting=clinic.most_waiting),
        )
        shown = _show(jobs.read_job(visit, made))
    response.headers["Location"] = f"/api/v1/jobs/{made}"
    return shown


def read_job(job: Id, caller: Asking, clinic: Wired) -> Job:
    """Tell where a job stands: with the assessment's id when it is done, with the problem when it failed."""
    with clinic.store.visit(caller.actor) as visit:
        return _show(jobs.read_job(visit, job))


def list_jobs(case: Id, caller: Asking, clinic: Wired) -> list[Job]:
    """Tell where the newest job of each photo of a case stands."""
    with clinic.store.visit(caller.actor) as visit:
        return [_show(state) for state in jobs.list_newest(visit, case)]


def cancel_job(job: Id, caller: Asking, clinic: Wired) -> None:
    """Cancel a job that has not ended; nothing of it is stored then."""
    with clinic.store.visit(caller.actor) as visit:
        jobs.cancel_job(visit, job)


def _show(state: jobs.JobState) -> Job:
    return Job.model_validate(
        {
            "id": state.id,
            "case": state.case,
            "photo": state.photo,
            "state": "running" if state.state == "leased" else state.state,
            "attempt": state.attempt,
            "assessment": state.result,
            "code": state.error_code,
            "problem": state.problem,
        }
    )
