"""Which red flags an answer raises, and their lines in it."""

from flexura.decision.red_flags.known import Known
from flexura.decision.red_flags.table import RED_FLAGS, RedFlag, Trigger
from flexura.records import Area, Assessment, PatientContext, Recommendation

Raised = tuple[tuple[RedFlag, tuple[Trigger, ...]], ...]


def raised_flags(assessment: Assessment, context: PatientContext) -> Raised:
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
    return _raised_by(
        Known(
            context=context,
            findings={finding.code: finding.present for finding in assessment.why},
            probabilities={row.code: row.probability for row in assessment.diagnosis.ranking},
            eczema=assessment.diagnosis.is_eczema.probability,
            area=assessment.area,
        )
    )


def told_flags(context: PatientContext) -> tuple[Recommendation, ...]:
    """Find the red flags that hold by what was told alone: a photo that is refused must not hide them.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    tuple of Recommendation
        In the order of the table, the most urgent first.
    """
    unseen = Area(None, None, 0.0, None)
    return tuple(as_recommendation(*one) for one in _raised_by(Known(context, {}, {}, 0.0, unseen)))


def _raised_by(known: Known) -> Raised:
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
