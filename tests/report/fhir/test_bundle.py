"""An assessment as FHIR R4: valid by HL7's schema and by fhir.resources together, and every mutation is found."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from jsonschema import Draft6Validator
from pydantic import ValidationError

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.report.fhir.bundle import NOTICE, About, Judged, to_fhir
from flexura.workflow import AssessedPhoto, assess_photo

SCHEMA = json.loads(Path(__file__).with_name("fhir-r4.schema.json").read_text(encoding="utf-8"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGREES = Judged("4f1c", NOON, agrees=True)
DIFFERS = Judged("4f1c", NOON, agrees=False, diagnosis="psoriasis")
REVIEWS = {"unreviewed": None, "agreed": AGREES, "differs": DIFFERS}
Json = dict[str, Any]
# Neither validator holds the value set that R4 binds RiskAssessment.status to (http://hl7.org/fhir/ValueSet/observation-status).
RISK_STATUS = {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}


@pytest.fixture(scope="module")
def document(tiny_bundle: Path, skin_photo: bytes) -> Json:
    told = read_context({"site": "left_forearm", "age_years": 6, "sex": "female"})
    predictor = Predictor(load_bundle(tiny_bundle), threads=1)
    outcome = assess_photo(skin_photo, told, predictor=predictor)
    assert isinstance(outcome, AssessedPhoto)
    return to_document(outcome.assessment)


@pytest.fixture(scope="module", params=REVIEWS)
def bundle(document: Json, request: pytest.FixtureRequest) -> Json:
    return to_fhir(document, About("a1", NOON, "p1", "female", REVIEWS[request.param]))


def faults(bundle: Json) -> list[str]:
    """What the schema of a resource's own kind says, what fhir.resources says, and references that point nowhere."""
    found = []
    for entry in [*bundle["entry"], {"resource": bundle}]:
        kind = entry["resource"].get("resourceType")
        schema = {"$ref": f"#/definitions/{kind}", "definitions": SCHEMA["definitions"]}
        if kind == "RiskAssessment" and entry["resource"].get("status") not in RISK_STATUS:
            found.append("a status that RiskAssessment has not")
        if kind not in SCHEMA["definitions"]:
            found.append(f"unknown kind {kind}")
        elif kind != "Bundle":
            found += [error.message for error in Draft6Validator(schema).iter_errors(entry["resource"])]
    shell = {name: value for name, value in bundle.items() if name != "entry"}
    schema = {"$ref": "#/definitions/Bundle", "definitions": SCHEMA["definitions"]}
    found += [error.message for error in Draft6Validator(schema).iter_errors(shell)]
    try:
        Bundle.model_validate(bundle)
    except ValidationError as error:
        found.append(str(error))
    urls = {entry.get("fullUrl") for entry in bundle["entry"]}
    found += [] if _is_full(bundle) else ["an empty list, object, text or null"]
    return found + [reference for reference in references(bundle) if reference not in urls]


