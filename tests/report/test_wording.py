"""Numbers and words, each against a value worked out by hand."""

from dataclasses import replace

import pytest

from flexura.decision.tone_groups import GROUP_NAMES
from flexura.records import SIGN_NAMES, CalibrationGroup, NotCovered, OutOfDistribution, PredictionSet, QualityCheck
from flexura.report import wording


@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        (0.0, "0 %"),
        (0.001, "<1 %"),
        (0.005, "<1 %"),
        (0.0051, "1 %"),
        (0.714, "71 %"),
        (0.9949, "99 %"),
        (0.999, ">99 %"),
        (1.0, "100 %"),
    ],
)
def test_percentages_never_round_to_certainty(fraction, words):
    assert wording.percent(fraction) == words


@pytest.mark.parametrize(
    ("distribution", "words"),
    [
        ((1.0, 0.0, 0.0, 0.0), "0"),
        ((0.05, 0.9, 0.05, 0.0), "1"),
        ((0.06, 0.88, 0.06, 0.0), "0 to 2"),
        ((0.25, 0.25, 0.25, 0.25), "0 to 3"),
        ((0.0, 0.0, 0.0, 0.1, 0.9), "3 to 4"),
    ],
)
def test_a_range_cuts_off_at_most_a_twentieth_on_each_side(distribution, words):
    assert wording.grade_range(distribution) == words


def test_ranges_are_written_with_both_ends():
    assert wording.percent_range((0.06, 0.214)) == "6 to 21 %"
    assert wording.decimal_range((4.0, 14.04)) == "4.0 to 14.0"


def test_eczema_stands_on_one_side_of_one_half():
    assert wording.eczema_words(0.5) == "more likely than not"
    assert wording.eczema_words(0.49) == "less likely than not"


def test_an_unfamiliar_photo_is_called_so():
    assert wording.familiarity_words(OutOfDistribution(0.97, 0.95, True)).startswith("unlike")
    assert wording.familiarity_words(OutOfDistribution(0.5, 0.95, False)).startswith("like")


def test_the_whole_prediction_set_is_listed_beyond_the_limit(assessment):
    wide = replace(assessment.diagnosis, prediction_set=PredictionSet(0.9, ("atopic_dermatitis", "vitiligo")))
    shown = wording.shown_diagnoses(replace(assessment, diagnosis=wide), 2)
    assert [row.code for row in shown] == ["atopic_dermatitis", "contact_dermatitis", "vitiligo"]


def test_the_reason_of_an_unknown_is_found_at_the_field_its_parts_and_its_whole(assessment):
    gaps = (
        NotCovered("severity.easi", "one region"),
        NotCovered("area.interval", "no skin"),
        NotCovered("clinical", "later"),
    )
    answer = replace(assessment, not_covered=gaps)
    assert wording.why_unknown(answer, "severity.easi") == "one region"
    assert wording.why_unknown(answer, "area") == "no skin"
    assert wording.why_unknown(answer, "clinical.criteria") == "later"
    assert wording.why_unknown(answer, "sever") == "no reason was recorded"


def test_a_set_for_want_of_cases_marks_nothing_and_lists_no_more_than_the_limit(assessment):
    every = tuple(row.code for row in assessment.diagnosis.ranking)
    for cases, marked in ((8, 0), (9, len(every))):
        chosen = PredictionSet(0.9, every, CalibrationGroup("tan", cases, 9))
        answer = replace(assessment, diagnosis=replace(assessment.diagnosis, prediction_set=chosen))
        assert len(wording.marked_codes(chosen)) == marked
        assert len(wording.shown_diagnoses(answer, 2)) == max(2, marked)


def test_a_set_says_what_it_rests_on():
    codes = ("acne",)
    assert "all skin tones" in wording.basis_words(PredictionSet(0.9, codes))
    for name in GROUP_NAMES:
        told = wording.basis_words(PredictionSet(0.9, codes, CalibrationGroup(name, 20, 9)))
        assert told == f"20 held-out photos of {wording.TONE_WORDS[name]}"
    few = wording.basis_words(PredictionSet(0.9, codes, CalibrationGroup("tan", 4, 9)))
    assert few == "4 held-out photos of tan skin, 9 are needed"


def test_every_sign_has_words():
    assert tuple(wording.SIGN_WORDS) == SIGN_NAMES


@pytest.mark.parametrize(("threshold", "bound", "words"), [(0.72, "at_least", "≥ 0.72"), (9.0, "at_most", "≤ 9")])
def test_a_limit_says_which_side_passes(threshold, bound, words):
    check = QualityCheck("sharpness", 1.0, threshold, "ratio", True, "too_blurred", "Hold still.", bound)
    assert wording.limit_words(check) == words
