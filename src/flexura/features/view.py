"""What all families measure on: the photo, its lesion, the person's own skin, and two conversions made once.

Own skin is skin outside the lesion and a margin around it: an outline is never exact, and the rim of a lesion is
neither. `FeatureTable` maps the names of a family's features to their units, in their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from flexura.errors import FeatureError
from flexura.records import FeatureVector, FloatArray, UInt8Array

BoolArray = npt.NDArray[np.bool_]
Int32Array = npt.NDArray[np.int32]
FeatureTable = Mapping[str, str]

MIN_PIXELS = 64  # fewer are no sample of a texture or a colour
_MARGIN_SHARE = 0.01  # of the longer side: what an outline may be off by
_SPECK_SHARE = 2e-4  # of the skin: a smaller part is a speck of the outline, not a lesion


@dataclass(frozen=True)
class SkinView:
    """A photo with its masks: the lesion and own skin lie inside the skin and do not meet.

    `lesion_areas` (N,) are those of the connected lesions in px, largest first, specks left out; pixels that touch
    at a corner belong together. `rgb` is sRGB 0-1, `lab` CIELAB (D65) with L* 0-100, `grey` luma 0-255 (ITU-R BT.601).
    """

    pixels: UInt8Array = field(repr=False)
    lesion: BoolArray = field(repr=False)
    skin: BoolArray = field(repr=False)
    own_skin: BoolArray = field(repr=False)
    lesion_areas: Int32Array = field(repr=False)
    rgb: FloatArray = field(repr=False)
    lab: FloatArray = field(repr=False)
    grey: UInt8Array = field(repr=False)


def view_skin(pixels: UInt8Array, lesion: BoolArray, skin: BoolArray) -> SkinView:
    """Check a photo and its masks, and convert what several families need.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    lesion : BoolArray
        (H, W); may be empty. What lies outside the skin is left out.
    skin : BoolArray
        (H, W), with the lesion; may be empty.

    Returns
    -------
    SkinView

    Raises
    ------
    FeatureError
        The picture is not uint8 (H, W, 3), or a mask is not boolean (H, W).
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.size == 0:
        raise FeatureError(f"expected pixels uint8 (H, W, 3); got {pixels.dtype} {pixels.shape}")
    for name, mask in (("lesion", lesion), ("skin", skin)):
        if mask.shape != pixels.shape[:2] or mask.dtype != np.bool_:
            raise FeatureError(f"expected {name} mask bool {pixels.shape[:2]}; got {mask.dtype} {mask.shape}")
    inside = lesion & skin
    reach = 2 * max(1, round(_MARGIN_SHARE * max(lesion.shape))) + 1
    widened = cv2.dilate(inside.astype(np.uint8), np.ones((reach, reach), np.uint8)).astype(np.bool_)
    rgb = np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)
    return SkinView(
        pixels=pixels,
        lesion=inside,
        skin=skin,
        own_skin=skin & ~widened,
        lesion_areas=_connected_areas(inside, smallest=_SPECK_SHARE * int(np.count_nonzero(skin))),
        rgb=rgb,
        lab=np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), np.float32),
        grey=np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8),
    )


def _connected_areas(mask: BoolArray, *, smallest: float) -> Int32Array:
    _, _, statistics, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = np.sort(statistics[1:, cv2.CC_STAT_AREA])[::-1]
    return np.asarray(areas[areas >= smallest], np.int32)


def mean_and_spread(image: FloatArray, mask: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each channel over a mask.

    Parameters
    ----------
    image : FloatArray
        (H, W) or (H, W, C), C at most 4.
    mask : BoolArray
        (H, W).

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Two arrays (C,); NaN where the mask holds fewer than `MIN_PIXELS`.
    """
    channels = 1 if image.ndim == 2 else image.shape[2]
    if np.count_nonzero(mask) < MIN_PIXELS:
        return np.full(channels, np.nan, np.float32), np.full(channels, np.nan, np.float32)
    mean, spread = cv2.meanStdDev(image, mask=mask.view(np.uint8))
    return np.asarray(mean[:, 0], np.float32), np.asarray(spread[:, 0], np.float32)


def bounding_box(mask: BoolArray, margin_px: int = 0) -> tuple[slice, slice]:
    """Rows and columns that hold a mask, widened by a margin within the picture; empty slices for an empty mask."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    if width == 0:
        return slice(0, 0), slice(0, 0)
    rows = slice(max(0, y - margin_px), min(mask.shape[0], y + height + margin_px))
    return rows, slice(max(0, x - margin_px), min(mask.shape[1], x + width + margin_px))


def fill(table: FeatureTable, values: Mapping[str, float]) -> FeatureVector:
    """Lay values in the order of a family's table; a feature without a value is NaN."""
    assert values.keys() <= table.keys(), f"not in the table: {values.keys() - table.keys()}"
    numbers = np.array([values.get(name, np.nan) for name in table], np.float32)
    return FeatureVector(tuple(table), numbers, tuple(table.values()))
