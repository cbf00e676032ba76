"""One assessment as a Bundle: Patient, Device, Media, Observations, RiskAssessment, DiagnosticReport.

The differential stands in a RiskAssessment, whose performer may be a device and whose predictions carry probabilities;
a ClinicalImpression needs a clinician as its assessor, so it appears with a clinician's review only. A diagnosis is
the report's conclusion only once a clinician has agreed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from flexura.report.fhir.coding import DIAGNOSIS, SITE, Json, concept, diagnosis_concept, terms
from flexura.report.fhir.observations import Document, list_measures

NOTICE: Final = (
    "Decision support for clinicians and research, not a medical device and not a diagnosis. "
    "A clinician must judge this with the patient."
)
MEDIA_TYPE: Final = "application/fhir+json"

_PHOTOS: Final = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "HEIF": "image/heif",
    "DICOM": "application/dicom",
}


@dataclass(frozen=True)
class Judged:
    """A clinician's review: who by id, when, whether the answer is right, and what is right instead."""

    by: str
    at: datetime
    agrees: bool
    diagnosis: str | None = None


@dataclass(frozen=True)
class About:
    """Of whom and what an assessment is: `key` names it for good, `patient` is the clinic's id, `sex` as it was told.

    `answered_at` carries its zone. `review` is the newest one, if there is any.
    """

    key: str
    answered_at: datetime
    patient: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    review: Judged | None = None


def to_fhir(document: Document, about: About) -> Json:
    """Give an assessment as a FHIR R4 Bundle of type collection.

    Parameters
    ----------
    document : Document
        "flexura.assessment/1".
    about : About
        Of whom, when, and whether a clinician has judged it.

    Returns
    -------
    dict[str, Any]
        JSON-ready; equal for equal arguments. Status is preliminary everywhere unless a clinician agreed.

    References
    ----------
    HL7 FHIR R4 (4.0.1), http://hl7.org/fhir/R4/.
    """
    return _Writer(document, about).bundle()


