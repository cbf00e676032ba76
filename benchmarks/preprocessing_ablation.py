"""What each preparation step does to a network that was trained without it: accuracy with each step on and off.

    OMP_NUM_THREADS=1 python benchmarks/preprocessing_ablation.py DATA BUNDLE

DATA holds `photos.csv` and `photos/`, BUNDLE a model's folder. The photos are those that the bundle's training kept
for calibration: they trained no weight, and the test fold is not among them. Its temperature was fitted to them as
they are, so the log loss leans a little to the first row. Every row runs the bundle's graph on the same photos:
as they are, with all steps, with each step or kind of artefact alone, and with all but it. The skin is found by
colour; with "network" in the name of a row, by the bundle's own skin map of the unprepared photo. Changes are against
the first row, with 95 % intervals over resampled patients. A step that only helps a network trained with it cannot be
judged here.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from flexura.errors import ManifestError
from flexura.inference.bundle import Bundle, load_bundle
from flexura.inference.predictor import Engine, Predictor
from flexura.monitoring.arrays import Array, IntArray
from flexura.monitoring.intervals import Interval, bootstrap_interval
from flexura.monitoring.metrics import negative_log_likelihood, roc_auc, top_k_accuracy
from flexura.preprocessing.artefacts import KINDS, ArtefactConfig
from flexura.preprocessing.background import BackgroundConfig
from flexura.preprocessing.lighting import ColourCastConfig, IlluminationConfig
from flexura.preprocessing.prepare import PreparationConfig, prepare_pixels
from flexura.preprocessing.scale import ScaleConfig, ScaleEvidence
from flexura.records import FloatArray
from flexura.training.datasets import LabelledPhoto, kept_for_calibration, read_manifest
from flexura.training.predictions import (
    ECZEMA,
    Figures,
    Predictions,
    map_figures,
    predict_graphs,
    sign_figures,
    softmax,
)

NOTHING = PreparationConfig(scale=None, artefacts=None, colour_cast=None, illumination=None)
GREYED = BackgroundConfig(outside="grey")
EVERYTHING = PreparationConfig(background=GREYED)
SKIN_CHANNEL = 1  # of the maps: lesion, skin


@dataclass(frozen=True)
class Row:
    """What the network made of the photos of one row; probabilities (N, T) at the bundle's temperature."""

    changed: float  # share of the photos
    probabilities: FloatArray
    signs_and_maps: Figures


# Name, what is measured of probabilities and truth, and the unit of its change: points of 100, or nats.
FIGURES: tuple[tuple[str, Callable[[Array, IntArray], float], float], ...] = (
    ("top-1", lambda probabilities, truth: top_k_accuracy(probabilities, truth, k=1), 100),
    ("top-3", lambda probabilities, truth: top_k_accuracy(probabilities, truth, k=3), 100),
    ("eczema AUC", lambda probabilities, truth: roc_auc(probabilities[:, ECZEMA].sum(1), ECZEMA[truth]), 100),
    ("log loss", negative_log_likelihood, 1),
)


def variants() -> Iterator[tuple[str, PreparationConfig]]:
    """Name and settings of every row."""
    yield "as it is", NOTHING
    yield "all steps", EVERYTHING
    yield "only artefacts", replace(NOTHING, artefacts=ArtefactConfig(), scale=ScaleConfig())
    for kind in KINDS:
        switches: dict[str, Any] = {each: each == kind for each in KINDS}
        only = ArtefactConfig(**switches)
        yield f"only {kind}", replace(NOTHING, artefacts=only, scale=ScaleConfig())
    yield "only colour cast", replace(NOTHING, colour_cast=ColourCastConfig())
    yield "only colour cast, grey picture", replace(NOTHING, colour_cast=ColourCastConfig(grey="picture"))
    yield "only illumination", replace(NOTHING, illumination=IlluminationConfig())
    yield "only background", replace(NOTHING, background=GREYED)
    yield "only background, by network", replace(NOTHING, background=replace(GREYED, method="network"))
    yield "all but artefacts", replace(EVERYTHING, artefacts=None)
    yield "all but colour cast", replace(EVERYTHING, colour_cast=None)
    yield "all but illumination", replace(EVERYTHING, illumination=None)
    yield "all but background", replace(EVERYTHING, background=BackgroundConfig())