def _is_full(part: object) -> bool:
    """http://hl7.org/fhir/R4/json.html: no value is null, no text, list or object empty."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return part not in (None, "", [], {}) and all(_is_full(value) for value in inner)


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "reference":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def kinds(bundle: Json) -> list[str]:
    return [entry["resource"]["resourceType"] for entry in bundle["entry"]]


def first(bundle: Json, kind: str) -> Json:
    return next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind)


def test_a_bundle_is_valid(bundle):
    assert faults(bundle) == []
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(bundle["entry"])


def test_a_photo_without_context_is_valid_too(tiny_bundle, skin_photo):
    outcome = assess_photo(skin_photo, read_context({}), predictor=Predictor(load_bundle(tiny_bundle), threads=1))
    told = to_fhir(to_document(outcome.assessment), About("a1", NOON))
    assert faults(told) == []
    absent = [entry["resource"] for entry in told["entry"] if "dataAbsentReason" in entry["resource"]]
    assert absent
    assert not [observation for observation in absent if "valueQuantity" in observation]


def test_nothing_is_final_before_a_clinician_agrees(document):
    for review, status in ((None, "preliminary"), (DIFFERS, "preliminary"), (AGREES, "final")):
        told = to_fhir(document, About("a1", NOON, review=review))
        said = {entry["resource"]["status"] for entry in told["entry"] if "issued" in entry["resource"]}
        assert said == {status}
        report = first(told, "DiagnosticReport")
        assert NOTICE in report["conclusion"]
        assert ("conclusionCode" in report) is (status == "final")
        assert ("ClinicalImpression" in kinds(told)) is (review is not None)


def test_what_the_clinician_says_instead_is_there(document):
    impression = first(to_fhir(document, About("a1", NOON, review=DIFFERS)), "ClinicalImpression")
    assert impression["finding"][0]["itemCodeableConcept"]["coding"][0]["code"] == "psoriasis"
    assert "does not agree" in impression["summary"]


def test_the_set_says_which_photos_it_rests_on_or_why_there_is_none(document):
    def note(group):
        chosen = document["diagnosis"]["prediction_set"] | {"group": group}
        told = document | {"diagnosis": document["diagnosis"] | {"prediction_set": chosen}}
        return first(to_fhir(told, About("a1", NOON)), "RiskAssessment")["note"][1]["text"]

    group = {"name": "brown_or_dark", "cases": 80, "cases_needed": 9}
    assert note(None).startswith("Of comparable photos, 90%")
    assert note(group).endswith("It rests on 80 held-out photos of skin tone brown or dark.")
    assert note(group | {"cases": 8}) == (
        "No set of diagnoses is given: 8 held-out photos of skin tone brown or dark are too few."
    )


def test_numbers_and_reasons_are_the_documents(document):
    told = to_fhir(document, About("a1", NOON))
    predicted = {
        row["outcome"]["coding"][-1]["code"]: row["probabilityDecimal"]
        for row in first(told, "RiskAssessment")["prediction"]
    }
    ranked = {row["code"]: row["probability"] for row in document["diagnosis"]["ranking"] if row["probability"]}
    assert predicted == ranked
    values = {
        entry["resource"]["code"]["coding"][0]["code"]: entry["resource"]["valueQuantity"]["value"]
        for entry in told["entry"]
        if "valueQuantity" in entry["resource"]
    }
    assert values["erythema"] == document["severity"]["signs"]["erythema"]["expected"]
    assert values["lesion_fraction"] == pytest.approx(100 * document["area"]["lesion_fraction_of_skin"], abs=0.01)


def test_the_same_assessment_is_the_same_bundle(document):
    about = About("a1", NOON, "p1")
    assert to_fhir(document, about) == to_fhir(document, about)
    assert (
        to_fhir(document, About("a2", NOON, "p1"))["entry"][0]["fullUrl"]
        != to_fhir(document, about)["entry"][0]["fullUrl"]
    )


def _set(kind: str, name: str, value: object) -> Callable[[Json], None]:
    return lambda bundle: first(bundle, kind).__setitem__(name, value)


def _drop(kind: str, name: str) -> Callable[[Json], None]:
    return lambda bundle: first(bundle, kind).pop(name)


MUTATIONS = {
    "bundle type": lambda bundle: bundle.__setitem__("type", "collections"),
    "no bundle type": lambda bundle: bundle.pop("type"),
    "bundle kind": lambda bundle: bundle.__setitem__("resourceType", "Bundel"),
    "timestamp without zone": lambda bundle: bundle.__setitem__("timestamp", "2026-03-01T12:00:00"),
    "a resource of no kind": lambda bundle: first(bundle, "Media").pop("resourceType"),
    "a resource of another kind": _set("Media", "resourceType", "Observation"),
    "an unknown field": _set("Observation", "probability", 0.5),
    "gender": _set("Patient", "gender", "f"),
    "no status": _drop("Observation", "status"),
    "status": _set("Observation", "status", "unreviewed"),
    "no code": _drop("Observation", "code"),
    "two values": _set("Observation", "valueString", "severe"),
    "a value as text": _set("Observation", "valueQuantity", {"value": "two"}),
    "a unit as a number": _set("Observation", "valueQuantity", {"value": 2, "unit": 3}),
    "a day that is none": _set("Observation", "effectiveDateTime", "2026-02-30T12:00:00Z"),
    "an instant without time": _set("Observation", "issued", "2026-03-01"),
    "a subject as text": _set("Observation", "subject", "p1"),
    "a list that is none": _set("Observation", "derivedFrom", {"reference": "urn:uuid:1"}),
    "an empty list": _set("Observation", "category", []),
    "a dangling reference": _set(
        "Observation", "subject", {"reference": "urn:uuid:0c5a4b0e-0000-4000-8000-000000000000"}
    ),
    "no subject of the report": _drop("DiagnosticReport", "code"),
    "report status": _set("DiagnosticReport", "status", "draft"),
    "a result that is no reference": _set("DiagnosticReport", "result", ["erythema"]),
    "media without link": _set("DiagnosticReport", "media", [{"comment": "photo"}]),
    "no content of the photo": _drop("Media", "content"),
    "a height below 1": _set("Media", "height", 0),
    "a width as text": _set("Media", "width", "wide"),
    "no subject of the risk": _drop("RiskAssessment", "subject"),
    "a probability as text": _set("RiskAssessment", "prediction", [{"probabilityDecimal": "high"}]),
    "risk status": _set("RiskAssessment", "status", "guess"),
    "two device names in one": _set("Device", "deviceName", {"name": "x", "type": "model-name"}),
    "a device name of no type": _set("Device", "deviceName", [{"name": "x"}]),
    "a system that is no URI": _set("Patient", "identifier", [{"system": "two words", "value": "x"}]),
    "null": _set("Patient", "gender", None),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_is_found(document, name):
    told = copy.deepcopy(to_fhir(document, About("a1", NOON, "p1", "female")))
    MUTATIONS[name](told)
    assert faults(told)
