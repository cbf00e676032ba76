"""CORN probabilities by hand, and the order in which the heads answer."""

import math

import pytest
import torch

from flexura.model.heads import Heads, corn_probabilities


@pytest.mark.parametrize(
    ("logits", "probabilities"),
    [
        ([0.0, 0.0, 0.0], [1 / 2, 1 / 4, 1 / 8, 1 / 8]),
        # Above 0 with 3/4, then above 1 with 1/2 of it.
        ([math.log(3), 0.0], [2 / 8, 3 / 8, 3 / 8]),
        ([-math.log(4), math.log(9)], [0.8, 0.02, 0.18]),
    ],
)
def test_grades_by_hand(logits: list[float], probabilities: list[float]) -> None:
    assert corn_probabilities(torch.tensor(logits)).tolist() == pytest.approx(probabilities, abs=1e-6)


@pytest.mark.parametrize(
    ("logits", "grade"), [([-200.0, 200.0, 200.0], 0), ([200.0, -200.0, 200.0], 1), ([200.0, 200.0, 200.0], 3)]
)
def test_extreme_logits_are_certain_and_never_nan(logits: list[float], grade: int) -> None:
    # Nothing lies above a grade that was not reached, whatever the later logits say.
    assert corn_probabilities(torch.tensor(logits)).tolist() == [float(k == grade) for k in range(4)]


def test_grades_of_every_sign_are_probabilities() -> None:
    logits = torch.randn(50, 6, 3, generator=torch.Generator().manual_seed(10)) * 5
    probabilities = corn_probabilities(logits)
    assert probabilities.shape == (50, 6, 4)
    assert (probabilities >= 0).all()
    torch.testing.assert_close(probabilities.sum(-1), torch.ones(50, 6))


def test_each_sign_has_three_logits_of_its_own() -> None:
    heads = Heads(4, 2).eval()
    heads.sign_grades.weight.data.zero_()
    heads.sign_grades.bias.data.copy_(torch.arange(18.0))
    _, signs, _ = heads(torch.randn(2, 4))
    assert signs[1].tolist() == [[3.0 * sign, 3.0 * sign + 1, 3.0 * sign + 2] for sign in range(6)]


def test_what_is_negative_in_the_fused_vector_is_not_read() -> None:
    heads = Heads(4, 2).eval()
    diagnosis, _, iga = heads(torch.full((1, 4), -3.0))
    assert torch.equal(diagnosis[0], heads.diagnosis.bias)
    assert torch.equal(iga[0], heads.iga_grades.bias)
