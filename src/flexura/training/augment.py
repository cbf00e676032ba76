"""Training views of a photo: a crop that keeps labels true, and another camera, light and compression.

Every change is drawn from a generator given by the caller; pictures are sRGB uint8 (H, W, 3),
maps float32 (H, W, 2) in [0, 1], lesion then skin, NaN where unknown.
"""

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from flexura.records import FloatArray, UInt8Array
from flexura.training.skin_tone import change_tone

_CROPS_DRAWN = 12


@dataclass(frozen=True)
class AugmentConfig:
    """How far a view may lie from its photo."""

    # Smallest crop, as a fraction of the photo's area: closer looks like another scale of lesion.
    min_crop_area: float = 0.35
    # Largest stretch of the crop's aspect against the photo's (e-folds); inputs are squeezed squares.
    max_log_aspect: float = 0.3
    quarter_turn_probability: float = 0.25
    # Standard deviations, in e-folds, of gamma, gain per channel, saturation and contrast.
    gamma: float = 0.25
    gain: float = 0.12
    saturation: float = 0.25
    contrast: float = 0.2
    light_gradient: float = 0.25
    blur_probability: float = 0.25
    shrink_probability: float = 0.3
    noise_probability: float = 0.3
    jpeg_probability: float = 0.4
    # Largest change of the skin's typology angle, in degrees, to darker or lighter, by melanin alone; 0 is off.
    tone_ita_degrees: float = 0.0
    # Share of the lesion that a crop must show, where an outline tells it; 0 is off.
    lesion_kept: float = 0.0


def gentler(config: AugmentConfig, strength: float) -> AugmentConfig:
    """Every change of a view scaled by `strength`: 1 is `config`, 0 leaves only flips."""
    scaled = {name: strength * value for name, value in asdict(config).items()}
    kept = {"min_crop_area": 1 - strength * (1 - config.min_crop_area), "lesion_kept": config.lesion_kept}
    return AugmentConfig(**scaled | kept)


