"""Drawn rulers of known pitch at any angle are read; skin, cloth and combs without longer ticks are none."""

import cv2
import numpy as np
import pytest

from flexura.preprocessing.ruler import find_ruler, ruler_mask
from flexura.synthesis import draw_spec, render


@pytest.mark.parametrize(
    ("pixels_per_mm", "angle_deg"), [(4.0, 0), (5.3, 17), (6.0, 90), (6.7, 123), (7.4, 200), (8.2, 271), (9.0, 338)]
)
def test_the_pitch_is_read_at_any_angle(plain_skin, lay_ruler, pixels_per_mm, angle_deg):
    pixels, where = lay_ruler(plain_skin(), pixels_per_mm, angle_deg)
    grain = np.random.default_rng(0).normal(0, 3, pixels.shape)
    found = find_ruler(np.clip(pixels + grain, 0, 255).astype(np.uint8))
    assert found is not None
    assert found.pixels_per_mm == pytest.approx(pixels_per_mm, rel=0.005)
    mask = ruler_mask(pixels, found)
    assert (mask & where).sum() / where.sum() > 0.85
    assert (mask & where).sum() / mask.sum() > 0.85


@pytest.mark.parametrize("seed", [1, 3, 9, 11, 20])
def test_plain_skin_holds_no_ruler(seed):
    assert find_ruler(render(draw_spec(seed, size=(288, 384))).pixels) is None


def test_stripes_without_longer_ticks_are_no_ruler(plain_skin):
    pixels = plain_skin()
    pixels[150:230, 60:460] = 235
    for x in range(60, 460, 6):
        pixels[150:170, x : x + 2] = 30
    assert find_ruler(pixels) is None
    cloth = plain_skin()
    cloth[:, ::5] = 90
    assert find_ruler(cloth) is None


def test_a_scale_of_sixteenths_is_not_taken_for_millimetres(plain_skin):
    pixels = plain_skin()
    pixels[150:230, 60:460] = 235
    for number, x in enumerate(range(60, 460, 6)):
        tall = 40 if number % 16 == 0 else 30 if number % 4 == 0 else 20
        cv2.rectangle(pixels, (x, 150), (x + 1, 150 + tall), (30, 30, 30), -1)
    assert find_ruler(pixels) is None


def test_a_larger_picture_gives_a_larger_pitch(plain_skin, lay_ruler):
    pixels, _ = lay_ruler(plain_skin(), 6.0, 30)
    twice = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    assert find_ruler(twice).pixels_per_mm == pytest.approx(12.0, rel=0.01)
