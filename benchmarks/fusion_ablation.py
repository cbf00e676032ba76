"""What context and each family of image features add to the answer: the last stage trained with and without them.

    python benchmarks/fusion_ablation.py DATA RECIPE CHECKPOINT [--views FILE]

CHECKPOINT is a run's network; its backbone and maps stay, fusion and heads learn anew for every row from the same
views (kept in FILE for the next time) and the same start. Judged on the photos that the recipe keeps for calibration,
which trained nothing. Then contexts: every photo is given the answers of a SCIN case of its diagnosis that trained
nothing, or no context. Intervals are 95 % of the paired difference by bootstrap over patients. Nothing else is written.
"""

import argparse
import copy
import dataclasses
from pathlib import Path

import numpy as np
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.features.extract import FAMILIES, FEATURE_NAMES
from flexura.model.checkpoint import load_checkpoint
from flexura.model.network import Network
from flexura.monitoring.intervals import bootstrap_interval
from flexura.records import FloatArray
from flexura.training.arrange import Arranged, arrange
from flexura.training.batches import Batch
from flexura.training.datasets import CODES, LabelledPhoto, read_manifest
from flexura.training.learn import Plan, begin, learn
from flexura.training.predictions import (
    SeenPhotos,
    answer_seen,
    diagnosis_figures,
    see,
    sign_figures,
    softmax,
)
from flexura.training.processes import ALONE
from flexura.training.recipe import Recipe, read_recipe
from flexura.training.scin import read_context_pool
from flexura.training.tasks import Tasks
from flexura.training.views import KeptViews, View, keep_views


def family_columns() -> dict[str, list[int]]:
    """The columns of each family of features."""
    return {
        measure.__name__.removesuffix("_features"): [FEATURE_NAMES.index(name) for name in table]
        for table, measure in FAMILIES
    }


def without(findings: FloatArray, columns: list[int]) -> FloatArray:
    """Findings with some columns unknown."""
    kept = findings.copy()
    kept[:, columns] = np.nan
    return kept


def trained(start: Network, views: list[View], recipe: Recipe, columns: list[int]) -> Network:
    """The network after the last stage, which never sees these columns."""
    stage = recipe.stages[-1]
    blind = [each._replace(findings=_hidden(each.findings, columns)) for each in views]
    per_epoch = len(views) // stage.kept_views
    plan = Plan(
        stage=stage,
        tasks=Tasks(stage.loss, torch.ones(len(CODES))),
        steps=stage.optimiser.epochs * per_epoch,
        steps_per_epoch=per_epoch,
        seed=recipe.seed,
        device=torch.device("cpu"),
        ranks=ALONE,
    )
    share = stage.sampling.findings_share
    shown = KeptViews(blind, steps=plan.steps, seed=plan.seed, findings_share=share)
    progress = begin(copy.deepcopy(start), plan)
    return learn(progress, plan, shown, look=lambda _: {}, tell=lambda _: None, state_file=None)


def _hidden(findings: torch.Tensor | None, columns: list[int]) -> torch.Tensor | None:
    return None if findings is None else torch.from_numpy(without(findings.numpy(), columns))


def log_losses(logits: FloatArray, photos: list[LabelledPhoto]) -> FloatArray:
    """Minus the logarithm of the truth's probability, photo by photo (N,)."""
    truth = np.array([photo.label for photo in photos])
    return np.asarray(-np.log(np.maximum(softmax(logits)[np.arange(len(truth)), truth], 1e-12)), np.float32)


def difference(one: FloatArray, other: FloatArray, photos: list[LabelledPhoto]) -> str:
    """Mean paired difference with its interval."""
    paired = one - other
    patients = np.array([photo.group for photo in photos])
    found = bootstrap_interval(lambda rows: float(paired[rows].mean()), patients, seed=0)
    return f"{found.estimate:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def row(name: str, logits: FloatArray, photos: list[LabelledPhoto], *, kappa: float | None, against: FloatArray) -> str:
    """One line of the table."""
    figures = diagnosis_figures(logits, photos)
    losses = log_losses(logits, photos)
    signs = "" if kappa is None else f"  signs {kappa:.3f}"
    return (
        f"{name:<26} top-1 {figures['top1']:.3f}  top-3 {figures['top3']:.3f}  AUC {figures['eczema_auc']:.3f}  "
        f"log-loss {losses.mean():.3f}, change {difference(losses, against, photos)}{signs}"
    )


def load_views(path: Path | None, network: Network, recipe: Recipe, arranged: Arranged) -> list[View]:
    """The last stage's views, from a file that an earlier run kept or drawn anew."""
    if path is not None and path.is_file():
        kept = torch.load(path, weights_only=True)
        return [View(Batch(**batch), pooled=pooled, findings=findings) for pooled, findings, batch in kept]
    stage = recipe.stages[-1]
    views = keep_views(network, arranged.batches(stage, seed=recipe.seed), stage)
    if path is not None:
        torch.save([(each.pooled, each.findings, vars(each.batch)) for each in views], path)
    return views


def context_rows(network: Network, seen: SeenPhotos, photos: list[LabelledPhoto], scin: Path) -> None:
    """Print what held-out contexts of the same diagnosis add, on photos whose diagnosis SCIN holds."""
    pool, random = read_context_pool(scin, held_out=True), np.random.default_rng(0)
    rows = [index for index, photo in enumerate(photos) if photo.code in pool.weights]
    some = [photos[index] for index in rows]
    part = SeenPhotos(seen.pooled[rows], seen.maps[rows], seen.findings[rows])
    contexts = np.stack([pool.draw(photo.code, random) for photo in some])
    bare = answer_seen(network, part).logits
    print(f"\n{len(some)} photos of diagnoses that SCIN holds; {len(CONTEXT_NAMES)} context fields")
    print(row("without context", bare, some, kappa=None, against=log_losses(bare, some)))
    told = answer_seen(network, part, contexts).logits
    print(row("with a context", told, some, kappa=None, against=log_losses(bare, some)))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="The last stage with and without each family of inputs.")
    parser.add_argument("data", type=Path)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--views", type=Path)
    asked = parser.parse_args()
    recipe, _ = read_recipe(asked.recipe)
    network, _ = load_checkpoint(asked.checkpoint)
    network.requires_grad_(False)
    arranged = arrange(read_manifest(asked.data), recipe, asked.data)
    photos = arranged.watched["calibration"]
    seen = see(network, photos, side=recipe.network_side)
    views = load_views(asked.views, network, recipe, arranged)
    whole = trained(network, views, recipe, [])
    against = log_losses(answer_seen(whole, seen).logits, photos)
    print(f"{len(photos)} photos kept for calibration; change against the first row, more is worse")
    families = family_columns()
    variants: dict[str, list[int]] = {"all families": []} | {
        f"without {name}": columns for name, columns in families.items()
    }
    for name, columns in (variants | {"without any finding": list(range(len(FEATURE_NAMES)))}).items():
        other = trained(network, views, recipe, columns) if columns else whole
        found = answer_seen(other, dataclasses.replace(seen, findings=without(seen.findings, columns)))
        print(
            row(name, found.logits, photos, kappa=sign_figures(found, photos)["mean_of_signs"], against=against),
            flush=True,
        )
    context_rows(whole, seen, photos, asked.data / recipe.data.scin)


if __name__ == "__main__":
    main()
