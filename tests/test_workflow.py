"""The clinic's verbs on a real photo and a real engine: what goes in, what comes out, in which order, how long."""

from dataclasses import replace
from itertools import count

import jsonschema
import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.document import assessment_schema, to_document
from flexura.errors import NotAnImage, PhotoTooLarge
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.intake.isolated import IsolatedReader
from flexura.intake.quality import QualityThresholds
from flexura.intake.read import IntakeLimits
from flexura.records import Look, PatientContext
from flexura.workflow import AssessedPhoto, CheckedPhoto, Intake, assess_photo, check_photo

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
    look = Look(np.zeros(3, np.float32), outcome.prediction.lesion_map, outcome.prediction.skin_map)
    unknown = np.full(len(CONTEXT_NAMES), np.nan, np.float32)
    unmeasured = np.full(len(FEATURE_NAMES), np.nan, np.float32)
    bare = predictor.answer(look, context=unknown, findings=unmeasured)
    assert outcome.prediction.distance < bare.distance == 1.0


def test_a_site_without_one_region_leaves_it_unknown(skin_photo, predictor):
    outcome = assess_photo(skin_photo, PatientContext(site="whole_body"), predictor=predictor)
    assert isinstance(outcome, AssessedPhoto)
    assert outcome.assessment.severity.region_score.region is None


def test_a_photo_that_fails_the_gate_is_checked_and_not_scored(skin_photo, predictor):
    outcome = assess_photo(skin_photo, PatientContext(), predictor=predictor, intake=UNSEEABLE)
    assert isinstance(outcome, CheckedPhoto)
    assert [check.name for check in outcome.quality.checks if not check.passed] == ["sharpness"]


def test_every_step_taken_is_timed_and_the_total_holds_them(skin_photo, predictor, ticking):
    outcome = assess_photo(skin_photo, PatientContext(), predictor=predictor, clock=ticking)
    assert isinstance(outcome, AssessedPhoto)
    timings = outcome.assessment.timings_ms
    steps = (timings.decode, timings.quality, timings.preprocess, timings.features, timings.decision)
    assert steps == pytest.approx((1, 1, 1, 1, 1))
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
