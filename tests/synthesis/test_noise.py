"""Random fields: their statistics, scales and geometry."""

import numpy as np
import pytest

from flexura.synthesis import noise


def _plane(shape):
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return y, x


def test_smooth_steps_both_ways():
    """0 below, 1 above, a half in the middle; falling when the levels are swapped."""
    field = np.array([0.0, 1.0, 1.5, 2.0, 9.0], np.float32)
    np.testing.assert_allclose(noise.smooth(field, 1.0, 2.0), [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(noise.smooth(field, 2.0, 1.0), [1, 1, 0.5, 0, 0])


@pytest.mark.parametrize("sigma_px", [0.1, 1.0, 9.0])
def test_blur_keeps_a_constant(sigma_px):
    """Narrow, direct and reduced ways all leave a flat field flat."""
    np.testing.assert_allclose(noise.blur(np.full((40, 60), 0.3, np.float32), sigma_px), 0.3, rtol=1e-5)


def test_wide_blur_is_close_to_the_direct_one():
    """The reduced copy costs little: an edge blurred by 12 px differs by under 2 %."""
    import cv2

    edge = np.zeros((120, 160), np.float32)
    edge[:, 80:] = 1.0
    np.testing.assert_allclose(noise.blur(edge, 12.0), cv2.GaussianBlur(edge, (0, 0), 12.0), atol=0.02)


@pytest.mark.parametrize("period_px", [1.0, 7.3, 200.0])
def test_fractal_has_unit_variance(period_px):
    """Mean 0, variance 1, whatever the scale."""
    field = noise.fractal((50, 70), np.random.default_rng(0), period_px=period_px)
    assert field.shape == (50, 70)
    assert field.dtype == np.float32
    assert abs(float(field.mean())) < 1e-4
    assert float(field.std()) == pytest.approx(1.0, abs=1e-4)


def test_longer_periods_are_smoother():
    """Neighbouring pixels of coarse noise differ less."""
    fine, coarse = (
        noise.fractal((64, 64), np.random.default_rng(0), period_px=period, octaves=1) for period in (4.0, 32.0)
    )
    assert np.abs(np.diff(coarse, axis=1)).mean() < 0.3 * np.abs(np.diff(fine, axis=1)).mean()


def test_cells_have_the_wanted_density():
    """One cell a spacing squared, times the stretch."""
    y, x = _plane((200, 300))
    tiling = noise.cells(y, x, rng=np.random.default_rng(0), spacing_px=10.0, stretch=2.0)
    assert len(np.unique(tiling.value)) == pytest.approx(200 * 300 / (10 * 20), rel=0.25)
    assert float(tiling.distance.min()) < 0.1
    assert 0.4 < float(np.quantile(tiling.distance, 0.99)) < 1.1


def test_cells_are_longer_along_the_grain():
    """With a stretch of three, cell borders are met a third as often along the grain."""
    y, x = _plane((200, 200))
    value = noise.cells(y, x, rng=np.random.default_rng(0), spacing_px=8.0, stretch=3.0).value
    crossings_across = (np.diff(value, axis=0) != 0).mean()
    crossings_along = (np.diff(value, axis=1) != 0).mean()
    assert crossings_along < 0.55 * crossings_across


def test_spots_peak_at_their_centres():
    """1 at the centre, next to nothing at twice the radius, cut at the frame."""
    field = noise.spots(
        (40, 40),
        np.random.default_rng(0),
        centres=np.array([[20.0, 20.0], [0.0, 39.0]], np.float32),
        radius_px=(4.0, 4.0),
    )
    assert field[20, 20] == pytest.approx(1.0)
    assert field[0, 39] == pytest.approx(1.0)
    assert field[20, 28] < 0.01


def test_no_spots_give_an_empty_field():
    """No centres, no bumps."""
    assert not noise.spots(
        (9, 9), np.random.default_rng(0), centres=np.zeros((0, 2), np.float32), radius_px=(1, 2)
    ).any()
