"""Measure a bundle or a checkpoint on a fold that did not train it, and write the figures."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from flexura.decision.calibration import softmax
from flexura.decision.conformal import prediction_set
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import available_threads, open_session
from flexura.model.checkpoint import load_checkpoint
from flexura.monitoring import metrics
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.predictions import (
    Predictions,
    diagnosis_figures,
    map_figures,
    own_class_figures,
    predict,
    predict_graph,
    sign_figures,
)

TEST_FOLD = 4


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
    photos = [photo for photo in read_manifest(data) if photo.fold == TEST_FOLD]
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
    else:
        network, info = load_checkpoint(model)
        predictions = predict(network, photos, side=info.side)
    figures |= figures_of(predictions, photos)
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def figures_of(predictions: Predictions, photos: Sequence[LabelledPhoto]) -> dict[str, object]:
    """All figures that need no calibration."""
    return {
        "all_codes": diagnosis_figures(predictions.logits, photos),
        "sd198_over_its_codes": own_class_figures(predictions.logits, photos, "sd198"),
        "signs_kappa": sign_figures(predictions, photos),
        "maps": map_figures(predictions, photos),
    }
