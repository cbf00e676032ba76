"""Skin optics against physics known by hand: limits, identities and the observer's own tables."""

import numpy as np
import pytest

from flexura.synthesis import pigments
from flexura.synthesis.pigments import PigmentGrid

WAVELENGTH = np.array(pigments.SPECTRA)[:, 0]


@pytest.mark.parametrize(
    ("wavelength_nm", "xyz"),
    # CIE 1931 2-degree observer, ISO/CIE 11664-1, table 1.
    [(450.0, (0.3362, 0.0380, 1.7721)), (550.0, (0.4334, 0.9950, 0.0087)), (600.0, (1.0622, 0.6310, 0.0008))],
)
def test_observer_fits_the_standard(wavelength_nm, xyz):
    """The fit is good to a few hundredths, as its authors say."""
    np.testing.assert_allclose(pigments.observer(np.array([wavelength_nm]))[:, 0], xyz, atol=0.04)


def test_white_is_white():
    """A perfect diffuser under D65 is (1, 1, 1) in linear sRGB."""
    np.testing.assert_allclose(pigments.spectrum_to_rgb(np.ones(len(WAVELENGTH))), 1.0, rtol=1e-12)


def test_melanosome_absorption_by_hand():
    """1.70e12 * 500^-3.48 = 1.70e12 / 10^(3.48 * 2.69897) = 689 cm-1."""
    assert pigments.melanosome_absorption(np.array([500.0]))[0] == pytest.approx(689.0, rel=0.01)


def test_blood_absorption_by_hand():
    """Oxygenated at 540 nm: ln(10) * 53236 * 150 / 64500 = 285.1 cm-1."""
    index = int(np.flatnonzero(WAVELENGTH == 540.0)[0])
    assert pigments.blood_absorption(1.0)[index] == pytest.approx(285.07, abs=0.05)


def test_isosbestic_points_do_not_depend_on_oxygen():
    """Oxy- and deoxyhaemoglobin cross near 500, 530 and 570 nm (all within 3 % in Prahl's table)."""
    chosen = np.isin(WAVELENGTH, (500.0, 530.0, 570.0))
    np.testing.assert_allclose(
        pigments.blood_absorption(1.0)[chosen], pigments.blood_absorption(0.0)[chosen], rtol=0.03
    )


def test_reflectance_falls_with_each_pigment():
    """More pigment never reflects more, at any wavelength; reflectance stays within 0-1."""
    steps = np.linspace(0.0, 0.4, 9)
    for spectrum in (
        pigments.reflectance(steps, np.full(9, 0.01), oxygenation=0.75),
        pigments.reflectance(np.full(9, 0.05), steps, oxygenation=0.75),
    ):
        assert (np.diff(spectrum, axis=0) <= 1e-12).all()
        assert spectrum.min() > 0.0
        assert spectrum.max() < 1.0


def test_black_skin_keeps_the_surface():
    """With melanin beyond measure only the surface reflects."""
    spectrum = pigments.reflectance(np.array([1.0]), np.array([0.0]), oxygenation=0.75)
    assert spectrum[0, 0] == pytest.approx(pigments.SURFACE_REFLECTANCE, abs=1e-4)


def test_blood_reddens_and_melanin_browns():
    """Blood takes green before red; melanin takes blue before green before red."""
    plain, bloody, tanned = pigments.spectrum_to_rgb(
        pigments.reflectance(np.array([0.02, 0.02, 0.1]), np.array([0.008, 0.05, 0.008]), oxygenation=0.75)
    )
    assert bloody[1] / plain[1] < 0.7 < bloody[0] / plain[0]
    loss = tanned / plain
    assert loss[2] < loss[1] < loss[0] < 1.0


def test_table_gives_what_the_formula_gives():
    """Interpolation between the table's nodes costs less than half a percent of white."""
    rng = np.random.default_rng(0)
    melanin, blood = rng.uniform(0.01, 0.3, (8, 8)), rng.uniform(0.002, 0.2, (8, 8))
    exact = pigments.spectrum_to_rgb(pigments.reflectance(melanin, blood, oxygenation=0.7))
    looked_up = pigments.pigments_to_rgb(
        melanin.astype(np.float32), blood.astype(np.float32), table=pigments.colour_table(0.7)
    )
    np.testing.assert_allclose(looked_up, np.maximum(exact, 1e-4), atol=0.005)


def test_table_holds_its_edge():
    """Fractions outside the grid take the colour of its edge."""
    grid = PigmentGrid(melanin_steps=5, blood_steps=5)
    table = pigments.colour_table(0.75, grid)
    beyond = pigments.pigments_to_rgb(
        np.full((1, 1), 3.0, np.float32), np.full((1, 1), -1.0, np.float32), table=table, grid=grid
    )
    np.testing.assert_allclose(beyond[0, 0], table[-1, 0], rtol=1e-6)
