"""Days and ages by the calendar: what day it was where the photo was taken, and how old that made the patient.

Ages follow the calendar, not a number of days: a month is complete on the day of birth's number
or, in a month that lacks it, on the first of the next. So a child born on 29 February turns one
on 1 March. The clock never comes in: everything is counted to the day of capture.
"""

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo


def local_day(captured_at: datetime, zone: tzinfo | None = None) -> date:
    """The calendar day of a capture at the place of capture.

    Parameters
    ----------
    captured_at : datetime
        As written; a clock with an offset or without shows local time.
    zone : tzinfo | None
        Time zone of the place, for a capture that was written in another one, such as UTC.

    Returns
    -------
    date
        The day as written, or the day in the zone where both the offset and the zone are known.

    Examples
    --------
    >>> local_day(datetime.fromisoformat("2024-02-29T23:30:00-11:00"))
    datetime.date(2024, 2, 29)
    >>> local_day(datetime.fromisoformat("2024-03-01T10:30:00+00:00"), ZoneInfo("Pacific/Pago_Pago"))
    datetime.date(2024, 2, 29)
    """
    if zone is None or captured_at.tzinfo is None:
        return captured_at.date()
    return captured_at.astimezone(zone).date()


def completed_months(birth: date, day: date) -> int:
    """Whole months of age on a day.

    Parameters
    ----------
    birth : date
        Day of birth, not after `day`.
    day : date
        Day of capture.

    Returns
    -------
    int
        Completed months; completed years are a twelfth of them, rounded down.

    Examples
    --------
    >>> completed_months(date(2020, 2, 29), date(2021, 2, 28)), completed_months(date(2020, 2, 29), date(2021, 3, 1))
    (11, 12)
    """
    return 12 * (day.year - birth.year) + day.month - birth.month - (day.day < birth.day)


def read_zone(name: str) -> tzinfo:
    """Find a time zone of the IANA database.

    Parameters
    ----------
    name : str
        Such as "Europe/Berlin" or "UTC".

    Returns
    -------
    tzinfo

    Raises
    ------
    ValueError
        If the database has no such zone.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # no such zone; a folder of zones; no name at all
        raise ValueError("no such time zone") from error
