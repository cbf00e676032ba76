"""The same skin with more or less melanin: lesion and own skin change alike, so what blood adds to a lesion stays.

Beer-Lambert: melanin adds its absorption to the optical density of every pixel of skin, times a share that is the
same all over; differences of density, and with them the haemoglobin contrast of a lesion, are untouched but for
rounding and clipping. Pictures are sRGB uint8 (H, W, 3), maps float32 (H, W). Gloss lies above the melanin, which is
ignored.
"""

import math

import cv2
import numpy as np

from flexura.features.colour import individual_typology_angle
from flexura.features.pigments import optical_density
from flexura.records import BoolArray, FloatArray, UInt8Array
from flexura.skin import skin_coloured

# Absorption of melanin at the centres of gravity of sRGB's red, green and blue (600, 540, 460 nm) relative to 540 nm:
# wavelength^-3.48, Jacques 1998, omlc.org/spectra/melanin/mua.html.
MELANIN = ((600.0 / 540.0) ** -3.48, 1.0, (460.0 / 540.0) ** -3.48)
# Most density at 540 nm that is added: from the lightest Monk swatch to the darkest it is 1.7.
_MOST = 1.8
# The median skin gets no darker than this L*: the ninth Monk swatch has 20.6, and below it a photo shows no lesion.
_DARKEST_LIGHTNESS = 20.0
_STEPS = 30
_SMALLEST_SKIN = 0.02  # of the view


def change_tone(pixels: UInt8Array, skin: FloatArray | None, *, ita_degrees: float) -> UInt8Array:
    """Make skin lighter or darker by an angle, as if it had less or more melanin.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    skin : FloatArray or None
        Where skin is, 0-1, (h, w) of any size; None or NaN anywhere, unknown: all of the picture changes alike,
        since skin found by colour alone lacks its pale and glossy parts, and these would look depigmented.
    ita_degrees : float
        Change of the individual typology angle of the median skin; below 0 is darker.

    Returns
    -------
    UInt8Array
        The change stops where the model has no such skin: with no melanin left, or at L* 20. A picture with
        hardly any skin, or whose skin is not yellow enough to have an angle, is returned as it is: there is no tone to
        change.

    References
    ----------
    Two pigments as a sum of densities: Tsumura et al. 2003, doi:10.1145/882262.882344. Angle: Chardon et al. 1991,
    doi:10.1111/j.1467-2494.1991.tb00561.x.
    """
    known = skin is not None and not np.isnan(skin).any()
    where = _skin_map(skin, pixels.shape[:2]) if skin is not None and known else np.ones(pixels.shape[:2], np.float32)
    density = optical_density(pixels)
    inside = (where > 0.5) if known else _skin_by_colour(pixels)
    if inside.mean() < _SMALLEST_SKIN:
        return pixels
    colour = np.median(density[inside], axis=0)
    start = _angle(colour)
    if math.isnan(start):
        return pixels
    added = _melanin_for(colour, start + ita_degrees, darker=ita_degrees < 0)
    return _encode(density + np.float32(added) * where[..., None] * np.array(MELANIN, np.float32))


def _skin_map(skin: FloatArray, size: tuple[int, ...]) -> FloatArray:
    """Skin 0-1 (H, W) of the picture's size, with soft edges."""
    known = cv2.resize(np.nan_to_num(skin), (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(known, (0, 0), max(size) / 100), np.float32).clip(0, 1)


def _skin_by_colour(pixels: UInt8Array) -> BoolArray:
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return skin_coloured(np.asarray(lab, np.float32))


def _melanin_for(colour: FloatArray, target_degrees: float, *, darker: bool) -> float:
    """Density at 540 nm to add so that a colour gets an angle, by halving; skin has no melanin below none."""
    melanin = np.array(MELANIN)
    # No channel may become brighter than white.
    low, high = (0.0, _MOST) if darker else (-float((colour / melanin).min()), 0.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        changed = np.asarray(colour + middle * melanin, np.float32)
        angle = _angle(changed)
        # Beyond where the angle is defined, skin is too dark or too pale.
        too_dark = middle > 0 if math.isnan(angle) else angle < target_degrees
        too_dark |= darker and _lab(changed)[0] < _DARKEST_LIGHTNESS
        low, high = (low, middle) if too_dark else (middle, high)
    return (low + high) / 2


def _angle(density: FloatArray) -> float:
    lightness, _, b = _lab(density)
    return individual_typology_angle(lightness, b)


def _lab(density: FloatArray) -> tuple[float, float, float]:
    linear = np.power(10.0, -density).astype(np.float32).reshape(1, 1, 3)
    lightness, a, b = cv2.cvtColor(linear, cv2.COLOR_LRGB2LAB)[0, 0].tolist()
    return lightness, a, b


def _encode(density: FloatArray) -> UInt8Array:
    linear = np.power(np.float32(10), -density)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, np.float32(1 / 2.4)) - 0.055)
    return np.asarray(np.rint(encoded.clip(0, 1) * 255), np.uint8)
