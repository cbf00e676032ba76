"""Which red flags an answer raises, and their lines in it."""

from flexura.decision.red_flags.known import Known
from flexura.decision.red_flags.table import RED_FLAGS, RedFlag, Trigger
from flexura.records import Assessment, PatientContext, Recommendation


def raised_flags(assessment: Assessment, context: PatientContext) -> tuple[tuple[RedFlag, tuple[Trigger, ...]], ...]:
    """Find the red flags that hold, and what raised each.

    Parameters
    ----------
    assessment : Assessment
        The answer, with its findings.
    context : PatientContext
        Checked.

    Returns
    -------
    tuple of (RedFlag, tuple of Trigger)
        In the order of the table, the most urgent first.
    """
    known = Known(
        context=context,
        findings={finding.code: finding.present for finding in assessment.why},
        probabilities={row.code: row.probability for row in assessment.diagnosis.ranking},
        eczema=assessment.diagnosis.is_eczema.probability,
        area=assessment.area,
    )
    found = ((flag, tuple(one for one in flag.triggers if one.holds(known))) for flag in RED_FLAGS)
    return tuple((flag, triggers) for flag, triggers in found if triggers)


def as_recommendation(flag: RedFlag, triggers: tuple[Trigger, ...]) -> Recommendation:
    """Write a raised flag as a line of the answer.

    Parameters
    ----------
    flag : RedFlag
        A row of `RED_FLAGS`.
    triggers : tuple of Trigger
        Those that raised it.

    Returns
    -------
    Recommendation
        Urgent, with the time in which to act.
    """
    return Recommendation(
        text=f"{flag.urgency.capitalize()}: {flag.action}",
        strength=flag.strength,
        applies_because="; ".join(trigger.words for trigger in triggers),
        source=flag.source.name,
        version=flag.source.version,
        url=flag.source.url,
        urgent=True,
        kind="red_flag",
        topic=flag.name,
    )
