"""Skin's place in CIELAB: its limits one by one, and rendered skin of every tone."""

import numpy as np
import pytest

from flexura.skin import skin_coloured
from flexura.synthesis import SkinSpec, render
from flexura.synthesis.colour import rgb_to_lab


@pytest.mark.parametrize(
    ("lab", "wanted"),
    [
        ((60, 15, 18), True),
        ((60, -15, 18), False),  # green
        ((60, 15, -18), False),  # violet
        ((60, 1, 1), False),  # grey
        ((60, 45, 45), False),  # vivid orange
        ((2, 3, 3), False),  # black
        ((99, 3, 3), False),  # white
    ],
)
def test_limits_by_hand(lab, wanted):
    assert skin_coloured(np.array([[lab]], np.float32)).tolist() == [[wanted]]


@pytest.mark.parametrize("tone", range(1, 11))
def test_every_tone_is_skin(tone):
    photo = render(SkinSpec(seed=tone, tone=tone, signs=(2, 0, 0, 0, 0, 0), area=0.3, size=(96, 128), framing="flat"))
    assert skin_coloured(rgb_to_lab(photo.pixels)).mean() > 0.9
