"""What findings, criteria and guidance read from the context alike: the site without its side, onset and course.

Unknown is `None`.
"""

from typing import Final

from flexura.records import PatientContext

_DAYS_OF_A_YEAR: Final = 365.25


def without_side(site: str) -> str:
    """Name of a site without left or right.

    Parameters
    ----------
    site : str
        A site of the context.

    Returns
    -------
    str

    Examples
    --------
    >>> without_side("left_palm"), without_side("back")
    ('palm', 'back')
    """
    return site.removeprefix("left_").removeprefix("right_")


def onset_age(context: PatientContext) -> float | None:
    """Age at onset, as told or counted from the day of onset.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    float or None
        Years, at least 0.
    """
    if context.onset_age_years is not None:
        return context.onset_age_years
    if context.age_years is None or context.onset_date is None or context.captured_on is None:
        return None
    return max(context.age_years - (context.captured_on - context.onset_date).days / _DAYS_OF_A_YEAR, 0.0)


def comes_back(context: PatientContext) -> bool | None:
    """Whether the course is relapsing or persistent.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    bool or None
    """
    return None if context.course is None else context.course != "first_episode"
