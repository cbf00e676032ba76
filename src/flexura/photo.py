"""A photo in the one internal form, where it came from, how large it is; nouns only, frozen; see `records`."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]

KnownBy = Literal["pixel_spacing", "ruler", "colour_card", "site_prior"]
SpacingFault = Literal["not_square", "implausible"]

CARD_MM = (
    5.0,
    1000.0,
)  # first to sixth patch of a colour card: from below the smallest sold to beyond the largest


@dataclass(frozen=True)
class Capture:
    """How a photo was taken, as far as its file says; no patient, place, owner or serial number."""

    camera_make: str | None = None
    camera_model: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    iso_speed: float | None = None
    focal_length_mm: float | None = None
    flash_fired: bool | None = None
    pixel_spacing_mm: tuple[float, float] | None = None  # on the skin, between rows and between columns
    body_site: str | None = None  # a name of flexura's sites
    laterality: str | None = None  # "left", "right", "both" or "unpaired"


@dataclass(frozen=True)
class PhotoSource:
    """Where a photo came from and what was done to its file.

    `width` and `height` are those of the upright original in pixels; `orientation_applied`
    is the EXIF value 1-8; `colour_profile` names the profile converted from, "sRGB" if none.
    """

    sha256: str
    format: str
    width: int
    height: int
    orientation_applied: int
    colour_profile: str
    captured_at: str | None = None  # ISO 8601, with the offset from UTC only where the file gives one
    capture: Capture = field(default_factory=Capture)


@dataclass(frozen=True)
class Photo:
    """A picture in the one internal form: sRGB uint8 (H, W, 3), upright, alpha laid on white.

    It may be smaller than the original (`source.width`, `source.height`), never larger.
    """

    pixels: UInt8Array = field(repr=False)
    source: PhotoSource


@dataclass(frozen=True)
class Scale:
    """Millimetres on the skin per pixel of the upright original, or `None` and why.

    `uncertainty` is the standard deviation of its logarithm; `reason` is "no_source" where nothing was known and
    "too_narrow" where the photo was; `spacing_refused` why a spacing that the file states was not used.
    """

    mm_per_pixel: float | None
    uncertainty: float | None
    known_by: KnownBy | None
    reason: str | None = None
    spacing_refused: SpacingFault | None = None
