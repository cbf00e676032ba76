"""What lies on or over the skin and is not skin: hairs, glints, ink, stamps, rulers; found and filled in.

Each kind has a function that marks it, bool (H, W); `remove_artefacts` fills what all of them mark
and says how much of the picture that was. Marks are made on the picture as it came. Filled skin is a guess: the
mask goes with the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from flexura.preprocessing.marks import find_ink, find_stamps
from flexura.preprocessing.step import BoolArray, StepResult, check_mask, check_pixels, scaled_px
from flexura.records import PreprocessingStep, UInt8Array

# Hairs. Black-hat and top-hat work on the red channel: melanin of hair takes red light, blood hardly does, so that
# scratches and fissures filled with blood stay. Lengths at a longest side of 512 px.
_WIDEST_HAIR_PX = 5
_FOLD_PX, _OF_FOLD = 19, 0.75  # a hair is as dark against this window as against the narrow one; a fold darkens slowly
_STRAIGHT_PX, _LIGHT_STRAIGHT_PX = 15, 25  # a hair holds a straight piece of this length; scale and glints do not
_DIRECTIONS = 8
_LONGER_PX = 30  # diagonal of the whole hair
_DARKER, _LIGHTER = 0.2, 0.22  # share of the skin's level by which a hair differs from it
_FEWEST_LEVELS = 12
# Hairs stand apart; in rough, scaly or furrowed skin dark and light lines lie side by side. Both measured in a window.
_WINDOW_PX = 61
_ABOVE_TEXTURE = 3.0  # times the mean response around
_SPARSE = 0.25  # share of the window that strong responses may fill

_WINDOWS_PX = (_WIDEST_HAIR_PX + 2, _FOLD_PX)

# Glints. Only where the sensor is full is the skin's colour gone; paler sheen keeps it. White scale is as bright, but
# lies in patches: glints are small and stand apart.
_FULL_LEVEL, _GLINT_LEVELS = 242, 30  # of the darkest channel, and above its surroundings
_STEEP_LEVEL, _STEEP_LEVELS = 225, 110  # the same on dark skin, where a glint need not be full to hide it
_WIDEST_GLINT_PX = 15
_FEW_GLINTS = 0.06  # share of the window that they may fill

_THICK_PX = 11  # what is wider is filled from a quarter-size picture: no texture could be continued so far
_RADIUS_PX = 2
_STROKE_PX = 21
_RIM_PX = 9  # of the skin, where its own shadow is as dark and thin as a hair


@dataclass(frozen=True)
class ArtefactConfig:
    """Which kinds are filled in."""

    dark_hair: bool = True
    light_hair: bool = True
    highlights: bool = True
    ink: bool = True
    stamps: bool = True
    ruler: bool = True


def find_dark_hair(pixels: UInt8Array) -> BoolArray:
    """Mark dark hairs by the black-hat of the red channel and their straightness.

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
    Closing and a test of length: Lee et al. 1997, DullRazor, doi:10.1016/S0010-4825(97)00020-6; red light and
    blood: Jacques 2013, doi:10.1088/0031-9155/58/11/R37.
    """
    check_pixels(pixels)
    red = np.ascontiguousarray(pixels[..., 0])
    closed, wide = (_opened_or_closed(red, cv2.MORPH_CLOSE, side) for side in _WINDOWS_PX)
    response = _narrow(closed - red, wide - red)
    return _hairs(response, closed, _DARKER, straight_px=scaled_px(_STRAIGHT_PX, pixels))


def find_light_hair(pixels: UInt8Array) -> BoolArray:
    """Mark grey and blond hairs by the top-hat of the red channel and their straightness.

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
    The counterpart for light hair of Lee et al. 1997, doi:10.1016/S0010-4825(97)00020-6.
    """
    check_pixels(pixels)
    red = np.ascontiguousarray(pixels[..., 0])
    opened, wide = (_opened_or_closed(red, cv2.MORPH_OPEN, side) for side in _WINDOWS_PX)
    response = _narrow(red - opened, red - wide)
    return _hairs(response, opened, _LIGHTER, straight_px=scaled_px(_LIGHT_STRAIGHT_PX, pixels))


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
    around = cv2.morphologyEx(darkest, cv2.MORPH_OPEN, _square(_WIDEST_GLINT_PX, pixels))
    above = cv2.subtract(darkest, around)
    full = (darkest >= _FULL_LEVEL) & (above >= _GLINT_LEVELS)
    core = (full | ((darkest >= _STEEP_LEVEL) & (above >= _STEEP_LEVELS))).astype(np.uint8)
    window = (scaled_px(_WINDOW_PX, pixels) | 1,) * 2
    core[cv2.blur(core * 255, window) > 255 * _FEW_GLINTS] = 0
    return np.asarray(cv2.dilate(core, _square(5, pixels)), np.bool_)


# In the order of the record.
_FINDERS: dict[str, Callable[[UInt8Array], BoolArray]] = {
    "dark_hair": find_dark_hair,
    "light_hair": find_light_hair,
    "highlights": find_highlights,
    "ink": find_ink,
    "stamps": find_stamps,
}


def remove_artefacts(
    pixels: UInt8Array, config: ArtefactConfig, *, skin: BoolArray | None = None, ruler: BoolArray | None = None
) -> StepResult:
    """Find all kinds that are switched on and fill them in.

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

    Returns
    -------
    StepResult
        The record holds the share of the picture by kind, `None` for a kind that was not looked for.

    Raises
    ------
    PreprocessingError
        Picture and masks do not fit.

    References
    ----------
    Bertalmio et al. 2001, doi:10.1109/CVPR.2001.990497 (OpenCV's INPAINT_NS).
    """
    check_pixels(pixels)
    for mask in (skin, ruler):
        if mask is not None:
            check_mask(mask, pixels)
    masks = {name: find(pixels) for name, find in _FINDERS.items() if getattr(config, name)}
    if skin is not None:
        # Closed first: strokes of ink and hair are no skin by their colour.
        whole = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_CLOSE, _square(_STROKE_PX, pixels))
        inner = cv2.erode(whole, _square(_RIM_PX, pixels)).astype(np.bool_)
        within = {"dark_hair": inner, "light_hair": inner, "highlights": skin, "ink": inner}
        masks = {name: mask & within[name] if name in within else mask for name, mask in masks.items()}
    if config.ruler and ruler is not None:
        masks["ruler"] = ruler
    touched = np.zeros(pixels.shape[:2], np.bool_)
    for mask in masks.values():
        touched |= mask
    kinds = (*_FINDERS, "ruler")
    shares = {kind: round(float(masks[kind].mean()), 5) if kind in masks else None for kind in kinds}
    step = PreprocessingStep("artefacts", shares | {"touched": round(float(touched.mean()), 5)})
    return StepResult(fill(pixels, touched), step, touched)


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
    core = cv2.morphologyEx(holes, cv2.MORPH_OPEN, _square(_THICK_PX, pixels))
    if core.any():
        # Reconstructed by a margin, so that the whole of a thick thing is filled in one go.
        thick = np.asarray(cv2.dilate(core, _square(_THICK_PX, pixels)), np.uint8) & holes
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


def _square(side_px: int, pixels: UInt8Array) -> UInt8Array:
    side = scaled_px(side_px, pixels) | 1
    return np.ones((side, side), np.uint8)


def _opened_or_closed(channel: UInt8Array, operation: int, side_px: int) -> UInt8Array:
    """Grey-level opening, never above the channel, or closing, never below it."""
    return np.asarray(cv2.morphologyEx(channel, operation, _square(side_px, channel)), np.uint8)


def _narrow(response: UInt8Array, wide: UInt8Array) -> UInt8Array:
    """Keep responses that a wider window would not make much larger."""
    return np.asarray(np.where(response >= _OF_FOLD * wide.astype(np.float32), response, 0), np.uint8)


def _hairs(response: UInt8Array, ground: UInt8Array, contrast: float, *, straight_px: int) -> BoolArray:
    """Keep responses that are strong for their ground and surroundings, straight for a while, and long."""
    window = (scaled_px(_WINDOW_PX, response) | 1,) * 2
    around = np.asarray(cv2.blur(response, window), np.float32)
    floor = np.maximum(around * np.float32(_ABOVE_TEXTURE), np.float32(_FEWEST_LEVELS))
    strong = ((response > floor) & (response > np.float32(contrast) * ground)).astype(np.uint8)
    crowded = cv2.blur(strong * 255, window) > 255 * _SPARSE
    strong[crowded] = 0
    straight = _straight_parts(strong, straight_px)
    if not straight.any():
        return np.zeros(response.shape, np.bool_)
    reach = scaled_px(5, response) | 1
    hairs = np.asarray(cv2.dilate(straight, np.ones((reach, reach), np.uint8)), np.uint8) & strong
    kept = _long(hairs)
    return np.asarray(cv2.dilate(kept, _square(3, response)), np.bool_)


def _straight_parts(marks: UInt8Array, length_px: int) -> UInt8Array:
    """Union of openings by lines in eight directions: what contains no straight line goes."""
    kept = np.zeros_like(marks)
    side = length_px | 1
    for step in range(_DIRECTIONS):
        angle = np.pi * step / _DIRECTIONS
        reach = side // 2
        tip = round(reach * np.cos(angle)), round(reach * np.sin(angle))
        line = np.zeros((side, side), np.uint8)
        cv2.line(line, (reach - tip[0], reach - tip[1]), (reach + tip[0], reach + tip[1]), 1)
        kept |= np.asarray(cv2.morphologyEx(marks, cv2.MORPH_OPEN, line), np.uint8)
    return kept


def _long(marks: UInt8Array) -> UInt8Array:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    length = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    good = length >= scaled_px(_LONGER_PX, marks)
    good[0] = False
    return good.astype(np.uint8)[labels] if count > 1 else np.zeros_like(marks)
