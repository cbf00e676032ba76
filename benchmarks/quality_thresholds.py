"""Rates behind the table `QualityThresholds`: photos refused, made-worse copies and skinless pictures caught.

Run: `python benchmarks/quality_thresholds.py DATA` with the folder that holds `photos.csv` and `photos/`.
Nothing is written. Healthy hands of 100 px are left out: intake refuses them for their size.
"""

import argparse
import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import skimage
from PIL import Image

from flexura.intake.quality import check_quality
from flexura.intake.read import IntakeLimits, read_photo
from flexura.records import FloatArray, Photo, PhotoSource, QualityReport, UInt8Array

_LEFT_OUT_SOURCE = "hands_apache2"
_ANY_SIZE = IntakeLimits(min_side_px=64)
_NO_SOURCE = PhotoSource("", "none", 1, 1, 1, "sRGB")
_SKINLESS = (
    "brick",
    "camera",
    "cell",
    "chelsea",
    "chessboard_GRAY",
    "clock_motion",
    "coffee",
    "coins",
    "color",
    "grass",
    "gravel",
    "horse",
    "hubble_deep_field",
    "ihc",
    "logo",
    "moon",
    "motorcycle_left",
    "page",
    "phantom",
    "retina",
    "rocket",
    "text",
)


def to_linear(pixels: UInt8Array) -> FloatArray:
    """Undo the sRGB curve (IEC 61966-2-1); 0-1."""
    level = pixels.astype(np.float32) / 255
    return np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(light: FloatArray) -> UInt8Array:
    """Apply the sRGB curve and clip, as a camera does."""
    light = np.clip(light, 0, 1)
    level = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * level).astype(np.uint8)


def blurred(pixels: UInt8Array, sigma_px: float) -> UInt8Array:
    """Blur by a Gaussian."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma_px), np.uint8)


def blurred_and_grainy(pixels: UInt8Array, sigma_px: float) -> UInt8Array:
    """Blur, then add grain of 3 levels: a camera's noise is not blurred."""
    grain = np.random.default_rng(0).normal(0, 3, pixels.shape)
    return np.clip(np.round(blurred(pixels, sigma_px) + grain), 0, 255).astype(np.uint8)


def exposed(pixels: UInt8Array, stops: float) -> UInt8Array:
    """Change the exposure by so many stops."""
    return to_srgb(to_linear(pixels) * np.float32(2.0**stops))


def flattened(pixels: UInt8Array, share: float) -> UInt8Array:
    """Keep a share of the contrast around the mean colour."""
    mean = pixels.mean(axis=(0, 1))
    return np.asarray(np.round(mean + (pixels - mean) * share), np.uint8)


WORSE: Sequence[tuple[str, str, Callable[[UInt8Array, float], UInt8Array], Sequence[float]]] = (
    ("blur, px", "sharpness", blurred, (1, 1.5, 2, 3, 4)),
    ("blur and grain, px", "sharpness", blurred_and_grainy, (2, 3, 4)),
    ("exposure, stops", "exposure_dark", exposed, (-1, -2, -3, -4, -5)),
    ("exposure, stops", "exposure_blown", exposed, (0.5, 1, 1.5, 2, 3)),
    ("contrast kept", "contrast", flattened, (0.5, 0.3, 0.2, 0.1, 0.05)),
)


def failed(report: QualityReport) -> set[str]:
    """Names of the checks that did not pass."""
    return {check.name for check in report.checks if not check.passed}


def read_rows(data: Path) -> list[Mapping[str, str]]:
    """Rows of `photos.csv` that are judged."""
    with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["source"] != _LEFT_OUT_SOURCE]


def print_refusals(rows: Sequence[Mapping[str, str]], reports: Sequence[set[str]]) -> None:
    """Share of real photos refused, over all and by source and skin type, and by which check."""
    names = ("sharpness", "exposure_dark", "exposure_blown", "contrast", "skin_coverage")
    print(f"{'refused, %':28}{'photos':>8}{'any':>8}" + "".join(f"{name:>16}" for name in names))
    groups = {"all": list(range(len(rows)))}
    for index, row in enumerate(rows):
        groups.setdefault(f"source {row['source']}", []).append(index)
        if skin_type := row["skin_type"].removeprefix("FST"):
            groups.setdefault(f"Fitzpatrick {skin_type}", []).append(index)
    for group, indices in sorted(groups.items()):
        chosen = [reports[index] for index in indices]
        shares = [np.mean([bool(one) for one in chosen]), *(np.mean([name in one for one in chosen]) for name in names)]
        print(f"{group:28}{len(chosen):8}{100 * shares[0]:8.2f}" + "".join(f"{100 * s:16.2f}" for s in shares[1:]))


def print_catches(photos: Sequence[Photo]) -> None:
    """Share of made-worse copies that fail the check meant for them."""
    for title, name, worsen, steps in WORSE:
        for step in steps:
            caught = [name in failed(check_quality(Photo(worsen(p.pixels, step), _NO_SOURCE))) for p in photos]
            print(f"{title:20}{step:>6}  {name:16} caught {100 * np.mean(caught):6.1f} % of {len(photos)}")


def skinless() -> Iterator[tuple[str, UInt8Array]]:
    """scikit-image's sample pictures that show no human skin, and drawn noise and sky."""
    for stem in _SKINLESS:
        path = next((Path(skimage.__file__).parent / "data").glob(f"{stem}.*"))
        yield stem, np.asarray(Image.open(path).convert("RGB"), np.uint8)
    rng = np.random.default_rng(0)
    yield "noise, colour", rng.integers(0, 256, (300, 400, 3), dtype=np.uint8)
    yield "noise, grey", np.repeat(rng.integers(0, 256, (300, 400, 1), dtype=np.uint8), 3, axis=2)
    slope = np.linspace(0, 1, 300, dtype=np.float32)[:, None, None]
    yield "sky", np.broadcast_to(slope * (200, 220, 245) + (1 - slope) * (60, 110, 200), (300, 400, 3)).astype(np.uint8)
    yield "white", np.full((300, 400, 3), 255, np.uint8)
    yield "black", np.zeros((300, 400, 3), np.uint8)


def main() -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with photos.csv and photos/")
    parser.add_argument("--every", type=int, default=6, help="make worse copies of every n-th photo")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = read_rows(arguments.data)
    photos = [read_photo((arguments.data / "photos" / row["file"]).read_bytes(), limits=_ANY_SIZE) for row in rows]
    start = time.perf_counter()
    reports = [failed(check_quality(photo)) for photo in photos]
    print(f"{(time.perf_counter() - start) / len(photos) * 1000:.2f} ms a photo of 448 px")
    print_refusals(rows, reports)
    print_catches(photos[:: arguments.every])
    outcomes = {name: failed(check_quality(Photo(pixels, _NO_SOURCE))) for name, pixels in skinless()}
    caught = [name for name, checks in outcomes.items() if "skin_coverage" in checks]
    print(f"without skin: {len(caught)} of {len(outcomes)} refused; accepted: {sorted(set(outcomes) - set(caught))}")


if __name__ == "__main__":
    main()
