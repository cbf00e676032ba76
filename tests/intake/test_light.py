"""Contrast, burnt-out skin and colour casts, on colours worked out by hand."""

import numpy as np
import pytest

from flexura.intake.light import blown_share, colour_cast, contrast

GREY, SKIN = np.full(3, 3**-0.5), np.array([0.84, 0.44, 0.31]) / np.linalg.norm([0.84, 0.44, 0.31])


def to_srgb(light):
    """IEC 61966-2-1, written from the standard."""
    light = np.asarray(light, np.float64)
    return np.round(255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)).astype(
        np.uint8
    )


def relief(colour, seed=0):
    """A picture of one colour of light, brighter and darker from place to place."""
    level = np.random.default_rng(seed).uniform(0.2, 0.9, (40, 50, 1))
    return to_srgb(level * np.asarray(colour) / np.max(colour))


def test_contrast_is_the_same_for_the_same_relief_on_light_and_dark_skin():
    def lightness(luminance):
        return 116 * np.cbrt(luminance) - 16

    for level in (0.6, 0.06):
        lab = np.zeros((10, 10, 3), np.float32)
        lab[:5, :, 0], lab[5:, :, 0] = lightness(level), lightness(level / 2)
        assert contrast(lab) == pytest.approx(1 / 3, rel=1e-3)
    assert contrast(np.zeros((10, 10, 3), np.float32)) == 0


def test_blown_share_by_hand():
    pixels = np.array([[[255, 240, 220], [255, 255, 255], [200, 150, 120], [200, 150, 120]]], np.uint8)
    skin = np.array([[False, False, True, True]])
    assert blown_share(pixels, skin) == pytest.approx(1 / 3)
    assert blown_share(pixels[:, 1:2], skin[:, 1:2]) == 0


def test_a_bluish_wall_behind_dark_skin_is_not_blown_skin():
    pixels = np.array([[[225, 240, 255], [225, 240, 255], [90, 60, 50], [90, 60, 50]]], np.uint8)
    assert blown_share(pixels, np.array([[False, False, True, True]])) == 0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_whatever_lies_between_grey_and_skin_is_no_cast(share):
    assert colour_cast(relief((1 - share) * GREY + share * SKIN)) < 0.5


@pytest.mark.parametrize("degrees", [5.0, 15.0, 25.0])
def test_the_cast_is_the_angle_off_the_arc(degrees):
    off = np.cross(GREY, SKIN)
    off /= np.linalg.norm(off)
    middle = (GREY + SKIN) / np.linalg.norm(GREY + SKIN)
    for side in (-1, 1):  # towards green and towards magenta
        colour = np.cos(np.radians(degrees)) * middle + side * np.sin(np.radians(degrees)) * off
        assert colour_cast(relief(colour)) == pytest.approx(degrees, abs=0.5)


def test_beyond_its_ends_the_angle_is_to_the_end():
    blue = (0.4, 0.6, 1.0)
    angle = np.degrees(np.arccos(GREY @ blue / np.linalg.norm(blue)))
    assert colour_cast(relief(blue)) == pytest.approx(angle, abs=0.5)


def test_one_blue_cloth_is_no_cast():
    picture = relief(SKIN)
    picture[:, :15] = to_srgb((0.05, 0.2, 0.6))  # flat and bright: it moves the levels, and few edges
    assert colour_cast(picture) < 10 < colour_cast(relief((0.05, 0.2, 0.6)))


def test_no_light_has_no_cast():
    assert colour_cast(np.zeros((40, 40, 3), np.uint8)) == 0
