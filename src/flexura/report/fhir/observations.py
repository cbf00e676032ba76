"""Signs, grades, scores and area of an assessment as FHIR Observations; unknown is a reason, never a number."""

from collections.abc import Iterator, Mapping
from typing import Any

from flexura.report.fhir.coding import PERCENT, SCORE, SQUARE_CM, Json, concept, quantity, terms

Document = Mapping[str, Any]


def list_measures(document: Document) -> Iterator[tuple[str, Json]]:
    """Give what was measured in a photo, each as the part of an Observation that holds code and value.

    Parameters
    ----------
    document : Document
        "flexura.assessment/1".

    Yields
    ------
    tuple[str, Json]
        The local code, and code, value (or why there is none) and components.
    """
    severity, area = document["severity"], document["area"]
    for name, grade in severity["signs"].items():
        yield name, _graded(name, grade)
    yield "iga", _graded("iga", severity["iga"])
    region = severity["region_score"]
    yield "region_score", _scored("region_score", region, _why(document, "severity.region_score.value"))
    for name in ("easi", "objective_scorad"):
        yield name, _scored(name, severity[name] or {}, _why(document, f"severity.{name}"))
    share = area["lesion_fraction_of_skin"]
    told = {"value": _percent(share), "interval": [_percent(bound) for bound in area["interval"] or []]}
    yield "lesion_fraction", _measured("lesion_fraction", told, PERCENT, _why(document, "area"))
    points = {"value": area["easi_area_score"]}
    yield "easi_area_score", _measured("easi_area_score", points, SCORE, _why(document, "area"))
    size = area["lesion_size"] or {}
    told = {"value": size.get("value_cm2"), "interval": size.get("interval_cm2")}
    yield "lesion_size", _measured("lesion_size", told, SQUARE_CM, _why(document, "area.lesion_size"))


def _graded(name: str, grade: Document) -> Json:
    parts = [
        {"code": concept("probability_of_grade", words=f"Probability of grade {number}"), **_probability(share)}
        for number, share in enumerate(grade["distribution"])
    ]
    return {"code": concept(name), "valueQuantity": quantity(grade["expected"], SCORE), "component": parts}


def _probability(share: float) -> Json:
    return {"valueQuantity": quantity(share, ("1", "1"))}


def _scored(name: str, score: Document, why: str | None) -> Json:
    told = _measured(name, score, SCORE, why)
    if score.get("regions_assumed"):
        told["note"] = [{"text": f"Regions assumed, not seen: {', '.join(score['regions_assumed'])}."}]
    return told


def _measured(name: str, score: Document, unit: tuple[str, str], why: str | None) -> Json:
    value, interval = score.get("value"), score.get("interval")
    told: Json = {"code": concept(name)}
    if value is None:
        told["dataAbsentReason"] = terms("data-absent-reason", "unknown")
        return told | ({"note": [{"text": why}]} if why else {})
    told["valueQuantity"] = quantity(value, unit)
    if interval:
        low, high = (quantity(bound, unit) for bound in interval)
        told["component"] = [{"code": concept("interval_90"), "valueRange": {"low": low, "high": high}}]
    return told


def _why(document: Document, field: str) -> str | None:
    return next((gap["reason"] for gap in document["not_covered"] if gap["field"] == field), None)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)
