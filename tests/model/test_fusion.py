"""Context and findings join the image by gates; what is unknown changes nothing, to the last bit."""

import math

import pytest
import torch
from torch import Tensor, nn

from flexura.model.fusion import GatedFusion

NAN = math.nan


@pytest.fixture
def fusion() -> GatedFusion:
    torch.manual_seed(8)
    return GatedFusion(12, context_features=3, findings=2, embedding=6).eval()


@pytest.fixture
def image() -> Tensor:
    return torch.randn(2, 12, generator=torch.Generator().manual_seed(9))


@pytest.fixture
def unmeasured() -> Tensor:
    return torch.full((2, 2), NAN)


def test_what_is_unknown_changes_nothing(fusion: GatedFusion, image: Tensor, unmeasured: Tensor) -> None:
    embedding, fused = fusion(image, torch.full((2, 3), NAN), unmeasured)
    assert torch.equal(fused, embedding)


def test_one_known_field_counts_for_its_own_photo_alone(fusion: GatedFusion, image: Tensor, unmeasured: Tensor) -> None:
    embedding, fused = fusion(image, torch.tensor([[NAN, NAN, NAN], [NAN, 0.5, NAN]]), unmeasured)
    assert torch.equal(fused[0], embedding[0])
    assert (fused[1] != embedding[1]).all()


def test_one_finding_counts_for_its_own_photo_alone(fusion: GatedFusion, image: Tensor) -> None:
    embedding, fused = fusion(image, torch.full((2, 3), NAN), torch.tensor([[NAN, 0.5], [NAN, NAN]]))
    assert (fused[0] != embedding[0]).all()
    assert torch.equal(fused[1], embedding[1])


def test_a_known_zero_is_not_the_unknown(fusion: GatedFusion, image: Tensor, unmeasured: Tensor) -> None:
    _, unknown = fusion(image, torch.tensor([[1.0, NAN, NAN]] * 2), unmeasured)
    _, zero = fusion(image, torch.tensor([[1.0, 0.0, NAN]] * 2), unmeasured)
    assert (zero != unknown).all()


def test_the_image_embedding_knows_nothing_else(fusion: GatedFusion, image: Tensor, unmeasured: Tensor) -> None:
    bare = fusion(image, torch.full((2, 3), NAN), unmeasured)[0]
    assert torch.equal(bare, fusion(image, torch.ones(2, 3), torch.ones(2, 2))[0])


def test_each_branch_moves_the_embedding_by_less_than_one(fusion: GatedFusion, image: Tensor) -> None:
    embedding, fused = fusion(image, torch.full((2, 3), 1e6), torch.full((2, 2), -1e6))
    assert ((fused - embedding).abs() <= 2).all()


def test_a_value_gone_astray_says_no_more_than_a_far_one(
    fusion: GatedFusion, image: Tensor, unmeasured: Tensor
) -> None:
    context = torch.full((2, 3), NAN)
    far, astray = (fusion(image, context, torch.full((2, 2), value))[1] for value in (4.0, 1e9))
    assert torch.equal(far, astray)


def test_values_count_in_units_of_their_spread(fusion: GatedFusion, image: Tensor) -> None:
    context = torch.full((2, 3), NAN)
    plain = fusion(image, context, torch.tensor([[0.5, -1.0]] * 2))[1]
    fusion.from_findings.centre.copy_(torch.tensor([10.0, 100.0]))
    fusion.from_findings.spread.copy_(torch.tensor([4.0, 20.0]))
    torch.testing.assert_close(fusion(image, context, torch.tensor([[12.0, 80.0]] * 2))[1], plain)


def test_an_unknown_patient_teaches_the_branches_nothing(
    fusion: GatedFusion, image: Tensor, unmeasured: Tensor
) -> None:
    fusion(image, torch.full((2, 3), NAN), unmeasured)[1].sum().backward()
    for branch in (fusion.from_context, fusion.from_findings):
        gradients = [parameter.grad for parameter in branch.describe.parameters()]
        assert all(gradient is not None and not gradient.any() for gradient in gradients)
    assert fusion.from_image.weight.grad is not None
    assert fusion.from_image.weight.grad.isfinite().all()


def test_fusion_by_hand() -> None:
    fusion = GatedFusion(2, context_features=1, findings=1, embedding=1).eval()
    nn.init.zeros_(fusion.from_image.bias)
    fusion.from_image.weight.data.copy_(torch.tensor([[0.0, 2.0]]))
    for branch, size in ((fusion.from_context, 0.5), (fusion.from_findings, -0.2)):
        for parameter in branch.parameters():
            nn.init.zeros_(parameter)
        last = branch.describe[2]
        assert isinstance(last, nn.Linear)
        last.bias.data.fill_(math.atanh(size))
    # (1, 3) is normalised to (-1, 1); both gates are half open.
    embedding, fused = fusion(torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0]]), torch.tensor([[7.0]]))
    assert embedding.item() == pytest.approx(2.0, abs=1e-4)
    assert fused.item() == pytest.approx(2.0 + 0.25 - 0.1, abs=1e-4)
