"""A bundle's probabilities and prediction sets fitted anew on a clinic's own cases; the network stays as it is.

Replaced are the temperature, the quantiles of the prediction sets and the calibration error. Area errors, distances and
limits stay those of the bundle: they ask for other photos than a clinic has, and a photo unlike those of the training
stays so. Where the cases are consecutive ones, probabilities can be brought to the clinic's shares of diseases first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from flexura.decision.calibration import (
    Array,
    Calibration,
    fit_temperature,
    offset_logits,
    probabilities_of,
    softmax,
)
from flexura.decision.conformal import conformal_scores, fit_quantile
from flexura.decision.label_shift import estimate_prevalence
from flexura.decision.tone_groups import group_scores, grouped_set
from flexura.errors import CalibrationError
from flexura.inference.bundle import load_bundle, refuse_bundle_at, write_copy
from flexura.inference.predictor import Predictor
from flexura.monitoring import metrics
from flexura.records import CalibrationGroup
from flexura.training.datasets import LabelledPhoto, manifest_sha256, read_manifest
from flexura.training.predictions import Predictions, predict_graphs
from flexura.training.release import cross_fitted_error

# The coverage that n photos give varies from fit to fit as Beta(k, n + 1 - k), k = ceil((n + 1) * coverage): Vovk 2012,
# doi 10.48550/arXiv.1209.2673. With 100 photos a 90 % set covers 84 to 95 % in 95 of 100 fits.
FEWEST_PHOTOS: Final = 100
FEWEST_PATIENTS: Final = 50

# Whose shares of diseases the probabilities rest on.
Prevalence: TypeAlias = Literal["bundle", "clinic"]


@dataclass(frozen=True)
class Cases:
    """A clinic's photos as the network sees them: logits (N, T), skin tones (N,), true codes (N,), patients (N,)."""

    logits: Array
    angles_degrees: Array
    truth: Array
    patients: Array

    def part(self, rows: Array) -> "Cases":
        """Those of a mask (N,) of bool."""
        return Cases(self.logits[rows], self.angles_degrees[rows], self.truth[rows], self.patients[rows])


def cases_of(predictions: Predictions, photos: Sequence[LabelledPhoto]) -> Cases:
    """Put together what the network gives for photos and what is known of them."""
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])
    return Cases(predictions.logits, predictions.angles_degrees, truth, patients)


