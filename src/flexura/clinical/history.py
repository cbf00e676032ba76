"""Features of time: how long, how often, how lately, and whether the itch rises or falls.

Everything is counted in calendar days back from the day of capture. "Last year" is the 365 days
up to and with that day. What cannot be counted is unknown, not 0.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from flexura.clinical.vectors import feature_vector
from flexura.clinical.vocabulary import UNINTERRUPTED
from flexura.records import FeatureVector, ItchScore, PatientContext

YEAR_DAYS: Final = 365
MEAN_YEAR_DAYS: Final = 365.25
_FEWEST_DAYS_OF_A_TREND: Final = 3


def history_features(context: PatientContext) -> FeatureVector:
    """Measure the dated history.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    FeatureVector
        Time since onset and age at onset (years), length of the episode (log10 days), flares of the
        last year, their mean spacing and the days since the last one, trend of itch (points per week).
    """
    captured_on, flares = context.captured_on, context.flares
    since_onset, age = years_since_onset(context), context.age_years
    recent = None if captured_on is None or flares is None else _last_year(flares, captured_on)
    scores = context.itch_history or ()
    return feature_vector(
        [
            ("years_since_onset", since_onset, "years"),
            ("age_at_onset", None if age is None or since_onset is None else max(age - since_onset, 0.0), "years"),
            ("episode_length", _log_days(context.duration_days), "log10 days"),
            ("flares_last_year", None if recent is None else len(recent), "flares"),
            ("flare_spacing", None if recent is None else mean_spacing_days(recent), "days"),
            ("days_since_flare", (captured_on - max(flares)).days if captured_on and flares else None, "days"),
            ("itch_trend", None if captured_on is None else itch_trend(scores, captured_on), "points per week"),
        ]
    )


def years_since_onset(context: PatientContext) -> float | None:
    """Years from the onset to the capture; from the episode's length where it never paused.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    float | None
        Years of 365.25 days; `None` if unknown.
    """
    if context.onset_date is not None and context.captured_on is not None:
        return (context.captured_on - context.onset_date).days / MEAN_YEAR_DAYS
    if context.course in UNINTERRUPTED and context.duration_days is not None:
        return context.duration_days / MEAN_YEAR_DAYS
    return None


def mean_spacing_days(starts: Sequence[date]) -> float | None:
    """Mean days from the start of one flare to the start of the next.

    Parameters
    ----------
    starts : sequence of date
        First days, from old to new.

    Returns
    -------
    float | None
        Days; `None` for fewer than two flares.

    Examples
    --------
    >>> mean_spacing_days([date(2024, 1, 1), date(2024, 1, 11), date(2024, 2, 10)])
    20.0
    """
    return (starts[-1] - starts[0]).days / (len(starts) - 1) if len(starts) > 1 else None


def itch_trend(scores: Sequence[ItchScore], captured_on: date) -> float | None:
    """Slope of the itch over the last year, by Theil-Sen: the median slope of all pairs of days.

    One score that was mistyped or given on a bad day turns a least-squares line of few points; the
    median holds until more than a quarter of the scores are off.

    Parameters
    ----------
    scores : sequence of ItchScore
        Itch 0-10 by day; several on one day are allowed.
    captured_on : date
        End of the year that is looked at.

    Returns
    -------
    float | None
        Points per week, above 0 where the itch rises; `None` for scores of fewer than three days.

    References
    ----------
    Sen 1968, doi 10.1080/01621459.1968.10480934.
    """
    days = np.array([(captured_on - score.day).days for score in scores], np.float64)
    itch = np.array([score.itch for score in scores], np.float64)
    recent = days < YEAR_DAYS
    days, itch = -days[recent], itch[recent]
    if len(set(days.tolist())) < _FEWEST_DAYS_OF_A_TREND:
        return None
    earlier, later = np.triu_indices(days.size, k=1)
    gap = days[later] - days[earlier]
    apart = gap != 0
    return float(7 * np.median((itch[later] - itch[earlier])[apart] / gap[apart]))


def _last_year(days: Sequence[date], captured_on: date) -> list[date]:
    return [day for day in days if (captured_on - day).days < YEAR_DAYS]


def _log_days(days: float | None) -> float | None:
    return None if days is None else float(np.log10(max(days, 1.0)))
