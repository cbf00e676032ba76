import math

import pytest
import torch
from torch import Tensor, nan, tensor

from flexura.training.losses import area_loss, corn_loss, diagnosis_loss, map_loss, teacher_loss


def test_diagnosis_loss_by_hand() -> None:
    logits = tensor([[math.log(2.0), 0.0, 0.0]])
    everywhere = torch.ones(1, 3, dtype=torch.bool)
    loss = diagnosis_loss(logits, tensor([0]), present=everywhere, smoothing=0.0, source_weight=0.0)
    assert loss.item() == pytest.approx(math.log(2.0))
    smoothed = diagnosis_loss(logits, tensor([0]), present=everywhere, smoothing=0.3, source_weight=0.0)
    spread = (math.log(2.0) + 2 * math.log(4.0)) / 3
    assert smoothed.item() == pytest.approx(0.7 * math.log(2.0) + 0.3 * spread)


def test_within_source_loss_compares_only_codes_of_the_source() -> None:
    present = tensor([[True, True, False]])
    own = [
        diagnosis_loss(
            tensor([[1.0, 0.0, other]], requires_grad=True),
            tensor([0]),
            present=present,
            smoothing=0.1,
            source_weight=1.0,
        ).item()
        for other in (-9.0, 9.0)
    ]
    assert own[0] == own[1]
    mixed = diagnosis_loss(
        tensor([[1.0, 0.0, 9.0]]), tensor([0]), present=present, smoothing=0.1, source_weight=0.5
    ).item()
    whole = diagnosis_loss(
        tensor([[1.0, 0.0, 9.0]]), tensor([0]), present=present, smoothing=0.1, source_weight=0.0
    ).item()
    assert mixed == pytest.approx((own[0] + whole) / 2)


def test_corn_loss_by_hand() -> None:
    # Grade 1 of 0-3: above 0 is true, above 1 is false, above 2 was never asked.
    logits = tensor([[0.0, 0.0, 50.0]])
    assert corn_loss(logits, tensor([1.0])).item() == pytest.approx(math.log(2.0))
    # Grade 0 asks the first threshold alone.
    assert corn_loss(tensor([[-math.log(3.0), 50.0, 50.0]]), tensor([0.0])).item() == pytest.approx(math.log(4 / 3))


def test_half_a_grade_counts_half_for_each_side() -> None:
    # 0.5 of 0-3: half above 0; threshold 1 was half reached and not passed.
    loss = corn_loss(tensor([[0.0, math.log(3.0), 0.0]]), tensor([0.5]))
    assert loss.item() == pytest.approx((math.log(2.0) + 0.5 * math.log(4.0)) / 1.5)


@pytest.mark.parametrize(
    ("loss", "given"),
    [
        (lambda x: corn_loss(x, torch.full((2, 6), nan)), torch.randn(2, 6, 3)),
        (lambda x: map_loss(x, torch.full((2, 2, 4, 4), nan), torch.ones(2, 2)), torch.randn(2, 2, 4, 4)),
        (lambda x: area_loss(x, torch.full((2, 2, 4, 4), nan)), torch.randn(2, 2, 4, 4)),
        (lambda x: teacher_loss(x, torch.full((2, 8), nan)), torch.randn(2, 8)),
    ],
)
def test_nothing_known_costs_nothing_and_moves_nothing(loss: object, given: Tensor) -> None:
    given.requires_grad_(True)
    value = loss(given)  # type: ignore[operator]
    assert value.item() == 0
    value.backward()
    assert given.grad is not None
    assert torch.equal(given.grad, torch.zeros_like(given))


def test_unknown_grades_change_no_gradient_of_known_ones() -> None:
    logits = torch.randn(1, 2, 3)
    alone = corn_loss(logits[:, :1], tensor([[2.0]]))
    assert corn_loss(logits, tensor([[2.0, nan]])).item() == pytest.approx(alone.item())


def test_map_loss_is_nought_for_a_sure_and_right_map() -> None:
    target = torch.zeros(1, 2, 4, 4)
    target[:, :, :2] = 1
    assert map_loss((target - 0.5) * 200, target, torch.ones(1, 2)).item() == pytest.approx(0, abs=1e-6)
    # Wrong everywhere: entropy 100 a cell; no overlap leaves Dice at 1 - 1 / (16 + 1), weighed by half.
    wrong = map_loss((0.5 - target) * 200, target, torch.ones(1, 2)).item()
    assert wrong == pytest.approx(100 + 0.5 * (1 - 1 / 17), rel=1e-6)


def test_area_loss_is_the_difference_of_shares() -> None:
    target = torch.zeros(1, 2, 4, 4)
    target[:, 1] = 1
    target[:, 0, :2] = 1  # half of the skin
    drawn = torch.full((1, 2, 4, 4), 50.0)
    drawn[:, 0, 1:] = -50.0  # a quarter of it
    assert area_loss(drawn, target).item() == pytest.approx(0.25)


def test_teacher_loss_ignores_length_and_unknown_rows() -> None:
    student = tensor([[2.0, 0.0], [0.0, 1.0]])
    assert teacher_loss(student, tensor([[5.0, 0.0], [nan, nan]])).item() == pytest.approx(0)
    assert teacher_loss(student, tensor([[0.0, 1.0], [0.0, 3.0]])).item() == pytest.approx(0.5)
