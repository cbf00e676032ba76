"""The chain: order, records, masks, switches, and that nothing is found silently by another way."""

import json

import numpy as np
import pytest

from flexura.errors import PreprocessingError
from flexura.preprocessing.artefacts import ArtefactConfig
from flexura.preprocessing.background import BackgroundConfig
from flexura.preprocessing.lighting import ColourCastConfig, IlluminationConfig
from flexura.preprocessing.prepare import PreparationConfig, choose_steps, correct_steps, prepare_pixels, unprepared
from flexura.preprocessing.scale import ScaleEvidence
from flexura.preprocessing.step import enlarged, shrunk
from flexura.records import CORRECTIONS, PREPARATION_STEPS
from flexura.synthesis import SkinSpec, render

OFF = PreparationConfig(scale=None, artefacts=None, colour_cast=None, illumination=None)
MEASURING = PreparationConfig(
    artefacts=ArtefactConfig(outcome="mark"),
    colour_cast=ColourCastConfig(outcome="measure"),
    illumination=IlluminationConfig(outcome="measure"),
)
NAMES = list(PREPARATION_STEPS)
SITE = ScaleEvidence(site="forearm")


@pytest.fixture(scope="module")
def limb():
    return render(SkinSpec(seed=7, tone=5, signs=(2, 1, 1, 1, 0, 1), area=0.3, size=(192, 256))).pixels


def test_every_step_is_taken_in_order_and_recorded_ready_for_json(limb):
    before = limb.copy()
    prepared = prepare_pixels(limb, PreparationConfig(), evidence=SITE)
    assert [step.step for step in prepared.steps] == NAMES
    for step in prepared.steps:
        json.dumps(dict(step.parameters), allow_nan=False)
    assert prepared.pixels.dtype == np.uint8
    assert prepared.pixels.shape == limb.shape
    assert prepared.scale.known_by == "site_prior"
    assert np.array_equal(limb, before)
    again = prepare_pixels(limb, PreparationConfig(), evidence=SITE)
    assert np.array_equal(again.pixels, prepared.pixels)


def test_with_every_step_off_the_picture_is_the_same(limb):
    prepared = prepare_pixels(limb, OFF, evidence=SITE)
    assert np.array_equal(prepared.pixels, limb)
    assert [step.step for step in prepared.steps] == ["background"]
    assert not prepared.touched.any()
    assert prepared.scale is None


@pytest.mark.parametrize("name", NAMES[:-1])
def test_each_step_can_be_switched_off_alone(limb, name):
    config = PreparationConfig(**{name: None})
    steps = [step.step for step in prepare_pixels(limb, config, evidence=SITE).steps]
    assert steps == [each for each in NAMES if each != name]


@pytest.mark.parametrize("name", NAMES)
def test_each_step_can_be_chosen_alone(limb, name):
    config = choose_steps([name], OFF)
    prepared = prepare_pixels(limb, config, evidence=SITE)
    assert [step.step for step in prepared.steps] == sorted({name, "background"}, key=NAMES.index)
    assert config.chosen == tuple(step.step for step in prepared.steps)


@pytest.mark.parametrize("name", CORRECTIONS)
def test_each_step_measures_alone_or_changes_the_picture_too(plain_skin, lay_ruler, name):
    """Under a slanting, greenish light, with a ruler and something that is no skin: every step has work to do."""
    lit, _ = lay_ruler(plain_skin(), 6.0, 15, millimetres=50)
    lit[:, :150] = (120, 140, 120)
    measuring = correct_steps([], MEASURING)
    assert not measuring.corrects
    untouched = prepare_pixels(lit, measuring, evidence=SITE)
    assert np.array_equal(untouched.pixels, lit)
    config = correct_steps([name], MEASURING)
    assert config.corrects
    corrected = prepare_pixels(lit, config, evidence=SITE)
    assert not np.array_equal(corrected.pixels, lit)
    for one, other in zip(untouched.steps, corrected.steps, strict=True):
        differ = {key for key, value in one.parameters.items() if other.parameters[key] != value}
        assert differ <= ({"outcome", "outside"} if one.step == name else set(other.parameters) - {"outcome"})


