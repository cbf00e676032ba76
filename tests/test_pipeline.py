"""The one road into the network: the whole photo, squeezed, by hand; and the road to what is measured."""

import json
from dataclasses import replace

import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import AreaReading
from flexura.errors import PreprocessingError
from flexura.features import FEATURE_NAMES
from flexura.intake.dicom.capture import SITES_BY_SNOMED
from flexura.pipeline import (
    CORRECTED_SIDE_PX,
    MEASURED,
    MEASURED_SIDE_PX,
    PREPROCESSING_VERSION,
    measure,
    plan_preparation,
    prepare,
    prepare_photo,
    scale_evidence,
    squeeze,
    withhold_parts,
)
from flexura.preprocessing.background import BackgroundConfig
from flexura.preprocessing.prepare import PreparationConfig, choose_steps
from flexura.preprocessing.scale import SITE_FRAME_MM
from flexura.preprocessing.step import shrunk
from flexura.records import PREPARATION_STEPS, Capture, PatientContext, Photo, PhotoSource, Scale
from flexura.synthesis import SkinSpec, render

SOURCE = PhotoSource("ab" * 32, "JPEG", 8, 2, 1, "sRGB")


def test_the_version_stands_for_these_numbers() -> None:
    # Areas are averaged and rounded. Whoever changes one of these numbers raises the version.
    picture = np.array([[0, 10, 100, 101], [20, 30, 101, 101], [7, 7, 0, 0], [7, 7, 0, 255]], np.uint8)
    assert PREPROCESSING_VERSION == "squeeze-1 measure-1"
    assert squeeze(picture, 2).tolist() == [[15, 101], [7, 64]]
    assert squeeze(picture, 4).tolist() == picture.tolist()


def test_a_wide_photo_is_squeezed_and_not_cropped() -> None:
    picture = np.array([[0, 40, 80, 120, 160, 200, 240, 255], [0, 40, 80, 120, 160, 200, 240, 255]], np.uint8)
    assert squeeze(picture, 2).tolist() == [[60, 214], [60, 214]]
    assert squeeze(picture.T, 2).tolist() == [[60, 60], [214, 214]]


@pytest.mark.parametrize("shape", [(300, 700), (700, 300), (299, 401)])
def test_fractions_of_area_stay_what_they_are(shape: tuple[int, int]) -> None:
    height, width = shape
    lesion = np.zeros(shape, np.uint8)
    lesion[: height // 3, width // 2 :] = 255
    assert squeeze(lesion, 64).mean() == pytest.approx(lesion.mean(), abs=0.5)


def test_fine_stripes_become_grey_and_no_coarse_ones() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (256, 128))
    assert set(np.unique(squeeze(stripes, 32))) <= {127, 128}


def test_a_small_photo_is_enlarged_smoothly() -> None:
    enlarged = squeeze(np.array([[0, 200]], np.uint8), 4)
    assert enlarged.tolist() == [[0, 50, 150, 200]] * 4


def test_channels_keep_their_order() -> None:
    picture = np.full((4, 8, 3), (10, 20, 30), np.uint8)
    assert squeeze(picture, 2).tolist() == [[[10, 20, 30]] * 2] * 2


def test_a_photo_and_its_context_become_the_networks_input() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (48, 80, 3), np.uint8)
    before = pixels.copy()
    made = prepare(Photo(pixels, SOURCE), PatientContext(age_years=75, site="palm"), side=32)
    assert made.pixels.shape == (32, 32, 3)
    assert made.pixels.dtype == np.uint8
    assert np.array_equal(made.pixels, squeeze(pixels, 32))
    assert np.array_equal(pixels, before)
    context = dict(zip(CONTEXT_NAMES, made.context.tolist(), strict=True))
    assert (context["age"], context["site_hand"], context["site_foot"]) == (1.0, 1.0, 0.0)
    assert np.isnan(context["itches"])


