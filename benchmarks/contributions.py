"""What each part of what is known beside the picture adds to the answers of a bundle, and what finding out costs.

    python benchmarks/contributions.py DATA [BUNDLE]

On the photos of `DATA` that `recipes/main.toml` keeps for calibration. Each gets the context of a case of SCIN with the
same diagnosis that no model was trained on. Points are absolute changes of the probability of eczema and of the first
diagnosis, in percent; the cost is that of all 2**K answers beside one whole answer. Then how much better the answers
are: each photo whose diagnosis those cases hold with 20 contexts drawn so, beside none; the difference of the log loss
with its 95 % interval over patients. Picture and context come from two people, so only what is independent given the
diagnosis is counted.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from calibration_photos import kept_photos, losses, told

from flexura.decision.calibration import Array, Calibration, probabilities_of
from flexura.decision.conformal import conformal_scores
from flexura.decision.contributions import contributions_of
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval
from flexura.pipeline import measure, squeeze, withhold_parts
from flexura.records import PartialAnswers
from flexura.training.datasets import LabelledPhoto
from flexura.training.predictions import diagnosis_figures
from flexura.training.scin import read_context_pool

DRAWS = 20


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
    bare: list[Array] = []
    informed: list[Array] = []
    some: list[LabelledPhoto] = []
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
        if photo.code in pool.weights:
            drawn = np.stack([pool.draw(photo.code, random) for _ in range(DRAWS)])
            every, unknown = np.tile(findings, (DRAWS, 1)), np.full(drawn.shape, np.nan, np.float32)
            informed.append(predictor.logits(look, contexts=drawn, findings=every))
            bare.append(predictor.logits(look, contexts=unknown, findings=every))
            some += [photo] * DRAWS
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
    _compare(np.concatenate(bare), np.concatenate(informed), some, calibration=calibration)


def _compare(bare: Array, informed: Array, photos: list[LabelledPhoto], *, calibration: Calibration) -> None:
    """Print the table of answers without and with a context."""
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])
    print(f"\n{len(photos) // DRAWS} photos whose diagnosis the contexts know, {DRAWS} contexts each")
    print("| answers | top-1 | top-3 | AUC | log loss | calibration error | in the set |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    lost = []
    for name, logits in (("without context", bare), ("with context", informed)):
        probabilities = probabilities_of(logits, calibration)
        lost.append(losses(np.log(probabilities + 1e-12), truth))
        error = metrics.expected_calibration_error(probabilities, truth)
        held = (conformal_scores(probabilities, truth) <= calibration.conformal.quantile).mean()
        figures = told(diagnosis_figures(logits, photos), "top1", "top3", "eczema_auc")
        print(f"| {name} | {figures} | {lost[-1].mean():.3f} | {error:.3f} | {held:.3f} |")
    change = bootstrap_interval(lambda rows: float((lost[1] - lost[0])[rows].mean()), patients, seed=0)
    print(f"\nchange of the log loss {change.estimate:+.3f} ({change.low:+.3f} to {change.high:+.3f})")


if __name__ == "__main__":
    main()