class _Writer:
    def __init__(self, document: Document, about: About) -> None:
        self.document, self.about = document, about
        self.issued = about.answered_at.isoformat(timespec="milliseconds")
        self.status = "final" if about.review is not None and about.review.agrees else "preliminary"
        self.site = document["photo"]["site"]

    def bundle(self) -> Json:
        measures = dict(list_measures(self.document))
        resources = [
            ("patient", self._patient()),
            ("device", self._device()),
            ("media", self._media()),
            *((name, self._observation(told)) for name, told in measures.items()),
            ("differential", self._differential()),
            ("report", self._report(list(measures))),
        ]
        if self.about.review is not None:
            resources.append(("impression", self._impression(self.about.review)))
        entries = [{"fullUrl": self._url(role), "resource": resource} for role, resource in resources]
        identifier = {"system": "urn:flexura:assessment", "value": self.about.key}
        told = {"resourceType": "Bundle", "type": "collection", "identifier": identifier, "timestamp": self.issued}
        return told | {"entry": entries}

    def _patient(self) -> Json:
        told: Json = {"resourceType": "Patient"}
        if self.about.patient is not None:
            told["identifier"] = [{"system": "urn:flexura:patients", "value": self.about.patient}]
        if self.about.sex is not None:
            told["gender"] = self.about.sex if self.about.sex in {"female", "male"} else "other"
        return told

    def _device(self) -> Json:
        model = self.document["model"]
        return {
            "resourceType": "Device",
            "identifier": [{"system": "urn:flexura:model", "value": model["sha256"]}],
            "deviceName": [{"name": model["name"], "type": "model-name"}],
            "version": [{"value": model["version"]}],
            "note": [{"text": f"{NOTICE} Intended use: {model['intended_use']}"}],
        }

    def _media(self) -> Json:
        photo = self.document["photo"]
        kind = _PHOTOS.get(photo["format"].partition(" ")[0])
        told: Json = {
            "resourceType": "Media",
            "identifier": [{"system": "urn:flexura:photo-sha256", "value": photo["sha256"]}],
            "status": "completed",
            "type": terms("media-type", "image"),
            "subject": self._to("patient"),
            "height": photo["height"],
            "width": photo["width"],
            "content": {"title": "The photo as it came; it is not in this bundle."},
        }
        if kind:
            told["content"]["contentType"] = kind
        if photo["captured_at"]:
            told["createdDateTime"] = _date_time(photo["captured_at"])
        return told | self._body_site()

    def _observation(self, told: Json) -> Json:
        said = told | {
            "resourceType": "Observation",
            "status": self.status,
            "category": [terms("observation-category", "imaging")],
            "subject": self._to("patient"),
            "effectiveDateTime": self.issued,
            "issued": self.issued,
            "device": self._to("device"),
            "derivedFrom": [self._to("media")],
            "method": {"text": "Estimated from one photograph by a model; expected value over its grades."},
        }
        return said | self._body_site()

    def _differential(self) -> Json:
        diagnosis = self.document["diagnosis"]
        rows = [row for row in diagnosis["ranking"] if row["probability"]]
        return {
            "resourceType": "RiskAssessment",
            "status": self.status,
            "method": {
                "text": "Calibrated probabilities of a network over 35 diagnoses, given that it is one of them."
            },
            "subject": self._to("patient"),
            "occurrenceDateTime": self.issued,
            "performer": self._to("device"),
            "basis": [self._to("media")],
            "prediction": [
                {"outcome": diagnosis_concept(row), "probabilityDecimal": row["probability"]} for row in rows
            ],
            "note": [
                {"text": NOTICE},
                {"text": _set_words(diagnosis["prediction_set"])},
                *({"text": reason} for reason in self._doubts()),
            ],
        }

    def _report(self, measures: list[str]) -> Json:
        told: Json = {
            "resourceType": "DiagnosticReport",
            "identifier": [{"system": "urn:flexura:assessment", "value": self.about.key}],
            "status": self.status,
            "category": [terms("v2-0074", "OTH")],
            "code": concept("report"),
            "subject": self._to("patient"),
            "effectiveDateTime": self.issued,
            "issued": self.issued,
            "result": [self._to(name) for name in measures],
            "media": [{"link": self._to("media")}],
            "conclusion": " ".join((NOTICE, *self._doubts())),
        }
        review, first = self.about.review, self.document["diagnosis"]["ranking"][0]
        if review is not None and review.agrees:
            told["conclusionCode"] = [diagnosis_concept(first)]
            told["resultsInterpreter"] = [self._clinician(review)]
        return told

    def _impression(self, review: Judged) -> Json:
        said = "agrees with the assessment" if review.agrees else "does not agree with the assessment"
        told: Json = {
            "resourceType": "ClinicalImpression",
            "status": "completed",
            "subject": self._to("patient"),
            "date": review.at.isoformat(timespec="milliseconds"),
            "assessor": self._clinician(review),
            "investigation": [{"code": concept("report"), "item": [self._to("report"), self._to("differential")]}],
            "summary": f"The clinician {said}.",
        }
        if review.diagnosis:
            words = review.diagnosis.replace("_", " ")
            code = concept(review.diagnosis, system=DIAGNOSIS, words=words)
            told["finding"] = [{"itemCodeableConcept": code}]
        return told

    def _doubts(self) -> list[str]:
        return [reason["message"] for reason in (self.document["abstained"] or {"reasons": []})["reasons"]]

    def _body_site(self) -> Json:
        if not self.site:
            return {}
        return {"bodySite": concept(self.site, system=SITE, words=self.site.replace("_", " "))}

    def _clinician(self, review: Judged) -> Json:
        return {"type": "Practitioner", "identifier": {"system": "urn:flexura:users", "value": review.by}}

    def _to(self, role: str) -> Json:
        return {"reference": self._url(role)}

    def _url(self, role: str) -> str:
        return uuid5(NAMESPACE_URL, f"flexura/{self.about.key}/{role}").urn


def _set_words(chosen: Json) -> str:
    group = chosen["group"]
    basis = f"{group['cases']} held-out photos of skin tone {group['name'].replace('_', ' ')}" if group else ""
    if group and group["cases"] < group["cases_needed"]:
        return f"No set of diagnoses is given: {basis} are too few."
    codes = ", ".join(chosen["codes"])
    held = f"Of comparable photos, {chosen['coverage']:.0%} have their diagnosis in this set: {codes}."
    return f"{held} It rests on {basis}." if group else held


def _date_time(text: str) -> str:
    """FHIR asks for an offset with every time; without one only the day is told."""
    return text if datetime.fromisoformat(text).tzinfo is not None else text[:10]
