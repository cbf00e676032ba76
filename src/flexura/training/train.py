"""Train networks from a recipe, stage by stage; a run can be stopped at any step and goes on where it was."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import RecipeError
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import SHIPPED
from flexura.model.checkpoint import CheckpointInfo, load_checkpoint, save_checkpoint
from flexura.model.network import Network, NetworkConfig
from flexura.pipeline import PREPROCESSING_VERSION
from flexura.records import FloatArray
from flexura.training.arrange import Arranged, arrange, beside
from flexura.training.batches import Batches
from flexura.training.datasets import CODES, manifest_sha256, read_manifest
from flexura.training.learn import Plan, begin, learn, load
from flexura.training.precision import choose_type, find_device
from flexura.training.predictions import watch
from flexura.training.processes import Ranks, from_leader, joined, wait_for_all
from flexura.training.recipe import Recipe, StageConfig, keeps_answers, read_recipe
from flexura.training.run_folder import RunFolder, open_run, write_environment
from flexura.training.start import load_start
from flexura.training.tasks import Tasks, code_weights
from flexura.training.views import FreshViews, KeptViews, View, Views, keep_views

_START = "start"


def train(
    recipe_path: Path,
    *,
    data: Path,
    out: Path,
    resume: bool,
    stage: str | None = None,
    say: Callable[[str], None] = print,
) -> tuple[Path, ...]:
    """Train the recipe's network, or all its members one after the other.

    Parameters
    ----------
    recipe_path : Path
        A TOML file; see `recipes/`.
    data : Path
        Folder with `photos.csv`, `photos/` and what else the recipe names.
    out : Path
        Run folder; holds the teacher's file already where the recipe names one. Several members have a folder in it
        each, `member-1` and so on.
    resume : bool
        Go on with the run in that folder.
    stage : str, optional
        Run this stage alone, from the weights of the stage before it; all of them by default.
    say : callable
        Takes one line of progress.

    Returns
    -------
    tuple of Path
        The trained checkpoint of each member; with `stage`, the one after that stage.

    Raises
    ------
    RecipeError
        If the recipe is impossible, the run folder belongs to another recipe, or the stage's start is missing.
    ManifestError
        If the data folder is not what the recipe needs.
    """
    recipe, recipe_sha256 = read_recipe(recipe_path)
    names = [each.name for each in recipe.stages]
    if stage is not None and stage not in names:
        raise RecipeError(f"the recipe has no stage {stage!r}; it has {', '.join(names)}")
    info = _info(recipe, recipe_sha256, data)
    trained = []
    with joined() as ranks:
        for member in range(1, recipe.members + 1):
            own = out if recipe.members == 1 else out / f"member-{member}"
            with open_run(own, recipe_path, resume=resume, say=say, ranks=ranks) as folder:
                photos = read_manifest(data, teacher=beside(out, recipe.data.teacher))
                seeded = replace(recipe, seed=recipe.seed + member - 1)
                run = _Run(seeded, arrange(photos, seeded, data), folder, replace(info, seed=seeded.seed), data, member)
                trained.append(run.do(stage))
    return tuple(trained)


def _info(recipe: Recipe, recipe_sha256: str, data: Path) -> CheckpointInfo:
    return CheckpointInfo(
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


class _Run:
    """A recipe on its way through the stages."""

    def __init__(
        self, recipe: Recipe, arranged: Arranged, folder: RunFolder, info: CheckpointInfo, data: Path, member: int
    ) -> None:
        self.recipe, self.arranged, self.folder, self.ranks, self.info = recipe, arranged, folder, folder.ranks, info
        self.data, self.member = data, member

    def do(self, only: str | None) -> Path:
        """All stages, or one alone, and the checkpoint after it."""
        self.start()
        names = [stage.name for stage in self.recipe.stages]
        for number, name in enumerate(names, start=1):
            if only in (None, name):
                self.do_stage(number, self.recipe.stages[number - 1])
        if only is not None:
            return self.folder.checkpoint(names.index(only) + 1, only)
        if self.ranks.leads:
            save_checkpoint(self.folder.network, *load_checkpoint(self.folder.checkpoint(len(names), names[-1])))
            kind = choose_type(self.recipe.stages[0].optimiser.precision, find_device())
            place = self.folder.path / "environment.json"
            write_environment(place, self.recipe, computed_in=str(kind).removeprefix("torch."))
        return self.folder.network

    def start(self) -> None:
        """Keep what the run starts from, unless it is there; networks that teach are found now or never."""
        for stage in self.recipe.stages:
            if stage.answers_of:
                self._network_of(stage.answers_of)
        path = self.folder.checkpoint(0, _START)
        if path.is_file() or not self.ranks.leads:
            return wait_for_all(self.ranks)
        save_checkpoint(path, self._network_of(self.recipe.start), self.info)
        return wait_for_all(self.ranks)

    def do_stage(self, number: int, stage: StageConfig) -> None:
        """Run a stage, go on with it, or find it finished."""
        path = self.folder.checkpoint(number, stage.name)
        if path.is_file():
            return
        device, seed = find_device(), int(np.random.SeedSequence((self.recipe.seed, number)).generate_state(1)[0])
        batches = self.arranged.batches(stage, seed=seed, ranks=self.ranks)
        self.folder.say(f"stage {stage.name}: {len(batches.photos)} photos, {len(batches)} steps")
        plan = Plan(
            stage=stage,
            tasks=Tasks(stage.loss, code_weights(batches.photos, stage.loss.class_weight_power)),
            steps=len(batches),
            steps_per_epoch=batches.steps_per_epoch,
            seed=seed,
            device=device,
            ranks=self.ranks,
            before=self._kept(number, stage).to(device) if keeps_answers(stage.loss) else None,
        )
        network = self._before(number).to(device)
        views = self._views(network, batches, plan)
        progress = begin(network, plan)
        if self.folder.state.is_file():
            load(progress, self.folder.state, stage=stage)
            self.folder.say(f"resumed stage {stage.name} at step {progress.step}")
        finished = learn(
            progress,
            plan,
            views,
            look=self._look,
            tell=self.folder.log,
            state_file=self.folder.state if self.ranks.leads else None,
        )
        if self.ranks.leads:
            save_checkpoint(path, finished.cpu(), self.info)
            self.folder.state.unlink(missing_ok=True)
        wait_for_all(self.ranks)

    def _network_of(self, weights: str) -> Network:
        """A network with the weights that a recipe names as its start; with none, a new one."""
        torch.manual_seed(self.recipe.seed)
        config = NetworkConfig(
            len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=self.recipe.layer4_blocks
        )
        network = Network(config)
        path = SHIPPED if weights == "shipped" else beside(self.data, weights)
        if path is not None:
            first = self.arranged.batches(self.recipe.stages[0], seed=self.recipe.seed)
            load_start(network, path, first[0].pixels, member=self.member)
        return network

    def _kept(self, number: int, stage: StageConfig) -> Network:
        """The network whose answers a stage keeps."""
        if not stage.answers_of:
            return self._before(number)
        return self._network_of(stage.answers_of).requires_grad_(False).eval()

    def _before(self, number: int) -> Network:
        """The network that a stage starts from."""
        name = self.recipe.stages[number - 2].name if number > 1 else _START
        path = self.folder.checkpoint(number - 1, name)
        if not path.is_file():
            raise RecipeError(
                f"the run folder has no {path.name}, which this stage starts from; run stage {name!r} first"
            )
        return load_checkpoint(path)[0].requires_grad_(False)

    def _views(self, network: Network, batches: Batches, plan: Plan) -> Views:
        if not plan.stage.kept_views:
            return FreshViews(batches)
        kept = keep_views(network, batches, plan.stage)
        if "fusion" in plan.stage.teach:
            _scale_findings(network, kept, self.ranks)
        share = plan.stage.sampling.findings_share
        return KeptViews(kept, steps=plan.steps, seed=plan.seed, findings_share=share)

    def _look(self, network: Network) -> dict[str, Any]:
        side = self.recipe.network_side
        return {name: watch(network, photos, side=side) for name, photos in self.arranged.watched.items()}


def _scale_findings(network: Network, kept: list[View], ranks: Ranks) -> None:
    """Bring findings to unit scale by those of the (first process's) views, if these hold any."""
    measured = [view.findings.numpy() for view in kept if view.findings is not None]
    if not measured:
        return
    centre, spread = _spread(np.concatenate(measured))
    branch = network.fusion.from_findings
    branch.centre.copy_(torch.from_numpy(centre))
    branch.spread.copy_(torch.from_numpy(spread))
    for buffer in (branch.centre, branch.spread):
        from_leader(buffer, ranks)


def _spread(measured: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation of each finding (M,) where it is known; 1 for one that never varies."""
    known = ~np.isnan(measured)
    count = np.maximum(known.sum(0), 1)
    centre = np.where(known, measured, 0).sum(0) / count
    spread = np.sqrt(np.where(known, (measured - centre) ** 2, 0).sum(0) / count)
    return centre.astype(np.float32), np.where(spread > 0, spread, 1).astype(np.float32)
