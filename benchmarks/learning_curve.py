"""How accuracy grows with the number of training photos: the general stage, shortened, on shares of the patients.

    python benchmarks/learning_curve.py RUN DATA OUT [--shares 0.25,0.5,1] [--epochs 8] [--side 160]

RUN is a run folder of `flexura train recipes/main.toml` with its teacher and its first checkpoint. Shares hold each
other's patients, chosen by a hash; every share takes as many steps as --epochs over all photos, so that rows differ in
photos and not in time. Judged on the photos that the recipe keeps for calibration, without context: 95 % intervals,
patients resampled. Views of --side pixels and few steps give lower figures than the whole protocol; it is the slope
that counts. A stopped command goes on where it was.
"""

import argparse
import hashlib
import tomllib
from collections.abc import Sequence
from functools import partial
from glob import escape
from pathlib import Path

import numpy as np
from protocol_ablation import changed, toml

from flexura.decision.calibration import Array, fit_temperature, softmax
from flexura.model.checkpoint import load_checkpoint
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval
from flexura.training.arrange import arrange, beside
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.predictions import ECZEMA, predict
from flexura.training.recipe import read_recipe
from flexura.training.train import train


def is_within(patient: str, share: float) -> bool:
    """Whether a patient belongs to a share (0-1) of all; a larger share holds those of a smaller one."""
    return int(hashlib.sha256(f"share {patient}".encode()).hexdigest()[:8], 16) < share * 16**8


def train_on(share: float, run: Path, data: Path, out: Path, *, epochs: int, side: int) -> tuple[Path, int]:
    """Train on a share of the patients; the checkpoint, and how many photos it learned from."""
    recipe, _ = read_recipe(run / "recipe.toml")
    training = arrange(read_manifest(data), recipe, data).training
    left_out = [escape(photo.file) for photo in training if not is_within(photo.group, share)]
    taught = len(training) - len(left_out)
    passes = round(epochs * len(training) / taught)
    of_stage = {"": {"side": side, "watch_every": passes}, "optimiser": {"epochs": passes}}
    table = changed(tomllib.loads((run / "recipe.toml").read_text(encoding="utf-8")), "general", of_stage)
    rows = {"leave_out": [*table["data"]["leave_out"], *left_out], "least_photos": 1}
    folder = out / f"share-{share:g}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "share.toml").write_text(toml(table | {"members": 1, "data": table["data"] | rows}), encoding="utf-8")
    for kept in (run / "00-start.safetensors", run / "teacher.npz"):
        if not (folder / kept.name).exists():
            (folder / kept.name).symlink_to(kept.resolve())
    (trained,) = train(folder / "share.toml", data=data, out=folder, resume=True, stage="general")
    return trained, taught


def judge(checkpoint: Path, photos: Sequence[LabelledPhoto]) -> str:
    """Top-1, top-3, the family's AUC and log loss with intervals, as cells of a table."""
    network, info = load_checkpoint(checkpoint)
    logits = predict(network, photos, side=info.side, half=True).logits
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])
    probabilities = softmax(logits, temperature=fit_temperature(logits, truth, split="calibration"))
    losses = -np.log(probabilities[np.arange(len(truth)), truth])

    def top(rows: Array, *, k: int) -> float:
        return metrics.top_k_accuracy(probabilities[rows], truth[rows], k=k)

    def auc(rows: Array) -> float:
        return metrics.roc_auc(probabilities[rows][:, ECZEMA].sum(1), ECZEMA[truth[rows]])

    def loss(rows: Array) -> float:
        return float(losses[rows].mean())

    found = [bootstrap_interval(each, patients, seed=0) for each in (partial(top, k=1), partial(top, k=3), auc, loss)]
    return " | ".join(f"{each.estimate:.2f} ({each.low:.2f} to {each.high:.2f})" for each in found)


def main() -> None:
    """Train what is not there yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for place in ("run", "data", "out"):
        parser.add_argument(place, type=Path)
    parser.add_argument("--shares", default="0.25,0.5,1")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--side", type=int, default=160, help="of the views, in pixels")
    given = parser.parse_args()
    recipe, _ = read_recipe(given.run / "recipe.toml")
    photos = read_manifest(given.data, teacher=beside(given.run, recipe.data.teacher))
    kept = arrange(photos, recipe, given.data).watched["calibration"]
    print("| share of the patients | photos | top-1 | top-3 | eczema AUC | log loss |")
    print("| --- | --- | --- | --- | --- | --- |")
    for share in map(float, given.shares.split(",")):
        trained, count = train_on(share, given.run, given.data, given.out, epochs=given.epochs, side=given.side)
        print(f"| {share:.0%} | {count} | {judge(trained, kept)} |", flush=True)


if __name__ == "__main__":
    main()
