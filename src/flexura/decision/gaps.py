"""What an assessment does not cover, and why: so that unknown is never silent.

Some gaps are the same for every photo of this version, others depend on what was given or seen.
Fields are named by their path in the document, with dots.
"""

from collections.abc import Callable
from typing import Final

from flexura.decision.findings.unsaid import UNSAID
from flexura.records import Assessment, NotCovered

# Same for every photo. Remove a row when its part is built.
ALWAYS: Final = (
    NotCovered(
        "diagnosis.ranking.snomed", "A SNOMED CT code is given only where it was verified for that very diagnosis."
    ),
    NotCovered("severity.easi", "One photo shows one body region; give all photos of the patient together for EASI."),
    NotCovered("severity.objective_scorad", "One photo does not show how much of the whole body is affected."),
    NotCovered(
        "clinical.criteria", "Judged from what was told of the patient alone; what the photo shows does not enter."
    ),
    NotCovered(
        "why", "Findings say what publications say of a disease; they are not weighed and do not rank anything."
    ),
    NotCovered(
        "contributions.parts",
        "What each part adds tells what this network uses; it is not evidence of a cause.",
    ),
    NotCovered(
        "alternatives",
        "Beside the first diagnosis at most five others of the prediction set are compared; not all are described.",
    ),
)


def _no_region(assessment: Assessment) -> bool:
    return assessment.site is not None and assessment.severity.region_score.region is None


# Path, reason, and when the field is unknown.
_SOMETIMES: Final[tuple[tuple[str, str, Callable[[Assessment], bool]], ...]] = (
    ("photo.site", "The body site was not given.", lambda answer: answer.site is None),
    ("photo.captured_at", "The file does not say when it was taken.", lambda answer: answer.photo.captured_at is None),
    ("quality.checks", "No quality check was made.", lambda answer: not answer.quality.checks),
    (
        "preprocessing",
        "Scale, light and what lies on the skin were not looked at; the picture was only resized.",
        lambda answer: not answer.preprocessing,
    ),
    (
        "preprocessing.parameters",
        "Some of scale, light and what lies on the skin was not measured or not looked for; its step says why.",
        lambda answer: any(value is None for step in answer.preprocessing for value in step.parameters.values()),
    ),
    ("features", "Colour, texture and border were not measured on this photo.", lambda answer: not answer.features),
    (
        "features",
        "Some of colour, texture and border could not be measured on this photo, such as a border without contrast.",
        lambda answer: any(feature.value is None for feature in answer.features.values()),
    ),
    (
        "why.present",
        "What was not measured, was not told, or lies near a limit speaks neither for nor against anything.",
        lambda answer: any(finding.present is None for finding in answer.why),
    ),
    (
        "contributions",
        "The network was asked only with all that was known, so what each part of it added was not measured.",
        lambda answer: answer.contributions is None,
    ),
    (
        "clinical.criteria.met",
        "Too little was told to call some criteria met or not met; their questions would tell.",
        lambda answer: any(result.met is None for result in answer.criteria.values()),
    ),
    (
        "diagnosis.for",
        "Nothing that was found speaks for the first diagnosis, or no description of it says what to look for.",
        lambda answer: not answer.diagnosis.supporting,
    ),
    (
        "diagnosis.against",
        "Nothing that was found speaks against the first diagnosis, or no description of it says what to look for.",
        lambda answer: not answer.diagnosis.opposing,
    ),
    (
        "diagnosis.prediction_set.group",
        "This model's sets rest on all held-out photos together; their coverage is not promised for each skin tone.",
        lambda answer: answer.diagnosis.prediction_set.group is None,
    ),
    (
        "confidence.expected_calibration_error",
        "The calibration error of this model was not measured, or not on photos that were corrected like this one.",
        lambda answer: answer.confidence.expected_calibration_error is None,
    ),
    (
        "uncertainty.model",
        "The network answered fewer than twice, so this part of the uncertainty could not be measured.",
        lambda answer: answer.uncertainty.model is None,
    ),
    (
        "uncertainty.data",
        "The network answered fewer than twice, so this part of the uncertainty could not be measured.",
        lambda answer: answer.uncertainty.data is None,
    ),
    (
        "severity.region_score.region",
        "The body site was not given, so the EASI region is unknown.",
        lambda answer: answer.site is None,
    ),
    ("severity.region_score.region", "The body site names no single EASI region.", _no_region),
    (
        "severity.region_score.value",
        "The score needs the affected area, and too little skin is seen to measure it.",
        lambda answer: answer.severity.region_score.value is None,
    ),
    (
        "severity.region_score.interval",
        "The score needs the affected area, and too little skin is seen to measure it.",
        lambda answer: answer.severity.region_score.interval is None,
    ),
    (
        "area.lesion_size",
        "Affected skin in cm² needs the scale (pixel spacing, a ruler or the body site) and its share of the skin.",
        lambda answer: answer.area.lesion_size is None,
    ),
    (
        "area",
        "Too little skin is seen to measure the affected share of it.",
        lambda answer: answer.area.lesion_fraction_of_skin is None,
    ),
)


def gaps_of(assessment: Assessment) -> tuple[NotCovered, ...]:
    """List the fields that are null or empty, each with its reason.

    Parameters
    ----------
    assessment : Assessment
        The answer; its own list of gaps is not looked at.

    Returns
    -------
    tuple of NotCovered
        Those of every photo last.
    """
    found = tuple(NotCovered(path, reason) for path, reason, unknown in _SOMETIMES if unknown(assessment))
    return found + _undescribed(assessment) + ALWAYS


def _undescribed(assessment: Assessment) -> tuple[NotCovered, ...]:
    """Parts that no table tells of the diagnoses that are compared."""
    compared = [("diagnosis", assessment.diagnosis.ranking[0].code)]
    compared += [("alternatives", other.code) for other in assessment.alternatives]
    return tuple(
        NotCovered(f"{field}.{part}", row.why)
        for field, code in compared
        for row in UNSAID
        for part in row.parts
        if row.diagnosis == code
    )
