"""One case from prediction to assessment, and each prediction that does not fit its bundle."""

import math
from dataclasses import replace

import numpy as np
import pytest

from flexura.decision.calibration import Calibration, ConformalQuantile, ToneScores
from flexura.decision.decide import decide
from flexura.decision.findings.settling import would_settle
from flexura.decision.findings.unsaid import why_unsaid
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import BundleMismatch
from flexura.records import (
    SIGN_NAMES,
    Assessment,
    Case,
    CitedFinding,
    FeatureValue,
    FeatureVector,
    ModelInfo,
    PartialAnswers,
    PatientContext,
    Prediction,
    Timings,
)


@pytest.fixture
def assessment(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> Assessment:
    return decide(case, prediction, calibration=calibration, model=model)


def test_ranking_holds_every_code_once_by_falling_probability(assessment: Assessment) -> None:
    ranking = assessment.diagnosis.ranking
    assert {row.code for row in ranking} == {label.code for label in TAXONOMY}
    shares = [row.probability for row in ranking]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)
    first = ranking[0]
    assert (first.code, first.snomed, first.probability) == ("atopic_dermatitis", "24079001", pytest.approx(0.6))
    assert [row.code for row in ranking[:3]] == ["atopic_dermatitis", "psoriasis", "contact_dermatitis"]


def test_eczema_is_the_sum_of_its_family(assessment: Assessment) -> None:
    # .6 + .1 + five of the 32 codes that share .05.
    eczema = assessment.diagnosis.is_eczema
    assert eczema.probability == pytest.approx(0.7 + 5 * 0.05 / 32)
    assert len(eczema.subtype_mass) == 7
    assert eczema.subtype_mass["contact_dermatitis"] == pytest.approx(0.1)


def test_prediction_set_and_alternatives(assessment: Assessment) -> None:
    # Mass before the codes: 0, .6, .85; the quantile is .7.
    assert assessment.diagnosis.prediction_set.codes == ("atopic_dermatitis", "psoriasis")
    assert assessment.diagnosis.prediction_set.coverage == 0.9
    assert [other.code for other in assessment.alternatives] == ["psoriasis"]


def test_the_set_rests_on_photos_of_the_own_skin_tone(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo, assessment: Assessment
) -> None:
    scores = {"light": (0.0,) * 20, "tan": (0.7,) * 30, "brown_or_dark": (0.9,) * 40, "unmeasured": ()}
    grouped = replace(calibration, tone_scores=tuple(ToneScores(*group) for group in scores.items()))
    sizes = {}
    for angle in (50.0, 20.0, -20.0, np.nan):
        tone = FeatureVector(("skin_ita",), np.array([angle], np.float32), ("degrees",))
        found = decide(replace(case, features=tone), prediction, calibration=grouped, model=model).diagnosis
        group = found.prediction_set.group
        assert group is not None
        sizes[group.name, group.cases] = len(found.prediction_set.codes)
    # Mass before the codes: 0, .6, .85, .95, .9516...; without cases every code is kept.
    assert sizes == {("light", 20): 1, ("tan", 30): 2, ("brown_or_dark", 40): 3, ("unmeasured", 0): 35}
    assert assessment.diagnosis.prediction_set.group is None


def test_confidence_is_the_leading_probability(assessment: Assessment) -> None:
    assert assessment.confidence.score == assessment.diagnosis.ranking[0].probability
    assert assessment.confidence.calibrated


def test_temperature_flattens_but_keeps_the_order(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo, assessment: Assessment
) -> None:
    warmer = decide(case, prediction, calibration=replace(calibration, temperature=2.0), model=model)
    assert warmer.confidence.score < assessment.confidence.score
    assert [row.code for row in warmer.diagnosis.ranking] == [row.code for row in assessment.diagnosis.ranking]


