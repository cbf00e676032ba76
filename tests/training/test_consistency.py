import pytest
import torch
from torch import Tensor, tensor

from flexura.training.consistency import (
    TERMS,
    Said,
    healthy_with_lesion,
    iga_off_signs,
    read_answers,
    severity_out_of_order,
    signs_without_lesion,
)


def _said(*, healthy: float = 0.0, signs: float | Tensor = 0.0, iga: float = 0.0, lesion: float = 0.0) -> Said:
    grades = signs if isinstance(signs, Tensor) else torch.full((6,), signs)
    return Said(tensor([healthy]), grades[None].clone(), tensor([iga]), tensor([lesion]))


def _both(one: Said, other: Said) -> Said:
    return Said(*(torch.cat(pair) for pair in zip(one, other, strict=True)))


def test_expected_values_by_hand() -> None:
    # Even log-odds at every threshold: grades 0 to 3 have 1/2, 1/4, 1/8, 1/8, so 7/8 is expected; 15/16 of 0 to 4.
    maps = torch.full((1, 2, 2, 2), -100.0)
    maps[0, :, 1, 1] = 0.0
    said = read_answers(torch.zeros(1, 4), torch.zeros(1, 6, 3), torch.zeros(1, 4), maps, healthy=2)
    assert said.signs[0].tolist() == pytest.approx([7 / 8] * 6)
    assert said.iga.item() == pytest.approx(15 / 16)
    assert said.healthy.item() == pytest.approx(1 / 4)
    assert said.lesion.item() == pytest.approx(1 / 4)  # half a lesion on half a skin


@pytest.mark.parametrize(("lesion", "expected"), [(0.0, 0.5), (0.75, 0.125), (1.0, 0.0)])
def test_no_lesion_means_no_signs(lesion: float, expected: float) -> None:
    assert signs_without_lesion(_said(signs=1.5, lesion=lesion)).mean().item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("worst", "iga", "expected"), [(2.0, 2.0, 0.0), (2.0, 3.0, 0.0), (2.0, 1.0, 0.25), (1.0, 4.0, 0.5), (0.0, 1.0, 0.0)]
)
def test_iga_lies_between_the_worst_sign_and_a_grade_above(worst: float, iga: float, expected: float) -> None:
    signs = tensor([worst, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert iga_off_signs(_said(signs=signs, iga=iga)).mean().item() == pytest.approx(expected)


def test_who_is_worse_in_every_sign_has_no_lower_iga() -> None:
    mild, severe = _said(signs=1.0, iga=3.0), _said(signs=2.0, iga=1.0)
    # One of two photos is worse than the other and two of four grades lower: half of 1/2.
    assert severity_out_of_order(_both(mild, severe)).mean().item() == pytest.approx(0.25)
    right = _both(mild._replace(iga=tensor([1.0])), severe._replace(iga=tensor([3.0])))
    assert severity_out_of_order(right).mean().item() == 0
    # Neither is worse in every sign: nothing is compared.
    mixed = _said(signs=tensor([0.0, 3.0, 0.0, 0.0, 0.0, 0.0]), iga=4.0)
    assert severity_out_of_order(_both(mixed, severe)).mean().item() == 0


def test_healthy_skin_has_no_lesion() -> None:
    assert healthy_with_lesion(_said(healthy=0.5, lesion=0.5)).mean().item() == pytest.approx(0.25)
    assert healthy_with_lesion(_said(healthy=0.5, lesion=0.0)).mean().item() == 0


def test_the_surer_side_is_taken_as_given() -> None:
    def moved(name: str) -> set[str]:
        said = Said(
            *(each.requires_grad_(True) for each in _both(_said(signs=1.0, iga=4.0), _said(signs=2.0, iga=0.0)))
        )
        said = said._replace(
            lesion=torch.full((2,), 0.5, requires_grad=True), healthy=torch.full((2,), 0.5, requires_grad=True)
        )
        TERMS[name](said).mean().backward()
        return {field for field, value in said._asdict().items() if value.grad is not None and value.grad.any()}

    assert {name: moved(name) for name in TERMS} == {
        "signs_without_lesion": {"signs"},
        "iga_off_signs": {"iga"},
        "severity_out_of_order": {"iga"},
        "healthy_with_lesion": {"healthy"},
    }
