"""Marks that people and cameras leave on a picture of skin: surgical ink, and date stamps or burned-in text.

Both give a bool mask (H, W) of an sRGB uint8 (H, W, 3) picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from flexura.preprocessing.step import REFERENCE_SIDE_PX, check_pixels, scaled_px, square
from flexura.records import BoolArray, FloatArray, UInt8Array


@dataclass(frozen=True)
class _Colours:
    """A sector of CIELAB: hue in degrees and chroma.

    All its 8-bit sRGB colours have `by_levels` more of channel `more` than of `less` (counted over the whole cube), so
    that few pixels of a picture need the exact test.
    """

    hue_degrees: tuple[float, float]
    least_chroma: float
    more: int
    less: int
    by_levels: int


# Gentian violet and blue markers. Livid and bruised skin that comes near them in hue has little chroma. Black ink
# is not sought: pigmented lesions, crusts and shadows are as black.
_INK = _Colours((230.0, 325.0), 18.0, more=2, less=1, by_levels=16)
# Characters burned in by a camera: yellow to red of a chroma that skin does not have, or white or black.
_STAMP = _Colours((15.0, 110.0), 62.0, more=0, less=2, by_levels=107)
_SMALLEST_INK_PX = 30  # area, at a longest side of 512 px
_TOGETHER_PX = 11
_WIDEST_STROKE_PX = 17  # what holds a square of this side is cloth
_LARGEST_INK = 0.06  # of the picture: more is a drape or a garment

_WHITE_LEVEL, _BLACK_LEVEL = 238, 16
_CHARACTER_PX = (7, 48)  # height, at a longest side of 512 px
_SLIMMEST, _WIDEST_CHARACTER = 0.12, 1.3  # width over height
_FEWEST_CHARACTERS = 5
_ALIKE = 0.25  # by which heights and feet of neighbours may differ, of the height
_GAP = 1.6  # between neighbours, of the height


@dataclass(frozen=True)
class _Boxes:
    """Left, top, width and height of connected marks (N,), and their labels in the label picture."""

    left: FloatArray
    top: FloatArray
    width: FloatArray
    height: FloatArray
    label: FloatArray


def find_ink(pixels: UInt8Array) -> BoolArray:
    """Mark strokes of blue or violet ink.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).

    Returns
    -------
    BoolArray
        (H, W). Marks that are broad, reach the border or fill much of the picture are cloth, and are left.

    Raises
    ------
    PreprocessingError
        The picture is none.
    """
    check_pixels(pixels)
    marks = _coloured(pixels, _INK).astype(np.uint8)
    if not marks.any():
        return marks.astype(np.bool_)
    # What lies closely together is one thing: a drape may come in pieces.
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(marks, square(_TOGETHER_PX, marks)))
    area = np.bincount(labels.ravel(), weights=marks.ravel(), minlength=len(stats))
    height, width = marks.shape
    left, top, across, down = (stats[:, column] for column in range(4))
    inside = (left > 0) & (top > 0) & (left + across < width) & (top + down < height)
    smallest = _SMALLEST_INK_PX * (max(marks.shape) / REFERENCE_SIDE_PX) ** 2
    good = inside & (area >= smallest) & (area <= _LARGEST_INK * marks.size)
    good[0] = False
    broad = cv2.erode(marks, np.ones((scaled_px(_WIDEST_STROKE_PX, marks),) * 2, np.uint8))
    good[np.unique(labels[broad > 0])] = False
    ink = good.astype(np.uint8)[labels] & cv2.dilate(marks, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.dilate(ink, square(5, marks)), np.bool_)


def find_stamps(pixels: UInt8Array) -> BoolArray:
    """Mark date stamps and other lines of burned-in text.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).

    Returns
    -------
    BoolArray
        (H, W): the characters of every row of at least five that stand on one line, are alike in height
        and follow each other closely.

    Raises
    ------
    PreprocessingError
        The picture is none.
    """
    check_pixels(pixels)
    vivid = _coloured(pixels, _STAMP)
    darkest = cv2.min(cv2.min(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    brightest = cv2.max(cv2.max(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    stamps = np.zeros(pixels.shape[:2], np.uint8)
    fewest_px = _FEWEST_CHARACTERS * scaled_px(_CHARACTER_PX[0], pixels)  # a stroke holds a pixel a row
    for inside in (vivid, darkest >= _WHITE_LEVEL, brightest <= _BLACK_LEVEL):
        if np.count_nonzero(inside) >= fewest_px:
            stamps |= _lines_of_text(np.asarray(inside, np.uint8))
    return cv2.dilate(stamps, square(7, stamps)).astype(np.bool_) if stamps.any() else stamps.astype(np.bool_)


def _lines_of_text(marks: UInt8Array) -> UInt8Array:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(marks, connectivity=8)
    boxes = _character_boxes(np.asarray(stats, np.float32), marks)
    rows = _rows_of_characters(boxes)
    if not rows:
        return np.zeros_like(marks)
    text = np.zeros(len(stats), np.uint8)
    for row in rows:
        text[boxes.label[row].astype(int)] = 1
    return np.asarray(text[labels], np.uint8)


def _character_boxes(stats: FloatArray, marks: UInt8Array) -> _Boxes:
    left, top, width, height, area = (stats[1:, column] for column in range(5))
    low, high = (scaled_px(each, marks) for each in _CHARACTER_PX)
    shape = width / height
    fits = (height >= low) & (height <= high) & (shape >= _SLIMMEST) & (shape <= _WIDEST_CHARACTER)
    fits &= area < 0.9 * width * height + 2 * height  # a full block is no character, but for a stroke such as 1
    chosen = np.flatnonzero(fits)
    chosen = chosen[np.argsort(left[chosen], kind="stable")]
    return _Boxes(left[chosen], top[chosen], width[chosen], height[chosen], (chosen + 1).astype(np.float32))


def _rows_of_characters(boxes: _Boxes) -> list[list[int]]:
    """Chain each box to the next one to its right that is alike; keep chains that are long enough."""
    follows: dict[int, int] = {}
    foot, right = boxes.top + boxes.height, boxes.left + boxes.width
    for index in range(len(boxes.left)):
        tall = boxes.height[index]
        gap = boxes.left - right[index]
        alike = (np.abs(boxes.height - tall) < _ALIKE * tall) & (np.abs(foot - foot[index]) < _ALIKE * tall)
        near = np.flatnonzero(alike & (gap > -0.3 * tall) & (gap < _GAP * tall) & (boxes.left > boxes.left[index]))
        if len(near):
            follows[index] = int(near[0])
    rows = []
    for first in sorted(set(follows) - set(follows.values())):
        row = [first]
        while row[-1] in follows:
            row.append(follows[row[-1]])
        if len(row) >= _FEWEST_CHARACTERS:
            rows.append(row)
    return rows


def _coloured(pixels: UInt8Array, colours: _Colours) -> BoolArray:
    """Mark pixels of a sector of CIELAB."""
    ahead = cv2.subtract(pixels[..., colours.more], pixels[..., colours.less])
    inside = np.asarray(ahead >= colours.by_levels, np.bool_)
    found = pixels[inside]  # (N, 3)
    if len(found) == 0:
        return inside
    lab = cv2.cvtColor(found[None], cv2.COLOR_RGB2LAB)[0].astype(np.float32) - 128
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    low, high = colours.hue_degrees
    inside[inside] = (np.hypot(lab[:, 1], lab[:, 2]) > colours.least_chroma) & (hue > low) & (hue < high)
    return inside
