"""By how much two photos of one patient differ in what left and right are compared by.

    python benchmarks/side_limits.py DATA

DATA holds `photos.csv` and `photos/`. All pairs of photos within a group of SD-198 (a patient, or a run of photos that
may hold several), growths left out, every group with the same weight. Measured as in an answer, by the network's maps.
Their sites are not told, so what is printed holds real differences beside the errors of light, distance and maps.
Printed for every side feature: groups that have it, and the median, 90th and 95th percentile of the absolute
difference; then the same of those pairs whose light lets colours be compared.
"""

import argparse
import csv
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from flexura.decision.whole.sides import LIGHTNESS_LIMIT
from flexura.features import compare_sides
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.pipeline import measure, squeeze
from flexura.records import FeatureVector


def runs(data: Path) -> list[list[str]]:
    """Photos of every group with two or more."""
    groups = defaultdict(list)
    with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["source"] == "sd198" and row["code"] != "growth":
                groups[row["group"]].append(row["file"])
    return [files for files in groups.values() if len(files) > 1]


def features(path: Path, predictor: Predictor) -> FeatureVector:
    """Measure a photo by the network's maps."""
    found = cv2.imread(str(path))
    assert found is not None
    pixels = np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)
    look = predictor.look(squeeze(pixels, predictor.side))
    return measure(pixels, look.lesion_map, look.skin_map, reading=predictor.bundle.calibration.area_reading)


def main() -> None:
    """Print one line for each feature, of all pairs and of those in the same light."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    predictor = Predictor(load_bundle(), threads=1)
    compared, groups, lights = [], [], []
    for group, files in enumerate(runs(given.data)):
        measured = [features(given.data / "photos" / name, predictor) for name in files]
        for one, other in combinations(measured, 2):
            compared.append(compare_sides(one, other))
            groups.append(group)
            place = one.names.index("skin_lightness")
            lights.append(abs(float(one.values[place] - other.values[place])))
    differences = np.abs([one.values for one in compared])
    same_light = np.array(lights) <= LIGHTNESS_LIMIT
    for title, chosen in (("all pairs", np.ones(len(lights), bool)), ("pairs in the same light", same_light)):
        print(f"{title}: {chosen.sum()} of {len(set(np.array(groups)[chosen]))} groups")
        for place, (name, unit) in enumerate(zip(compared[0].names, compared[0].units, strict=True)):
            known = chosen & ~np.isnan(differences[:, place])
            own = np.array(groups)[known]
            weights = 1 / np.bincount(own)[own]
            middle, wide, widest = np.quantile(
                differences[known, place], (0.5, 0.9, 0.95), weights=weights, method="inverted_cdf"
            )
            print(f"{name:40}{unit:28}{len(set(own)):4}{middle:8.3f}{wide:8.3f}{widest:8.3f}")


if __name__ == "__main__":
    main()