def test_every_choice_among_the_known_parts_is_made_and_a_question_is_withheld_as_a_whole() -> None:
    context = prepare(Photo(np.zeros((48, 48, 3), np.uint8), SOURCE), PatientContext(itch=3, site="palm"), side=32)
    findings = np.full(len(FEATURE_NAMES), np.nan, np.float32)
    findings[[2, 7]] = 0.5
    parts, contexts, measured = withhold_parts(context.context, findings)
    assert parts == ("itch", "site", "measurements")
    assert (contexts.shape, measured.shape) == ((8, len(CONTEXT_NAMES)), (8, len(FEATURE_NAMES)))
    itches, hand = CONTEXT_NAMES.index("itches"), CONTEXT_NAMES.index("site_hand")
    assert (~np.isnan(contexts[:, itches])).tolist() == [False, True] * 4
    assert (~np.isnan(contexts[:, hand])).tolist() == [False, False, True, True] * 2
    assert (~np.isnan(measured[:, 7])).tolist() == [False] * 4 + [True] * 4
    assert np.array_equal(contexts[7], context.context, equal_nan=True)
    assert np.isnan(contexts[0]).all()
    assert np.isnan(measured[:4]).all()


def test_where_nothing_is_known_there_is_one_answer() -> None:
    parts, contexts, findings = withhold_parts(*(np.full(size, np.nan, np.float32) for size in (33, 102)))
    assert (parts, contexts.shape, findings.shape) == ((), (1, 33), (1, 102))


def test_features_are_measured_where_the_maps_say() -> None:
    """Dark lesion on light skin, left third of a wide photo; the right third is no skin."""
    pixels = np.full((200, 600, 3), (215, 189, 150), np.uint8)
    pixels[:, :200] = (150, 90, 80)
    pixels[:, 400:] = (0, 0, 255)
    lesion, skin = np.zeros((12, 12), np.float32), np.ones((12, 12), np.float32)
    lesion[:, :4], skin[:, 8:] = 1, 0
    found = measure(pixels, lesion, skin, reading=AreaReading())
    values = dict(zip(found.names, found.values.tolist(), strict=True))
    assert found.names == FEATURE_NAMES
    assert values["delta_lightness"] == pytest.approx(44.3 - 77.9, abs=1.0)
    assert values["skin_ita"] == pytest.approx(50, abs=1)


@pytest.mark.parametrize("larger", [1, 3])
def test_a_photo_is_measured_at_one_size(larger: int) -> None:
    random = np.random.default_rng(5)
    small = np.kron(random.integers(60, 200, (9, 12, 3)), np.ones((24, 24, 1))).astype(np.uint8)
    assert max(small.shape) == MEASURED_SIDE_PX
    lesion = np.zeros((9, 12), np.float32)
    lesion[3:6, 3:8] = 1
    pixels = np.repeat(np.repeat(small, larger, 0), larger, 1)
    reading = AreaReading()
    first, found = (measure(each, lesion, np.ones_like(lesion), reading=reading) for each in (small, pixels))
    assert np.array_equal(first.values, found.values, equal_nan=True)


def test_without_skin_nothing_is_measured() -> None:
    nothing = np.zeros((6, 6), np.float32)
    found = measure(np.full((90, 120, 3), 120, np.uint8), nothing, nothing, reading=AreaReading())
    assert np.isnan(found.values).mean() > 0.9


SKIN = np.ones((9, 9), np.float32)
UNKNOWN = PatientContext()


@pytest.fixture(scope="module")
def limb() -> Photo:
    """768 x 1024 px, the original four times as large."""
    pixels = render(SkinSpec(seed=7, tone=5, signs=(2, 1, 1, 1, 0, 1), area=0.3, size=(384, 512))).pixels
    return Photo(pixels.repeat(2, axis=0).repeat(2, axis=1), replace(SOURCE, width=4096, height=3072))


def _with(photo: Photo, **capture: object) -> Photo:
    return replace(photo, source=replace(photo.source, capture=Capture(**capture)))  # type: ignore[arg-type]


def test_a_photo_is_measured_at_one_size_and_changed_at_another(limb: Photo) -> None:
    before = limb.pixels.copy()
    prepared = prepare_photo(limb, PatientContext(site="left_forearm"), skin_map=SKIN)
    assert prepared.pixels.shape == (216, MEASURED_SIDE_PX, 3)
    assert prepared.skin.shape == prepared.touched.shape == (216, MEASURED_SIDE_PX)
    assert [step.step for step in prepared.steps] == list(PREPARATION_STEPS)
    json.dumps([dict(step.parameters) for step in prepared.steps], allow_nan=False)
    assert np.array_equal(limb.pixels, before)
    assert np.array_equal(prepared.pixels, shrunk(limb.pixels, MEASURED_SIDE_PX))
    evening = plan_preparation([], ["illumination"])
    assert evening is not None
    assert prepare_photo(limb, UNKNOWN, evening).pixels.shape == (384, CORRECTED_SIDE_PX, 3)


