"""Train a network from a recipe: one loop that can be stopped at any step and goes on where it was.

A run folder holds the recipe's copy, `state.pt` (everything needed to go on), `log.jsonl`
(one line per epoch) and, at the end, `network.safetensors` with the averaged and finished weights.
"""

import json
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.utils.data import DataLoader

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import RecipeError
from flexura.features import FEATURE_NAMES
from flexura.model.backbone import FixedBatchNorm
from flexura.model.checkpoint import CheckpointInfo, save_checkpoint
from flexura.model.network import Network, NetworkConfig
from flexura.pipeline import PREPROCESSING_VERSION
from flexura.training.batches import Batch, Batches
from flexura.training.datasets import (
    CODES,
    LabelledPhoto,
    kept_for_calibration,
    manifest_sha256,
    read_manifest,
    read_rendered,
)
from flexura.training.finish import finish
from flexura.training.losses import answer_losses, area_loss, map_loss, teacher_loss
from flexura.training.optimise import build_optimiser, learning_rate
from flexura.training.precision import has_bfloat16, mixed_precision
from flexura.training.predictions import watch
from flexura.training.recipe import LossConfig, Recipe, read_recipe
from flexura.training.scin import read_context_pool
from flexura.training.teacher import TEACHER_WIDTH

SAVE_EVERY_S = 120


@dataclass
class Run:
    """A run in progress: everything that `state.pt` keeps."""

    network: Network
    projection: nn.Linear  # student's pooled features -> teacher's; dropped after training
    average: Network
    optimiser: AdamW
    step: int = 0


def train(recipe_path: Path, *, data: Path, out: Path, resume: bool, say: Callable[[str], None] = print) -> Path:
    """Train the recipe's network.

    Parameters
    ----------
    recipe_path : Path
        A TOML file; see `recipes/`.
    data : Path
        Folder with `photos.csv`, `photos/` and what else the recipe names.
    out : Path
        Run folder.
    resume : bool
        Go on from `state.pt` in the run folder.
    say : callable
        Takes one line of progress.

    Returns
    -------
    Path
        The trained checkpoint.

    Raises
    ------
    RecipeError
        If the recipe is impossible, or the run folder belongs to another recipe.
    ManifestError
        If the data folder is not what the recipe needs.
    """
    recipe, recipe_sha256 = read_recipe(recipe_path)
    out.mkdir(parents=True, exist_ok=True)
    _claim(out, recipe_path, resume=resume)
    torch.manual_seed(recipe.seed)
    photos = read_manifest(data, teacher=_beside(data, recipe.data.teacher))
    batches, watched = arrange(photos, recipe, data)
    say(f"{len(batches.photos)} photos, {len(batches)} steps of {recipe.optimiser.batch}")
    run = _start(recipe, batches, _beside(data, recipe.backbone_weights))
    if resume and (out / "state.pt").is_file():
        _restore(run, out / "state.pt")
        say(f"resumed at step {run.step}")

    def log(line: dict[str, Any]) -> None:
        with (out / "log.jsonl").open("a", encoding="utf-8") as opened:
            opened.write(json.dumps(line) + "\n")
        say(json.dumps(line))

    _loop(run, batches, recipe=recipe, watched=watched, out=out, log=log)
    finish(run.average, batches, recipe)
    log({"stage": "finish"} | _watched(run.average, watched, recipe))
    info = CheckpointInfo(
        codes=CODES,
        context_names=CONTEXT_NAMES,
        preprocessing_version=PREPROCESSING_VERSION,
        recipe_name=recipe.name,
        recipe_sha256=recipe_sha256,
        manifest_sha256=manifest_sha256(data),
        seed=recipe.seed,
        side=recipe.network_side,
        train_folds=recipe.data.train_folds,
        calibration_one_in=recipe.data.calibration_one_in,
        unseen_sources=recipe.data.unseen_sources,
    )
    save_checkpoint(out / "network.safetensors", run.average, info)
    _write_environment(out / "environment.json", recipe)
    return out / "network.safetensors"


