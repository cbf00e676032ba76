"""Sharpness and steadiness on drawn texture, blurred by known amounts and in known directions."""

import cv2
import numpy as np
import pytest

from flexura.intake import focus
from flexura.intake.focus import bands, tile_means


def sharpness(pixels):
    return focus.sharpness(bands(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)))


def steadiness(pixels):
    return focus.steadiness(bands(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)))


def texture(shape=(256, 288)):
    """Fine relief without a direction, on skin's colour."""
    grain = cv2.GaussianBlur(np.random.default_rng(5).normal(0, 1, shape).astype(np.float32), (0, 0), 0.8)
    return np.clip((190, 140, 115) * (1 + 0.12 * grain / grain.std())[..., None], 0, 255).astype(np.uint8)


def moved(pixels, length_px, degrees):
    """Average along a line."""
    kernel = np.zeros((31, 31), np.float32)
    reach = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]) * length_px / 2
    start, end = (tuple(np.round(16 * (15 + side * reach)).astype(int).tolist()) for side in (-1, 1))
    cv2.line(kernel, start, end, 1, 1, cv2.LINE_AA, shift=4)
    return cv2.filter2D(pixels, -1, kernel / kernel.sum())


def test_sharpness_falls_with_blur_and_ignores_contrast():
    good = texture()
    values = [sharpness(cv2.GaussianBlur(good, (0, 0), sigma)) for sigma in (0.5, 1, 2, 3)]
    assert values == sorted(values, reverse=True)
    half = (good.mean() + (good - good.mean()) * 0.5).astype(np.uint8)
    assert sharpness(half) == pytest.approx(sharpness(good), rel=0.2)
    assert sharpness(np.full((64, 64, 3), 90, np.uint8)) < 1e-3


@pytest.mark.parametrize("sigma", [0.0, 1.0, 2.0, 4.0])
def test_a_lens_out_of_focus_is_steady(sigma):
    blurred = cv2.GaussianBlur(texture(), (0, 0), sigma) if sigma else texture()
    assert steadiness(blurred) > 0.9


@pytest.mark.parametrize("degrees", [0, 20, 45, 90, 135, 160])
def test_motion_shows_in_every_direction(degrees):
    slight, *strong = (steadiness(moved(texture(), length, degrees)) for length in (3, 6, 16))
    assert steadiness(texture()) >= slight > max(strong)
    assert max(strong) < 0.76


def test_steadiness_is_that_of_the_turned_picture():
    picture = moved(texture((256, 256)), 8, 30)
    assert steadiness(np.rot90(picture).copy()) == pytest.approx(steadiness(picture), rel=0.01)


def test_creases_of_one_direction_are_no_motion():
    picture = texture()
    for left in range(-300, 380, 14):
        cv2.line(picture, (left, 0), (left + 300, 320), (120, 80, 60), 1, cv2.LINE_AA)
    assert steadiness(picture) > 0.76


def test_threads_far_crisper_across_than_along_are_no_motion_until_moved():
    rows, columns = np.indices((256, 288))
    threads = (40 * (columns % 3 == 0) * (1 + 0.1 * np.sin(rows / 9)))[..., None]
    cloth = np.clip(texture() + threads, 0, 255).astype(np.uint8)
    assert steadiness(cloth) > 0.9
    assert steadiness(moved(cloth, 12, 90)) < 0.76


def test_a_picture_without_detail_favours_no_direction():
    assert steadiness(np.full((64, 64, 3), 90, np.uint8)) == pytest.approx(1)


def test_tile_means_by_hand():
    values = np.zeros((40, 70), np.float32)
    values[:32, 32:64] = 3
    values[35:, :] = 99  # below the last whole tile
    assert tile_means(values).tolist() == [0, 3]
