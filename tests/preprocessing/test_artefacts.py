"""Hairs, glints, ink and stamps drawn on skin are found and filled; clean skin and its lesions are left alone."""

from dataclasses import fields
from functools import partial

import cv2
import numpy as np
import pytest

from flexura.errors import PreprocessingError
from flexura.preprocessing.artefacts import (
    KINDS,
    ArtefactConfig,
    fill,
    find_highlights,
    remove_artefacts,
)
from flexura.preprocessing.background import skin_by_colour
from flexura.preprocessing.hairs import find_hair
from flexura.preprocessing.marks import find_ink, find_stamps
from flexura.synthesis import SkinSpec, draw_spec, render

# Seeds of photos whose person was drawn without body hair; scale, furrows and crusts of all grades are among them.
HAIRLESS = (4, 10, 13, 19, 21, 31, 32, 47)
SHAPE = (384, 512)


def _skin(tone):
    spec = SkinSpec(
        seed=tone, tone=tone, signs=(1, 0, 0, 0, 0, 0), area=0.2, size=SHAPE, framing="flat", lighting="even"
    )
    return render(spec).pixels


def _hairs(seed):
    rng, opacity = np.random.default_rng(seed), np.zeros(SHAPE, np.uint8)
    for _ in range(25):
        root, heading, length = rng.uniform(0, 1, 2) * SHAPE[::-1], rng.uniform(0, 6.28), rng.uniform(50, 150)
        t = np.linspace(0, 1, 12)
        course = heading + rng.normal(0, 0.4) * t
        points = root + (length * t)[:, None] * np.stack([np.cos(course), np.sin(course)], axis=1)
        thickness = int(rng.integers(1, 4))
        cv2.polylines(opacity, [np.rint(points * 16).astype(np.int32)], False, 255, thickness, cv2.LINE_AA, 4)
    return opacity / 255