def _beside(data: Path, name: str) -> Path | None:
    return data / name if name else None


def _claim(out: Path, recipe_path: Path, *, resume: bool) -> None:
    kept = out / "recipe.toml"
    if kept.is_file() and resume and kept.read_bytes() != recipe_path.read_bytes():
        raise RecipeError("this run folder belongs to another recipe; give a new folder")
    if (out / "state.pt").is_file() and not resume:
        raise RecipeError("this run folder holds a run; give --resume or a new folder")
    shutil.copyfile(recipe_path, kept)


def arrange(photos: list[LabelledPhoto], recipe: Recipe, data: Path) -> tuple[Batches, dict[str, list[LabelledPhoto]]]:
    """Split photos as a recipe says.

    Parameters
    ----------
    photos : list of LabelledPhoto
        Of the manifest.
    recipe : Recipe
    data : Path
        The data folder, which the recipe's paths are relative to.

    Returns
    -------
    Batches
        What trains.
    dict of str to list of LabelledPhoto
        What is looked at while training, none of which trains: folds to watch, photos kept for calibration, sources
        kept out; those that hold a photo.
    """
    wanted = recipe.data
    unseen = [photo for photo in photos if photo.source in wanted.unseen_sources]
    seen = [photo for photo in photos if photo.source not in wanted.unseen_sources]
    kept = {
        photo.file
        for photo in seen
        if kept_for_calibration(photo, folds=wanted.train_folds, one_in=wanted.calibration_one_in)
    }
    training = [photo for photo in seen if photo.fold in wanted.train_folds and photo.file not in kept]
    scin, rendered = _beside(data, wanted.scin), _beside(data, wanted.rendered)
    batches = Batches(
        training,
        recipe,
        contexts=read_context_pool(scin) if scin else None,
        rendered=read_rendered(rendered) if rendered else [],
    )
    watched = {
        "watch": [photo for photo in seen if photo.fold in wanted.watch_folds],
        "calibration": [photo for photo in seen if photo.file in kept],
        "unseen": unseen,
    }
    return batches, {name: of_name for name, of_name in watched.items() if of_name}


def _start(recipe: Recipe, batches: Batches, weights: Path | None) -> Run:
    config = NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=recipe.layer4_blocks)
    network = Network(config)
    if weights:
        network.backbone.load_pretrained(weights)
        fit_fixed_statistics(network, batches[0].pixels)
    for part in (network.backbone.bn0, network.backbone.conv1, network.backbone.bn1):
        part.requires_grad_(False)
    network.backbone.layer1.requires_grad_(False)
    network.backbone.layer2.requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch stubs lack it for modules
    average = Network(config)
    average.load_state_dict(network.state_dict())
    average.requires_grad_(False).eval()
    projection = nn.Linear(3 * 1024, TEACHER_WIDTH)
    return Run(network, projection, average, build_optimiser(network, projection, recipe.optimiser))


def fit_fixed_statistics(network: Network, pixels: Tensor) -> None:
    """Give the fourth stage's batch norms the statistics of a batch of photos; they stay fixed after it."""
    norms = [part for part in network.backbone.layer4.modules() if isinstance(part, FixedBatchNorm)]
    for norm in norms:
        norm.training, norm.momentum = True, 1.0
    with torch.no_grad():
        network.backbone(network.input_layers(pixels))
    for norm in norms:
        norm.training, norm.momentum = False, 0.1


def batch_loss(run: Run, batch: Batch, config: LossConfig) -> tuple[Tensor, dict[str, float]]:
    """The weighted sum of all tasks' losses on a batch, and each of them."""
    with mixed_precision():
        look = run.network.look(batch.pixels)
        # Nothing is measured on hard crops: the last stage teaches what findings mean.
        findings = torch.full((len(batch.label), len(FEATURE_NAMES)), torch.nan)
        output = run.network.answer(look.pooled, batch.context, findings)
        student = run.projection(look.pooled)
    answers = (output.diagnosis, output.signs, output.iga)
    parts = answer_losses(answers, batch, smoothing=config.label_smoothing, source_weight=config.source_weight) | {
        "maps": map_loss(look.maps, batch.maps, batch.map_trust),
        "area": area_loss(look.maps, batch.maps),
        "teacher": teacher_loss(student, batch.teacher),
    }
    weights = asdict(config)
    total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
    return total, {name: float(part.detach()) for name, part in parts.items()}


