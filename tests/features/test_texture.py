"""Gabor energies against scikit-image's kernels, patterns bit by bit against its own, and what neither may see."""

import itertools
import math

import cv2
import numpy as np
import pytest
from skimage.feature import local_binary_pattern
from skimage.filters import gabor_kernel

from flexura.features.texture import (
    LBP_RADII_PX,
    ORIENTATIONS,
    TEXTURE,
    WAVELENGTHS_PX,
    gabor_energies,
    jensen_shannon_bits,
    local_binary_patterns,
    relative_detail,
    texture_features,
)
from flexura.features.view import view_skin

ALL = np.ones((150, 170), np.bool_)


def wave(wavelength_px, angle_degrees, shape=(256, 256)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    angle = math.radians(angle_degrees)
    return np.cos(2 * np.pi * (x * math.cos(angle) + y * math.sin(angle)) / wavelength_px).astype(np.float32)


def convolved(signal, kernel):
    """The whole linear convolution, nothing wrapped around."""
    shape = tuple(np.array(signal.shape) + kernel.shape - 1)
    return np.fft.ifft2(np.fft.fft2(signal, shape) * np.fft.fft2(kernel, shape))


def test_energies_are_those_of_scikit_images_kernels_laid_over_the_picture(grain):
    signal = relative_detail(grain, ALL)
    energies = gabor_energies(signal)
    for k, o in itertools.product(range(len(WAVELENGTHS_PX)), range(ORIENTATIONS)):
        kernel = gabor_kernel(1 / WAVELENGTHS_PX[k], theta=o * np.pi / ORIENTATIONS, bandwidth=1, n_stds=4)
        assert energies[k, o] == pytest.approx((np.abs(convolved(signal, kernel)) ** 2).sum(), rel=0.02)


@pytest.mark.parametrize("wavelength", WAVELENGTHS_PX)
@pytest.mark.parametrize("step", range(ORIENTATIONS))
def test_a_wave_speaks_in_its_own_filter(wavelength, step):
    """A filter of unit gain answers a cosine of amplitude 1 by 1/2, so by 1/4 in energy per pixel."""
    energies = gabor_energies(wave(wavelength, step * 180 / ORIENTATIONS)) / 256**2
    assert np.unravel_index(energies.argmax(), energies.shape) == (WAVELENGTHS_PX.index(wavelength), step)
    # The border of the picture, half an envelope wide, takes some.
    assert 0.25 * (1 - 0.7 * wavelength / 128) < energies.max() < 0.2505


def test_a_flat_picture_has_no_texture():
    assert relative_detail(np.full((64, 80), 99, np.uint8), np.ones((64, 80), np.bool_)) == pytest.approx(0, abs=1e-5)
    assert gabor_energies(np.zeros((64, 80), np.float32)).max() == 0


def test_detail_is_relative_and_stays_inside_the_mask(grain):
    mask = ALL.copy()
    mask[:, 100:] = False
    detail = relative_detail(grain, mask)
    assert not detail[~mask].any()
    half = relative_detail((grain // 2).astype(np.uint8), mask)
    assert np.abs(half - detail)[mask].mean() < 0.01 < np.abs(detail)[mask].mean()
    beside = grain.copy()
    beside[:, 100:] = 255
    assert np.array_equal(relative_detail(beside, mask), detail)


@pytest.mark.parametrize(("points", "radius"), [(8, 1), (8, 2), (8, 4), (16, 2), (24, 3)])
def test_patterns_are_bit_by_bit_those_of_scikit_image(grain, points, radius):
    coarse = np.random.default_rng(1).integers(0, 4, (130, 61), dtype=np.uint8)  # ties everywhere
    for grey in (grain, coarse, grain // 16):
        ours = local_binary_patterns(grey, points, radius)
        assert np.array_equal(ours, local_binary_pattern(grey, points, radius, method="uniform"))


def test_patterns_by_hand():
    """A corner of a bright square has 3 of 8 neighbours at least as bright, an edge 5, its inside 8."""
    square = np.zeros((7, 7), np.uint8)
    square[2:5, 2:5] = 200
    labels = local_binary_patterns(square, 8, 1)
    assert labels[2, 2] == 3
    assert labels[2, 3] == 5
    assert labels[3, 3] == 8
    checker = (np.indices((7, 7)).sum(axis=0) % 2 * 200).astype(np.uint8)
    assert labels[0, 3] == 8  # 0 outside is as bright as 0
    assert local_binary_patterns(checker, 4, 1)[3, 3] == 4  # darker than all around
    corners = np.array([[99, 0, 99], [0, 5, 0], [99, 0, 99]], np.uint8)
    assert local_binary_patterns(corners, 8, 1)[1, 1] == 9  # four arcs


def test_patterns_do_not_see_brightness_or_contrast(grain):
    darker = cv2.LUT(grain, (np.arange(256) // 4 + 100).astype(np.uint8))
    quarter = (grain // 4).astype(np.uint8)
    assert np.array_equal(
        local_binary_patterns(darker, 8, 1)[1:-1, 1:-1], local_binary_patterns(quarter, 8, 1)[1:-1, 1:-1]
    )


def test_divergence_by_hand():
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert jensen_shannon_bits(one, one) == 0
    assert jensen_shannon_bits(one, other) == 1
    # Mixed (3/4, 1/4): 0.8113 bits, less half of the 1 bit of (1/2, 1/2).
    assert jensen_shannon_bits(one, np.array([0.5, 0.5])) == pytest.approx(0.3113, abs=1e-4)


def test_a_striped_lesion_has_the_scale_and_direction_of_its_stripes(named):
    lesion = np.zeros((256, 256), np.bool_)
    lesion[60:196, 60:196] = True
    grey = 150 + np.where(lesion, 30 * wave(8, 60), 3 * wave(8, 0))
    features = named(
        texture_features(view_skin(np.repeat(grey[..., None], 3, 2).astype(np.uint8), lesion, np.ones_like(lesion)))
    )
    # The stripes' amplitude is 20 % of brightness: energy 0.2²/4 in their filter, of which a mean over six keeps more
    # than a sixth because neighbouring filters overlap.
    assert 100 * 0.1 / math.sqrt(6) < features["lesion_gabor_8px"] < 100 * 0.1
    assert features["lesion_gabor_8px"] > 2 * max(features[f"lesion_gabor_{w}px"] for w in (4, 16, 32))
    assert features["lesion_gabor_direction_8px"] > 0.7
    assert features["delta_gabor_8px"] == pytest.approx(2 * math.log2(10), abs=0.5)


def test_histograms_are_shares(eczema, named):
    features = named(texture_features(eczema))
    for radius in LBP_RADII_PX:
        shares = [features[f"lesion_lbp_r{radius}_{label}"] for label in range(10)]
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert min(shares) >= 0
        assert 0 < features[f"lbp_divergence_r{radius}"] < 1


def test_lichenification_coarsens_the_texture(rendered, named):
    """Thick skin has deeper lines: contrast to own skin rises with the grade at 8 and 16 px."""

    def contrast(grade):
        photo = rendered(5, 1, size=(216, 288), other_signs=(0, 0, grade, 0, 0))
        features = named(texture_features(view_skin(photo.pixels, photo.lesion_mask, photo.skin_mask)))
        return features["delta_gabor_8px"] + features["delta_gabor_16px"]

    levels = [contrast(grade) for grade in (0, 1, 2, 3)]
    assert levels == sorted(levels)


def test_without_lesion_or_own_skin_nothing_is_made_up(grain, named):
    pixels = np.repeat(grain[..., None], 3, 2)
    nothing = texture_features(view_skin(pixels, ~ALL, ALL))
    assert nothing.names == tuple(TEXTURE)
    assert np.isnan(nothing.values).all()
    covered = named(texture_features(view_skin(pixels, ALL, ALL)))
    assert {name for name, value in covered.items() if math.isnan(value)} == {
        *(f"delta_gabor_{wavelength}px" for wavelength in WAVELENGTHS_PX),
        *(f"lbp_divergence_r{radius}" for radius in LBP_RADII_PX),
    }