def prepared(
    photos: Sequence[LabelledPhoto], config: PreparationConfig, skin_maps: Sequence[FloatArray]
) -> list[LabelledPhoto]:
    """The photos after the chosen steps; the network's skin map is used where the settings ask for it."""
    by_network = config.background.method == "network"
    return [
        replace(
            photo,
            pixels=prepare_pixels(
                photo.pixels, config, evidence=ScaleEvidence(), skin_map=skin_map if by_network else None
            ).pixels,
        )
        for photo, skin_map in zip(photos, skin_maps, strict=True)
    ]


def run_row(
    engine: Engine,
    photos: Sequence[LabelledPhoto],
    taken: Sequence[LabelledPhoto],
    bundle: Bundle,
    plain: Predictions,
) -> Row:
    """Run the network on the photos that the steps changed (`taken`); the others keep what it said of them."""
    pairs = zip(photos, taken, strict=True)
    changed = [index for index, (one, other) in enumerate(pairs) if not np.array_equal(one.pixels, other.pixels)]
    found = plain
    if changed:
        now = predict_graphs(engine, [taken[index] for index in changed])
        found = Predictions(
            *(_put(getattr(plain, each.name), changed, getattr(now, each.name)) for each in fields(plain))
        )
    probabilities = softmax(found.logits / np.float32(bundle.calibration.temperature))
    maps = map_figures(found, photos)
    others: Figures = {
        "signs kappa": sign_figures(found, photos)["mean_of_signs"],
        "lesion IoU": maps["lesion_iou"],
        "area error": maps["area_median_error_points"],
    }
    return Row(len(changed) / len(photos), probabilities, others)


def _put(values: FloatArray, rows: Sequence[int], others: FloatArray) -> FloatArray:
    replaced = values.copy()
    replaced[rows] = others
    return replaced


def change(
    measure: Callable[[Array, IntArray], float], row: Row, *, plain: Row, photos: Sequence[LabelledPhoto]
) -> Interval:
    """Change of a figure against the first row, patients resampled together."""
    truth = np.array([photo.label for photo in photos])

    def difference(chosen: IntArray) -> float:
        now, before = row.probabilities[chosen], plain.probabilities[chosen]
        return measure(now, truth[chosen]) - measure(before, truth[chosen])

    return bootstrap_interval(difference, np.array([photo.group for photo in photos]), seed=0)


def line(name: str, row: Row, *, plain: Row, photos: Sequence[LabelledPhoto]) -> str:
    """One line of the table in Markdown: figures and their changes."""
    truth = np.array([photo.label for photo in photos])
    cells = [name, f"{100 * row.changed:.0f}"]
    for _, measure, unit in FIGURES:
        now = measure(row.probabilities, truth)
        if row is plain:
            cells.append(f"{now:.3f}")
            continue
        found = change(measure, row, plain=plain, photos=photos)
        digits = 1 if unit == 100 else 3
        moved, low, high = (f"{unit * each:+.{digits}f}" for each in (found.estimate, found.low, found.high))
        cells.append(f"{now:.3f} ({moved}: {low} to {high})")
    cells += ["unknown" if value is None else f"{value:.3f}" for value in row.signs_and_maps.values()]
    return "| " + " | ".join(cells) + " |"


def held_out_photos(data: Path, bundle: Bundle) -> list[LabelledPhoto]:
    """The photos that the bundle's training kept for calibration."""
    folds, one_in = bundle.origin["train_folds"], bundle.origin["calibration_one_in"]
    kept = [photo for photo in read_manifest(data) if kept_for_calibration(photo, folds=folds, one_in=one_in)]
    if not kept:
        raise ManifestError("the bundle's training kept no photo for calibration, so none is left to judge by")
    return kept


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Accuracy of a bundle with each preparation step on and off.")
    parser.add_argument("data", type=Path)
    parser.add_argument("bundle", type=Path)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    bundle = load_bundle(asked.bundle)
    engine = Predictor(bundle, threads=1)
    photos = held_out_photos(asked.data, bundle)
    as_they_are = predict_graphs(engine, photos)
    skin_maps = [np.clip(maps[SKIN_CHANNEL], 0, 1) for maps in as_they_are.maps]
    groups = len({photo.group for photo in photos})
    print(f"{len(photos)} photos of {groups} patients, {bundle.side} px, {bundle.info.name} {bundle.info.version}\n")
    plain: Row | None = None
    for name, config in variants():
        taken = prepared(photos, config, skin_maps)
        row = run_row(engine, photos, taken=taken, bundle=bundle, plain=as_they_are)
        if plain is None:
            plain = row
            heads = ["", "changed, %", *(figure for figure, _, _ in FIGURES), *row.signs_and_maps]
            print("| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads))
        print(line(name, row, plain=plain, photos=photos), flush=True)


if __name__ == "__main__":
    main()
