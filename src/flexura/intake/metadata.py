"""What a photo's EXIF says that intake needs: which way is up, when it was taken, with which camera and exposure.

Reads the TIFF directory inside EXIF itself: it is ten tags, and Pillow's reader warns to stderr
about the damaged directories that phones and editors write. Everything else (place, serial numbers,
owner, comments, maker notes, XMP, IPTC) is never looked at. Unknown is `None`; an orientation outside 1-8
counts as 1. EXIF's resolution is that of a print, 72 dpi by default, and says nothing of the skin: the size of
a pixel on the skin is never taken from it.
"""

import struct
from collections.abc import Mapping
from datetime import datetime

from flexura.records import Capture

ORIENTATION = 0x0112
_EXIF_IFD = 0x8769
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL = 0x9003, 0x9011
_MAKE, _MODEL = 0x010F, 0x0110
_EXPOSURE_TIME, _F_NUMBER, _ISO_SPEED, _FLASH, _FOCAL_LENGTH = 0x829A, 0x829D, 0x8827, 0x9209, 0x920A
_PICTURES_IN_MPF = 0xB001  # CIPA DC-007, "Number of Images"
_ENTRY_BYTES = 12
# Byte, ASCII, short, long, rational, undefined (TIFF 6.0 section 2); the tags above use no other type.
_TYPE_BYTES: Mapping[int, int] = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
_MOST_VALUE_BYTES = 64


def orientation(exif: bytes | None) -> int:
    """Read the orientation from an EXIF block.

    Parameters
    ----------
    exif : bytes or None
        EXIF as a TIFF structure, with or without the `Exif` prefix.

    Returns
    -------
    int
        1-8; 1 (upright) when there is none, or none that the standard knows.

    References
    ----------
    CIPA DC-008 (Exif 3.0), 4.6.5.1.6 Orientation.
    """
    tiff = _tiff(exif)
    value = _number(tiff, _first_directory(tiff).get(ORIENTATION, b""))
    return value if value in range(1, 9) else 1


def captured_at(exif: bytes | None) -> str | None:
    """Read when the photo was taken.

    Parameters
    ----------
    exif : bytes or None
        EXIF as a TIFF structure, with or without the `Exif` prefix.

    Returns
    -------
    str or None
        ISO 8601 to the second, with the offset from UTC where the camera wrote one;
        `None` when there is no valid date.

    References
    ----------
    CIPA DC-008 (Exif 3.0), 4.6.6.6 DateTimeOriginal and OffsetTimeOriginal.
    """
    directory = _exif_directory(_tiff(exif))
    taken = _parsed(_text(directory, _DATE_TIME_ORIGINAL), "%Y:%m:%d %H:%M:%S")
    if taken is None:
        return None
    offset = _parsed(_text(directory, _OFFSET_TIME_ORIGINAL), "%z")
    return (taken if offset is None else taken.replace(tzinfo=offset.tzinfo)).isoformat()


def capture(exif: bytes | None) -> Capture:
    """Read which camera took the photo, and how.

    Parameters
    ----------
    exif : bytes or None
        EXIF as a TIFF structure, with or without the `Exif` prefix.

    Returns
    -------
    Capture
        Maker and model in printable ASCII; exposure time, f-number, ISO speed and focal length where
        they are above 0. EXIF knows neither the size of a pixel on the skin nor the body site.

    References
    ----------
    CIPA DC-008 (Exif 3.0), 4.6.5.4 (Make, Model), 4.6.6.7 (ExposureTime, FNumber, PhotographicSensitivity,
    Flash: bit 0 is "fired", bit 5 "no flash function"; FocalLength, mm).
    """
    tiff = _tiff(exif)
    first, directory = _first_directory(tiff), _exif_directory(tiff)
    flash = directory.get(_FLASH)
    return Capture(
        camera_make=_name(first, _MAKE),
        camera_model=_name(first, _MODEL),
        exposure_time_s=_ratio(tiff, directory, _EXPOSURE_TIME),
        f_number=_ratio(tiff, directory, _F_NUMBER),
        iso_speed=float(_number(tiff, directory.get(_ISO_SPEED, b"")[:2])) or None,
        focal_length_mm=_ratio(tiff, directory, _FOCAL_LENGTH),
        flash_fired=None if flash is None else bool(_number(tiff, flash) & 1),
    )


def count_of_pictures(mpf: bytes | None) -> int:
    """Count the pictures that a multi-picture JPEG lists.

    Parameters
    ----------
    mpf : bytes or None
        The MP index as a TIFF structure, without its `MPF` prefix.

    Returns
    -------
    int
        At least 1.

    References
    ----------
    CIPA DC-007 (Multi-Picture Format), 5.2.3.
    """
    tiff = _tiff(mpf)
    return max(1, _number(tiff, _first_directory(tiff).get(_PICTURES_IN_MPF, b"")))


def _tiff(block: bytes | None) -> bytes:
    """Strip the EXIF prefix; anything that is no TIFF structure is as good as none."""
    tiff = (block or b"").removeprefix(b"Exif\x00\x00")
    return tiff if tiff[:4] in (b"II*\x00", b"MM\x00*") and len(tiff) >= 8 else b""


def _order(tiff: bytes) -> str:
    return "<" if tiff[:2] == b"II" else ">"


def _first_directory(tiff: bytes) -> Mapping[int, bytes]:
    return _directory(tiff, struct.unpack_from(_order(tiff) + "I", tiff, 4)[0]) if tiff else {}


def _exif_directory(tiff: bytes) -> Mapping[int, bytes]:
    pointer = _number(tiff, _first_directory(tiff).get(_EXIF_IFD, b""))
    return _directory(tiff, pointer) if pointer else {}


def _directory(tiff: bytes, start: int) -> Mapping[int, bytes]:
    """Values of one image file directory by tag; entries that point outside are left out."""
    order = _order(tiff)
    if start + 2 > len(tiff):
        return {}
    count = struct.unpack_from(order + "H", tiff, start)[0]
    values: dict[int, bytes] = {}
    for entry in range(start + 2, min(start + 2 + count * _ENTRY_BYTES, len(tiff) - _ENTRY_BYTES + 1), _ENTRY_BYTES):
        tag, kind, items = struct.unpack_from(order + "HHI", tiff, entry)
        size = items * _TYPE_BYTES.get(kind, 0)
        if not 0 < size <= _MOST_VALUE_BYTES:
            continue
        place = entry + 8 if size <= 4 else struct.unpack_from(order + "I", tiff, entry + 8)[0]
        values.setdefault(tag, tiff[place : place + size])
    return values


def _number(tiff: bytes, value: bytes) -> int:
    """Read one unsigned number of one, two or four bytes; 0 if there is none."""
    return int.from_bytes(value, "little" if tiff[:2] == b"II" else "big") if len(value) in (1, 2, 4) else 0


def _ratio(tiff: bytes, directory: Mapping[int, bytes], tag: int) -> float | None:
    """Read a fraction above 0; zero and infinity are how cameras write that they do not know."""
    value = directory.get(tag, b"")
    if len(value) != 8:
        return None
    above, below = struct.unpack(_order(tiff) + "II", value)
    return above / below if above and below else None


def _name(directory: Mapping[int, bytes], tag: int) -> str | None:
    text = _text(directory, tag)
    return "".join(character for character in text if character.isascii() and character.isprintable()).strip() or None


def _text(directory: Mapping[int, bytes], tag: int) -> str:
    return directory.get(tag, b"").split(b"\x00")[0].decode("ascii", "replace").strip()


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None
