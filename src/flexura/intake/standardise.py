"""Whatever a decoder gave -> sRGB uint8 (H, W, 3), upright, alpha laid on white, never enlarged.

The order is fixed: 8 bits, white ground, smaller, sRGB, upright; the costly steps see few
pixels. Knows nothing of files. Orientation is applied here and nowhere else, or by the decoder
where it cannot be stopped from doing so (TIFF, HEIC), in which case it arrives here as 1.
"""

import io
from dataclasses import dataclass, field
from types import MappingProxyType

import cv2
import numpy as np
from PIL import Image, ImageCms

from flexura.records import UInt8Array, UInt16Array

SRGB = "sRGB"
UNREADABLE = "unreadable (taken as sRGB)"

_MODES = MappingProxyType({1: "L", 3: "RGB", 4: "CMYK"})
_PROFILE_SPACES = MappingProxyType({"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"})
OTHER = "another embedded profile"
# Profiles of cameras, phones and editors by their description (ICC.1:2022, 9.2.41). Any other description is
# free text, in which a person, clinic or device may be named: the photo is converted and the text stays here.
_KNOWN_NAMES = frozenset(
    {
        "Adobe RGB (1998)",
        "Apple RGB",
        "Coated FOGRA39 (ISO 12647-2:2004)",
        "ColorMatch RGB",
        "Display P3",
        "Dot Gain 20%",
        "eciRGB v2",
        "Generic Gray Gamma 2.2 Profile",
        "Generic RGB Profile",
        "Gray Gamma 2.2",
        "Image P3",
        "ProPhoto RGB",
        "Rec. ITU-R BT.2020-1",
        "ROMM RGB: ISO 22028-2:2013",
        "sRGB IEC61966-2.1",
        "U.S. Web Coated (SWOP) v2",
        "Wide Gamut RGB",
    }
)


@dataclass(frozen=True)
class Raster:
    """Pixels as a decoder gives them, with what is needed to understand them.

    `samples` is grey (H, W), RGB (H, W, 3) or CMYK (H, W, 4; full ink is the largest value),
    uint8 or uint16; `alpha` (H, W) of the same type, largest value opaque; `icc` the embedded profile.
    """

    samples: UInt8Array | UInt16Array = field(repr=False)
    alpha: UInt8Array | UInt16Array | None = field(repr=False)
    icc: bytes | None = field(repr=False)


def standardise(raster: Raster, orientation: int, *, longest_side: int | None) -> tuple[UInt8Array, str]:
    """Bring a decoded picture to the one internal form.

    Parameters
    ----------
    raster : Raster
        The picture as stored in its file.
    orientation : int
        EXIF orientation 1-8 that is still to be applied.
    longest_side : int or None
        Longest side of the result in pixels, if the picture is larger; `None` keeps its size.

    Returns
    -------
    tuple of UInt8Array and str
        sRGB (H, W, 3), and the name of the colour profile converted from.
    """
    samples = eight_bits(raster.samples)
    if raster.alpha is not None:
        samples = on_white(samples, eight_bits(raster.alpha))
    pixels, profile = to_srgb(shrink(samples, longest_side), raster.icc)
    return upright(pixels, orientation), profile


def eight_bits(samples: UInt8Array | UInt16Array) -> UInt8Array:
    """Reduce 16-bit samples to 8 bits by 255/65535, rounded.

    Parameters
    ----------
    samples : UInt8Array or UInt16Array
        Any shape; uint8 passes through.

    Returns
    -------
    UInt8Array
        The same shape.

    References
    ----------
    ISO/IEC 15948 (PNG), 13.12 Sample depth rescaling.

    Examples
    --------
    >>> int(eight_bits(np.array([30000], np.uint16))[0])
    117
    """
    if samples.dtype == np.uint8:
        return samples.astype(np.uint8, copy=False)
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)


