"""When an answer should not be relied on: a table of rules over a few numbers.

Abstaining never hides the answer; it says why not to trust it. Failed quality checks bring their
own code and advice from intake.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flexura.decision.calibration import AbstentionLimits, AreaReading
from flexura.records import Abstention, Assessment, Reason


@dataclass(frozen=True)
class Thresholds:
    """What the rules compare with: both parts of the bundle's calibration."""

    limits: AbstentionLimits
    reading: AreaReading


@dataclass(frozen=True)
class Rule:
    """One reason to abstain: its code, its sentence, where its threshold comes from, and when it holds."""

    code: str
    message: str
    source: str
    holds: Callable[[Assessment, Thresholds], bool]


def _too_little_skin(assessment: Assessment, thresholds: Thresholds) -> bool:
    return assessment.area.skin_fraction_of_photo < thresholds.reading.minimum_skin_fraction


def _unlike_training(assessment: Assessment, _: Thresholds) -> bool:
    return assessment.uncertainty.out_of_distribution.flag


def _no_set(assessment: Assessment, _: Thresholds) -> bool:
    group = assessment.diagnosis.prediction_set.group
    return group is not None and not group.enough


def _set_too_large(assessment: Assessment, thresholds: Thresholds) -> bool:
    return (
        not _no_set(assessment, thresholds)
        and len(assessment.diagnosis.prediction_set.codes) > thresholds.limits.largest_set
    )


def _unsure(assessment: Assessment, thresholds: Thresholds) -> bool:
    return assessment.confidence.score < thresholds.limits.lowest_confidence


RULES: Final = (
    Rule(
        "too_little_skin_seen",
        "The network sees too little skin in the photo: move closer so that skin fills the frame.",
        "calibration.area_reading.minimum_skin_fraction",
        _too_little_skin,
    ),
    Rule(
        "out_of_distribution",
        "The photo is unlike those that the network learned from; its probabilities may not hold here.",
        "calibration.distance.threshold",
        _unlike_training,
    ),
    Rule(
        "too_few_cases_of_skin_tone",
        "Too few photos of this skin tone were kept to check the model on; no set of diagnoses can be promised here.",
        "calibration.conformal.coverage",
        _no_set,
    ),
    Rule(
        "too_many_diagnoses",
        "Too many diagnoses remain possible to guide anyone; other photos or an examination are needed.",
        "calibration.limits.largest_set",
        _set_too_large,
    ),
    Rule(
        "low_confidence",
        "Even the most likely diagnosis is improbable.",
        "calibration.limits.lowest_confidence",
        _unsure,
    ),
)


def abstention_of(assessment: Assessment, thresholds: Thresholds) -> Abstention | None:
    """Collect every reason not to rely on an answer.

    Parameters
    ----------
    assessment : Assessment
        The answer so far.
    thresholds : Thresholds
        From the calibration.

    Returns
    -------
    Abstention or None
        Failed gating quality checks first, then the rules in the order of `RULES`; `None` if there is no reason.
    """
    failed = [
        Reason(check.reason, check.advice) for check in assessment.quality.checks if check.gating and not check.passed
    ]
    held = [Reason(rule.code, rule.message) for rule in RULES if rule.holds(assessment, thresholds)]
    reasons = (*failed, *held)
    return Abstention(reasons) if reasons else None
