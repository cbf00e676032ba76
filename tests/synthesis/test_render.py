"""Rendered photos: their truth is true, they repeat, and each sign shows the more the higher its grade."""

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from flexura.synthesis import SkinSpec, draw_spec, render
from flexura.synthesis.colour import TONES, rgb_to_lab

SIZE = (120, 160)
NEAR = (216, 288)  # for signs, whose details need some pixels
HEALTHY = (0,) * 6


def _even(tone, signs, seed=11, area=0.3):
    return SkinSpec(seed=seed, tone=tone, signs=signs, area=area, size=SIZE, framing="flat", lighting="even")


def _graded(tone, sign, grade, erythema=1):
    """Render with one sign at a grade, on erythema so that there is a lesion at grade 0."""
    signs = [erythema, 0, 0, 0, 0, 0]
    signs[sign] = grade
    return render(replace(_even(tone, tuple(signs)), size=NEAR, framing="close"))


def _redness(photo):
    lab = rgb_to_lab(photo.pixels)
    return float(lab[photo.lesion_mask, 1].mean() - lab[~photo.lesion_mask & photo.skin_mask, 1].mean())


def _lightness(photo):
    return rgb_to_lab(photo.pixels)[photo.lesion_mask, 0]


def test_same_spec_same_bytes():
    """Nothing but the spec decides: not the order of calls, not global randomness."""
    spec = draw_spec(3, SIZE)
    first = render(spec)
    np.random.seed(0)
    render(draw_spec(4, SIZE))
    second = render(spec)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.lesion_mask, second.lesion_mask)
    np.testing.assert_array_equal(first.skin_mask, second.skin_mask)


def test_other_seeds_give_other_photos():
    """The seed decides form, person and light."""
    spec = draw_spec(3, SIZE)
    assert (render(spec).pixels != render(replace(spec, seed=spec.seed + 1)).pixels).mean() > 0.5


@pytest.mark.parametrize("framing", ["close", "flat", "limb"])
@pytest.mark.parametrize("area", [0.01, 0.3, 0.9])
def test_area_is_what_was_asked_and_what_the_masks_say(framing, area):
    """Lesion over skin, to half a percent of the skin; no lesion beside the skin."""
    photo = render(SkinSpec(seed=5, tone=4, signs=(2, 1, 0, 0, 0, 1), area=area, size=SIZE, framing=framing))
    assert photo.area_fraction == pytest.approx(photo.lesion_mask.sum() / photo.skin_mask.sum())
    assert photo.area_fraction == pytest.approx(area, abs=0.005)
    assert not (photo.lesion_mask & ~photo.skin_mask).any()


@pytest.mark.parametrize("size", [(64, 64), (160, 120), (97, 131)])
def test_size_is_what_was_asked(size):
    """Any size, upright or not; uint8 pixels, boolean masks."""
    photo = render(draw_spec(12, size))
    assert photo.pixels.shape == (*size, 3)
    assert photo.pixels.dtype == np.uint8
    assert photo.lesion_mask.shape == photo.skin_mask.shape == size
    assert photo.lesion_mask.dtype == photo.skin_mask.dtype == np.bool_


def test_healthy_skin_has_no_lesion():
    """No outline, no area, no signs; and the skin is as even as skin is."""
    photo = render(_even(4, HEALTHY, area=0.0))
    assert not photo.lesion_mask.any()
    assert photo.area_fraction == 0.0
    assert photo.signs == HEALTHY
    assert rgb_to_lab(photo.pixels)[..., 1].std() < 3.0


def test_skin_beside_a_lesion_is_the_healthy_skin():
    """Far from the lesion, a photo with one has the pixels of the photo without."""
    signs = (3, 2, 2, 2, 2, 2)
    with_lesion, without = render(_even(5, signs, area=0.05)), render(_even(5, HEALTHY, area=0.0))
    difference = np.abs(with_lesion.pixels.astype(int) - without.pixels.astype(int)).max(axis=2)
    assert np.mean(difference[~with_lesion.lesion_mask] <= 8) > 0.6


@pytest.mark.parametrize("framing", ["close", "flat"])
def test_skin_fills_the_frame(framing):
    """Without a limb there is no background."""
    assert render(SkinSpec(seed=2, tone=6, signs=HEALTHY, area=0.0, size=SIZE, framing=framing)).skin_mask.all()


def test_limbs_have_a_background():
    """An arm leaves part of the frame, and takes a fair part of it, on every seed."""
    shares = [
        render(SkinSpec(seed=seed, tone=6, signs=HEALTHY, area=0.0, size=SIZE)).skin_mask.mean() for seed in range(8)
    ]
    assert min(shares) > 0.25
    assert np.median(shares) < 0.95


