"""Ages and days by the calendar, counted by hand: leap days, ends of months, either side of the date line."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.clinical.ages import completed_months, local_day, read_zone


@pytest.mark.parametrize(
    ("birth", "day", "months"),
    [
        ("2020-02-29", "2020-02-29", 0),
        ("2020-02-29", "2020-03-28", 0),
        ("2020-02-29", "2020-03-29", 1),
        ("2020-02-29", "2021-02-28", 11),  # no 29 February: one year old on the next day
        ("2020-02-29", "2021-03-01", 12),
        ("2020-02-29", "2024-02-28", 47),
        ("2020-02-29", "2024-02-29", 48),
        ("2023-01-31", "2023-02-28", 0),
        ("2023-01-31", "2023-03-01", 1),
        ("2023-01-31", "2023-03-30", 1),
        ("2023-01-31", "2023-03-31", 2),
        ("2018-12-15", "2019-01-14", 0),
        ("2018-12-15", "2019-01-15", 1),
        ("1900-03-01", "2000-02-29", 1199),  # 1900 had no leap day, 2000 had
        ("1900-03-01", "2000-03-01", 1200),
    ],
)
def test_months_by_hand(birth: str, day: str, months: int) -> None:
    assert completed_months(date.fromisoformat(birth), date.fromisoformat(day)) == months


@given(st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 40_000))
def test_age_never_falls_and_rises_by_one_month_at_most_a_day(birth: date, days: int) -> None:
    today = birth + timedelta(days)
    step = completed_months(birth, today + timedelta(1)) - completed_months(birth, today)
    assert step in (0, 1)
    assert abs(completed_months(birth, today) - days / 30.436875) < 1.2


@pytest.mark.parametrize(
    ("written", "zone", "day"),
    [
        ("2024-02-29T23:30:00-11:00", None, "2024-02-29"),  # already 1 March in UTC
        ("2024-03-01T10:30:00+00:00", "Pacific/Pago_Pago", "2024-02-29"),  # the same instant, stored as UTC
        ("2024-03-01T00:30:00+14:00", None, "2024-03-01"),  # still 29 February in UTC
        ("2024-02-29T10:30:00+00:00", "Pacific/Kiritimati", "2024-03-01"),
        ("2024-02-29T23:30:00", "Pacific/Kiritimati", "2024-02-29"),  # without an offset it is local time
        ("2024-03-31T01:30:00+00:00", "Europe/Berlin", "2024-03-31"),
        ("2024-07-01T22:30:00+00:00", "Europe/Berlin", "2024-07-02"),  # summer time
        ("2024-12-01T22:30:00+00:00", "Europe/Berlin", "2024-12-01"),
    ],
)
def test_the_day_is_that_of_the_place(written: str, zone: str | None, day: str) -> None:
    place = None if zone is None else read_zone(zone)
    assert local_day(datetime.fromisoformat(written), place).isoformat() == day


def test_utc_is_known_without_a_database_and_nonsense_is_not() -> None:
    assert read_zone("UTC") is UTC
    for name in ("Europe/Nowhere", "Europe", "", "../etc/passwd", "/etc/localtime", "\ud800", "a" * 5000, "\0"):
        with pytest.raises(ValueError, match="no such time zone"):
            read_zone(name)
