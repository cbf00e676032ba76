"""What each part of what is known beside the picture adds to the answers of a bundle, and what finding out costs.

    python benchmarks/contributions.py DATA [BUNDLE]

On the photos of `DATA` that `recipes/main.toml` keeps for calibration. Each gets the context of a case of SCIN with the
same diagnosis that no model was trained on. Points are absolute changes of the probability of eczema and of the first
diagnosis, in percent; the cost is that of all 2**K answers beside one whole answer.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from calibration_photos import kept_photos

from flexura.decision.contributions import contributions_of
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.pipeline import measure, squeeze, withhold_parts
from flexura.records import PartialAnswers
from flexura.training.scin import read_context_pool


def main() -> None:
    """Print one table of the parts and one of the cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("bundle", type=Path, nargs="?")
    given = parser.parse_args()
    predictor, random = Predictor(load_bundle(given.bundle)), np.random.default_rng(0)
    calibration, pool = predictor.bundle.calibration, read_context_pool(given.data / "scin", held_out=True)
    added: dict[str, list[tuple[float, float]]] = defaultdict(list)
    costs: dict[int, list[tuple[float, float]]] = defaultdict(list)
    photos = kept_photos(given.data)
    for photo in photos:
        started = time.perf_counter()
        look = predictor.look(squeeze(photo.pixels, predictor.side))
        findings = measure(photo.pixels, look.lesion_map, look.skin_map, reading=calibration.area_reading).values
        context = pool.draw(photo.code, random)
        predictor.answer(look, context=context, findings=findings)
        answered = time.perf_counter()
        parts, contexts, measured = withhold_parts(context, findings)
        partial = PartialAnswers(parts, predictor.logits(look, contexts=contexts, findings=measured))
        found = contributions_of(partial, calibration=calibration)
        costs[len(parts)].append((answered - started, time.perf_counter() - answered))
        for each in found.parts:
            added[each.part].append((abs(each.eczema), abs(each.first)))
    print(f"{len(photos)} photos\n")
    print("| part | known | eczema: mean, largest | first: mean, largest |\n| --- | --- | --- | --- |")
    for part, changes in sorted(added.items(), key=lambda row: -np.mean(row[1])):
        means, most = 100 * np.mean(changes, 0), 100 * np.max(changes, 0)
        print(f"| {part} | {len(changes)} | {means[0]:.1f}, {most[0]:.1f} | {means[1]:.1f}, {most[1]:.1f} |")
    print("\n| parts | answers | photos | look, measure and answer, ms | all partial answers, ms |")
    print("| --- | --- | --- | --- | --- |")
    for count, spent in sorted(costs.items()):
        whole, partly = 1000 * np.median(spent, 0)
        print(f"| {count} | {2**count} | {len(spent)} | {whole:.0f} | {partly:.1f} |")


if __name__ == "__main__":
    main()