def _glints(seed):
    rng, opacity = np.random.default_rng(seed), np.zeros(SHAPE, np.uint8)
    for _ in range(40):
        centre = (int(rng.uniform(10, SHAPE[1] - 10)), int(rng.uniform(10, SHAPE[0] - 10)))
        axes = (int(rng.integers(2, 7)), int(rng.integers(1, 5)))
        cv2.ellipse(opacity, centre, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    return opacity / 255


def _pen():
    opacity = np.zeros(SHAPE, np.uint8)
    cv2.ellipse(opacity, (250, 190), (90, 70), 20, 0, 310, 255, 5, cv2.LINE_AA)
    cv2.line(opacity, (235, 190), (265, 190), 255, 5, cv2.LINE_AA)
    return cv2.GaussianBlur(opacity, (0, 0), 0.8) / 255


def _stamp():
    opacity = np.zeros(SHAPE, np.uint8)
    cv2.putText(opacity, "2014 06 21", (290, 366), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 2, cv2.LINE_AA)
    return opacity / 255


def _recall_precision(found, opacity):
    """Of what is mostly covered, and of what was found; a rim of two pixels counts for neither."""
    near = cv2.dilate((opacity > 0.1).astype(np.uint8), np.ones((5, 5))) > 0
    return (found & (opacity > 0.5)).sum() / (opacity > 0.5).sum(), (found & near).sum() / max(found.sum(), 1)


@pytest.mark.parametrize(
    ("find", "opacity", "colour", "tones", "wanted"),
    [
        (partial(find_hair, kind="dark"), _hairs(1) * 0.9, (35, 25, 20), (1, 4, 6, 8), (0.75, 0.95)),
        (partial(find_hair, kind="light"), _hairs(2) * 0.9, (230, 215, 195), (7, 9, 10), (0.55, 0.95)),
        (find_highlights, _glints(3) * 0.97, (255, 255, 252), (3, 5, 8, 10), (0.75, 0.95)),
        (find_ink, _pen() * 0.8, (70, 40, 130), (1, 5, 10), (0.95, 0.9)),
        (find_ink, _pen() * 0.8, (40, 60, 150), (2, 7), (0.95, 0.9)),
        (find_stamps, _stamp(), (255, 120, 20), (1, 6, 10), (0.95, 0.8)),
        (find_stamps, _stamp(), (255, 255, 255), (5, 9), (0.95, 0.8)),
    ],
    ids=["dark hair", "light hair", "glints", "violet ink", "blue ink", "orange stamp", "white stamp"],
)
def test_what_is_drawn_is_found(paint, find, opacity, colour, tones, wanted):
    for tone in tones:
        recall, precision = _recall_precision(find(paint(_skin(tone), opacity, colour)), opacity)
        assert recall > wanted[0], f"tone {tone}"
        assert precision > wanted[1], f"tone {tone}"


def test_clean_skin_and_its_signs_are_left_alone():
    shares = []
    for seed in HAIRLESS:
        photo = render(draw_spec(seed, SHAPE))
        result = remove_artefacts(photo.pixels, ArtefactConfig(), skin=photo.skin_mask)
        shares.append(result.touched.mean())
    assert max(shares) < 0.01
    assert np.mean(shares) < 0.005


def test_blood_filled_scratches_and_dark_lesions_are_no_artefacts(plain_skin, paint):
    skin = plain_skin()
    scratches = paint(skin, _hairs(4) * 0.7, (185, 60, 50))
    assert not find_hair(scratches, "dark").any()
    lesion = np.zeros(SHAPE)
    cv2.ellipse(lesion, (250, 190), (60, 45), 0, 0, 360, 1, -1)
    result = remove_artefacts(paint(skin, lesion, (45, 35, 35)), ArtefactConfig())
    assert not result.touched.any()


def test_clothes_are_no_ink(plain_skin):
    pixels = plain_skin()
    pixels[150:250, 150:300] = (30, 60, 190)
    pixels[:, :40] = (30, 60, 190)
    assert not find_ink(pixels).any()


def test_filling_restores_what_hairs_hid_and_leaves_the_rest(plain_skin, paint):
    clean = plain_skin()
    opacity = _hairs(5) * 0.9
    hairy = paint(clean, opacity, (35, 25, 20))
    result = remove_artefacts(hairy, ArtefactConfig())
    hidden = opacity > 0.5

    def error(pixels):
        return float(np.abs(pixels[hidden].astype(float) - clean[hidden]).mean())

    assert error(result.pixels) < 0.3 * error(hairy)
    assert np.array_equal(result.pixels[~result.touched], hairy[~result.touched])
    assert result.step.parameters["dark_hair"] > 0
    assert result.step.parameters["touched"] == pytest.approx(result.touched.mean(), abs=1e-4)


def test_a_thick_hole_is_filled_with_the_colour_around(plain_skin):
    pixels = plain_skin()
    hole = np.zeros(SHAPE, bool)
    hole[100:200, 100:250] = True
    spoilt = np.where(hole[..., None], np.uint8(255), pixels)
    filled = fill(spoilt, hole)
    assert np.abs(filled[hole].astype(float) - pixels[hole]).mean() < 10
    assert np.array_equal(filled[~hole], pixels[~hole])


def test_kinds_that_are_switched_off_are_not_looked_for(plain_skin, paint):
    hairy = paint(plain_skin(), _hairs(6) * 0.9, (35, 25, 20))
    result = remove_artefacts(hairy, ArtefactConfig(dark_hair=False))
    assert result.step.parameters["dark_hair"] is None
    assert result.step.parameters["ruler"] is None
    assert not result.touched.any()


def test_artefacts_are_only_marked_if_asked(plain_skin, paint):
    hairy = paint(plain_skin(), _hairs(6) * 0.9, (35, 25, 20))
    filled = remove_artefacts(hairy, ArtefactConfig())
    marked = remove_artefacts(hairy, ArtefactConfig(outcome="mark"))
    assert np.array_equal(marked.pixels, hairy)
    assert marked.touched.any()
    assert np.array_equal(marked.touched, filled.touched)
    assert (marked.step.parameters["outcome"], filled.step.parameters["outcome"]) == ("mark", "fill")


def test_every_kind_is_a_switch():
    assert {field.name for field in fields(ArtefactConfig)} == {*KINDS, "outcome"}


def test_nothing_is_sought_beside_the_skin(plain_skin, paint):
    opacity = _hairs(7) * 0.9
    skin = np.zeros(SHAPE, bool)
    skin[:, :256] = True
    touched = remove_artefacts(paint(plain_skin(), opacity, (35, 25, 20)), ArtefactConfig(), skin=skin).touched
    assert touched[:, :256].any()
    assert not touched[:, 256:].any()


def test_ink_counts_although_its_colour_is_no_skin(plain_skin, paint):
    inked = paint(plain_skin(), _pen() * 0.8, (70, 40, 130))
    touched = remove_artefacts(inked, ArtefactConfig(), skin=skin_by_colour(inked)).touched
    assert touched[_pen() > 0.5].mean() > 0.95


def test_a_mask_of_another_size_is_refused(plain_skin):
    for masks in ({"skin": np.zeros((4, 4), bool)}, {"ruler": np.zeros(SHAPE, np.uint8)}):
        with pytest.raises(PreprocessingError, match="mask"):
            remove_artefacts(plain_skin(), ArtefactConfig(), **masks)
    with pytest.raises(PreprocessingError, match="mask"):
        fill(plain_skin(), np.zeros((4, 4), bool))
