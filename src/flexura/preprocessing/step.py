"""What every preparation step gives back, and the checks and conversions that all of them share."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from flexura.errors import PreprocessingError
from flexura.records import BoolArray, FloatArray, PreprocessingStep, UInt8Array

REFERENCE_SIDE_PX = 512  # lengths in pixels are given for this longest side
SHORTEST_SIDE_PX = 32  # a picture with a shorter side holds nothing that the steps could measure


@dataclass(frozen=True)
class StepResult:
    """Pixels after a step, its record, and where single pixels were replaced (H, W).

    `touched` is `None` for a step that changes the light of the whole picture or nothing at all.
    """

    pixels: UInt8Array = field(repr=False)
    step: PreprocessingStep
    touched: BoolArray | None = field(default=None, repr=False)


def check_pixels(pixels: UInt8Array) -> None:
    """Refuse what is no sRGB picture.

    Parameters
    ----------
    pixels : UInt8Array
        Should be uint8 (H, W, 3) with sides of at least 32 px.

    Raises
    ------
    PreprocessingError
        It is not.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or min(pixels.shape[:2]) < SHORTEST_SIDE_PX:
        raise PreprocessingError(
            f"the picture is {pixels.dtype} of shape {pixels.shape}; "
            f"give uint8 (H, W, 3), {SHORTEST_SIDE_PX} px or more a side"
        )


def check_mask(mask: BoolArray, pixels: UInt8Array) -> None:
    """Refuse a mask that does not belong to a picture.

    Parameters
    ----------
    mask : BoolArray
        Should be bool (H, W).
    pixels : UInt8Array
        sRGB (H, W, 3).

    Raises
    ------
    PreprocessingError
        The mask is of another type or size.
    """
    if mask.dtype != np.bool_ or mask.shape != pixels.shape[:2]:
        raise PreprocessingError(
            f"the mask is {mask.dtype} of shape {mask.shape}; give bool of shape {pixels.shape[:2]}"
        )


def check_ranges(*rules: tuple[str, float, float, float]) -> None:
    """Refuse a setting outside its range.

    Parameters
    ----------
    *rules : tuple of str, float, float, float
        Name, value, smallest and largest allowed value.

    Raises
    ------
    PreprocessingError
        A value is out of its range, or NaN.
    """
    for name, value, low, high in rules:
        if not low <= value <= high:
            raise PreprocessingError(f"{name} is {value}; give {low} to {high}")


def scaled_px(length_px: float, pixels: npt.NDArray[np.uint8]) -> int:
    """Scale a length that is meant for a longest side of 512 px to a picture.

    Parameters
    ----------
    length_px : float
        At a longest side of 512 px.
    pixels : UInt8Array
        (H, W) or (H, W, 3).

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> scaled_px(9, np.zeros((768, 1024, 3), np.uint8))
    18
    """
    longest: int = max(pixels.shape[:2])
    return max(1, round(length_px * longest / REFERENCE_SIDE_PX))


def square(side_px: int, pixels: npt.NDArray[np.uint8]) -> UInt8Array:
    """Make a square structuring element of an odd side.

    Parameters
    ----------
    side_px : int
        At a longest side of 512 px.
    pixels : UInt8Array
        The picture (H, W) or (H, W, 3) it is for.

    Returns
    -------
    UInt8Array
        (side, side) of ones.

    Examples
    --------
    >>> square(3, np.zeros((300, 512), np.uint8)).shape
    (3, 3)
    """
    side = scaled_px(side_px, pixels) | 1
    return np.ones((side, side), np.uint8)


def shrunk(picture: npt.NDArray[np.uint8], longest_side: int) -> UInt8Array:
    """Reduce a picture by area averaging; one that is small enough comes back as it is.

    Parameters
    ----------
    picture : UInt8Array
        (H, W) or (H, W, 3).
    longest_side : int
        In pixels.

    Returns
    -------
    UInt8Array
        The same number of dimensions.
    """
    height, width = picture.shape[:2]
    scale = longest_side / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def enlarged(mask: BoolArray, shape: tuple[int, int]) -> BoolArray:
    """Bring a mask to another size with smooth borders.

    Parameters
    ----------
    mask : BoolArray
        (h, w).
    shape : tuple of int
        Height and width of the result.

    Returns
    -------
    BoolArray
        `shape`.
    """
    soft = cv2.resize(mask.astype(np.uint8) * 255, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(soft > 127, np.bool_)


def to_linear() -> FloatArray:
    """Give the table from sRGB levels to linear light, (256,), 0-1.

    Returns
    -------
    FloatArray
        (256,).

    References
    ----------
    IEC 61966-2-1:1999.
    """
    level = np.arange(256) / 255.0
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(light: FloatArray) -> UInt8Array:
    """Encode linear light as sRGB levels; what lies outside 0-1 is clipped.

    Parameters
    ----------
    light : FloatArray
        Any shape.

    Returns
    -------
    UInt8Array
        The same shape.

    References
    ----------
    IEC 61966-2-1:1999.
    """
    light = np.clip(light, 0.0, 1.0).astype(np.float32)
    level = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255.0 * level).astype(np.uint8)
