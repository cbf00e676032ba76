"""Context joins the image by a gate; what is unknown changes nothing, to the last bit."""

import math

import pytest
import torch
from torch import Tensor, nn

from flexura.model.fusion import GatedFusion

NAN = math.nan


@pytest.fixture
def fusion() -> GatedFusion:
    torch.manual_seed(8)
    return GatedFusion(12, 3, embedding=6).eval()


@pytest.fixture
def image() -> Tensor:
    return torch.randn(2, 12, generator=torch.Generator().manual_seed(9))


def test_unknown_context_changes_nothing(fusion: GatedFusion, image: Tensor) -> None:
    embedding, fused = fusion(image, torch.full((2, 3), NAN))
    assert torch.equal(fused, embedding)


def test_one_known_field_counts_for_its_own_photo_alone(fusion: GatedFusion, image: Tensor) -> None:
    embedding, fused = fusion(image, torch.tensor([[NAN, NAN, NAN], [NAN, 0.5, NAN]]))
    assert torch.equal(fused[0], embedding[0])
    assert (fused[1] != embedding[1]).all()


def test_a_known_zero_is_not_the_unknown(fusion: GatedFusion, image: Tensor) -> None:
    _, unknown = fusion(image, torch.tensor([[1.0, NAN, NAN]] * 2))
    _, zero = fusion(image, torch.tensor([[1.0, 0.0, NAN]] * 2))
    assert (zero != unknown).all()


def test_the_image_embedding_knows_no_context(fusion: GatedFusion, image: Tensor) -> None:
    assert torch.equal(fusion(image, torch.full((2, 3), NAN))[0], fusion(image, torch.ones(2, 3))[0])


def test_context_moves_the_embedding_by_less_than_one(fusion: GatedFusion, image: Tensor) -> None:
    embedding, fused = fusion(image, torch.full((2, 3), 1e6))
    assert ((fused - embedding).abs() <= 1).all()


def test_an_unknown_patient_teaches_the_context_branch_nothing(fusion: GatedFusion, image: Tensor) -> None:
    fusion(image, torch.full((2, 3), NAN))[1].sum().backward()
    gradients = [parameter.grad for parameter in fusion.from_context.parameters()]
    assert all(gradient is not None and not gradient.any() for gradient in gradients)
    assert fusion.from_image.weight.grad is not None
    assert fusion.from_image.weight.grad.isfinite().all()


def test_fusion_by_hand() -> None:
    fusion = GatedFusion(2, 1, embedding=1).eval()
    for part in (fusion.from_image, fusion.gate, *fusion.from_context):
        for parameter in part.parameters():
            nn.init.zeros_(parameter)
    fusion.from_image.weight.data[0, 1] = 2.0
    last = fusion.from_context[2]
    assert isinstance(last, nn.Linear)
    last.bias.data.fill_(math.atanh(0.5))
    # (1, 3) is normalised to (-1, 1); the gate is half open.
    embedding, fused = fusion(torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0]]))
    assert embedding.item() == pytest.approx(2.0, abs=1e-4)
    assert fused.item() == pytest.approx(2.25, abs=1e-4)
