"""How networks answer the photos that `recipes/main.toml` keeps for calibration, and what averaging two would bring.

    python benchmarks/calibration_photos.py DATA BUNDLE [CHECKPOINT...]

BUNDLE is a folder with a bundle, or a checkpoint of `flexura train`; every further one is compared with it. Photos
without context. Log loss after cooling by the temperature that fits these photos best, so it flatters each a little.
Differences to the first with 95 % intervals, patients resampled; then the mean of both networks' cooled log
probabilities.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from flexura.decision.calibration import Array, fit_temperature, softmax
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.model.checkpoint import load_checkpoint
from flexura.monitoring.intervals import bootstrap_interval
from flexura.training.datasets import LabelledPhoto, kept_for_calibration, read_manifest
from flexura.training.predictions import (
    Predictions,
    diagnosis_figures,
    map_figures,
    predict,
    predict_graphs,
    sign_figures,
)
from flexura.training.recipe import read_recipe

RECIPE = Path(__file__).parent.parent / "recipes" / "main.toml"


def kept_photos(data: Path) -> list[LabelledPhoto]:
    """The photos of the training folds that train nothing."""
    kept, _ = read_recipe(RECIPE)
    folds, one_in = kept.data.train_folds, kept.data.calibration_one_in
    return [photo for photo in read_manifest(data) if kept_for_calibration(photo, folds=folds, one_in=one_in)]


def answers(place: Path, photos: Sequence[LabelledPhoto]) -> Predictions:
    """What a bundle or a checkpoint says."""
    if place.is_dir():
        return predict_graphs(Predictor(load_bundle(place)), photos)
    network, info = load_checkpoint(place)
    return predict(network, photos, side=info.side, half=True)


def cooled(logits: Array, truth: Array) -> Array:
    """Log probabilities (N, T) at the temperature that fits best."""
    return np.log(softmax(logits, temperature=fit_temperature(logits, truth, split="calibration")) + 1e-12)


def losses(log_probabilities: Array, truth: Array) -> Array:
    """The log loss of each photo (N,)."""
    return -log_probabilities[np.arange(len(truth)), truth]


def told(figures: dict[str, Any], *names: str) -> str:
    """Some figures as cells of a table."""
    return " | ".join("" if figures[name] is None else f"{figures[name]:.3f}" for name in names)


def main() -> None:
    """Print one table of the networks and one of the differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("networks", type=Path, nargs="+")
    given = parser.parse_args()
    photos = kept_photos(given.data)
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])
    print(f"{len(photos)} photos\n")
    print("| network | top-1 | top-3 | AUC | log loss | signs | IGA | lesion IoU | area, points |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    said = []
    for place in given.networks:
        found = answers(place, photos)
        said.append(cooled(found.logits, truth))
        diagnosis = told(diagnosis_figures(found.logits, photos), "top1", "top3", "eczema_auc")
        signs = told(sign_figures(found, photos), "mean_of_signs", "iga")
        maps = told(map_figures(found, photos), "lesion_iou", "area_median_error_points")
        print(f"| {place} | {diagnosis} | {losses(said[-1], truth).mean():.3f} | {signs} | {maps} |", flush=True)
    print("\n| against the first | top-1 | log loss | mean of both: top-1 | top-3 | AUC | log loss |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for place, other in zip(given.networks[1:], said[1:], strict=True):
        right = (other.argmax(1) == truth).astype(float) - (said[0].argmax(1) == truth)
        lost = losses(other, truth) - losses(said[0], truth)
        cells = [
            f"{change.estimate:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
            for change in (bootstrap_interval(partial(_mean, each), patients, seed=0) for each in (right, lost))
        ]
        both = said[0] + other
        mean = told(diagnosis_figures(both.astype(np.float32), photos), "top1", "top3", "eczema_auc")
        print(f"| {place} | {' | '.join(cells)} | {mean} | {losses(cooled(both, truth), truth).mean():.3f} |")


def _mean(values: Array, rows: Array) -> float:
    return float(values[rows].mean())


if __name__ == "__main__":
    main()
