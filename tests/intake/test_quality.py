"""Quality checks on pictures drawn for the purpose: each fault alone, and nothing refused for its tone."""

import cv2
import numpy as np
import pytest

from flexura.intake.quality import QualityThresholds, blown_share, check_quality, contrast, sharpness, skin_map
from flexura.records import Photo, PhotoSource

SOURCE = PhotoSource("0" * 64, "JPEG", 400, 300, 1, "sRGB")
# Monk Skin Tone swatches 1-10 (skintone.google, Ellis Monk, CC BY 4.0).
MONK = ["f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420"]
REASONS = ["too_blurred", "too_dark", "overexposed", "low_contrast", "not_enough_skin"]


def rgb(swatch: str):
    return np.array([int(swatch[i : i + 2], 16) for i in (0, 2, 4)], np.float32)


def skin_photo(colour=(200, 150, 125), shape=(300, 400)):
    """Skin with pores, hairs and a slope of light: sharp, well lit."""
    rng = np.random.default_rng(5)
    height, width = shape
    grain = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 0.8)
    light = np.linspace(0.65, 1.1, width)[None] + 0.06 * grain / grain.std()
    for _ in range(40):
        x, y = rng.integers(0, width), rng.integers(0, height)
        cv2.line(light, (int(x), int(y)), (int(x + 25), int(y + 12)), 0.4, 1)
    return np.clip(np.asarray(colour) * light[..., None], 0, 253).astype(np.uint8)


def failures(pixels, thresholds=None):
    report = check_quality(Photo(pixels, SOURCE), thresholds or QualityThresholds())
    return [check.reason for check in report.checks if not check.passed]


def test_a_good_photo_passes_and_every_check_is_filled_in():
    report = check_quality(Photo(skin_photo(), SOURCE))
    assert report.accepted
    assert [check.name for check in report.checks] == [
        "sharpness",
        "exposure_dark",
        "exposure_blown",
        "contrast",
        "skin_coverage",
    ]
    assert [check.reason for check in report.checks] == REASONS
    assert all(check.unit and check.advice.endswith(".") for check in report.checks)
    assert all(isinstance(check.value, float) and isinstance(check.passed, bool) for check in report.checks)


@pytest.mark.parametrize("tone", range(1, 11))
def test_no_tone_is_refused(tone):
    # A camera's meter lifts the darkest skin; by 1.8 in level (1.6 stops) it is still darker than any tone but two.
    level = {10: 1.8, 9: 1.3}.get(tone, 0.9)
    assert failures(skin_photo(rgb(MONK[tone - 1]) * level)) == []


@pytest.mark.parametrize("tone", range(1, 11))
def test_no_tone_fails_for_anything_but_light_when_it_is_dark(tone):
    assert set(failures(skin_photo(rgb(MONK[tone - 1]) * 0.8))) <= {"too_dark"}


@pytest.mark.parametrize("colour", [(190, 70, 60), (150, 40, 60), (110, 60, 80), (230, 190, 180), (90, 45, 35)])
def test_inflamed_skin_is_skin(colour):
    assert "not_enough_skin" not in failures(skin_photo(colour))


@pytest.mark.parametrize("cast", [(1.1, 1.0, 0.75), (0.92, 1.0, 1.12)], ids=["warm lamp", "cool shade"])
def test_coloured_light_is_tolerated(cast):
    assert failures(skin_photo(np.array((190, 140, 115)) * cast)) == []


