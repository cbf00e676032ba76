"""The assessment document: its schema, its contract, and that no unknown is silent."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from flexura.decision.calibration import Calibration, ToneScores
from flexura.decision.decide import decide
from flexura.decision.document import SCHEMA_NAME, assessment_schema, to_document
from flexura.decision.tone_groups import GROUP_NAMES
from flexura.records import (
    SIGN_NAMES,
    Assessment,
    Case,
    CitedFinding,
    Contribution,
    Contributions,
    CriteriaResult,
    FeatureValue,
    Finding,
    ModelInfo,
    PatientContext,
    Prediction,
    PreprocessingStep,
    QualityReport,
    Recommendation,
    SettlingStep,
    Timings,
    WholeScore,
)

VALIDATOR = jsonschema.Draft202012Validator

# The promise to users, written down apart from the source.
TOP = [
    "schema", "photo", "quality", "preprocessing", "diagnosis", "confidence", "uncertainty", "severity", "area",
    "features", "clinical", "why", "contributions", "alternatives", "recommendations", "abstained", "not_covered",
    "model", "timings_ms",
]  # fmt: skip


@pytest.fixture
def assessment(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> Assessment:
    found = decide(case, prediction, calibration=calibration, model=model)
    return replace(found, timings_ms=Timings(10.04, 2, 3, None, 40, 1, 56.06))


@pytest.fixture
def full(assessment: Assessment) -> Assessment:
    """Every part that later issues fill."""
    return replace(
        assessment,
        preprocessing=(PreprocessingStep("lighting", {"gain": 1.5, "kept": True}),),
        features={"redness": FeatureValue(12.34567, "a*"), "border": FeatureValue(None, "mm")},
        criteria={"uk_working_party": CriteriaResult(None, 2, ("family_history",))},
        why=(Finding("scaly", "dry or scaly", True, ("dryness",), ("psoriasis",), ("urticaria",)),),
        contributions=Contributions(0.71234, 0.6, (Contribution("itch", -0.00006, 0.0),)),
        alternatives=(
            replace(
                assessment.alternatives[0],
                supporting=(CitedFinding("scale", "Roe 2019"),),
                opposing=(),
                would_settle_it=(SettlingStep("a biopsy", "Doe 2020"),),
            ),
        ),
        recommendations=(
            Recommendation("Emollients", "strong", "dry skin", "NICE CG57", "2023", None, False, "basics", "Emollient"),
        ),
        severity=replace(
            assessment.severity,
            easi=WholeScore(7.1, (3.0, 12.0), "moderate", ("trunk",), ("head_neck", "upper_limbs", "lower_limbs")),
            objective_scorad=WholeScore(30.0, (20.0, 40.0), "moderate", ("trunk",), ()),
        ),
    )


@pytest.fixture
def bare(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> Assessment:
    """As little as can be known."""
    source = replace(case.photo.source, captured_at=None)
    unknown = Case(replace(case.photo, source=source), PatientContext(), QualityReport(()))
    blank = replace(prediction, logit_samples=np.zeros((0, 35), np.float32), skin_map=np.zeros((4, 4), np.float32))
    uncalibrated = replace(calibration, expected_calibration_error=None)
    return decide(unknown, blank, calibration=uncalibrated, model=model)


@pytest.fixture
def grouped(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> Assessment:
    """Sets by skin tone, of which this photo's is unknown."""
    tones = tuple(ToneScores(name, (0.5,) * 20) for name in GROUP_NAMES)
    return decide(case, prediction, calibration=replace(calibration, tone_scores=tones), model=model)


def nulls(value: Any, path: str = "") -> Iterator[str]:
    """Paths of all that is null or empty; places in lists are left out of the path."""
    if value is None or (value in ([], {}) and path):
        yield path
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from nulls(part, f"{path}.{key}".strip("."))
    elif isinstance(value, list):
        for part in value:
            yield from nulls(part, path)


def test_schema_is_a_schema_and_closed() -> None:
    schema = assessment_schema()
    VALIDATOR.check_schema(schema)

    def walk(part: Any) -> Iterator[dict[str, Any]]:
        if isinstance(part, dict):
            yield part
            for value in part.values():
                yield from walk(value)

    objects = [part for part in walk(schema) if "properties" in part and "type" in part]
    assert len(objects) > 20
    for part in objects:
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
        assert part["description"]


@pytest.mark.parametrize("which", ["assessment", "full", "bare", "grouped"])
def test_document_is_valid_and_plain_json(which: str, request: pytest.FixtureRequest) -> None:
    document = to_document(request.getfixturevalue(which))
    VALIDATOR(assessment_schema()).validate(document)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document) == TOP
    assert document["schema"] == SCHEMA_NAME == "flexura.assessment/1"


