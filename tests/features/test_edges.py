"""Borders and details of drawn forms: what a disc, a square, a line, a blur and a dot must give."""

import math

import cv2
import numpy as np
import pytest
from skimage.measure import perimeter_crofton
from skimage.morphology import convex_hull_image

from flexura.features.edges import (
    EDGES,
    border_sharpness,
    box_counting_dimension,
    detail_spectrum,
    edge_features,
    irregularity,
    perimeter_px,
    solidity,
)
from flexura.features.view import view_skin

SHAPE = (256, 256)


def square(side, at=(20, 20)):
    mask = np.zeros(SHAPE, np.bool_)
    mask[at[0] : at[0] + side, at[1] : at[1] + side] = True
    return mask


def koch_island(generation):
    """The quadratic Koch island, filled: its border has dimension log 8 / log 4 = 1.5."""
    turns = [0, 1, 0, -1, -1, 0, 1, 0]
    headings = [0, 1, 2, 3]
    for _ in range(generation):
        headings = [(heading + turn) % 4 for heading in headings for turn in turns]
    steps = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])[headings]
    points = np.cumsum(steps, axis=0) * 2
    points -= points.min(axis=0) - 4
    canvas = np.zeros(points.max(axis=0)[::-1] + 5, np.uint8)
    cv2.fillPoly(canvas, [points.astype(np.int32)], 1)
    return canvas.astype(np.bool_)


@pytest.mark.parametrize("sigma_px", [1.5, 3.0, 5.0])
def test_sharpness_of_a_blurred_edge_is_that_of_its_gaussian(painted, sigma_px):
    """The steepest point of an edge blurred by s is 1 / (s sqrt(2 pi)) of its height."""
    lesion = np.zeros(SHAPE, np.bool_)
    lesion[:, 128:] = True
    smooth = cv2.GaussianBlur(painted(lesion).pixels.astype(np.float32), (0, 0), sigma_px)
    noise = np.random.default_rng(0).normal(0, 1, (*SHAPE, 3))  # as a camera's: without it, rounding makes stairs
    blurred = view_skin(np.rint(smooth + noise).astype(np.uint8), lesion, np.ones_like(lesion))
    assert border_sharpness(blurred) == pytest.approx(1 / (sigma_px * math.sqrt(2 * math.pi)), rel=0.06)


def test_sharpness_falls_with_blur_and_does_not_know_contrast(painted, disc):
    lesion = disc(SHAPE, (128, 128), 70)
    levels = [
        border_sharpness(view_skin(cv2.GaussianBlur(painted(lesion).pixels, (0, 0), s), lesion, np.ones_like(lesion)))
        for s in (0.5, 1, 2, 4)
    ]
    assert levels == sorted(levels, reverse=True)
    assert border_sharpness(painted(lesion)) == pytest.approx(1)
    assert border_sharpness(painted(lesion, lesion_colour=(210, 180, 145))) == pytest.approx(1)


def test_no_border_no_sharpness(painted, disc):
    lesion = disc(SHAPE, (128, 128), 70)
    assert math.isnan(border_sharpness(painted(lesion, lesion_colour=(213, 187, 147))))
    assert math.isnan(border_sharpness(painted(lesion, skin=lesion)))


@pytest.mark.parametrize("radius", [20, 60, 100])
def test_perimeter_is_that_of_scikit_image_and_of_the_circle(disc, radius):
    mask = disc(SHAPE, (128, 128), radius)
    assert perimeter_px(mask) == pytest.approx(perimeter_crofton(mask, directions=4), rel=1e-6)
    assert perimeter_px(mask) == pytest.approx(2 * math.pi * radius, rel=0.03)


def test_a_disc_is_regular_and_a_star_is_not(disc):
    round_one = disc(SHAPE, (128, 128), 80)
    assert irregularity(round_one) == pytest.approx(1, abs=0.03)
    y, x = np.mgrid[:256, :256] - 128
    star = np.hypot(y, x) < 60 + 30 * np.cos(8 * np.arctan2(y, x))
    assert irregularity(star) > 2
    assert solidity(star) < 0.75
    assert solidity(round_one) > 0.97
    # Two squares apart have twice the area and twice the border: 4² / (4 * 2) of one's.
    pair = square(50) | square(50, at=(150, 150))
    assert irregularity(pair) == pytest.approx(2 * irregularity(square(50)))


