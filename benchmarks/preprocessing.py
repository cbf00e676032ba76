"""Time every preparation step on one thread at 512 x 512, beside scikit-image where it has the like.

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

from flexura.preprocessing.artefacts import (
    ArtefactConfig,
    fill,
    find_highlights,
)
from flexura.preprocessing.background import skin_by_colour
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
from flexura.records import UInt8Array
from flexura.synthesis import SkinSpec, render

SIDE_PX, ROUNDS, SLOW_ROUNDS = 512, 15, 3
BUDGET_MS = 40.0


def hairy_limb() -> UInt8Array:
    """A rendered limb with thirty drawn hairs."""
    pixels = render(SkinSpec(seed=3, tone=5, signs=(2, 1, 1, 1, 0, 1), area=0.3, size=(SIDE_PX, SIDE_PX))).pixels
    rng = np.random.default_rng(0)
    for _ in range(30):
        start = rng.integers(0, SIDE_PX, 2)
        end = start + rng.integers(-90, 90, 2)
        ends = [(int(point[0]), int(point[1])) for point in (start, end)]
        cv2.line(pixels, ends[0], ends[1], (35, 25, 20), 2, cv2.LINE_AA)
    return pixels


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Median processor time of a call in this thread, after one to warm up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        times.append(1000 * (time.thread_time() - start))
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    pixels = hairy_limb()
    skin, hairs = skin_by_colour(pixels), find_hair(pixels, "dark")
    red = np.ascontiguousarray(pixels[..., 0])
    config, evidence = PreparationConfig(), ScaleEvidence(site="forearm")
    steps: list[tuple[str, Callable[[], object], str, Callable[[], object] | None]] = [
        ("skin by colour", lambda: skin_by_colour(pixels), "rgb2lab", lambda: color.rgb2lab(pixels)),
        (
            "ruler",
            lambda: find_ruler(pixels),
            "canny + probabilistic Hough",
            lambda: transform.probabilistic_hough_line(  # type: ignore[no-untyped-call]
                feature.canny(color.rgb2gray(pixels))  # type: ignore[no-untyped-call]
            ),
        ),
        (
            "dark hair",
            lambda: find_hair(pixels, "dark"),
            "black-hat alone",
            lambda: morphology.black_tophat(red, np.ones((7, 7), np.uint8)),
        ),
        (
            "light hair",
            lambda: find_hair(pixels, "light"),
            "white top-hat alone",
            lambda: morphology.white_tophat(red, np.ones((7, 7), np.uint8)),
        ),
        ("glints", lambda: find_highlights(pixels), "", None),
        ("ink", lambda: find_ink(pixels), "", None),
        ("stamps", lambda: find_stamps(pixels), "", None),
        ("filling", lambda: fill(pixels, hairs), "", None),
        (
            "colour cast",
            lambda: correct_colour_cast(pixels, skin, ColourCastConfig()),
            "",
            None,
        ),
        (
            "illumination",
            lambda: even_illumination(pixels, skin, IlluminationConfig()),
            "equalize_adapthist",
            lambda: exposure.equalize_adapthist(pixels),
        ),
    ]
    print(f"{'step':<16}{'ms':>8}   scikit-image, ms")
    for name, ours, their_name, theirs in steps:
        spent = median_ms(ours, ROUNDS)
        beside = f"{median_ms(theirs, SLOW_ROUNDS):8.1f}  {their_name}" if theirs else ""
        print(f"{name:<16}{spent:8.2f}   {beside}")
    biharmonic = median_ms(lambda: restoration.inpaint_biharmonic(pixels, hairs, channel_axis=-1), 1)
    print(
        f"{'  filling':<16}{'':>8}   {biharmonic:8.1f}  inpaint_biharmonic, hairs are {hairs.mean():.1%} of the picture"
    )
    whole = median_ms(lambda: prepare_pixels(pixels, config, evidence=evidence), ROUNDS)
    bare = median_ms(lambda: prepare_pixels(pixels, PreparationConfig(artefacts=None), evidence=evidence), ROUNDS)
    print(f"whole chain {whole:.1f} ms (budget {BUDGET_MS:.0f}), without artefacts {bare:.1f} ms; {ArtefactConfig()}")


if __name__ == "__main__":
    main()
