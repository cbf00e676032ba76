"""Each reason to abstain, alone and at its edge; abstaining hides nothing."""

from dataclasses import replace

import numpy as np
import pytest

from flexura.decision.abstention import RULES
from flexura.decision.calibration import AbstentionLimits, AreaReading, Calibration, ConformalQuantile, ToneScores
from flexura.decision.decide import decide
from flexura.decision.tone_groups import GROUP_NAMES
from flexura.records import Assessment, Case, ModelInfo, Prediction, QualityReport


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
    # Without a set there is none that is too large.
    expected = [rule.code for rule in RULES if rule.code != "too_few_cases_of_skin_tone"]
    assert codes(found) == ["too_blurred", *expected]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_says_where_its_threshold_lies(rule: object, calibration: Calibration) -> None:
    source = getattr(rule, "source")  # noqa: B009
    part: object = calibration
    for name in source.split(".")[1:]:
        part = getattr(part, name)
    assert isinstance(part, int | float)
