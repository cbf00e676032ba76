"""When no guidance is given, and what was not told so that some lines could not be looked up: tables of reasons."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flexura.decision.guidance.option import ATOPIC, HAND_ECZEMA_FROM_YEARS, HAND_ECZEMAS
from flexura.decision.guidance.situation import Situation, site_group
from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY
from flexura.records import Assessment, PatientContext

# Eczema from four to one, as findings are told. Ours; docs/uncertainty.md says what lower limits would let through.
CERTAIN_ENOUGH: Final = 0.8
# Reasons to abstain that a diagnosis made by a clinician removes.
_ABOUT_THE_DIAGNOSIS: Final = frozenset(
    {
        *("age_outside_training", "told_diagnosis_not_in_set", "excluded_diagnosis_first"),
        *("too_few_cases_of_skin_tone", "too_many_diagnoses", "low_confidence"),
    }
)
_ECZEMAS: Final = frozenset(label.code for label in TAXONOMY if label.group == ECZEMA_GROUP)


@dataclass(frozen=True)
class Withheld:
    """A reason to give no guidance at all: its sentence, and when it holds."""

    message: str
    holds: Callable[[Assessment, PatientContext], bool]


def _abstained(assessment: Assessment, context: PatientContext) -> bool:
    reasons = {reason.code for reason in assessment.abstained.reasons} if assessment.abstained else set()
    return bool(reasons - _ABOUT_THE_DIAGNOSIS if context.confirmed_diagnosis else reasons)


def _first(assessment: Assessment) -> str:
    return assessment.diagnosis.ranking[0].code


def _uncertain(assessment: Assessment, context: PatientContext) -> bool:
    sure = assessment.diagnosis.is_eczema.probability >= CERTAIN_ENOUGH and _first(assessment) in _ECZEMAS
    return context.confirmed_diagnosis is None and not sure


def _other_eczema(assessment: Assessment, context: PatientContext) -> bool:
    diagnosis = context.confirmed_diagnosis or _first(assessment)
    covered = HAND_ECZEMAS if site_group(context.site) == "hands" else ATOPIC
    return diagnosis in _ECZEMAS and diagnosis not in covered


def _hands_of_a_child(assessment: Assessment, context: PatientContext) -> bool:
    """NICE CG57 is of atopic eczema alone, and the rows for hand eczema of other kinds begin at 12 years."""
    diagnosis = context.confirmed_diagnosis or _first(assessment)
    told_young = context.age_years is not None and context.age_years < HAND_ECZEMA_FROM_YEARS
    return told_young and diagnosis in HAND_ECZEMAS and diagnosis not in ATOPIC


WITHHELD: Final = (
    Withheld("Withheld: the answer itself should not be relied on.", _abstained),
    Withheld(
        f"Withheld: eczema is not certain enough (asked: {100 * CERTAIN_ENOUGH:g} % or more, and the first diagnosis a "
        "kind of eczema). A clinician's own diagnosis, where it is told, takes its place.",
        _uncertain,
    ),
    Withheld(
        "Withheld: these tables hold guidance for atopic eczema, and on hands for contact and dyshidrotic eczema.",
        _other_eczema,
    ),
    Withheld(
        "Withheld: under 12 years these tables hold no guidance for contact and dyshidrotic eczema.",
        _hands_of_a_child,
    ),
    Withheld(
        "Withheld: the age was not told, and guidelines differ by age.",
        lambda _, context: context.age_years is None,
    ),
)


def withholding_reasons(
    assessment: Assessment, context: PatientContext, *, stopped_by: tuple[str, ...]
) -> tuple[str, ...]:
    """List why no guidance is given.

    Parameters
    ----------
    assessment : Assessment
        The answer.
    context : PatientContext
        Checked.
    stopped_by : tuple of str
        Names of red flags that come first.

    Returns
    -------
    tuple of str
        Sentences; empty where guidance can be looked up.
    """
    stops = (f"Withheld until the red flags are excluded: {'; '.join(stopped_by)}.",) if stopped_by else ()
    return stops + tuple(row.message for row in WITHHELD if row.holds(assessment, context))


def missing_questions(situation: Situation) -> tuple[str, ...]:
    """Say what was not told, so that lines which depend on it are left out.

    Parameters
    ----------
    situation : Situation
        From `situation_of`.

    Returns
    -------
    tuple of str
        Sentences; empty where all is known.
    """
    asked = (
        (situation.severity is None, "the photo tells no severity: grades that are far apart are possible"),
        (situation.site is None, "the body site was not told, and with it the potency"),
        (situation.pregnancy is None, "pregnancy was not told; what it forbids is left out"),
    )
    return tuple(f"Incomplete: {words}." for missing, words in asked if missing)
