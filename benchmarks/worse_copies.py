"""Photos made worse in known steps, to see what the quality checks catch: pure functions of sRGB uint8 (H, W, 3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from screens import compressed, to_linear, to_srgb

from flexura.records import UInt8Array

_WALL = (205, 203, 198)


@dataclass(frozen=True)
class Kind:
    """One way to make photos worse, the check meant for it, its steps, and whether to take every n-th photo only."""

    title: str
    check: str
    worsen: Callable[[UInt8Array, float], UInt8Array]
    steps: Sequence[float]
    every: int = 1


def noisy(pixels: UInt8Array, sigma: float) -> UInt8Array:
    """Add noise of so many levels, independent in every pixel and channel."""
    noise = np.random.default_rng(0).normal(0, sigma, pixels.shape)
    return np.clip(np.round(pixels + noise), 0, 255).astype(np.uint8)


def blurred(pixels: UInt8Array, sigma_px: float) -> UInt8Array:
    """Blur by a Gaussian."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma_px), np.uint8)


def blurred_and_grainy(pixels: UInt8Array, sigma_px: float) -> UInt8Array:
    """Blur, then add grain of 3 levels: a camera's noise is not blurred."""
    return noisy(blurred(pixels, sigma_px), 3)


def moved(pixels: UInt8Array, length_px: float) -> UInt8Array:
    """Blur along a line whose direction comes from the picture."""
    angle = float(pixels[::7, ::7].sum() % 180) * np.pi / 180
    reach = int(np.ceil(length_px))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for along in np.linspace(-(length_px - 1) / 2, (length_px - 1) / 2, 16 * reach + 1):
        x, y = reach + along * np.cos(angle), reach + along * np.sin(angle)
        left, top = int(x), int(y)
        weights = np.outer((1 - y + top, y - top), (1 - x + left, x - left))
        kernel[top : top + 2, left : left + 2] += weights
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT), np.uint8)


def moved_and_grainy(pixels: UInt8Array, length_px: float) -> UInt8Array:
    """Blur along a line, then add grain of 3 levels."""
    return noisy(moved(pixels, length_px), 3)


def exposed(pixels: UInt8Array, stops: float) -> UInt8Array:
    """Change the exposure by so many stops."""
    return to_srgb(to_linear(pixels) * np.float32(2.0**stops))


def flattened(pixels: UInt8Array, share: float) -> UInt8Array:
    """Keep a share of the contrast around the mean colour."""
    mean = pixels.mean(axis=(0, 1))
    return np.asarray(np.round(mean + (pixels - mean) * share), np.uint8)


def _lit(*gains: float) -> Callable[[UInt8Array, float], UInt8Array]:
    """Light of a colour: red, green and blue gains to the power of the step."""
    colour = np.array(gains, np.float32)
    return lambda pixels, strength: to_srgb(to_linear(pixels) * (colour**strength).astype(np.float32))


def compressed_and_reduced(pixels: UInt8Array, quality: float) -> UInt8Array:
    """Write as JPEG, read again at three quarters of the size: a grid of 6 px."""
    copy = compressed(pixels, quality)
    return np.asarray(cv2.resize(copy, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA), np.uint8)


def far_away(pixels: UInt8Array, scale: float) -> UInt8Array:
    """Show the picture so much smaller before a wall."""
    return _hung(pixels, scale, 1)


def several(pixels: UInt8Array, count: float) -> UInt8Array:
    """Show so many copies side by side before a wall."""
    return _hung(pixels, 0.9 / count, int(count))


def _hung(pixels: UInt8Array, scale: float, count: int) -> UInt8Array:
    height, width = pixels.shape[:2]
    wall = np.full_like(pixels, _WALL)
    one = cv2.resize(pixels, None, fx=scale, fy=min(1.0, scale * max(1, count / 2)), interpolation=cv2.INTER_AREA)
    top = (height - one.shape[0]) // 2
    for number in range(count):
        left = int((number + 0.5) * width / count) - one.shape[1] // 2
        wall[top : top + one.shape[0], left : left + one.shape[1]] = one
    return noisy(wall, 2)


WORSE = (
    Kind("blur, px", "sharpness", blurred, (1, 1.5, 2, 3, 4)),
    Kind("blur and grain, px", "sharpness", blurred_and_grainy, (2, 3, 4)),
    Kind("blur, px", "steadiness", blurred, (1, 2, 3)),
    Kind("motion, px", "steadiness", moved, (3, 5, 8, 12, 18)),
    Kind("motion and grain, px", "steadiness", moved_and_grainy, (5, 8, 12, 18)),
    Kind("exposure, stops", "exposure_dark", exposed, (-1, -2, -3, -4, -5)),
    Kind("exposure, stops", "exposure_blown", exposed, (0.5, 1, 1.5, 2, 3)),
    Kind("contrast kept", "contrast", flattened, (0.5, 0.3, 0.2, 0.1, 0.05)),
    Kind("blue light", "colour_cast", _lit(0.6, 0.9, 1.3), (0.5, 1, 1.5, 2)),
    Kind("green light", "colour_cast", _lit(0.7, 1.15, 0.7), (0.5, 1, 1.5, 2)),
    Kind("warm light", "colour_cast", _lit(1.2, 0.9, 0.5), (0.5, 1, 1.5, 2)),
    Kind("noise, levels", "noise", noisy, (4, 8, 12, 16, 24)),
    Kind("JPEG quality", "compression", compressed, (70, 50, 30, 20, 10, 5)),
    Kind("JPEG quality, then 3/4 size", "compression", compressed_and_reduced, (100, 50, 30, 20, 10, 5)),
    Kind("JPEG quality", "screen", compressed, (50, 20, 5), every=4),
    Kind("scale before a wall", "nearness", far_away, (0.8, 0.6, 0.5, 0.4, 0.3, 0.2)),
    Kind("copies before a wall", "separate_skin", several, (1, 2, 3, 4)),
)
