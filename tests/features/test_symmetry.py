"""Mirror images by hand: what is symmetric, by how much it is not, and left against right."""

import math

import cv2
import numpy as np
import pytest

from flexura.errors import FeatureError
from flexura.features import compare_sides, extract
from flexura.features.symmetry import (
    SIDE_FEATURES,
    SYMMETRY,
    principal_axes,
    shape_asymmetry,
    symmetry_features,
)
from flexura.features.texture import texture_features

SHAPE = (256, 256)


def ellipse(angle_degrees, axes=(90, 40)):
    canvas = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(canvas, (128, 128), axes, angle_degrees, 0, 360, 1, -1)
    return canvas.astype(np.bool_)


@pytest.mark.parametrize("angle", [0, 30, 75, 90])
def test_axes_of_an_ellipse(angle):
    centre, axes, variance = principal_axes(ellipse(angle))
    assert centre == pytest.approx([128, 128], abs=0.5)
    along = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    assert abs(axes[0] @ along) == pytest.approx(1, abs=1e-3)
    assert abs(axes[1] @ along) == pytest.approx(0, abs=0.03)
    assert variance == pytest.approx([90**2 / 4, 40**2 / 4], rel=0.03)  # of a uniform ellipse: a² / 4


@pytest.mark.parametrize("angle", [0, 30, 75])
def test_an_ellipse_is_its_own_mirror_image(painted, named, angle):
    features = named(symmetry_features(painted(ellipse(angle))))
    assert features["shape_asymmetry_major"] < 0.03
    assert features["shape_asymmetry_minor"] < 0.03
    assert features["colour_asymmetry_major"] < 0.1
    assert features["lesion_elongation"] == pytest.approx(90 / 40, rel=0.04)


def test_asymmetry_by_hand():
    """A 4 x 2 block about its own middle column, and about a line that leaves a quarter uncovered."""
    mask = np.zeros((6, 10), np.float32)
    mask[2:4, 2:6] = 1
    upright = np.array([0.0, 1.0])
    assert shape_asymmetry(mask, np.array([3.5, 2.5]), upright) == 0
    assert shape_asymmetry(mask, np.array([4.0, 2.5]), upright) == pytest.approx(0.25)
    assert shape_asymmetry(mask, np.array([6.5, 2.5]), upright) == pytest.approx(1)


def test_a_drop_is_symmetric_about_its_length_only(painted, disc, named):
    drop = disc(SHAPE, (128, 100), 50)
    cv2.fillPoly(canvas := drop.astype(np.uint8), [np.array([(110, 80), (110, 176), (240, 128)])], 1)
    features = named(symmetry_features(painted(canvas.astype(np.bool_))))
    assert features["shape_asymmetry_major"] < 0.04
    assert features["shape_asymmetry_minor"] > 0.12


def test_a_lesion_of_two_colours_is_asymmetric_in_colour(painted, named):
    lesion = ellipse(0)
    view = painted(lesion)
    view.lab[:, 128:, 0] += 10  # the right half of the long axis
    features = named(symmetry_features(view))
    assert features["colour_asymmetry_major"] == pytest.approx(0, abs=0.3)
    assert features["colour_asymmetry_minor"] == pytest.approx(10, rel=0.05)


def test_no_lesion_no_symmetry(painted):
    vector = symmetry_features(painted(np.zeros(SHAPE, np.bool_)))
    assert vector.names == tuple(SYMMETRY)
    assert np.isnan(vector.values).all()


@pytest.fixture(scope="module")
def sides(rendered):
    def features(erythema, mirrored=False):
        photo = rendered(5, erythema)
        step = -1 if mirrored else 1
        masks = (np.ascontiguousarray(mask[:, ::step]) for mask in (photo.lesion_mask, photo.skin_mask))
        return extract(np.ascontiguousarray(photo.pixels[:, ::step]), *masks)

    return features


def test_a_mirrored_photo_is_the_same_on_the_other_side(sides, named):
    difference = named(compare_sides(sides(2), sides(2, mirrored=True)))
    assert difference == pytest.approx(dict.fromkeys(difference, 0), abs=1e-3)


def test_the_redder_side_is_named_by_the_sign(sides, named):
    one, other = sides(3), sides(1)
    left_redder, right_redder = named(compare_sides(one, other)), named(compare_sides(other, one))
    for name in ("delta_a", "delta_erythema_index", "delta_haemoglobin"):
        assert left_redder[f"left_minus_right_{name}"] > 0.5
        assert right_redder[f"left_minus_right_{name}"] == pytest.approx(-left_redder[f"left_minus_right_{name}"])
    assert left_redder["side_area_asymmetry"] == pytest.approx(0, abs=1e-6)


def test_area_asymmetry_by_hand(sides, named):
    """15 % against 5 % of the skin: 10 / 20; one side only: 1; neither: unknown."""

    def with_share(share):
        vector = sides(2)
        values = vector.values.copy()
        values[vector.names.index("lesion_skin_share")] = share
        return type(vector)(vector.names, values, vector.units)

    asymmetry = [
        named(compare_sides(with_share(left), with_share(right)))["side_area_asymmetry"]
        for left, right in ((0.15, 0.05), (0.05, 0.15), (0.2, 0.0), (0.0, 0.0), (0.2, math.nan))
    ]
    assert asymmetry[:3] == pytest.approx([0.5, 0.5, 1])
    assert all(map(math.isnan, asymmetry[3:]))


def test_a_part_of_the_features_cannot_be_compared(eczema):
    part = texture_features(eczema)
    with pytest.raises(FeatureError, match="lesion_skin_share"):
        compare_sides(part, part)


def test_units_of_the_differences_are_those_of_the_features(sides):
    one = sides(2)
    units = dict(zip(one.names, one.units, strict=True))
    compared = compare_sides(one, one)
    assert compared.units == (*(units[name] for name in SIDE_FEATURES), "0-1")
