"""Another tone on rendered skin, whose lesion, blood and tone are known."""

import math

import cv2
import numpy as np
import pytest

from flexura.features.colour import individual_typology_angle
from flexura.features.pigments import optical_density, pigment_maps
from flexura.synthesis.render import RenderedPhoto, render
from flexura.synthesis.spec import SkinSpec
from flexura.training.skin_tone import MELANIN, change_tone


def _skin(tone: int) -> RenderedPhoto:
    return render(SkinSpec(5, tone, (2, 0, 0, 0, 0, 0), 0.3, size=(96, 128), framing="close", lighting="even"))


def _ita(photo: RenderedPhoto, pixels: np.ndarray) -> float:
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[photo.skin_mask & ~photo.lesion_mask]
    return individual_typology_angle(float(np.median(lab[:, 0])), float(np.median(lab[:, 2])))


def _contrast(photo: RenderedPhoto, pixels: np.ndarray) -> float:
    blood = pigment_maps(optical_density(pixels))[..., 3]
    return float(np.median(blood[photo.lesion_mask]) - np.median(blood[photo.skin_mask & ~photo.lesion_mask]))


@pytest.mark.parametrize(("tone", "degrees"), [(3, -40.0), (5, -25.0), (5, 15.0), (7, 30.0)])
def test_the_angle_moves_as_asked_and_the_blood_of_the_lesion_stays(tone: int, degrees: float) -> None:
    photo = _skin(tone)
    changed = change_tone(photo.pixels, photo.skin_mask.astype(np.float32), ita_degrees=degrees)
    assert _ita(photo, changed) - _ita(photo, photo.pixels) == pytest.approx(degrees, abs=4)
    assert _contrast(photo, changed) == pytest.approx(_contrast(photo, photo.pixels), rel=0.1)


def test_there_and_back_is_the_same_skin() -> None:
    photo = _skin(5)
    skin = photo.skin_mask.astype(np.float32)
    before = _ita(photo, photo.pixels)
    there = change_tone(photo.pixels, skin, ita_degrees=-20)
    back = change_tone(there, skin, ita_degrees=before - _ita(photo, there))
    assert np.abs(back.astype(int) - photo.pixels).mean() < 3


def test_no_change_asked_changes_nothing() -> None:
    photo = _skin(5)
    assert np.abs(change_tone(photo.pixels, None, ita_degrees=0.0).astype(int) - photo.pixels).max() <= 1


def test_without_a_map_all_of_the_picture_changes_alike() -> None:
    photo = _skin(4)
    unknown = np.full((12, 16), np.nan, np.float32)
    for skin in (None, unknown):
        changed = change_tone(photo.pixels, skin, ita_degrees=-30)
        assert _ita(photo, changed) - _ita(photo, photo.pixels) == pytest.approx(-30, abs=6)
        added = optical_density(changed) - optical_density(photo.pixels)
        assert added.std((0, 1)).max() < 0.03


def test_skin_gets_no_darker_than_the_darkest() -> None:
    photo = _skin(7)
    dark = change_tone(photo.pixels, photo.skin_mask.astype(np.float32), ita_degrees=-90)
    lab = cv2.cvtColor(dark.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    assert np.median(lab[photo.skin_mask][:, 0]) == pytest.approx(20, abs=2)


def test_what_is_no_skin_has_no_tone() -> None:
    blue = np.full((32, 32, 3), (40, 80, 200), np.uint8)
    assert np.array_equal(change_tone(blue, None, ita_degrees=-30), blue)
    assert np.array_equal(change_tone(blue, np.ones((4, 4), np.float32), ita_degrees=-30), blue)
    assert np.array_equal(change_tone(blue, np.zeros((4, 4), np.float32), ita_degrees=-30), blue)


def test_more_than_white_is_not_asked_of_skin() -> None:
    photo = _skin(2)
    pale = change_tone(photo.pixels, photo.skin_mask.astype(np.float32), ita_degrees=80)
    assert _ita(photo, pale) > _ita(photo, photo.pixels) or math.isnan(_ita(photo, pale))
    assert pale[photo.skin_mask].mean() >= photo.pixels[photo.skin_mask].mean()


def test_melanin_takes_more_of_the_shorter_wavelength() -> None:
    assert (round(MELANIN[0], 3), MELANIN[1], round(MELANIN[2], 2)) == (0.693, 1.0, 1.75)
