"""Light put right on rendered skin of every tone and grade of erythema: casts and slopes fall, redness stays."""

import cv2
import numpy as np
import pytest

from flexura.errors import PreprocessingError
from flexura.preprocessing.lighting import (
    ColourCastConfig,
    IlluminationConfig,
    correct_colour_cast,
    even_illumination,
    shades_of_grey,
)
from flexura.preprocessing.step import to_linear, to_srgb
from flexura.synthesis.colour import srgb_to_linear
from flexura.synthesis.light import draw_light

GREY_SHEET = (0.5, 0.5, 0.5)  # linear light
# Every tone with two of the four grades of erythema, every grade with five tones.
CASES = [(tone, grade) for tone in range(1, 11) for grade in (tone % 4, (tone + 2) % 4)]
EVERYWHERE = np.ones((64, 96), bool)


def _lamp(seed):
    return draw_light(np.random.default_rng(seed)).colour


def _off_white(scene, pixels, wanted):
    """Distance of own skin from what it is in even light, in the plane of a* and b*."""
    return float(np.hypot(*(scene.own_skin(pixels) - wanted.own_skin())[1:]))


def _unevenness(pixels, even):
    """Standard deviation over the skin of the logarithm of light relative to even light, without detail."""
    blurred = [cv2.GaussianBlur(each, (0, 0), 6)[..., 1] for each in (pixels, even.pixels)]
    ratio = np.log(to_linear()[blurred[0]] / to_linear()[blurred[1]])
    return float(ratio[even.skin].std())


def test_shades_of_grey_is_the_minkowski_mean_of_linear_light():
    pixels = np.random.default_rng(1).integers(1, 256, (40, 50, 3), dtype=np.uint8)
    counts = np.stack([np.bincount(pixels[..., channel].ravel(), minlength=256) for channel in range(3)])
    linear = srgb_to_linear(pixels).astype(float)
    for norm in (1.0, 6.0):
        direct = (linear**norm).mean(axis=(0, 1)) ** (1 / norm)
        assert shades_of_grey(counts, norm=norm) == pytest.approx(direct, rel=1e-5)
    assert shades_of_grey(counts, norm=20) == pytest.approx(linear.max(axis=(0, 1)), rel=0.25)


def test_the_curve_agrees_with_the_renderers_and_returns():
    levels = np.arange(256, dtype=np.uint8)
    assert to_linear() == pytest.approx(srgb_to_linear(levels), rel=1e-5)
    assert np.array_equal(to_srgb(to_linear()), levels)


def test_a_cast_falls_and_redness_stays_before_a_grey_sheet(photograph, scene_spec):
    """Measured: a cast of 2.5 units of a*b* falls to 1.0 on average, never worse; the strongest lamps are left."""
    before, after = [], []
    for tone, grade in CASES:
        spec = scene_spec(tone, grade)
        wanted = photograph(spec, behind=GREY_SHEET)
        cast = photograph(spec, behind=GREY_SHEET, lamp=_lamp(spec.seed))
        result = correct_colour_cast(cast.pixels, cast.skin, ColourCastConfig())
        if result.step.parameters["reason"] is None:
            before.append(_off_white(cast, cast.pixels, wanted))
            after.append(_off_white(cast, result.pixels, wanted))
            assert cast.redness(result.pixels) == pytest.approx(wanted.redness(), abs=0.4)
    assert len(after) >= 0.7 * len(CASES)
    assert np.mean(after) < 0.5 * np.mean(before)
    assert np.all(np.array(after) < np.array(before) + 0.1)


def test_skin_alone_tells_nothing_of_the_lamp(photograph, scene_spec):
    scene = photograph(scene_spec(5, 2, framing="flat"), lamp=(1.2, 1.0, 0.8))
    result = correct_colour_cast(scene.pixels, scene.skin, ColourCastConfig())
    assert np.array_equal(result.pixels, scene.pixels)
    assert result.step.parameters["reason"] == "no_grey_reference"
    assert result.step.parameters["gain_red"] is None


@pytest.mark.parametrize("behind", [(0.05, 0.2, 0.36), (0.48, 0.65, 0.86)], ids=["blue drape", "pale blue wall"])
def test_a_coloured_background_is_no_grey_reference(photograph, scene_spec, behind):
    scene = photograph(scene_spec(5, 2), behind=behind)
    assert correct_colour_cast(scene.pixels, scene.skin, ColourCastConfig()).step.parameters["gain_blue"] is None


def test_the_classical_assumption_makes_the_picture_grey_and_fades_skin(plain_skin):
    pixels = plain_skin((64, 96))
    config = ColourCastConfig(grey="picture", strength=1.0, max_gain=4.0)
    corrected = correct_colour_cast(pixels, EVERYWHERE, config).pixels
    norms = (srgb_to_linear(corrected).astype(float) ** 6).mean(axis=(0, 1)) ** (1 / 6)
    assert np.ptp(norms) < 0.01
    assert np.ptp(corrected.mean(axis=(0, 1))) < 0.1 * np.ptp(pixels.mean(axis=(0, 1)))


