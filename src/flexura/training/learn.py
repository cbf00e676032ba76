"""One stage's loop: it can be stopped at any step and goes on where it was.

Every step is a function of the seed, the stage and its number, so that a resumed stage ends bit by bit as an
uninterrupted one.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from torch.amp.grad_scaler import GradScaler
from torch.optim import AdamW

from flexura.errors import RecipeError
from flexura.model.network import Network
from flexura.training.losses import share_of
from flexura.training.optimise import build_optimiser, learning_rate
from flexura.training.precision import choose_type, computing_in
from flexura.training.processes import Ranks, add_up, from_leader
from flexura.training.recipe import StageConfig
from flexura.training.stop import EarlyStop
from flexura.training.tasks import Helpers, Tasks
from flexura.training.views import Shown, View, Views, show

SAVE_EVERY_S = 120

Figures: TypeAlias = dict[str, Any]


@dataclass
class Progress:
    """A stage in progress: everything that `state.pt` keeps."""

    network: Network
    average: Network
    helpers: Helpers
    optimiser: AdamW
    scaler: GradScaler
    stop: EarlyStop
    # Batches shown, and steps made; a step that overflowed is not made and does not advance the schedule.
    step: int = 0
    made: int = 0
    best: dict[str, Tensor] | None = None
    sums: dict[str, float] = field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        """What `restore` needs."""
        modules = {name: getattr(self, name).state_dict() for name in _STATEFUL}
        plain = {"step": self.step, "made": self.made, "best": self.best, "sums": self.sums}
        return modules | plain | {"stop": (self.stop.best, self.stop.waited)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to where a state was taken."""
        for name in _STATEFUL:
            getattr(self, name).load_state_dict(state[name])
        self.step, self.made, self.best, self.sums = (state[name] for name in ("step", "made", "best", "sums"))
        self.stop.best, self.stop.waited = state["stop"]


_STATEFUL = ("network", "average", "helpers", "optimiser", "scaler")


@dataclass(frozen=True)
class Plan:
    """What does not change while a stage runs."""

    stage: StageConfig
    tasks: Tasks
    steps: int
    steps_per_epoch: int
    # Seeds dropout together with the step.
    seed: int
    device: torch.device
    ranks: Ranks
    # The network whose answers are to be kept: this one before the stage, or one that teaches it.
    before: Network | None = None


