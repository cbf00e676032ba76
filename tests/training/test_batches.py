from collections import Counter

import numpy as np
import pytest
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.training.batches import HEALTHY, Batch, Batches, healthy_crop
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.processes import Ranks
from flexura.training.recipe import OptimiserConfig, SamplingConfig, StageConfig
from flexura.training.scin import ContextPool

PSORIASIS = CODES.index("psoriasis")
FEW = OptimiserConfig(epochs=2, batch=8)


def _batches(
    photos: list[LabelledPhoto],
    sampling: SamplingConfig,
    contexts: ContextPool | None = None,
    *,
    rendered: tuple[LabelledPhoto, ...] = (),
    ranks: Ranks | None = None,
) -> Batches:
    stage = StageConfig("test", side=64, optimiser=FEW, sampling=sampling)
    return Batches(
        photos, stage, seed=7, contexts=contexts, rendered=list(rendered), ranks=Ranks() if ranks is None else ranks
    )


def _equal(one: Batch, other: Batch) -> bool:
    names = Batch.__dataclass_fields__
    return all(torch.equal(getattr(one, name).nan_to_num(-9), getattr(other, name).nan_to_num(-9)) for name in names)


def test_a_batch_is_the_same_whoever_draws_it_and_when(photos: list[LabelledPhoto]) -> None:
    one, other = (_batches(photos, SamplingConfig()) for _ in range(2))
    assert len(one) == 2 * (30 // 8)
    assert _equal(one[3], other[3])
    assert not _equal(one[3], one[4])


def test_processes_share_a_batch_row_by_row(photos: list[LabelledPhoto]) -> None:
    whole = _batches(photos, SamplingConfig())[2]
    parts = [_batches(photos, SamplingConfig(), ranks=Ranks(rank, 3))[2] for rank in range(3)]
    for name in Batch.__dataclass_fields__:
        for rank, part in enumerate(parts):
            own = getattr(whole, name)[rank::3]
            assert torch.equal(getattr(part, name).nan_to_num(-9), own.nan_to_num(-9)), name


def test_cut_parts_make_the_batch_again(photos: list[LabelledPhoto]) -> None:
    batch = _batches(photos, SamplingConfig())[0]
    parts = batch.cut(3)
    assert [len(part.target) for part in parts] == [3, 3, 2]
    again = Batch(**{name: torch.cat([getattr(part, name) for part in parts]) for name in Batch.__dataclass_fields__})
    assert _equal(batch, again)


def test_a_view_laid_over_another_is_of_both_and_read_as_none(photos: list[LabelledPhoto]) -> None:
    unread = SamplingConfig(healthy_share=0.0)
    plain = _batches(photos, unread)[0]
    mixed = _batches(photos, SamplingConfig(healthy_share=0.0, mixup_share=1.0))[0]
    assert mixed.target.sum(1).tolist() == pytest.approx([1.0] * 8)
    assert torch.equal(mixed.target.argmax(1), plain.target.argmax(1))  # the other one has the smaller share
    assert (mixed.target.max(1).values < 1).any()
    assert all(each.isnan().all() for each in (mixed.signs, mixed.iga, mixed.maps, mixed.context))
    assert not torch.equal(mixed.pixels, plain.pixels)
    assert ((mixed.target > 0) <= mixed.present).all()


def test_shapes_and_unknowns(photos: list[LabelledPhoto]) -> None:
    batch = _batches(photos, SamplingConfig(healthy_share=0.0))[0]
    assert batch.pixels.shape == (8, 64, 64, 3)
    assert batch.pixels.dtype == torch.uint8
    assert batch.maps.shape == (8, 2, 8, 8)
    assert batch.context.isnan().all()
    assert batch.teacher.isnan().all()
    for signs, iga, maps in zip(batch.signs, batch.iga, batch.maps, strict=True):
        unread = bool(maps.isnan().all())
        assert bool(signs.isnan().all()) >= unread
        assert bool(signs.isnan().all()) == bool(iga.isnan())


def test_rare_pairs_of_code_and_source_are_drawn_as_often_as_told(photos: list[LabelledPhoto]) -> None:
    few = [photo for photo in photos if photo.code == "psoriasis"][:1]
    many = [photo for photo in photos if photo.code == "contact_dermatitis" and photo.source == "home"][:4]
    for power, share in ((0.0, 1 / 5), (0.5, 1 / 3), (1.0, 1 / 2)):
        weights = _batches(few + many, SamplingConfig(balance_power=power)).weights
        assert weights[0] == pytest.approx(share)
        assert weights.sum() == pytest.approx(1)


def test_a_source_is_compared_with_its_own_codes_and_healthy_skin(photos: list[LabelledPhoto]) -> None:
    batches = _batches(photos, SamplingConfig())
    own = {CODES.index(photo.code) for photo in photos if photo.source == "home"}
    assert set(np.flatnonzero(batches.present["home"])) == own | {HEALTHY}


def test_a_source_of_one_code_is_compared_with_everything(photos: list[LabelledPhoto]) -> None:
    one_code = [photo for photo in photos if photo.code == "psoriasis"]
    assert _batches(one_code, SamplingConfig(healthy_share=0.0)).present["home"].all()


def test_healthy_crop_shows_skin_without_lesion(photos: list[LabelledPhoto]) -> None:
    random = np.random.default_rng(0)
    outlined = [photo for photo in photos if photo.outline is not None]
    found = [crop for photo in outlined if (crop := healthy_crop(photo, random, tries=60)) is not None]
    assert found
    for crop in found:
        assert crop.outline is not None
        assert not (crop.outline == 255).any()
        assert (crop.outline == 128).mean() > 0.85
        assert crop.code == "healthy_skin"
        assert crop.reading is None
    assert healthy_crop(photos[1], random) is None


def test_rendered_photos_come_without_a_diagnosis(photos: list[LabelledPhoto]) -> None:
    rendered = [
        LabelledPhoto("r.jpg", "rendered", "rendered", "r", -1, photos[0].pixels, photos[0].reading, photos[0].outline)
    ]
    sampling = SamplingConfig(healthy_share=0.0, rendered_share=1.0)
    batch = _batches(photos, sampling, rendered=tuple(rendered))[0]
    assert (batch.target == 0).all()
    assert not batch.maps.isnan().any()


def test_contexts_follow_the_diagnosis_and_lose_fields(photos: list[LabelledPhoto]) -> None:
    values = np.full((2, len(CONTEXT_NAMES)), 0.25, np.float32)
    values[1] = 0.75
    pool = ContextPool(values, {"psoriasis": np.array([0.0, 1.0], np.float32)})
    sampling = SamplingConfig(healthy_share=0.0, context_share=1.0, context_field_share=0.5)
    batches = _batches([photo for photo in photos if photo.reading is None], sampling, pool)
    drawn = [batches[step] for step in range(len(batches))]
    label = torch.cat([batch.target for batch in drawn]).argmax(1)
    context = torch.cat([batch.context for batch in drawn])
    known = ~context.isnan()
    assert (context[label == PSORIASIS][known[label == PSORIASIS]] == 0.75).all()
    assert 0.35 < known.float().mean() < 0.65
    sites = [name.startswith("site_") for name in CONTEXT_NAMES]
    assert all(count in (0, sum(sites)) for count in Counter(known[:, sites].sum(1).tolist()))