def on_white(samples: UInt8Array, alpha: UInt8Array) -> UInt8Array:
    """Lay a picture with straight alpha on white.

    Parameters
    ----------
    samples : UInt8Array
        Grey (H, W) or RGB (H, W, 3).
    alpha : UInt8Array
        Opacity (H, W), 255 opaque.

    Returns
    -------
    UInt8Array
        The same shape as `samples`.

    Examples
    --------
    >>> on_white(np.array([[0, 100]], np.uint8), np.array([[0, 255]], np.uint8)).tolist()
    [[255, 100]]
    """
    opacity = alpha.astype(np.uint16)
    if samples.ndim == 3:
        opacity = opacity[..., None]
    total = samples * opacity + 255 * (255 - opacity)  # at most 65025: fits uint16
    return ((total + 127) // 255).astype(np.uint8)


def shrink(samples: UInt8Array, longest_side: int | None) -> UInt8Array:
    """Average a picture down to a longest side; never enlarge it.

    Parameters
    ----------
    samples : UInt8Array
        (H, W) or (H, W, C).
    longest_side : int or None
        Pixels; `None` changes nothing.

    Returns
    -------
    UInt8Array
        The picture with `max(H, W) == longest_side`, or as it was if that is no smaller.
    """
    height, width = samples.shape[:2]
    longest = max(height, width)
    if longest_side is None or longest <= longest_side:
        return samples
    size = tuple(max(1, round(side * longest_side / longest)) for side in (width, height))
    return cv2.resize(samples, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def upright(pixels: UInt8Array, orientation: int) -> UInt8Array:
    """Undo an EXIF orientation.

    Parameters
    ----------
    pixels : UInt8Array
        (H, W, C) as stored.
    orientation : int
        1-8: where the stored first row and first column lie in the scene.

    Returns
    -------
    UInt8Array
        Upright, contiguous; (W, H, C) for 5-8.

    References
    ----------
    CIPA DC-008 (Exif 3.0), 4.6.5.1.6 Orientation.

    Examples
    --------
    >>> upright(np.array([[[1], [2]]], np.uint8), 6)[:, :, 0].tolist()
    [[1], [2]]
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def to_srgb(samples: UInt8Array, icc: bytes | None) -> tuple[UInt8Array, str]:
    """Convert grey, RGB or CMYK to sRGB through the embedded profile.

    Without a profile grey and RGB are sRGB, and CMYK is taken as ideal inks. With one that cannot be
    used the same holds, and the returned name says so.

    Parameters
    ----------
    samples : UInt8Array
        Grey (H, W), RGB (H, W, 3) or CMYK (H, W, 4), full ink 255.
    icc : bytes or None
        The embedded profile.

    Returns
    -------
    tuple of UInt8Array and str
        sRGB (H, W, 3), and the name of the profile converted from: "sRGB" if there was none
        or it is sRGB by what it does to colours.

    References
    ----------
    ICC.1:2022, 6.2 (relative colorimetric intent); IEC 61966-2-1 (sRGB).
    """
    if icc is None:
        return _without_profile(samples), SRGB if _mode(samples) != "CMYK" else "CMYK without profile"
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if profile.profile.xcolor_space.strip() == "RGB" and _mode(samples) == "L":
            samples = _without_profile(samples)  # an RGB profile on a grey picture is about equal red, green and blue
        if profile.profile.xcolor_space.strip() != _PROFILE_SPACES[_mode(samples)]:
            return _without_profile(samples), UNREADABLE
        transform = _transform(profile, _mode(samples))
        if _mode(samples) == "RGB" and _changes_nothing(transform):
            return samples, SRGB
        return _apply(transform, samples), _name(profile)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _without_profile(samples), UNREADABLE


def _mode(samples: UInt8Array) -> str:
    return _MODES[1 if samples.ndim == 2 else samples.shape[2]]


def _without_profile(samples: UInt8Array) -> UInt8Array:
    match _mode(samples):
        case "L":
            return np.repeat(samples[..., None], 3, axis=2)
        case "CMYK":  # each ink takes its share of the light that the black ink lets through
            light = 255 - samples.astype(np.uint16)
            return ((light[..., :3] * light[..., 3:] + 127) // 255).astype(np.uint8)
        case _:
            return samples


def _transform(profile: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _apply(transform: ImageCms.ImageCmsTransform, samples: UInt8Array) -> UInt8Array:
    picture = ImageCms.applyTransform(Image.fromarray(np.ascontiguousarray(samples), _mode(samples)), transform)
    assert picture is not None  # only in-place transforms give nothing
    return np.asarray(picture)


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether no colour of a coarse grid moves by more than one level: the profile is sRGB, whatever its name."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    return int(np.abs(_apply(transform, grid).astype(np.int16) - grid).max()) <= 1


def _name(profile: ImageCms.ImageCmsProfile) -> str:
    description = ImageCms.getProfileDescription(profile).strip()
    return description if description in _KNOWN_NAMES else OTHER
