"""What pages show over one another: the photo, what the network saw in it, and what a clinician drew instead."""

from typing import Any, Final

import cv2
from fastapi import Response

from flexura.clinical.outlines import parse_outline, write_outline
from flexura.errors import NotStored
from flexura.preprocessing.step import shrunk
from flexura.records import UInt8Array
from flexura.report.layers import Layer, draw_layer, draw_mask, find_lesion, fit_layer, layers_of
from flexura.service import assessments, cases
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.forms import Id, Record

_JPEG_QUALITY: Final = 88
_LONGEST_SIDE: Final = 1024  # pixels of a photo that is converted to be shown: what a reader gives
_ALONE: Final = {"content-security-policy": "default-src 'none'; sandbox"}
_SHOWN_BY_BROWSERS: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def show_photo(case: Id, photo: Id, caller: Asking, clinic: Wired) -> Response:
    """Give a photo for a page to show: its file, or a JPEG of it where browsers cannot show the file.

    HEIC, TIFF, DICOM and the like are read again by the process that reads strangers' photos; the stored file stays
    as it came.

    Parameters
    ----------
    case : Id
        Of which case.
    photo : Id
        Which one.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.

    Returns
    -------
    Response

    Raises
    ------
    InputRefused
        When it cannot be read any more, as where the extra `heic` was taken away; the interface gives the file.
    ServiceBusy
        When too many photos are being read.
    """
    content = bytes(cases.read_photo(case, photo, caller, clinic).body)
    kind = next((kind for begin, kind in _SHOWN_BY_BROWSERS.items() if content.startswith(begin)), None)
    if kind is None:
        content, kind = encode_jpeg(clinic.read(content).pixels, _LONGEST_SIDE), "image/jpeg"
    return Response(content, media_type=kind, headers=_ALONE)


def show_layer(case: Id, assessment: Id, layer: Layer, caller: Asking, clinic: Wired) -> Response:
    """Draw what the network saw, to lie over the photo.

    Parameters
    ----------
    case : Id
        Of which case.
    assessment : Id
        Which answer.
    layer : Layer
        Which map.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.

    Returns
    -------
    Response

    Raises
    ------
    NotStored
        When the case has no such assessment, or none with that map.
    """
    document = assessments.read_assessment(case, assessment, caller, clinic).document
    if layer not in layers_of(document.get("maps", {})):
        raise NotStored("This assessment was stored without that map.")
    return _png(draw_layer(document["maps"], layer, size_of(document)))


def show_outline(case: Id, review: Id, caller: Asking, clinic: Wired) -> Response:
    """Draw the outline that a clinician drew, to lie over the photo.

    Parameters
    ----------
    case : Id
        Of which case.
    review : Id
        Which one.
    caller : Asking
        Who asks.
    clinic : Wired
        The service.

    Returns
    -------
    Response

    Raises
    ------
    NotStored
        When the case has no such review, or none with an outline.
    """
    said = next((row for row in cases.list_reviews(case, caller, clinic).items if row.id == review), None)
    if said is None or not said.document.get("outline"):
        raise NotStored("This case has no review of that id with an outline.")
    return _png(draw_mask(parse_outline(said.document["outline"])))


def name_layers(case: str, answer: Record, reviews: list[Record]) -> list[tuple[str, str]]:
    """Name the layers that lie over an answer's photo, and where each is.

    Parameters
    ----------
    case : str
        Of which case.
    answer : Record
        The assessment.
    reviews : list[Record]
        Of the case, oldest first.

    Returns
    -------
    list[tuple[str, str]]
        Key of a text, and path.
    """
    seen = layers_of(answer.document.get("maps", {}))
    named = [(f"layer_{layer}", f"/cases/{case}/assessments/{answer.id}/layers/{layer}") for layer in seen]
    drawn = [row for row in reviews if row.about == answer.id and row.document.get("outline")]
    last = [("layer_clinician", f"/cases/{case}/reviews/{drawn[-1].id}/outline")] if drawn else []
    return named + last


def size_of(document: dict[str, Any]) -> tuple[int, int]:
    """Width and height of the layers over an answer's photo."""
    photo = document["assessment"]["photo"]
    return fit_layer(photo["width"], photo["height"])


def outline_of(document: dict[str, Any]) -> str:
    """The network's outline as text, for a clinician to go on from; an empty one where no maps were stored."""
    width, height = size_of(document)
    if "maps" not in document:
        return f"{width}x{height}:{width * height}"
    return write_outline(find_lesion(document["maps"], (width, height)))


def encode_jpeg(pixels: UInt8Array, longest_side: int) -> bytes:
    """Encode a picture for a page.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    longest_side : int
        In pixels; one that is smaller keeps its size.

    Returns
    -------
    bytes
        A JPEG file.
    """
    small = cv2.cvtColor(shrunk(pixels, longest_side), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()


def _png(content: bytes) -> Response:
    return Response(content, media_type="image/png", headers=_ALONE)
