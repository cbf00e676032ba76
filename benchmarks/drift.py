"""How often drift is called without any, and how often a named shift is found, on rendered skin.

    python benchmarks/drift.py FOLDER          assess what is missing in FOLDER, then count
    python benchmarks/drift.py FOLDER --count  only count what is there

Each condition's documents are kept in FOLDER as JSON lines, so that a stopped run goes on. A trial draws a reference
and a window without replacement; false alarms draw both from the unshifted photos. Trials share photos.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.errors import InputRefused
from flexura.inference.predictor import Predictor
from flexura.monitoring.channels import read_columns
from flexura.monitoring.drift import find_drift
from flexura.monitoring.intervals import wilson_interval
from flexura.records import UInt8Array
from flexura.settings import build_predictor, read_settings
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec, draw_spec
from flexura.workflow import AssessedPhoto, assess_photo

Json = dict[str, Any]


@dataclass(frozen=True)
class Condition:
    """A way in which photos come: which specs, what the camera does, which ages (mean of a log-normal), how many."""

    spec: Callable[[SkinSpec], SkinSpec] = lambda spec: spec
    camera: Callable[[UInt8Array], UInt8Array] = lambda pixels: pixels
    jpeg: int = 92
    age: float = 12.0
    photos: int = 80


def _darker(pixels: UInt8Array) -> UInt8Array:
    return np.asarray(255 * (pixels / 255.0) ** 1.8, np.uint8)


def _blurred(pixels: UInt8Array) -> UInt8Array:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.0), np.uint8)


def _severe(spec: SkinSpec) -> SkinSpec:
    return replace(spec, signs=(3, 2, 2, 1, 2, 1), area=0.45)


CONDITIONS: Mapping[str, Condition] = {
    "none": Condition(photos=320),
    "darker light": Condition(camera=_darker),
    "other camera": Condition(camera=_blurred, jpeg=60),
    "other cases": Condition(spec=_severe),
    "darker skin": Condition(spec=lambda spec: replace(spec, tone=8 + spec.seed % 3)),
    "other ages": Condition(age=40.0),
}


def assess_all(folder: Path) -> None:
    """Assess every condition's photos that are not there yet, in turns, so that a stop leaves some of each."""
    predictor = build_predictor(read_settings())
    folder.mkdir(parents=True, exist_ok=True)
    for share in (0.25, 0.5, 0.75, 1.0):
        for place, (name, condition) in enumerate(CONDITIONS.items()):
            path = folder / f"{name.replace(' ', '_')}.jsonl"
            done = len(path.read_text().splitlines()) if path.exists() else 0
            with path.open("a") as lines:
                for number in range(done, int(share * condition.photos)):
                    lines.write(json.dumps(_assess(condition, 10_000 * (place + 1) + number, predictor)) + "\n")
                    lines.flush()


def _assess(condition: Condition, seed: int, predictor: Predictor) -> Json:
    age = float(np.exp(np.random.default_rng([seed, 99]).normal(np.log(condition.age), 0.8)))
    context = {"age_years": round(min(age, 99.0), 1)}
    pixels = condition.camera(render(condition.spec(draw_spec(seed))).pixels)
    settings = [cv2.IMWRITE_JPEG_QUALITY, condition.jpeg]
    content = cv2.imencode(".jpg", pixels[..., ::-1], settings)[1].tobytes()
    try:
        outcome = assess_photo(content, read_context(context), predictor=predictor)
    except InputRefused as error:
        return {"schema": "flexura.refusal/1", "reasons": [{"code": error.code}], "context": context}
    if isinstance(outcome, AssessedPhoto):
        return to_document(outcome.assessment) | {"context": context}
    failed = [check for check in outcome.quality.checks if check.gating and not check.passed]
    checks = [{"name": check.name, "value": check.value} for check in outcome.quality.checks]
    reasons = [{"code": str(check.reason)} for check in failed]
    return {"schema": "flexura.refusal/1", "reasons": reasons, "quality": {"checks": checks}, "context": context}


def count_alarms(folder: Path, *, reference: int, window: int, trials: int) -> None:
    """Print of each condition how often a window alarms, with 95 % intervals, and the channels that told most often."""
    columns = {name: read_columns(_read(folder, name)) for name in CONDITIONS}
    base = columns["none"]
    cases = len(base["diagnosis"])
    generator = np.random.default_rng(0)
    for name, own in columns.items():
        told: Counter[str] = Counter()
        alarms = 0
        for trial in range(trials):
            order = generator.permutation(cases)
            held = order[reference:] if name == "none" else generator.permutation(len(own["diagnosis"]))
            sides = (
                {key: each[at] for key, each in side.items()}
                for side, at in ((base, order[:reference]), (own, held[:window]))
            )
            drifted = find_drift(*sides, seed=trial).drifted
            alarms += bool(drifted)
            told.update(drifted[:1])
        low, high = wilson_interval(alarms, trials)
        most = ", ".join(channel for channel, _ in told.most_common(3))
        print(f"{name:<14}{alarms / trials:6.3f}  [{low:.3f}, {high:.3f}]  of {trials}  {most}")


def _read(folder: Path, name: str) -> list[Json]:
    lines = (folder / f"{name.replace(' ', '_')}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def main() -> None:
    """Assess, then count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--reference", type=int, default=200)
    parser.add_argument("--window", type=int, default=60)
    parser.add_argument("--trials", type=int, default=400)
    chosen = parser.parse_args()
    if not chosen.count:
        assess_all(chosen.folder)
    count_alarms(chosen.folder, reference=chosen.reference, window=chosen.window, trials=chosen.trials)


if __name__ == "__main__":
    main()
