import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nan, tensor
from torch.nn.functional import cross_entropy

from flexura.training.losses import (
    Comparison,
    TaskLoss,
    area_loss,
    corn_loss,
    diagnosis_loss,
    family_loss,
    keeping_grades_loss,
    keeping_loss,
    keeping_maps_loss,
    map_loss,
    overlap_loss,
    subtype_loss,
    teacher_loss,
)


def _diagnosis(logits: Tensor, target: Tensor, present: Tensor | None = None, **comparison: float) -> float:
    weight = torch.ones(logits.shape[1])
    present = torch.ones_like(target, dtype=torch.bool) if present is None else present
    loss = diagnosis_loss(logits, target, present=present, weight=weight, comparison=Comparison(**comparison))
    return loss.mean().item()


def test_diagnosis_loss_by_hand() -> None:
    logits, first = tensor([[math.log(2.0), 0.0, 0.0]]), tensor([[1.0, 0.0, 0.0]])
    assert _diagnosis(logits, first) == pytest.approx(math.log(2.0))
    spread = (math.log(2.0) + 2 * math.log(4.0)) / 3
    assert _diagnosis(logits, first, smoothing=0.3) == pytest.approx(0.7 * math.log(2.0) + 0.3 * spread)
    # A view of two photos: three quarters of one code, one of another.
    laid_over = tensor([[0.75, 0.25, 0.0]])
    assert _diagnosis(logits, laid_over) == pytest.approx(0.75 * math.log(2.0) + 0.25 * math.log(4.0))


def test_focal_loss_by_hand() -> None:
    # The truth has 1/2: (1 - 1/2)^2 of the cross-entropy is left.
    logits, first = tensor([[math.log(2.0), 0.0, 0.0]]), tensor([[1.0, 0.0, 0.0]])
    assert _diagnosis(logits, first, focal_gamma=2.0) == pytest.approx(0.25 * math.log(2.0))


def test_gamma_nought_is_weighted_cross_entropy() -> None:
    torch.manual_seed(0)
    logits, truth, weight = torch.randn(8, 5), torch.arange(8) % 5, torch.rand(5) + 0.5
    target = torch.eye(5)[truth]
    loss = diagnosis_loss(
        logits, target, present=torch.ones(8, 5, dtype=torch.bool), weight=weight, comparison=Comparison()
    )
    assert (loss.total / loss.count).item() == pytest.approx(cross_entropy(logits, truth, weight).item(), rel=1e-6)


def test_a_codes_weight_stands_outside_the_modulating_factor() -> None:
    # -w (1 - p)^g log p with p = 1/2, w = 3, g = 2. With the weight inside, exp(-w CE) would be 1/8, not p.
    logits, target = tensor([[0.0, 0.0]]), tensor([[1.0, 0.0]])
    loss = diagnosis_loss(
        logits,
        target,
        present=torch.ones(1, 2, dtype=torch.bool),
        weight=tensor([3.0, 1.0]),
        comparison=Comparison(focal_gamma=2.0),
    )
    assert loss.total.item() == pytest.approx(3 * 0.25 * math.log(2.0))
    assert loss.count.item() == 3


def test_less_than_one_photo_counts_as_it_is() -> None:
    # Weights and shares of codes may sum to less than 1: the mean is over what is counted.
    assert TaskLoss(tensor(0.3), tensor(0.6)).mean().item() == pytest.approx(0.5)


def test_within_source_loss_compares_only_codes_of_the_source() -> None:
    present, first = tensor([[True, True, False]]), tensor([[1.0, 0.0, 0.0]])
    own = [
        _diagnosis(tensor([[1.0, 0.0, other]]), first, present, smoothing=0.1, source_weight=1.0)
        for other in (-9.0, 9.0)
    ]
    assert own[0] == own[1]
    logits = tensor([[1.0, 0.0, 9.0]])
    whole = _diagnosis(logits, first, present, smoothing=0.1)
    assert _diagnosis(logits, first, present, smoothing=0.1, source_weight=0.5) == pytest.approx((own[0] + whole) / 2)


def test_family_and_subtype_by_hand() -> None:
    # Masses 1/2, 1/4, 1/8, 1/8; the family is the first two codes.
    logits, family = tensor([[2.0, 1.0, 0.5, 0.5]]).log(), tensor([True, True, False, False])
    inside, outside = tensor([[0.0, 1.0, 0.0, 0.0]]), tensor([[0.0, 0.0, 0.0, 1.0]])
    assert family_loss(logits, inside, family).mean().item() == pytest.approx(math.log(4 / 3))
    assert family_loss(logits, outside, family).mean().item() == pytest.approx(math.log(4))
    assert subtype_loss(logits, inside, family).mean().item() == pytest.approx(math.log(3))
    assert subtype_loss(logits, outside, family).count.item() == 0


def test_keeping_is_nought_for_the_same_answer() -> None:
    before = tensor([[math.log(3.0), 0.0]])
    assert keeping_loss(before, before).mean().item() == pytest.approx(0, abs=1e-7)
    # 3/4 log(3/4 / 1/2) + 1/4 log(1/4 / 1/2)
    expected = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert keeping_loss(torch.zeros(1, 2), before).mean().item() == pytest.approx(expected)


