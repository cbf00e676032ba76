"""Rates behind the table `QualityThresholds`: photos refused, made-worse copies and skinless pictures caught.

    python benchmarks/quality_thresholds.py DATA [--every N] [--rendered N] [--only CHECK ...]

DATA holds `photos.csv` and `photos/`; the test fold is left out, no label is read and nothing is written. Healthy
hands of 100 px are left out too: intake refuses them for their size. The copies are made by `worse_copies` (of screens:
`screens.py`). With `--only` just the copies meant for these checks; docs/quality.md holds the tables of one run.
"""

import argparse
import csv
import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import skimage
from PIL import Image
from worse_copies import WORSE, Kind

from flexura.intake.focus import bands, steadiness
from flexura.intake.quality import DETAIL_SIDE_PX, check_quality
from flexura.intake.read import IntakeLimits, read_photo
from flexura.preprocessing.step import shrunk
from flexura.records import Photo, PhotoSource, QualityReport, UInt8Array
from flexura.synthesis.render import render
from flexura.synthesis.spec import draw_spec
from flexura.synthesis.write import SetConfig, encode

_LEFT_OUT_SOURCE = "hands_apache2"
_TEST_FOLD = "4"
# Limit of steadiness, and up to where sharpness across counts; the first is the ratio alone.
_STEADINESS_CHOICES = ((0.72, math.inf), (0.72, 1.8), (0.76, 1.8), (0.80, 1.8), (0.76, 1.7))
_ANY_SIZE = IntakeLimits(min_side_px=64)
_SKINLESS = (
    "brick",
    "camera",
    "cell",
    "chelsea",
    "chessboard_GRAY",
    "clock_motion",
    "coffee",
    "coins",
    "color",
    "grass",
    "gravel",
    "horse",
    "hubble_deep_field",
    "ihc",
    "logo",
    "moon",
    "motorcycle_left",
    "page",
    "phantom",
    "retina",
    "rocket",
    "text",
)


def failed(report: QualityReport) -> set[str]:
    """Names of the checks that did not pass."""
    return {check.name for check in report.checks if not check.passed}


def read_rows(data: Path) -> list[Mapping[str, str]]:
    """Rows of `photos.csv` that are judged: folds 0-3."""
    with (data / "photos.csv").open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["fold"] != _TEST_FOLD and row["source"] != _LEFT_OUT_SOURCE]


def as_photo(pixels: UInt8Array, original: UInt8Array | None = None) -> Photo:
    """Pixels as a photo whose file had the size of the original, or their own."""
    height, width = (pixels if original is None else original).shape[:2]
    return Photo(pixels, PhotoSource("", "none", width, height, 1, "sRGB"))


def print_refusals(rows: Sequence[Mapping[str, str]], reports: Sequence[QualityReport]) -> None:
    """Share of real photos that fail each check, over all and by Fitzpatrick type, and the spread of its values."""
    types = sorted({row["skin_type"].removeprefix("FST") for row in rows} - {""})
    groups = {"all": list(range(len(rows)))}
    for skin_type in types:
        groups[f"F{skin_type}"] = [i for i, row in enumerate(rows) if row["skin_type"].removeprefix("FST") == skin_type]
    print(f"{'failed, %':16}{'limit':>8}{'p1':>8}{'p50':>8}{'p99':>8}" + "".join(f"{group:>8}" for group in groups))
    for number, check in enumerate(reports[0].checks):
        values = np.percentile([report.checks[number].value for report in reports], (1, 50, 99))
        print(f"{check.name:16}{check.threshold:8.3g}" + "".join(f"{value:8.3g}" for value in values), end="")
        for indices in groups.values():
            print(f"{100 * np.mean([not reports[i].checks[number].passed for i in indices]):8.2f}", end="")
        print("" if check.gating else "  advice only")
    refused = (100 * np.mean([not reports[i].accepted for i in indices]) for indices in groups.values())
    print(f"{'refused':48}" + "".join(f"{share:8.2f}" for share in refused))
    print(f"{'photos':48}" + "".join(f"{len(indices):8}" for indices in groups.values()))


def print_catches(pictures: Sequence[UInt8Array], kinds: Sequence[Kind]) -> None:
    """Share of made-worse copies that fail the check meant for them, and of those that are refused at all."""
    for kind in kinds:
        chosen = pictures[:: kind.every]
        for step in kind.steps:
            reports = [check_quality(as_photo(kind.worsen(picture, step), picture)) for picture in chosen]
            caught = np.mean([kind.check in failed(report) for report in reports])
            refused = np.mean([not report.accepted for report in reports])
            print(
                f"{kind.title:32}{step:>6}  {kind.check:16}caught {100 * caught:5.0f} %   refused "
                f"{100 * refused:5.0f} %   of {len(chosen)}",
                flush=True,
            )


def rendered(count: int) -> Iterator[tuple[str, Photo]]:
    """Framing and photo of what `flexura synth --count COUNT` writes: all are good photos."""
    config = SetConfig()
    for seed in np.random.SeedSequence(0).generate_state(count, np.uint64) >> np.uint64(1):
        spec = draw_spec(int(seed), config.size)
        yield spec.framing, read_photo(encode(render(spec).pixels, config))