def test_each_fault_gives_its_own_reason():
    good = skin_photo()
    assert failures(cv2.GaussianBlur(good, (0, 0), 4)) == ["too_blurred"]
    assert "too_dark" in failures((good * 0.15).astype(np.uint8))
    assert "overexposed" in failures(np.clip(good * 1.9, 0, 255).astype(np.uint8))
    assert "low_contrast" in failures((good.mean() + (good - good.mean((0, 1))) * 0.05 + (40, 0, -20)).astype(np.uint8))
    assert "not_enough_skin" in failures(good[..., ::-1].copy())


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((300, 400, 3), 255, np.uint8),
        np.zeros((300, 400, 3), np.uint8),
        np.full((300, 400, 3), (90, 140, 220), np.uint8),
        np.full((300, 400, 3), (60, 120, 40), np.uint8),
        np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8),
        np.repeat(np.random.default_rng(0).integers(0, 2, (300, 400, 1), dtype=np.uint8) * 255, 3, axis=2),
    ],
    ids=["white", "black", "sky", "grass", "noise", "print"],
)
def test_what_is_no_skin_is_refused(pixels):
    assert "not_enough_skin" in failures(pixels)


def test_the_limits_belong_to_the_accepted_side():
    exact = {check.name: check.value for check in check_quality(Photo(skin_photo(), SOURCE)).checks}
    at_the_limit = QualityThresholds(
        min_sharpness=exact["sharpness"],
        min_brightness=exact["exposure_dark"],
        max_blown=exact["exposure_blown"],
        min_contrast=exact["contrast"],
        min_skin=exact["skin_coverage"],
    )
    assert failures(skin_photo(), at_the_limit) == []
    beyond = QualityThresholds(
        *(value + (-0.01 if name == "exposure_blown" else 0.01) for name, value in exact.items())
    )
    assert failures(skin_photo(), beyond) == REASONS


def test_sharpness_falls_with_blur_and_ignores_contrast():
    good = skin_photo()
    values = [sharpness(cv2.GaussianBlur(good, (0, 0), sigma)) for sigma in (0.5, 1, 2, 3)]
    assert values == sorted(values, reverse=True)
    half = (good.mean() + (good - good.mean()) * 0.5).astype(np.uint8)
    assert sharpness(half) == pytest.approx(sharpness(good), rel=0.2)
    assert sharpness(np.full((64, 64, 3), 90, np.uint8)) < 1e-3


def test_one_sharp_corner_is_enough():
    half_blurred = cv2.GaussianBlur(skin_photo(), (0, 0), 5)
    half_blurred[:, :130] = skin_photo()[:, :130]
    assert "too_blurred" not in failures(half_blurred)


def test_the_skin_map_by_hand():
    colours = [[60, 15, 18], [60, -15, 18], [60, 15, -18], [60, 1, 1], [60, 45, 45], [2, 3, 3]]
    lab = np.array(colours, np.float32).repeat(4, axis=0)[None].repeat(4, axis=0)
    assert skin_map(lab)[1].tolist() == [True] * 4 + [False] * 20


def test_specks_of_skin_colour_are_no_skin():
    lab = np.zeros((30, 30, 3), np.float32)
    lab[::2] = 60, 15, 18
    assert not skin_map(lab).any()


def test_contrast_is_the_same_for_the_same_relief_on_light_and_dark_skin():
    def lightness(luminance):
        return 116 * np.cbrt(luminance) - 16

    for level in (0.6, 0.06):
        lab = np.zeros((10, 10, 3), np.float32)
        lab[:5, :, 0], lab[5:, :, 0] = lightness(level), lightness(level / 2)
        assert contrast(lab) == pytest.approx(1 / 3, rel=1e-3)
    assert contrast(np.zeros((10, 10, 3), np.float32)) == 0


def test_blown_share_by_hand():
    pixels = np.array([[[255, 240, 220], [255, 255, 255], [200, 150, 120], [200, 150, 120]]], np.uint8)
    skin = np.array([[False, False, True, True]])
    assert blown_share(pixels, skin) == pytest.approx(1 / 3)
    assert blown_share(pixels[:, 1:2], skin[:, 1:2]) == 0


@pytest.mark.parametrize("shape", [(768, 1024), (224, 224), (1024, 224)])
def test_any_size_is_measured_and_nothing_is_changed(shape):
    pixels = skin_photo(shape=shape)
    before = pixels.copy()
    assert len(check_quality(Photo(pixels, SOURCE)).checks) == 5
    assert np.array_equal(pixels, before)
