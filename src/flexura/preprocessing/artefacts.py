"""What lies on or over the skin and is not skin: hairs, glints, ink, stamps, rulers, cards; found and filled in.

Each kind has a function that marks it, bool (H, W); `remove_artefacts` takes all of them together, fills what they
mark if asked to, and says how much of the picture that was. Marks are made on the picture as it came. Filled skin is
a guess: the mask goes with the picture.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import cv2
import numpy as np

from flexura.preprocessing.hairs import find_hair
from flexura.preprocessing.marks import find_ink, find_stamps
from flexura.preprocessing.step import StepResult, check_mask, check_pixels, scaled_px, square
from flexura.records import BoolArray, PreprocessingStep, UInt8Array

# Glints. Only where the sensor is full is the skin's colour gone; paler sheen keeps it. White scale is as bright, but
# lies in patches: glints are small and stand apart.
_FULL_LEVEL, _GLINT_LEVELS = 242, 30  # of the darkest channel, and above its surroundings
_STEEP_LEVEL, _STEEP_LEVELS = 225, 110  # the same on dark skin, where a glint need not be full to hide it
_WIDEST_GLINT_PX = 15
_WINDOW_PX, _FEW_GLINTS = 61, 0.06  # share of the window around that they may fill

_THICK_PX = 11  # what is wider is filled from a quarter-size picture: no texture could be continued so far
_RADIUS_PX = 2
_STROKE_PX = 21
_RIM_PX = 9  # of the skin, where its own shadow is as dark and thin as a hair


@dataclass(frozen=True)
class ArtefactConfig:
    """Which kinds are looked for, and what becomes of them: marked only, for what measures skin, or filled in too."""

    outcome: Literal["mark", "fill"] = "fill"
    dark_hair: bool = True
    light_hair: bool = True
    highlights: bool = True
    ink: bool = True
    stamps: bool = True
    ruler: bool = True
    colour_card: bool = True


def find_highlights(pixels: UInt8Array) -> BoolArray:
    """Mark glints: small spots where all channels are close to full and brighter than around.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).

    Returns
    -------
    BoolArray
        (H, W).

    Raises
    ------
    PreprocessingError
        The picture is none.

    References
    ----------
    Surface reflection carries the light's colour, not the skin's: Shafer 1985, doi:10.1002/col.5080100409.
    """
    check_pixels(pixels)
    darkest = cv2.min(cv2.min(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    around = cv2.morphologyEx(darkest, cv2.MORPH_OPEN, square(_WIDEST_GLINT_PX, pixels))
    above = cv2.subtract(darkest, around)
    full = (darkest >= _FULL_LEVEL) & (above >= _GLINT_LEVELS)
    core = (full | ((darkest >= _STEEP_LEVEL) & (above >= _STEEP_LEVELS))).astype(np.uint8)
    if not cv2.hasNonZero(core):
        return core.astype(np.bool_)
    window = (scaled_px(_WINDOW_PX, pixels) | 1,) * 2
    core[cv2.blur(core * 255, window) > 255 * _FEW_GLINTS] = 0
    return np.asarray(cv2.dilate(core, square(5, pixels)), np.bool_)


# In the order of the record.
_FINDERS: dict[str, Callable[[UInt8Array], BoolArray]] = {
    "dark_hair": partial(find_hair, kind="dark"),
    "light_hair": partial(find_hair, kind="light"),
    "highlights": find_highlights,
    "ink": find_ink,
    "stamps": find_stamps,
}
KINDS = (*_FINDERS, "ruler", "colour_card")  # each a switch of `ArtefactConfig`; the last two are found before


def remove_artefacts(
    pixels: UInt8Array,
    config: ArtefactConfig,
    *,
    skin: BoolArray | None = None,
    ruler: BoolArray | None = None,
    card: BoolArray | None = None,
) -> StepResult:
    """Find all kinds that are switched on, and fill them in if asked to.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    config : ArtefactConfig
        Which kinds.
    skin : BoolArray or None
        Where hairs, glints and ink count (H, W); everywhere if None. At its very border only glints count.
    ruler : BoolArray or None
        Where a ruler lies (H, W), if one was found.
    card : BoolArray or None
        Where a colour card lies, likewise.

    Returns
    -------
    StepResult
        The record holds the share of the picture by kind, `None` for a kind that was not looked for, and the share
        of the skin under all of them, `None` without skin. `touched` marks all of them, filled in or not.

    Raises
    ------
    PreprocessingError
        Picture and masks do not fit.

    References
    ----------
    Bertalmio et al. 2001, doi:10.1109/CVPR.2001.990497 (OpenCV's INPAINT_NS).
    """
    check_pixels(pixels)
    for mask in (skin, ruler, card):
        if mask is not None:
            check_mask(mask, pixels)
    masks = {name: find(pixels) for name, find in _FINDERS.items() if getattr(config, name)}
    whole = _whole(skin) if skin is not None else np.ones(pixels.shape[:2], np.bool_)
    if skin is not None:
        masks = _on_skin(masks, skin, whole)
    found_before = {"ruler": ruler, "colour_card": card}
    masks |= {kind: mask for kind, mask in found_before.items() if getattr(config, kind) and mask is not None}
    touched = np.zeros(pixels.shape[:2], np.bool_)
    for mask in masks.values():
        touched |= mask
    shares = {kind: _share(masks[kind]) if kind in masks else None for kind in KINDS}
    covered = round(np.count_nonzero(touched & whole) / np.count_nonzero(whole), 5) if whole.any() else None
    parameters = {"outcome": config.outcome} | shares | {"touched": _share(touched), "touched_of_skin": covered}
    step = PreprocessingStep("artefacts", parameters)
    return StepResult(fill(pixels, touched) if config.outcome == "fill" else pixels, step, touched)


def _whole(skin: BoolArray) -> BoolArray:
    """Skin with what lies on it: strokes of ink and hair are no skin by their colour."""
    marks = skin.astype(np.uint8)
    return cv2.morphologyEx(marks, cv2.MORPH_CLOSE, square(_STROKE_PX, marks)).astype(np.bool_)


def _on_skin(masks: Mapping[str, BoolArray], skin: BoolArray, whole: BoolArray) -> dict[str, BoolArray]:
    """Leave out what lies beside the skin, and hairs and ink at its very border; stamps count everywhere."""
    marks = whole.astype(np.uint8)
    inner = cv2.erode(marks, square(_RIM_PX, marks)).astype(np.bool_)
    within = {"dark_hair": inner, "light_hair": inner, "highlights": skin, "ink": inner}
    return {name: mask & within[name] if name in within else mask for name, mask in masks.items()}


def _share(mask: BoolArray) -> float:
    return round(np.count_nonzero(mask) / mask.size, 5)


def fill(pixels: UInt8Array, mask: BoolArray) -> UInt8Array:
    """Fill marked pixels from their surroundings.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    mask : BoolArray
        (H, W).

    Returns
    -------
    UInt8Array
        (H, W, 3); unmarked pixels are unchanged.

    Raises
    ------
    PreprocessingError
        Picture and mask do not fit.
    """
    check_pixels(pixels)
    check_mask(mask, pixels)
    if not mask.any():
        return pixels
    holes = mask.astype(np.uint8)
    core = cv2.morphologyEx(holes, cv2.MORPH_OPEN, square(_THICK_PX, pixels))
    if core.any():
        # Reconstructed by a margin, so that the whole of a thick thing is filled in one go.
        thick = np.asarray(cv2.dilate(core, square(_THICK_PX, pixels)), np.uint8) & holes
        pixels = np.where(thick[..., None] > 0, _coarse_fill(pixels, holes), pixels)
        holes = holes & ~thick
    return cv2.inpaint(pixels, holes, _RADIUS_PX, cv2.INPAINT_NS).astype(np.uint8, copy=False)


def _coarse_fill(pixels: UInt8Array, holes: UInt8Array) -> UInt8Array:
    height, width = holes.shape
    size = (max(width // 4, 8), max(height // 4, 8))
    coarse_holes = (cv2.resize(holes * 255, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8)
    coarse = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(coarse, coarse_holes, _RADIUS_PX, cv2.INPAINT_NS)
    return cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
