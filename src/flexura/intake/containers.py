"""Which image format some bytes are, and whether the file is whole.

Judged by content, never by name, and without decoding a pixel: every format that flexura reads
says in its own structure where it ends, so a cut file is told from a damaged one here. Knows
nothing of colours or pictures.
"""

import re
import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from flexura.errors import CorruptImage, EmptyFile, NotAnImage, TruncatedImage, UnsupportedImage

Container = Literal["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "DICOM"]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_DICOM_VR = rb"(?:AE|AS|CS|DA|DT|LO|OB|SH|SQ|TM|UI|UL)"
_SIGNATURES: tuple[tuple[re.Pattern[bytes], Container], ...] = (
    (re.compile(rb".{128}DICM", re.DOTALL), "DICOM"),  # PS3.10 7.1; its preamble may be a TIFF header
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),  # ISO/IEC 10918-1 B.1.1: SOI, then the next marker
    (re.compile(re.escape(PNG_SIGNATURE)), "PNG"),  # ISO/IEC 15948 5.2
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),  # RFC 9649 2.4
    (re.compile(rb"II[*\x2b]\x00|MM\x00[*\x2b]"), "TIFF"),  # TIFF 6.0 section 2; 0x2b is BigTIFF
    (re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL), "HEIF"),  # ISO/IEC 23008-12 annex B
    # Without preamble and prefix: group 0002 or 0008, then a value representation or, if implicit, a short length.
    (re.compile(rb"[\x02\x08]\x00.\x00" + _DICOM_VR + rb"|\x00[\x02\x08]\x00." + _DICOM_VR, re.DOTALL), "DICOM"),
    (re.compile(rb"\x08\x00[\x00-\x60]\x00[\x00-\x7f]\x00\x00\x00", re.DOTALL), "DICOM"),
)

# Formats named in the refusal, so that the sender knows what to change.
_OTHER_SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"BM....\x00\x00\x00\x00", re.DOTALL), "BMP"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "AVIF"),
    (re.compile(rb"....ftyp", re.DOTALL), "a video or another ISO media file"),
    (re.compile(rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "JPEG 2000"),
    (re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL \r\n\x87\n"), "JPEG XL"),
    (re.compile(rb"FUJIFILMCCD-RAW|FOVb|II\x55\x00|IIRO|IIRS|....CRX ", re.DOTALL), "a camera raw file"),
    (re.compile(rb"8BPS"), "Photoshop"),
    (re.compile(rb"%PDF-"), "PDF"),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg|<svg)", re.DOTALL),
        "SVG",
    ),
)

_HEAD_BYTES = 1024
_MOST_WEBP_BYTES = 1 << 16
# A marker that ends entropy-coded data: not a stuffed zero, a restart or a fill byte (ISO/IEC 10918-1 B.1.1).
_JPEG_MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
_JPEG_SOI, _JPEG_EOI = 0xD8, 0xD9


def recognise(content: bytes) -> Container:
    r"""Name the image format of a file from its first bytes.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Container
        One of the formats that flexura reads.

    Raises
    ------
    EmptyFile
        No bytes.
    UnsupportedImage
        A format that is known and not read; the message names it.
    NotAnImage
        Anything else.

    Examples
    --------
    >>> recognise(b"\x89PNG\r\n\x1a\n" + bytes(100))
    'PNG'
    """
    if not content:
        raise EmptyFile("the file is empty; send the photo again")
    head = content[:_HEAD_BYTES]
    for pattern, container in _SIGNATURES:
        if pattern.match(head):
            return container
    for pattern, name in _OTHER_SIGNATURES:
        if pattern.match(head):
            raise UnsupportedImage(f"the file is {name}; send JPEG, PNG, WebP, HEIC, TIFF or DICOM")
    raise NotAnImage("the content is no known image format; send JPEG, PNG, WebP, HEIC, TIFF or DICOM")


def require_whole(content: bytes, container: Container) -> None:
    """Refuse a file whose own structure says that bytes are missing at its end.

    Bytes after the end of the picture are fine: phones append depth maps, thumbnails and videos.
    Of a TIFF only the directory is looked at here, of a DICOM file nothing; their pixels are when it is opened.

    Parameters
    ----------
    content : bytes
        The whole file.
    container : Container
        Its format, from `recognise`.

    Raises
    ------
    TruncatedImage
        The structure ends before its end mark or its stated length.
    CorruptImage
        A JPEG segment is shorter than its own length field.
    """
    if not _IS_WHOLE[container](content):
        raise TruncatedImage(f"the {container} file ends before the picture does; send the original file again")


