"""What the fields of a context say about one another: some follow from others, none may contradict another.

Takes fields that were each read by themselves and gives those that `PatientContext` keeps.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from flexura.clinical.ages import completed_months, local_day
from flexura.clinical.environment import opposite_seasons, season_of
from flexura.clinical.schema import FIELDS
from flexura.clinical.vocabulary import UNINTERRUPTED
from flexura.errors import ContextError

# They are counted to the day of capture, so that it must be known.
_DATED: Final = ("birth_date", "time_zone", "onset_date", "flares", "itch_history")
# People round: a duration may exceed the time since the onset by as much.
_ROUNDING_DAYS: Final = 31
_LONGEST_YEAR_DAYS: Final = 366
_DAYS_OF_A_YEAR: Final = 365.25
_ROUNDING_YEARS: Final = 1  # ages may be rounded down to whole years

Told = dict[str, Any]


def settle(told: Told) -> Told:
    """Derive what follows from other fields and refuse what contradicts them.

    Parameters
    ----------
    told : dict
        Known fields by name, each checked by itself; left as it is.

    Returns
    -------
    dict
        Fields of `PatientContext`.

    Raises
    ------
    ContextError
        If two fields contradict each other, or a dated one lacks `captured_at`.
    """
    known = dict(told)
    _settle_capture(known)
    birth = known.pop("birth_date", None)
    _settle_age(known, birth)
    _check_days(known, birth or _earliest_birth(known))
    _check_onset(known)
    _settle_duration(known)
    _settle_poem(known)
    _check_pregnancy(known)
    _check_season(known)
    _check_features(known)
    return known


def _settle_capture(known: Told) -> None:
    for name in _DATED:
        if name in known and "captured_at" not in known:
            raise ContextError(f"{name} needs captured_at, the day that it is counted to")
    captured, zone = known.pop("captured_at", None), known.pop("time_zone", None)
    if captured is not None:
        known["captured_on"] = local_day(captured, zone) if isinstance(captured, datetime) else captured


def _settle_age(known: Told, birth: date | None) -> None:
    if birth is not None:
        _check_order("birth_date", [birth], last=known["captured_on"])
        months = completed_months(birth, known["captured_on"])
        if months > FIELDS["age_months"].high:
            raise ContextError(f"birth_date is out of range: an age of 0 to {FIELDS['age_years'].high:g} years")
        if known.setdefault("age_months", months) != months:
            raise ContextError("age_months contradicts birth_date and captured_at")
    if "age_months" in known:
        years = known["age_months"] / 12
        if "age_years" in known and int(known["age_years"]) != int(years):
            raise ContextError("age_years contradicts age_months, or birth_date and captured_at")
        known["age_years"] = years


def _earliest_birth(known: Told) -> date | None:
    if "age_years" not in known or "captured_on" not in known:
        return None
    return cast(date, known["captured_on"]) - timedelta(days=(known["age_years"] + 1) * _LONGEST_YEAR_DAYS)


def _check_days(known: Told, birth: date | None) -> None:
    history = {
        "onset_date": [known["onset_date"]] if "onset_date" in known else [],
        "flares": known.get("flares", ()),
        "itch_history": [score.day for score in known.get("itch_history", ())],
    }
    for name, days in history.items():
        _check_order(name, days, first=birth, last=known.get("captured_on"))


def _check_order(name: str, days: Iterable[date], *, last: date | None, first: date | None = None) -> None:
    for day in days:
        if last is not None and day > last:
            raise ContextError(f"{name} lies after captured_at")
        if first is not None and day < first:
            raise ContextError(f"{name} lies before the patient's birth")


def _check_onset(known: Told) -> None:
    if "onset_age_years" not in known or "age_years" not in known:
        return
    # Either age may be rounded down to whole years.
    if known["onset_age_years"] >= known["age_years"] + 1:
        raise ContextError("onset_age_years is higher than the patient's age")
    if "onset_date" in known:
        counted = known["age_years"] - (known["captured_on"] - known["onset_date"]).days / _DAYS_OF_A_YEAR
        if abs(counted - known["onset_age_years"]) > _ROUNDING_YEARS:
            raise ContextError("onset_age_years contradicts onset_date, captured_at and the age")


def _settle_duration(known: Told) -> None:
    since_onset = (known["captured_on"] - known["onset_date"]).days if "onset_date" in known else None
    if "duration_days" not in known:
        if since_onset is not None and known.get("course") in UNINTERRUPTED:
            known["duration_days"] = float(since_onset)
        return
    if since_onset is not None and known["duration_days"] > since_onset + _ROUNDING_DAYS:
        raise ContextError("duration_days is longer than the time from onset_date to captured_at")
    if known["duration_days"] > (known.get("age_years", FIELDS["age_years"].high) + 1) * _LONGEST_YEAR_DAYS:
        raise ContextError("duration_days is longer than the patient's age")


def _settle_poem(known: Told) -> None:
    if "poem_items" in known and known.setdefault("poem", sum(known["poem_items"])) != sum(known["poem_items"]):
        raise ContextError("poem is not the sum of poem_items")


def _check_pregnancy(known: Told) -> None:
    if known.get("sex") == "male" and known.get("pregnancy") in ("pregnant", "breastfeeding"):
        raise ContextError("pregnancy contradicts sex")


def _check_season(known: Told) -> None:
    derived = season_of(known.get("captured_on"), known.get("latitude_band"))
    # Seasons by weather and by calendar differ by weeks, never by two seasons.
    if "season" in known and derived is not None and opposite_seasons(known["season"], derived):
        raise ContextError("season contradicts captured_at and latitude_band")


def _check_features(known: Told) -> None:
    if set(known.get("features_found", ())) & set(known.get("features_not_found", ())):
        raise ContextError("features_found and features_not_found name the same feature")