def test_gains_keep_to_their_limit(plain_skin):
    pixels = plain_skin((64, 96))
    config = ColourCastConfig(grey="picture", strength=1.0, max_gain=1.1)
    found = correct_colour_cast(pixels, EVERYWHERE, config).step.parameters
    assert found["gain_red"] == pytest.approx(1 / 1.1, abs=1e-4)
    assert found["gain_blue"] == pytest.approx(1.1, abs=1e-4)


def test_slopes_and_vignettes_fall_and_redness_stays(photograph, scene_spec):
    """Measured: unevenness 0.20 to 0.07 on average; redness within 0.5 units of a* of even light."""
    before, after = [], []
    for tone, grade in CASES:
        spec = scene_spec(tone, grade, framing="flat")
        rng = np.random.default_rng(spec.seed)
        optics = {"vignette": rng.uniform(0, 0.35), "gradient": (rng.normal(0, 0.28), rng.normal(0, 0.22))}
        # Exposed so that the slopes do not clip: what is blown has lost its redness already.
        even, uneven = photograph(spec, exposed=0.6), photograph(spec, exposed=0.6, **optics)
        result = even_illumination(uneven.pixels, uneven.skin, IlluminationConfig())
        before.append(_unevenness(uneven.pixels, even))
        after.append(_unevenness(result.pixels, even))
        assert uneven.redness(result.pixels) == pytest.approx(even.redness(), abs=0.6)
        if grade and even.redness() > 1:
            assert uneven.redness(result.pixels) > 0.9 * even.redness()
    assert np.mean(after) < 0.5 * np.mean(before)


@pytest.mark.parametrize("tone", [1, 4, 7, 10])
def test_redness_over_most_of_evenly_lit_skin_is_not_filled_up(photograph, scene_spec, tone):
    scene = photograph(scene_spec(tone, 3, framing="flat"))
    evened = even_illumination(scene.pixels, scene.skin, IlluminationConfig()).pixels
    assert scene.redness(evened) > 0.9 * scene.redness()


def test_a_drawn_slope_is_taken_out_and_the_rest_keeps_its_light():
    light = np.exp(np.linspace(-0.25, 0.25, 128))[None, :, None]
    pixels = to_srgb((np.full((96, 128, 3), (0.4, 0.25, 0.18)) * light).astype(np.float32))
    skin = np.zeros((96, 128), bool)
    skin[:64] = True
    evened = even_illumination(pixels, skin, IlluminationConfig()).pixels
    middle = srgb_to_linear(evened[10:50, 8:-8])[..., 0]
    assert middle.max() / middle.min() < 1.1
    assert np.array_equal(evened[72:], pixels[72:])


def test_without_skin_the_light_is_unknown(plain_skin):
    pixels = plain_skin((64, 96))
    result = even_illumination(pixels, ~EVERYWHERE, IlluminationConfig())
    assert np.array_equal(result.pixels, pixels)
    unknown = dict.fromkeys(("unevenness", "smallest_gain", "largest_gain"))
    assert result.step.parameters == {"outcome": "correct", "reason": "not_enough_skin"} | unknown


@pytest.mark.parametrize(
    "config", [ColourCastConfig(norm=0.5), ColourCastConfig(max_gain=0.9), ColourCastConfig(strength=float("nan"))]
)
def test_impossible_settings_of_the_cast_are_refused(plain_skin, config):
    with pytest.raises(PreprocessingError, match="give"):
        correct_colour_cast(plain_skin((64, 96)), EVERYWHERE, config)


def test_impossible_settings_of_the_illumination_are_refused(plain_skin):
    with pytest.raises(PreprocessingError, match="max_gain"):
        even_illumination(plain_skin((64, 96)), EVERYWHERE, IlluminationConfig(max_gain=0.5))


def test_what_is_only_measured_is_recorded_alike_and_changes_nothing(plain_skin):
    """Grey with 20 % more green beside the skin; the skin's light doubles from one side to the other."""
    skin = np.ones((96, 128), bool)
    skin[:, :40] = False
    pixels = plain_skin((96, 128), colour=(150, 115, 95))
    pixels = np.clip(pixels * np.linspace(1.0, 2 ** (1 / 2.2), 128)[None, :, None], 0, 240).astype(np.uint8)
    pixels[:, :40] = (140, 152, 140)
    cast, light = (
        correct_colour_cast(pixels, skin, ColourCastConfig(outcome="measure")),
        even_illumination(pixels, skin, IlluminationConfig(outcome="measure")),
    )
    assert cast.pixels is pixels
    assert light.pixels is pixels
    assert cast.step.parameters["light_green"] / cast.step.parameters["light_red"] == pytest.approx(1.2, abs=0.03)
    assert light.step.parameters["unevenness"] > 1.3
    changed = even_illumination(pixels, skin, IlluminationConfig()).step.parameters
    assert changed == dict(light.step.parameters) | {"outcome": "correct"}
