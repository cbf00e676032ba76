"""What the network is worth on photos of sources that it never saw: the protocol of `recipes/main.toml` without them.

    python benchmarks/unseen_source.py DATA OUT SOURCE[+SOURCE...]... [--epochs 20]

For each SOURCE, or several joined by +, a network is trained on the other sources' photos of the training folds
(--epochs of its general stage), and judged on the kept out photos of the same folds, and on those of the others that
were kept for calibration; in both among the codes that both sides hold, without context. 95 % intervals, patients
resampled. With sd198+fitzpatrick17k it is a network of openly licensed photos alone. OUT holds the run folders and,
before the first run, `teacher.npz` of `scripts/teacher`. A stopped command goes on where it was.
"""

import argparse
import json
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from flexura.decision.calibration import Array
from flexura.model.checkpoint import load_checkpoint
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval
from flexura.training.datasets import CODES, LabelledPhoto, kept_for_calibration, read_manifest
from flexura.training.predictions import ECZEMA, predict, softmax
from flexura.training.train import train

RECIPE = Path(__file__).parent.parent / "recipes" / "main.toml"


def recipe_without(sources: Sequence[str], out: Path, *, epochs: int | None) -> Path:
    """The recipe of the shipped network with sources kept out, in the run's folder."""
    text = RECIPE.read_text(encoding="utf-8")
    table = tomllib.loads(text)
    text = text.replace(f"members = {table['members']}\n", "", 1)
    text = text.replace("[data]\n", f"[data]\nunseen_sources = {json.dumps(sources)}\n", 1)
    text = text.replace(f"least_photos = {table['data']['least_photos']}\n", "least_photos = 1\n", 1)
    if epochs is not None:
        general = table["stages"][0]["optimiser"]["epochs"]
        text = text.replace(f"epochs = {general}\n", f"epochs = {epochs}\n", 1)
    folder = out / "+".join(sources)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "teacher.npz").exists():
        (folder / "teacher.npz").symlink_to((out / "teacher.npz").resolve())
    path = folder / "unseen.toml"
    path.write_text(text, encoding="utf-8")
    return path


def judge(checkpoint: Path, photos: Sequence[LabelledPhoto], codes: Array) -> str:
    """Top-1, top-3 and the family's AUC among codes (T,), with intervals; cells of a table, empty where undefined."""
    if not photos:
        return "0 | 0 | | | "
    network, info = load_checkpoint(checkpoint)
    logits = predict(network, photos, side=info.side, half=True).logits
    probabilities = softmax(np.where(codes, logits, -np.inf).astype(np.float32))
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])

    def top(rows: Array, *, k: int) -> float:
        return metrics.top_k_accuracy(probabilities[rows], truth[rows], k=k)

    def auc(rows: Array) -> float:
        return metrics.roc_auc(probabilities[rows][:, ECZEMA].sum(1), ECZEMA[truth[rows]])

    eczema = int(ECZEMA[truth].sum())
    asked: list[Callable[[Array], float]] = [partial(top, k=1), partial(top, k=3)]
    if 0 < eczema < len(photos):
        asked.append(auc)
    found = [bootstrap_interval(each, patients, seed=0) for each in asked]
    cells = [f"{each.estimate:.2f} ({each.low:.2f} to {each.high:.2f})" for each in found]
    return " | ".join([str(len(photos)), str(eczema), *cells, *["" for _ in range(3 - len(cells))]])


def main() -> None:
    """Train what is not there yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("sources", nargs="+")
    parser.add_argument("--epochs", type=int)
    given = parser.parse_args()
    photos = read_manifest(given.data)
    print("| kept out | photos | codes | number | of eczema | top-1 | top-3 | eczema AUC |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for joined in given.sources:
        sources = joined.split("+")
        recipe = recipe_without(sources, given.out, epochs=given.epochs)
        (checkpoint,) = train(recipe, data=given.data, out=recipe.parent, resume=True)
        _, info = load_checkpoint(checkpoint)
        ours = [photo for photo in photos if photo.fold in info.train_folds and photo.code in CODES]
        codes = np.ones(len(CODES), bool)
        for kept_out in (True, False):
            codes &= np.isin(CODES, sorted({photo.code for photo in ours if (photo.source in sources) == kept_out}))
        shared = [photo for photo in ours if codes[photo.label]]
        unseen = [photo for photo in shared if photo.source in sources]
        folds, one_in = info.train_folds, info.calibration_one_in
        kept = [photo for photo in shared if kept_for_calibration(photo, folds=folds, one_in=one_in)]
        known = [photo for photo in kept if photo.source not in sources]
        for name, group in (("its own", unseen), ("of the others", known)):
            print(f"| {joined} | {name} | {codes.sum()} | {judge(checkpoint, group, codes)} |", flush=True)


if __name__ == "__main__":
    main()
