"""The assessment as the JSON document "flexura.assessment/1", and its JSON Schema.

Only names and rounding are decided here; the numbers come ready. Unknown is `None`, and every
field that is null or empty because nobody looked is named with its reason under `not_covered`.
"""

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from flexura.records import (
    Abstention,
    Alternative,
    Area,
    Assessment,
    CalibrationGroup,
    CitedFinding,
    Contributions,
    CriteriaResult,
    Diagnosis,
    Finding,
    Grade,
    Interval,
    PhotoSource,
    QualityReport,
    SettlingStep,
    Severity,
    Timings,
    Uncertainty,
    WholeScore,
)

SCHEMA_NAME: Final = "flexura.assessment/1"

# Places kept: finer than any measured error of these numbers, coarse enough to read.
_PROBABILITY_PLACES: Final = 4
_SCORE_PLACES: Final = 2
_MS_PLACES: Final = 1

Json = dict[str, Any]


def to_document(assessment: Assessment) -> Json:
    """Turn an assessment into the document of the command line, the interface and the database.

    Parameters
    ----------
    assessment : Assessment
        The whole answer on one photo.

    Returns
    -------
    dict[str, Any]
        Valid under `assessment_schema()`; `json.dumps(document, allow_nan=False)` never fails.
    """
    return {
        "schema": SCHEMA_NAME,
        "photo": _photo(assessment.photo, assessment.site),
        "quality": _quality(assessment.quality),
        "preprocessing": [
            {"step": applied.step, "parameters": dict(applied.parameters)} for applied in assessment.preprocessing
        ],
        "diagnosis": _diagnosis(assessment.diagnosis),
        "confidence": {
            "score": _probability(assessment.confidence.score),
            "calibrated": assessment.confidence.calibrated,
            "expected_calibration_error": _probability(assessment.confidence.expected_calibration_error),
        },
        "uncertainty": _uncertainty(assessment.uncertainty),
        "severity": _severity(assessment.severity),
        "area": _area(assessment.area),
        "features": {
            name: {"value": _figures(feature.value), "unit": feature.unit}
            for name, feature in assessment.features.items()
        },
        "clinical": {"criteria": {name: _criteria(result) for name, result in assessment.criteria.items()}},
        "why": [_finding(finding) for finding in assessment.why],
        "contributions": _contributions(assessment.contributions),
        "alternatives": [_alternative(alternative) for alternative in assessment.alternatives],
        "recommendations": [vars(recommendation).copy() for recommendation in assessment.recommendations],
        "abstained": _abstained(assessment.abstained),
        "not_covered": [{"field": gap.field, "reason": gap.reason} for gap in assessment.not_covered],
        "model": vars(assessment.model).copy(),
        "timings_ms": _timings(assessment.timings_ms),
    }


def assessment_schema() -> Json:
    """Read the JSON Schema (draft 2020-12) of the document from the package.

    Returns
    -------
    dict[str, Any]
        The schema, with units and ranges in its descriptions.
    """
    text = resources.files("flexura.decision").joinpath("assessment.schema.json").read_text(encoding="utf-8")
    schema: Json = json.loads(text)
    return schema


def _photo(source: PhotoSource, site: str | None) -> Json:
    return {
        "sha256": source.sha256,
        "format": source.format,
        "width": source.width,
        "height": source.height,
        "orientation_applied": source.orientation_applied,
        "colour_profile": source.colour_profile,
        "captured_at": source.captured_at,
        "site": site,
    }


def _quality(report: QualityReport) -> Json:
    checks = [
        {
            "name": check.name,
            "value": _figures(check.value),
            "threshold": _figures(check.threshold),
            "bound": check.bound,
            "unit": check.unit,
            "passed": check.passed,
            "gating": check.gating,
            "reason": check.reason,
        }
        for check in report.checks
    ]
    return {"accepted": report.accepted, "checks": checks}


def _diagnosis(diagnosis: Diagnosis) -> Json:
    ranking = [
        {"code": row.code, "name": row.name, "snomed": row.snomed, "probability": _probability(row.probability)}
        for row in diagnosis.ranking
    ]
    subtypes = {code: _probability(mass) for code, mass in diagnosis.is_eczema.subtype_mass.items()}
    return {
        "ranking": ranking,
        "is_eczema": {"probability": _probability(diagnosis.is_eczema.probability), "subtype_mass": subtypes},
        "prediction_set": {
            "coverage": _probability(diagnosis.prediction_set.coverage),
            "codes": list(diagnosis.prediction_set.codes),
            "group": _group(diagnosis.prediction_set.group),
        },
        "for": _cited(diagnosis.supporting),
        "against": _cited(diagnosis.opposing),
        "would_settle_it": _cited(diagnosis.would_settle_it),
    }


