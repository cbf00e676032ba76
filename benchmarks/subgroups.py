"""How a bundle answers in each subgroup and for each diagnosis, as Markdown tables.

    python benchmarks/subgroups.py BUNDLE DATA

DATA holds `photos.csv`, `photos/` and `readings.csv`. Photos of fold 4, which trained and calibrated nothing, without
context, whatever the quality gate says of them. Skin types and sites are those of the readings (two groups beside the
source's own types, because readings exist for the photos that were read only). Intervals: 95 %, patients resampled.
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from flexura.decision.calibration import Array, softmax
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import MetricUndefined
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval
from flexura.training.datasets import CODES, LabelledPhoto, read_manifest
from flexura.training.predictions import ECZEMA, predict_graphs

TEST_FOLD: Final = 4
FEWEST: Final = 20
GROUPS: Final = tuple(dict.fromkeys(row.group for row in TAXONOMY))
GROUP_OF: Final = np.array([GROUPS.index(row.group) for row in TAXONOMY])


def read_by_hand(data: Path) -> dict[str, dict[str, str]]:
    """Each read photo's row of its first reading."""
    with (data / "readings.csv").open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in reversed(list(csv.DictReader(file)))}


def subgroups(photos: Sequence[LabelledPhoto], readings: dict[str, dict[str, str]]) -> dict[str, list[int]]:
    """Rows of each subgroup with enough photos, the whole first."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, photo in enumerate(photos):
        rows["all"].append(row)
        rows[f"source: {photo.source}"].append(row)
        if photo.skin_type is not None:
            low = photo.skin_type - (photo.skin_type + 1) % 2
            rows[f"skin type {low}-{low + 1}, of the source"].append(row)
        read = readings.get(photo.file)
        if read and read["fitzpatrick"]:
            low = int(read["fitzpatrick"]) - (int(read["fitzpatrick"]) + 1) % 2
            rows[f"skin type {low}-{low + 1}, of the reading"].append(row)
        if read and read["site"] not in {"", "unknown"}:
            rows[f"site: {read['site'].replace('_', ' ')}"].append(row)
    return {name: of_name for name, of_name in sorted(rows.items()) if len(of_name) >= FEWEST}


def first_right(probabilities: Array, truth: Array, rows: Array) -> float:
    """Top-1 of some rows."""
    return metrics.top_k_accuracy(probabilities[rows], truth[rows], k=1)


def table_of_subgroups(probabilities: Array, photos: Sequence[LabelledPhoto], groups: dict[str, list[int]]) -> None:
    """One line per subgroup: accuracy, the eczema family's AUC, and how far confidence is from being right."""
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])
    print("| photos of fold 4 | n | top-1 | top-3 | eczema | AUC | calibration error |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, of_name in groups.items():
        rows = np.array(of_name)
        own, said, patient = truth[rows], probabilities[rows], patients[rows]
        top1 = bootstrap_interval(partial(first_right, said, own), patient, seed=0)
        top3 = metrics.top_k_accuracy(said, own, k=3)
        try:
            auc = f"{metrics.roc_auc(said[:, ECZEMA].sum(1), ECZEMA[own]):.2f}"
        except MetricUndefined:
            auc = "none"
        error = metrics.expected_calibration_error(said, own)
        accuracy = f"{top1.estimate:.2f} ({top1.low:.2f} to {top1.high:.2f})"
        print(f"| {name} | {len(rows)} | {accuracy} | {top3:.2f} | {ECZEMA[own].sum()} | {auc} | {error:.2f} |")


def table_of_codes(probabilities: Array, photos: Sequence[LabelledPhoto]) -> None:
    """One line per diagnosis: how often it is found, how often rightly said, and what is said instead."""
    truth, said = np.array([photo.label for photo in photos]), probabilities.argmax(1)
    firsts = np.argsort(-probabilities, axis=1)[:, :3]
    print("\n| diagnosis | n | found first | among three | said, rightly | most often said instead |")
    print("| --- | --- | --- | --- | --- | --- |")
    for label, code in enumerate(CODES):
        own = truth == label
        if not own.any():
            continue
        wrong = Counter(CODES[other] for other in said[own] if other != label).most_common(2)
        instead = ", ".join(f"{other.replace('_', ' ')} ({count})" for other, count in wrong)
        rightly = f"{(said[own] == label).sum()} of {(said == label).sum()}"
        among = (firsts[own] == label).any(1).sum()
        name = code.replace("_", " ")
        print(f"| {name} | {own.sum()} | {(said[own] == label).sum()} | {among} | {rightly} | {instead} |")


def table_of_groups(probabilities: Array, photos: Sequence[LabelledPhoto]) -> None:
    """The confusion between groups of diagnoses: photos by true group (rows) and group of the first answer."""
    truth = GROUP_OF[[photo.label for photo in photos]]
    said = GROUP_OF[probabilities.argmax(1)]
    names = [name.replace("_", " ") for name in GROUPS]
    print(f"\n| true group | {' | '.join(names)} |")
    print(f"| --- |{' --- |' * len(names)}")
    for group, name in enumerate(names):
        counts = [int(((truth == group) & (said == other)).sum()) for other in range(len(names))]
        print(f"| {name} | {' | '.join(map(str, counts))} |")


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    bundle = load_bundle(given.bundle)
    photos = [photo for photo in read_manifest(given.data) if photo.fold == TEST_FOLD]
    logits = predict_graphs(Predictor(bundle), photos).logits
    probabilities = softmax(logits, temperature=bundle.calibration.temperature)
    table_of_subgroups(probabilities, photos, subgroups(photos, read_by_hand(given.data)))
    table_of_codes(probabilities, photos)
    table_of_groups(probabilities, photos)


if __name__ == "__main__":
    main()
