"""What may leave a DICOM file besides its picture: how, when and of which part of the body it was taken.

A list of attributes that are read, not of those that are hidden: nothing else is even parsed, so
neither the patient nor the clinic, places or serial numbers can leave. Unknown, or not as
the standard writes it, is `None`.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from flexura.records import Capture

CAPTURE_KEYWORDS = (
    "AcquisitionDateTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "TimezoneOffsetFromUTC",
    "Manufacturer",
    "ManufacturerModelName",
    "ExposureTimeInSeconds",
    "FNumber",
    "ISOSpeed",
    "PhotographicSensitivity",
    "FocalLength",
    "PixelSpacing",
    "AnatomicRegionSequence",
    "ImageLaterality",
    "Laterality",
)
# SNOMED CT codes of PS3.16 CID 4031 (Common Anatomic Region) and CID 4, then of CID 4029 (Dermatology Anatomic
# Site), that are skin sites -> flexura's names. A code that spans several of its sites, such as the hand, is left out.
SITES_BY_SNOMED: Mapping[str, str] = MappingProxyType(
    {
        "41695006": "scalp",
        "89545001": "face",
        "80243003": "eyelid",
        "48477009": "lip",
        "117590005": "ear",
        "45048000": "neck",
        "16982005": "shoulder",
        "40983000": "upper_arm",
        "14975008": "forearm",
        "7569003": "finger",
        "816094009": "chest",
        "818981001": "abdomen",
        "77568009": "back",
        "91470000": "axilla",
        "46862004": "buttocks",
        "68367000": "thigh",
        "72696002": "knee",
        "30021000": "lower_leg",
        **dict.fromkeys(("43067004", "79951008", "21672008", "61719002"), "scalp"),
        **dict.fromkeys(("73897004", "68698007", "36141000", "23747009", "113179006", "110488009"), "face"),
        **dict.fromkeys(("41310005", "40069000"), "eyelid"),
        **dict.fromkeys(("88089004", "16251004", "66934001"), "lip"),
        "1902009": "ear",
        **dict.fromkeys(("43081002", "11584001", "5272005", "4658004"), "neck"),
        **dict.fromkeys(("45981001", "72939005"), "upper_arm"),
        "181536004": "elbow",
        "17957002": "antecubital_fossa",
        **dict.fromkeys(("70559009", "41550009"), "forearm"),
        **dict.fromkeys(("24527008", "52876008"), "wrist"),
        "281642007": "hand_back",
        "70887009": "palm",
        "244169007": "finger",
        **dict.fromkeys(("244106003", "699915001"), "chest"),
        **dict.fromkeys(("75093004", "699935000", "699914002"), "abdomen"),
        **dict.fromkeys(("66643007", "113182001", "699893008", "244111001"), "back"),
        "76261009": "axilla",
        "39687006": "groin",
        **dict.fromkeys(("60944009", "35900000", "81992007", "73058008"), "genitals"),
        "22180002": "buttocks",
        **dict.fromkeys(("61248009", "4578000", "73958006"), "thigh"),
        "181553006": "knee",
        "84507004": "popliteal_fossa",
        **dict.fromkeys(("25763004", "47224004"), "lower_leg"),
        **dict.fromkeys(("181564009", "181563003"), "ankle"),
    }
)
_SNOMED = ("SCT", "SNOMED-CT", "SRT")  # SRT, of older files, has its own codes, which are not in the table
_LATERALITIES: Mapping[str, str] = MappingProxyType({"R": "right", "L": "left", "B": "both", "U": "unpaired"})
# PS3.5 table 6.2-1, DT: the parts after the day may be missing, and the offset after them.
_DATE_TIME = re.compile(r"(\d{8})(\d{2})?(\d{2})?(\d{2})?(?:\.(\d{1,6}))?([+-]\d{4})?")
_TEXT = re.compile(r"[\w .,()/+-]{1,64}")


def read_capture(dataset: Dataset) -> Capture:
    """Read how the photo was taken.

    Parameters
    ----------
    dataset : Dataset
        With the attributes of `CAPTURE_KEYWORDS` that the file has.

    Returns
    -------
    Capture
        `None` for whatever is missing or malformed.

    References
    ----------
    PS3.3, C.7.10.1 (acquisition), C.7.5.1 (equipment), C.8.12.11 (exposure), 10.7 (pixel spacing), 10.5 (anatomy).
    """
    spacing = [_positive(value) for value in _values(dataset, "PixelSpacing")]
    return Capture(
        camera_make=_text(dataset, "Manufacturer"),
        camera_model=_text(dataset, "ManufacturerModelName"),
        exposure_time_s=_positive(_first(dataset, "ExposureTimeInSeconds")),
        f_number=_positive(_first(dataset, "FNumber")),
        iso_speed=_positive(_first(dataset, "ISOSpeed")) or _positive(_first(dataset, "PhotographicSensitivity")),
        focal_length_mm=_positive(_first(dataset, "FocalLength")),
        pixel_spacing_mm=(spacing[0], spacing[1]) if len(spacing) == 2 and spacing[0] and spacing[1] else None,
        body_site=_body_site(dataset),
        laterality=_laterality(dataset),
    )


def captured_at(dataset: Dataset) -> str | None:
    """Read when the photo was taken.

    Parameters
    ----------
    dataset : Dataset
        With the attributes of `CAPTURE_KEYWORDS` that the file has.

    Returns
    -------
    str or None
        ISO 8601 to the second, with the offset from UTC where the file states one; `None` when
        there is no full date and time.

    References
    ----------
    PS3.5, table 6.2-1 (DA, TM, DT); PS3.3, C.12.1 (Timezone Offset From UTC).
    """
    zone = str(_first(dataset, "TimezoneOffsetFromUTC") or "")
    joined = f"{_first(dataset, 'AcquisitionDate') or ''}{_first(dataset, 'AcquisitionTime') or ''}"
    for text in (str(_first(dataset, "AcquisitionDateTime") or ""), joined):
        match = _DATE_TIME.fullmatch(text.strip())
        if match is None or match[4] is None:
            continue
        offset = match[6] or (zone if re.fullmatch(r"[+-]\d{4}", zone) else "")
        try:
            form = "%Y%m%d%H%M%S" + ("%z" if offset else "")
            return datetime.strptime("".join(match.group(1, 2, 3, 4)) + offset, form).isoformat()
        except ValueError:
            continue
    return None


def _body_site(dataset: Dataset) -> str | None:
    region = _first(dataset, "AnatomicRegionSequence")
    if not isinstance(region, Dataset) or str(region.get("CodingSchemeDesignator")) not in _SNOMED:
        return None
    return SITES_BY_SNOMED.get(str(region.get("CodeValue")))


def _laterality(dataset: Dataset) -> str | None:
    """Of the image (PS3.3 C.7.6.1), else of its series (C.7.3.1)."""
    stated = (str(_first(dataset, keyword)) for keyword in ("ImageLaterality", "Laterality"))
    return next((_LATERALITIES[value] for value in stated if value in _LATERALITIES), None)


def _values(dataset: Dataset, keyword: str) -> list[object]:
    """The values of an attribute; none if it is missing, empty or cannot be converted."""
    try:
        value = dataset.get(keyword)
    except (ValueError, TypeError, OverflowError, NotImplementedError, BytesLengthException):
        return []
    if isinstance(value, MultiValue | Sequence):
        return list(value)
    return [] if value in (None, "") else [value]


def _first(dataset: Dataset, keyword: str) -> object:
    values = _values(dataset, keyword)
    return values[0] if values else None


def _positive(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number is unknown
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def _text(dataset: Dataset, keyword: str) -> str | None:
    text = str(_first(dataset, keyword) or "").strip()
    return text if _TEXT.fullmatch(text) else None
