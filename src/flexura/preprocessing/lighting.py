"""Light put right without washing out redness: colour cast, and uneven illumination.

On skin alone a warm lamp cannot be told from a browner or redder skin, and greying the average of
such a picture greys the skin. The cast is therefore read from a colour card, else from what is grey beside the
skin, and where nothing is, it is left and recorded as unknown. Uneven light is read from the red channel, which
blood hardly changes. Both act by gains on all pixels alike or on neighbours alike, so that lesion and own skin keep
their contrast. Either is measured alone, or taken out too. sRGB uint8 (H, W, 3) in and out; gains are of linear light.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from flexura.preprocessing.step import (
    StepResult,
    check_mask,
    check_pixels,
    check_ranges,
    shrunk,
    to_linear,
    to_srgb,
)
from flexura.records import BoolArray, FloatArray, PreprocessingStep, UInt8Array

COLOUR_CAST, ILLUMINATION = "colour_cast", "illumination"

_LUMINANCE = np.array((0.2126, 0.7152, 0.0722), np.float32)  # IEC 61966-2-1:1999
_CLIPPED_LEVEL, _DARK_LEVEL = 250, 20  # beyond them channels no longer tell the light's colour
_CAST_SIDE_PX = 128
_CARD_MAX_GAIN = 4.0  # beyond, a channel holds too little light to tell one colour from another
_SURFACE_SIDE_PX = 64
_FEWEST_SURFACE_PX = 64  # of 64 px a side: six coefficients need well-spread pixels
_ROBUST_ROUNDS, _ROBUST_WIDTH = (
    4,
    0.15,
)  # re-weightings; log light beyond which a pixel counts as no skin in plain light
_GAMMA = 2.2  # sRGB's curve as one power: gains commute with it


@dataclass(frozen=True)
class ColourCastConfig:
    """How the colour of the light is found, and how far it is taken out where it is."""

    outcome: Literal["measure", "correct"] = "correct"
    grey: Literal["surroundings", "picture"] = "surroundings"  # what is taken to be grey on average
    norm: float = 6.0  # Minkowski norm; Finlayson and Trezzi found 6 best
    strength: float = 0.6  # share (in log) that is taken out: what looks grey may be tinted, as walls often are
    max_gain: float = 1.25  # of a channel, and its inverse
    # Log of channel ratios within which a surrounding pixel may be grey under some lamp. Stronger casts stay: the pale
    # blue and green backdrops of clinics begin at 0.25.
    neutral_width: float = 0.2
    min_share: float = 0.03  # of the picture that must be such pixels


@dataclass(frozen=True)
class IlluminationConfig:
    """How far uneven light is evened out where it is."""

    outcome: Literal["measure", "correct"] = "correct"
    max_gain: float = 1.4  # of linear light, and its inverse
    strength: float = 1.0  # share of the fitted unevenness that is taken out
    min_share: float = 0.1  # of the picture that must be skin


def shades_of_grey(counts: npt.NDArray[np.int64], *, norm: float) -> FloatArray:
    """Estimate the colour of the light as the Minkowski norm of each channel's linear light.

    Parameters
    ----------
    counts : IntArray
        Histograms of sRGB levels (3, 256), not empty.
    norm : float
        1 is grey world, large norms are white patch.

    Returns
    -------
    FloatArray
        Linear red, green and blue (3,).

    References
    ----------
    Finlayson and Trezzi 2004, Shades of gray and colour constancy, Proc. 12th Color Imaging Conference, 37-41.

    Examples
    --------
    >>> counts = np.zeros((3, 256), np.int64)
    >>> counts[0, 255], counts[1, 188], counts[2, 0] = 4, 4, 4
    >>> [round(float(value), 2) for value in shades_of_grey(counts, norm=6)]
    [1.0, 0.5, 0.0]
    """
    powers = to_linear().astype(np.float64) ** norm
    return np.asarray((counts @ powers / counts.sum(axis=1)) ** (1 / norm), np.float32)


def correct_colour_cast(
    pixels: UInt8Array, skin: BoolArray, config: ColourCastConfig, *, card_light: FloatArray | None = None
) -> StepResult:
    """Find the gains that take out the colour of the light, one per channel, and apply them if asked to.

    With `grey="surroundings"` only pixels beside the skin count that may be grey under some usual lamp:
    sheets, walls, paper, grey cloth; drapes and clothes of a colour do not. With "picture" the whole picture is
    taken to be grey, the classical assumption, which fades skin that fills the frame. Light that was read from a colour
    card is known: it goes before either, and the whole of its cast is taken out.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    skin : BoolArray
        (H, W).
    config : ColourCastConfig
        What is grey, and limits.
    card_light : FloatArray or None
        Linear red, green and blue (3,) of a colour card's grey, if one was found.

    Returns
    -------
    StepResult
        The record holds by what the light is known, its channels as shares of its luminance and the gains, or why there
        are none: "no_grey_reference".

    Raises
    ------
    PreprocessingError
        Picture, mask or settings do not fit.

    References
    ----------
    Finlayson and Trezzi 2004 (see `shades_of_grey`); grey pixels as the reference: Huo et al. 2006,
    doi:10.1109/TCE.2006.1649677; one gain per channel: von Kries, Worthey and Brill 1986,
    doi:10.1364/JOSAA.3.001708.
    """
    check_pixels(pixels)
    check_mask(skin, pixels)
    check_ranges(("norm", config.norm, 1, 20), ("strength", config.strength, 0, 1), ("max_gain", config.max_gain, 1, 4))
    check_ranges(("neutral_width", config.neutral_width, 0.01, 2), ("min_share", config.min_share, 0.001, 1))
    parameters: dict[str, float | str | None] = {"outcome": config.outcome, "known_by": "colour_card"}
    strength, max_gain, light = 1.0, _CARD_MAX_GAIN, card_light
    if light is None:
        grey, share = _grey_pixels(pixels, skin, config)
        parameters |= {"known_by": config.grey, "norm": config.norm, "share": round(share, 4)}
        if share < config.min_share:
            parameters |= _named("light") | _named("gain") | {"known_by": None, "reason": "no_grey_reference"}
            return StepResult(pixels, PreprocessingStep(COLOUR_CAST, parameters))
        strength, max_gain = config.strength, config.max_gain
        light = shades_of_grey(_histograms(grey), norm=config.norm)
    light = light / np.float32(light @ _LUMINANCE)
    gains = np.clip(light**-strength, 1 / max_gain, max_gain)
    parameters |= _named("light", light) | _named("gain", gains) | {"reason": None}
    step = PreprocessingStep(COLOUR_CAST, parameters)
    if config.outcome == "measure":
        return StepResult(pixels, step)
    table = np.stack([to_srgb(to_linear() * gain) for gain in gains], axis=-1)  # (256, 3)
    corrected = cv2.LUT(pixels, table[None]).astype(np.uint8, copy=False)
    return StepResult(corrected, step)


def even_illumination(pixels: UInt8Array, skin: BoolArray, config: IlluminationConfig) -> StepResult:
    """Find the smooth, limited gain that takes out slopes, vignettes and broad shadows on skin; apply it if asked to.

    A quadratic surface is fitted to the logarithm of the red light of the skin, robustly, so that dark
    and bright patches do not bend it. Red, because haemoglobin absorbs little of it: a surface of lightness would
    follow a large erythema and fill it up.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    skin : BoolArray
        (H, W).
    config : IlluminationConfig
        Limits.

    Returns
    -------
    StepResult
        The record holds the light on skin, 95th over 5th percentile, and the smallest and largest gain, which are
        limited; or why there is none: "not_enough_skin".

    Raises
    ------
    PreprocessingError
        Picture, mask or settings do not fit.

    References
    ----------
    Shading as a fitted surface of low order: Cavalcanti et al. 2010, Shading attenuation in human skin color
    images, Advances in Visual Computing; red
    light and blood: Jacques 2013, doi:10.1088/0031-9155/58/11/R37; re-weighting: Holland and Welsch 1977,
    doi:10.1080/03610927708827533.
    """
    check_pixels(pixels)
    check_mask(skin, pixels)
    check_ranges(
        ("max_gain", config.max_gain, 1, 4), ("strength", config.strength, 0, 1), ("min_share", config.min_share, 0, 1)
    )
    small = shrunk(np.ascontiguousarray(pixels[..., 0]), _SURFACE_SIDE_PX)
    there = shrunk(skin.astype(np.uint8) * 255, _SURFACE_SIDE_PX) > 250
    usable = there & (small < _CLIPPED_LEVEL) & (small > _DARK_LEVEL)
    share = float(skin.mean())
    if share < config.min_share or usable.sum() < _FEWEST_SURFACE_PX:
        return StepResult(pixels, _illumination_step(config, None))
    surface = _fit_surface(np.log(np.maximum(to_linear(), 1e-4))[small], usable)
    log_gain = config.strength * (np.float32(np.median(surface[usable])) - surface)
    limit = np.float32(np.log(config.max_gain))
    # What is no skin keeps its light; the border between them is soft.
    log_gain = np.clip(log_gain, -limit, limit) * cv2.blur(there.astype(np.float32), (3, 3))
    dark, bright = np.percentile(surface[usable], (5, 95))  # the ends of a fitted surface are its least certain part
    step = _illumination_step(config, np.exp(log_gain[usable]), unevenness=float(np.exp(bright - dark)))
    if config.outcome == "measure":
        return StepResult(pixels, step)
    factor = np.exp(log_gain / np.float32(_GAMMA)).astype(np.float32)
    factor = cv2.resize(factor, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_LINEAR)
    evened = cv2.multiply(pixels, cv2.merge([factor] * 3), dtype=cv2.CV_8U).astype(np.uint8, copy=False)
    return StepResult(evened, step)


def _illumination_step(
    config: IlluminationConfig, gains: FloatArray | None, *, unevenness: float = np.nan
) -> PreprocessingStep:
    """Record the range of the light and of the gains on skin (N,), or that there are none."""
    known = (None,) * 3 if gains is None else (unevenness, float(gains.min()), float(gains.max()))
    names = ("unevenness", "smallest_gain", "largest_gain")
    found = {name: value and round(value, 4) for name, value in zip(names, known, strict=True)}
    reason = "not_enough_skin" if gains is None else None
    return PreprocessingStep(ILLUMINATION, {"outcome": config.outcome} | found | {"reason": reason})


def _named(what: str, channels: FloatArray | tuple[None, ...] = (None,) * 3) -> dict[str, float | None]:
    """Name a value for each channel as the record does."""
    names = (f"{what}_{colour}" for colour in ("red", "green", "blue"))
    return {name: value and round(float(value), 4) for name, value in zip(names, channels, strict=True)}


def _grey_pixels(pixels: UInt8Array, skin: BoolArray, config: ColourCastConfig) -> tuple[UInt8Array, float]:
    """Colours (N, 3) of what is taken to be grey, and which share of the picture that is."""
    small = shrunk(pixels, _CAST_SIDE_PX)
    measurable = _measurable(small)
    if config.grey == "surroundings":
        there = shrunk(skin.astype(np.uint8) * 255, _CAST_SIDE_PX)
        grey = small[measurable & (there == 0)]
        grey = grey[_may_be_grey(grey, config.neutral_width)]
    else:
        grey = small[measurable]
    return grey, len(grey) / measurable.size


def _measurable(pixels: UInt8Array) -> BoolArray:
    brightest = cv2.max(cv2.max(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    darkest = cv2.min(cv2.min(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return np.asarray((brightest < _CLIPPED_LEVEL) & (darkest > _DARK_LEVEL), np.bool_)


def _may_be_grey(colours: UInt8Array, width: float) -> BoolArray:
    """Mark colours (N, 3) whose channels differ no more than under usual lamps."""
    red, green, blue = np.log(np.maximum(to_linear(), 1e-4))[colours].T
    return np.asarray((np.abs(red - green) < width) & (np.abs(blue - green) < width), np.bool_)


def _histograms(colours: UInt8Array) -> npt.NDArray[np.int64]:
    columns = [np.bincount(colours[:, channel], minlength=256) for channel in range(3)]
    return np.asarray(np.stack(columns), np.int64)


def _fit_surface(values: FloatArray, usable: BoolArray) -> FloatArray:
    """Fit 1, x, y, x², xy, y² by re-weighted least squares; evaluated everywhere (h, w)."""
    height, width = values.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    chosen, wanted = basis[usable], values[usable].astype(np.float64)
    weight = np.ones(len(wanted))
    coefficients = np.zeros(6)
    for _ in range(_ROBUST_ROUNDS):
        weighted = chosen * weight[:, None]
        # A little ridge keeps the surface flat where a thin limb says nothing across.
        coefficients[:] = np.linalg.solve(
            weighted.T @ chosen + 1e-3 * len(wanted) * np.diag([0, 1, 1, 1, 1, 1]), weighted.T @ wanted
        )
        residual = wanted - chosen @ coefficients
        weight = 1 / (1 + (residual / _ROBUST_WIDTH) ** 2)  # Cauchy
    return np.asarray(basis @ coefficients, np.float32)
