"""From a trained checkpoint to a bundle: export, quantise, calibrate, refuse what int8 has broken.

Calibration uses one fold that did not train the network, read through the very graph that ships.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from flexura.decision.area import fit_area_errors, lesion_fraction
from flexura.decision.calibration import AreaReading, Calibration, fit_temperature, softmax
from flexura.decision.conformal import conformal_scores, fit_quantile
from flexura.decision.taxonomy import labels_of
from flexura.decision.uncertainty import fit_distances
from flexura.errors import BundleMismatch
from flexura.inference.bundle import NETWORK_FILE, write_description
from flexura.inference.predictor import available_threads, open_session
from flexura.inference.quantise import AnsweringNetwork, export_fp32, fit_neighbourhood, quantise
from flexura.model.checkpoint import CheckpointInfo, load_checkpoint
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.predictions import Predictions, embed, predict_graph

# Fits temperature, prediction sets, distances and area errors.
CALIBRATION_FOLD = 3
# Photos on which int8 must agree with fp32.
GATE_FOLD = 4
COVERAGE = 0.9
# One in so many training photos places the network's neighbourhood; more hardly move class means.
NEIGHBOUR_STRIDE = 3
# A photo farther from the training photos than this share of held-out ones is flagged.
DISTANCE_THRESHOLD = 0.98
# A gate, not a goal: known fault 17, networks that int8 broke unnoticed.
LEAST_AGREEMENT = 0.98
LARGEST_DIFFERENCE = 0.02
INTENDED_USE = "Decision support for research and clinicians; not a medical device, never a diagnosis by itself."
LICENCE = "Research, non-commercial (MODEL_LICENSE)"


def release(checkpoint: Path, data: Path, out: Path, *, version: str, side: int = 288) -> None:
    """Write a bundle.

    Parameters
    ----------
    checkpoint : Path
        Of `flexura train`; the calibration and gate folds must not have trained it.
    data : Path
        Folder with `photos.csv`.
    out : Path
        Folder of the bundle.
    version : str
        Of the model.
    side : int
        Network input in pixels.

    Raises
    ------
    BundleMismatch
        If int8 and fp32 disagree on more than 2 % of the gate's photos, or by more than 0.02 on average.
    """
    network, info = load_checkpoint(checkpoint)
    photos = read_manifest(data)
    training = [photo for photo in photos if photo.fold not in (CALIBRATION_FOLD, GATE_FOLD)]
    held = [photo for photo in photos if photo.fold == CALIBRATION_FOLD]
    gate = [photo for photo in photos if photo.fold == GATE_FOLD]
    near = training[::NEIGHBOUR_STRIDE]
    labels = np.array([photo.label for photo in near])
    neighbourhood = fit_neighbourhood(embed(network, near, side=side), labels, components=128)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        fp32 = Path(folder) / "fp32.onnx"
        export_fp32(AnsweringNetwork(network, neighbourhood), fp32, side=side)
        quantise(fp32, out / NETWORK_FILE)
        whole = predict_graph(open_session(fp32, threads=available_threads()), gate, side=side)
    session = open_session(out / NETWORK_FILE, threads=available_threads())
    figures = agreement(whole, predict_graph(session, gate, side=side))
    if figures["top1_agreement"] < LEAST_AGREEMENT or figures["mean_difference_of_top1"] > LARGEST_DIFFERENCE:
        (out / NETWORK_FILE).unlink()
        raise BundleMismatch(f"int8 does not agree with fp32, so nothing was exported: {figures}")
    calibration = calibrate(predict_graph(session, held, side=side), held, info)
    write_description(
        out,
        side=side,
        calibration=calibration,
        model={"name": info.recipe_name, "version": version, "weights_licence": LICENCE, "intended_use": INTENDED_USE},
        origin=asdict(info),
        figures=figures | {"calibration_fold": CALIBRATION_FOLD, "calibration_photos": len(held)},
    )


def agreement(whole: Predictions, rounded: Predictions) -> dict[str, float]:
    """How far int8 is from fp32: share of equal first codes, and mean absolute differences of probabilities."""
    exact, near = softmax(whole.logits), softmax(rounded.logits)
    first = exact.argmax(1)
    rows = np.arange(len(first))
    return {
        "top1_agreement": float((first == near.argmax(1)).mean()),
        "mean_difference": float(np.abs(exact - near).mean()),
        "mean_difference_of_top1": float(np.abs(exact[rows, first] - near[rows, first]).mean()),
    }


def calibrate(predictions: Predictions, photos: Sequence[LabelledPhoto], info: CheckpointInfo) -> Calibration:
    """Fit everything the decision needs on photos that trained nothing."""
    truth = np.array([photo.label for photo in photos])
    temperature = fit_temperature(predictions.logits, truth, split="calibration")
    probabilities = softmax(predictions.logits, temperature=temperature)
    reading = AreaReading()
    measured = [
        (lesion_fraction(maps[0], maps[1], reading=reading)[0], photo.reading.area_fraction)
        for photo, maps in zip(photos, predictions.maps, strict=True)
        if photo.reading is not None
    ]
    known = [(area, read) for area, read in measured if area is not None and not np.isnan(read)]
    return Calibration(
        labels=labels_of(info.codes),
        temperature=temperature,
        conformal=fit_quantile(conformal_scores(probabilities, truth), COVERAGE),
        distance=fit_distances(predictions.distances, threshold=DISTANCE_THRESHOLD),
        area_errors=fit_area_errors(
            np.array([area for area, _ in known]), np.array([read for _, read in known]), upper_bounds=(0.15, 0.4, 1.0)
        ),
    )
