"""How many millimetres a pixel of the original spans on the skin, how that is known, and how far it may be off.

The best source at hand decides: pixel spacing given with the file, else a ruler in the picture, else a colour card
whose size was told, else the usual framing of the body site. Without any the scale is `None` with a reason. A spacing
that cannot be true is not used, and the record says so. A camera tilted by 30 degrees shortens one direction by 13 %;
none of the sources sees that.
"""

import math
from dataclasses import dataclass, field

from flexura.errors import PreprocessingError
from flexura.photo import CARD_MM
from flexura.preprocessing.colour_card import ColourCard
from flexura.preprocessing.ruler import Ruler, find_ruler
from flexura.preprocessing.step import check_pixels, check_ranges
from flexura.records import KnownBy, PreprocessingStep, Scale, SpacingFault, UInt8Array

# Standard deviations of the logarithm of the scale. Spacing is written for the plane of focus; a ruler lies on the
# skin, tilted and bent with it (its pitch itself is read to 0.2 % on drawn rulers), or a card beside it (read to 2 % on
# drawn cards); the prior is derived below.
_UNCERTAINTY: dict[KnownBy, float] = {"pixel_spacing": 0.05, "ruler": 0.05, "colour_card": 0.05, "site_prior": 0.6}
_SQUARE = 0.02  # by which the spacings of rows and columns may differ
_SPACING_MM = (1e-4, 100.0)  # from a microscope's to beyond any photo's

# What the longer side of a photo of a site spans, mm. Assumed, not measured: the part of an adult's body with a hand's
# breadth around it. A close-up shows a third of that, a child's limb is half as large, hence a standard deviation of
# 0.6 of the logarithm: 68 % within a factor of 1.8 to either side, 95 % within 3.3.
SITE_FRAME_MM: dict[str, float] = {
    "scalp": 250,
    "face": 250,
    "eyelid": 90,
    "lip": 100,
    "ear": 110,
    "neck": 200,
    "shoulder": 300,
    "upper_arm": 280,
    "elbow": 200,
    "antecubital_fossa": 200,
    "forearm": 280,
    "wrist": 160,
    "hand_back": 220,
    "palm": 220,
    "finger": 120,
    "chest": 400,
    "abdomen": 400,
    "back": 500,
    "axilla": 250,
    "groin": 280,
    "genitals": 160,
    "buttocks": 400,
    "thigh": 420,
    "knee": 240,
    "popliteal_fossa": 240,
    "lower_leg": 400,
    "ankle": 220,
    "foot_back": 280,
    "sole": 280,
    "nail": 50,
    "whole_body": 1700,
}


@dataclass(frozen=True)
class ScaleConfig:
    """Which sources may be used beside a spacing that is given.

    `colour_card_mm` is how long the card's rows are from the left edge of the first patch to that of the sixth: cards
    of one look come in many sizes, and one whose size is `None` tells no scale.
    """

    ruler: bool = True
    site_prior: bool = True
    colour_card_mm: float | None = None


@dataclass(frozen=True)
class ScaleEvidence:
    """What is known of the scale from outside the picture.

    `pixel_spacing_mm` is the distance between rows and between columns of the original, as in DICOM;
    `reduction` original pixels per pixel of this picture; `site` a body site without laterality.
    """

    pixel_spacing_mm: tuple[float, float] | None = None
    reduction: float = 1.0
    site: str | None = field(default=None, repr=False)


def find_scale(
    pixels: UInt8Array, evidence: ScaleEvidence, config: ScaleConfig, *, card: ColourCard | None = None
) -> tuple[Scale, Ruler | None]:
    """Find the scale of a photo by the best source at hand.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3): the whole photo, as large as it is at hand, since ticks of a ruler must be 3 px apart.
    evidence : ScaleEvidence
        What is known from outside.
    config : ScaleConfig
        Which sources may be used.
    card : ColourCard or None
        As found in `pixels`.

    Returns
    -------
    tuple of Scale and Ruler | None
        The scale of the original, and the ruler's place in `pixels`, looked for even where a spacing is given.

    Raises
    ------
    PreprocessingError
        The picture is none, the reduction is not positive, the card's size impossible, or the site unknown.

    References
    ----------
    DICOM PS3.3 2024e, 10.7.1.1 Pixel Spacing (mm between rows, then columns).
    """
    check_pixels(pixels)
    check_ranges(("reduction", evidence.reduction, 1e-3, 1e3))
    ruler = find_ruler(pixels) if config.ruler else None
    spacing = evidence.pixel_spacing_mm
    refused = _fault(spacing) if spacing is not None else None
    if spacing is not None and refused is None:
        return _known(math.sqrt(math.prod(spacing)), "pixel_spacing"), ruler
    if ruler is not None:
        return _known(1 / (ruler.pixels_per_mm * evidence.reduction), "ruler", refused), ruler
    if card is not None and config.colour_card_mm is not None:
        check_ranges(("colour_card_mm", config.colour_card_mm, *CARD_MM))
        return _known(config.colour_card_mm / (card.row_px * evidence.reduction), "colour_card", refused), None
    if config.site_prior and evidence.site is not None:
        mm_per_pixel = _from_site(evidence.site) / (max(pixels.shape[:2]) * evidence.reduction)
        return _known(mm_per_pixel, "site_prior", refused), None
    return Scale(None, None, None, reason="no_source", spacing_refused=refused), None


def scale_step(scale: Scale, ruler: Ruler | None = None, card: ColourCard | None = None) -> PreprocessingStep:
    """Record a scale.

    Parameters
    ----------
    scale : Scale
        From `find_scale`.
    ruler : Ruler or None
        Likewise.
    card : ColourCard or None
        As given to it.

    Returns
    -------
    PreprocessingStep
        Named "scale".
    """
    found = {
        "mm_per_pixel": scale.mm_per_pixel and float(f"{scale.mm_per_pixel:.4g}"),
        "uncertainty": scale.uncertainty,
        "known_by": scale.known_by,
        "ruler_found": ruler is not None,
        "card_found": card is not None,
        "spacing_refused": scale.spacing_refused,
        "reason": scale.reason,
    }
    return PreprocessingStep("scale", found)


def _known(mm_per_pixel: float, by: KnownBy, spacing_refused: SpacingFault | None = None) -> Scale:
    return Scale(mm_per_pixel, _UNCERTAINTY[by], by, spacing_refused=spacing_refused)


def _fault(spacing_mm: tuple[float, float]) -> SpacingFault | None:
    low, high = _SPACING_MM
    if not all(low <= each <= high for each in spacing_mm):
        return "implausible"
    rows, columns = spacing_mm
    return "not_square" if abs(math.log(rows / columns)) > _SQUARE else None


def _from_site(site: str) -> float:
    if site not in SITE_FRAME_MM:
        raise PreprocessingError("the body site is not in the table of framings; give a site without left_ or right_")
    return SITE_FRAME_MM[site]
