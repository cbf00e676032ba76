"""What confidence, prediction sets and the limit of eczema are worth, as Markdown tables.

    python benchmarks/uncertainty.py BUNDLE DATA [--one-in 12]

DATA holds `photos.csv` and `photos/`. Only the photos of folds 0-3 that the shipped recipe keeps for calibration (one
patient in twelve), which trained no weights; without context, whatever the quality gate says of them. Temperature and
quantiles are fitted on nine tenths of the patients and used on the tenth that is left, ten times over, so that no
photo is judged by what it helped to fit.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from flexura.decision.calibration import Array, ConformalQuantile, fit_temperature, softmax
from flexura.decision.conformal import conformal_scores, fit_quantile, prediction_set
from flexura.decision.tone_groups import tone_group
from flexura.decision.uncertainty import entropy_fraction
from flexura.errors import CalibrationError
from flexura.features.colour import UNDEFINED, skin_tone_class
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.monitoring.intervals import bootstrap_interval, wilson_interval
from flexura.monitoring.selective import error_fall, risk_coverage
from flexura.training.datasets import LabelledPhoto, kept_for_calibration, read_manifest
from flexura.training.predictions import ECZEMA, predict_graphs

FOLDS: Final = (0, 1, 2, 3)
PARTS: Final = 10
COVERAGE: Final = 0.9
SHARES: Final = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
LIMITS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def part_of(photos: Sequence[LabelledPhoto]) -> Array:
    """The tenth (N,) of each photo's patient."""
    _, patients = np.unique([photo.group for photo in photos], return_inverse=True)
    return np.random.default_rng(0).permutation(patients.max() + 1)[patients] % PARTS


def cross_fitted(logits: Array, truth: Array, parts: Array) -> Array:
    """Probabilities (N, T) by temperatures of the other parts."""
    rows = np.empty(logits.shape)
    for part in range(PARTS):
        own = parts == part
        rows[own] = softmax(logits[own], temperature=fit_temperature(logits[~own], truth[~own], split="calibration"))
    return rows


def fall(wrong: Array, sureness: Array, rows: Array) -> float:
    """By how much the error falls, as a share of it, where the surest 80 % are answered."""
    return error_fall(wrong[rows], sureness[rows])


def table_of_risk(wrong: Array, orders: dict[str, Array], patients: Array) -> None:
    """Errors of the first diagnosis where only the surest are answered."""
    print("| answered | " + " | ".join(f"error, by {name}" for name in orders) + " |")
    print("| --- |" + " --- |" * len(orders))
    curves = [risk_coverage(wrong, order) for order in orders.values()]
    for share in SHARES:
        errors = [f"{curve[round(share * len(wrong)) - 1]:.3f}" for curve in curves]
        print(f"| {share:.0%} | {' | '.join(errors)} |")
    falls = [bootstrap_interval(partial(fall, wrong, order), patients, seed=0) for order in orders.values()]
    print("| fall at 80 % | " + " | ".join(f"{f.estimate:.0%} ({f.low:.0%} to {f.high:.0%})" for f in falls) + " |")


def table_of_limits(probabilities: Array, truth: Array) -> None:
    """What each limit of the probability of eczema lets through, where the first diagnosis is an eczema too."""
    eczema, share = ECZEMA[truth], probabilities[:, ECZEMA].sum(1)
    first = ECZEMA[probabilities.argmax(1)]
    print(f"\n| limit | photos that reach it, of {len(truth)} | show eczema | share | found, of {eczema.sum()} |")
    print("| --- | --- | --- | --- | --- |")
    for limit in LIMITS:
        reached = first & (share >= limit)
        rightly, count = int(eczema[reached].sum()), int(reached.sum())
        right = ratio(rightly, count) if count else "none"
        print(f"| {limit:.0%} | {count} | {rightly} | {right} | {ratio(rightly, int(eczema.sum()))} |")


def ratio(part: int, whole: int) -> str:
    """A share with its 95 % interval."""
    low, high = wilson_interval(part, whole)
    return f"{part / whole:.2f} ({low:.2f} to {high:.2f})"


