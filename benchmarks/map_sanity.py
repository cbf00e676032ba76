"""Whether the lesion map, or the attention, tells what the network learned and what its answer rests on.

    python benchmarks/map_sanity.py DATA [--of attention] [--count 40] [--bundle FOLDER]

DATA holds `photos.csv` and `photos/`. Photos of eczema of folds 0-3 that the shipped recipe keeps for calibration (one
patient in twelve), which trained no weights; whatever the quality gate says of them. Context and measured features are
unknown throughout: on a filled place they would measure the filling. Printed:

- how like the map is to that of the same network when its weights are shuffled within each layer, from the last layer
  to the first, and to the network's map of the next photo (Adebayo 2018, arXiv 1810.03292);
- of the lesion map, how far the log odds of eczema fall when lesion is hidden, and when as much other skin of the same
  photo is, both by random blobs under the same filling;
- the mean probability of eczema while the photo is hidden, or shown, bit by bit: by the map and by random blobs
  (deletion and insertion, Petsiuk 2018, arXiv 1806.07421).
"""

import argparse
import csv
import hashlib
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import softmax
from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import Bundle, load_bundle
from flexura.inference.predictor import Engine, Predictor
from flexura.monitoring.intervals import bootstrap_interval
from flexura.pipeline import squeeze
from flexura.records import FloatArray, Look, UInt8Array

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Fill = Callable[[UInt8Array], UInt8Array]

TEST_FOLD: Final = "4"
ONE_IN: Final = 12
ECZEMAS: Final = frozenset(label.code for label in TAXONOMY if label.group == ECZEMA_GROUP)
LAYERS: Final = ("attention", "layer4", "layer3", "layer2", "layer1", "conv1")
# A region smaller than this share of the picture is not worth hiding.
SMALLEST_REGION: Final = 0.02
DRAWS: Final = 2
HIDDEN: Final = (0.1, 0.3, 0.6)
# Size of the random blobs, as a share of the side.
BLOB: Final = 0.08


def kept(data: Path, count: int) -> list[tuple[Path, str]]:
    """Photos of eczema kept for calibration, with their patients."""
    with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] != TEST_FOLD and row["code"] in ECZEMAS]
    own = [row for row in rows if int(hashlib.sha256(row["group"].encode()).hexdigest(), 16) % ONE_IN == 0]
    return [(data / "photos" / row["file"], row["group"]) for row in own[:count]]


def shuffled(bundle: Bundle, layers: Sequence[str], folder: Path) -> Engine:
    """The network with the weights of some layers in random order."""
    model, generator = onnx.load(bundle.look), np.random.default_rng(0)
    for tensor in model.graph.initializer:
        if ".weight" in tensor.name and len(tensor.dims) == 4 and any(f".{layer}." in tensor.name for layer in layers):
            weights = numpy_helper.to_array(tensor)
            mixed = generator.permutation(weights.ravel()).reshape(weights.shape)
            tensor.CopyFrom(numpy_helper.from_array(mixed, tensor.name))
    look = folder / f"{len(layers)}.onnx"
    onnx.save(model, look)
    return Engine(look, bundle.answer, side=bundle.side, codes=len(bundle.calibration.labels), threads=1)


def likeness(one: FloatArray, other: FloatArray) -> float:
    """Rank correlation of two maps; 0 where one is flat."""
    first, second = (np.argsort(np.argsort(each.ravel(), kind="stable")) for each in (one, other))
    flat = min(float(one.std()), float(other.std())) < 1e-6
    return 0.0 if flat else float(np.corrcoef(first, second)[0, 1])


def eczema(predictor: Predictor, pixels: UInt8Array) -> float:
    """Calibrated probability that a squeezed photo shows eczema."""
    calibration = predictor.bundle.calibration
    context, findings = (np.full(len(names), np.nan, np.float32) for names in (CONTEXT_NAMES, FEATURE_NAMES))
    logits = predictor.answer(predictor.look(pixels), context=context, findings=findings).logits
    shares = softmax(logits, temperature=calibration.temperature)
    return float(sum(share for label, share in zip(calibration.labels, shares, strict=True) if label.code in ECZEMAS))


def log_odds(probability: float) -> float:
    """Natural log odds."""
    return float(np.log(probability / (1 - probability)))


def blobs(generator: np.random.Generator, side: int) -> Floats:
    """A random smooth order of the places of a picture (side, side)."""
    return np.asarray(cv2.GaussianBlur(generator.standard_normal((side, side)), (0, 0), BLOB * side), np.float64)


def first_places(order: Floats, region: Mask, count: int) -> Mask:
    """The `count` places of a region that come first, the highest first."""
    places = np.flatnonzero(region)
    chosen = places[np.argsort(-order.ravel()[places], kind="stable")[:count]]
    mask = np.zeros(region.size, bool)
    mask[chosen] = True
    return mask.reshape(region.shape)


def mean_colour(pixels: UInt8Array) -> UInt8Array:
    """A picture of the photo's mean colour."""
    return np.broadcast_to(pixels.mean((0, 1)).round(), pixels.shape).astype(np.uint8)


