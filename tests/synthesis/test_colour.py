"""sRGB, linear light and Lab: known values, round trips; the Monk swatches."""

import numpy as np
import pytest

from flexura.synthesis import colour

# The published swatches, independently of the module's table.
MONK = ["f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420"]


def test_swatches_are_those_published():
    """Ten tones, each with its hexadecimal colour."""
    assert ["{:02x}{:02x}{:02x}".format(*tone.swatch) for tone in colour.TONES.values()] == MONK


def test_melanin_rises_with_tone():
    """Darker tones hold more melanin."""
    fractions = [tone.melanin for tone in colour.TONES.values()]
    assert fractions == sorted(fractions)


def test_every_srgb_value_survives_the_way_to_linear_and_back():
    """All 256 levels return unchanged."""
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(colour.linear_to_srgb(colour.srgb_to_linear(levels)), levels)


def test_light_beyond_the_sensor_is_clipped():
    """Below black and above white nothing wraps round."""
    np.testing.assert_array_equal(colour.linear_to_srgb(np.array([-0.5, 0.0, 1.0, 7.0], np.float32)), [0, 0, 255, 255])


@pytest.mark.parametrize(
    ("srgb", "lab"), [((255, 255, 255), (100, 0, 0)), ((255, 0, 0), (53.24, 80.09, 67.20)), ((0, 0, 0), (0, 0, 0))]
)
def test_lab_of_known_colours(srgb, lab):
    """White, black and the red primary, as in any colour science text."""
    np.testing.assert_allclose(colour.rgb_to_lab(np.array([[srgb]], np.uint8))[0, 0], lab, atol=0.1)
