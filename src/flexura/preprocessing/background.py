"""Where the skin is, by its colour or by the network's map, and what to do with the rest.

The two ways to find skin are two functions: the caller names one, and neither stands in for the
other. sRGB uint8 (H, W, 3) in, bool (H, W) out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from flexura.errors import PreprocessingError
from flexura.preprocessing.step import (
    StepResult,
    check_mask,
    check_pixels,
    check_ranges,
    enlarged,
    shrunk,
)
from flexura.records import BoolArray, FloatArray, PreprocessingStep, UInt8Array
from flexura.skin import skin_coloured

IntArray = npt.NDArray[np.int64]

_COLOUR_SIDE_PX = 128  # coarse enough to average out hairs, grain and glints

_SMALLEST_PATCH = 0.02  # of the largest patch: smaller ones are things, not skin
_LARGEST_HOLE = 0.015  # of the picture: crusts, scale and ink are on skin; larger holes are clothes
_GREY = 128


@dataclass(frozen=True)
class BackgroundConfig:
    """How the skin is found and what becomes of the rest."""

    method: Literal["colour", "network"] = "colour"
    outside: Literal["keep", "grey"] = "keep"
    threshold: float = 0.5  # of the network's skin probability


def skin_by_colour(pixels: UInt8Array) -> BoolArray:
    """Find skin by colour and coherence: wood, sand and fur of skin's colour pass.

    Small holes are filled, since crusts, scale and ink lie on skin; specks are dropped.

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
    """
    check_pixels(pixels)
    small = shrunk(pixels, _COLOUR_SIDE_PX)
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    return enlarged(_coherent(skin_coloured(lab)), (pixels.shape[0], pixels.shape[1]))


def skin_by_network(skin_map: FloatArray, shape: tuple[int, int], *, threshold: float = 0.5) -> BoolArray:
    """Find skin where a network's map says so.

    Parameters
    ----------
    skin_map : FloatArray
        Probability of skin (h, w), of the whole picture.
    shape : tuple of int
        Height and width of the picture.
    threshold : float
        0-1, exclusive.

    Returns
    -------
    BoolArray
        `shape`.

    Raises
    ------
    PreprocessingError
        The map is no map of probabilities, or the threshold out of its range.
    """
    check_ranges(("threshold", threshold, 0.01, 0.99))
    if skin_map.ndim != 2 or skin_map.size == 0 or not (np.all(skin_map >= 0) and np.all(skin_map <= 1)):
        raise PreprocessingError(f"the skin map has shape {skin_map.shape}; give probabilities 0-1 of shape (h, w)")
    smooth = cv2.resize(skin_map.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth > threshold, np.bool_)


def separate_background(pixels: UInt8Array, skin: BoolArray, config: BackgroundConfig) -> StepResult:
    """Record the share of skin, and grey what is no skin if asked to.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    skin : BoolArray
        (H, W), from `skin_by_colour` or `skin_by_network`, as `config.method` says.
    config : BackgroundConfig
        What becomes of the rest.

    Returns
    -------
    StepResult
        `touched` is what was greyed.

    Raises
    ------
    PreprocessingError
        Picture and mask do not fit.
    """
    check_pixels(pixels)
    check_mask(skin, pixels)
    parameters = {"method": config.method, "outside": config.outside, "skin_share": round(float(skin.mean()), 4)}
    step = PreprocessingStep("background", parameters)
    if config.outside == "keep":
        return StepResult(pixels, step)
    return StepResult(np.where(skin[..., None], pixels, np.uint8(_GREY)), step, ~skin)


def _coherent(inside: BoolArray) -> BoolArray:
    """Drop what is narrower than three pixels of 128 or small beside the largest patch; fill holes."""
    opened = np.asarray(cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    patches = _areas_kept(opened, lambda areas: areas >= _SMALLEST_PATCH * areas.max())
    holes = _areas_kept(1 - patches, lambda areas: areas <= _LARGEST_HOLE * opened.size)
    return (patches | holes).astype(np.bool_)


def _areas_kept(marks: UInt8Array, wanted: Callable[[IntArray], BoolArray]) -> UInt8Array:
    """Keep the connected parts whose area is wanted."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=4)
    if count == 1:
        return marks
    kept = np.concatenate([[False], wanted(np.asarray(stats[1:, cv2.CC_STAT_AREA], np.int64))])
    return np.asarray(kept.astype(np.uint8)[labels], np.uint8)
