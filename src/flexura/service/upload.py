"""The files of an upload: the body itself, or the parts of a form; in memory only, never in a temporary file."""

from typing import Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from flexura.errors import EmptyFile, RequestUnfit

MOST_FILES: Final = 16


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
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        files = [await request.body()]
    else:
        files = await _read_form(request, most_bytes)
    if not files or not all(files):
        raise EmptyFile("A file is empty or missing; send photos as the body, or as the files of a form.")
    return files


async def _read_form(request: Request, most_bytes: int) -> list[bytes]:
    parser = MultiPartParser(request.headers, request.stream(), max_files=MOST_FILES, max_fields=0)
    parser.spool_max_size = most_bytes + 1  # beyond it a part would go to a file on disk, in plain
    try:
        form = await parser.parse()
        parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
        files = [await part.read() for part in parts]
        await form.close()
    except (MultiPartException, KeyError) as error:
        raise RequestUnfit(f"Send a form of at most {MOST_FILES} files and nothing else.") from error
    return files
