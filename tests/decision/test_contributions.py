"""Shapley values by hand, and a network whose answer without each part is known."""

from itertools import permutations

import numpy as np
import pytest

from flexura.decision.calibration import Calibration
from flexura.decision.contributions import contributions_of, shapley_values
from flexura.decision.taxonomy import TAXONOMY
from flexura.records import PartialAnswers


def test_the_glove_game() -> None:
    # Player 0 holds a left glove, 1 and 2 a right one each; a pair is worth 1. Shapley: 2/3, 1/6, 1/6.
    worth = [0, 0, 0, 1, 0, 1, 0, 1]
    assert shapley_values(np.array(worth, float)[:, None]).ravel().tolist() == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_every_order_of_learning_counts_alike_and_the_sum_is_the_whole() -> None:
    values = np.random.default_rng(5).normal(size=(16, 2))
    gains = np.zeros((4, 2))
    for order in permutations(range(4)):
        known = 0
        for player in order:
            gains[player] += values[known | 1 << player] - values[known]
            known |= 1 << player
    found = shapley_values(values)
    assert found == pytest.approx(gains / 24)
    assert found.sum(0) == pytest.approx(values[-1] - values[0])


def test_with_nobody_there_is_nothing_to_share() -> None:
    assert shapley_values(np.array([[0.3, 0.4]])).shape == (0, 2)


def test_parts_lead_from_the_picture_to_the_answer(calibration: Calibration) -> None:
    codes = [row.code for row in TAXONOMY]
    atopic, psoriasis = codes.index("atopic_dermatitis"), codes.index("psoriasis")
    probabilities = np.full((4, len(codes)), 1e-30)
    # Atopic dermatitis and psoriasis with nothing, with itch, with the site, with both; the last names psoriasis first.
    for row, shares in enumerate([(0.5, 0.5), (0.7, 0.3), (0.2, 0.8), (0.4, 0.6)]):
        probabilities[row, [atopic, psoriasis]] = shares
    logits = (np.log(probabilities) * calibration.temperature).astype(np.float32)
    found = contributions_of(PartialAnswers(("itch", "site"), logits), calibration=calibration)
    assert (found.eczema_by_picture, found.first_by_picture) == pytest.approx((0.5, 0.5))
    assert [each.part for each in found.parts] == ["itch", "site"]
    # Itch adds .2 both times; the site takes .3 away both times. Psoriasis is all that is not eczema.
    assert [each.eczema for each in found.parts] == pytest.approx([0.2, -0.3])
    assert [each.first for each in found.parts] == pytest.approx([-0.2, 0.3])
