"""Cases of a patient and their photos; what clinicians write of them: reviews and outcomes."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any

from fastapi import Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from flexura.clinical.context import read_context
from flexura.errors import InputRefused, NotStored
from flexura.records import Photo
from flexura.service.auth import Asking
from flexura.service.clinic import Clinic, Wired
from flexura.service.forms import Case, Cases, Id, Made, MadePhotos, NewCase, Outcome, Record, Records, Review
from flexura.service.paging import Paging
from flexura.service.upload import read_files
from flexura.storage import cases
from flexura.storage.cases import Kind, StoredCase, write_photo
from flexura.storage.pages import ALL, Page
from flexura.storage.requests import make_once
from flexura.storage.store import Visit
from flexura.workflow import Read

Key = Annotated[str | None, Header(description="The same key and request again make nothing and give the same id.")]


def create_case(patient: Id, form: NewCase, caller: Asking, clinic: Wired, idempotency_key: Key = None) -> Made:
    """Begin a case with what is known of the patient."""
    read_context(form.context)  # refuses what an assessment would refuse

    with clinic.store.visit(caller.actor) as visit:
        name, body = f"patients/{patient}/cases", form.model_dump_json().encode()
        made = make_once(visit, name, idempotency_key, body, lambda: cases.create_case(visit, patient, form.context))
    return Made(id=made)


def list_cases(patient: Id, caller: Asking, clinic: Wired, page: Paging = ALL) -> Cases:
    """List a patient's cases, oldest first."""
    with clinic.store.visit(caller.actor) as visit:
        ids = list(cases.list_cases(visit, patient, page))
    return Cases(items=ids, next=page.next_after(ids))


def read_case(case: Id, caller: Asking, clinic: Wired) -> Case:
    """Read a case."""
    with clinic.store.visit(caller.actor) as visit:
        return show_case(cases.read_case(visit, case))


async def add_photos(
    case: Id, request: Request, caller: Asking, clinic: Wired, idempotency_key: Key = None
) -> MadePhotos:
    """Store photos' files, all or none: one as the body, or several as a form; the same file again is the same photo.

    Parameters
    ----------
    case : Id
        Of which case.
    request : Request
        Its body is the file, or a form of files.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.
    idempotency_key : Key
        From the header.

    Returns
    -------
    MadePhotos
    """
    files = await read_files(request, most_bytes=clinic.photo_bytes)
    return await run_in_threadpool(add_files, case, files, caller, clinic, idempotency_key)


def add_files(
    case: str,
    files: list[bytes],
    caller: Asking,
    clinic: Clinic,
    key: str | None = None,
    *,
    read: Read | None = None,
) -> MadePhotos:
    """Store photos' files as `add_photos` does, once they are read.

    Parameters
    ----------
    case : str
        Of which case.
    files : list[bytes]
        At least one.
    caller : Asking
        Who asks.
    clinic : Clinic
        The service.
    key : str | None
        The same key and files again make nothing.
    read : Read | None
        Refuses what is no photo; the clinic's reader if `None`.

    Returns
    -------
    MadePhotos

    Raises
    ------
    InputRefused
        When one cannot be read as a photo; then none is stored.
    """
    body = b"".join(len(file).to_bytes(8) + file for file in files)
    photos: list[Photo] = []

    def check_all(_: bytes) -> None:  # in the first file's turn, so that nothing is written when one is refused
        for number, file in enumerate(files):
            try:
                photos.append((read or clinic.read)(file))
            except InputRefused as error:
                error.file = number if len(files) > 1 else None
                raise

    checks: list[Callable[[bytes], object]] = [check_all, *[bool] * (len(files) - 1)]
    with ExitStack() as held:
        written = [
            held.enter_context(write_photo(clinic.store, caller.actor, case, file, check=check))
            for file, check in zip(files, checks, strict=True)
        ]
        with clinic.store.visit(caller.actor) as visit:
            first = make_once(visit, f"cases/{case}/photos", key, body, lambda: cases.add_photo(visit, written[0]))
            ids = [first, *(cases.add_photo(visit, other) for other in written[1:])]
    for made, photo in zip(ids, photos, strict=True):
        clinic.assessor.recent.keep(made, photo)
    return MadePhotos(id=first, ids=ids)


def read_photo(case: Id, photo: Id, caller: Asking, clinic: Wired) -> Response:
    """Read a photo's file as it came; browsers are told to save it, not to show it."""
    with clinic.store.visit(caller.actor) as visit:
        require_photo(cases.read_case(visit, case), photo)
        content = cases.read_photo(visit, photo)
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})


def write_review(case: Id, form: Review, caller: Asking, clinic: Wired, idempotency_key: Key = None) -> Made:
    """Say whether an assessment is right, or what is right instead.

    Parameters
    ----------
    case : Id
        Of which case.
    form : Review
        The clinician's words.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.
    idempotency_key : Key
        From the header.

    Returns
    -------
    Made

    Raises
    ------
    NotStored
        When the case has no such assessment.
    """
    document = form.model_dump(mode="json", exclude={"assessment"})
    with clinic.store.visit(caller.actor) as visit:
        cases.read_record(visit, "assessment", case, form.assessment)
        made = make_once(
            visit,
            f"cases/{case}/reviews",
            idempotency_key,
            form.model_dump_json().encode(),
            lambda: cases.write_record(visit, "review", case, document, about=form.assessment),
        )
    return Made(id=made)


def record_outcome(case: Id, form: Outcome, caller: Asking, clinic: Wired, idempotency_key: Key = None) -> Made:
    """Record what became of a case."""
    body = form.model_dump_json().encode()
    with clinic.store.visit(caller.actor) as visit:
        made = make_once(
            visit,
            f"cases/{case}/outcomes",
            idempotency_key,
            body,
            lambda: cases.write_record(visit, "outcome", case, form.model_dump(mode="json")),
        )
    return Made(id=made)


def list_reviews(case: Id, caller: Asking, clinic: Wired, page: Paging = ALL) -> Records:
    """Read what clinicians said to the case's assessments."""
    with clinic.store.visit(caller.actor) as visit:
        return show_page(visit, "review", case, page)


def list_outcomes(case: Id, caller: Asking, clinic: Wired, page: Paging = ALL) -> Records:
    """Read what became of a case."""
    with clinic.store.visit(caller.actor) as visit:
        return show_page(visit, "outcome", case, page)


def show_case(stored: StoredCase) -> Case:
    """Give a case the form that it leaves in."""
    fields: dict[str, Any] = vars(stored) | {"photos": list(stored.photos)}
    return Case(**fields)


def show_page(visit: Visit, kind: Kind, case: str, page: Page) -> Records:
    """Read a page of what was written of a case, in the form that it leaves in."""
    items = show_records(visit, kind, case, page)
    return Records(items=items, next=page.next_after([item.id for item in items]))


def show_records(visit: Visit, kind: Kind, case: str, page: Page = ALL) -> list[Record]:
    """Read what was written of a case, in the form that it leaves in."""
    return [Record(**vars(record)) for record in cases.read_records(visit, kind, case, page)]


def require_photo(stored: StoredCase, photo: str) -> None:
    """Check that a photo belongs to a case.

    Parameters
    ----------
    stored : StoredCase
        The case.
    photo : str
        The photo's id.

    Raises
    ------
    NotStored
        When it does not.
    """
    if photo not in stored.photos:
        raise NotStored("This case has no such photo.")
