"""Photos on their way in: judged by the gate of `flexura check` before anything is stored, then stored and answered."""

import base64

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from flexura.errors import InputRefused, RequestUnfit
from flexura.records import Photo
from flexura.service import cases, jobs
from flexura.service.answers import refuse_unfit
from flexura.service.auth import Asking
from flexura.service.cases import Key
from flexura.service.clinic import Clinic, Wired
from flexura.service.forms import Id
from flexura.service.upload import is_form, read_files
from flexura.service.web.frame import go, show
from flexura.service.web.pictures import encode_jpeg
from flexura.service.web.work import show_work
from flexura.storage.checks import admit_check, record_check
from flexura.workflow import CheckedPhoto, Intake, check_photo

_THUMBNAIL_PX = 240


async def judge_photo(case: Id, request: Request, caller: Asking, clinic: Wired) -> Response:
    """Say whether a photo is good enough, and what to do if it is not; it is on record and not stored.

    Parameters
    ----------
    case : Id
        For which case it was taken.
    request : Request
        Its body is the file.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.

    Returns
    -------
    Response
        A piece of a page, with the photo small where it could be read.
    """
    (content,) = await read_files(request, most_bytes=clinic.photo_bytes)
    return await run_in_threadpool(_judge, case, content, request, caller, clinic)


async def add_photos(
    case: Id, request: Request, caller: Asking, clinic: Wired, idempotency_key: Key = None
) -> Response:
    """Store photos and ask for their answers: all of a form or none, or the one that a script sends as the body.

    A body that breaks off is never read to its end, and nothing of it is stored.

    Parameters
    ----------
    case : Id
        Of which case.
    request : Request
        Read by `read_upload`.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.
    idempotency_key : Key
        From the header; of a script's photo.

    Returns
    -------
    Response
        To a script, how far its photo is; otherwise the case.

    Raises
    ------
    RequestUnfit
        When no photo was chosen.
    """
    if not is_form(request):
        (content,) = await read_files(request, most_bytes=clinic.photo_bytes)
        return await run_in_threadpool(_add_one, case, content, request, caller, clinic, idempotency_key)
    if not request.state.files:
        raise RequestUnfit("Choose a photo first.")
    return await run_in_threadpool(_add, case, request.state.files, caller, clinic)


def _judge(case: str, content: bytes, request: Request, caller: Asking, clinic: Wired) -> Response:
    admit_check(clinic.store, caller.actor, case)
    checked, refusal = _look(content, clinic)
    record_check(clinic.store, caller.actor, case, refusal)
    if checked is None:
        return show(request, "judged.html", accepted=False, advice=[str(refusal)], picture=None)
    picture = base64.b64encode(encode_jpeg(checked.photo.pixels, _THUMBNAIL_PX)).decode()
    return show(request, "judged.html", accepted=checked.quality.accepted, advice=_advice(checked), picture=picture)


def _look(content: bytes, clinic: Clinic) -> tuple[CheckedPhoto | None, InputRefused | None]:
    """Give what was seen, unless it cannot be read, and why the photo cannot be used, if it cannot."""
    try:
        checked = check_photo(content, intake=Intake(clinic.read))
    except InputRefused as refusal:
        return None, refusal
    return checked, None if checked.quality.accepted else refuse_unfit(checked.quality)


def _advice(checked: CheckedPhoto) -> list[str]:
    """What to do about the checks that refuse it; of a photo that is good enough, about those that only advise."""
    failed = [check for check in checked.quality.checks if not check.passed]
    return [str(check.advice) for check in failed if check.gating or checked.quality.accepted]


def _add(case: str, files: list[bytes], caller: Asking, clinic: Wired) -> Response:
    admit_check(clinic.store, caller.actor, case)
    judged: dict[bytes, Photo] = {}
    for content in files:
        checked, refusal = _look(content, clinic)
        record_check(clinic.store, caller.actor, case, refusal)
        if refusal is not None:
            raise refusal
        assert checked is not None
        judged[content] = checked.photo
    for photo in cases.add_files(case, files, caller, clinic, read=judged.__getitem__).ids:
        jobs.request_assessment(case, photo, caller, clinic, Response())
    return go(f"/cases/{case}")


def _add_one(case: str, content: bytes, request: Request, caller: Asking, clinic: Wired, key: str | None) -> Response:
    """Its gate was `judge_photo`; what has no answer yet is shown with a way to ask again, should asking fail here."""
    photo = cases.add_files(case, [content], caller, clinic, key).id
    jobs.request_assessment(case, photo, caller, clinic, Response(), key)
    return show_work(request, case, photo, caller, clinic)
