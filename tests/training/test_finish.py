import dataclasses
from dataclasses import replace

import numpy as np
import pytest
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.features import FEATURE_NAMES
from flexura.model.network import Network, NetworkConfig
from flexura.training.augment import AugmentConfig, gentler
from flexura.training.batches import Batches
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.finish import finish
from flexura.training.losses import map_loss
from flexura.training.predictions import answer_seen, diagnosis_figures, predict, see
from flexura.training.recipe import FinishConfig, OptimiserConfig, Recipe

RECIPE = Recipe(
    "test",
    train_side=64,
    network_side=64,
    optimiser=OptimiserConfig(batch=10),
    finish=FinishConfig(map_epochs=2, epochs=12, views=2, view_strength=0.0),
)


def _network() -> Network:
    torch.manual_seed(0)
    return (
        Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=0))
        .requires_grad_(False)
        .eval()
    )


def _finished(photos: list[LabelledPhoto], recipe: Recipe) -> Network:
    network = _network()
    finish(network, Batches(photos, recipe, contexts=None, rendered=[]), recipe)
    return network


@pytest.fixture(scope="module")
def finished(photos: list[LabelledPhoto]) -> Network:
    return _finished(photos, RECIPE)


def _changed(network: Network) -> set[str]:
    before, after = _network().state_dict(), network.state_dict()
    return {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}


def test_backbone_and_the_attentions_correction_stay(finished: Network) -> None:
    changed = _changed(finished)
    assert {name.split(".")[0] for name in changed} == {"attention", "fusion", "heads"}
    assert not any("correction" in name for name in changed)


def test_without_map_epochs_the_maps_stay(photos: list[LabelledPhoto]) -> None:
    network = _finished(photos, replace(RECIPE, finish=FinishConfig(map_epochs=0, epochs=1, views=1)))
    assert {name.split(".")[0] for name in _changed(network)} == {"fusion", "heads"}


def test_the_maps_come_nearer_to_the_outlines(photos: list[LabelledPhoto]) -> None:
    recipe = replace(RECIPE, finish=FinishConfig(map_epochs=10, epochs=0, views=1, view_strength=0.0))
    outlined = [photo for photo in photos if photo.outline is not None]
    batch = Batches(outlined, recipe, contexts=None, rendered=[])[0]
    before, after = (
        float(map_loss(network.look(batch.pixels).maps, batch.maps, batch.map_trust))
        for network in (_network(), _finished(photos, recipe))
    )
    assert after < 0.95 * before


def test_findings_are_brought_to_unit_scale_and_learned_from(finished: Network, photos: list[LabelledPhoto]) -> None:
    branch = finished.fusion.from_findings
    lightness = FEATURE_NAMES.index("skin_lightness")
    assert 5 < branch.centre[lightness] < 100
    assert (branch.spread > 0).all()
    seen = see(finished, photos, side=64)
    without = dataclasses.replace(seen, findings=np.full_like(seen.findings, np.nan))
    with_findings, bare = (answer_seen(finished, each).logits for each in (seen, without))
    assert not np.allclose(with_findings, bare, atol=1e-3)
    # A fifth of the views came without findings, so that an answer without them stays a good one.
    assert diagnosis_figures(bare, photos)["top3"] == pytest.approx(1.0, abs=0.2)


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
    network = _finished(photos, replace(RECIPE, finish=FinishConfig(map_epochs=0, epochs=0)))
    before = _network().state_dict()
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_gentler_views_lie_between_the_photo_and_the_hard_view() -> None:
    hard = AugmentConfig()
    assert gentler(hard, 1.0) == hard
    half = gentler(hard, 0.5)
    assert half.min_crop_area == pytest.approx((1 + hard.min_crop_area) / 2)
    assert half.gamma == pytest.approx(hard.gamma / 2)
    assert gentler(hard, 0.0) == AugmentConfig(1.0, *[0.0] * 11)
