"""The clinic's verbs on a real photo and a real engine: what goes in, what comes out, in which order, how long."""

import io
import os
import traceback
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import count

import jsonschema
import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from flexura import workflow
from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.document import assessment_schema, to_document
from flexura.errors import EmptyFile, FileUnreadable, NotAnImage, PhotoTooLarge
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.intake.isolated import IsolatedReader
from flexura.intake.quality import QualityThresholds
from flexura.intake.read import IntakeLimits, read_photo
from flexura.pipeline import plan_preparation, prepare
from flexura.records import PREPARATION_STEPS, Look, PatientContext
from flexura.settings import Settings, plan_check
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode
from flexura.workflow import AssessedPhoto, CheckedPhoto, Intake, assess_photo, assess_photos, check_photo

UNSEEABLE = Intake(thresholds=QualityThresholds(min_sharpness=1e9))


@pytest.fixture(scope="module")
def predictor(tiny_bundle):
    return Predictor(load_bundle(tiny_bundle), threads=1)


@pytest.fixture
def ticking():
    """A clock that goes on by one millisecond whenever it is read."""
    ticks = count()
    return lambda: next(ticks) / 1000


def test_a_photo_becomes_an_assessment_that_satisfies_its_schema(skin_photo, predictor):
    outcome = assess_photo(skin_photo, PatientContext(site="left_forearm"), predictor=predictor)
    assert isinstance(outcome, AssessedPhoto)
    jsonschema.validate(to_document(outcome.assessment), assessment_schema())
    assert outcome.assessment.severity.region_score.region == "upper_limbs"
    assert outcome.assessment.model.name == "flexura-tiny"
    assert outcome.photo.pixels.shape == (384, 512, 3)
    assert outcome.reading == predictor.bundle.calibration.area_reading


def test_the_same_photo_gets_the_same_answer(skin_photo, predictor):
    first, second = (assess_photo(skin_photo, PatientContext(), predictor=predictor) for _ in range(2))
    assert isinstance(first, AssessedPhoto)
    assert isinstance(second, AssessedPhoto)
    assert replace(first.assessment, timings_ms=second.assessment.timings_ms) == second.assessment
    assert np.array_equal(first.prediction.lesion_map, second.prediction.lesion_map)


def test_the_context_reaches_the_network(skin_photo, predictor):
    known = PatientContext(age_years=30, sex="female", itch=7, site="forearm", duration_days=10, skin_type=3)
    informed = assess_photo(skin_photo, known, predictor=predictor)
    blind = assess_photo(skin_photo, PatientContext(), predictor=predictor)
    assert isinstance(informed, AssessedPhoto)
    assert isinstance(blind, AssessedPhoto)
    # The tiny graph's distance is the share of what is unknown.
    assert informed.prediction.distance < blind.prediction.distance


def test_what_was_measured_reaches_the_network_and_the_answer(skin_photo, predictor):
    outcome = assess_photo(skin_photo, PatientContext(), predictor=predictor)
    assert isinstance(outcome, AssessedPhoto)
    seen = outcome.prediction
    look = Look(np.zeros(3, np.float32), seen.lesion_map, seen.skin_map, seen.attention)
    unknown = np.full(len(CONTEXT_NAMES), np.nan, np.float32)
    unmeasured = np.full(len(FEATURE_NAMES), np.nan, np.float32)
    bare = predictor.answer(look, context=unknown, findings=unmeasured)
    assert outcome.prediction.distance < bare.distance == 1.0


def test_what_each_part_adds_leads_from_the_picture_to_the_answer(skin_photo):
    context = PatientContext(age_years=30, itch=7, site="forearm")
    outcome = assess_photo(skin_photo, context, predictor=Predictor(load_bundle(None), threads=1))
    assert isinstance(outcome, AssessedPhoto)
    answer, found = outcome.assessment.diagnosis, outcome.assessment.contributions
    assert found is not None
    assert [each.part for each in found.parts] == ["age_years", "itch", "site", "measurements"]
    eczema = found.eczema_by_picture + sum(each.eczema for each in found.parts)
    first = found.first_by_picture + sum(each.first for each in found.parts)
    assert (eczema, first) == pytest.approx((answer.is_eczema.probability, answer.ranking[0].probability), abs=1e-5)
    assert any(abs(each.eczema) > 1e-4 for each in found.parts)