def test_keeping_cools_both_answers_and_keeps_the_gradients_size() -> None:
    # Cooled by 2, odds of 9 are odds of 3; the divergence counts 2 * 2 times.
    before = tensor([[math.log(9.0), 0.0]])
    expected = 4 * (0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    assert keeping_loss(torch.zeros(1, 2), before, temperature=2.0).mean().item() == pytest.approx(expected)


def test_grades_are_kept_as_far_as_they_are_reached() -> None:
    before = tensor([[math.log(3.0), 0.0, 5.0]])  # above 0: 3/4; then above 1: 1/2; above 2 as the student says
    said = tensor([[0.0, math.log(3.0), 5.0]])
    first = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    second = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    assert keeping_grades_loss(before, before).mean().item() == pytest.approx(0, abs=1e-7)
    found = keeping_grades_loss(said.expand(2, 3), before.expand(2, 3))  # two gradings alike
    assert found.mean().item() == pytest.approx(first + 0.75 * second, rel=1e-5)


def test_maps_are_kept_cell_by_cell() -> None:
    before = torch.zeros(1, 2, 2, 2)
    said = before.clone()
    said[0, 1, 0, 0] = math.log(3.0)
    expected = (0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)) / 8
    assert keeping_maps_loss(said, before).mean().item() == pytest.approx(expected, rel=1e-5)


def test_corn_loss_by_hand() -> None:
    # Grade 1 of 0-3: above 0 is true, above 1 is false, above 2 was never asked.
    logits = tensor([[0.0, 0.0, 50.0]])
    assert corn_loss(logits, tensor([1.0])).mean().item() == pytest.approx(math.log(2.0))
    # Grade 0 asks the first threshold alone.
    nought = corn_loss(tensor([[-math.log(3.0), 50.0, 50.0]]), tensor([0.0]))
    assert nought.mean().item() == pytest.approx(math.log(4 / 3))


def test_half_a_grade_counts_half_for_each_side() -> None:
    # 0.5 of 0-3: half above 0; threshold 1 was half reached and not passed.
    loss = corn_loss(tensor([[0.0, math.log(3.0), 0.0]]), tensor([0.5]))
    assert loss.mean().item() == pytest.approx((math.log(2.0) + 0.5 * math.log(4.0)) / 1.5)


_FAMILY = tensor([True, False])


@pytest.mark.parametrize(
    ("loss", "given"),
    [
        (lambda x: corn_loss(x, torch.full((2, 6), nan)), torch.randn(2, 6, 3)),
        (lambda x: map_loss(x, torch.full((2, 2, 4, 4), nan), torch.ones(2, 2)), torch.randn(2, 2, 4, 4)),
        (lambda x: overlap_loss(x, torch.full((2, 2, 4, 4), nan), torch.ones(2, 2)), torch.randn(2, 2, 4, 4)),
        (lambda x: area_loss(x, torch.full((2, 2, 4, 4), nan)), torch.randn(2, 2, 4, 4)),
        (lambda x: teacher_loss(x, torch.full((2, 8), nan)), torch.randn(2, 8)),
        (lambda x: family_loss(x, torch.zeros(2, 2), _FAMILY), torch.randn(2, 2)),
        (lambda x: subtype_loss(x, torch.zeros(2, 2), _FAMILY), torch.randn(2, 2)),
        (
            lambda x: diagnosis_loss(
                x,
                torch.zeros(2, 3),
                present=torch.ones(2, 3, dtype=torch.bool),
                weight=torch.ones(3),
                comparison=Comparison(),
            ),
            torch.randn(2, 3),
        ),
    ],
)
def test_nothing_known_costs_nothing_and_moves_nothing(loss: Callable[[Tensor], TaskLoss], given: Tensor) -> None:
    given.requires_grad_(True)
    found = loss(given)
    assert found.count.item() == 0
    value = found.mean()
    assert value.item() == 0
    value.backward()
    assert given.grad is not None
    assert torch.equal(given.grad, torch.zeros_like(given))


def test_unknown_grades_change_no_gradient_of_known_ones() -> None:
    logits = torch.randn(1, 2, 3)
    alone = corn_loss(logits[:, :1], tensor([[2.0]])).mean()
    assert corn_loss(logits, tensor([[2.0, nan]])).mean().item() == pytest.approx(alone.item())


def test_map_losses_are_nought_for_a_sure_and_right_map() -> None:
    target, trust = torch.zeros(1, 2, 4, 4), torch.ones(1, 2)
    target[:, :, :2] = 1
    right, wrong = (target - 0.5) * 200, (0.5 - target) * 200
    for loss in (map_loss, overlap_loss):
        assert loss(right, target, trust).mean().item() == pytest.approx(0, abs=1e-6)
    # Wrong everywhere: entropy 100 a cell; no overlap leaves Dice at 1 - 1 / (16 + 1).
    assert map_loss(wrong, target, trust).mean().item() == pytest.approx(100)
    assert overlap_loss(wrong, target, trust).mean().item() == pytest.approx(1 - 1 / 17)


def test_area_loss_is_the_difference_of_shares() -> None:
    target = torch.zeros(1, 2, 4, 4)
    target[:, 1] = 1
    target[:, 0, :2] = 1  # half of the skin
    drawn = torch.full((1, 2, 4, 4), 50.0)
    drawn[:, 0, 1:] = -50.0  # a quarter of it
    assert area_loss(drawn, target).mean().item() == pytest.approx(0.25)


def test_teacher_loss_ignores_length_and_unknown_rows() -> None:
    student = tensor([[2.0, 0.0], [0.0, 1.0]])
    assert teacher_loss(student, tensor([[5.0, 0.0], [nan, nan]])).mean().item() == pytest.approx(0)
    assert teacher_loss(student, tensor([[0.0, 1.0], [0.0, 3.0]])).mean().item() == pytest.approx(0.5)
