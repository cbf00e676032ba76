"""Attention is a share of the photo that follows the lesion; pooling by hand."""

import math

import pytest
import torch
from torch import Tensor, nn

from flexura.model.attention import LesionAttention, pool


@pytest.fixture
def see_through() -> LesionAttention:
    """Its lesion logits are the first channel of stride 8, its correction is none."""
    attention = LesionAttention(width=1)
    for parameter in attention.parameters():
        nn.init.zeros_(parameter)
    attention.from_stride8.weight.data[0, 0] = 1.0
    nn.init.dirac_(attention.mix.weight)
    attention.maps.weight.data[0] = 1.0
    return attention


@pytest.fixture
def stride8() -> Tensor:
    """Logit log 3 in the upper right quarter, 0 elsewhere."""
    features = torch.zeros(1, 512, 4, 4)
    features[0, 0, :2, 2:] = math.log(3)
    return features


def test_attention_follows_the_lesion_by_hand(see_through: LesionAttention, stride8: Tensor) -> None:
    maps, attention = see_through(stride8, torch.zeros(1, 1024, 2, 2))
    assert torch.equal(maps[:, :1], stride8[:, :1])
    assert attention.flatten().tolist() == pytest.approx([1 / 6, 3 / 6, 1 / 6, 1 / 6])


def test_the_correction_moves_attention_where_no_lesion_was_drawn(
    see_through: LesionAttention, stride8: Tensor
) -> None:
    see_through.correction.weight.data[0, 7] = math.log(2)
    stride16 = torch.zeros(1, 1024, 2, 2)
    stride16[0, 7, 1, 0] = 1.0
    maps, attention = see_through(stride8, stride16)
    assert torch.equal(maps[:, :1], stride8[:, :1])
    assert attention.flatten().tolist() == pytest.approx([1 / 7, 3 / 7, 2 / 7, 1 / 7])


def test_the_skin_map_does_not_move_attention(see_through: LesionAttention, stride8: Tensor) -> None:
    see_through.maps.weight.data.copy_(torch.tensor([0.0, 1.0]).view(2, 1, 1, 1))
    maps, attention = see_through(stride8, torch.zeros(1, 1024, 2, 2))
    assert torch.equal(maps[:, 1:], stride8[:, :1])
    assert attention.flatten().tolist() == [0.25] * 4


def test_attention_of_each_photo_is_a_share_of_its_own() -> None:
    torch.manual_seed(7)
    maps, attention = LesionAttention()(torch.randn(2, 512, 8, 4), torch.randn(2, 1024, 4, 2))
    assert maps.shape == (2, 2, 8, 4)
    assert attention.shape == (2, 1, 4, 2)
    assert (attention >= 0).all()
    assert attention.sum((1, 2, 3)).tolist() == pytest.approx([1.0, 1.0])


def test_pool_by_hand() -> None:
    features = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]], [[0.0, 0.0], [0.0, -4.0]]]])
    attention = torch.tensor([[[[0.5, 0.25], [0.25, 0.0]]]])
    # Mean of both channels, then their maxima, then 0.5 * 1 + 0.25 * 2 + 0.25 * 3.
    assert pool(features, attention).tolist() == [[3.0, -1.0, 6.0, 0.0, 1.75, 0.0]]
