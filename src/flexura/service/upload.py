"""The files of an upload: the body itself, or the parts of a form; in memory only, never in a temporary file."""

from typing import Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from flexura.errors import EmptyFile, RequestUnfit

MOST_FILES: Final = 16
MOST_FIELDS: Final = 4  # of a page's form, beside its files


async def read_files(request: Request, *, most_bytes: int) -> list[bytes]:
    """Read the files that a request brings.

    Parameters
    ----------
    request : Request
        With a file as its body, or multipart/form-data with up to 16 parts that are files.
    most_bytes : int
        The limit on the whole body, which is enforced elsewhere.

    Returns
    -------
    list[bytes]
        At least one, none of them empty.

    Raises
    ------
    EmptyFile
        When there is no file, or one is empty.
    RequestUnfit
        When the form is broken, has too many files or other fields.
    """
    files = [await request.body()] if not is_form(request) else (await _read_form(request, most_bytes, 0))[0]
    if not files or not all(files):
        raise EmptyFile("A file is empty or missing; send photos as the body, or as the files of a form.")
    return files


async def read_page_form(request: Request, *, most_bytes: int) -> tuple[list[bytes], dict[str, str]]:
    """Read the files and fields of a page's form.

    Parameters
    ----------
    request : Request
        With multipart/form-data; files that were not chosen are empty parts.
    most_bytes : int
        As of `read_files`.

    Returns
    -------
    tuple[list[bytes], dict[str, str]]
        The files that are not empty; the fields by name.

    Raises
    ------
    RequestUnfit
        When the form is broken or has too many files or fields.
    """
    files, fields = await _read_form(request, most_bytes, MOST_FIELDS)
    return [file for file in files if file], fields


def is_form(request: Request) -> bool:
    """Whether a request's body is a form of files, and not a file."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "multipart/form-data"


async def _read_form(request: Request, most_bytes: int, most_fields: int) -> tuple[list[bytes], dict[str, str]]:
    parser = MultiPartParser(request.headers, request.stream(), max_files=MOST_FILES, max_fields=most_fields)
    parser.spool_max_size = most_bytes + 1  # beyond it a part would go to a file on disk, in plain
    try:
        form = await parser.parse()
        files = [await part.read() for _, part in form.multi_items() if isinstance(part, UploadFile)]
        fields = {name: part for name, part in form.multi_items() if isinstance(part, str)}
        await form.close()
    except (MultiPartException, KeyError) as error:
        raise RequestUnfit(f"Send a form of at most {MOST_FILES} files and nothing else.") from error
    return files, fields
