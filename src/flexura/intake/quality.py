"""Whether a photo is good enough to be judged: the checks, their limits, and what to do about each.

One table; the measurements are in `focus`, `light`, `artefacts` and `framing`. Knows nothing of files,
models or diseases. A photo that fails is still a `Photo`: the caller decides what to do with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from flexura.intake.artefacts import SMALLEST_GRID_PX, blockiness, noise_level, periodicity
from flexura.intake.focus import Bands, bands, sharpness, steadiness
from flexura.intake.framing import SkinPieces, skin_map, skin_pieces
from flexura.intake.light import BRIGHT_PERCENT, blown_share, colour_cast, contrast
from flexura.records import Bound, FloatArray, Photo, QualityCheck, QualityReport, UInt8Array

# Longest sides at which detail and colour are measured: twice the network's input, so that only the blur
# and grain that the network could notice count, and coarse enough to average grain out of colours.
DETAIL_SIDE_PX = 448
COLOUR_SIDE_PX = 112
_JPEG_BLOCK_PX = 8.0


@dataclass(frozen=True)
class QualityThresholds:
    """Limits of acceptance, in the order of the checks; the curves behind them are in docs/quality.md.

    "Refused" is the share of the 1,770 photos of folds 0-3, 448 px, that fails that one limit (all
    together: 0.4 %, and at most 0.5 % in any Fitzpatrick type), "caught" the share of copies made
    worse in a known step. Both come from `benchmarks/quality_thresholds.py`.
    """

    # L*; refused 0 %; caught: 3 stops under 5 %, 4 stops 53 %, 5 stops 100 %. Low on purpose: the darkest of
    # 50 well-exposed renderings of Monk 10 has 28, and a higher limit would refuse tones, not faults.
    min_brightness: float = 22.0
    # share of skin; refused 0.06 %; caught: 1 stop over 54 %, 1.5 stops 84 %, 2 stops 95 %
    max_blown: float = 0.2
    # decades; refused 0 %; caught: 80 % of simulated LCD screens, 88 % of OLED ones (`benchmarks/screens.py`)
    max_periodicity: float = 1.0
    # share of the photo; refused 0.2 %; caught: photos at 0.4 of their size before a wall 31 %, at 0.3 100 %
    min_largest_piece: float = 0.12
    # share of the photo; refused 0.2 %; caught: 23 of 27 pictures without human skin
    min_skin: float = 0.2
    # ratio; refused 0.1 %; caught: blur of 1.5 px 61 %, 2 px 99 %, 3 px 100 %
    min_sharpness: float = 0.72
    # ratio; refused 0 %; caught: motion of 5 px 32 %, 8 px 98 %, 18 px 100 %; blur of 2 px 0 %
    min_steadiness: float = 0.76
    # Michelson; refused 0.06 %; caught: contrast reduced to 20 % 43 %, to 10 % 94 %, to 5 % 100 %
    min_contrast: float = 0.2
    # grey levels; refused 0.06 %; caught: noise of 12 levels 4 %, 16 levels 98 %
    max_noise: float = 9.0
    # grey levels; refused 0 %; caught: JPEG quality 50 0 %, 30 21 %, 20 86 %, 10 97 %
    max_blockiness: float = 0.4
    # degrees; 1.0 % advised (4.8 % of Fitzpatrick 6); caught: blue light of 24 degrees 66 %, green of 21 97 %,
    # warm of 25 20 %. Only advises.
    max_cast: float = 10.5
    # pieces above 5 % of the photo; 0.3 % advised. Two arms or legs are one person's, so this only advises.
    max_large_pieces: float = 2.0


DEFAULT_THRESHOLDS = QualityThresholds()


@dataclass(frozen=True)
class _Views:
    """The photo and its working sizes, measured once: RGB uint8, grey uint8, CIELAB float32, and where skin may be.

    `grid_px` is the side of a JPEG block in `whole`; `grey` has at most 448 px, `bands` is its detail.
    """

    whole: UInt8Array
    grid_px: float
    grey: UInt8Array
    bands: Bands
    colours: UInt8Array
    lab: FloatArray
    skin: npt.NDArray[np.bool_]
    pieces: SkinPieces


@dataclass(frozen=True)
class _Rule:
    """One check; `measure` gives `None` where the picture cannot tell, and `gates` is whether it refuses."""

    name: str
    measure: Callable[[_Views], float | None]
    limit: Callable[[QualityThresholds], float]
    bound: Bound
    unit: str
    reason: str
    advice: str
    gates: bool = True


# In the order in which advice helps: light first, since too little of it also blurs, grains and hides skin; then what
# the photo shows, then how sharply.
_RULES = (
    _Rule(
        name="exposure_dark",
        measure=lambda views: float(np.percentile(views.lab[..., 0], BRIGHT_PERCENT)),
        limit=lambda thresholds: thresholds.min_brightness,
        bound="at_least",
        unit="L*",
        reason="too_dark",
        advice="Take the photo in daylight, or switch on more light.",
    ),
    _Rule(
        name="exposure_blown",
        measure=lambda views: blown_share(views.colours, views.skin),
        limit=lambda thresholds: thresholds.max_blown,
        bound="at_most",
        unit="share of skin",
        reason="overexposed",
        advice="Switch off the flash, keep out of direct sun, and tap on the skin so that the camera adjusts to it.",
    ),
    _Rule(
        name="screen",
        measure=lambda views: periodicity(views.grey),
        limit=lambda thresholds: thresholds.max_periodicity,
        bound="at_most",
        unit="decades",
        reason="photo_of_screen",
        advice="Photograph the skin itself, or send the original file: this looks like a photo of a screen or print.",
    ),
    _Rule(
        name="nearness",
        measure=lambda views: views.pieces.largest_share,
        limit=lambda thresholds: thresholds.min_largest_piece,
        bound="at_least",
        unit="share of photo",
        reason="too_far_away",
        advice="Go closer: show one part of the body, not a whole person.",
    ),
    _Rule(
        name="skin_coverage",
        measure=lambda views: float(views.skin.mean()),
        limit=lambda thresholds: thresholds.min_skin,
        bound="at_least",
        unit="share of photo",
        reason="not_enough_skin",
        advice="Go closer, so that the skin fills most of the picture, and use white light.",
    ),
    _Rule(
        name="sharpness",
        measure=lambda views: sharpness(views.bands),
        limit=lambda thresholds: thresholds.min_sharpness,
        bound="at_least",
        unit="ratio",
        reason="too_blurred",
        advice="Hold the camera still, let it focus on the skin, and wipe the lens.",
    ),
    _Rule(
        name="steadiness",
        measure=lambda views: steadiness(views.bands),
        limit=lambda thresholds: thresholds.min_steadiness,
        bound="at_least",
        unit="ratio",
        reason="motion_blur",
        advice="Rest the camera or your elbows on something, ask the person to keep still, and use more light.",
    ),
    _Rule(
        name="contrast",
        measure=lambda views: contrast(views.lab),
        limit=lambda thresholds: thresholds.min_contrast,
        bound="at_least",
        unit="Michelson",
        reason="low_contrast",
        advice="Wipe the lens, and take the photo in even daylight, not through glass or mist.",
    ),
    _Rule(
        name="noise",
        measure=lambda views: noise_level(views.grey),
        limit=lambda thresholds: thresholds.max_noise,
        bound="at_most",
        unit="grey levels",
        reason="too_noisy",
        advice="Use more light and do not zoom in: the photo is grainy.",
    ),
    _Rule(
        name="compression",
        measure=lambda views: (
            blockiness(_grey(views.whole), views.grid_px) if views.grid_px >= SMALLEST_GRID_PX else None
        ),
        limit=lambda thresholds: thresholds.max_blockiness,
        bound="at_most",
        unit="grey levels",
        reason="too_compressed",
        advice="Send the original photo from the camera, not a copy from a chat, a web page or a screenshot.",
    ),
    _Rule(
        name="colour_cast",
        measure=lambda views: colour_cast(views.colours),
        limit=lambda thresholds: thresholds.max_cast,
        bound="at_most",
        unit="degrees",
        reason="colour_cast",
        advice="If the colours look wrong, switch off coloured lamps and filters and use daylight. "
        "A strongly coloured background gives this hint too.",
        gates=False,
    ),
    _Rule(
        name="separate_skin",
        measure=lambda views: float(views.pieces.large_count),
        limit=lambda thresholds: thresholds.max_large_pieces,
        bound="at_most",
        unit="pieces",
        reason="several_pieces_of_skin",
        advice="If there are several people or parts of the body in the photo, take one of each alone.",
        gates=False,
    ),
)


def check_quality(photo: Photo, thresholds: QualityThresholds = DEFAULT_THRESHOLDS) -> QualityReport:
    """Measure a photo and hold it against the limits.

    Parameters
    ----------
    photo : Photo
        Of any size; all but compression is measured at 448 px or less on the longest side.
    thresholds : QualityThresholds
        Limits of acceptance.

    Returns
    -------
    QualityReport
        The checks in the order of `QualityThresholds`. Compression is left out of a photo that was
        read at less than half its size: blocks of under 4 px cannot be told from detail.
    """
    views = _views(photo)
    checked = (_checked(rule, views, thresholds) for rule in _RULES)
    return QualityReport(checks=tuple(check for check in checked if check is not None))


def build_colour_tables() -> None:
    """Make OpenCV build its tables of CIELAB, which it does at the first conversion, once for the process.

    It takes a tenth of a second or two on one core: whoever answers on a first photo can have it done meanwhile.
    """
    cv2.cvtColor(np.zeros((1, 1, 3), np.float32), cv2.COLOR_RGB2LAB)


def _views(photo: Photo) -> _Views:
    near = _at_half(photo.pixels) if max(photo.pixels.shape[:2]) >= 2 * DETAIL_SIDE_PX else photo.pixels
    grey = _at_most(_grey(near), DETAIL_SIDE_PX)
    colours = _at_most(near, COLOUR_SIDE_PX)
    lab = cv2.cvtColor(colours.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float32, copy=False)
    skin = skin_map(lab)
    return _Views(
        whole=photo.pixels,
        grid_px=_JPEG_BLOCK_PX * max(photo.pixels.shape[:2]) / max(photo.source.width, photo.source.height),
        grey=grey,
        bands=bands(grey),
        colours=colours,
        lab=lab,
        skin=skin,
        pieces=skin_pieces(skin),
    )


def _checked(rule: _Rule, views: _Views, thresholds: QualityThresholds) -> QualityCheck | None:
    value, limit = rule.measure(views), rule.limit(thresholds)
    if value is None:
        return None
    return QualityCheck(
        name=rule.name,
        value=value,
        threshold=limit,
        unit=rule.unit,
        passed=value >= limit if rule.bound == "at_least" else value <= limit,
        reason=rule.reason,
        advice=rule.advice,
        bound=rule.bound,
        gating=rule.gates,
    )


def _grey(pixels: UInt8Array) -> UInt8Array:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _at_half(pixels: UInt8Array) -> UInt8Array:
    """Average squares of four pixels: the first step towards a small size, twelve times as fast as any other."""
    height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
    return np.asarray(
        cv2.resize(pixels[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA), np.uint8
    )


def _at_most(pixels: npt.NDArray[Any], longest_side: int) -> UInt8Array:
    height, width = pixels.shape[:2]
    scale = longest_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
