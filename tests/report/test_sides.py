"""Left against right in words: a side only beyond the error, figures with units, and why something is missing."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from flexura.decision.whole.document import PatientReading, PhotoNote, patient_schema, to_patient_document
from flexura.decision.whole.sides import (
    FOLDS_ON_BOTH_SIDES,
    MEASURES,
    MORE_ON_ONE_SIDE,
    SHARE,
    More,
    SideDifference,
    SidePair,
)
from flexura.records import ModelInfo
from flexura.report.patient import WIDTH, render_patient, write_patient
from flexura.report.sides import hint_words, pair_lines, pair_words

REASONS = ("not_measured", "coloured_light", "light_differs", "scale_unknown", "scale_differs")
AFFECTED = SideDifference(SHARE, "share of skin", 0.25, (0.1, 0.4), "left", None)
REDDER = SideDifference("delta_a", "a*", -9.04, (-16.54, -1.54), "right", None)
SAME = SideDifference("delta_lightness", "L*", 1.0, (-13.6, 15.6), "within_error", None)
UNKNOWN = SideDifference("delta_gabor_4px", "octaves", None, None, "unknown", "scale_unknown")
PAIR = SidePair(1, "lower_leg", (3, 1), (AFFECTED, REDDER, SAME, UNKNOWN), 0.5, MORE_ON_ONE_SIDE)


def test_each_side_is_named_with_what_it_has_more_of():
    words = pair_words(PAIR)
    start = "Visit 1, lower leg, left (photo 3) against right (photo 1): "
    assert words.sentence == start + "left more affected; right redder."
    assert words.rows == (
        ("affected share", "share of skin", "+0.25", "+0.10 to +0.40", "left more affected"),
        ("redness", "a*", "-9.0", "-16.5 to -1.5", "right redder"),
        ("lightness", "L*", "+1.0", "-13.6 to +15.6", "no difference beyond the error"),
    )
    assert words.not_compared == "Not compared: fine grain: the scale of both photos is not known."


def test_no_side_inside_the_error_and_none_where_nothing_is_known():
    same = pair_lines(replace(PAIR, differences=(SAME,)))
    assert same[0].endswith(": no difference beyond the error of measurement.")
    assert same[1:] == ["lightness +1.0 (-13.6 to +15.6) L*"]
    unknown = pair_lines(replace(PAIR, differences=(UNKNOWN,)))
    assert unknown[0].endswith(": cannot be compared.")
    assert unknown[1:] == ["Not compared: fine grain: the scale of both photos is not known."]


@pytest.mark.parametrize("name", [SHARE, *(measure.name for measure in MEASURES)])
def test_every_measure_has_words(name):
    for more in get_args(More)[:2]:
        words = pair_words(replace(PAIR, differences=(replace(AFFECTED, name=name, more=more),)))
        assert words.sentence.endswith(f": {words.rows[0][4]}.")
        assert "_" not in words.rows[0][0]


def test_every_reason_has_words_and_the_schema_knows_it():
    differences = tuple(replace(UNKNOWN, reason=reason) for reason in REASONS)
    words = pair_words(replace(PAIR, differences=differences)).not_compared
    assert words.count("fine grain: ") == len(REASONS)
    pair = patient_schema()["properties"]["left_and_right"]["items"]
    known = pair["properties"]["differences"]["items"]["properties"]["reason"]["enum"]
    assert set(known) == {*REASONS, None}


def test_hints_are_told_once_with_their_source():
    words = hint_words([PAIR, replace(PAIR, visit=2), replace(PAIR, hints=(FOLDS_ON_BOTH_SIDES,))])
    assert words == [f"{hint.text} ({hint.source})" for hint in (*MORE_ON_ONE_SIDE, FOLDS_ON_BOTH_SIDES)]


@pytest.fixture
def patient(assessment):
    photos = tuple(PhotoNote(1, site, assessment, used=True) for site in ("right_lower_leg", "back", "left_lower_leg"))
    return PatientReading(photos, (), (), ModelInfo("flexura-test", "1", "ab" * 32, "none", "tests"), (PAIR,))


def test_the_patient_is_told_in_text_and_on_the_page(patient):
    text = write_patient(patient)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "Left and right\n  - Visit 1, lower leg, left (photo 3)" in text
    assert "redness -9.0 (-16.5 to -1.5) a*" in " ".join(text.split())
    page = render_patient(patient, written_at=datetime(2026, 3, 2, tzinfo=UTC))
    assert "left more affected; right redder." in page
    assert "<td>-9.0</td><td>-16.5 to -1.5</td><td>a*</td><td>right redder</td>" in page
    assert page.count(MORE_ON_ONE_SIDE[1].source.replace("&", "&amp;")) == 1
    without = replace(patient, sides=())
    assert "Left and right" not in write_patient(without)
    assert "Left and right" not in render_patient(without, written_at=datetime(2026, 3, 2, tzinfo=UTC))


def test_the_document_holds_the_figures(patient):
    document = to_patient_document(patient)
    Draft202012Validator(patient_schema()).validate(document)
    (pair,) = document["left_and_right"]
    assert (pair["site"], pair["photos"], pair["area_asymmetry"]) == ("lower_leg", {"left": 3, "right": 1}, 0.5)
    assert pair["differences"][1] == {
        "name": "delta_a",
        "unit": "a*",
        "left_minus_right": -9.04,
        "interval": [-16.54, -1.54],
        "more": "right",
        "reason": None,
    }
    assert pair["differences"][3]["left_minus_right"] is None
    assert pair["hints"][1]["source"] == MORE_ON_ONE_SIDE[1].source