def test_spacing_of_the_file_is_that_of_the_original(limb: Photo) -> None:
    photo = _with(limb, pixel_spacing_mm=(0.05, 0.05), body_site="palm")
    prepared = prepare_photo(photo, UNKNOWN, skin_map=SKIN)
    assert prepared.scale is not None
    assert prepared.scale.known_by == "pixel_spacing"
    assert prepared.scale.mm_per_pixel == pytest.approx(0.05)


def test_the_contexts_site_wins_over_the_files_and_either_gives_a_rough_scale(limb: Photo) -> None:
    photo = _with(limb, body_site="palm")
    assert scale_evidence(photo, UNKNOWN).site == "palm"
    assert scale_evidence(photo, PatientContext(site="right_thigh")).site == "thigh"
    assert scale_evidence(limb, UNKNOWN).site is None
    prepared = prepare_photo(photo, UNKNOWN, skin_map=SKIN)
    assert prepared.scale is not None
    assert prepared.scale.mm_per_pixel == pytest.approx(SITE_FRAME_MM["palm"] / 4096)


def test_every_site_that_a_file_can_state_has_a_framing() -> None:
    assert set(SITES_BY_SNOMED.values()) <= set(SITE_FRAME_MM)


def test_without_any_source_the_scale_is_unknown_with_a_reason(limb: Photo) -> None:
    step = prepare_photo(limb, UNKNOWN, skin_map=SKIN).steps[0]
    assert (step.parameters["mm_per_pixel"], step.parameters["reason"]) == (None, "no_source")


@pytest.mark.parametrize("name", PREPARATION_STEPS)
def test_each_step_can_be_switched_on_alone(limb: Photo, name: str) -> None:
    prepared = prepare_photo(limb, UNKNOWN, choose_steps([name], MEASURED), skin_map=SKIN)
    assert {step.step for step in prepared.steps} == {name, "background"}


def test_a_small_photo_keeps_its_size_and_skin_may_be_found_by_colour(limb: Photo) -> None:
    small = Photo(limb.pixels[:120, :160], replace(SOURCE, width=160, height=120))
    config = PreparationConfig(background=BackgroundConfig(method="colour"))
    assert prepare_photo(small, UNKNOWN, config).pixels.shape == (120, 160, 3)


@pytest.mark.parametrize("shape", [(24, 1024), (1024, 60)])
def test_of_a_very_narrow_photo_all_is_unknown_with_the_reason(shape: tuple[int, int]) -> None:
    photo = Photo(np.full((*shape, 3), 150, np.uint8), replace(SOURCE, width=shape[1], height=shape[0]))
    prepared = prepare_photo(photo, PatientContext(site="palm"), skin_map=SKIN)
    assert [(step.step, step.parameters["reason"]) for step in prepared.steps] == [
        (name, "too_narrow") for name in PREPARATION_STEPS
    ]
    assert prepared.scale == Scale(None, None, None, reason="too_narrow")


def test_a_plan_names_what_is_measured_and_what_is_changed() -> None:
    assert plan_preparation(PREPARATION_STEPS) == MEASURED
    assert not MEASURED.corrects
    assert plan_preparation([]) is None
    assert plan_preparation(["scale"], colour_card_mm=75.0).scale.colour_card_mm == 75.0
    plan = plan_preparation(["scale"], ["artefacts"])
    assert plan is not None
    assert plan.chosen == ("scale", "artefacts", "background")
    assert (plan.corrects, plan.background.method) == (True, "colour")
    with pytest.raises(PreprocessingError, match="give some of"):
        plan_preparation(["hair"])
    with pytest.raises(PreprocessingError, match="give some of"):
        plan_preparation([], ["scale"])


def test_a_missing_skin_map_is_refused(limb: Photo) -> None:
    with pytest.raises(PreprocessingError, match="none was given"):
        prepare_photo(limb, UNKNOWN)