def crop_view(
    pixels: UInt8Array, maps: FloatArray, *, side: int, config: AugmentConfig, random: np.random.Generator
) -> tuple[UInt8Array, FloatArray]:
    """A random crop, flip and quarter turn, squeezed to `side`; maps follow, at an eighth of the side."""
    top, left, height, width = _lesion_box(pixels.shape[:2], maps, config=config, random=random)
    pixels, maps = (
        pixels[top : top + height, left : left + width],
        _crop_fraction(maps, pixels.shape[:2], (top, left, height, width)),
    )
    if random.random() < config.quarter_turn_probability:
        turns = int(random.choice([1, 3]))
        pixels, maps = np.rot90(pixels, turns), np.rot90(maps, turns)
    if random.random() < 0.5:
        pixels, maps = pixels[:, ::-1], maps[:, ::-1]
    if random.random() < 0.2:
        pixels, maps = pixels[::-1], maps[::-1]
    shrinks = min(pixels.shape[:2]) >= side
    view = cv2.resize(
        np.ascontiguousarray(pixels), (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    cells = side // 8
    return np.asarray(view, np.uint8), shrink_maps(maps, cells)


def shrink_maps(maps: FloatArray, cells: int) -> FloatArray:
    """Average maps (H, W, 2) over a grid of cells x cells; a cell is NaN where any part of it is."""
    maps = np.ascontiguousarray(maps)
    interpolation = cv2.INTER_AREA if min(maps.shape[:2]) >= cells else cv2.INTER_LINEAR
    return cv2.resize(maps, (cells, cells), interpolation=interpolation).astype(np.float32, copy=False)


def _lesion_box(
    size: tuple[int, ...], maps: FloatArray, *, config: AugmentConfig, random: np.random.Generator
) -> tuple[int, int, int, int]:
    """The first crop drawn that keeps enough of the lesion, or the one that keeps most of it."""
    box = _crop_box(size[0], size[1], config=config, random=random)
    whole = float(np.nansum(maps[..., 0]))
    if config.lesion_kept == 0 or whole == 0:
        return box
    best, share = box, -1.0
    for _ in range(_CROPS_DRAWN):
        kept = float(np.nansum(_crop_fraction(maps[..., :1], size, box))) / whole
        if kept > share:
            best, share = box, kept
        if share >= config.lesion_kept:
            break
        box = _crop_box(size[0], size[1], config=config, random=random)
    return best


def _crop_box(
    height: int, width: int, *, config: AugmentConfig, random: np.random.Generator
) -> tuple[int, int, int, int]:
    area = random.uniform(config.min_crop_area, 1.0)
    stretch = np.exp(random.uniform(-config.max_log_aspect, config.max_log_aspect) / 2)
    crop_height = min(height, max(32, round(height * np.sqrt(area) * stretch)))
    crop_width = min(width, max(32, round(width * np.sqrt(area) / stretch)))
    top = int(random.integers(0, height - crop_height + 1))
    left = int(random.integers(0, width - crop_width + 1))
    return top, left, crop_height, crop_width


def _crop_fraction(maps: FloatArray, photo: tuple[int, ...], box: tuple[int, int, int, int]) -> FloatArray:
    """Crop maps that may have another resolution than the photo."""
    scale_y, scale_x = maps.shape[0] / photo[0], maps.shape[1] / photo[1]
    top, left, height, width = box
    bottom = max(round((top + height) * scale_y), round(top * scale_y) + 1)
    right = max(round((left + width) * scale_x), round(left * scale_x) + 1)
    return maps[round(top * scale_y) : bottom, round(left * scale_x) : right]


def camera_view(
    view: UInt8Array, *, config: AugmentConfig, random: np.random.Generator, skin: FloatArray | None = None
) -> UInt8Array:
    """Another skin tone, then another camera: light, tone curve, colour, focus, size, noise, compression.

    `skin` (h, w), 0-1, says where the tone changes; where it is unknown, it changes all over.
    """
    if config.tone_ita_degrees > 0:
        change = random.uniform(-config.tone_ita_degrees, config.tone_ita_degrees)
        view = change_tone(view, skin, ita_degrees=change)
    view = _recolour(view, config=config, random=random)
    side = view.shape[0]
    if random.random() < config.blur_probability:
        view = np.asarray(cv2.GaussianBlur(view, (0, 0), random.uniform(0.4, 1.6)), np.uint8)
    if random.random() < config.shrink_probability:
        small = int(side * random.uniform(0.4, 0.9))
        shrunk = cv2.resize(view, (small, small), interpolation=cv2.INTER_AREA)
        view = np.asarray(cv2.resize(shrunk, (side, side)), np.uint8)
    if random.random() < config.noise_probability:
        noise = random.normal(0, random.uniform(2, 9), view.shape)
        view = np.clip(view + noise, 0, 255).astype(np.uint8)
    if random.random() < config.jpeg_probability:
        quality = int(random.integers(25, 90))
        _, encoded = cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, quality])
        view = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(view, np.uint8)


def _recolour(view: UInt8Array, *, config: AugmentConfig, random: np.random.Generator) -> UInt8Array:
    picture = view.astype(np.float32) / 255
    picture = picture ** np.float32(np.exp(random.normal(0, config.gamma)))
    gains = np.exp(random.normal(0, config.gain, 3) + random.normal(0, config.gain)).astype(np.float32)
    picture = picture * gains * _light(view.shape[0], config=config, random=random)
    grey = picture.mean(2, keepdims=True)
    picture = grey + (picture - grey) * np.float32(np.exp(random.normal(0, config.saturation)))
    mean = picture.mean()
    picture = mean + (picture - mean) * np.float32(np.exp(random.normal(0, config.contrast)))
    return np.asarray(np.clip(picture * 255, 0, 255), np.uint8)


def _light(side: int, *, config: AugmentConfig, random: np.random.Generator) -> FloatArray:
    """A linear light gradient (side, side, 1) about 1 in a random direction."""
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    angle, strength = random.uniform(0, 2 * np.pi), abs(random.normal(0, config.light_gradient))
    gradient = np.cos(angle) * ramp[None, :] + np.sin(angle) * ramp[:, None]
    return np.asarray(np.clip(1 + strength * gradient, 0.3, 1.7)[..., None], np.float32)
