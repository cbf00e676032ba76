"""Where the limits of the findings lie among real photos, and whether the network's lesion map tells the same.

    python benchmarks/finding_limits.py DATA [--count 180]

DATA holds `photos.csv`, `photos/` and `outlines/` (0 background, 128 skin, 255 lesion). A random sample of the
training folds 0-3 with an outline, at the size that features are measured at. Printed for each measured finding: the
share of photos that lies beyond each limit, by the outlines; and on every third photo, how often the finding by the
network's map is the same by the outline, cannot be told by it, or is the contrary.
"""

import argparse
import csv
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np

from flexura.decision.findings.readings import Measured, Seen
from flexura.decision.findings.shown import SHOWN
from flexura.features import extract
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.pipeline import MEASURED_SIDE_PX, measure, squeeze
from flexura.records import Area, FeatureVector, PatientContext, UInt8Array

TEST_FOLD = "4"
NOBODY = PatientContext()
MEASURED = [(row.code, reading) for row in SHOWN for reading in row.readings if isinstance(reading, Measured)]


def sampled(data: Path, count: int) -> Iterator[tuple[UInt8Array, UInt8Array]]:
    """Give photos with their outlines, shuffled once and for all."""
    with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file) if row["fold"] != TEST_FOLD]
    outlines = {name: data / "outlines" / f"{name.replace('/', '__').rsplit('.', 1)[0]}.png" for name in names}
    names = [name for name in names if outlines[name].exists()]
    random.Random(0).shuffle(names)
    for name in names[:count]:
        pixels = cv2.imread(str(data / "photos" / name))
        outline = cv2.imread(str(outlines[name]), cv2.IMREAD_GRAYSCALE)
        assert pixels is not None
        assert outline is not None
        height, width = pixels.shape[:2]
        scale = MEASURED_SIDE_PX / max(height, width)
        size = (round(width * scale), round(height * scale))
        kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        resized = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), size, interpolation=kind)
        yield np.asarray(resized, np.uint8), np.asarray(cv2.resize(outline, size, interpolation=0), np.uint8)


def told(vector: FeatureVector) -> Mapping[str, bool | None]:
    """Each measured finding on its own."""
    features = dict(zip(vector.names, map(float, vector.values), strict=True))
    seen = Seen(features, {}, Area(None, None, 1.0, None), NOBODY)
    return {code: reading.read(seen) for code, reading in MEASURED}


def by_map(pixels: UInt8Array, predictor: Predictor) -> Mapping[str, bool | None]:
    """The findings by the network's maps, as in an answer."""
    look = predictor.look(squeeze(pixels, predictor.side))
    reading = predictor.bundle.calibration.area_reading
    return told(measure(pixels, look.lesion_map, look.skin_map, reading=reading))


def main() -> None:
    """Print one line for each measured finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--count", type=int, default=180)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    predictor = Predictor(load_bundle(), threads=1)
    shares: Counter[tuple[str, bool | None]] = Counter()
    pairs: Counter[tuple[str, bool, bool | None]] = Counter()
    photos = 0
    for pixels, outline in sampled(given.data, given.count):
        by_outline = told(extract(pixels, outline == 255, outline >= 128))
        shares.update(by_outline.items())
        if photos % 3 == 0:
            maps = by_map(pixels, predictor)
            pairs.update((code, present, by_outline[code]) for code, present in maps.items() if present is not None)
        photos += 1
    print(f"{photos} photos; by the map: same / cannot be told / contrary by the outline")
    for code, reading in MEASURED:
        print(f"{code:15}{reading.limits:55} present {shares[code, True] / photos:.2f}", end="")
        print(f" absent {shares[code, False] / photos:.2f}", end="")
        for present in (True, False):
            words = " / ".join(str(pairs[code, present, other]) for other in (present, None, not present))
            print(f"  map {'present' if present else 'absent'} {words}", end="")
        print()


if __name__ == "__main__":
    main()
