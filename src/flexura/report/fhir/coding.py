"""Codes and small parts of FHIR resources; a SNOMED CT concept only where the taxonomy verified it.

Of signs and scores no code of LOINC or SNOMED CT was verified, so they have flexura's own: a wrong code is worse than
a local one.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

Json = dict[str, Any]

LOCAL: Final = "urn:flexura:observation"
DIAGNOSIS: Final = "urn:flexura:diagnosis"
SITE: Final = "urn:flexura:site"
SNOMED: Final = "http://snomed.info/sct"
UCUM: Final = "http://unitsofmeasure.org"
_TERMS: Final = "http://terminology.hl7.org/CodeSystem"

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "erythema": "Erythema, 0-3",
        "oedema_papulation": "Oedema and papulation, 0-3",
        "excoriation": "Excoriation, 0-3",
        "lichenification": "Lichenification, 0-3",
        "oozing_crusting": "Oozing and crusting, 0-3",
        "dryness": "Dryness, 0-3",
        "iga": "Investigator's Global Assessment of this photo, 0-4",
        "region_score": "EASI of the region seen, before its weight, 0-72",
        "easi": "EASI of the whole body, 0-72",
        "objective_scorad": "Objective SCORAD, 0-83",
        "lesion_fraction": "Affected share of the visible skin",
        "easi_area_score": "EASI area score of the region seen, 0-6",
        "lesion_size": "Affected skin in view",
        "interval_90": "90 % interval",
        "probability_of_grade": "Probability of a grade",
        "report": "Assessment of a skin photograph by a model",
        "photo": "Photograph of skin",
    }
)
# What a score is graded in; UCUM's annotation for a number without unit.
SCORE: Final = ("{score}", "{score}")
PERCENT: Final = ("%", "%")
SQUARE_CM: Final = ("cm2", "cm2")


def concept(code: str, *, system: str = LOCAL, words: str | None = None) -> Json:
    """Give a code with its words as a CodeableConcept.

    Parameters
    ----------
    code : str
        In `system`.
    system : str
        The code system.
    words : str | None
        For people; those of `WORDS` if `None`.

    Returns
    -------
    dict[str, Any]
    """
    said = words or WORDS[code]
    return {"coding": [{"system": system, "code": code, "display": said}], "text": said}


def diagnosis_concept(row: Mapping[str, Any]) -> Json:
    """Give a ranked diagnosis as a CodeableConcept: flexura's code, and SNOMED CT's where it was verified.

    Parameters
    ----------
    row : Mapping[str, Any]
        Of the document's ranking: code, name, snomed.

    Returns
    -------
    dict[str, Any]
    """
    told = concept(row["code"], system=DIAGNOSIS, words=row["name"])
    if row["snomed"]:
        told["coding"].insert(0, {"system": SNOMED, "code": row["snomed"]})
    return told


def quantity(value: float, unit: tuple[str, str]) -> Json:
    """Give a number with its unit (words and UCUM code)."""
    return {"value": value, "unit": unit[0], "system": UCUM, "code": unit[1]}


def terms(system: str, code: str) -> Json:
    """Give a CodeableConcept of HL7's own terminology."""
    return {"coding": [{"system": f"{_TERMS}/{system}", "code": code}]}
