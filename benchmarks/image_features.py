"""Time the image features beside scikit-image's on the same photo, in one run and on one thread.

    python benchmarks/image_features.py

A rendered photo of 512 x 512 px. Turns interleave A B A B; medians of processor time and their ratio. Local binary
patterns and perimeter agree exactly, Gabor energies to 2 %, Lab to 0.15 (`tests/features`); superpixels by nature not.
The Gabor bank is no fair race: scikit-image gives whole response maps, ours only their energies. It is timed on one
filter of each wavelength and multiplied by the six directions.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from skimage.color import rgb2hsv, rgb2lab
from skimage.feature import local_binary_pattern
from skimage.filters import gabor
from skimage.measure import perimeter_crofton
from skimage.segmentation import slic

from flexura.features.edges import perimeter_px
from flexura.features.extract import FAMILIES, extract
from flexura.features.regions import superpixels
from flexura.features.texture import (
    LBP_POINTS,
    LBP_RADII_PX,
    ORIENTATIONS,
    WAVELENGTHS_PX,
    gabor_energies,
    local_binary_patterns,
)
from flexura.features.view import SkinView, view_skin
from flexura.synthesis import SkinSpec, render

ROUNDS = 7
Pair = tuple[str, Callable[[], object], Callable[[], object], int]


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def pairs(view: SkinView) -> tuple[Pair, ...]:
    """Name, ours, scikit-image's, and how many times theirs would have to run."""
    signal = view.grey.astype(np.float32) / np.float32(255)
    patches = len(superpixels(view.lab).pixels)

    def their_gabor() -> None:
        for wavelength in WAVELENGTHS_PX:
            gabor(signal, 1 / wavelength)

    def our_patterns() -> None:
        for radius in LBP_RADII_PX:
            local_binary_patterns(view.grey, LBP_POINTS, radius)

    def their_patterns() -> None:
        for radius in LBP_RADII_PX:
            local_binary_pattern(view.grey, LBP_POINTS, radius, "uniform")

    def their_perimeter() -> None:
        perimeter_crofton(view.lesion, 4)

    return (
        ("Lab", lambda: cv2.cvtColor(view.rgb, cv2.COLOR_RGB2LAB), lambda: rgb2lab(view.pixels), 1),
        ("HSV", lambda: cv2.cvtColor(view.rgb, cv2.COLOR_RGB2HSV), lambda: rgb2hsv(view.pixels), 1),
        ("Gabor energies, 24 filters", lambda: gabor_energies(signal), their_gabor, ORIENTATIONS),
        ("local binary patterns, 3 radii", our_patterns, their_patterns, 1),
        ("perimeter", lambda: perimeter_px(view.lesion), their_perimeter, 1),
        ("superpixels", lambda: superpixels(view.lab), lambda: slic(view.pixels, patches, start_label=0), 1),
    )


def main() -> None:
    """Print a line for each comparison, each family, and the whole."""
    cv2.setNumThreads(1)
    spec = SkinSpec(seed=11, tone=5, signs=(2, 1, 1, 1, 1, 1), area=0.4, size=(512, 512), framing="flat")
    photo = render(spec)
    view = view_skin(photo.pixels, photo.lesion_mask, photo.skin_mask)
    print(f"{'512 x 512 px, one thread':34}{'ours, ms':>10}{'skimage, ms':>13}{'ratio':>8}")
    for name, ours, theirs, times in pairs(view):
        ours()
        rounds = ROUNDS if times == 1 else 1
        turns = [(milliseconds(ours), times * milliseconds(theirs)) for _ in range(rounds)]
        mine, other = (statistics.median(column) for column in zip(*turns, strict=True))
        print(f"{name:34}{mine:10.2f}{other:13.1f}{other / mine:8.1f}")
    for _, measure in FAMILIES:
        spent = [milliseconds(partial(measure, view)) for _ in range(ROUNDS)]
        print(f"{measure.__name__:34}{statistics.median(spent):10.2f}")
    whole = [milliseconds(lambda: extract(photo.pixels, photo.lesion_mask, photo.skin_mask)) for _ in range(ROUNDS)]
    print(f"{'extract, everything':34}{statistics.median(whole):10.2f}   (best {min(whole):.2f})")


if __name__ == "__main__":
    main()
