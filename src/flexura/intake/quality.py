"""Whether a photo is good enough to be judged: focus, light, contrast, and skin in view.

Pure measurement of an sRGB uint8 (H, W, 3) picture at one working size; knows nothing of files,
models or diseases. A photo that fails is still a `Photo`: the caller decides what to do with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from flexura.records import FloatArray, Photo, QualityCheck, QualityReport, UInt8Array

BoolArray = npt.NDArray[np.bool_]

# Longest sides at which detail and colour are measured: twice the network's input, so that only the blur
# and grain that the network could notice count, and coarse enough to average grain out of colours.
DETAIL_SIDE_PX = 448
COLOUR_SIDE_PX = 112
_TILE_PX = 32

# Sharpness compares detail of 1-2 px with detail of 2-4 px (standard deviations of the Gaussians, in px).
_FINE_SIGMA, _MIDDLE_SIGMA, _COARSE_SIGMA = 1.0, 2.0, 4.0
_FLAT_VARIANCE = 1.0  # grey levels squared: below this a tile is smooth skin or wall and says nothing of focus
_SHARPEST_PERCENT = 95.0
_BRIGHT_PERCENT, _DARK_PERCENT = 95.0, 5.0

# Plausible skin in CIELAB (D65). In the 642 outlined development photos the 2nd to 98th percentiles of skin
# are hue -42 to 87 degrees, chroma 2.7-46, lightness 6-89 over Fitzpatrick 1-6; the ten Monk swatches have hue
# 49-89 and chroma 3.8-28. Lightness and chroma are widened for very dark and sunlit skin; hue is kept to
# purple-red, orange, brown and sand: blues and greens are shadow or cloth.
_HUE_DEGREES = (-20.0, 95.0)
_CHROMA = (3.0, 55.0)
_LIGHTNESS = (4.0, 98.0)

_CLIPPED_LEVEL = 254  # averaging and JPEG keep a clipped channel from staying at 255
_COLOURED_SPREAD = 8  # levels between the largest and smallest channel; less is white: paper, glint, wall


@dataclass(frozen=True)
class QualityThresholds:
    """Limits of acceptance, found with `benchmarks/quality_thresholds.py`.

    Measured on 2,205 development photos of 448 px; "refused" is the share of them that fails that
    one limit (all five together: 0.4 %, and at most 1.2 % in any Fitzpatrick type), "caught" the share
    of copies made worse in a known step.
    """

    # ratio; refused 0.1 %; caught: blur of 1.5 px 59 %, 2 px 99 %, 3 px 100 %
    min_sharpness: float = 0.72
    # L*; refused 0 %; caught: 3 stops under 2 %, 4 stops 62 %, 5 stops 100 %. Low on purpose: the darkest of
    # 50 well-exposed renderings of Monk 10 has 28, and a higher limit would refuse tones, not faults.
    min_brightness: float = 22.0
    # share of skin; refused 0.1 %; caught: 1 stop over 60 %, 1.5 stops 83 %, 2 stops 96 %
    max_blown: float = 0.2
    # Michelson; refused 0.05 %; caught: contrast reduced to 20 % 47 %, to 10 % 96 %, to 5 % 100 %
    min_contrast: float = 0.2
    # share of the photo; refused 0.1 %; caught: 23 of 27 pictures without human skin
    min_skin: float = 0.2


DEFAULT_THRESHOLDS = QualityThresholds()


@dataclass(frozen=True)
class _Views:
    """The photo at the two working sizes, measured once: RGB uint8, its CIELAB float32, and where skin may be."""

    detail: UInt8Array
    colours: UInt8Array
    lab: FloatArray
    skin: BoolArray


@dataclass(frozen=True)
class _Rule:
    name: str
    measure: Callable[[_Views], float]
    limit: Callable[[QualityThresholds], float]
    is_floor: bool
    unit: str
    reason: str
    advice: str


_RULES = (
    _Rule(
        name="sharpness",
        measure=lambda views: sharpness(views.detail),
        limit=lambda thresholds: thresholds.min_sharpness,
        is_floor=True,
        unit="ratio",
        reason="too_blurred",
        advice="Hold the camera still, let it focus on the skin, and wipe the lens.",
    ),
    _Rule(
        name="exposure_dark",
        measure=lambda views: float(np.percentile(views.lab[..., 0], _BRIGHT_PERCENT)),
        limit=lambda thresholds: thresholds.min_brightness,
        is_floor=True,
        unit="L*",
        reason="too_dark",
        advice="Take the photo in daylight, or switch on more light.",
    ),
    _Rule(
        name="exposure_blown",
        measure=lambda views: blown_share(views.colours, views.skin),
        limit=lambda thresholds: thresholds.max_blown,
        is_floor=False,
        unit="share of skin",
        reason="overexposed",
        advice="Switch off the flash, keep out of direct sun, and tap on the skin so that the camera adjusts to it.",
    ),
    _Rule(
        name="contrast",
        measure=lambda views: contrast(views.lab),
        limit=lambda thresholds: thresholds.min_contrast,
        is_floor=True,
        unit="Michelson",
        reason="low_contrast",
        advice="Wipe the lens, and take the photo in even daylight, not through glass or mist.",
    ),
    _Rule(
        name="skin_coverage",
        measure=lambda views: float(views.skin.mean()),
        limit=lambda thresholds: thresholds.min_skin,
        is_floor=True,
        unit="share of photo",
        reason="not_enough_skin",
        advice="Go closer, so that the skin fills most of the picture, and use white light.",
    ),
)


def check_quality(photo: Photo, thresholds: QualityThresholds = DEFAULT_THRESHOLDS) -> QualityReport:
    """Measure a photo and hold it against the limits.

    Parameters
    ----------
    photo : Photo
        Of any size; larger ones are measured at 448 px on the longest side.
    thresholds : QualityThresholds
        Limits of acceptance.

    Returns
    -------
    QualityReport
        Five checks, always in this order: sharpness, exposure_dark, exposure_blown, contrast,
        skin_coverage.
    """
    views = _views(photo.pixels)
    return QualityReport(checks=tuple(_checked(rule, views, thresholds) for rule in _RULES))


def sharpness(pixels: UInt8Array) -> float:
    """Measure focus as the ratio of fine to coarser detail where there is most of it.

    Blur takes the finest detail first, so the ratio falls with blur whatever the contrast. It is taken
    in tiles of 32 px and the 95th percentile counts: a few hairs, pores or edges in focus are
    enough, and smooth skin or an unfocused background does not count against a photo.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3), both sides at least 32 px.

    Returns
    -------
    float
        About 0.4 (blurred) to 2 (crisp); 0 for a picture without detail.

    References
    ----------
    Crete et al. 2007, The blur effect, doi:10.1117/12.702790 (re-blurring as the yardstick of blur);
    Burt & Adelson 1983, doi:10.1109/TCOM.1983.1095851 (bands as differences of Gaussians).
    """
    fine, middle, coarse = _bands(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    detail = _tile_means((fine - middle) ** 2)
    form = _tile_means((middle - coarse) ** 2)
    return float(np.percentile(np.sqrt(detail / (form + _FLAT_VARIANCE)), _SHARPEST_PERCENT))


def skin_map(lab: FloatArray) -> BoolArray:
    """Mark where the colour is plausible for skin, healthy or inflamed, of any tone.

    A test of colour and coherence alone: wood, sand and fur of skin's colour pass.

    Parameters
    ----------
    lab : FloatArray
        CIELAB (D65), (H, W, 3).

    Returns
    -------
    BoolArray
        (H, W).

    References
    ----------
    Limits measured on the development photos (see the constants); skin's place in CIELAB: Xiao et al.
    2017, doi:10.1111/srt.12295.
    """
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    inside: BoolArray = _within(lab[..., 0], _LIGHTNESS) & _within(chroma, _CHROMA) & _within(hue, _HUE_DEGREES)
    # Skin hangs together: what is narrower than three pixels of 112 is grain, grass or print.
    return np.asarray(cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.bool_)


def contrast(lab: FloatArray) -> float:
    """Measure contrast as light minus dark over light plus dark.

    A ratio of luminances, so that the same relief gives the same contrast on every tone of skin; a
    difference of lightness would refuse dark skin first.

    Parameters
    ----------
    lab : FloatArray
        CIELAB (D65), (H, W, 3).

    Returns
    -------
    float
        0 (one grey) to 1, between the 95th and the 5th percentile.

    References
    ----------
    Michelson 1927, Studies in Optics (contrast); CIE 15:2018, 8.2.1 (luminance from L*).

    Examples
    --------
    >>> lab = np.zeros((1, 100, 3), np.float32)
    >>> lab[:, :50, 0], lab[:, 50:, 0] = 100, 50  # luminance 1 and 0.184
    >>> round(contrast(lab), 2)
    0.69
    """
    light, dark = (_luminance(float(level)) for level in np.percentile(lab[..., 0], (_BRIGHT_PERCENT, _DARK_PERCENT)))
    return (light - dark) / (light + dark) if light > 0 else 0.0


def blown_share(pixels: UInt8Array, skin: BoolArray) -> float:
    """Measure how much of the skin has lost a colour channel to over-exposure.

    Over-exposed skin turns yellow-white: one channel is full while another is not. White walls,
    paper and glints, full in all channels, do not count.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    skin : BoolArray
        (H, W), from `skin_map`.

    Returns
    -------
    float
        0-1; 0 where there is neither skin nor blown colour.
    """
    fullest = pixels.max(axis=2)
    blown = (fullest >= _CLIPPED_LEVEL) & (fullest - pixels.min(axis=2) > _COLOURED_SPREAD)
    area = int((skin | blown).sum())
    return int(blown.sum()) / area if area else 0.0


def _views(pixels: UInt8Array) -> _Views:
    detail = _at_most(pixels, DETAIL_SIDE_PX)
    colours = _at_most(detail, COLOUR_SIDE_PX)
    lab = cv2.cvtColor(colours.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float32, copy=False)
    return _Views(detail=detail, colours=colours, lab=lab, skin=skin_map(lab))


def _checked(rule: _Rule, views: _Views, thresholds: QualityThresholds) -> QualityCheck:
    value, limit = rule.measure(views), rule.limit(thresholds)
    return QualityCheck(
        name=rule.name,
        value=value,
        threshold=limit,
        unit=rule.unit,
        passed=value >= limit if rule.is_floor else value <= limit,
        reason=rule.reason,
        advice=rule.advice,
    )


def _luminance(lightness: float) -> float:
    """CIE 15:2018, equation 8.5 turned round; 0-1."""
    return float(((lightness + 16) / 116) ** 3) if lightness > 8 else lightness * 27 / 24389


def _at_most(pixels: UInt8Array, longest_side: int) -> UInt8Array:
    height, width = pixels.shape[:2]
    scale = longest_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _bands(grey: npt.NDArray[Any]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Blur to three widths, each from the one before: variances of Gaussians add."""
    fine = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _FINE_SIGMA)
    middle = cv2.GaussianBlur(fine, (0, 0), (_MIDDLE_SIGMA**2 - _FINE_SIGMA**2) ** 0.5)
    coarse = cv2.GaussianBlur(middle, (0, 0), (_COARSE_SIGMA**2 - _MIDDLE_SIGMA**2) ** 0.5)
    return np.asarray(fine, np.float32), np.asarray(middle, np.float32), np.asarray(coarse, np.float32)


def _tile_means(energy: FloatArray) -> FloatArray:
    """Mean of each whole tile; what is left at the right and lower edge does not count."""
    rows, columns = (side // _TILE_PX for side in energy.shape)
    tiles = energy[: rows * _TILE_PX, : columns * _TILE_PX].reshape(rows, _TILE_PX, columns, _TILE_PX)
    means: FloatArray = tiles.mean(axis=(1, 3)).ravel()
    return means


def _within(values: FloatArray, limits: tuple[float, float]) -> BoolArray:
    inside: BoolArray = (values > limits[0]) & (values < limits[1])
    return inside