def quantile_of(scores: Array) -> ConformalQuantile | None:
    """The quantile of a group; `None` where it has too few photos: ceil((n + 1) * coverage) > n."""
    try:
        return fit_quantile(scores, COVERAGE)
    except CalibrationError:
        return None


def sizes_and_hits(
    probabilities: Array, truth: Array, parts: Array, groups: Sequence[str]
) -> dict[str, list[tuple[int, bool]]]:
    """By group, the size of each photo's set and whether it holds the truth; quantiles of the same group's others."""
    scores, names = conformal_scores(probabilities, truth), np.array(groups)
    found: dict[str, list[tuple[int, bool]]] = {name: [] for name in sorted(set(groups))}
    for part in range(PARTS):
        for name, photos in found.items():
            quantile = quantile_of(scores[(parts != part) & (names == name)])
            if quantile is None:
                continue
            for row in np.flatnonzero((parts == part) & (names == name)):
                chosen = prediction_set(probabilities[row], quantile)
                photos.append((len(chosen), int(truth[row]) in chosen))
    return found


def table_of_sets(probabilities: Array, truth: Array, parts: Array, groupings: dict[str, list[str]]) -> None:
    """Coverage and size of the sets of each group, with one quantile for all and with the group's own."""
    pooled = sizes_and_hits(probabilities, truth, parts, ["all"] * len(truth))["all"]
    # Pooled sets come part by part; back into the photos' order.
    order = [int(row) for part in range(PARTS) for row in np.flatnonzero(parts == part)]
    back = dict(zip(order, pooled, strict=True))
    print("\n| photos | n | one quantile: coverage | set | own quantile: coverage | set |")
    print("| --- | --- | --- | --- | --- | --- |")
    for kind, groups in groupings.items():
        own = sizes_and_hits(probabilities, truth, parts, groups)
        for name, count in sorted(Counter(groups).items()):
            shared = [back[row] for row, group in enumerate(groups) if group == name]
            print(f"| {kind}{name} | {count} | {covered(shared)} | {covered(own[name])} |")


def covered(photos: list[tuple[int, bool]]) -> str:
    """Coverage with its interval, and the median size of the sets."""
    if not photos:
        return "too few to say | none"
    sizes, hits = zip(*photos, strict=True)
    return f"{ratio(sum(hits), len(hits))} | {np.median(sizes):.0f}"


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--one-in", type=int, default=12)
    given = parser.parse_args()
    kept = partial(kept_for_calibration, folds=FOLDS, one_in=given.one_in)
    photos = [photo for photo in read_manifest(given.data) if kept(photo)]
    predictions = predict_graphs(Predictor(load_bundle(given.bundle)), photos)
    tones = predictions.angles_degrees
    truth, parts = np.array([photo.label for photo in photos]), part_of(photos)
    probabilities = cross_fitted(predictions.logits, truth, parts)
    near = np.sort(probabilities, axis=1)
    samples = softmax(
        predictions.logit_samples, temperature=fit_temperature(predictions.logits, truth, split="calibration")
    )
    orders = {
        "probability": near[:, -1],
        "lead over the second": near[:, -1] - near[:, -2],
        "entropy": -entropy_fraction(probabilities),
        "ensemble variance": -samples.var(axis=1).sum(axis=1),
        "distance": -predictions.distances,
    }
    table_of_risk(probabilities.argmax(1) != truth, orders, np.array([photo.group for photo in photos]))
    table_of_limits(probabilities, truth)
    groupings = {
        "all": [""] * len(photos),
        "group of tones: ": [tone_group(float(tone)) for tone in tones],
        "measured tone: ": [skin_tone_class(float(tone)) for tone in tones],
        "Fitzpatrick type of the source: ": [str(photo.skin_type or UNDEFINED) for photo in photos],
    }
    table_of_sets(probabilities, truth, parts, groupings)


if __name__ == "__main__":
    main()
