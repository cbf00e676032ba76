"""The best source of scale decides, and says which it was; an unknown scale is None with a reason."""

import numpy as np
import pytest

from flexura.clinical.sites import SITES
from flexura.errors import PreprocessingError
from flexura.preprocessing.colour_card import ColourCard
from flexura.preprocessing.scale import SITE_FRAME_MM, ScaleConfig, ScaleEvidence, find_scale, scale_step

EVERYTHING = ScaleEvidence(pixel_spacing_mm=(0.05, 0.05), reduction=4.0, site="forearm")


def test_a_given_spacing_comes_first_and_is_that_of_the_original(plain_skin, lay_ruler):
    pixels, _ = lay_ruler(plain_skin(), 6.0, 20)
    scale, ruler = find_scale(pixels, EVERYTHING, ScaleConfig())
    assert scale.known_by == "pixel_spacing"
    assert scale.mm_per_pixel == pytest.approx(0.05)
    assert ruler is not None
    assert scale_step(scale, ruler).parameters["ruler_found"] is True


def test_a_ruler_comes_second(plain_skin, lay_ruler):
    pixels, _ = lay_ruler(plain_skin(), 6.0, 20)
    scale, _ = find_scale(pixels, ScaleEvidence(site="forearm", reduction=4.0), ScaleConfig())
    assert scale.known_by == "ruler"
    assert scale.mm_per_pixel == pytest.approx(1 / 24, rel=0.005)
    assert scale.uncertainty < 0.1


CARD = ColourCard(
    np.array([(60 * column, 60 * row) for row in range(4) for column in range(6)], np.float32), np.ones(3)
)


def test_a_card_comes_third_where_its_size_is_told(plain_skin, lay_ruler):
    """Rows of 300 px in a picture reduced to a quarter, told to be 60 mm long."""
    evidence, told = ScaleEvidence(site="forearm", reduction=4.0), ScaleConfig(colour_card_mm=60.0)
    scale, _ = find_scale(plain_skin(), evidence, told, card=CARD)
    assert (scale.known_by, scale.mm_per_pixel) == ("colour_card", pytest.approx(60 / 1200))
    assert scale.uncertainty == 0.05
    assert find_scale(lay_ruler(plain_skin(), 6.0, 20)[0], evidence, told, card=CARD)[0].known_by == "ruler"
    untold, _ = find_scale(plain_skin(), ScaleEvidence(), ScaleConfig(), card=CARD)
    assert (untold.mm_per_pixel, untold.reason) == (None, "no_source")
    assert scale_step(untold, None, CARD).parameters["card_found"] is True


@pytest.mark.parametrize("length_mm", [0.0, -60.0, 4.9, 1001.0, float("nan")])
def test_an_impossible_card_is_refused(plain_skin, length_mm):
    with pytest.raises(PreprocessingError, match="colour_card_mm"):
        find_scale(plain_skin((64, 96)), ScaleEvidence(), ScaleConfig(colour_card_mm=length_mm), card=CARD)


def test_the_site_comes_last_and_is_far_less_certain(plain_skin):
    scale, ruler = find_scale(plain_skin(), ScaleEvidence(site="forearm", reduction=4.0), ScaleConfig())
    assert (scale.known_by, ruler) == ("site_prior", None)
    assert scale.mm_per_pixel == pytest.approx(280 / 2048)
    assert scale.uncertainty >= 0.5


def test_without_a_source_the_scale_is_unknown(plain_skin):
    for evidence, config in [
        (ScaleEvidence(), ScaleConfig()),
        (ScaleEvidence(site="forearm"), ScaleConfig(ruler=False, site_prior=False)),
    ]:
        scale, _ = find_scale(plain_skin(), evidence, config)
        assert (scale.mm_per_pixel, scale.uncertainty, scale.known_by) == (None, None, None)
        assert scale.reason == "no_source"
        assert scale_step(scale).parameters["mm_per_pixel"] is None


def test_every_site_of_the_context_has_a_framing_of_its_size():
    assert set(SITE_FRAME_MM) == set(SITES)
    assert SITE_FRAME_MM["nail"] < SITE_FRAME_MM["finger"] < SITE_FRAME_MM["palm"] < SITE_FRAME_MM["back"]
    assert max(SITE_FRAME_MM, key=lambda site: SITE_FRAME_MM[site]) == "whole_body"


@pytest.mark.parametrize(
    ("spacing", "fault"),
    [
        ((0.0, 0.0), "implausible"),
        ((-0.1, -0.1), "implausible"),
        ((float("nan"), 0.1), "implausible"),
        ((0.1, 300.0), "implausible"),
        ((0.1, 0.12), "not_square"),
    ],
)
def test_an_impossible_spacing_is_not_used_and_the_record_says_so(plain_skin, spacing, fault):
    pixels = plain_skin((64, 96))
    scale, _ = find_scale(pixels, ScaleEvidence(pixel_spacing_mm=spacing), ScaleConfig(ruler=False))
    assert (scale.mm_per_pixel, scale.reason) == (None, "no_source")
    assert scale_step(scale).parameters["spacing_refused"] == fault
    rough, _ = find_scale(pixels, ScaleEvidence(pixel_spacing_mm=spacing, site="palm"), ScaleConfig(ruler=False))
    assert (rough.known_by, rough.spacing_refused) == ("site_prior", fault)


@pytest.mark.parametrize("reduction", [0.0, -1.0, float("nan")])
def test_an_impossible_reduction_is_refused(plain_skin, reduction):
    with pytest.raises(PreprocessingError, match="reduction"):
        find_scale(plain_skin((64, 96)), ScaleEvidence(reduction=reduction), ScaleConfig(ruler=False))


def test_an_unknown_site_is_refused_without_being_named(plain_skin):
    with pytest.raises(PreprocessingError, match="body site") as caught:
        find_scale(plain_skin((64, 96)), ScaleEvidence(site="left_forearm"), ScaleConfig(ruler=False))
    assert "left_forearm" not in str(caught.value)
