"""What answers a criterion: three-valued readings of the patient context.

An answer is true, false, or `None` where it was not told. Sites of the context count as sites of the
dermatitis; a criterion is false only where that very thing was denied.
"""

from collections.abc import Callable, Iterable
from typing import Final

from flexura.decision.history import onset_age, without_side
from flexura.records import PatientContext

Ask = Callable[[PatientContext], bool | None]

# Skin creases of the UK Working Party; outer limbs; what spares groin and axillae (Eichenfield 2014).
FLEXURES: Final = frozenset({"antecubital_fossa", "popliteal_fossa", "ankle", "neck"})
EXTENSORS: Final = frozenset({"elbow", "forearm", "knee", "lower_leg"})
FACE: Final = frozenset({"face"})
NECK: Final = frozenset({"neck"})
HANDS_AND_FEET: Final = frozenset({"hand_back", "palm", "finger", "foot_back", "sole"})

_ADULT_FROM_YEARS: Final = 18


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether one holds.

    Parameters
    ----------
    answers : iterable of bool or None
        `None` is unknown.

    Returns
    -------
    bool or None
        True if one is, false if all are false, else unknown.

    Examples
    --------
    >>> any_of([None, True]), any_of([False, False]), any_of([None, False])
    (True, False, None)
    """
    return at_least(1, answers)


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether every one holds.

    Parameters
    ----------
    answers : iterable of bool or None
        `None` is unknown.

    Returns
    -------
    bool or None
        False if one is, true if all are true, else unknown.
    """
    given = tuple(answers)
    return at_least(len(given), given)


def at_least(needed: int, answers: Iterable[bool | None]) -> bool | None:
    """Whether so many hold.

    Parameters
    ----------
    needed : int
        From 0 up.
    answers : iterable of bool or None
        `None` is unknown.

    Returns
    -------
    bool or None
        Unknown where the unknown ones decide.

    Examples
    --------
    >>> at_least(2, [True, None, False]), at_least(2, [True, False, False])
    (None, False)
    """
    given = tuple(answers)
    held = sum(answer is True for answer in given)
    if held >= needed:
        return True
    return False if held + sum(answer is None for answer in given) < needed else None


def either(*asks: Ask) -> Ask:
    """One of several readings."""
    return lambda context: any_of(ask(context) for ask in asks)


def both(*asks: Ask) -> Ask:
    """All of several readings."""
    return lambda context: all_of(ask(context) for ask in asks)


def feature(*words: str) -> Ask:
    """One of these features was found; false if all were looked for and not found."""

    def ask(context: PatientContext) -> bool | None:
        found, missing = context.features_found or (), context.features_not_found or ()
        return any_of(True if word in found else False if word in missing else None for word in words)

    return ask


def listed(field: str, *words: str) -> Ask:
    """A list of words of the context holds one of these; a list that was told is complete."""

    def ask(context: PatientContext) -> bool | None:
        told: tuple[str, ...] | None = getattr(context, field)
        return None if told is None else not set(words).isdisjoint(told)

    return ask


def excluded(word: str) -> Ask:
    """Another disease was excluded; one that is not listed was not thought of."""
    return lambda context: True if word in (context.excluded_diagnoses or ()) else None


def affected(sites: frozenset[str]) -> Ask:
    """One of the sites is affected; false only where all affected sites were told."""

    def ask(context: PatientContext) -> bool | None:
        if context.site is not None and without_side(context.site) in sites:
            return True
        if context.sites is None:
            return None
        known = {without_side(site) for site in context.sites}
        return "whole_body" in known or not known.isdisjoint(sites)

    return ask


def shown_or(shows: Ask, otherwise: Ask) -> Ask:
    """A reading that can show a criterion but not deny it; where it does not show it, the other one tells."""
    return lambda context: True if shows(context) else otherwise(context)


def itches(context: PatientContext) -> bool | None:
    """Any itch that was told; three days without itch say nothing of the year."""
    scores = [score.itch for score in context.itch_history or ()]
    scores += [context.itch or 0, (context.poem_items or (0,))[0]]
    return True if any(score > 0 for score in scores) else feature("itchy_skin_last_year")(context)


def began_before(years: float) -> Ask:
    """The onset lies before this age."""

    def ask(context: PatientContext) -> bool | None:
        age = onset_age(context)
        return None if age is None else age < years

    return ask


def early_onset(context: PatientContext) -> bool | None:
    """Early age of onset, for which no limit was published: under 2 years is early, adult life is not."""
    age = onset_age(context)
    if age is None or 2 <= age < _ADULT_FROM_YEARS:
        return None
    return age < 2