def test_a_site_without_one_region_leaves_it_unknown(skin_photo, predictor):
    outcome = assess_photo(skin_photo, PatientContext(site="whole_body"), predictor=predictor)
    assert isinstance(outcome, AssessedPhoto)
    assert outcome.assessment.severity.region_score.region is None


def test_every_step_is_recorded_and_none_changes_what_the_network_sees(skin_photo, predictor):
    context = PatientContext(site="left_forearm")
    measured = assess_photo(skin_photo, context, predictor=predictor)
    bare = assess_photo(skin_photo, context, predictor=predictor, preparation=None)
    assert [step.step for step in measured.assessment.preprocessing] == list(PREPARATION_STEPS)
    assert bare.assessment.preprocessing == ()
    assert np.array_equal(measured.prediction.logits, bare.prediction.logits)
    assert np.array_equal(measured.prediction.lesion_map, bare.prediction.lesion_map)
    size, share = measured.assessment.area.lesion_size, measured.assessment.area
    mm_per_pixel = 280 / 512
    expected = share.lesion_fraction_of_skin * share.skin_fraction_of_photo * 512 * 384 * mm_per_pixel**2 / 100
    assert size.value_cm2 == pytest.approx(expected)
    assert size.interval_cm2[0] < size.value_cm2 < size.interval_cm2[1]
    assert bare.assessment.area.lesion_size is None
    assert "preprocessing" in {gap.field for gap in bare.assessment.not_covered}


def test_a_correction_reaches_the_network_and_its_calibration_no_longer_holds(skin_photo, predictor):
    plain = assess_photo(skin_photo, PatientContext(), predictor=predictor)
    plan = plan_preparation(PREPARATION_STEPS, ["illumination"])
    evened = assess_photo(skin_photo, PatientContext(), predictor=predictor, preparation=plan)
    assert not np.array_equal(plain.prediction.lesion_map, evened.prediction.lesion_map)
    assert (plain.assessment.confidence.calibrated, evened.assessment.confidence.calibrated) == (True, False)
    outcomes = {step.step: step.parameters.get("outcome") for step in evened.assessment.preprocessing}
    assert (outcomes["illumination"], outcomes["colour_cast"]) == ("correct", "measure")


@pytest.mark.parametrize(("side", "site"), [("L", "left_forearm"), (None, "forearm")])
def test_the_site_of_a_dicom_file_counts_where_none_is_told(skin_photo, predictor, side, site):
    content = dicom_photograph(read_photo(skin_photo).pixels, side=side, spacing_mm=0.2)
    outcome = assess_photo(content, PatientContext(), predictor=predictor)
    assert outcome.assessment.site == site
    assert outcome.assessment.severity.region_score.region == "upper_limbs"
    assert outcome.assessment.area.lesion_size.known_by == "pixel_spacing"
    scale = outcome.assessment.preprocessing[0].parameters
    assert (scale["known_by"], scale["mm_per_pixel"]) == ("pixel_spacing", 0.2)
    told = assess_photo(content, PatientContext(site="back"), predictor=predictor)
    assert (told.assessment.site, told.assessment.severity.region_score.region) == ("back", "trunk")


