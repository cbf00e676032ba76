"""Measure a bundle or a checkpoint on a fold that did not train it, and write the figures."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from flexura.decision.calibration import Array, softmax
from flexura.decision.conformal import prediction_set
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import available_threads, open_session
from flexura.model.checkpoint import load_checkpoint
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.predictions import (
    ECZEMA,
    Predictions,
    diagnosis_figures,
    map_figures,
    own_class_figures,
    predict,
    predict_graph,
    sign_figures,
)

TEST_FOLD = 4
FEWEST_OF_A_GROUP = 20
# The two large sources, whose cameras and diseases differ.
ATLASES = ("sd198", "fitzpatrick17k")
IntArray = npt.NDArray[np.int64]


def evaluate(model: Path, data: Path, out: Path) -> dict[str, object]:
    """Measure a model on the test fold and write `evaluation.json`.

    Parameters
    ----------
    model : Path
        A bundle's folder or a checkpoint.
    data : Path
        Folder with `photos.csv`.
    out : Path
        Folder for the figures.

    Returns
    -------
    dict
        What was written: figures of diagnosis, calibration, signs and maps.

    Raises
    ------
    BundleMissing
        If there is no such model.
    ManifestError
        If the data folder cannot be read.
    """
    torch.manual_seed(0)
    everything = read_manifest(data)
    photos = [photo for photo in everything if photo.fold == TEST_FOLD]
    figures: dict[str, object] = {"fold": TEST_FOLD}
    if model.is_dir():
        bundle = load_bundle(model)
        session = open_session(bundle.network, threads=available_threads())
        predictions = predict_graph(session, photos, side=bundle.side)
        probabilities = softmax(predictions.logits, temperature=bundle.calibration.temperature)
        truth = np.array([photo.label for photo in photos])
        sets = [prediction_set(row, bundle.calibration.conformal) for row in probabilities]
        figures["calibration"] = {
            "expected_calibration_error": metrics.expected_calibration_error(probabilities, truth),
            "set_coverage": float(np.mean([label in chosen for label, chosen in zip(truth, sets, strict=True)])),
            "mean_set_size": float(np.mean([len(chosen) for chosen in sets])),
        }
        figures["intervals"] = intervals_of(probabilities, photos)
    else:
        network, info = load_checkpoint(model)
        predictions = predict(network, photos, side=info.side)
    figures |= figures_of(predictions, photos)
    held: dict[str, set[int]] = {}
    for photo in everything:
        held.setdefault(photo.source, set()).add(photo.label)
    if held.keys() >= set(ATLASES):
        figures["source_shortcut"] = source_shortcut(predictions.logits, photos, held)
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def intervals_of(probabilities: Array, photos: Sequence[LabelledPhoto]) -> dict[str, object]:
    """95 % intervals by resampling patients, whole and by source and skin type; groups under 20 photos are left out."""
    truth = np.array([photo.label for photo in photos])
    patients = np.array([photo.group for photo in photos])
    eczema = probabilities[:, ECZEMA].sum(1)

    def top1(rows: IntArray) -> float:
        return metrics.top_k_accuracy(probabilities[rows], truth[rows], k=1)

    def top3(rows: IntArray) -> float:
        return metrics.top_k_accuracy(probabilities[rows], truth[rows], k=3)

    def auc(rows: IntArray) -> float:
        return metrics.roc_auc(eczema[rows], ECZEMA[truth[rows]])

    whole = {"top1": top1, "top3": top3, "eczema_auc": auc}
    found: dict[str, object] = {name: _interval(each, patients) for name, each in whole.items()}
    parts = {f"source {photo.source}" for photo in photos} | {f"skin type {photo.skin_type}" for photo in photos}
    for part in sorted(parts):
        own = [part in (f"source {photo.source}", f"skin type {photo.skin_type}") for photo in photos]
        rows = np.flatnonzero(own)
        if len(rows) >= FEWEST_OF_A_GROUP:
            found[f"top1, {part}"] = _interval(partial(_of_rows, top1, rows), patients[rows])
    return found


def _of_rows(statistic: Callable[[IntArray], float], rows: IntArray, chosen: IntArray) -> float:
    return statistic(rows[chosen])


def _interval(statistic: Callable[[IntArray], float], patients: Array) -> dict[str, float]:
    interval = bootstrap_interval(statistic, patients, seed=0)
    return {"estimate": interval.estimate, "low": interval.low, "high": interval.high, "photos": len(patients)}


def source_shortcut(logits: Array, photos: Sequence[LabelledPhoto], held: dict[str, set[int]]) -> dict[str, float]:
    """Whether the camera decides: mass given to codes that only one source holds, by the photo's source.

    Only photos count whose true code both atlases hold. A network that recognises cameras gives
    much of its mass to the codes of the photo's own source; one that does not, alike from both.

    Parameters
    ----------
    logits : Array
        (N, T).
    photos : Sequence[LabelledPhoto]
        Of the test fold.
    held : dict[str, set[int]]
        The codes of each source in the whole manifest.

    Returns
    -------
    dict[str, float]
        Mean mass on codes of each atlas alone, for photos of each atlas.
    """
    probabilities = softmax(logits)
    first, second = ATLASES
    shared = held[first] & held[second]
    found = {}
    for source in ATLASES:
        rows = [row for row, photo in enumerate(photos) if photo.source == source and photo.label in shared]
        for atlas, other in ((first, second), (second, first)):
            alone = sorted(held[atlas] - held[other])
            found[f"mass on codes of {atlas} alone, photos of {source}"] = float(
                probabilities[rows][:, alone].sum(1).mean()
            )
    return found


def figures_of(predictions: Predictions, photos: Sequence[LabelledPhoto]) -> dict[str, object]:
    """All figures that need no calibration."""
    return {
        "all_codes": diagnosis_figures(predictions.logits, photos),
        "sd198_over_its_codes": own_class_figures(predictions.logits, photos, "sd198"),
        "signs_kappa": sign_figures(predictions, photos),
        "maps": map_figures(predictions, photos),
    }
