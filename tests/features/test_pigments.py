"""Density and pigments by hand, and on rendered skin whose melanin and erythema are known."""

import itertools
import math

import numpy as np
import pytest

from flexura.features.pigments import INDICES, PIGMENTS, optical_density, pigment_features, pigment_maps
from flexura.features.view import view_skin


@pytest.fixture(scope="module")
def measured(rendered, named):
    def measure(tone, grade):
        photo = rendered(tone, grade)
        return named(pigment_features(view_skin(photo.pixels, photo.lesion_mask, photo.skin_mask)))

    return measure


def darkened(pixels, factor):
    """The same scene with less light."""
    level = pixels / 255
    linear = factor * np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(np.uint8)


def test_density_by_hand():
    """IEC 61966-2-1: level 188 is 0.5029 of white, level 10 lies on the straight part, 10 / 255 / 12.92."""
    density = optical_density(np.array([[[255, 188, 10]]], np.uint8))[0, 0]
    assert density == pytest.approx([0, -math.log10(0.5029), -math.log10(10 / 255 / 12.92)], abs=1e-4)
    levels = optical_density(np.arange(255, dtype=np.uint8).reshape(1, 85, 3)).ravel()
    assert (np.diff(levels) < 0).all()
    assert np.isfinite(levels).all()


def test_indices_by_hand():
    """Densities of 0.2 in red and 0.5 in green: melanin index 20, erythema index 30."""
    maps = pigment_maps(np.array([[[0.2, 0.5, 0.9]]], np.float32))[0, 0]
    assert [name for name, _ in INDICES[:2]] == ["melanin_index", "erythema_index"]
    assert maps[:2] == pytest.approx([20, 30], abs=1e-4)


@pytest.mark.parametrize(("melanin", "haemoglobin"), [(0.3, 0.0), (0.0, 0.2), (0.5, 0.1)])
def test_maps_give_back_what_was_mixed(melanin, haemoglobin):
    """Absorption at 600 nm over that at 540: melanin (600/540)^-3.48 = 0.693, blood 6069 / 51575 = 0.1177."""
    density = np.array([[[0.693 * melanin + 0.1177 * haemoglobin, melanin + haemoglobin, 0.0]]], np.float32)
    assert pigment_maps(density)[0, 0, 2:] == pytest.approx([100 * melanin, 100 * haemoglobin], abs=0.05)


@pytest.mark.parametrize("tone", range(1, 11))
def test_erythema_index_and_haemoglobin_rise_with_every_grade_at_every_tone(measured, tone):
    grades = [measured(tone, grade) for grade in range(4)]
    for name in ("delta_erythema_index", "delta_haemoglobin"):
        assert all(after[name] > before[name] + 0.5 for before, after in itertools.pairwise(grades))


def test_a_grade_of_erythema_weighs_about_the_same_at_every_tone(measured):
    steps = [measured(tone, 3)["delta_erythema_index"] for tone in range(1, 11)]
    assert max(steps) < 1.3 * min(steps)


def test_melanin_index_rises_with_tone(measured):
    """From Monk 3 up; the swatches 1, 2 and 3 reflect red alike (246, 243, 247), so their indices lie together."""
    indices = [measured(tone, 1)["skin_melanin_index"] for tone in range(1, 11)]
    assert all(after > before + 4 for before, after in itertools.pairwise(indices[2:]))
    assert max(indices[:3]) - min(indices[:3]) < 2.5


@pytest.mark.parametrize("factor", [0.5, 0.8])
def test_differences_do_not_know_the_light(rendered, named, factor):
    photo = rendered(5, 2)
    bright, dim = (
        named(pigment_features(view_skin(pixels, photo.lesion_mask, photo.skin_mask)))
        for pixels in (photo.pixels, darkened(photo.pixels, factor))
    )
    for name in ("delta_melanin_index", "delta_erythema_index", "delta_melanin", "delta_haemoglobin"):
        assert dim[name] == pytest.approx(bright[name], abs=0.15)
    for region in ("skin", "lesion"):
        shift = dim[f"{region}_melanin_index"] - bright[f"{region}_melanin_index"]
        assert shift == pytest.approx(-100 * math.log10(factor), abs=0.15)


def test_without_lesion_only_own_skin_is_known(named):
    skin = np.ones((40, 40), np.bool_)
    features = named(pigment_features(view_skin(np.full((40, 40, 3), (215, 189, 150), np.uint8), ~skin, skin)))
    assert tuple(features) == tuple(PIGMENTS)
    known = {name for name, value in features.items() if not math.isnan(value)}
    assert known == {"skin_melanin_index", "skin_erythema_index"}