def dicom_photograph(pixels, *, side, spacing_mm):
    """A Secondary Capture written by pydicom: a forearm by its SNOMED CT code."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = SecondaryCaptureImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid(entropy_srcs=["site"])
    dataset.Modality, dataset.PhotometricInterpretation = "XC", "RGB"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = *pixels.shape[:2], 3
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.PlanarConfiguration = 7, 0, 0
    dataset.PixelSpacing = [spacing_mm, spacing_mm]
    dataset.AnatomicRegionSequence = [Dataset()]
    dataset.AnatomicRegionSequence[0].CodeValue = "14975008"
    dataset.AnatomicRegionSequence[0].CodingSchemeDesignator = "SCT"
    dataset.AnatomicRegionSequence[0].CodeMeaning = "Forearm"
    if side is not None:
        dataset.ImageLaterality = side
    dataset.PixelData = pixels.tobytes()
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def test_checking_measures_where_it_is_asked_to(skin_photo):
    plan = plan_check(Settings(preprocess=("artefacts",)))
    checked = check_photo(skin_photo, preparation=plan)
    assert [step.step for step in checked.preprocessing] == ["artefacts", "background"]
    assert checked.preprocessing[-1].parameters["method"] == "colour"
    assert plan_check(Settings(preprocess=())) is None
    assert check_photo(skin_photo).preprocessing == ()


def test_a_photo_that_fails_the_gate_is_checked_and_not_scored(skin_photo, predictor):
    outcome = assess_photo(skin_photo, PatientContext(), predictor=predictor, intake=UNSEEABLE)
    assert isinstance(outcome, CheckedPhoto)
    assert [check.name for check in outcome.quality.checks if not check.passed] == ["sharpness"]


def test_every_step_taken_is_timed_and_the_total_holds_them(skin_photo, predictor, ticking):
    outcome = assess_photo(skin_photo, PatientContext(), predictor=predictor, clock=ticking)
    assert isinstance(outcome, AssessedPhoto)
    timings = outcome.assessment.timings_ms
    steps = (timings.decode, timings.quality, timings.preprocess, timings.features, timings.decision)
    # Preparation is timed twice: what the network takes, and what is measured once it has looked.
    assert steps == pytest.approx((1, 1, 2, 1, 1))
    # The network is asked twice: what it sees, and what it answers.
    assert timings.inference == pytest.approx(2)
    assert timings.total is not None
    assert timings.total >= 7


def test_checking_needs_no_model(skin_photo, ticking):
    checked = check_photo(skin_photo, clock=ticking)
    assert checked.quality.accepted
    assert checked.timings_ms.inference is None


def test_what_is_no_photo_is_refused_by_intake(predictor):
    with pytest.raises(NotAnImage):
        assess_photo(b"hello", PatientContext(), predictor=predictor)


def test_photos_come_in_through_the_reader_given(skin_photo):
    with IsolatedReader(IntakeLimits(max_bytes=10)) as reader, pytest.raises(PhotoTooLarge):
        check_photo(skin_photo, intake=Intake(reader.read))


def fetching(*contents):
    """Photos for `assess_photos`, of patients of whom nothing is known."""
    return [(partial(bytes, content), PatientContext()) for content in contents]


def test_many_photos_get_the_answers_that_each_gets_alone_in_their_order(skin_photo, predictor):
    other = encode(
        render(SkinSpec(seed=8, tone=2, signs=(1, 0, 0, 1, 0, 1), area=0.2, size=(320, 320))).pixels, SetConfig()
    )
    contents = [skin_photo, b"hello", other, other, b"", skin_photo]
    many = list(assess_photos(fetching(*contents), predictor=predictor, workers=2))
    assert [type(outcome) for outcome in (many[1], many[4])] == [NotAnImage, EmptyFile]
    alone = {content: assess_photo(content, PatientContext(), predictor=predictor) for content in (skin_photo, other)}
    assert alone[skin_photo].assessment.diagnosis != alone[other].assessment.diagnosis
    for index in (0, 2, 3, 5):
        one, among_many = alone[contents[index]], many[index]
        assert replace(among_many.assessment, timings_ms=one.assessment.timings_ms) == one.assessment
        assert np.array_equal(among_many.prediction.lesion_map, one.prediction.lesion_map)


def test_of_many_photos_each_has_its_own_context_and_gate(skin_photo, predictor):
    sites = ("left_forearm", "right_lower_leg", None)
    photos = [(partial(bytes, skin_photo), PatientContext(site=site)) for site in sites]
    outcomes = list(assess_photos(photos, predictor=predictor, workers=2))
    assert tuple(outcome.assessment.site for outcome in outcomes) == sites
    (refused,) = assess_photos(photos[:1], predictor=predictor, workers=1, thresholds=UNSEEABLE.thresholds)
    assert isinstance(refused, CheckedPhoto)


def test_contents_are_fetched_when_their_turn_comes_and_never_all(predictor):
    fetched, asked = [], []

    def photos():
        for number in range(100):
            asked.append(number)
            yield partial(fetch, number), PatientContext()

    def fetch(number):
        fetched.append(number)
        return b"hello"

    outcomes = assess_photos(photos(), predictor=predictor, workers=2)
    assert fetched == []
    for done, _ in zip(range(1, 11), outcomes, strict=False):
        assert len(asked) < done + 8
    assert len(fetched) <= len(asked)
    outcomes.close()
    assert len(fetched) < 20


def test_a_photo_that_cannot_be_fetched_or_fails_of_our_own_fault_stops_no_other(skin_photo, predictor, monkeypatch):
    def missing():
        raise FileUnreadable("The file cannot be opened.")

    faults = iter([ZeroDivisionError(), None])

    def prepare_or_fail(*arguments, **named):
        if fault := next(faults):
            raise fault
        return prepare(*arguments, **named)

    monkeypatch.setattr(workflow, "prepare", prepare_or_fail)
    photos = [(missing, PatientContext()), *fetching(skin_photo, skin_photo)]
    first, second, third = assess_photos(photos, predictor=predictor, workers=1)
    assert isinstance(first, FileUnreadable)
    assert isinstance(second, ZeroDivisionError)
    assert isinstance(third, AssessedPhoto)


def test_an_error_that_waits_does_not_hold_its_photo(predictor):
    content = b"hello, this is no photo"
    (error,) = assess_photos(fetching(content), predictor=predictor, workers=1)
    assert isinstance(error, NotAnImage)
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    assert len(frames) > 1
    assert not any(content in frame.f_locals.values() for frame in frames)


def test_every_worker_has_a_reader_of_its_own_which_is_closed_in_the_end(skin_photo, predictor):
    opened = []

    def open_reader():
        opened.append(IsolatedReader(IntakeLimits(max_bytes=10)))
        return opened[-1]

    outcomes = list(assess_photos(fetching(*[skin_photo] * 3), predictor=predictor, workers=2, open_reader=open_reader))
    assert [type(outcome) for outcome in outcomes] == [PhotoTooLarge] * 3
    assert len({reader.process_id for reader in opened}) == 2
    for reader in opened:
        with pytest.raises(ProcessLookupError):
            os.kill(reader.process_id, 0)


def test_a_patient_is_read_visit_by_visit_and_twice_the_same(skin_photo, predictor):
    days = [date(2026, 3, 2), date(2026, 1, 10), date(2026, 1, 10)]
    sites = ["left_forearm", "back", None]
    photos = [
        (lambda: skin_photo, PatientContext(age_years=30.0, site=site, sites=("left_forearm", "back"), captured_on=day))
        for day, site in zip(days, sites, strict=True)
    ]
    photos.append((lambda: b"no photo", photos[0][1]))
    found, again = (workflow.assess_patient(photos, predictor=predictor, workers=1) for _ in range(2))
    assert found.visit_numbers == (2, 1, 1, 2)
    assert found.used == (True, True, False, False)
    assert isinstance(found.outcomes[3], NotAnImage)
    assert [visit.day for visit in found.visits] == sorted(set(days))
    assert found.visits[0].easi is not None
    assert [visit.easi for visit in found.visits] == [visit.easi for visit in again.visits]
    assert len(found.changes) == 1
    assert found.sides == ()
