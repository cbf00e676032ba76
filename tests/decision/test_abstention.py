"""Each reason to abstain, alone and at its edge; abstaining hides nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flexura.decision.abstention import RULES, Rule
from flexura.decision.calibration import AbstentionLimits, AreaReading, Calibration, ConformalQuantile, ToneScores
from flexura.decision.decide import decide
from flexura.decision.taxonomy import TAXONOMY
from flexura.decision.tone_groups import GROUP_NAMES
from flexura.records import Assessment, Case, ModelInfo, Prediction, QualityReport

CODES = [label.code for label in TAXONOMY]


def codes(assessment: Assessment) -> list[str]:
    return [] if assessment.abstained is None else [reason.code for reason in assessment.abstained.reasons]


def test_far_from_the_training_photos(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    far = decide(case, replace(prediction, distance=3.8), calibration=calibration, model=model)
    near = decide(case, replace(prediction, distance=3.79), calibration=calibration, model=model)
    assert codes(far) == ["out_of_distribution"]
    assert codes(near) == []


def test_too_little_skin(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> None:
    # The photo is half skin.
    for least, found in ((0.5, []), (0.51, ["too_little_skin_seen"])):
        reading = AreaReading(minimum_skin_fraction=least)
        answer = decide(case, prediction, calibration=replace(calibration, area_reading=reading), model=model)
        assert codes(answer) == found
        assert (answer.area.lesion_fraction_of_skin is None) == bool(found)


def test_set_too_large(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> None:
    # .85 of mass before the third code: three codes in the set.
    wide = replace(calibration, conformal=ConformalQuantile(0.86, 0.9))
    for largest, found in ((3, []), (2, ["too_many_diagnoses"])):
        limited = replace(wide, limits=AbstentionLimits(largest_set=largest))
        assert codes(decide(case, prediction, calibration=limited, model=model)) == found


@pytest.mark.parametrize(("cases", "found"), [(8, ["too_few_cases_of_skin_tone"]), (9, [])])
def test_too_few_held_out_photos_of_the_skin_tone(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo, cases: int, found: list[str]
) -> None:
    grouped = replace(calibration, tone_scores=tuple(ToneScores(name, (0.5,) * cases) for name in GROUP_NAMES))
    answer = decide(case, prediction, calibration=grouped, model=model)
    assert codes(answer) == found
    assert (len(answer.diagnosis.prediction_set.codes) == 35) == bool(found)


def test_low_confidence(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> None:
    for lowest, found in ((0.59, []), (0.61, ["low_confidence"])):
        limited = replace(calibration, limits=AbstentionLimits(lowest_confidence=lowest))
        assert codes(decide(case, prediction, calibration=limited, model=model)) == found


def test_failed_quality_brings_its_own_code_and_advice(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    blurred = replace(case.quality.checks[0], passed=False)
    found = decide(replace(case, quality=QualityReport((blurred,))), prediction, calibration=calibration, model=model)
    assert found.abstained is not None
    assert [(one.code, one.message) for one in found.abstained.reasons] == [("too_blurred", "Hold the camera still.")]
    assert len(found.diagnosis.ranking) == 35


def test_a_check_that_only_advises_is_no_reason_to_abstain(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    hint = replace(case.quality.checks[0], passed=False, gating=False)
    found = decide(replace(case, quality=QualityReport((hint,))), prediction, calibration=calibration, model=model)
    assert found.abstained is None


def test_reasons_add_up_in_order(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    nothing = replace(
        prediction,
        logits=np.zeros(35, np.float32),
        logit_samples=np.zeros((4, 35), np.float32),
        skin_map=np.zeros((4, 4), np.float32),
        distance=99.0,
    )
    blurred = replace(case.quality.checks[0], passed=False)
    found = decide(replace(case, quality=QualityReport((blurred,))), nothing, calibration=calibration, model=model)
    expected = ["too_little_skin_seen", "out_of_distribution", "too_many_diagnoses", "low_confidence"]
    assert expected == [rule.code for rule in RULES if rule.code in expected]
    assert codes(found) == ["too_blurred", *expected]


@pytest.mark.parametrize(("lead", "found"), [(0.0, []), (9.0, ["no_disease_seen"])])
def test_healthy_skin(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo, lead: float, found: list[str]
) -> None:
    logits = prediction.logits.copy()
    logits[CODES.index("healthy_skin")] += lead
    assert codes(decide(case, replace(prediction, logits=logits), calibration=calibration, model=model)) == found


@pytest.mark.parametrize(
    ("age", "learned", "found"),
    [
        (17.9, (18.0, 80.0), ["age_outside_training"]),
        (18.0, (18.0, 80.0), []),
        (79.9, (18.0, 80.0), []),
        (80.0, (18.0, 80.0), ["age_outside_training"]),
        (None, (18.0, 80.0), []),
        (3.0, None, []),
    ],
)
def test_age_outside_training(  # noqa: PLR0917
    case: Case,
    prediction: Prediction,
    calibration: Calibration,
    model: ModelInfo,
    age: float | None,
    learned: tuple[float, float] | None,
    found: list[str],
) -> None:
    limited = replace(calibration, limits=AbstentionLimits(ages_years=learned))
    aged = replace(case, context=replace(case.context, age_years=age))
    assert codes(decide(aged, prediction, calibration=limited, model=model)) == found


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"confirmed_diagnosis": "atopic_dermatitis"}, []),
        ({"confirmed_diagnosis": "contact_dermatitis"}, ["told_diagnosis_not_in_set"]),
        ({"excluded_diagnoses": ("psoriasis",)}, []),
        ({"excluded_diagnoses": ()}, []),
    ],
)
def test_what_was_told_against_the_photo(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo, told: dict, found: list[str]
) -> None:
    # The set holds atopic dermatitis and psoriasis, in this order.
    assert codes(decide(_told(case, **told), prediction, calibration=calibration, model=model)) == found


@pytest.mark.parametrize(
    ("word", "code"), [("psoriasis", "psoriasis"), ("cutaneous_lymphoma", "mycosis_fungoides"), ("scabies", "scabies")]
)
def test_a_first_diagnosis_that_was_excluded(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo, word: str, code: str
) -> None:
    logits = prediction.logits.copy()
    logits[CODES.index(code)] += 9
    answered = replace(prediction, logits=logits)
    excluded = _told(case, excluded_diagnoses=(word,))
    assert codes(decide(excluded, answered, calibration=calibration, model=model)) == ["excluded_diagnosis_first"]
    assert codes(decide(case, answered, calibration=calibration, model=model)) == []


@pytest.mark.parametrize(
    ("told", "read", "found"),
    [
        ("left_antecubital_fossa", "antecubital_fossa", []),
        ("left_antecubital_fossa", "knee", ["site_contradicts_file"]),
        ("left_antecubital_fossa", None, []),
        (None, "knee", []),
    ],
)
def test_another_site_in_the_file(  # noqa: PLR0917
    case: Case,
    prediction: Prediction,
    calibration: Calibration,
    model: ModelInfo,
    told: str | None,
    read: str | None,
    found: list[str],
) -> None:
    source = replace(case.photo.source, capture=replace(case.photo.source.capture, body_site=read))
    filed = replace(_told(case, site=told), photo=replace(case.photo, source=source))
    assert codes(decide(filed, prediction, calibration=calibration, model=model)) == found


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.threshold], ids=lambda rule: rule.code)
def test_every_threshold_lies_in_the_calibration(rule: Rule, calibration: Calibration) -> None:
    part: object = replace(calibration, limits=AbstentionLimits(ages_years=(18.0, 80.0)))
    for name in str(rule.threshold).split("."):
        part = getattr(part, name)
    assert isinstance(part, int | float | tuple)


def test_the_table_of_the_docs_is_this_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "uncertainty.md").read_text(encoding="utf-8")
    rows = [
        f"| `{rule.code}` | {rule.rule} | {_cell(rule.threshold)} | {rule.source} | {rule.message} |" for rule in RULES
    ]
    assert [line for line in page.splitlines() if line in rows] == rows
    assert all(rule.rule.endswith(".") and rule.message.endswith(".") and rule.source.endswith(".") for rule in RULES)
    assert len({rule.code for rule in RULES}) == len(RULES)


def _cell(threshold: str | None) -> str:
    return f"`{threshold}`" if threshold else "–"


def _told(case: Case, **told: object) -> Case:
    return replace(case, context=replace(case.context, **told))