def test_a_ruler_is_sought_in_the_whole_picture_and_marked_in_the_small_one(plain_skin, lay_ruler):
    whole, where = lay_ruler(plain_skin(), 6.0, 15, millimetres=50)
    small = shrunk(whole, 128)
    evidence = ScaleEvidence(reduction=2.0)
    prepared = prepare_pixels(small, MEASURING, evidence=evidence, whole=whole)
    assert prepared.scale.mm_per_pixel == pytest.approx(1 / 12, rel=0.005)
    assert prepared.touched.shape == small.shape[:2]
    assert prepared.touched[enlarged(where, small.shape[:2])].mean() > 0.8
    assert prepare_pixels(small, MEASURING, evidence=evidence).scale.known_by is None


def test_what_cannot_be_prepared_says_why_for_every_step_wanted(limb):
    prepared = unprepared(limb, choose_steps(["scale", "artefacts"], OFF), reason="too_narrow")
    assert [(step.step, dict(step.parameters)) for step in prepared.steps] == [
        (name, {"reason": "too_narrow"}) for name in ("scale", "artefacts", "background")
    ]
    assert (prepared.scale.mm_per_pixel, prepared.scale.reason) == (None, "too_narrow")
    assert prepared.pixels is limb
    assert not prepared.touched.any()
    assert not prepared.skin.any()


def test_chosen_steps_keep_their_settings_and_an_unknown_one_is_refused_without_being_named():
    config = PreparationConfig(background=BackgroundConfig(method="network"))
    assert choose_steps(NAMES[:-1], config) == config
    for refuse in (lambda: choose_steps(["scale", "sharpen"], config), lambda: correct_steps(["sharpen"], config)):
        with pytest.raises(PreprocessingError, match="1 names are no such steps") as caught:
            refuse()
        assert "sharpen" not in str(caught.value)
    with pytest.raises(PreprocessingError, match="artefacts, colour_cast, illumination, background"):
        correct_steps(["scale"], config)


def test_the_networks_map_decides_where_it_is_chosen(limb):
    config = PreparationConfig(
        scale=None,
        artefacts=None,
        colour_cast=None,
        illumination=None,
        background=BackgroundConfig(method="network", outside="grey"),
    )
    half = np.zeros((8, 8), np.float32)
    half[:, :4] = 1
    prepared = prepare_pixels(limb, config, evidence=SITE, skin_map=half)
    assert prepared.skin.mean() == pytest.approx(0.5, abs=0.01)
    assert np.array_equal(prepared.touched, ~prepared.skin)
    assert (prepared.pixels[~prepared.skin] == 128).all()


def test_a_missing_or_superfluous_map_is_refused(limb):
    with pytest.raises(PreprocessingError, match="none was given"):
        prepare_pixels(limb, PreparationConfig(background=BackgroundConfig(method="network")), evidence=SITE)
    with pytest.raises(PreprocessingError, match="one was given"):
        prepare_pixels(limb, PreparationConfig(), evidence=SITE, skin_map=np.ones((4, 4), np.float32))


def test_a_ruler_gives_the_scale_and_is_filled_in(plain_skin, lay_ruler):
    pixels, where = lay_ruler(plain_skin(), 6.0, 15, millimetres=50)
    prepared = prepare_pixels(pixels, PreparationConfig(), evidence=SITE)
    assert prepared.scale.known_by == "ruler"
    assert prepared.touched[where].mean() > 0.85
    assert np.abs(prepared.pixels[where].astype(float) - plain_skin()[where]).mean() < 40
    assert dict(prepared.steps[1].parameters)["ruler"] > 0.05


@pytest.mark.parametrize(
    "pixels", [np.zeros((64, 64), np.uint8), np.zeros((64, 64, 3)), np.zeros((8, 64, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused(pixels):
    with pytest.raises(PreprocessingError, match="picture"):
        prepare_pixels(pixels, PreparationConfig(), evidence=SITE)


@pytest.mark.parametrize("shape", [(32, 40), (700, 300), (600, 900)])
def test_any_size_passes_through(plain_skin, shape):
    assert prepare_pixels(plain_skin(shape), PreparationConfig(), evidence=SITE).pixels.shape == (*shape, 3)
