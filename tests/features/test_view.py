"""The common ground of all families: refusals, masks that fit, own skin, boxes and means."""

import numpy as np
import pytest

from flexura.errors import FeatureError
from flexura.features.view import bounding_box, fill, mean_and_spread, view_skin

EMPTY = np.zeros((100, 120), np.bool_)
PIXELS = np.full((100, 120, 3), 128, np.uint8)


@pytest.mark.parametrize(
    ("pixels", "lesion", "skin"),
    [
        (PIXELS[..., 0], EMPTY, EMPTY),
        (PIXELS.astype(np.float32), EMPTY, EMPTY),
        (PIXELS[:0], EMPTY[:0], EMPTY[:0]),
        (PIXELS, EMPTY[1:], EMPTY),
        (PIXELS, EMPTY, EMPTY.T),
        (PIXELS, EMPTY.astype(np.uint8), EMPTY),
    ],
    ids=["grey", "float", "nothing", "lesion of another size", "skin turned", "mask of numbers"],
)
def test_what_does_not_fit_together_is_refused(pixels, lesion, skin):
    with pytest.raises(FeatureError, match="expected"):
        view_skin(pixels, lesion, skin)


def test_a_lesion_beside_the_skin_does_not_count():
    lesion, skin = EMPTY.copy(), EMPTY.copy()
    lesion[10:30, 10:30] = True
    skin[10:50, 20:60] = True
    view = view_skin(PIXELS, lesion, skin)
    assert view.lesion.sum() == 20 * 10
    assert not (view.lesion & ~skin).any()


def test_own_skin_keeps_a_margin_of_one_percent():
    lesion = EMPTY.copy()
    lesion[40:60, 40:60] = True
    own = view_skin(PIXELS, lesion, ~EMPTY).own_skin
    assert (~own).sum() == 22 * 22  # 1 % of 120 px is one on each side
    assert not own[39, 39]


def test_areas_by_hand_with_specks_left_out():
    lesion = EMPTY.copy()
    lesion[0:10, 0:10] = lesion[10:13, 10:13] = True  # they touch at a corner
    lesion[50:54, 50:55] = True
    lesion[80, 80] = True  # 1 of 12,000 px of skin is under 2 in 10,000
    assert view_skin(PIXELS, lesion, ~EMPTY).lesion_areas.tolist() == [109, 20]


def test_inputs_are_left_alone():
    lesion = EMPTY.copy()
    lesion[40:60, 40:60] = True
    before = PIXELS.copy(), lesion.copy()
    view_skin(PIXELS, lesion, lesion)
    assert np.array_equal(PIXELS, before[0])
    assert np.array_equal(lesion, before[1])


def test_box_by_hand():
    mask = EMPTY.copy()
    mask[3:7, 10:11] = True
    assert bounding_box(mask) == (slice(3, 7), slice(10, 11))
    assert bounding_box(mask, margin_px=5) == (slice(0, 12), slice(5, 16))
    assert EMPTY[bounding_box(EMPTY)].size == 0


def test_means_by_hand_and_nothing_from_too_few():
    image = np.zeros((100, 120, 3), np.float32)
    image[:50] = 2, 4, 6
    mean, spread = mean_and_spread(image, ~EMPTY)
    assert mean.tolist() == [1, 2, 3]
    assert spread.tolist() == [1, 2, 3]
    few = EMPTY.copy()
    few.flat[:63] = True
    assert np.isnan(mean_and_spread(image, few)).all()
    few.flat[63] = True
    assert mean_and_spread(image, few)[0].tolist() == [2, 4, 6]


def test_filling_keeps_the_order_of_the_table_and_leaves_the_rest_unknown():
    vector = fill({"a": "px", "b": "L*"}, {"b": 2.0})
    assert vector.names == ("a", "b")
    assert vector.units == ("px", "L*")
    assert np.isnan(vector.values[0])
    assert vector.values[1] == 2
    with pytest.raises(AssertionError, match="not in the table"):
        fill({"a": "px"}, {"c": 1.0})