def test_solidity_by_hand_and_by_scikit_image(disc):
    assert solidity(square(50)) == pytest.approx(1)
    corner = square(40) & ~square(20)  # three quarters of a square; the hull cuts half of the missing quarter
    assert solidity(corner) == pytest.approx(3 / 3.5)
    moon = disc(SHAPE, (128, 128), 80) & ~disc(SHAPE, (128, 190), 60)
    assert solidity(moon) == pytest.approx(moon.sum() / convex_hull_image(moon).sum(), rel=0.01)


@pytest.mark.parametrize("side", [64, 100, 128, 200])
def test_a_square_has_dimension_two_and_its_side_one(side):
    assert box_counting_dimension(square(side)) == pytest.approx(2, abs=0.08 if side % 64 else 1e-9)
    line = np.zeros(SHAPE, np.bool_)
    line[30, 10 : 10 + side] = True
    assert box_counting_dimension(line) == pytest.approx(1, abs=0.05 if side % 64 else 1e-9)
    slanted = np.eye(256, dtype=np.bool_)[:, :side]
    assert box_counting_dimension(slanted) == pytest.approx(1, abs=0.05 if side % 64 else 1e-9)


def test_a_koch_border_lies_at_one_and_a_half(disc):
    island = koch_island(4)
    border = island & ~cv2.erode(island.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    assert box_counting_dimension(border) == pytest.approx(1.5, abs=0.1)
    ring = disc(SHAPE, (128, 128), 100) & ~disc(SHAPE, (128, 128), 99)
    assert box_counting_dimension(ring) == pytest.approx(1, abs=0.12)


def test_too_small_a_form_has_no_dimension():
    assert math.isnan(box_counting_dimension(square(7)))
    assert math.isnan(box_counting_dimension(np.zeros(SHAPE, np.bool_)))


@pytest.mark.parametrize(("width", "place"), [(1, 0), (2, 0), (3, 1), (4, 1), (8, 2), (9, 3), (16, 3)])
def test_details_stand_at_their_width(width, place):
    """A square dot of a width goes with the first square that does not fit into it: 3, 5, 9, 17 px."""
    grey = np.full(SHAPE, 100, np.uint8)
    grey[100 : 100 + width, 100 : 100 + width] = 180
    everywhere = np.ones(SHAPE, np.bool_)
    bright = detail_spectrum(grey, everywhere, cv2.MORPH_TOPHAT)
    assert bright.argmax() == place
    assert bright.sum() == pytest.approx(80 * width**2 / 256**2)
    assert detail_spectrum(255 - grey, everywhere, cv2.MORPH_BLACKHAT) == pytest.approx(bright)
    assert not detail_spectrum(grey, everywhere, cv2.MORPH_BLACKHAT).any()


def test_satellites_are_the_small_parts(painted, disc, named):
    lesion = disc(SHAPE, (128, 100), 60)
    assert named(edge_features(painted(lesion)))["satellite_count"] == 0
    for centre in ((40, 200), (128, 200), (210, 200)):
        lesion = lesion | disc(SHAPE, centre, 10)
    assert named(edge_features(painted(lesion)))["satellite_count"] == 3
    lesion = lesion | disc(SHAPE, (20, 30), 25)  # 17 % of the main one: a lesion of its own
    assert named(edge_features(painted(lesion)))["satellite_count"] == 3


def test_excoriation_makes_dark_details(rendered, named):
    def dark(grade):
        photo = rendered(3, 1, size=(216, 288), other_signs=(0, grade, 0, 0, 0))
        return named(edge_features(view_skin(photo.pixels, photo.lesion_mask, photo.skin_mask)))["dark_detail_contrast"]

    levels = [dark(grade) for grade in range(4)]
    assert levels == sorted(levels)


def test_without_lesion_there_are_no_satellites_and_no_border(painted, named):
    nothing = np.zeros(SHAPE, np.bool_)
    features = named(edge_features(painted(nothing)))
    assert tuple(features) == tuple(EDGES)
    assert features.pop("satellite_count") == 0
    assert all(map(math.isnan, features.values()))
    assert np.isnan(edge_features(painted(nothing, skin=nothing)).values).all()