def refit(
    bundle: Path | None, data: Path, out: Path, *, version: str, prevalence: Prevalence = "bundle"
) -> dict[str, float]:
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
    prevalence : {"bundle", "clinic"}
        Whose shares of diseases the probabilities rest on. The clinic's are found by `estimate_prevalence` from what
        the network says, not from the codes; the cases must then be consecutive ones, with none chosen.

    Returns
    -------
    dict of str to float
        Before and after, as written: calibration error, coverage, temperature; after is cross-fitted by patient.

    Raises
    ------
    OutputUnwritable
        If `out` holds a bundle already.
    CalibrationError
        If there are fewer than 100 photos or 50 patients, or the bundle does not tell the shares of its own diseases.
    """
    refuse_bundle_at(out)
    old = load_bundle(bundle)
    photos = read_manifest(data)
    patients = len({photo.group for photo in photos})
    if len(photos) < FEWEST_PHOTOS or patients < FEWEST_PATIENTS:
        raise CalibrationError(
            f"{len(photos)} photos of {patients} patients; a calibration of one's own needs {FEWEST_PHOTOS} of "
            f"{FEWEST_PATIENTS}"
        )
    if prevalence == "clinic":
        _known_prevalence(old.calibration)  # before the minutes that the network takes
    cases = cases_of(predict_graphs(Predictor(old), photos), photos)
    fit = partial(refitted, old.calibration, prevalence=prevalence)
    new = fit(cases)
    figures = compared(old.calibration, new, cases, fit=fit)
    own = {"manifest_sha256": manifest_sha256(data), "photos": len(photos), "patients": patients}
    own |= {"prevalence": prevalence}
    origin = {**old.origin, "refitted_from": old.info.version, "refitted_on": own}
    write_copy(replace(old, calibration=new, origin=origin, figures={**old.figures, "refit": figures}), out, version)
    return figures


def refitted(calibration: Calibration, cases: Cases, *, prevalence: Prevalence = "bundle") -> Calibration:
    """Fit the temperature, then the quantiles of the same coverage, on a clinic's cases.

    The shares of diseases that the bundle told are dropped: they are of another temperature.
    """
    if prevalence == "clinic":
        calibration = shifted(calibration, cases)
    logits = offset_logits(cases.logits, calibration)
    temperature = fit_temperature(logits, cases.truth, split="held_out")
    scores = conformal_scores(softmax(logits, temperature=temperature), cases.truth)
    return replace(
        calibration,
        prevalence=(),
        temperature=temperature,
        conformal=fit_quantile(scores, calibration.conformal.coverage),
        tone_scores=group_scores(scores, cases.angles_degrees),
        expected_calibration_error=cross_fitted_error(logits, cases.truth, cases.patients),
    )


def shifted(calibration: Calibration, cases: Cases) -> Calibration:
    """Offset the logits by what the shares of diseases at the clinic are beyond those of the bundle.

    Parameters
    ----------
    calibration : Calibration
        As exported.
    cases : Cases
        Consecutive ones.

    Returns
    -------
    Calibration
        Whose `logit_offsets` are temperature * log(clinic / bundle).

    Raises
    ------
    CalibrationError
        If the bundle does not tell its own shares, or those of the clinic cannot be found.
    """
    known = _known_prevalence(calibration)
    own = estimate_prevalence(softmax(cases.logits, temperature=calibration.temperature), known)
    return replace(calibration, logit_offsets=tuple(map(float, calibration.temperature * np.log(own / known))))


def _known_prevalence(calibration: Calibration) -> Array:
    if not calibration.prevalence:
        raise CalibrationError(
            "this bundle does not tell how common each disease was among its held-out photos, as bundles up to main "
            "0.3.0 and refitted ones do not; give one that was exported since, or keep the bundle's prevalence"
        )
    return np.array(calibration.prevalence)


def compared(
    old: Calibration, new: Calibration, cases: Cases, *, fit: Callable[[Cases], Calibration]
) -> dict[str, float]:
    """What the refit changed on these cases; the coverage after it is that of the other half of the patients."""
    _, patients = np.unique(cases.patients, return_inverse=True)
    halves, hits, after = patients % 2 == 0, np.empty(len(cases.truth), bool), np.empty(cases.logits.shape)
    for own in (halves, ~halves):
        half = fit(cases.part(~own))
        hits[own] = holds_truth(half, cases.part(own))
        after[own] = probabilities_of(cases.logits[own], half)
    before = probabilities_of(cases.logits, old)
    return {
        "temperature_before": old.temperature,
        "temperature_after": new.temperature,
        "calibration_error_before": metrics.expected_calibration_error(before, cases.truth),
        "calibration_error_after": metrics.expected_calibration_error(after, cases.truth),
        "top1_before": metrics.top_k_accuracy(before, cases.truth, k=1),
        "top1_after": metrics.top_k_accuracy(after, cases.truth, k=1),
        "set_coverage_before": float(holds_truth(old, cases).mean()),
        "set_coverage_after": float(hits.mean()),
    }


def holds_truth(calibration: Calibration, cases: Cases) -> Array:
    """Whether the prediction set of each case holds its true code (N,)."""
    return np.array(
        [int(code) in chosen for code, (chosen, _) in zip(cases.truth, sets_of(calibration, cases), strict=True)]
    )


def sets_of(calibration: Calibration, cases: Cases) -> list[tuple[tuple[int, ...], CalibrationGroup | None]]:
    """The prediction set of each case, with the group of held-out photos that it rests on."""
    rows = probabilities_of(cases.logits, calibration)
    return [
        grouped_set(row, calibration, angle_degrees=float(angle))
        for row, angle in zip(rows, cases.angles_degrees, strict=True)
    ]
