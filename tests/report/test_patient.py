"""The whole patient in words: ranges beside every figure, and no direction of change inside the error."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from flexura.decision.calibration import AreaErrors
from flexura.decision.red_flags.table import RED_FLAGS
from flexura.decision.whole.change import Change, PoemChange, compare_all
from flexura.decision.whole.document import PatientReading, PhotoNote, patient_schema, to_patient_document
from flexura.decision.whole.draws import SeenPhoto, draw_chance
from flexura.decision.whole.visit import BodyScore, Spread, read_visit
from flexura.records import SIGN_NAMES, Abstention, ModelInfo, PatientContext, Reason, Recommendation
from flexura.report.advice import red_flags_by_photo
from flexura.report.patient import (
    WIDTH,
    change_words,
    course_words,
    next_words,
    poem_words,
    render_patient,
    score_words,
    write_patient,
)

MODEL = ModelInfo("flexura-test", "1", "ab" * 32, "none", "tests")
PHOTO = SeenPhoto("back", dict.fromkeys(SIGN_NAMES, (0.1, 0.4, 0.4, 0.1)), 0.4)
ERRORS = AreaErrors((1.0,), ((-0.1, 0.0, 0.1),), 0.9)
DIRECTIONS = ("fell", "rose", "better", "worse", "improved", "↑", "↓")


@pytest.fixture
def patient(assessment):
    contexts = PatientContext(age_years=30.0, sites=("back",)), PatientContext(age_years=30.0)
    generator = np.random.default_rng(5)
    visits = tuple(
        read_visit([PHOTO], context, day=date(2026, month, 1), errors=ERRORS, chance=draw_chance(generator, 500))
        for month, context in enumerate(contexts, start=1)
    )
    refused = PhotoNote(2, "left_palm", None, used=False, reasons=(Reason("too_dark", "More <light> is needed."),))
    return PatientReading((PhotoNote(1, "back", assessment, used=True), refused), visits, compare_all(visits), MODEL)


def test_the_text_says_what_is_known_and_fits_the_screen(patient):
    text = write_patient(patient)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "Visit 1, 2026-01-01: 1 photos, 1 of them used" in text
    assert "90 % range" in text
    assert "Told to be clear" in text
    assert "photo 2: More <light> is needed." in text
    assert "bounds only" in text
    assert "A photo of the front trunk narrows this most" in " ".join(text.split())
    assert "Parts not known   18 of 19" in text
    assert "cannot be compared" in text
    assert "not a medical device" in " ".join(text.split())


def test_one_side_that_is_missing_is_named_and_both_are_a_pair():
    shown = [replace(PHOTO, site=site) for site in ("left_forearm", "back")]
    chance = draw_chance(np.random.default_rng(5), 500)
    told = PatientContext(age_years=30.0, sites=("forearm", "back"))
    one = read_visit(shown, told, day=None, errors=ERRORS, chance=chance)
    assert (next_words(one) or "").startswith("A photo of the right forearm narrows this most")
    both = read_visit(shown[1:], told, day=None, errors=ERRORS, chance=chance)
    assert (next_words(both) or "").startswith("A photo of the forearms narrows this most")


def test_an_answer_that_is_not_to_be_relied_on_says_so_among_the_photos(patient, assessment):
    doubted = replace(assessment, abstained=Abstention((Reason("low_confidence", "It is improbable."),)))
    noted = replace(patient, photos=(replace(patient.photos[0], assessment=doubted),))
    assert "Not to be relied on: It is improbable." in render_patient(
        noted, written_at=datetime(2026, 3, 2, tzinfo=UTC)
    )


def test_what_was_not_seen_is_said_once(patient):
    page = render_patient(patient, written_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    assert page.count("What was not seen") == 1
    for gap in {gap.reason for visit in patient.visits for gap in visit.not_covered}:
        assert page.count(gap) == 1
    # The second visit tells of no other part than the back.
    assert page.count("left foot, right foot") == 1


def test_time_in_bands_is_a_line_a_band_and_what_is_unknown(patient):
    assert "31 days unknown: no score at a visit" in write_patient(patient)
    first = patient.visits[0]
    known = replace(patient, visits=(first, replace(first, day=date(2026, 1, 31))))
    words = course_words(known.course)
    assert words[0].startswith("Time in bands of EASI, 30 days")
    assert all(" days, 90 % range " in line for line in words[1:])
    assert "Time in bands of EASI" in render_patient(known, written_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert course_words(None) == []


def _flag(row):
    return Recommendation(row.action, row.strength, "told", row.source.name, "1", None, True, "red_flag", row.name)


def test_red_flags_of_any_photo_come_first_and_once(patient, assessment):
    later, first = _flag(RED_FLAGS[5]), _flag(RED_FLAGS[1])
    answers = [replace(assessment, recommendations=flags) for flags in ((later,), (first, later), ())]
    flagged = replace(patient, photos=tuple(PhotoNote(1, "back", answer, used=True) for answer in answers))
    assert list(red_flags_by_photo(note.red_flags for note in flagged.photos).items()) == [
        (first, [2]),
        (later, [1, 2]),
    ]
    text = write_patient(flagged)
    assert text.startswith("RED FLAGS, to be excluded first\n  - Photo 2: " + RED_FLAGS[1].name)
    assert f"  - Photos 1, 2: {RED_FLAGS[5].name}" in text
    page = render_patient(flagged, written_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    assert page.index("Red flags, to be excluded first") < page.index("Visit 1")
    document = to_patient_document(flagged)
    Draft202012Validator(patient_schema()).validate(document)
    assert [[flag["topic"] for flag in photo["red_flags"]] for photo in document["photos"]] == [
        [RED_FLAGS[5].name],
        [RED_FLAGS[1].name, RED_FLAGS[5].name],
        [],
    ]
    assert "Red flags" not in render_patient(patient, written_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


def test_the_page_loads_nothing_and_escapes(patient):
    page = render_patient(patient, written_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    assert "http:" not in page
    assert "https:" not in page
    assert "src=" not in page
    assert "<script" not in page
    assert "Not used: More &lt;light&gt; is needed." in page
    assert "Visit 2, 2026-02-01" in page
    assert "left palm" in page
    assert "cannot be compared" in page
    assert page.count("<h1") == 1


def change(verdict, difference=-5.0, **more):
    interval = None if difference is None else (difference - 12, difference + 12)
    told = {"important": None, "responses": ((50, None), (75, None), (90, None)), **more}
    return Change(date(2026, 1, 1), date(2026, 2, 1), difference, interval, verdict, **told)


@pytest.mark.parametrize("one", [change("within_error"), change("unknown", None)])
def test_no_direction_where_none_is_known(one):
    assert not [word for word in DIRECTIONS if word in change_words(one)]


def test_a_direction_beyond_the_error():
    responses = ((50, True), (75, True), (90, None))
    words = change_words(change("fell", -30.0, important=True, responses=responses))
    assert "fell by 30.0 points (95 % range -42.0 to -18.0)" in words
    assert words.endswith("At least the important change of 6.6 points. Reached EASI-75.")
    assert "rose by 20.0" in change_words(change("rose", 20.0))


@pytest.mark.parametrize(
    ("poem", "end"),
    [
        (PoemChange(2, "within_error"), "no change beyond the measurement error."),
        (PoemChange(-5, "very_likely_important"), "fell by 5 points, very likely important."),
        (PoemChange(3, "probably_important"), "rose by 3 points, probably important."),
    ],
)
def test_poem_in_words(poem, end):
    assert poem_words(change("unknown", None, poem=poem)) == f"POEM from 2026-01-01 to 2026-02-01: {end}"


def test_poem_that_was_not_told_twice_is_not_spoken_of():
    assert poem_words(change("unknown", None)) is None


def test_scores_in_words():
    spread = Spread(1.0, 0.0, 14.2)
    known = BodyScore(3.6, (0.0, 11.0), "mild", ("clear", "moderate"), "leshem_2015", spread)
    assert score_words(known) == "3.6 (mild), 90 % range 0.0 to 11.0 (clear to moderate)"
    bounds = BodyScore(None, (1.2, 6.0), None, ("mild", "mild"), "leshem_2015", spread)
    assert score_words(bounds) == "between 1.2 and 6.0 (mild)"
    assert score_words(None) == "unknown"
