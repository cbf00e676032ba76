from dataclasses import replace

import pytest
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.model.network import Network, NetworkConfig
from flexura.training.augment import AugmentConfig, gentler
from flexura.training.batches import Batches
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.finish import finish
from flexura.training.predictions import diagnosis_figures, predict
from flexura.training.recipe import FinishConfig, OptimiserConfig, Recipe

RECIPE = Recipe(
    "test",
    train_side=64,
    network_side=64,
    optimiser=OptimiserConfig(batch=10),
    finish=FinishConfig(epochs=12, views=2, view_strength=0.0),
)


def _network() -> Network:
    torch.manual_seed(0)
    return Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), layer4_blocks=0)).requires_grad_(False).eval()


def _finished(photos: list[LabelledPhoto], recipe: Recipe) -> Network:
    network = _network()
    finish(network, Batches(photos, recipe, contexts=None, rendered=[]), recipe)
    return network


@pytest.fixture(scope="module")
def finished(photos: list[LabelledPhoto]) -> Network:
    return _finished(photos, RECIPE)


def test_only_fusion_and_heads_change(finished: Network) -> None:
    before, after = _network().state_dict(), finished.state_dict()
    changed = {name.split(".")[0] for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert changed == {"fusion", "heads"}


def test_it_learns_the_diagnoses_of_its_photos(finished: Network, photos: list[LabelledPhoto]) -> None:
    before, after = (
        diagnosis_figures(predict(each, photos, side=64).logits, photos) for each in (_network(), finished)
    )
    assert before["top3"] is not None
    assert after["top3"] is not None
    assert before["top3"] < 0.5
    assert after["top3"] == 1.0


def test_the_same_recipe_gives_the_same_network(finished: Network, photos: list[LabelledPhoto]) -> None:
    again = _finished(photos, RECIPE).state_dict()
    assert all(torch.equal(tensor, again[name]) for name, tensor in finished.state_dict().items())


def test_the_network_comes_back_frozen_and_in_evaluation_mode(finished: Network) -> None:
    assert not any(part.training for part in finished.modules())
    assert not any(parameter.requires_grad for parameter in finished.parameters())


def test_no_epochs_change_nothing(photos: list[LabelledPhoto]) -> None:
    network = _finished(photos, replace(RECIPE, finish=FinishConfig(epochs=0)))
    before = _network().state_dict()
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_gentler_views_lie_between_the_photo_and_the_hard_view() -> None:
    hard = AugmentConfig()
    assert gentler(hard, 1.0) == hard
    half = gentler(hard, 0.5)
    assert half.min_crop_area == pytest.approx((1 + hard.min_crop_area) / 2)
    assert half.gamma == pytest.approx(hard.gamma / 2)
    assert gentler(hard, 0.0) == AugmentConfig(1.0, *[0.0] * 11)
