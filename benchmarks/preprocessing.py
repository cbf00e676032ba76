"""Time every preparation step on one thread at 512 and 256 px, beside scikit-image (512 px) where it has the like.

    python benchmarks/preprocessing.py

One process, ours and theirs in turn, medians of several rounds; scikit-image is run less often, being slow. Times are
this thread's processor time, so that a busy machine does not count.
"""

import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
from skimage import color, exposure, feature, morphology, restoration, transform

from flexura.pipeline import MEASURED
from flexura.preprocessing.artefacts import fill, find_highlights
from flexura.preprocessing.background import BackgroundConfig, separate_background, skin_by_colour, skin_by_network
from flexura.preprocessing.colour_card import find_colour_card
from flexura.preprocessing.hairs import find_hair
from flexura.preprocessing.lighting import (
    ColourCastConfig,
    IlluminationConfig,
    correct_colour_cast,
    even_illumination,
)
from flexura.preprocessing.marks import find_ink, find_stamps
from flexura.preprocessing.prepare import PreparationConfig, prepare_pixels
from flexura.preprocessing.ruler import find_ruler
from flexura.preprocessing.scale import ScaleEvidence
from flexura.preprocessing.step import shrunk
from flexura.records import UInt8Array
from flexura.synthesis import SkinSpec, render

SIDES_PX, ROUNDS, SLOW_ROUNDS = (512, 256), 15, 3
Theirs = tuple[str, Callable[[], object]]


def limb(side: int, *, hairs: int) -> UInt8Array:
    """A rendered limb with drawn hairs, brought to a size."""
    pixels = render(SkinSpec(seed=3, tone=5, signs=(2, 1, 1, 1, 0, 1), area=0.3, size=(512, 512))).pixels
    rng = np.random.default_rng(0)
    for _ in range(hairs):
        start = rng.integers(0, 512, 2)
        end = start + rng.integers(-90, 90, 2)
        ends = [(int(point[0]), int(point[1])) for point in (start, end)]
        cv2.line(pixels, ends[0], ends[1], (35, 25, 20), 2, cv2.LINE_AA)
    return shrunk(pixels, side)


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Median processor time of a call in this thread, after one to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        times.append(1000 * (time.thread_time() - start))
    return statistics.median(times)


def steps(pixels: UInt8Array) -> dict[str, Callable[[], object]]:
    """Every step by itself, and whole chains."""
    skin, hairs = skin_by_colour(pixels), find_hair(pixels, "dark")
    evidence, skin_map = ScaleEvidence(site="forearm"), np.ones((36, 36), np.float32)
    return {
        "skin by colour": lambda: skin_by_colour(pixels),
        "skin by network's map": lambda: skin_by_network(skin_map, (pixels.shape[0], pixels.shape[1])),
        "ruler": lambda: find_ruler(pixels),
        "colour card": lambda: find_colour_card(pixels),
        "dark hair": lambda: find_hair(pixels, "dark"),
        "light hair": lambda: find_hair(pixels, "light"),
        "glints": lambda: find_highlights(pixels),
        "ink": lambda: find_ink(pixels),
        "stamps": lambda: find_stamps(pixels),
        "filling": lambda: fill(pixels, hairs),
        "colour cast": lambda: correct_colour_cast(pixels, skin, ColourCastConfig()),
        "illumination": lambda: even_illumination(pixels, skin, IlluminationConfig()),
        "background": lambda: separate_background(pixels, skin, BackgroundConfig(outside="grey")),
        "answer's choice": lambda: prepare_pixels(pixels, MEASURED, evidence=evidence, skin_map=skin_map),
        "everything": lambda: prepare_pixels(pixels, PreparationConfig(), evidence=evidence),
    }


def theirs(pixels: UInt8Array) -> dict[str, Theirs]:
    """What scikit-image has that is like a step."""
    hairs, red = find_hair(pixels, "dark"), np.ascontiguousarray(pixels[..., 0])
    small = np.ones((7, 7), np.uint8)

    def lines() -> object:
        edges = feature.canny(color.rgb2gray(pixels))
        return transform.probabilistic_hough_line(edges)

    return {
        "skin by colour": ("rgb2lab", lambda: color.rgb2lab(pixels)),
        "ruler": ("canny, probabilistic Hough", lines),
        "dark hair": ("black-hat alone", lambda: morphology.black_tophat(red, small)),
        "light hair": ("white top-hat alone", lambda: morphology.white_tophat(red, small)),
        "filling": ("inpaint_biharmonic", lambda: restoration.inpaint_biharmonic(pixels, hairs, channel_axis=-1)),
        "illumination": ("equalize_adapthist", lambda: exposure.equalize_adapthist(pixels)),
    }


def main() -> None:
    """Print the table: a limb with thirty hairs, which all must be followed, and one without."""
    cv2.setNumThreads(1)
    hairy, bald = ([steps(limb(side, hairs=count)) for side in SIDES_PX] for count in (30, 0))
    beside = theirs(limb(SIDES_PX[0], hairs=30))
    heads = [f"{what}, {side}" for what in ("30 hairs", "no hair") for side in SIDES_PX]
    print(f"{'ms':<24}{''.join(f'{head:>14}' for head in heads)}   scikit-image, 512")
    for name in hairy[0]:
        spent = "".join(f"{median_ms(at_side[name], ROUNDS):14.2f}" for at_side in (*hairy, *bald))
        like, work = beside.get(name, ("", None))
        print(f"{name:<24}{spent}" + (f"{median_ms(work, SLOW_ROUNDS):11.1f}  {like}" if work else ""), flush=True)


if __name__ == "__main__":
    main()
