"""A bundle's probabilities and prediction sets fitted anew on a clinic's own cases; the network stays as it is.

Replaced are the temperature, the quantile of the prediction sets and the calibration error. Area errors, distances and
limits stay those of the bundle: they ask for other photos than a clinic has, and a photo unlike those of the training
stays so. Classes are not reweighed: a temperature does not correct for other diseases being common.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from flexura.decision.calibration import Array, Calibration, fit_temperature, softmax
from flexura.decision.conformal import conformal_scores, fit_quantile, prediction_set
from flexura.errors import CalibrationError, OutputUnwritable
from flexura.inference.bundle import DESCRIPTION_FILE, Bundle, load_bundle, write_description
from flexura.inference.predictor import Predictor
from flexura.monitoring import metrics
from flexura.training.datasets import LabelledPhoto, manifest_sha256, read_manifest
from flexura.training.predictions import predict_graphs
from flexura.training.release import cross_fitted_error

# The coverage that n photos give varies from fit to fit as Beta(k, n + 1 - k), k = ceil((n + 1) * coverage): Vovk 2012,
# doi 10.48550/arXiv.1209.2673. With 100 photos a 90 % set covers 84 to 95 % in 95 of 100 fits.
FEWEST_PHOTOS: Final = 100
FEWEST_PATIENTS: Final = 50


def refit(bundle: Path | None, data: Path, out: Path, *, version: str) -> dict[str, float]:
    """Write a copy of a bundle whose probabilities fit a clinic's own cases.

    Parameters
    ----------
    bundle : Path or None
        Folder of the bundle, which is only read; the shipped one if `None`.
    data : Path
        Folder with `photos.csv` (file, code, source, group, fold) and `photos/`, of patients the network never saw;
        folds are not looked at.
    out : Path
        Folder of the copy; must hold no bundle.
    version : str
        Of the copy.

    Returns
    -------
    dict of str to float
        Before and after, as written: calibration error, coverage, temperature; after is cross-fitted by patient.

    Raises
    ------
    OutputUnwritable
        If `out` holds a bundle already.
    CalibrationError
        If there are fewer than 100 photos or 50 patients.
    """
    if (out / DESCRIPTION_FILE).exists():
        raise OutputUnwritable(f"a bundle is there already, and its {DESCRIPTION_FILE} stays; give a new folder")
    old = load_bundle(bundle)
    photos = read_manifest(data)
    patients = len({photo.group for photo in photos})
    if len(photos) < FEWEST_PHOTOS or patients < FEWEST_PATIENTS:
        raise CalibrationError(
            f"{len(photos)} photos of {patients} patients; a calibration of one's own needs {FEWEST_PHOTOS} of "
            f"{FEWEST_PATIENTS}"
        )
    logits = predict_graphs(Predictor(old), photos).logits
    new = refitted(old.calibration, logits, photos)
    figures = compared(old.calibration, new, logits, photos)
    own = {"manifest_sha256": manifest_sha256(data), "photos": len(photos), "patients": patients}
    origin = {**old.origin, "refitted_from": old.info.version, "refitted_on": own}
    _write_copy(replace(old, calibration=new, origin=origin, figures={**old.figures, "refit": figures}), out, version)
    return figures


def _write_copy(bundle: Bundle, out: Path, version: str) -> None:
    """Write the graphs of a bundle and what it now says of itself, and verify what was written."""
    out.mkdir(parents=True, exist_ok=True)
    for file in (bundle.look, bundle.answer, *bundle.look.parent.glob("MODEL_LICENSE")):
        shutil.copyfile(file, out / file.name)
    info = bundle.info
    write_description(
        out,
        side=bundle.side,
        calibration=bundle.calibration,
        model={
            "name": info.name,
            "version": version,
            "weights_licence": info.weights_licence,
            "intended_use": info.intended_use,
        },
        origin=bundle.origin,
        figures=bundle.figures,
    )
    load_bundle(out)


def refitted(calibration: Calibration, logits: Array, photos: Sequence[LabelledPhoto]) -> Calibration:
    """Fit the temperature, then the quantile of the same coverage, on logits (N, T) of the photos."""
    truth = np.array([photo.label for photo in photos])
    temperature = fit_temperature(logits, truth, split="held_out")
    scores = conformal_scores(softmax(logits, temperature=temperature), truth)
    return replace(
        calibration,
        temperature=temperature,
        conformal=fit_quantile(scores, calibration.conformal.coverage),
        expected_calibration_error=cross_fitted_error(logits, photos),
    )


def compared(old: Calibration, new: Calibration, logits: Array, photos: Sequence[LabelledPhoto]) -> dict[str, float]:
    """What the refit changed on these photos; the coverage after it is that of the other half of the patients."""
    truth = np.array([photo.label for photo in photos])
    _, patients = np.unique([photo.group for photo in photos], return_inverse=True)
    halves, hits = patients % 2 == 0, np.empty(len(truth), bool)
    for own in (halves, ~halves):
        others = [photo for photo, mine in zip(photos, own, strict=True) if not mine]
        hits[own] = holds_truth(refitted(old, logits[~own], others), logits[own], truth[own])
    before = softmax(logits, temperature=old.temperature)
    return {
        "temperature_before": old.temperature,
        "temperature_after": new.temperature,
        "calibration_error_before": metrics.expected_calibration_error(before, truth),
        "calibration_error_after": cross_fitted_error(logits, photos),
        "set_coverage_before": float(holds_truth(old, logits, truth).mean()),
        "set_coverage_after": float(hits.mean()),
    }


def holds_truth(calibration: Calibration, logits: Array, truth: Array) -> Array:
    """Whether the prediction set of each row of logits (N, T) holds its true code (N,)."""
    rows = softmax(logits, temperature=calibration.temperature)
    sets = (prediction_set(row, calibration.conformal) for row in rows)
    return np.array([int(label) in chosen for label, chosen in zip(truth, sets, strict=True)])
