"""Melanin and haemoglobin from the optical density of red and green, after the Beer-Lambert law.

Density is minus log10 of linear light, 1 a perfect white. The two indices are those of skin reflectance meters; the
two maps split the density further, into what each pigment takes away.
Brightness adds the same to every density of a photo, so the differences between lesion and own skin do not know it.
"""

import cv2
import numpy as np

from flexura.features.view import FeatureTable, SkinView, fill, mean_and_spread
from flexura.records import FeatureVector, FloatArray, UInt8Array

# Absorption at 600 and 540 nm, the centres of gravity of sRGB's red and green sensitivity, relative to 540 nm.
# Melanin: wavelength^-3.48 (Jacques 1998, omlc.org/spectra/melanin/mua.html). Haemoglobin, three quarters of it
# oxygenated: molar extinction 6,069 and 51,575 cm-1/M (S. Prahl, omlc.org/spectra/hemoglobin/summary.html).
_MELANIN_RED = (600.0 / 540.0) ** -3.48
_HAEMOGLOBIN_RED = 6069.0 / 51575.0

# Melanin and haemoglobin solve green = m + h, red = 0.693 m + 0.118 h.
_MELANIN = (1 / (_MELANIN_RED - _HAEMOGLOBIN_RED), -_HAEMOGLOBIN_RED / (_MELANIN_RED - _HAEMOGLOBIN_RED))

# What each map weighs the densities of red, green and blue by.
# Melanin index log10(1 / red) and erythema index log10(red / green): Takiwaki 1998, J Med Invest 44:121-126, from
# cameras Yamamoto et al. 2008, doi:10.1111/j.1600-0846.2007.00256.x.
# Pigments as a sum of densities: Tsumura et al. 2003, doi:10.1145/882262.882344.
INDICES: tuple[tuple[str, tuple[float, float, float]], ...] = (
    ("melanin_index", (1.0, 0.0, 0.0)),
    ("erythema_index", (-1.0, 1.0, 0.0)),
    ("melanin", (_MELANIN[0], _MELANIN[1], 0.0)),
    ("haemoglobin", (-_MELANIN[0], 1.0 - _MELANIN[1], 0.0)),
)

PIGMENTS: FeatureTable = {
    "skin_melanin_index": "100 x density",
    "skin_erythema_index": "100 x density",
    "lesion_melanin_index": "100 x density",
    "lesion_erythema_index": "100 x density",
    "delta_melanin_index": "100 x density",
    "delta_erythema_index": "100 x density",
    "delta_melanin": "100 x density at 540 nm",
    "delta_haemoglobin": "100 x density at 540 nm",
    "lesion_melanin_spread": "100 x density at 540 nm",
    "lesion_haemoglobin_spread": "100 x density at 540 nm",
}


def pigment_features(view: SkinView) -> FeatureVector:
    """Measure pigment in own skin and lesion, and between them.

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    FeatureVector
        In the order of `PIGMENTS`.

    References
    ----------
    See `INDICES`.
    """
    maps = pigment_maps(optical_density(view.pixels))
    skin, _ = mean_and_spread(maps, view.own_skin)
    lesion, spread = mean_and_spread(maps, view.lesion)
    numbers = (*skin[:2], *lesion[:2], *(lesion - skin), *spread[2:])
    return fill(PIGMENTS, dict(zip(PIGMENTS, map(float, numbers), strict=True)))


def optical_density(pixels: UInt8Array) -> FloatArray:
    """Decode sRGB to optical density.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3). Level 0, whose density is without bound, counts as half a level.

    Returns
    -------
    FloatArray
        0 (white) to 3.8, (H, W, 3).

    References
    ----------
    IEC 61966-2-1:1999.

    Examples
    --------
    >>> [round(float(density), 3) for density in optical_density(np.array([[[255, 188, 0]]], np.uint8))[0, 0]]
    [0.0, 0.299, 3.819]
    """
    level = np.maximum(np.arange(256), 0.5) / 255
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    table = (-np.log10(linear) + 0.0).astype(np.float32)  # + 0.0: no negative zero for white
    return np.asarray(cv2.LUT(pixels, table), np.float32)


def pigment_maps(density: FloatArray) -> FloatArray:
    """Turn density into the two indices and the two pigments of `INDICES`.

    Parameters
    ----------
    density : FloatArray
        Optical density (H, W, 3).

    Returns
    -------
    FloatArray
        (H, W, 4), in hundredths of density. The erythema index rises with melanin too: compare it with own skin, not
        between people. The pigments are meaningful relative to own skin only: light, gloss and dermis are in both.

    References
    ----------
    See `INDICES`.
    """
    rows = np.array([row for _, row in INDICES], np.float32)
    return np.asarray(cv2.transform(density, 100 * rows), np.float32)
