"""Conversions between sRGB, linear light and CIE Lab, and the Monk Skin Tone swatches.

Linear light is float32 with 1.0 for a perfect diffuse white; Lab is D65, L* 0-100.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from flexura.records import FloatArray, UInt8Array


@dataclass(frozen=True)
class Tone:
    """One step of the Monk scale: its swatch and the melanosome fraction taken for it."""

    swatch: tuple[int, int, int]  # sRGB
    melanin: float  # volume fraction of melanosomes in the epidermis


# Swatches: Monk E. The Monk Skin Tone Scale, 2019, doi:10.31235/osf.io/pdf4c (values as published at skintone.google).
# Melanosome fractions of a 60 um epidermis, ours: spread by the swatches' lightness over 1-17 %, within the range of
# Jacques 2013, doi:10.1088/0031-9155/58/11/R37.
TONES: dict[int, Tone] = {
    1: Tone((246, 237, 228), 0.01),
    2: Tone((243, 231, 219), 0.015),
    3: Tone((247, 234, 208), 0.022),
    4: Tone((234, 218, 186), 0.032),
    5: Tone((215, 189, 150), 0.045),
    6: Tone((160, 126, 86), 0.075),
    7: Tone((130, 92, 67), 0.1),
    8: Tone((96, 65, 52), 0.13),
    9: Tone((58, 49, 42), 0.155),
    10: Tone((41, 36, 32), 0.175),
}


def srgb_to_linear(srgb: UInt8Array) -> FloatArray:
    """Decode sRGB to linear light.

    Parameters
    ----------
    srgb : UInt8Array
        sRGB values 0-255, any shape.

    Returns
    -------
    FloatArray
        Linear light 0-1, the same shape.

    References
    ----------
    IEC 61966-2-1:1999.

    Examples
    --------
    >>> [round(float(value), 4) for value in srgb_to_linear(np.array([0, 188, 255], np.uint8))]
    [0.0, 0.5029, 1.0]
    """
    value = np.arange(256) / 255.0
    table = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return table.astype(np.float32)[srgb]


def linear_to_srgb(linear: FloatArray) -> UInt8Array:
    """Encode linear light as sRGB; what lies outside 0-1 is clipped, as a sensor does.

    Parameters
    ----------
    linear : FloatArray
        Linear light, any shape.

    Returns
    -------
    UInt8Array
        sRGB 0-255, the same shape.

    References
    ----------
    IEC 61966-2-1:1999.
    """
    step = np.arange(16385) / 16384.0
    curve = np.where(step <= 0.0031308, 12.92 * step, 1.055 * step ** (1 / 2.4) - 0.055)
    table = np.rint(curve * 255.0).astype(np.uint8)
    return table[(np.clip(linear, 0.0, 1.0) * 16384.0 + 0.5).astype(np.uint16)]


def rgb_to_lab(srgb: UInt8Array) -> FloatArray:
    """Convert an sRGB picture to CIE Lab (D65).

    Parameters
    ----------
    srgb : UInt8Array
        sRGB (H, W, 3).

    Returns
    -------
    FloatArray
        L* 0-100, a* and b* about -128 to 127, (H, W, 3).
    """
    return np.asarray(cv2.cvtColor(srgb.astype(np.float32) / np.float32(255.0), cv2.COLOR_RGB2LAB), dtype=np.float32)
