"""Failed sign-ins: five for nothing, then a wait that doubles up to a quarter of an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from flexura.errors import TooManyAttempts
from flexura.security.throttling import Failures, check_attempt, count_failure

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WAITS_S = {0: 0, 1: 0, 4: 0, 5: 1, 6: 2, 7: 4, 10: 32, 14: 512, 15: 900, 60: 900, 10**6: 900}


@pytest.mark.parametrize(("count", "wait_s"), WAITS_S.items())
def test_the_wait_after_so_many_failures(count, wait_s):
    failures = Failures(count, NOW)
    check_attempt(failures, now=NOW + timedelta(seconds=wait_s))
    if wait_s:
        with pytest.raises(TooManyAttempts, match="seconds"):
            check_attempt(failures, now=NOW + timedelta(seconds=wait_s - 0.5))


def test_guessing_all_day_gets_about_a_hundred_tries():
    failures, now, tries = Failures(), NOW, 0
    while now < NOW + timedelta(days=1):
        try:
            check_attempt(failures, now=now)
        except TooManyAttempts:
            now += timedelta(seconds=1)
            continue
        failures, tries = count_failure(failures, now=now), tries + 1
    assert 90 < tries < 115


def test_a_clock_that_was_set_back_opens_nothing():
    with pytest.raises(TooManyAttempts, match="in 901 seconds"):
        check_attempt(Failures(60, NOW), now=NOW - timedelta(days=30))


def test_failures_are_forgotten_after_a_day():
    old = Failures(9, NOW)
    assert count_failure(old, now=NOW + timedelta(hours=23)).count == 10
    assert count_failure(old, now=NOW + timedelta(hours=24)).count == 1
    assert count_failure(Failures(), now=NOW) == Failures(1, NOW)
