"""Whose photograph a DICOM file is, and which: what a file that comes over the network is filed by.

The one place that reads the patient's number, which goes to the clinic's store and nowhere else.
"""

import hashlib
import re
from dataclasses import dataclass, field

from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException

from flexura.errors import DicomUnidentified
from flexura.intake.dicom.colour import COLOUR_KEYWORDS
from flexura.intake.dicom.dataset import quietly, read_dataset
from flexura.intake.dicom.layout import LAYOUT_KEYWORDS, require_photo_class
from flexura.intake.dicom.structure import require_sound

_IDENTITY_KEYWORDS = ("SpecificCharacterSet", "PatientID", "StudyInstanceUID", "SOPInstanceUID")
# What decides which picture the pixels show, in a fixed order.
_PICTURE_KEYWORDS = tuple(sorted({*LAYOUT_KEYWORDS, *COLOUR_KEYWORDS}))
_UID = re.compile(r"(?=.{1,64}\Z)(?:0|[1-9]\d*)(?:\.\d+)+", re.ASCII)  # PS3.5, 9.1; leading zeros occur and do no harm
_MOST_LETTERS = 64  # PS3.5, table 6.2-1, LO


@dataclass(frozen=True)
class Identity:
    """The patient's number, the UIDs of study and instance, the SOP class, and a SHA-256 of the stored pixels.

    Equal `pixels` are the same samples with the same description, all frames, whatever else the files say.
    """

    patient: str = field(repr=False)
    study: str = field(repr=False)
    instance: str = field(repr=False)
    sop_class: str
    pixels: str = field(repr=False)


def identify(content: bytes) -> Identity:
    """Read whose photograph a DICOM file is; its build is checked first, and no pixel is decoded.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Identity

    Raises
    ------
    CorruptImage, TruncatedImage, PhotoTooLarge, DicomSyntaxUnsupported
        See `structure.require_sound`.
    DicomNotAPhoto
        See `layout.require_photo_class`.
    DicomUnidentified
        There is no patient's number, or no UID of study or instance.

    References
    ----------
    PS3.3, C.7.1.1 (Patient ID), C.7.2.1 (Study Instance UID), C.12.1 (SOP Instance UID).
    """
    require_sound(content)
    dataset, syntax = read_dataset(content, (*_IDENTITY_KEYWORDS, *_PICTURE_KEYWORDS, "PixelData"))
    with quietly():
        require_photo_class(dataset)
        patient, study, instance = (_text(dataset, keyword) for keyword in _IDENTITY_KEYWORDS[1:])
        if not 1 <= len(patient) <= _MOST_LETTERS or not patient.isprintable():
            raise DicomUnidentified("the photo has no Patient ID that is one; enter it at the camera and send again")
        if not _UID.fullmatch(study) or not _UID.fullmatch(instance):
            raise DicomUnidentified("the photo has no UID of its study or of its own; send the original file")
        return Identity(patient, study, instance, str(dataset.SOPClassUID), _hash_pixels(dataset, syntax.codec))


def _text(dataset: Dataset, keyword: str) -> str:
    """One text without the spaces around it, which mean nothing; empty if missing, several or malformed."""
    try:
        value = dataset.get(keyword)
    except (ValueError, TypeError, LookupError, BytesLengthException):
        return ""
    return value.strip(" \0") if isinstance(value, str) else ""


def _hash_pixels(dataset: Dataset, codec: str) -> str:
    """Values as the file has them: what does not convert must not differ by how it fails."""
    told = hashlib.sha256(codec.encode())
    for keyword in (*_PICTURE_KEYWORDS, "PixelData"):
        value = dataset.get_item(keyword).value if keyword in dataset else b""
        part = bytes(value) if isinstance(value, bytes | bytearray) else repr(value).encode()
        told.update(f"{keyword} {len(part)}\n".encode() + part)
    return told.hexdigest()
