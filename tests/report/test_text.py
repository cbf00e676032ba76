"""The terminal answer: one screen, every unknown with its reason, abstention before everything else."""

import re
from dataclasses import replace

from flexura.records import (
    Abstention,
    Area,
    CalibrationGroup,
    CitedFinding,
    CriteriaResult,
    Criterion,
    NotCovered,
    PredictionSet,
    QualityReport,
    RankedDiagnosis,
    Reason,
    Recommendation,
    RegionScore,
)
from flexura.report.text import WIDTH, bar, spark, write_answer, write_quality, write_reasons
from flexura.report.wording import DISCLAIMER


def flat(text):
    return " ".join(text.split())


def test_bars_in_eighths_of_a_character():
    assert bar(0.0, width=8) == ""
    assert bar(1.0, width=2) == "██"
    assert bar(1 / 16, width=2) == "▏"
    assert bar(0.0001, width=2) == "▏", "what is above nothing shows"


def test_spark_has_one_column_per_grade():
    assert spark((0.0, 1.0, 0.125)) == "· █ ▂"


def test_the_answer_fits_one_screen(assessment):
    lines = write_answer(assessment).splitlines()
    assert len(lines) <= 32
    assert max(map(len, lines)) <= WIDTH


def test_the_answer_says_what_it_is_how_sure_how_bad(assessment):
    text = flat(write_answer(assessment))
    assert "Most likely Atopic dermatitis (atopic eczema), 58 %" in text
    assert "Eczema of any kind 79 %, more likely than not" in text
    assert "* Psoriasis 9 %" in text
    assert "Tinea (dermatophytosis) 5 %" in text
    assert "* Tinea" not in text
    assert "2 others together 3 %" in text
    assert "Erythema (redness) 1.9 1 to 3" in text
    assert "Affected area 12 % of the visible skin (6 to 21 %), EASI area score 2" in text
    assert "EASI of the region 8.3 of 72 (4.0 to 14.0), upper limbs" in text


def test_what_speaks_for_and_against_the_first_diagnosis_is_said(assessment):
    said = ((CitedFinding("itches", "Doe 2020"),), (CitedFinding("in armpits or groin", "Doe 2020"),))
    first = replace(assessment.diagnosis, supporting=said[0], opposing=said[1])
    text = flat(write_answer(replace(assessment, diagnosis=first)))
    assert "For it itches Against in armpits or groin" in text
    assert "For it" not in write_answer(assessment)


def test_a_large_prediction_set_is_cut_and_counted(assessment):
    ranking = tuple(RankedDiagnosis(f"code_{n}", f"Disease {n}", None, 0.05) for n in range(20))
    chosen = PredictionSet(0.9, tuple(row.code for row in ranking[:12]))
    diagnosis = replace(assessment.diagnosis, ranking=ranking, prediction_set=chosen)
    text = flat(write_answer(replace(assessment, diagnosis=diagnosis)))
    assert "* Disease 7 5 %" in text
    assert "Disease 8" not in text
    assert "12 others together, 4 of them in the set 60 %" in text


def test_without_a_set_no_diagnosis_is_marked(assessment):
    every = tuple(row.code for row in assessment.diagnosis.ranking)
    chosen = PredictionSet(0.9, every, CalibrationGroup("tan", 4, 9))
    text = flat(write_answer(replace(assessment, diagnosis=replace(assessment.diagnosis, prediction_set=chosen))))
    assert "Diagnoses (no 90 % set; 4 held-out photos of tan skin, 9 are needed)" in text
    assert "* Atopic" not in text
    known = PredictionSet(0.9, every, CalibrationGroup("tan", 65, 9))
    text = flat(write_answer(replace(assessment, diagnosis=replace(assessment.diagnosis, prediction_set=known))))
    assert f"Diagnoses (* = the 90 % set: {len(every)} of {len(every)}; 65 held-out photos of tan skin)" in text


def test_the_disclaimer_stands_once(assessment):
    assert flat(write_answer(assessment)).count(DISCLAIMER) == 1


def test_abstention_comes_first_and_hides_nothing(assessment):
    reasons = (Reason("out_of_distribution", "The photo is unlike those the model was made with."),)
    text = write_answer(replace(assessment, abstained=Abstention(reasons)))
    assert text.startswith("DO NOT RELY ON THIS ANSWER\n")
    assert "[out_of_distribution]" in text
    assert "Atopic dermatitis (atopic eczema), 58 %" in text


def test_unknown_area_and_score_give_their_reasons_and_no_zero(assessment):
    answer = replace(
        assessment,
        area=Area(None, None, 0.04, None),
        severity=replace(assessment.severity, region_score=RegionScore(None, None, None)),
        not_covered=(
            NotCovered("area", "too little skin"),
            NotCovered("severity.region_score.value", "needs the area"),
        ),
    )
    text = flat(write_answer(answer))
    assert "Affected area unknown: too little skin" in text
    assert "EASI of the region unknown: needs the area" in text


def test_a_score_of_an_unnamed_region_keeps_its_value(assessment):
    unnamed = replace(assessment.severity.region_score, region=None)
    text = flat(write_answer(replace(assessment, severity=replace(assessment.severity, region_score=unnamed))))
    assert "EASI of the region 8.3 of 72 (4.0 to 14.0), region unknown" in text


def test_quality_shows_every_check_and_the_advice_of_the_failed(assessment):
    first, second = assessment.quality.checks
    text = write_quality(QualityReport((first, replace(second, passed=False, value=0.1))))
    assert "sharpness" in text
    assert "passed" in text
    assert "FAILED: not_enough_skin" in text
    assert "≥ 0.25" in text
    assert text.endswith("- Move closer.")
    assert first.advice not in text


def test_a_check_that_only_advises_does_not_fail(assessment):
    hint = replace(assessment.quality.checks[1], passed=False, gating=False)
    text = write_quality(QualityReport((hint,)))
    assert "FAILED" not in text
    assert "advice: not_enough_skin" in text
    assert text.endswith("- Move closer.")


def test_long_reasons_are_wrapped():
    text = write_reasons([Reason("code", "word " * 60)])
    assert max(map(len, text.splitlines())) <= WIDTH


def test_criteria_are_told_only_where_something_was_told(assessment):
    met = Criterion("itch", "itchy skin", "required", True)
    result = CriteriaResult(None, 1, ("dry",), "Some Set", "A source", ("Is it dry?",), (met,))
    decided = replace(result, name="Other Set", met=True, questions=())
    text = write_answer(replace(assessment, criteria={"some_set": result, "other_set": decided}))
    assert re.search(r"Some Set +cannot be told; 1 questions left", text)
    assert re.search(r"Other Set +met\n", text)
    untold = replace(result, criteria=(replace(met, met=None),))
    assert "Some Set" not in write_answer(replace(assessment, criteria={"some_set": untold}))


def test_guidance_in_brief_names_topics_and_says_what_a_chapter_holds_alone(assessment):
    line = Recommendation("Twice a week.", "strong", "6 years", "AAD, topical", "2023", None, False, "maintenance", "x")
    flares = [replace(line, topic="Between flares"), replace(line, topic="Between flares", strength="consider")]
    always = [replace(line, kind="basics", topic=topic) for topic in ("Emollient", "Food")]
    refer = replace(line, kind="referral", topic="When to refer", text="Diagnosis uncertain.")
    text = flat(write_answer(replace(assessment, recommendations=(*flares, *always, refer))))
    assert "Between flares: 2 options" in text
    assert "Always: Emollient, Food" in text
    assert "When to refer: Diagnosis uncertain. [strong; AAD]" in text