def begin(network: Network, plan: Plan) -> Progress:
    """Get a network ready for a stage."""
    stage, kind = plan.stage, choose_type(plan.stage.optimiser.precision, plan.device)
    torch.manual_seed(plan.seed)
    helpers = Helpers(stage.loss).to(plan.device)
    network.to(plan.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs lack modules
    optimiser = build_optimiser(network, stage.teach, helpers, stage.optimiser)
    average = copy.deepcopy(network).requires_grad_(False).eval()
    scaler = GradScaler(plan.device.type, enabled=kind == torch.float16)
    return Progress(network, average, helpers, optimiser, scaler, EarlyStop(stage.stop))


def learn(
    progress: Progress,
    plan: Plan,
    views: Views,
    *,
    look: Callable[[Network], Figures],
    tell: Callable[[Figures], None],
    state_file: Path | None,
) -> Network:
    """Run a stage from where it is to its end.

    Parameters
    ----------
    progress : Progress
    plan : Plan
    views : Views
        Of the stage's steps.
    look : callable
        Figures of the watched photos, by the averaged network.
    tell : callable
        Takes the figures of each epoch.
    state_file : Path or None
        Where to keep the state after every epoch and every two minutes.

    Returns
    -------
    Network
        The averaged weights, or the best of them where the stage has a stop metric; frozen, in evaluation mode.

    Raises
    ------
    RecipeError
        If the stage's stop metric has no value, or its gradient is no longer finite.
    """
    progress.network.train()
    if plan.stage.kept_views:
        # Kept features of a view never change, so dropping some of them only hides what is true.
        progress.network.fusion.image_dropout.eval()
    saved_at, started, first = time.monotonic(), time.monotonic(), progress.step
    for view in views.steps(progress.step):
        if progress.stop.is_due:
            break
        _step(progress, plan, view)
        ends_epoch = progress.step % plan.steps_per_epoch == 0 or progress.step == plan.steps
        if ends_epoch:
            speed = (progress.step - first) * plan.stage.optimiser.batch / (time.monotonic() - started)
            _end_epoch(progress, plan, look=look, tell=tell, photos_per_s=speed)
        if state_file is not None and (ends_epoch or time.monotonic() - saved_at > SAVE_EVERY_S):
            save(progress, state_file, stage=plan.stage)
            saved_at = time.monotonic()
    if progress.best is not None:
        progress.average.load_state_dict(progress.best)
    return progress.average.requires_grad_(False).eval()


def _step(progress: Progress, plan: Plan, view: View) -> None:
    """One step of the optimiser, then the average follows."""
    rates, scaler = plan.stage.optimiser, progress.scaler
    for group in progress.optimiser.param_groups:
        peak, fraction = group["peak"], rates.warmup_fraction
        group["lr"] = learning_rate(progress.made, steps=plan.steps, peak=peak, warmup_fraction=fraction)
    torch.manual_seed(_seed_of_step(plan, progress.step))
    progress.optimiser.zero_grad(set_to_none=True)
    _find_gradient(progress, plan, view)
    scaler.unscale_(progress.optimiser)
    parameters = [parameter for group in progress.optimiser.param_groups for parameter in group["params"]]
    norm = nn.utils.clip_grad_norm_(parameters, rates.clip_norm)
    if not scaler.is_enabled() and not norm.isfinite():
        raise RecipeError(
            f"stage {plan.stage.name!r} has no finite gradient at step {progress.step}; lower its rates, or go on from "
            "the last state with another recipe"
        )
    scale = scaler.get_scale()
    scaler.step(progress.optimiser)
    scaler.update()
    progress.step += 1
    if scaler.get_scale() >= scale:
        progress.made += 1
        _follow(progress, rates.average_decay)


def _find_gradient(progress: Progress, plan: Plan, view: View) -> None:
    """Add up the gradient of the whole batch, part by part and over all processes."""
    helpers, tasks = progress.helpers, plan.tasks
    kind = choose_type(plan.stage.optimiser.precision, plan.device)
    parts = [part.to(plan.device) for part in view.cut(plan.stage.optimiser.accumulate)]
    counts: dict[str, Tensor] = {}
    for part in parts:
        for name, count in tasks.counts(part, helpers=helpers).items():
            counts[name] = counts.get(name, torch.zeros((), device=plan.device)) + count
    add_up(counts.values(), plan.ranks)
    for part in parts:
        with computing_in(kind, plan.device):
            shown = show(progress.network, part)
            losses = tasks.losses(shown, part.batch, helpers=helpers, before=_answer_before(plan, part))
        share = 1 / (len(parts) * plan.ranks.count)
        loss = progress.scaler.scale(tasks.total(losses, counts, helpers=helpers, share=share))
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it unannotated
        for name, of_task in losses.items():
            mean = float(share_of(of_task.total.detach(), counts[name]))
            progress.sums[name] = progress.sums.get(name, 0.0) + mean
    learning = [p for group in progress.optimiser.param_groups for p in group["params"] if p.grad is not None]
    add_up([p.grad for p in learning if p.grad is not None], plan.ranks)


def _answer_before(plan: Plan, part: View) -> Shown | None:
    if plan.before is None:
        return None
    with torch.no_grad():
        return show(plan.before, part)


def _seed_of_step(plan: Plan, step: int) -> int:
    return int(np.random.SeedSequence((plan.seed, step, plan.ranks.rank)).generate_state(1)[0])


def _follow(progress: Progress, decay: float) -> None:
    """Let the average follow the network."""
    # Early averages would remember the start; the decay grows with the steps.
    decay = min(decay, (1 + progress.made) / (10 + progress.made))
    with torch.no_grad():
        for kept, new in zip(progress.average.parameters(), progress.network.parameters(), strict=True):
            if new.requires_grad:
                kept.lerp_(new, 1 - decay)


def _end_epoch(
    progress: Progress,
    plan: Plan,
    *,
    look: Callable[[Network], Figures],
    tell: Callable[[Figures], None],
    photos_per_s: float,
) -> None:
    epoch, stage = -(-progress.step // plan.steps_per_epoch), plan.stage
    summed = torch.tensor(list(progress.sums.values()), dtype=torch.float64, device=plan.device)
    add_up([summed], plan.ranks)
    means = (summed / plan.steps_per_epoch).tolist()
    line: Figures = {"stage": stage.name, "epoch": epoch, "photos_per_s": round(photos_per_s, 2)}
    line["loss"] = {name: round(mean, 4) for name, mean in zip(progress.sums, means, strict=True)}
    if progress.made < progress.step:
        line["steps_that_overflowed"] = progress.step - progress.made
    progress.sums = {}
    verdict = torch.tensor([0.0, float(progress.stop.waited)])
    if plan.ranks.leads and (epoch % stage.watch_every == 0 or progress.step == plan.steps):
        figures = look(progress.average)
        line |= figures
        better = progress.stop.look(figures)
        verdict = torch.tensor([float(better), float(progress.stop.waited)])
    better_now, waited = from_leader(verdict.to(plan.device), plan.ranks).tolist()
    progress.stop.waited = int(waited)
    if better_now:
        progress.best = copy.deepcopy(progress.average.state_dict())
    tell(line)


def save(progress: Progress, path: Path, *, stage: StageConfig) -> None:
    """Write the state of a stage in progress, atomically."""
    part = path.with_suffix(".part")
    torch.save(progress.state() | {"stage": stage.name}, part)
    part.replace(path)


def load(progress: Progress, path: Path, *, stage: StageConfig) -> None:
    """Go back to a state that `save` wrote.

    Parameters
    ----------
    progress : Progress
        Of the same stage, just begun.
    path : Path
    stage : StageConfig

    Raises
    ------
    RecipeError
        If it is the state of another stage.
    """
    state = torch.load(path, weights_only=True, map_location="cpu")
    if state["stage"] != stage.name:
        raise RecipeError(f"the run folder holds stage {state['stage']!r} in progress; finish it first")
    progress.restore(state)
