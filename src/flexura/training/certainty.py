"""What a bundle's certainty is worth on photos that it has not seen: calibration, sets by skin tone, and rankings.

Four ways to rank answers by how sure they are, and what each saves where only the surest 80 % are answered.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from flexura.decision.abstention import HEALTHY
from flexura.decision.calibration import Array, Calibration, offset_logits, probabilities_of, softmax
from flexura.decision.tone_groups import grouped_set, tone_group
from flexura.decision.uncertainty import entropy_fraction
from flexura.errors import MetricError, MetricUndefined
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval, coverage_limits
from flexura.monitoring.selective import error_fall, reliability, risk_coverage
from flexura.training.curves import draw_reliability, draw_risk_coverage
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.predictions import Predictions

ANSWERED = 0.8


def certainty_figures(
    predictions: Predictions, photos: Sequence[LabelledPhoto], calibration: Calibration, out: Path
) -> dict[str, object]:
    """Measure a bundle's certainty, and draw it.

    Parameters
    ----------
    predictions : Predictions
        Of the photos, by the bundle.
    photos : sequence of LabelledPhoto
        That fitted nothing.
    calibration : Calibration
        Of the bundle.
    out : Path
        Folder, where `reliability.svg` and `risk_coverage.svg` are written.

    Returns
    -------
    dict
        `calibration` with the sets, how often healthy skin comes first, and `risk_coverage` of each ranking.
    """
    probabilities = probabilities_of(predictions.logits, calibration)
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])
    wrong = probabilities.argmax(axis=1) != truth
    orders = rankings(predictions, calibration)
    curves = {name: risk_coverage(wrong, order) for name, order in orders.items()}
    title = f"{len(photos)} photos that fitted nothing"
    (out / "reliability.svg").write_text(draw_reliability(reliability(probabilities, truth), title=title), "utf-8")
    (out / "risk_coverage.svg").write_text(draw_risk_coverage(curves, title=title), "utf-8")
    falls = {name: _fall(wrong, order, curves[name], patients) for name, order in orders.items()}
    return {
        "calibration": {
            "expected_calibration_error": metrics.expected_calibration_error(probabilities, truth),
            **set_figures(predictions, truth, calibration),
        },
        "healthy_skin_first": _healthy_first(probabilities.argmax(axis=1), truth),
        "risk_coverage": {"error of all": float(wrong.mean()), **falls},
    }


def rankings(predictions: Predictions, calibration: Calibration) -> dict[str, Array]:
    """How sure each answer is, (N,), in four ways; of three where the network gives fewer than two samples.

    Parameters
    ----------
    predictions : Predictions
        By a bundle.
    calibration : Calibration
        Of the bundle.

    Returns
    -------
    dict of str to array
        By probability, entropy, variance of the samples (summed over the codes) and distance; higher is surer.
    """
    probabilities = probabilities_of(predictions.logits, calibration)
    found = {"probability": probabilities.max(axis=1), "entropy": -entropy_fraction(probabilities)}
    if predictions.logit_samples.shape[1] > 1:
        samples = softmax(offset_logits(predictions.logit_samples, calibration), temperature=calibration.temperature)
        found["ensemble variance"] = -samples.var(axis=1).sum(axis=1)
    return found | {"distance to training": -predictions.distances.astype(np.float64)}


def _healthy_first(first: Array, truth: Array) -> dict[str, int]:
    """How often the rule `no_disease_seen` holds, on photos of healthy skin and of diseases."""
    healthy, said = truth == CODES.index(HEALTHY), first == CODES.index(HEALTHY)
    return {
        "of healthy skin": int((said & healthy).sum()),
        "photos of healthy skin": int(healthy.sum()),
        "of diseases": int((said & ~healthy).sum()),
        "photos of diseases": int((~healthy).sum()),
    }


def _fall(wrong: Array, order: Array, curve: Array, patients: Array) -> dict[str, float | None]:
    def fall(rows: Array) -> float:
        return error_fall(wrong[rows], order[rows], answered=ANSWERED)

    named: dict[str, float | None] = {f"error at {ANSWERED:.0%}": float(curve[round(ANSWERED * len(curve)) - 1])}
    try:
        interval = bootstrap_interval(fall, patients, seed=0)
    except MetricUndefined:
        return named | {"fall": None, "low": None, "high": None}
    return named | {"fall": interval.estimate, "low": interval.low, "high": interval.high}


def set_figures(predictions: Predictions, truth: Array, calibration: Calibration) -> dict[str, object]:
    """Coverage and size of the prediction sets, whole and by skin-tone group, with the limits that chance leaves.

    Parameters
    ----------
    predictions : Predictions
        Of N photos.
    truth : array (N,) of int
        True codes.
    calibration : Calibration
        Of the bundle.

    Returns
    -------
    dict
        Where a group has too few held-out photos for a set, its coverage and size are None.
    """
    rows = probabilities_of(predictions.logits, calibration)
    angles = [float(angle) for angle in predictions.angles_degrees]
    chosen = [grouped_set(row, calibration, angle_degrees=angle) for row, angle in zip(rows, angles, strict=True)]
    given = np.array([group is None or group.enough for _, group in chosen])
    sizes = np.array([len(codes) for codes, _ in chosen])
    hits = np.array([int(code) in codes for code, (codes, _) in zip(truth, chosen, strict=True)])
    groups = np.array([tone_group(angle) for angle in angles])
    cases = {group.name: len(group.scores) for group in calibration.tone_scores}
    by_tone: Mapping[str, object] = {
        name: _covered(hits[groups == name], sizes[groups == name], cases.get(name), calibration.conformal.coverage)
        for name in sorted(set(groups))
    }
    known = hits[given], sizes[given]
    return {
        "set_coverage": float(known[0].mean()) if given.any() else None,
        "mean_set_size": float(known[1].mean()) if given.any() else None,
        "without_a_set": int((~given).sum()),
        "sets_by_tone": by_tone,
    }


def _covered(hits: Array, sizes: Array, cases: int | None, coverage: float) -> dict[str, float | int | bool | None]:
    """Of one group; within limits or not is None where one quantile of all photos decides, or none can be given."""
    found: dict[str, float | int | bool | None] = {"photos": len(hits), "held_out_photos": cases}
    held: dict[str, float | int | bool | None] = {"coverage": float(hits.mean()), "mean_size": float(sizes.mean())}
    if cases is None:
        return found | held | {"within_limits": None}
    try:
        low, high = coverage_limits(cases, len(hits), share=coverage)
    except MetricError:
        return found | {"coverage": None, "mean_size": None, "within_limits": None}
    return (
        found
        | held
        | {"low": low / len(hits), "high": high / len(hits), "within_limits": bool(low <= hits.sum() <= high)}
    )
