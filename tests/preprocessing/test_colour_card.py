"""Cards drawn on rendered skin are found, and what they tell of the light takes its colour out and leaves redness."""

import cv2
import numpy as np
import pytest

from flexura.errors import PreprocessingError
from flexura.preprocessing.artefacts import ArtefactConfig
from flexura.preprocessing.colour_card import card_mask, find_colour_card
from flexura.preprocessing.lighting import ColourCastConfig, correct_colour_cast
from flexura.preprocessing.prepare import PreparationConfig, prepare_pixels
from flexura.preprocessing.scale import ScaleConfig, ScaleEvidence
from flexura.preprocessing.step import shrunk
from flexura.synthesis.colour import rgb_to_lab

LAMPS = [(1.0, 1.0, 1.0), (1.15, 1.0, 0.75), (0.85, 1.0, 1.2), (1.25, 1.0, 0.55)]
MEASURING = PreparationConfig(
    artefacts=ArtefactConfig(outcome="mark"), colour_cast=ColourCastConfig(outcome="measure"), illumination=None
)


@pytest.mark.parametrize("lamp", LAMPS)
@pytest.mark.parametrize(("row_px", "angle_deg", "tilt"), [(180, 0, 0.1), (240, 90, 0), (300, 205, 0.1), (400, 33, 0)])
def test_a_card_is_found_with_its_size_place_and_light(plain_skin, lay_card, lamp, row_px, angle_deg, tilt):
    laid = lay_card(plain_skin((768, 1024)), row_px, centre=(500, 380), angle_deg=angle_deg, tilt=tilt, lamp=lamp)
    card = find_colour_card(laid.pixels)
    assert card.row_px == pytest.approx(row_px, rel=0.025)
    found = card_mask(card, (768, 1024))
    assert (found & laid.mask).sum() > 0.85 * (found | laid.mask).sum()
    assert card.light / card.light[1] == pytest.approx(lamp, rel=0.03)
    first, last = card.centres[0], card.centres[18]  # dark skin above, white below, as the card is turned
    down = np.array([-np.sin(np.deg2rad(angle_deg)), np.cos(np.deg2rad(angle_deg))])
    assert (last - first) / np.linalg.norm(last - first) == pytest.approx(down, abs=0.15)


def _altered(card_patches, change):
    patches = card_patches.copy()
    change(patches)
    return patches


@pytest.mark.parametrize(
    "change",
    [
        lambda patches: patches.__setitem__(3, patches[3, ::-1].copy()),
        lambda patches: patches.__setitem__((3, 1), (220, 190, 170)),
        lambda patches: patches.__setitem__(slice(None), 128),
    ],
    ids=["black to white", "a grey that is none", "one colour"],
)
def test_a_grid_of_other_colours_is_no_card(plain_skin, lay_card, card_patches, change):
    pixels = plain_skin((768, 1024))
    assert find_colour_card(lay_card(pixels, 300, centre=(500, 380)).pixels) is not None
    other = _altered(card_patches, change)
    assert find_colour_card(lay_card(pixels, 300, centre=(500, 380), patches=other).pixels) is None


def test_without_a_card_there_is_none(plain_skin, lay_ruler):
    ruled, _ = lay_ruler(plain_skin((384, 512)), 6.0, 20)
    confetti = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    for pixels in (ruled, cv2.resize(confetti, (512, 384), interpolation=cv2.INTER_NEAREST)):
        assert find_colour_card(pixels) is None
    with pytest.raises(PreprocessingError, match="picture"):
        find_colour_card(np.zeros((64, 64), np.uint8))


@pytest.mark.parametrize("lamp", LAMPS)
@pytest.mark.parametrize(("tone", "grade"), [(1, 2), (4, 1), (7, 2), (10, 3)])
def test_the_lamp_goes_and_redness_stays(photograph, scene_spec, lay_card, lamp, tone, grade):
    """The card lies beside the limb. Measured: greys within 0.8 of neutral, skin within 0.6 of even light, in a*b*."""
    spec = scene_spec(tone, grade)
    even, lit = photograph(spec, exposed=0.75), photograph(spec, exposed=0.75, lamp=lamp)
    enlarged = cv2.resize(lit.pixels, (1024, 768), interpolation=cv2.INTER_LINEAR)
    table = np.full((300, 1024, 3), 90, np.uint8)
    laid = lay_card(np.vstack([enlarged, table]), 300, centre=(500, 910), lamp=lamp)
    card = find_colour_card(laid.pixels)
    config = ColourCastConfig()
    result = correct_colour_cast(laid.pixels, np.ones(laid.mask.shape, bool), config, card_light=card.light)
    assert result.step.parameters["known_by"] == "colour_card"
    greys = [result.pixels[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4] for x, y in card.centres[18:]]
    chroma = [float(np.hypot(*rgb_to_lab(patch).mean(axis=(0, 1))[1:])) for patch in greys]
    assert max(chroma) < 1.0
    taken = correct_colour_cast(lit.pixels, lit.skin, config, card_light=card.light).pixels
    assert lit.redness(taken) == pytest.approx(even.redness(), abs=0.45)
    off_white = float(np.hypot(*(lit.own_skin(taken) - even.own_skin())[1:]))
    assert off_white < 0.8


def test_a_card_tells_light_and_scale_and_is_no_skin(plain_skin, lay_card):
    laid = lay_card(plain_skin((768, 1024)), 300, centre=(500, 380), lamp=LAMPS[1])
    small = shrunk(laid.pixels, 256)
    evidence = ScaleEvidence(site="forearm", reduction=4.0)
    told = PreparationConfig(
        scale=ScaleConfig(colour_card_mm=75.0),
        artefacts=MEASURING.artefacts,
        colour_cast=MEASURING.colour_cast,
        illumination=None,
    )
    prepared = prepare_pixels(small, told, evidence=evidence, whole=laid.pixels)
    assert prepared.scale.known_by == "colour_card"
    assert prepared.scale.mm_per_pixel == pytest.approx(75 / 1200, rel=0.025)
    scale, artefacts, cast, _ = (step.parameters for step in prepared.steps)
    assert scale["card_found"] is True
    assert artefacts["colour_card"] == pytest.approx(laid.mask.mean(), rel=0.1)
    assert (cast["known_by"], cast["light_red"] / cast["light_blue"]) == ("colour_card", pytest.approx(1.533, rel=0.03))
    on_card = cv2.erode(shrunk(laid.mask.astype(np.uint8) * 255, 256), np.ones((7, 7), np.uint8)) > 127
    assert prepared.touched[on_card].all()
    assert not prepared.skin[on_card].any()
    untold = prepare_pixels(small, MEASURING, evidence=evidence, whole=laid.pixels)
    assert (untold.scale.known_by, untold.steps[0].parameters["card_found"]) == ("site_prior", True)
