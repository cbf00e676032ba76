"""The document of a patient satisfies its schema whatever is unknown, and holds what was read."""

import json
from dataclasses import replace
from datetime import date

import jsonschema
import numpy as np
import pytest

from flexura.decision.calibration import AreaErrors
from flexura.decision.whole.change import compare_all
from flexura.decision.whole.document import PatientReading, PhotoNote, patient_schema, to_patient_document
from flexura.decision.whole.draws import SeenPhoto, draw_chance
from flexura.decision.whole.visit import read_visit
from flexura.records import SIGN_NAMES, ModelInfo, PatientContext, Reason

MODEL = ModelInfo("flexura-test", "1", "ab" * 32, "none", "tests")
PHOTO = SeenPhoto("back", dict.fromkeys(SIGN_NAMES, (0.1, 0.4, 0.4, 0.1)), 0.4)
ERRORS = AreaErrors((1.0,), ((-0.1, 0.0, 0.1),), 0.9)


def patient(*contexts):
    generator = np.random.default_rng(5)
    visits = tuple(
        read_visit([PHOTO], context, day=None, errors=ERRORS, chance=draw_chance(generator, 200))
        for context in contexts
    )
    photos = tuple(
        PhotoNote(number, "back", None, used=False, reasons=(Reason("too_dark", "More light."),))
        for number in range(1, len(contexts) + 1)
    )
    return PatientReading(photos, visits, compare_all(visits), MODEL)


CLEAR = PatientContext(age_years=30.0, sites=("back",))
BOUNDS = PatientContext(age_years=3.0)
NO_AGE = PatientContext()


@pytest.mark.parametrize("contexts", [(CLEAR,), (BOUNDS,), (NO_AGE,), (CLEAR, CLEAR), (CLEAR, BOUNDS, NO_AGE)])
def test_the_document_satisfies_its_schema(contexts):
    document = to_patient_document(patient(*contexts))
    jsonschema.validate(document, patient_schema())
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert [visit["photos"] for visit in document["visits"]] == [[number + 1] for number in range(len(contexts))]


def test_a_change_of_poem_is_in_the_document():
    document = to_patient_document(patient(replace(CLEAR, poem=17), replace(CLEAR, poem=13), CLEAR))
    jsonschema.validate(document, patient_schema())
    told = {"difference": -4, "verdict": "very_likely_important"}
    assert [change["poem"] for change in document["changes"]] == [told, None, None]


def test_the_schema_itself_is_one():
    jsonschema.Draft202012Validator.check_schema(patient_schema())


def test_unknown_is_null_with_a_reason():
    visit = to_patient_document(patient(BOUNDS))["visits"][0]
    assert visit["easi"]["value"] is visit["easi"]["band"] is None
    assert "easi.value" in {gap["field"] for gap in visit["not_covered"]}
    nothing = to_patient_document(patient(NO_AGE))["visits"][0]
    assert nothing["easi"] is nothing["objective_scorad"] is nothing["next_photo"] is None
    assert {"easi", "objective_scorad"} <= {gap["field"] for gap in nothing["not_covered"]}


def test_time_in_bands_is_told_where_visits_have_days():
    assert to_patient_document(patient(CLEAR, CLEAR))["time_in_bands"] is None
    undated = patient(CLEAR, CLEAR)
    days = (date(2026, 1, 1), date(2026, 1, 31))
    dated = replace(
        undated, visits=tuple(replace(visit, day=day) for visit, day in zip(undated.visits, days, strict=True))
    )
    document = to_patient_document(dated)
    jsonschema.validate(document, patient_schema())
    course = document["time_in_bands"]
    assert (course["days_known"], course["days_unknown"]) == (30, 0)
    assert sum(one["days"] for one in course["bands"]) == pytest.approx(30, abs=0.3)


def test_limits_of_change_are_told():
    limits = to_patient_document(patient(CLEAR, CLEAR))["measurement_error"]
    assert (limits["easi_standard_error"], limits["easi_smallest_detectable_change"]) == (4.31, 11.95)
    assert limits["easi_important_change"] == 6.6
