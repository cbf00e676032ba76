"""What was told, answered and found of a case, without what identifies: checked fields and numbers, no free text.

Days are moved like the photos' (`Pseudonyms.shift`); ages from 90 up are 90 (45 CFR 164.514(b)(2)(i)(C)).
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, Final

from flexura.clinical.context import read_context
from flexura.research.pseudonyms import Pseudonyms

OLDEST_YEARS: Final = 90
_AGES: Final = ("age_years", "onset_age_years")
# Of an assessment: all numbers, and nothing of the file or of what was told.
_ANSWERED: Final = (
    *("schema", "quality", "preprocessing", "diagnosis", "confidence", "uncertainty", "severity", "area"),
    *("features", "abstained", "not_covered", "model"),
)
# Of its diagnosis: sentences that repeat what was told.
_TOLD: Final = ("for", "against")
_JUDGED: Final = ("agrees", "diagnosis", "iga", "signs", "outline")

Json = dict[str, Any]


def deidentify_context(told: Mapping[str, Any], *, patient: str, pseudonyms: Pseudonyms) -> Json:
    """Give what is known of a patient, as `clinical.schema` checks it, with days moved and the oldest ages cut.

    Parameters
    ----------
    told : Mapping[str, Any]
        As it was stored.
    patient : str
        The patient's true id.
    pseudonyms : Pseudonyms
        Of the study.

    Returns
    -------
    dict[str, Any]
        JSON-ready; what is unknown is left out.
    """
    context = read_context(told)
    known = {each.name: getattr(context, each.name) for each in fields(context)}
    for name in _AGES:
        if known[name] is not None:
            known[name] = min(known[name], float(OLDEST_YEARS))
    if (known["age_months"] or 0) >= 12 * OLDEST_YEARS:
        known["age_months"] = None

    def moved(value: Any) -> Any:
        if isinstance(value, date):
            return pseudonyms.shift(patient, value).isoformat()
        if isinstance(value, tuple):
            return [moved(each) for each in value]
        if hasattr(value, "__dataclass_fields__"):
            return {each.name: moved(getattr(value, each.name)) for each in fields(value)}
        return value

    return {name: moved(value) for name, value in known.items() if value is not None}


def deidentify_assessment(document: Mapping[str, Any]) -> Json:
    """Give the numbers of an assessment.

    Parameters
    ----------
    document : Mapping[str, Any]
        As it was stored: `assessment` with the document.

    Returns
    -------
    dict[str, Any]
        Without the photo's hash, time and camera, and without sentences that repeat what was told.
    """
    answered = document["assessment"]
    kept = {name: answered[name] for name in _ANSWERED if name in answered}
    if "diagnosis" in kept:
        kept["diagnosis"] = {name: value for name, value in kept["diagnosis"].items() if name not in _TOLD}
    return kept


def deidentify_review(document: Mapping[str, Any]) -> Json:
    """Give what a clinician judged, without the note."""
    return {name: document[name] for name in _JUDGED if document.get(name) is not None}


def deidentify_outcome(document: Mapping[str, Any], *, patient: str, pseudonyms: Pseudonyms) -> Json:
    """Give what became of a case, the day moved, without the note.

    Parameters
    ----------
    document : Mapping[str, Any]
        As it was stored.
    patient : str
        The patient's true id.
    pseudonyms : Pseudonyms
        Of the study.

    Returns
    -------
    dict[str, Any]
        JSON-ready.
    """
    day = pseudonyms.shift(patient, date.fromisoformat(document["observed_on"]))
    told = {name: document[name] for name in ("diagnosis", "iga", "poem_items") if document.get(name) is not None}
    return {"observed_on": day.isoformat()} | told
