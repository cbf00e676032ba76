"""Skin by colour on rendered limbs of every tone, by a network's map by hand, and what becomes of the rest."""

import numpy as np
import pytest

from flexura.errors import PreprocessingError
from flexura.preprocessing.background import BackgroundConfig, separate_background, skin_by_colour, skin_by_network

DRAPE = (0.04, 0.2, 0.4)  # linear light


@pytest.mark.parametrize("tone", range(1, 11))
def test_a_limb_before_a_blue_drape_is_found_in_every_tone(photograph, scene_spec, tone):
    scene = photograph(scene_spec(tone, 2), behind=DRAPE)
    found = skin_by_colour(scene.pixels)
    overlap = (found & scene.skin).sum() / (found | scene.skin).sum()
    assert overlap > 0.9
    assert found[scene.lesion].mean() > 0.95


def test_small_holes_are_skin_and_large_ones_are_clothes(plain_skin):
    pixels = plain_skin()
    pixels[100:130, 100:130] = (40, 60, 190)
    pixels[200:300, 200:400] = (40, 60, 190)
    found = skin_by_colour(pixels)
    assert found[100:130, 100:130].all()
    assert not found[210:290, 210:390].any()


def test_blue_grey_and_noise_hold_no_skin():
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    for pixels in (np.full((64, 64, 3), (30, 80, 200), np.uint8), np.full((64, 64, 3), 128, np.uint8), noise):
        assert skin_by_colour(pixels).mean() < 0.01


def test_the_networks_map_by_hand():
    found = skin_by_network(np.array([[0.9, 0.1], [0.9, 0.1]], np.float32), (4, 8), threshold=0.5)
    assert found.tolist() == [[True] * 4 + [False] * 4] * 4
    assert not skin_by_network(np.full((2, 2), 0.6, np.float32), (4, 4), threshold=0.7).any()


def test_the_rest_is_kept_or_greyed_as_asked(plain_skin):
    pixels = plain_skin((64, 96))
    skin = np.zeros((64, 96), bool)
    skin[:, :48] = True
    kept = separate_background(pixels, skin, BackgroundConfig())
    assert np.array_equal(kept.pixels, pixels)
    assert kept.touched is None
    greyed = separate_background(pixels, skin, BackgroundConfig(outside="grey"))
    assert np.array_equal(greyed.pixels[skin], pixels[skin])
    assert (greyed.pixels[~skin] == 128).all()
    assert np.array_equal(greyed.touched, ~skin)
    assert greyed.step.parameters == {"method": "colour", "outside": "grey", "skin_share": 0.5}


@pytest.mark.parametrize("skin_map", [np.full((2, 2), 1.5), np.full((2, 2), np.nan), np.zeros(4), np.zeros((0, 3))])
def test_what_is_no_map_of_probabilities_is_refused(skin_map):
    with pytest.raises(PreprocessingError, match="skin map"):
        skin_by_network(skin_map.astype(np.float32), (4, 4))


def test_a_threshold_or_mask_that_does_not_fit_is_refused(plain_skin):
    with pytest.raises(PreprocessingError, match="threshold"):
        skin_by_network(np.zeros((2, 2), np.float32), (4, 4), threshold=1.0)
    with pytest.raises(PreprocessingError, match="mask"):
        separate_background(plain_skin((64, 96)), np.zeros((64, 64), bool), BackgroundConfig())
    with pytest.raises(PreprocessingError, match="picture"):
        skin_by_colour(np.zeros((64, 64), np.uint8))