def _group(group: CalibrationGroup | None) -> Json | None:
    return None if group is None else {"name": group.name, "cases": group.cases, "cases_needed": group.cases_needed}


def _uncertainty(uncertainty: Uncertainty) -> Json:
    distance = uncertainty.out_of_distribution
    return {
        "total": _probability(uncertainty.total),
        "model": _probability(uncertainty.model),
        "data": _probability(uncertainty.data),
        "out_of_distribution": {
            "score": _probability(distance.score),
            "threshold": _probability(distance.threshold),
            "flag": distance.flag,
        },
    }


def _severity(severity: Severity) -> Json:
    region = severity.region_score
    return {
        "signs": {name: _grade(grade) for name, grade in severity.signs.items()},
        "iga": _grade(severity.iga),
        "region_score": {
            "region": region.region,
            "value": _score(region.value),
            "interval": _interval(region.interval, _SCORE_PLACES),
        },
        "easi": _whole_score(severity.easi),
        "objective_scorad": _whole_score(severity.objective_scorad),
    }


def _grade(grade: Grade) -> Json:
    return {
        "expected": _score(grade.expected),
        "distribution": [_probability(share) for share in grade.distribution],
    }


def _whole_score(score: WholeScore | None) -> Json | None:
    if score is None:
        return None
    return {
        "value": _score(score.value),
        "interval": _interval(score.interval, _SCORE_PLACES),
        "band": score.band,
        "regions_seen": list(score.regions_seen),
        "regions_assumed": list(score.regions_assumed),
    }


def _area(area: Area) -> Json:
    size = area.lesion_size
    return {
        "lesion_fraction_of_skin": _probability(area.lesion_fraction_of_skin),
        "interval": _interval(area.interval, _PROBABILITY_PLACES),
        "skin_fraction_of_photo": _probability(area.skin_fraction_of_photo),
        "easi_area_score": area.easi_area_score,
        "lesion_size": None
        if size is None
        else {
            "value_cm2": _figures(size.value_cm2),
            "interval_cm2": [_figures(bound) for bound in size.interval_cm2],
            "known_by": size.known_by,
        },
    }


def _criteria(result: CriteriaResult) -> Json:
    return {
        "name": result.name,
        "source": result.source,
        "met": result.met,
        "count": result.count,
        "unknown": list(result.unknown),
        "questions": list(result.questions),
        "criteria": [
            {"code": one.code, "words": one.words, "group": one.group, "met": one.met} for one in result.criteria
        ],
    }


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "words": finding.words,
        "present": finding.present,
        "read_from": list(finding.read_from),
        "for": list(finding.supports),
        "against": list(finding.opposes),
    }


def _contributions(contributions: Contributions | None) -> Json | None:
    if contributions is None:
        return None
    return {
        "picture": {
            "eczema": _probability(contributions.eczema_by_picture),
            "first": _probability(contributions.first_by_picture),
        },
        "parts": [
            {"part": each.part, "eczema": _probability(each.eczema), "first": _probability(each.first)}
            for each in contributions.parts
        ],
    }


def _alternative(alternative: Alternative) -> Json:
    return {
        "code": alternative.code,
        "name": alternative.name,
        "probability": _probability(alternative.probability),
        "for": _cited(alternative.supporting),
        "against": _cited(alternative.opposing),
        "would_settle_it": _cited(alternative.would_settle_it),
    }


def _cited(lines: tuple[CitedFinding, ...] | tuple[SettlingStep, ...] | None) -> list[Json] | None:
    return None if lines is None else [{"text": line.text, "source": line.source} for line in lines]


def _abstained(abstention: Abstention | None) -> Json | None:
    if abstention is None:
        return None
    return {"reasons": [{"code": reason.code, "message": reason.message} for reason in abstention.reasons]}


def _timings(timings: Timings) -> Mapping[str, float | None]:
    return {step: _rounded(spent, _MS_PLACES) for step, spent in vars(timings).items()}


def _probability(value: float | None) -> float | None:
    return _rounded(value, _PROBABILITY_PLACES)


def _score(value: float | None) -> float | None:
    return _rounded(value, _SCORE_PLACES)


def _interval(interval: Interval | None, places: int) -> list[float] | None:
    return None if interval is None else [round(float(bound), places) for bound in interval]


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(float(value), places)


def _figures(value: float | None) -> float | None:
    """Keep four significant figures: these numbers come in any unit and size."""
    return None if value is None else float(f"{value:.4g}")