def _loop(
    run: Run,
    batches: Batches,
    *,
    recipe: Recipe,
    watched: dict[str, list[LabelledPhoto]],
    out: Path,
    log: Callable[[dict[str, Any]], None],
) -> None:
    steps, per_epoch = len(batches), batches.steps_per_epoch
    run.network.train()
    saved_at, started, first = time.monotonic(), time.monotonic(), run.step
    sums: dict[str, float] = {}
    for batch in _load(batches, run.step):
        _learn(run, batch, recipe=recipe, steps=steps, sums=sums)
        if time.monotonic() - saved_at > SAVE_EVERY_S:
            _save(run, out / "state.pt")
            saved_at = time.monotonic()
        if run.step % per_epoch == 0 or run.step == steps:
            epoch = run.step // per_epoch
            line: dict[str, Any] = {"epoch": epoch, "loss": {k: round(v / per_epoch, 4) for k, v in sums.items()}}
            line["photos_per_s"] = round((run.step - first) * recipe.optimiser.batch / (time.monotonic() - started), 2)
            if epoch % 2 == 0 or run.step == steps:
                line |= _watched(run.average, watched, recipe)
            log(line)
            sums.clear()
    _save(run, out / "state.pt")


def _watched(network: Network, watched: dict[str, list[LabelledPhoto]], recipe: Recipe) -> dict[str, Any]:
    return {name: watch(network, of_name, side=recipe.network_side) for name, of_name in watched.items()}


def _load(batches: Batches, first: int) -> Iterator[Batch]:
    """Batches from step `first` on, drawn by one worker process ahead of the loop."""
    sampler = range(first, len(batches))
    # A generator of its own: starting a loader draws from it, and dropout must not notice a resumed run.
    generator = torch.Generator()
    return iter(
        DataLoader(batches, batch_size=None, sampler=sampler, num_workers=1, prefetch_factor=6, generator=generator)
    )


def _learn(run: Run, batch: Batch, *, recipe: Recipe, steps: int, sums: dict[str, float]) -> None:
    """One optimiser step, then the average follows."""
    config = recipe.optimiser
    for group in run.optimiser.param_groups:
        group["lr"] = learning_rate(run.step, steps=steps, peak=group["peak"], warmup_fraction=config.warmup_fraction)
    loss, parts = batch_loss(run, batch, recipe.loss)
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
    parameters = [parameter for group in run.optimiser.param_groups for parameter in group["params"]]
    nn.utils.clip_grad_norm_(parameters, config.clip_norm)
    run.optimiser.step()
    run.step += 1
    # Early averages would remember the start; the decay grows with the steps done.
    decay = min(config.average_decay, (1 + run.step) / (10 + run.step))
    with torch.no_grad():
        for kept, new in zip(run.average.parameters(), run.network.parameters(), strict=True):
            if new.requires_grad:
                kept.lerp_(new, 1 - decay)
    for name, value in parts.items():
        sums[name] = sums.get(name, 0.0) + value


def _save(run: Run, path: Path) -> None:
    state = {
        "network": run.network.state_dict(),
        "projection": run.projection.state_dict(),
        "average": run.average.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "step": run.step,
        "random": torch.get_rng_state(),
    }
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def _restore(run: Run, path: Path) -> None:
    state = torch.load(path, weights_only=True)
    run.network.load_state_dict(state["network"])
    run.projection.load_state_dict(state["projection"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.step = int(state["step"])
    torch.set_rng_state(state["random"])


def _write_environment(path: Path, recipe: Recipe) -> None:
    environment = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "computed_in": "bfloat16 and float32" if has_bfloat16() else "float32",
        "recipe": asdict(recipe),
    }
    path.write_text(json.dumps(environment, indent=2) + "\n", encoding="utf-8")
