"""When an answer should not be relied on: a table of rules over a few numbers and what was told.

Abstaining never hides the answer; it says why not to trust it. Failed quality checks bring their
own code and advice from intake (docs/quality.md). docs/uncertainty.md shows the table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flexura.decision.calibration import Calibration
from flexura.decision.history import without_side
from flexura.records import Abstention, Assessment, PatientContext, Reason


@dataclass(frozen=True)
class Grounds:
    """What the rules look at: the answer so far, what was told, and the calibration that holds the thresholds."""

    answer: Assessment
    context: PatientContext
    calibration: Calibration


@dataclass(frozen=True)
class Rule:
    """One reason to abstain: its code, the rule and its sentence in words, its threshold and what it comes from.

    `threshold` is a place in the calibration; `None` where the rule compares words.
    """

    code: str
    rule: str
    threshold: str | None
    source: str
    message: str
    holds: Callable[[Grounds], bool]


HEALTHY: Final = "healthy_skin"
# Words of `excluded_diagnoses` that have another name among the codes.
_EXCLUDED_CODES: Final = {"cutaneous_lymphoma": "mycosis_fungoides"}


def _too_little_skin(grounds: Grounds) -> bool:
    return grounds.answer.area.skin_fraction_of_photo < grounds.calibration.area_reading.minimum_skin_fraction


def _first_code(grounds: Grounds) -> str:
    return grounds.answer.diagnosis.ranking[0].code


def _no_set(grounds: Grounds) -> bool:
    group = grounds.answer.diagnosis.prediction_set.group
    return group is not None and not group.enough


def _set_too_large(grounds: Grounds) -> bool:
    codes = grounds.answer.diagnosis.prediction_set.codes
    return not _no_set(grounds) and len(codes) > grounds.calibration.limits.largest_set


def _age_not_learned(grounds: Grounds) -> bool:
    age, learned = grounds.context.age_years, grounds.calibration.limits.ages_years
    return age is not None and learned is not None and not learned[0] <= age < learned[1]


def _told_diagnosis_left_out(grounds: Grounds) -> bool:
    told = grounds.context.confirmed_diagnosis
    return told is not None and told not in grounds.answer.diagnosis.prediction_set.codes


def _excluded_diagnosis_first(grounds: Grounds) -> bool:
    excluded = grounds.context.excluded_diagnoses or ()
    return _first_code(grounds) in {_EXCLUDED_CODES.get(word, word) for word in excluded}


def _other_site(grounds: Grounds) -> bool:
    told, read = grounds.context.site, grounds.answer.photo.capture.body_site
    return told is not None and read is not None and without_side(told) != without_side(read)


RULES: Final = (
    Rule(
        "too_little_skin_seen",
        "Not skin: the share of the photo that the network sees as skin is below the threshold.",
        "area_reading.minimum_skin_fraction",
        "Ours: below a tenth of the photo, the affected share is a ratio of few cells.",
        "The network sees too little skin in the photo: move closer so that skin fills the frame.",
        _too_little_skin,
    ),
    Rule(
        "no_disease_seen",
        "Not a photo of a disease: healthy skin is the most likely of all codes.",
        None,
        "Ours: so for 18 of 19 photos of healthy skin of fold 4, and for none of 435 of disease (docs/uncertainty.md).",
        "The photo looks like healthy skin; what is said of diseases and severity has no ground in it.",
        lambda grounds: _first_code(grounds) == HEALTHY,
    ),
    Rule(
        "out_of_distribution",
        "The photo is farther from the training photos than a share of the held-out photos, the threshold, is.",
        "distance.threshold",
        "Lee et al. 2018 (Mahalanobis distance), doi 10.48550/arXiv.1807.03888; the share is ours.",
        "The photo is unlike those that the network learned from; its probabilities may not hold here.",
        lambda grounds: grounds.answer.uncertainty.out_of_distribution.flag,
    ),
    Rule(
        "age_outside_training",
        "The age lies outside those that the network was told in training.",
        "limits.ages_years",
        "SCIN asks adults alone, and no age from 80 up: Ward et al. 2024, doi 10.1001/jamanetworkopen.2024.46615.",
        "The patient is younger or older than those that the model learned from; its answer is not tested at this age.",
        _age_not_learned,
    ),
    Rule(
        "told_diagnosis_not_in_set",
        "Context against photo: the confirmed diagnosis is not in the prediction set.",
        "conformal.coverage",
        "Vovk, Gammerman, Shafer 2005 (prediction sets), doi 10.1007/b106715.",
        "The diagnosis that was told is not among those that the photo leaves open: one of the two is wrong.",
        _told_diagnosis_left_out,
    ),
    Rule(
        "excluded_diagnosis_first",
        "Context against photo: the most likely diagnosis is one of those that were excluded.",
        None,
        "Ours: what a clinician has excluded weighs more than a photo.",
        "The most likely diagnosis is one that was excluded.",
        _excluded_diagnosis_first,
    ),
    Rule(
        "site_contradicts_file",
        "Context against photo: the site that was told is another than the one in the photo's file.",
        None,
        "DICOM PS3.3, General Series, Body Part Examined (0018,0015).",
        "The body site that was told is not the one in the photo's file: it may be the photo of another case.",
        _other_site,
    ),
    Rule(
        "too_few_cases_of_skin_tone",
        "ceil((n + 1) * coverage) > n, n the held-out photos of this skin-tone group.",
        "conformal.coverage",
        "Vovk, Gammerman, Shafer 2005, section 4.5, doi 10.1007/b106715.",
        "Too few photos of this skin tone were kept to check the model on; no set of diagnoses can be promised here.",
        _no_set,
    ),
    Rule(
        "too_many_diagnoses",
        "The prediction set holds more codes than the threshold.",
        "limits.largest_set",
        "Ours: a third of the 35 codes is a list that nobody can act on.",
        "Too many diagnoses remain possible to guide anyone; other photos or an examination are needed.",
        _set_too_large,
    ),
    Rule(
        "low_confidence",
        "The probability of the most likely diagnosis is below the threshold.",
        "limits.lowest_confidence",
        "Chow 1970 (rejecting by the largest probability), doi 10.1109/TIT.1970.1054406; the limit is ours.",
        "Even the most likely diagnosis is improbable.",
        lambda grounds: grounds.answer.confidence.score < grounds.calibration.limits.lowest_confidence,
    ),
)


def abstention_of(grounds: Grounds) -> Abstention | None:
    """Collect every reason not to rely on an answer.

    Parameters
    ----------
    grounds : Grounds
        The answer so far and what it is held against.

    Returns
    -------
    Abstention or None
        Failed gating quality checks first, then the rules in the order of `RULES`; `None` if there is no reason.
    """
    checks = grounds.answer.quality.checks
    failed = [Reason(check.reason, check.advice) for check in checks if check.gating and not check.passed]
    held = [Reason(rule.code, rule.message) for rule in RULES if rule.holds(grounds)]
    reasons = (*failed, *held)
    return Abstention(reasons) if reasons else None
