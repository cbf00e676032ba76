from dataclasses import replace
from pathlib import Path

import pytest
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import RecipeError
from flexura.features import FEATURE_NAMES
from flexura.model.network import Network, NetworkConfig
from flexura.training.batches import Batches
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.learn import Plan, Progress, begin, load, save
from flexura.training.learn import _find_gradient as find_gradient
from flexura.training.learn import _step as make_step
from flexura.training.processes import ALONE
from flexura.training.recipe import LossConfig, OptimiserConfig, SamplingConfig, StageConfig
from flexura.training.tasks import Tasks, code_weights
from flexura.training.views import View

STAGE = StageConfig(
    "test",
    side=64,
    optimiser=OptimiserConfig(epochs=5, batch=8, precision="float32"),
    loss=LossConfig(
        family=0.3,
        subtype=0.3,
        focal_gamma=1.5,
        class_weight_power=0.5,
        signs_without_lesion=0.2,
        healthy_with_lesion=0.2,
    ),
    sampling=SamplingConfig(mixup_share=0.3),
)


def _plan(stage: StageConfig, photos: list[LabelledPhoto]) -> tuple[Plan, Batches]:
    batches = Batches(photos, stage, seed=3, contexts=None, rendered=[])
    tasks = Tasks(stage.loss, code_weights(photos, stage.loss.class_weight_power))
    plan = Plan(stage, tasks, len(batches), batches.steps_per_epoch, seed=3, device=torch.device("cpu"), ranks=ALONE)
    return plan, batches


def _begin(plan: Plan) -> Progress:
    torch.manual_seed(0)
    config = NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=1)
    return begin(Network(config), plan)


def _gradient(stage: StageConfig, photos: list[LabelledPhoto]) -> dict[str, torch.Tensor]:
    plan, batches = _plan(stage, photos)
    progress = _begin(plan)
    progress.network.eval()  # dropout draws differently in parts
    find_gradient(progress, plan, View(batches[0]))
    named = (*progress.network.named_parameters(), *progress.helpers.named_parameters())
    return {name: parameter.grad for name, parameter in named if parameter.grad is not None}


@pytest.mark.parametrize("weighting", ["fixed", "learned"])
def test_a_batch_in_parts_gives_the_gradient_of_the_whole(photos: list[LabelledPhoto], weighting: str) -> None:
    # Parts of 3, 3 and 2 photos, of which some are unread, mixed or of a rare code: means of means would differ.
    stage = replace(STAGE, loss=replace(STAGE.loss, weighting=weighting))
    whole = _gradient(stage, photos)
    parts = _gradient(replace(stage, optimiser=replace(stage.optimiser, accumulate=3)), photos)
    assert whole.keys() == parts.keys()
    largest = max(float(gradient.abs().max()) for gradient in whole.values())
    assert largest > 0
    for name, gradient in whole.items():
        assert torch.allclose(gradient, parts[name], atol=1e-6 * max(1.0, largest)), name


def test_a_step_that_overflows_is_not_made_and_does_not_advance_the_schedule(photos: list[LabelledPhoto]) -> None:
    plan, batches = _plan(replace(STAGE, optimiser=replace(STAGE.optimiser, precision="float16")), photos)
    progress = _begin(plan)
    # The scale of a loss that no float16 gradient survives.
    progress.scaler.load_state_dict(progress.scaler.state_dict() | {"scale": 1e30})
    before = {name: tensor.clone() for name, tensor in progress.network.state_dict().items()}
    make_step(progress, plan, View(batches[0]))
    assert (progress.step, progress.made) == (1, 0)
    assert all(torch.equal(tensor, before[name]) for name, tensor in progress.network.state_dict().items())
    rate = progress.optimiser.param_groups[0]["lr"]
    assert progress.scaler.get_scale() < 1e30
    progress.scaler.load_state_dict(progress.scaler.state_dict() | {"scale": 2.0})
    make_step(progress, plan, View(batches[1]))
    assert (progress.step, progress.made) == (2, 1)
    assert progress.optimiser.param_groups[0]["lr"] == rate
    assert any(not torch.equal(tensor, before[name]) for name, tensor in progress.network.state_dict().items())


def test_a_gradient_that_is_not_finite_stops_the_run(photos: list[LabelledPhoto]) -> None:
    plan, batches = _plan(STAGE, photos)
    progress = _begin(plan)
    with torch.no_grad():
        progress.network.heads.diagnosis.weight.fill_(torch.nan)
    before = {name: tensor.clone() for name, tensor in progress.network.state_dict().items()}
    with pytest.raises(RecipeError, match="no finite gradient at step 0"):
        make_step(progress, plan, View(batches[0]))
    after = progress.network.state_dict()
    assert all(torch.equal(tensor.nan_to_num(-9), after[name].nan_to_num(-9)) for name, tensor in before.items())


def test_without_averaging_the_last_weights_are_handed_on(photos: list[LabelledPhoto]) -> None:
    plan, batches = _plan(replace(STAGE, optimiser=replace(STAGE.optimiser, average_decay=0.0)), photos)
    progress = _begin(plan)
    make_step(progress, plan, View(batches[0]))
    average = progress.average.state_dict()
    assert all(torch.equal(tensor, average[name]) for name, tensor in progress.network.state_dict().items())


def test_a_state_belongs_to_its_stage(photos: list[LabelledPhoto], tmp_path: Path) -> None:
    plan, _ = _plan(STAGE, photos)
    progress = _begin(plan)
    path = tmp_path / "state.pt"
    progress.made, progress.step, progress.stop.best = 3, 4, 0.5
    save(progress, path, stage=STAGE)
    again = _begin(plan)
    load(again, path, stage=STAGE)
    assert (again.made, again.step, again.stop.best) == (3, 4, 0.5)
    with pytest.raises(RecipeError, match="stage 'test' in progress"):
        load(again, path, stage=replace(STAGE, name="other"))