@pytest.mark.parametrize("tone", list(TONES))
def test_unaffected_skin_has_the_colour_of_its_swatch(tone):
    """In even light the mean of healthy skin lies within 4 Lab units (CIE76) of the Monk swatch."""
    mean = np.mean(
        [rgb_to_lab(render(_even(tone, HEALTHY, seed=seed, area=0.0)).pixels).mean((0, 1)) for seed in (1, 2)], axis=0
    )
    swatch = rgb_to_lab(np.array([[TONES[tone].swatch]], np.uint8))[0, 0]
    assert np.linalg.norm(mean - swatch) < 4.0


def test_tones_darken_in_any_light():
    """In room light too, averaged over seeds, a darker tone gives a darker photo."""

    def lightness(tone):
        specs = (SkinSpec(seed=s, tone=tone, signs=HEALTHY, area=0.0, size=(64, 80), framing="flat") for s in range(6))
        return np.mean([rgb_to_lab(render(spec).pixels)[..., 0].mean() for spec in specs])

    levels = [lightness(tone) for tone in (1, 4, 6, 8, 10)]
    assert levels == sorted(levels, reverse=True)


@pytest.mark.parametrize("tone", list(TONES))
def test_erythema_reddens_every_tone(tone):
    """a* of the lesion against the person's own skin rises with each grade, on dark skin too."""
    contrast = [_redness(render(_even(tone, (grade, 0, 0, 0, 0, 1)))) for grade in range(4)]
    assert all(after - before > 0.2 for before, after in itertools.pairwise(contrast))


@pytest.mark.parametrize("tone", [2, 5, 8, 10])
def test_dryness_lays_white_scale(tone):
    """More of the lesion is whitened against the same lesion without scale, and its lightness varies more."""
    lesions = [_lightness(_graded(tone, 5, grade, erythema=2)) for grade in range(4)]
    whitened = [float((lesion > lesions[0] + 1.0).mean()) for lesion in lesions]
    assert all(after > before for before, after in itertools.pairwise(whitened))
    assert lesions[3].std() > 1.2 * lesions[0].std()


@pytest.mark.parametrize("tone", [2, 5, 8])
def test_excoriation_lays_dark_lines(tone):
    """Scratches and blood crusts: the darkest twentieth of the lesion gets darker with each grade."""
    darkest = [np.quantile(_lightness(_graded(tone, 2, grade)), 0.05) for grade in range(4)]
    assert darkest == sorted(darkest, reverse=True)
    assert darkest[3] < 0.97 * darkest[0]


@pytest.mark.parametrize("tone", [2, 5, 8])
def test_lichenification_darkens_and_roughens(tone):
    """Thick skin is browner on the whole, with deeper lines."""
    lesions = [_lightness(_graded(tone, 3, grade)) for grade in range(4)]
    means, spreads = [lesion.mean() for lesion in lesions], [lesion.std() for lesion in lesions]
    assert means == sorted(means, reverse=True)
    assert spreads[3] > 1.2 * spreads[0]


@pytest.mark.parametrize("tone", [2, 5, 8])
def test_crusts_are_honey(tone):
    """Crusts take the more of the lesion, the higher the grade, and their hue is between orange and yellow."""
    plain = rgb_to_lab(_graded(tone, 4, 0).pixels)
    shares = []
    for grade in (1, 2, 3):
        photo = _graded(tone, 4, grade)
        lab = rgb_to_lab(photo.pixels)
        crust = photo.lesion_mask & (np.linalg.norm(lab - plain, axis=2) > 8.0)
        shares.append(crust.sum() / photo.lesion_mask.sum())
        assert 45.0 < np.degrees(np.arctan2(lab[crust, 2].mean(), lab[crust, 1].mean())) < 85.0
    assert 0.0 < shares[0] < shares[1] < shares[2]


def test_swelling_is_shaded():
    """Raised skin catches the light on one side: in slanting light the lesion's lightness spreads with each grade."""

    def spread(grade):
        spec = SkinSpec(seed=11, tone=4, signs=(1, grade, 0, 0, 0, 0), area=0.3, size=SIZE, framing="close")
        return _lightness(render(spec)).std()

    spreads = [spread(grade) for grade in range(4)]
    assert spreads == sorted(spreads)


def test_one_grade_leaves_the_rest_alone():
    """Changing one sign moves neither the outline nor the skin mask."""
    mild, severe = render(_even(4, (1, 0, 0, 0, 0, 1))), render(_even(4, (3, 3, 3, 3, 3, 1)))
    np.testing.assert_array_equal(mild.lesion_mask, severe.lesion_mask)


@pytest.mark.parametrize("seed", [0, 2, 5])
def test_threads_do_not_matter(seed):
    """One, two or four threads of OpenCV give the same bytes, at a size that it does share out."""
    before = cv2.getNumThreads()
    try:
        photos = []
        for threads in (1, 2, 4):
            cv2.setNumThreads(threads)
            photos.append(render(draw_spec(seed, (384, 512))).pixels)
    finally:
        cv2.setNumThreads(before)
    np.testing.assert_array_equal(photos[0], photos[1])
    np.testing.assert_array_equal(photos[0], photos[2])
