"""The same work by the usual stack, on the same 12 MP photos in one run: Pillow, scikit-image, torch.

    python benchmarks/usual_stack.py [--photos N]

Both sides decode the file, measure texture, colour and regions, and run this network's weights with its 35 diagnoses,
signs and maps. The usual side decodes in full and shrinks after it, calls scikit-image with this package's own
settings at its own size (288 px), and runs the network in torch, eagerly, in float32. It judges no quality and decides
nothing, which flexura does in its time. Times are medians of the photos, each measured in turns; rendered photos.
"""

import argparse
import io
import statistics
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from batch import rendered_photo
from PIL import Image, ImageOps
from skimage.color import rgb2gray, rgb2hsv, rgb2lab
from skimage.feature import local_binary_pattern
from skimage.filters import gabor
from skimage.segmentation import slic

from flexura.clinical.context import CONTEXT_NAMES
from flexura.features import FEATURE_NAMES
from flexura.features.texture import LBP_POINTS, LBP_RADII_PX, ORIENTATIONS, WAVELENGTHS_PX
from flexura.inference.bundle import SHIPPED, load_bundle
from flexura.inference.predictor import Predictor
from flexura.intake.isolated import IsolatedReader
from flexura.model.network import Network, NetworkConfig
from flexura.pipeline import MEASURED_SIDE_PX
from flexura.records import PatientContext, UInt8Array
from flexura.training.datasets import CODES
from flexura.training.start import load_start
from flexura.workflow import Intake, assess_photo

DROPOUT_PASSES: Final = 20


def decode(content: bytes) -> Any:
    """Decode in full and turn upright."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(content)).convert("RGB"))


def features(pixels: UInt8Array) -> None:
    """Colour spaces, Gabor bank, local binary patterns, superpixels."""
    grey = rgb2gray(pixels)
    rgb2lab(pixels)
    rgb2hsv(pixels)
    for wavelength in WAVELENGTHS_PX:
        for turn in range(ORIENTATIONS):
            gabor(grey, frequency=1 / wavelength, theta=np.pi * turn / ORIENTATIONS)
    whole = (grey * 255).astype(np.uint8)
    for radius in LBP_RADII_PX:
        local_binary_pattern(whole, LBP_POINTS, radius, method="uniform")
    slic(pixels, n_segments=200, start_label=0)


class UsualStack:
    """Milliseconds of each step on one photo."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.network = Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES))).eval()
        load_start(self.network, SHIPPED, torch.zeros(1, side, side, 3, dtype=torch.uint8))
        self.unknown = torch.full((1, len(CONTEXT_NAMES)), torch.nan), torch.full((1, len(FEATURE_NAMES)), torch.nan)

    def network_once(self, pixels: torch.Tensor) -> None:
        """One pass."""
        with torch.inference_mode():
            self.network.answer(self.network.look(pixels).pooled, *self.unknown)

    def time(self, content: bytes) -> dict[str, float]:
        """Every step on a photo."""
        spent: dict[str, float] = {}

        def lap(name: str, work: Callable[[], Any]) -> Any:
            start = time.perf_counter()
            made = work()
            spent[name] = 1000 * (time.perf_counter() - start)
            return made

        photo = lap("decode", lambda: decode(content))
        small = lap("shrink", lambda: np.asarray(photo.resize((MEASURED_SIDE_PX, MEASURED_SIDE_PX * 3 // 4))))
        lap("features", lambda: features(small))
        pixels = torch.from_numpy(np.asarray(photo.resize((self.side, self.side)))[None].copy())
        lap("network", lambda: self.network_once(pixels))
        return spent


def main() -> None:
    """Print both sides' medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=8)
    given = parser.parse_args()
    predictor = Predictor(load_bundle())
    usual = UsualStack(predictor.bundle.side)
    ours, theirs = [], []
    with IsolatedReader() as reader:
        for seed in range(given.photos + 1):
            content = rendered_photo(seed)
            start = time.perf_counter()
            assess_photo(content, PatientContext(), predictor=predictor, intake=Intake(reader.read))
            ours.append(1000 * (time.perf_counter() - start))
            theirs.append(usual.time(content))
    # The first photo warms both sides up.
    medians = {name: statistics.median(each[name] for each in theirs[1:]) for name in theirs[0]}
    whole, mine = sum(medians.values()), statistics.median(ours[1:])
    for name, spent in medians.items():
        print(f"usual stack, {name:<10} {spent:8.0f} ms")
    print(f"usual stack, whole      {whole:8.0f} ms, {whole / mine:.1f} times flexura's")
    uncertain = whole + (DROPOUT_PASSES - 1) * medians["network"]
    print(f"  with {DROPOUT_PASSES} dropout passes {uncertain:8.0f} ms, {uncertain / mine:.1f} times (by arithmetic)")
    print(f"flexura, whole answer   {mine:8.0f} ms")


if __name__ == "__main__":
    main()