def test_offsets_of_a_clinic_change_the_odds_and_the_samples_alike(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    # Psoriasis, .25 against .6, is four times as common here as at home: 1.0 against .6.
    offsets = [0.0] * 35
    offsets[10] = math.log(4)
    found = decide(case, prediction, calibration=replace(calibration, logit_offsets=tuple(offsets)), model=model)
    first, second = found.diagnosis.ranking[:2]
    assert (first.code, second.code) == ("psoriasis", "atopic_dermatitis")
    assert first.probability / second.probability == pytest.approx(1 / 0.6, rel=1e-4)
    assert found.uncertainty.model == pytest.approx(0.0, abs=1e-6)


def test_severity_and_area(assessment: Assessment) -> None:
    severity, area = assessment.severity, assessment.area
    assert tuple(severity.signs) == SIGN_NAMES
    assert [grade.expected for grade in severity.signs.values()] == [2.0] * 6
    assert severity.iga.expected == pytest.approx(2.5)
    assert area.lesion_fraction_of_skin == 0.25
    assert area.skin_fraction_of_photo == 0.5
    # Signs 2, 2, 2, 2; area .16 to .34, of which 14 of 19 errors score 2 and 5 (.30 to .34) score 3.
    assert severity.region_score.region == "upper_limbs"
    assert severity.region_score.value == pytest.approx(8 * (14 * 2 + 5 * 3) / 19)
    assert severity.region_score.interval == (16.0, 24.0)


def test_uncertainty_and_distance(assessment: Assessment) -> None:
    assert assessment.uncertainty.model == pytest.approx(0.0, abs=1e-6)
    assert assessment.uncertainty.out_of_distribution.score == 0.25
    assert not assessment.uncertainty.out_of_distribution.flag


def test_a_plain_answer_is_not_abstained(assessment: Assessment) -> None:
    assert assessment.abstained is None
    assert assessment.timings_ms == Timings()
    assert assessment.site == "left_antecubital_fossa"


def test_unmeasured_calibration_is_called_uncalibrated(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    found = decide(case, prediction, calibration=replace(calibration, expected_calibration_error=None), model=model)
    assert not found.confidence.calibrated
    assert "confidence.expected_calibration_error" in {gap.field for gap in found.not_covered}


def test_no_more_than_five_alternatives(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    wide = replace(calibration, conformal=ConformalQuantile(1.0, 0.9))
    found = decide(case, prediction, calibration=wide, model=model)
    assert len(found.diagnosis.prediction_set.codes) == 35
    assert len(found.alternatives) == 5


def test_alternatives_say_what_speaks_for_and_against_them(assessment: Assessment) -> None:
    """Every sign has grade 2: scaly and oozing are there; psoriasis is scaly, and no border was measured."""
    psoriasis = assessment.alternatives[0]
    nice = "NICE CG153 (2012, updated 2017), chapter 1"
    assert psoriasis.supporting == (CitedFinding("redder than the own skin", nice), CitedFinding("dry or scaly", nice))
    assert psoriasis.opposing == ()
    assert tuple(step.text for step in psoriasis.would_settle_it or ()) == (
        "Look for nail changes and for plaques on scalp, elbows and knees",
        "Ask about joint pain",
        "Review 4 weeks after the start of a topical treatment, in children after 2",
    )


def test_a_code_without_description_is_not_looked_for(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    wide = replace(calibration, conformal=ConformalQuantile(1.0, 0.9))
    likely = prediction.logits.copy()
    likely[[label.code for label in TAXONOMY].index("other_infection")] += 5
    found = decide(case, replace(prediction, logits=likely), calibration=wide, model=model)
    other = next(row for row in found.alternatives if row.code == "other_infection")
    assert (other.supporting, other.opposing) == (None, None)
    assert tuple(step.text for step in other.would_settle_it or ()) == (
        "Scraping, swab or biopsy for microscopy and culture, early where immunity is suppressed",
    )


def test_features_of_the_case_stand_in_the_answer(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo, assessment: Assessment
) -> None:
    vector = FeatureVector(("delta_a", "border_sharpness"), np.array([7.5, np.nan], np.float32), ("a*", "1/px"))
    found = decide(replace(case, features=vector), prediction, calibration=calibration, model=model)
    assert found.features == {"delta_a": FeatureValue(7.5, "a*"), "border_sharpness": FeatureValue(None, "1/px")}
    gaps = [gap.reason for gap in found.not_covered if gap.field == "features"]
    assert gaps == [
        "Some of colour, texture and border could not be measured on this photo, such as a border without contrast."
    ]
    assert assessment.features == {}
    assert [gap.reason for gap in assessment.not_covered if gap.field == "features"] == [
        "Colour, texture and border were not measured on this photo."
    ]


def test_nothing_of_the_patient_shows_in_the_repr(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    known = replace(case, context=PatientContext(site="left_palm", age_years=37))
    shown = repr(decide(known, prediction, calibration=calibration, model=model)) + repr(known)
    assert "palm" not in shown
    assert "12 years" not in shown
    assert "37" not in repr(known.context)


def test_inputs_are_left_as_they_were(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    before = prediction.signs.copy()
    decide(case, prediction, calibration=calibration, model=model)
    assert (prediction.signs == before).all()


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("logits", np.zeros(30), "35 codes"),
        ("logit_samples", np.zeros((3, 30)), "35 codes"),
        ("logit_samples", np.zeros(35), "35 codes"),
        ("logits", np.full(35, np.nan), "finite"),
        ("logit_samples", np.full((3, 35), np.inf), "finite"),
        ("distance", float("nan"), "finite"),
        ("partial", PartialAnswers(("itch",), np.zeros((1, 35), np.float32)), "partial logits"),
        ("partial", PartialAnswers((), np.full((1, 35), np.nan, np.float32)), "finite"),
        ("lesion_map", np.zeros((4, 5)), "maps"),
        ("lesion_map", np.full((4, 4), 1.5), "lesion map"),
        ("skin_map", np.full((4, 4), np.nan), "skin map"),
        ("signs", np.full((6, 5), 0.2), "signs"),
        ("signs", np.full((6, 4), 0.3), "signs"),
        ("signs", np.tile([1.5, -0.5, 0.0, 0.0], (6, 1)), "signs"),
        ("iga", np.full(4, 0.25), "IGA"),
        ("iga", np.full(5, np.nan), "IGA"),
    ],
)
def test_prediction_that_does_not_fit_is_refused(  # noqa: PLR0917
    case: Case,
    prediction: Prediction,
    calibration: Calibration,
    model: ModelInfo,
    field: str,
    value: object,
    named: str,
) -> None:
    with pytest.raises(BundleMismatch, match=named):
        decide(case, replace(prediction, **{field: value}), calibration=calibration, model=model)  # type: ignore[arg-type]


def test_empty_maps_are_refused(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> None:
    empty = replace(prediction, lesion_map=np.zeros((0, 0), np.float32), skin_map=np.zeros((0, 0), np.float32))
    with pytest.raises(BundleMismatch, match="maps"):
        decide(case, empty, calibration=calibration, model=model)


def test_what_would_settle_the_first_diagnosis_is_said(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    diagnosis = decide(case, prediction, calibration=calibration, model=model).diagnosis
    assert diagnosis.would_settle_it == would_settle(diagnosis.ranking[0].code)
    assert all(step.source for step in diagnosis.would_settle_it or ())


def test_the_first_diagnosis_says_what_speaks_for_and_against_it_with_sources(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    itching = replace(case, context=replace(case.context, itch=7))
    found = decide(itching, prediction, calibration=calibration, model=model)
    assert found.diagnosis.ranking[0].code == "atopic_dermatitis"
    aad = "Eichenfield 2014 (AAD guideline), doi 10.1016/j.jaad.2013.10.010"
    assert CitedFinding("itches", aad) in (found.diagnosis.supporting or ())
    assert found.diagnosis.opposing == ()
    silent = prediction.logits.copy()
    silent[[label.code for label in TAXONOMY].index("other_infection")] += 50
    other = decide(case, replace(prediction, logits=silent), calibration=calibration, model=model)
    assert (other.diagnosis.supporting, other.diagnosis.opposing) == (None, None)
    assert {"diagnosis.for", "diagnosis.against"} <= {gap.field for gap in other.not_covered}
    assert "diagnosis.for" not in {gap.field for gap in found.not_covered}


@pytest.mark.parametrize("code", [label.code for label in TAXONOMY if label.code != "atopic_dermatitis"])
def test_each_of_the_others_is_told_as_an_alternative_or_says_why_not(
    code: str, case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    """Second in rank, with every fact of the context told; no part of it is silent."""
    place = [label.code for label in TAXONOMY].index(code)
    likely = prediction.logits.copy()
    likely[place] = likely[0] - 0.1
    wide = replace(calibration, conformal=ConformalQuantile(1.0, 0.9))
    told = replace(
        case.context,
        **{"age_years": 30.0, "itch": 8.0, "symptoms": ("pain",), "textures": ("raised_or_bumpy",)},
        **{"sites": ("left_antecubital_fossa", "right_antecubital_fossa"), "duration_days": 20.0},
        **{"course": "first_episode", "triggers": (), "onset_age_years": 29.0, "warning_signs": ()},
        **{"occupational_exposures": (), "atopy_self": (), "atopy_family": ()},
    )
    found = decide(replace(case, context=told), replace(prediction, logits=likely), calibration=wide, model=model)
    other = found.alternatives[0]
    assert other.code == code
    assert other.would_settle_it
    assert all(step.source for step in other.would_settle_it)
    assert all(line.source for line in (*(other.supporting or ()), *(other.opposing or ())))
    why = {gap.field: gap.reason for gap in found.not_covered}
    for part, lines in (("for", other.supporting), ("against", other.opposing)):
        unsaid = why_unsaid(code, part)
        assert why.get(f"alternatives.{part}") == unsaid
        assert not (lines and unsaid)
    # Thirty years old, itching for twenty days in the bends of both elbows, with every sign of grade 2.
    if code not in ("other_infection", "other_inflammatory"):
        assert other.supporting or other.opposing
