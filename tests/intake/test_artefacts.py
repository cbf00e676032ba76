"""Noise, blocks and screens against what was put in."""

import cv2
import numpy as np
import pytest

from flexura.intake import artefacts


def noise_level(pixels):
    return artefacts.noise_level(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def blockiness(pixels, grid_px):
    return artefacts.blockiness(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), grid_px)


def periodicity(pixels):
    return artefacts.periodicity(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def slope(shape=(320, 416)):
    """Smoothly lit skin without detail."""
    height, width = shape
    light = np.linspace(0.6, 1.0, width)[None] * np.linspace(1.0, 0.8, height)[:, None]
    return (light[..., None] * (210, 160, 130)).astype(np.float32)


def grain(shape, sigma, seed=3):
    return np.random.default_rng(seed).normal(0, sigma, shape)[..., None]


def as_picture(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def as_jpeg(pixels, quality):
    coded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1].copy()


@pytest.mark.parametrize("sigma", [2.0, 6.0, 12.0])
def test_noise_is_what_was_added(sigma):
    picture = as_picture(slope() + grain((320, 416), sigma))
    # The 10th percentile of the tiles lies a little below their mean.
    assert noise_level(picture) == pytest.approx(sigma, rel=0.12)


def test_detail_in_places_is_no_noise():
    picture = slope() + grain((320, 416), 2)
    picture[:, :250] += grain((320, 250), 25)
    assert noise_level(as_picture(picture)) < 3


def test_burnt_out_places_do_not_hide_noise():
    picture = slope() + grain((320, 416), 10)
    picture[:, :192] = 255
    assert noise_level(as_picture(picture)) == pytest.approx(10, rel=0.15)


def test_blockiness_rises_as_jpeg_saves_more():
    picture = as_picture(slope() + cv2.GaussianBlur(grain((320, 416), 60)[..., 0], (0, 0), 3)[..., None])
    values = [blockiness(picture, 8.0), *(blockiness(as_jpeg(picture, quality), 8.0) for quality in (90, 40, 20, 10))]
    assert values == sorted(values)
    assert values[0] < 0.05
    assert values[-1] > 0.5


def test_the_grid_is_found_where_it_lies_and_nowhere_else():
    rows, columns = np.indices((320, 416)) // 8
    blocks = as_picture(150 + 6.0 * ((rows + columns) % 2)[..., None].repeat(3, axis=2))
    cut = blocks[3:, 5:]
    assert blockiness(cut, 8.0) == pytest.approx(blockiness(blocks, 8.0), rel=0.05)
    assert blockiness(blocks, 7.3) < 0.02 * blockiness(blocks, 8.0)
    smaller = cv2.resize(blocks, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)
    assert blockiness(smaller, 6.0) > 20 * blockiness(smaller, 8.0)


@pytest.mark.parametrize(("across", "down"), [(0.1, 0.06), (0.2, 0.2), (0.35, 0.05), (0.08, 0.4)])
def test_a_wave_of_any_frequency_is_a_peak(across, down):
    y, x = np.mgrid[0:320, 0:416]
    wave = 3 * np.cos(2 * np.pi * (across * x + down * y))[..., None]
    picture = slope() + grain((320, 416), 4)
    assert periodicity(as_picture(picture)) < 0.8
    assert periodicity(as_picture(picture + wave)) > 1.5


def test_edges_texture_and_jpeg_are_no_peaks():
    picture = slope() + grain((320, 416), 3)
    cv2.line(picture, (20, 10), (380, 300), (80, 50, 40), 3, cv2.LINE_AA)
    picture[100:180, 100:260] = (60, 90, 160)
    for quality in (90, 30, 10):
        assert periodicity(as_jpeg(as_picture(picture), quality)) < 0.8


def test_a_wave_in_one_part_of_the_picture_is_no_screen():
    y, x = np.mgrid[0:320, 0:416]
    wave = 6 * np.cos(2 * np.pi * (0.2 * x + 0.13 * y))[..., None]
    picture = slope() + grain((320, 416), 3)
    strap = np.where((x > 60) & (x < 150), 1, 0)[..., None]
    assert periodicity(as_picture(picture + strap * wave)) < 0.8
    assert periodicity(as_picture(picture + wave)) > 1.5
