"""Bytes of a DICOM file -> its attributes, only those that are asked for.

The file header is read here, so that a deflated data set can be inflated under a cap and a file
without header is recognised by its structure; pydicom reads the elements. What pydicom would only
warn about stays silent: values are judged where they are used.
"""

import io
import logging
import re
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pydicom import filereader
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from flexura.errors import CorruptImage, PhotoTooLarge, TruncatedImage
from flexura.intake.dicom.syntaxes import TRANSFER_SYNTAXES, TransferSyntax, transfer_syntax

MOST_INFLATED_BYTES = 128 * 1024 * 1024  # an uncompressed photo of 40 megapixels and its header

_PREAMBLE_BYTES, _PREFIX = 128, b"DICM"
_TRANSFER_SYNTAX = (0x0002, 0x0010)
_LONG_FORMS = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_IMPLICIT, _EXPLICIT, _BIG_ENDIAN = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
_VR = rb"(?:AE|AS|CS|DA|DT|LO|OB|SH|SQ|TM|UI|UL)"
# The first element of a data set without file header: group 0008, with or without value representation.
_FIRST_ELEMENTS = (
    (re.compile(rb"\x08\x00.\x00" + _VR, re.DOTALL), _EXPLICIT),
    (re.compile(rb"\x00\x08\x00." + _VR, re.DOTALL), _BIG_ENDIAN),
    (re.compile(rb"\x08\x00[\x00-\x60]\x00[\x00-\x7f]\x00\x00\x00", re.DOTALL), _IMPLICIT),
)


def read_dataset(content: bytes, keywords: Iterable[str] | None = None) -> tuple[Dataset, TransferSyntax]:
    """Read the attributes of a DICOM file.

    Parameters
    ----------
    content : bytes
        The whole file, with or without preamble and file meta information.
    keywords : Iterable[str] or None
        The attributes wanted, by keyword: no other is even parsed. `None` takes all.

    Returns
    -------
    tuple of Dataset and TransferSyntax
        The data set, its values not yet converted, and how it was written.

    Raises
    ------
    DicomSyntaxUnsupported
        See `syntaxes.transfer_syntax`.
    CorruptImage
        Neither file meta information nor the first element tell how the data set is written.
    TruncatedImage
        The deflated data set ends early.
    PhotoTooLarge
        It inflates to more than `MOST_INFLATED_BYTES`.

    References
    ----------
    PS3.10, 7.1 DICOM File Meta Information; PS3.5, A.5.
    """
    body, syntax = open_body(content)
    tags: list[BaseTag | int] | None = None if keywords is None else [Tag(keyword) for keyword in keywords]
    with quietly():
        dataset = filereader.read_dataset(
            io.BytesIO(body),
            syntax.is_implicit,
            syntax.is_little_endian,
            bytelength=len(body),  # with it, what was read before the end of a cut file is kept
            specific_tags=tags,
        )
    return dataset, syntax


def open_body(content: bytes) -> tuple[bytes, TransferSyntax]:
    """Take a DICOM file's data set out of it, inflated where it is deflated.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    tuple of bytes and TransferSyntax
        The data set's bytes, and how it is written.

    Raises
    ------
    DicomSyntaxUnsupported, CorruptImage, TruncatedImage, PhotoTooLarge
        See `read_dataset`.
    """
    uid, start = _file_meta(content)
    syntax = transfer_syntax(uid) if uid else _recognised(content[start:])
    return (_inflated(content[start:]) if syntax.is_deflated else content[start:]), syntax


@contextmanager
def quietly() -> Iterator[None]:
    """Keep pydicom's warnings and log records, which may quote values, from the caller's terminal and logs."""
    logger, drop = logging.getLogger("pydicom"), _Drop()
    logger.addFilter(drop)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeFilter(drop)


class _Drop(logging.Filter):
    """A filter of its own for each use, so that one reader's end does not open another's log."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  # the interface of logging
        return False


def file_meta(content: bytes) -> bytes:
    """Cut out the file meta information.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    bytes
        The elements of group 0002, explicit little endian; empty if there are none.
    """
    begin = _begin(content)
    return content[begin : _file_meta(content)[1]]


def _file_meta(content: bytes) -> tuple[str | None, int]:
    """Transfer syntax, if stated, and where the data set begins (group 0002 is always explicit little endian)."""
    position = _begin(content)
    uid = None
    while position + 8 <= len(content):
        group, element, form = struct.unpack_from("<HH2s", content, position)
        if group != 0x0002:
            break
        is_long = form in _LONG_FORMS
        length = struct.unpack_from("<I" if is_long else "<H", content, position + (8 if is_long else 6))[0]
        start = position + (12 if is_long else 8)
        if (group, element) == _TRANSFER_SYNTAX:
            uid = content[start : start + length].decode("ascii", "replace").strip(" \0")
        position = start + length
    return uid or None, position


def _begin(content: bytes) -> int:
    has_preamble = content[_PREAMBLE_BYTES : _PREAMBLE_BYTES + len(_PREFIX)] == _PREFIX
    return _PREAMBLE_BYTES + len(_PREFIX) if has_preamble else 0


def _recognised(body: bytes) -> TransferSyntax:
    for pattern, uid in _FIRST_ELEMENTS:
        if pattern.match(body):
            return TRANSFER_SYNTAXES[uid]
    raise CorruptImage("the DICOM file does not say how it is written; export it again with its file header")


def _inflated(body: bytes) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = stream.decompress(body, MOST_INFLATED_BYTES)
    if stream.unconsumed_tail:
        raise PhotoTooLarge(
            f"the deflated DICOM data set has more than {MOST_INFLATED_BYTES} bytes; send a smaller copy"
        )
    if not stream.eof:
        raise TruncatedImage("the deflated DICOM data set ends early; send the original file again")
    return inflated