def print_rendered(photos: Iterable[tuple[str, Photo]]) -> None:
    """Count rendered photos, all good, by framing and the checks that refuse them."""
    outcomes = Counter[str]()
    for framing, photo in photos:
        refusing = [check.name for check in check_quality(photo).checks if check.gating and not check.passed]
        outcomes[f"{framing}: {' + '.join(refusing) or 'accepted'}"] += 1
    for outcome, number in sorted(outcomes.items()):
        print(f"{outcome:40}{number:6}")


def unsteady(pictures: Iterable[UInt8Array]) -> str:
    """Share of pictures that each choice of steadiness calls moved, in percent, as cells of a table."""
    refused = []
    for picture in pictures:
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        detail = bands(shrunk(grey, DETAIL_SIDE_PX))
        refused.append([steadiness(detail, most_across=most) < limit for limit, most in _STEADINESS_CHOICES])
    shares = "".join(f"{100 * share:14.1f}" for share in np.mean(refused, axis=0))
    return f"{shares}{len(refused):8}"


def print_steadiness(pictures: Sequence[UInt8Array], copied: Sequence[UInt8Array], drawn: Sequence[Photo]) -> None:
    """What each choice of steadiness refuses: copies made worse, real photos and rendered ones."""
    heads = "".join(f"{f'{limit:.2f} to {most}':>14}" for limit, most in _STEADINESS_CHOICES)
    print(f"{'limit, across to':32}{heads}{'photos':>8}")
    for kind in (kind for kind in WORSE if kind.check == "steadiness"):
        for step in kind.steps:
            print(
                f"{f'{kind.title} {step:g}':32}{unsteady(kind.worsen(picture, step) for picture in copied)}", flush=True
            )
    print(f"{'as they are':32}{unsteady(pictures)}")
    print(f"{'rendered':32}{unsteady(photo.pixels for photo in drawn)}")


def skinless() -> Iterator[tuple[str, UInt8Array]]:
    """scikit-image's sample pictures that show no human skin, and drawn noise and sky."""
    for stem in _SKINLESS:
        path = next((Path(skimage.__file__).parent / "data").glob(f"{stem}.*"))
        yield stem, np.asarray(Image.open(path).convert("RGB"), np.uint8)
    rng = np.random.default_rng(0)
    yield "noise, colour", rng.integers(0, 256, (300, 400, 3), dtype=np.uint8)
    yield "noise, grey", np.repeat(rng.integers(0, 256, (300, 400, 1), dtype=np.uint8), 3, axis=2)
    slope = np.linspace(0, 1, 300, dtype=np.float32)[:, None, None]
    yield "sky", np.broadcast_to(slope * (200, 220, 245) + (1 - slope) * (60, 110, 200), (300, 400, 3)).astype(np.uint8)
    yield "white", np.full((300, 400, 3), 255, np.uint8)
    yield "black", np.zeros((300, 400, 3), np.uint8)


def read_pictures(data: Path, rows: Sequence[Mapping[str, str]]) -> list[UInt8Array]:
    """The photos' pixels."""
    return [read_photo((data / "photos" / row["file"]).read_bytes(), limits=_ANY_SIZE).pixels for row in rows]


def print_everything(rows: Sequence[Mapping[str, str]], pictures: Sequence[UInt8Array]) -> None:
    """Refusals of real photos and of skinless pictures."""
    start = time.thread_time()
    reports = [check_quality(as_photo(picture)) for picture in pictures]
    print(f"{(time.thread_time() - start) / len(reports) * 1000:.1f} ms of one thread a photo of 448 px")
    print_refusals(rows, reports)
    outcomes = {name: failed(check_quality(as_photo(picture))) for name, picture in skinless()}
    caught = [name for name, checks in outcomes.items() if "skin_coverage" in checks]
    print(f"without skin: {len(caught)} of {len(outcomes)} refused; accepted: {sorted(set(outcomes) - set(caught))}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with photos.csv and photos/")
    parser.add_argument("--every", type=int, default=18, metavar="N", help="make worse copies of every n-th photo")
    parser.add_argument("--rendered", type=int, default=300, metavar="N", help="judge N rendered photos too")
    parser.add_argument("--only", nargs="+", metavar="CHECK", help="only the copies meant for these checks")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = read_rows(arguments.data)
    if arguments.only:
        kinds = [kind for kind in WORSE if kind.check in arguments.only]
        print_catches(read_pictures(arguments.data, rows[:: arguments.every]), kinds)
        return
    pictures = read_pictures(arguments.data, rows)
    print_everything(rows, pictures)
    print_catches(pictures[:: arguments.every], WORSE)
    drawn = list(rendered(arguments.rendered))
    print_rendered(drawn)
    print_steadiness(pictures, pictures[:: arguments.every], [photo for _, photo in drawn])


if __name__ == "__main__":
    main()
