"""Photos of screens and prints, simulated: what the screen check catches of them, and which good photos it refuses.

    python benchmarks/screens.py DATA [--count N]

DATA is a data folder; the test fold is left out. Good photos are judged as they are. N copies, each of another photo,
are shown on a screen whose layout, pitch, turn, lens and camera are drawn by a fixed seed.
"""

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from flexura.intake.artefacts import periodicity
from flexura.intake.quality import DEFAULT_THRESHOLDS, DETAIL_SIDE_PX
from flexura.preprocessing.step import shrunk
from flexura.records import BoolArray, FloatArray, UInt8Array

_OPTICS_SCALE = 2  # samples of the light along one sensor pixel
_TEST_FOLD = "4"
_LEFT_OUT_SOURCE = "hands_apache2"  # healthy hands of 100 px: intake refuses them for their size
_PITCHES_PX = (1.2, 1.6, 2.0, 2.6, 3.4, 4.4, 6.0, 8.0, 12.0)
_LENSES_PX = (0.6, 0.9, 1.3)
_SENSOR_SCALES = (2, 3, 4)
_QUALITIES = (75, 88, 95)

Layout = Literal["stripes", "diamonds", "dots"]
LAYOUTS: tuple[Layout, ...] = ("stripes", "diamonds", "dots")


@dataclass(frozen=True)
class Screen:
    """How a photo is shown and photographed again.

    `layout`: red, green and blue stripes (LCD), diamonds of which green has twice as many (OLED phones), or printed
    dots. `pitch_px`: sensor pixels a screen pixel; `lens_px`: the lens's blur in sensor pixels; `sensor_scale`: sensor
    pixels along one pixel of the copy; `quality`: of its JPEG.
    """

    pitch_px: float
    turn_degrees: float
    layout: Layout = "stripes"
    lens_px: float = 0.6
    sensor_scale: int = 4
    quality: int = 88


def to_linear(pixels: UInt8Array) -> FloatArray:
    """Undo the sRGB curve (IEC 61966-2-1); 0-1."""
    level = pixels.astype(np.float32) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(light: FloatArray) -> UInt8Array:
    """Apply the sRGB curve and clip, as a camera does."""
    light = np.clip(light, 0, 1)
    level = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * level).astype(np.uint8)


def compressed(pixels: UInt8Array, quality: float) -> UInt8Array:
    """Write as JPEG of a quality of libjpeg's scale, and read again."""
    coded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return np.asarray(cv2.cvtColor(np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB), np.uint8)


def shown_on_screen(pixels: UInt8Array, screen: Screen) -> UInt8Array:
    """Photograph a screen that shows a picture (H, W, 3).

    Its light is blurred by the lens, averaged by the sensor's pixels, seen through a Bayer mosaic, interpolated, made
    smaller and saved as JPEG.
    """
    height, width = (side * screen.sensor_scale for side in pixels.shape[:2])
    light = cv2.resize(to_linear(pixels), (width, height), interpolation=cv2.INTER_LINEAR)
    sensor = to_srgb(np.asarray(light * _screen_light(height, width, screen), np.float32))
    mosaic = sensor[..., 1].copy()
    mosaic[::2, ::2], mosaic[1::2, 1::2] = sensor[::2, ::2, 0], sensor[1::2, 1::2, 2]
    seen = cv2.cvtColor(mosaic, cv2.COLOR_BayerRGGB2RGB)
    small = cv2.resize(seen, pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
    return compressed(np.asarray(small, np.uint8), screen.quality)


def _screen_light(height: int, width: int, screen: Screen) -> FloatArray:
    """Light of a white screen on the sensor (H, W, 3), its mean 1; in strips, to spare memory."""
    seen = np.empty((height, width, 3), np.float32)
    turn, rows = np.radians(screen.turn_degrees), 64
    for top in range(0, height, rows):
        count = min(rows, height - top)
        y, x = np.mgrid[0 : count * _OPTICS_SCALE, 0 : width * _OPTICS_SCALE].astype(np.float32) / _OPTICS_SCALE
        y += top
        across = (x * np.cos(turn) + y * np.sin(turn)) / screen.pitch_px
        down = (y * np.cos(turn) - x * np.sin(turn)) / screen.pitch_px
        light = _lit(across, down, screen.layout).astype(np.float32)
        blurred = cv2.GaussianBlur(light, (0, 0), screen.lens_px * _OPTICS_SCALE)
        seen[top : top + count] = cv2.resize(blurred, (width, count), interpolation=cv2.INTER_AREA)
    return np.asarray(seen / seen.mean(axis=(0, 1)), np.float32)


def _lit(across: FloatArray, down: FloatArray, layout: Layout) -> BoolArray:
    """Where a white screen shines red, green and blue (H, W, 3), by the place in its pixels."""
    if layout == "stripes":
        row = np.abs(down % 1 - 0.5) < 0.42
        return np.stack([row & (np.abs(across % 1 - (colour + 0.5) / 3) < 0.14) for colour in range(3)], axis=2)
    if layout == "dots":
        # Paper shines in all colours but for the dots, of which a mean tone covers half.
        paper = np.hypot(across % 1 - 0.5, down % 1 - 0.5) > 0.4
        return np.repeat(paper[..., None], 3, axis=2)
    green = np.abs(across % 1 - 0.5) + np.abs(down % 1 - 0.5) < 0.3
    column, row_at = np.rint(across), np.rint(down)
    corner = np.abs(across - column) + np.abs(down - row_at) < 0.4
    odd = (column + row_at) % 2 > 0
    return np.stack([corner & ~odd, green, corner & odd], axis=2)


def draw_screen(random: np.random.Generator, layout: Layout) -> Screen:
    """Draw how a photo is shown and photographed."""
    return Screen(
        pitch_px=float(random.choice(_PITCHES_PX)),
        turn_degrees=float(random.uniform(0, 90)),
        layout=layout,
        lens_px=float(random.choice(_LENSES_PX)),
        sensor_scale=int(random.choice(_SENSOR_SCALES)),
        quality=int(random.choice(_QUALITIES)),
    )


def value(pixels: UInt8Array) -> float:
    """What the check measures."""
    return periodicity(shrunk(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8), DETAIL_SIDE_PX))