def blurred(pixels: UInt8Array) -> UInt8Array:
    """The photo without any detail."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.1 * pixels.shape[0]), np.uint8)


FILLS: Final[dict[str, Fill]] = {"mean colour": mean_colour, "blurred": blurred}


def hide(pixels: UInt8Array, mask: Mask, fill: Fill) -> UInt8Array:
    """Fill the places of a mask."""
    return np.where(mask[..., None], fill(pixels), pixels)


def map_of(look: Look, of: str) -> FloatArray:
    """The map that is asked about."""
    return look.attention if of == "attention" else look.lesion_map


class Photo:
    """A squeezed photo with its maps at full size."""

    def __init__(self, path: Path, predictor: Predictor, of: str) -> None:
        picture = cv2.imread(str(path))
        assert picture is not None
        side, reading = predictor.side, predictor.bundle.calibration.area_reading
        self.pixels = squeeze(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8), side)
        look = predictor.look(self.pixels)
        self.map = map_of(look, of)
        lesion, skin, own = (cv2.resize(each, (side, side)) for each in (look.lesion_map, look.skin_map, self.map))
        self.order = np.asarray(own, np.float64)
        is_skin = skin >= reading.skin_threshold
        self.lesion: Mask = is_skin & (lesion >= reading.lesion_threshold)
        self.other: Mask = is_skin & ~self.lesion


def table_of_shuffling(bundle: Bundle, photos: Sequence[Photo], of: str, folder: Path) -> None:
    """Likeness of maps while the network forgets, from its last layer on."""
    print("| weights shuffled | rank correlation with the own map: median | highest |\n| --- | --- | --- |")
    for layers in accumulate(([layer] for layer in LAYERS), lambda one, more: one + more):
        engine = shuffled(bundle, layers, folder)
        alike = [likeness(photo.map, map_of(engine.look(photo.pixels), of)) for photo in photos]
        print(f"| {' + '.join(layers)} | {np.median(alike):.2f} | {max(alike):.2f} |")
    others = [likeness(one.map, two.map) for one, two in pairwise(photos)]
    print(f"| none, map of the next photo | {np.median(others):.2f} | {max(others):.2f} |")


def table_of_hiding(predictor: Predictor, photos: Sequence[Photo], patients: Sequence[str]) -> None:
    """Fall of the log odds of eczema by what is hidden."""
    print("\n| filled with | photos | fall, lesion hidden | fall, other skin hidden | difference | lesion falls more |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, fill in FILLS.items():
        falls, own = [], []
        for photo, patient in zip(photos, patients, strict=True):
            count = int(min(photo.lesion.sum(), photo.other.sum()))
            if count >= SMALLEST_REGION * photo.lesion.size:
                falls.append([fall_of(predictor, photo, region, count, fill) for region in (photo.lesion, photo.other)])
                own.append(patient)
        table = np.array(falls)
        print(f"| {name} | {len(table)} | {' | '.join(interval(column, own) for column in table.T)} ", end="")
        print(f"| {interval(table[:, 0] - table[:, 1], own)} | {(table[:, 0] > table[:, 1]).sum()} |")


def fall_of(predictor: Predictor, photo: Photo, region: Mask, count: int, fill: Fill) -> float:
    """Mean fall over random blobs of `count` places of a region."""
    generator, side = np.random.default_rng(0), predictor.side
    masks = [first_places(blobs(generator, side), region, count) for _ in range(DRAWS)]
    hidden = [log_odds(eczema(predictor, hide(photo.pixels, mask, fill))) for mask in masks]
    return log_odds(eczema(predictor, photo.pixels)) - float(np.mean(hidden))


def table_of_curves(predictor: Predictor, photos: Sequence[Photo], patients: Sequence[str]) -> None:
    """Mean probability of eczema along deletion and insertion, over a blurred photo."""
    print("\n| curve | by the map | by random blobs | difference |\n| --- | --- | --- | --- |")
    for curve in ("deletion", "insertion"):
        rows = np.array([along(predictor, photo, curve, blurred) for photo in photos])
        print(f"| {curve} | {' | '.join(interval(column, patients) for column in rows.T)} ", end="")
        print(f"| {interval(rows[:, 0] - rows[:, 1], patients)} |")


def along(predictor: Predictor, photo: Photo, curve: str, fill: Fill) -> tuple[float, float]:
    """Mean over the steps, by the map and by random blobs."""
    generator, size = np.random.default_rng(1), photo.lesion.size
    orders = (photo.order, blobs(generator, predictor.side))
    means = []
    for order in orders:
        ranked = [first_places(order, np.ones_like(photo.lesion), round(share * size)) for share in HIDDEN]
        masks = ranked if curve == "deletion" else [~mask for mask in ranked]
        means.append(float(np.mean([eczema(predictor, hide(photo.pixels, mask, fill)) for mask in masks])))
    return means[0], means[1]


def interval(values: Floats, patients: Sequence[str]) -> str:
    """A mean with its 95 % interval, patients resampled."""
    found = bootstrap_interval(lambda rows: float(values[rows].mean()), np.array(patients), seed=0)
    return f"{found.estimate:.2f} ({found.low:.2f} to {found.high:.2f})"


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--of", choices=("lesion", "attention"), default="lesion")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--bundle", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    predictor = Predictor(load_bundle(given.bundle), threads=1)
    files = kept(given.data, given.count)
    photos, patients = [Photo(path, predictor, given.of) for path, _ in files], [patient for _, patient in files]
    print(f"{len(photos)} photos of eczema, {len(set(patients))} patients\n")
    with TemporaryDirectory() as folder:
        table_of_shuffling(predictor.bundle, photos, given.of, Path(folder))
    if given.of == "lesion":
        table_of_hiding(predictor, photos, patients)
    table_of_curves(predictor, photos, patients)


if __name__ == "__main__":
    main()
