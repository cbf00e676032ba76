"""One photo on its way out: what must be looked at by a person, what is blackened, and how it is written.

Nothing of the file leaves but its pixels, and those as flexura decoded them: EXIF, XMP, IPTC, thumbnails, comments and
colour profiles end here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from flexura.clinical.sites import SITES, strip_laterality
from flexura.intake.containers import recognise
from flexura.records import Photo, UInt8Array
from flexura.research.dicom import deidentify_dicom
from flexura.research.pseudonyms import Pseudonyms
from flexura.research.text import Box

TEXT_FOUND: Final = "text_found"
FACE_POSSIBLE: Final = "face_possible"


@dataclass(frozen=True)
class Released:
    """A photo's file as it may leave: PNG, or DICOM where it came as DICOM."""

    content: bytes = field(repr=False)
    suffix: str
    width: int
    height: int


def may_show_a_face(site: str | None) -> bool:
    """Tell whether a photo may show eyes: of the head, of the whole body, or of nobody knows where.

    Parameters
    ----------
    site : str | None
        A name of flexura's sites.

    Returns
    -------
    bool

    Examples
    --------
    >>> may_show_a_face("left_forearm"), may_show_a_face("face"), may_show_a_face(None)
    (False, True, True)
    """
    if site is None:
        return True
    name = strip_laterality(site)
    return SITES[name].zone == "head_neck" or name == "whole_body"


def blacken(pixels: UInt8Array, boxes: Iterable[Box]) -> UInt8Array:
    """Blacken boxes.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3); not changed.
    boxes : Iterable[Box]
        In pixels; what lies outside the photo is cut off.

    Returns
    -------
    UInt8Array
        A new picture.
    """
    masked: UInt8Array = np.array(pixels)
    for left, top, width, height in boxes:
        masked[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)] = 0
    return masked


def release(content: bytes, photo: Photo, mask: Iterable[Box], *, patient: str, pseudonyms: Pseudonyms) -> Released:
    """Write a photo anew as it may leave.

    Parameters
    ----------
    content : bytes
        The file as it came.
    photo : Photo
        What was read of it, at full size.
    mask : Iterable[Box]
        What is blackened.
    patient : str
        The patient's true id.
    pseudonyms : Pseudonyms
        Of the study.

    Returns
    -------
    Released

    Raises
    ------
    InputRefused
        When a DICOM file's attributes cannot be read.
    """
    pixels = blacken(photo.pixels, mask)
    height, width = pixels.shape[:2]
    if recognise(content) == "DICOM":
        return Released(
            deidentify_dicom(content, pixels, patient=patient, pseudonyms=pseudonyms), ".dcm", width, height
        )
    return Released(cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes(), ".png", width, height)