def jpeg_segments(content: bytes) -> list[tuple[int, bytes]]:
    """List the marker segments of the first JPEG image in a file, scan data left out.

    Parameters
    ----------
    content : bytes
        A file that begins with a JPEG image.

    Returns
    -------
    list of (int, bytes)
        Second byte of each marker (0xC0 for SOF0) with its parameters, in file order; the last
        is EOI (0xD9).

    Raises
    ------
    TruncatedImage
        There is no EOI, or a segment reaches past the end.
    CorruptImage
        A segment is shorter than its own length field.

    References
    ----------
    ISO/IEC 10918-1, annex B.
    """
    segments: list[tuple[int, bytes]] = []
    position = 2
    while match := _JPEG_MARKER.search(content, position):
        marker, start = match[1][0], match.end()
        if marker == _JPEG_EOI:
            segments.append((marker, b""))
            return segments
        if marker == _JPEG_SOI:
            position = start
            continue
        length = int.from_bytes(content[start : start + 2], "big")
        position = start + length
        if position > len(content):
            break
        if length < 2:
            raise CorruptImage("a JPEG segment has an impossible length; export the photo again")
        segments.append((marker, content[start + 2 : position]))
    raise TruncatedImage("the JPEG ends before the picture does; send the original file again")


def png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """List the chunks of a PNG up to its end mark, image data left out.

    Parameters
    ----------
    content : bytes
        A file that begins with the PNG signature.

    Returns
    -------
    list of (bytes, bytes)
        Type and content, in file order; the last is IEND unless the file is cut.

    References
    ----------
    ISO/IEC 15948 (PNG), 5.3 Chunk layout.
    """
    chunks: list[tuple[bytes, bytes]] = []
    position = len(PNG_SIGNATURE)
    while position + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        start, position = position + 8, position + 12 + length
        if position > len(content):
            break
        chunks.append((kind, b"" if kind == b"IDAT" else content[start : start + length]))
        if kind == b"IEND":
            break
    return chunks


def webp_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """List the chunks of a WebP, each cut after its first 64 KiB.

    Parameters
    ----------
    content : bytes
        A file that begins with the RIFF header of a WebP.

    Returns
    -------
    list of (bytes, bytes)
        Type and content, in file order.

    References
    ----------
    RFC 9649, 2.3 RIFF File Format.
    """
    chunks: list[tuple[bytes, bytes]] = []
    position, end = 12, min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while position + 8 <= end:
        kind, length = struct.unpack_from("<4sI", content, position)
        start = position + 8
        chunks.append((kind, content[start : start + min(length, _MOST_WEBP_BYTES)]))
        position = start + length + length % 2
    return chunks


def _jpeg_is_whole(content: bytes) -> bool:
    return bool(jpeg_segments(content))


def _png_is_whole(content: bytes) -> bool:
    return png_chunks(content)[-1:] == [(b"IEND", b"")]


def _webp_is_whole(content: bytes) -> bool:
    """Compare with the RIFF length, which does not count its own 8 bytes (RFC 9649 2.4)."""
    return len(content) >= 8 + int.from_bytes(content[4:8], "little")


def _heif_is_whole(content: bytes) -> bool:
    """Follow the boxes at file level (ISO/IEC 14496-12 4.2); there must be pixels or coded data in them."""
    position = 0
    kinds: set[bytes] = set()
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        if length == 1:
            length = int.from_bytes(content[position + 8 : position + 16], "big")
        if length == 0:  # reaches to the end of the file, wherever that is
            length = len(content) - position
        if length < 8 or not kind.isalnum():  # bytes after the last box belong to nobody
            break
        kinds.add(kind)
        position += length
    return position <= len(content) and {b"meta", b"mdat"} <= kinds


def _tiff_is_whole(content: bytes) -> bool:
    """Whether the first directory lies inside the file (TIFF 6.0 section 2; BigTIFF with 8-byte offsets)."""
    order = "<" if content[:2] == b"II" else ">"
    is_big = content[2:4] in (b"\x2b\x00", b"\x00\x2b")
    place, offset_form, count_form, entry_bytes = (8, "Q", "Q", 20) if is_big else (4, "I", "H", 12)
    try:
        start = struct.unpack_from(order + offset_form, content, place)[0]
        count = struct.unpack_from(order + count_form, content, start)[0]
    except (struct.error, OverflowError):
        return False
    return bool(start + struct.calcsize(count_form) + count * entry_bytes <= len(content))


_IS_WHOLE: Mapping[Container, Callable[[bytes], bool]] = MappingProxyType(
    {
        "JPEG": _jpeg_is_whole,
        "PNG": _png_is_whole,
        "WEBP": _webp_is_whole,
        "HEIF": _heif_is_whole,
        "TIFF": _tiff_is_whole,
        "DICOM": lambda _: True,
    }
)
