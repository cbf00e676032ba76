import pytest
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.features import FEATURE_NAMES
from flexura.model.network import Network, NetworkConfig
from flexura.training.batches import Batches
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.precision import mixed_precision
from flexura.training.recipe import OptimiserConfig, StageConfig
from flexura.training.views import FreshViews, KeptViews, View, keep_views, show

STAGE = StageConfig(
    "test", side=64, teach=("fusion", "heads"), kept_views=1, optimiser=OptimiserConfig(epochs=2, batch=10)
)


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    config = NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=0)
    return Network(config).requires_grad_(False).eval()


@pytest.fixture(scope="module")
def batches(photos: list[LabelledPhoto]) -> Batches:
    return Batches(photos, STAGE, seed=1, contexts=None, rendered=[])


def test_kept_views_say_what_fresh_ones_say(network: Network, batches: Batches) -> None:
    # Views are kept in the precision of training, which is bfloat16 where the machine computes in it.
    with mixed_precision(torch.device("cpu")):
        fresh = show(network, View(batches[0]))
    after = keep_views(network, batches, STAGE)[0]
    before = keep_views(network, batches, StageConfig(**vars(STAGE) | {"teach": ("attention",)}))[0]
    assert after.pooled is not None
    assert torch.allclose(after.pooled, fresh.pooled.float(), atol=1e-5)
    # Features before the attention are kept in bfloat16, which has eight bits.
    shown = show(network, before.to(torch.device("cpu")))
    assert shown.maps is not None
    assert fresh.maps is not None
    assert torch.allclose(shown.maps, fresh.maps.float(), atol=0.02 * float(fresh.maps.abs().max()))
    assert show(network, after).maps is None
    assert after.batch.pixels.shape == (10, 1, 1, 3)


def test_findings_are_measured_once_and_answered_on(network: Network, batches: Batches) -> None:
    after = keep_views(network, batches, STAGE)[0]
    assert after.findings is not None
    assert after.findings.shape == (10, len(FEATURE_NAMES))
    assert not after.findings.isnan().all()
    without = show(network, after._replace(findings=None)).answer
    assert not torch.equal(show(network, after).answer.diagnosis, without.diagnosis)


def test_every_kept_view_is_shown_once_a_round_in_another_order(network: Network, batches: Batches) -> None:
    kept = keep_views(network, batches, StageConfig(**vars(STAGE) | {"kept_views": 2}))
    assert len(kept) == 6
    views = KeptViews(kept, steps=15, seed=2, findings_share=1.0)
    shown = [next(place for place, one in enumerate(kept) if one.pooled is view.pooled) for view in views.steps(0)]
    assert sorted(shown[:6]) == sorted(shown[6:12]) == list(range(6))
    assert shown[:6] != shown[6:12]
    assert len(shown) == 15
    assert [id(view.pooled) for view in views.steps(11)] == [id(kept[place].pooled) for place in shown[11:]]


def test_fresh_views_go_on_from_any_step(batches: Batches) -> None:
    views = list(FreshViews(batches).steps(4))
    assert len(views) == len(batches) - 4
    assert torch.equal(views[1].batch.pixels, batches[5].pixels)


def test_a_cut_view_holds_the_whole(network: Network, batches: Batches) -> None:
    view = keep_views(network, batches, STAGE)[0]
    parts = view.cut(4)
    assert view.pooled is not None
    assert torch.equal(torch.cat([part.pooled for part in parts if part.pooled is not None]), view.pooled)
    assert all(part.stride8 is None for part in parts)
    assert [len(part.batch.target) for part in parts] == [3, 3, 2, 2]


def test_a_share_of_the_findings_is_shown_another_one_each_time_and_the_same_on_resuming(
    network: Network, batches: Batches
) -> None:
    kept = keep_views(network, batches, STAGE)

    def hidden(share: float, first: int = 0) -> list[list[bool]]:
        views = KeptViews(kept, steps=40 * len(kept), seed=2, findings_share=share)
        return [view.findings.isnan().all(1).tolist() for view in views.steps(first) if view.findings is not None]

    some = hidden(0.8)
    rows = [row for step in some for row in step]
    assert 0.15 < sum(rows) / len(rows) < 0.25
    assert len({tuple(step) for step in some}) > 10
    assert hidden(0.8, first=17) == some[17:]
    assert not any(map(any, hidden(1.0)))
    assert all(map(all, hidden(0.0)))
    assert kept[0].findings is not None
    assert not kept[0].findings.isnan().all(1).any()