def test_contract_names(assessment: Assessment) -> None:
    document = to_document(assessment)
    assert set(document["photo"]) == {
        "sha256", "format", "width", "height", "orientation_applied", "colour_profile", "captured_at", "site"
    }  # fmt: skip
    assert set(document["quality"]["checks"][0]) == {
        *("name", "value", "threshold", "bound", "unit", "passed", "gating", "reason")
    }
    assert set(document["diagnosis"]["ranking"][0]) == {"code", "name", "snomed", "probability"}
    assert set(document["severity"]) == {"signs", "iga", "region_score", "easi", "objective_scorad"}
    assert tuple(document["severity"]["signs"]) == SIGN_NAMES
    assert set(document["alternatives"][0]) == {"code", "name", "probability", "for", "against", "would_settle_it"}
    assert set(document["model"]) == {"name", "version", "sha256", "weights_licence", "intended_use"}
    assert list(document["timings_ms"]) == [
        "decode", "quality", "preprocess", "features", "inference", "decision", "total"
    ]  # fmt: skip


def test_numbers_are_rounded_to_what_they_can_say(full: Assessment) -> None:
    document = to_document(full)
    assert document["diagnosis"]["ranking"][0]["probability"] == 0.6
    assert document["quality"]["checks"][0]["value"] == 12.35
    assert document["features"] == {"redness": {"value": 12.35, "unit": "a*"}, "border": {"value": None, "unit": "mm"}}
    assert document["contributions"] == {
        "picture": {"eczema": 0.7123, "first": 0.6},
        "parts": [{"part": "itch", "eczema": -0.0001, "first": 0.0}],
    }
    assert document["timings_ms"]["decode"] == 10.0
    assert document["timings_ms"]["total"] == 56.1
    assert document["severity"]["region_score"]["value"] == round(8 * 43 / 19, 2)
    assert document["area"]["interval"] == [0.16, 0.34]


def test_findings_are_written_under_their_names(full: Assessment) -> None:
    said = replace(full.diagnosis, supporting=(CitedFinding("itches", "Poe 2018"),), opposing=())
    document = to_document(replace(full, diagnosis=said))
    assert document["diagnosis"]["for"] == [{"text": "itches", "source": "Poe 2018"}]
    assert document["diagnosis"]["against"] == []
    alternative, step = document["alternatives"][0], {"text": "a biopsy", "source": "Doe 2020"}
    scale = {"text": "scale", "source": "Roe 2019"}
    assert (alternative["for"], alternative["against"], alternative["would_settle_it"]) == ([scale], [], [step])
    assert document["why"] == [
        {
            "code": "scaly",
            "words": "dry or scaly",
            "present": True,
            "read_from": ["dryness"],
            "for": ["psoriasis"],
            "against": ["urticaria"],
        }
    ]


def test_the_group_of_the_set_is_written_or_null_with_its_reason(assessment: Assessment, grouped: Assessment) -> None:
    known, unknown = (to_document(answer)["diagnosis"]["prediction_set"] for answer in (grouped, assessment))
    assert known["group"] == {"name": "unmeasured", "cases": 20, "cases_needed": 9}
    assert unknown["group"] is None
    assert "diagnosis.prediction_set.group" in {gap.field for gap in assessment.not_covered}
    assert "diagnosis.prediction_set.group" not in {gap.field for gap in grouped.not_covered}


def test_every_group_of_tones_has_its_name_in_the_schema() -> None:
    chosen = assessment_schema()["properties"]["diagnosis"]["properties"]["prediction_set"]
    assert tuple(chosen["properties"]["group"]["properties"]["name"]["enum"]) == GROUP_NAMES


def test_abstention_is_written(bare: Assessment) -> None:
    reasons = to_document(bare)["abstained"]["reasons"]
    assert [reason["code"] for reason in reasons] == ["too_little_skin_seen"]


@pytest.mark.parametrize("which", ["assessment", "bare"])
def test_no_unknown_is_silent(which: str, request: pytest.FixtureRequest) -> None:
    answer = replace(request.getfixturevalue(which), timings_ms=Timings(1, 1, 1, 1, 1, 1, 6))
    document = to_document(answer)
    named = {gap["field"] for gap in document["not_covered"]}
    silent = [
        path
        for path in nulls(document)
        if path != "abstained" and not any(path == field or path.startswith(field + ".") for field in named)
    ]
    # A gap whose part is full of nulls covers them; `alternatives` may also be empty because the set holds one code.
    assert silent == []


def test_no_gap_is_named_twice_or_without_a_sentence(bare: Assessment) -> None:
    fields = [gap.field for gap in bare.not_covered]
    assert len(set(fields)) == len(fields)
    assert all(gap.reason.endswith(".") for gap in bare.not_covered)


def test_known_fields_are_not_called_unknown(assessment: Assessment) -> None:
    fields = {gap.field for gap in assessment.not_covered}
    assert not fields & {"photo.site", "photo.captured_at", "area", "uncertainty.model", "severity.region_score.region"}


def test_site_that_names_no_region_says_so(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    nail = replace(case, context=PatientContext(site="nail"), region=None)
    gaps = {gap.field: gap.reason for gap in decide(nail, prediction, calibration=calibration, model=model).not_covered}
    assert gaps["severity.region_score.region"] == "The body site names no single EASI region."
    assert "photo.site" not in gaps