def read_pictures(data: Path) -> list[UInt8Array]:
    """Photos of folds 0-3 in a fixed, mixed order."""
    with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] != _TEST_FOLD and row["source"] != _LEFT_OUT_SOURCE]
    files = np.random.default_rng(0).permutation(sorted(row["file"] for row in rows))
    return [np.asarray(cv2.imread(str(data / "photos" / file), cv2.IMREAD_COLOR_RGB), np.uint8) for file in files]


def print_rates(title: str, groups: dict[float, list[float]]) -> None:
    """Print by group how many there are, how many are caught, and their values."""
    print(f"{title:24}{'photos':>8}{'caught, %':>11}{'lowest':>8}{'median':>8}")
    for name, values in sorted(groups.items()):
        caught = 100 * np.mean(np.array(values) > DEFAULT_THRESHOLDS.max_periodicity)
        print(f"{name:<24g}{len(values):8}{caught:11.0f}{min(values):8.2f}{np.median(values):8.2f}")


def print_screens(pictures: Sequence[UInt8Array], layout: Layout) -> None:
    """Print what is caught of one layout, by pitch, by the lens and by the camera's pixels."""
    random = np.random.default_rng(LAYOUTS.index(layout))
    drawn = [draw_screen(random, layout) for _ in pictures]
    values = [value(shown_on_screen(picture, screen)) for picture, screen in zip(pictures, drawn, strict=True)]
    print(f"\n{layout}: {100 * np.mean(np.array(values) > DEFAULT_THRESHOLDS.max_periodicity):.0f} % caught")
    for title, part in (("pitch, sensor px", "pitch_px"), ("lens, px", "lens_px"), ("reduction", "sensor_scale")):
        groups: dict[float, list[float]] = {}
        for screen, measured in zip(drawn, values, strict=True):
            groups.setdefault(getattr(screen, part), []).append(measured)
        print_rates(title, groups)


def main() -> None:
    """Print what good photos have and what is caught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--count", type=int, default=120, help="copies of each layout")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    pictures = read_pictures(arguments.data)
    good = np.array([value(picture) for picture in pictures])
    refused = int((good > DEFAULT_THRESHOLDS.max_periodicity).sum())
    print(f"{len(good)} good photos: {refused} refused; median {np.median(good):.2f}, ", end="")
    print(", ".join(f"{percent} % {np.percentile(good, percent):.2f}" for percent in (99, 99.9, 100)))
    for number, layout in enumerate(LAYOUTS):
        print_screens(pictures[number * arguments.count : (number + 1) * arguments.count], layout)


if __name__ == "__main__":
    main()
