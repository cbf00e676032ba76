"""Hairs over the skin, dark or light: narrow, straight for a while, long, and apart from each other.

Black-hat and top-hat work on the red channel: melanin of hair takes red light, blood hardly does, so that scratches
and fissures filled with blood stay. All is done on 8-bit levels, comparisons by table, so that a picture of 512 px
costs few milliseconds. Lengths are those at a longest side of 512 px.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import cv2
import numpy as np

from flexura.preprocessing.step import check_pixels, scaled_px, square
from flexura.records import BoolArray, FloatArray, UInt8Array


@dataclass(frozen=True)
class _Kind:
    """How hairs of a kind stand out from the skin.

    `operation` takes them away; `contrast` is the share of the skin's level by which they differ from it; they hold a
    straight piece of `straight_px`, which scale and glints do not.
    """

    operation: int
    contrast: float
    straight_px: int


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "dark": _Kind(cv2.MORPH_CLOSE, contrast=0.2, straight_px=15),
        "light": _Kind(cv2.MORPH_OPEN, contrast=0.22, straight_px=25),
    }
)
_WIDEST_PX = 5
_FOLD_PX, _OF_FOLD = 19, 0.75  # a hair is as dark against this window as against the narrow one; a fold darkens slowly
_DIRECTIONS = 8
_REACH_PX = 5  # around a straight piece: the hair that it belongs to
_LONGER_PX = 30  # diagonal of the whole hair
_FEWEST_LEVELS = 12
# Hairs stand apart; in rough, scaly or furrowed skin dark and light lines lie side by side. Both measured in a window.
_WINDOW_PX = 61
_ABOVE_TEXTURE = 3  # times the mean response around
_SPARSE = 0.25  # share of the window that strong responses may fill

_LEVELS = np.arange(256, dtype=np.float32)


def find_hair(pixels: UInt8Array, kind: Literal["dark", "light"]) -> BoolArray:
    """Mark hairs by the black-hat (dark) or top-hat (grey and blond) of the red channel and their straightness.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    kind : {"dark", "light"}
        Darker or lighter than the skin.

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
    sought = _KINDS[kind]
    strong = _strong_lines(cv2.extractChannel(pixels, 0).astype(np.uint8, copy=False), sought)
    straight = _straight_parts(strong, scaled_px(sought.straight_px, pixels))
    if not cv2.hasNonZero(straight):
        return np.zeros(strong.shape, np.bool_)
    hairs = cv2.bitwise_and(cv2.dilate(straight, square(_REACH_PX, pixels)), strong)
    return cv2.dilate(_long(np.asarray(hairs, np.uint8)), square(3, pixels)).astype(np.bool_)


def _strong_lines(red: UInt8Array, kind: _Kind) -> UInt8Array:
    """Mark, 255 or 0, narrow lines whose response is strong for their ground and surroundings, where they are few."""
    ground = cv2.morphologyEx(red, kind.operation, square(_WIDEST_PX + 2, red))
    response = cv2.absdiff(red, ground)
    in_fold = cv2.absdiff(red, cv2.morphologyEx(red, kind.operation, square(_FOLD_PX, red)))
    narrow = cv2.compare(response, cv2.LUT(in_fold, _table(np.ceil(_OF_FOLD * _LEVELS))), cv2.CMP_GE)
    response = cv2.bitwise_and(response, narrow)
    window = (scaled_px(_WINDOW_PX, red) | 1,) * 2
    above_texture = _table(np.maximum(_ABOVE_TEXTURE * _LEVELS, _FEWEST_LEVELS))
    above_ground = _table(np.floor(np.float32(kind.contrast) * _LEVELS))
    least = cv2.max(cv2.LUT(cv2.blur(response, window), above_texture), cv2.LUT(ground, above_ground))
    strong = cv2.compare(response, least, cv2.CMP_GT)
    sparse = cv2.blur(strong, window) <= 255 * _SPARSE
    return np.where(sparse, strong, 0).astype(np.uint8)


def _table(levels: FloatArray) -> UInt8Array:
    return np.minimum(levels, 255).astype(np.uint8)


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
        centres = cv2.erode(marks, line)
        if cv2.hasNonZero(centres):
            kept |= np.asarray(cv2.dilate(centres, line), np.uint8)
    return kept


def _long(marks: UInt8Array) -> UInt8Array:
    """Keep connected marks of a diagonal that only a hair has; 1 or 0."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    length = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    good = length >= scaled_px(_LONGER_PX, marks)
    good[0] = False
    return np.asarray(good.astype(np.uint8)[labels], np.uint8)
