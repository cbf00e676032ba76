"""Colour against scikit-image and colorsys, hue on the circle, and the tone of rendered skin."""

import colorsys
import itertools
import math

import numpy as np
import pytest
from skimage.color import deltaE_cie76, rgb2lab

from flexura.features.colour import (
    COLOUR,
    TONE_CLASSES,
    UNDEFINED,
    circular_hue,
    colour_features,
    individual_typology_angle,
    skin_tone_class,
    turn_between,
)
from flexura.features.view import view_skin

SKIN, RED = (215, 189, 150), (190, 120, 100)

# Del Bino & Bernerd 2013: very light > 55 > light > 41 > intermediate > 28 > tan > 10 > brown > -30 > dark.
CLASSES = {55.1: 1, 55.0: 2, 41.1: 2, 41.0: 3, 28.1: 3, 28.0: 4, 10.1: 4, 10.0: 5, -29.9: 5, -30.0: 6, -90.0: 6}
NAMES = ("very light", "light", "intermediate", "tan", "brown", "dark")


@pytest.fixture
def halves():
    lesion = np.zeros((60, 80), np.bool_)
    lesion[:, :40] = True
    return lesion


def test_colours_of_a_painted_lesion_are_those_of_scikit_image(painted, halves, named):
    features = named(colour_features(painted(halves)))
    lab = {name: rgb2lab(np.array([[colour]], np.uint8))[0, 0] for name, colour in (("skin", SKIN), ("lesion", RED))}
    for region, axis in itertools.product(lab, range(3)):
        name = ("lightness", "a", "b")[axis]
        assert features[f"{region}_{name}"] == pytest.approx(lab[region][axis], abs=0.15)
        assert features[f"delta_{name}"] == pytest.approx((lab["lesion"] - lab["skin"])[axis], abs=0.15)
    assert features["delta_e"] == pytest.approx(deltaE_cie76(lab["skin"], lab["lesion"]), abs=0.15)
    assert features["lesion_lightness_spread"] == pytest.approx(0, abs=1e-3)


def test_hsv_is_that_of_the_standard_library(painted, halves, named):
    features = named(colour_features(painted(halves)))
    for region, colour in (("skin", SKIN), ("lesion", RED)):
        hue, saturation, value = colorsys.rgb_to_hsv(*(level / 255 for level in colour))
        assert features[f"{region}_hue"] == pytest.approx(360 * hue, abs=0.1)
        assert features[f"{region}_saturation"] == pytest.approx(saturation, abs=1e-4)
        assert features[f"{region}_value"] == pytest.approx(value, abs=1e-4)
        assert features[f"{region}_hue_variance"] == pytest.approx(0, abs=1e-4)


def test_hue_is_averaged_on_the_circle():
    """Red on either side of 0 is red, not cyan."""
    mean, variance = circular_hue(np.array([359, 1, 3], np.float32), np.ones(3, np.float32))
    assert mean == pytest.approx(1, abs=1e-3)
    assert variance < 1e-3
    mean, variance = circular_hue(np.array([0, 90, 180, 270], np.float32), np.ones(4, np.float32))
    assert math.isnan(mean)
    assert variance == pytest.approx(1)


def test_grey_has_no_say_in_hue():
    mean, _ = circular_hue(np.array([0, 120], np.float32), np.array([0, 0.5], np.float32))
    assert mean == pytest.approx(120)
    assert all(map(math.isnan, circular_hue(np.array([0, 120], np.float32), np.zeros(2, np.float32))))


@pytest.mark.parametrize(("start", "end", "turn"), [(10, 30, 20), (30, 10, -20), (350, 5, 15), (5, 350, -15)])
def test_turns_are_the_shortest(start, end, turn):
    assert turn_between(start, end) == turn


@pytest.mark.parametrize(("ita", "number"), CLASSES.items())
def test_tone_classes_by_an_independent_table(ita, number):
    assert skin_tone_class(ita) == NAMES[number - 1]
    assert [name for _, name in TONE_CLASSES] == list(NAMES)


@pytest.mark.parametrize("b", [-5.0, 0.0, 0.9, math.nan])
def test_tone_is_undefined_where_skin_is_not_yellow(b):
    assert math.isnan(individual_typology_angle(70.0, b))
    assert skin_tone_class(individual_typology_angle(70.0, b)) == UNDEFINED


def test_tone_is_undefined_under_blue_light_and_without_own_skin(painted, halves, named):
    for view in (painted(halves, skin_colour=(150, 170, 215)), painted(~np.zeros_like(halves))):
        features = named(colour_features(view))
        assert math.isnan(features["skin_ita"])
        assert math.isnan(features["skin_tone_class"])
        assert not math.isnan(features["lesion_lightness"])


def test_typology_angle_falls_with_every_step_of_the_monk_scale(rendered, named):
    photos = [rendered(tone, 1) for tone in range(1, 11)]
    features = [named(colour_features(view_skin(p.pixels, p.lesion_mask, p.skin_mask))) for p in photos]
    angles = [one["skin_ita"] for one in features]
    assert all(after < before for before, after in itertools.pairwise(angles))
    classes = [one["skin_tone_class"] for one in features]
    assert classes == sorted(classes)
    assert (classes[0], classes[-1]) == (1, 6)


@pytest.mark.parametrize("tone", range(1, 11))
def test_redness_against_own_skin_rises_with_erythema_at_every_tone(rendered, named, tone):
    photos = [rendered(tone, grade) for grade in range(4)]
    redness = [named(colour_features(view_skin(p.pixels, p.lesion_mask, p.skin_mask)))["delta_a"] for p in photos]
    assert all(after > before for before, after in itertools.pairwise(redness))


def test_without_skin_all_is_unknown(halves):
    view = view_skin(np.full((60, 80, 3), 90, np.uint8), halves, np.zeros_like(halves))
    vector = colour_features(view)
    assert vector.names == tuple(COLOUR)
    assert np.isnan(vector.values).all()
