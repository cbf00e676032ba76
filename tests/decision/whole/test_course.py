"""Time in bands against days counted by hand on straight lines."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from flexura.decision.whole.course import LONGEST_GAP_DAYS, time_in_bands
from flexura.decision.whole.visit import BodyScore, Spread, VisitReading

BANDS = ("clear", "almost clear", "mild", "moderate", "severe", "very severe")


def visit(days, easi, error=0.0):
    """A visit so many days after the first one, with draws evenly spread by `error` around its score."""
    score = BodyScore(easi, (easi, easi), "", ("", ""), "", Spread(0.0, 0.0, None))
    draws = easi + error * np.linspace(-1, 1, 101)
    return VisitReading(date(2026, 1, 1) + timedelta(days), (), score, None, None, (), draws)


def unknown(days):
    return replace(visit(days, 0.0), easi=None, draws=None)


def days_of(*visits):
    return [pytest.approx(one.days) for one in time_in_bands(visits).bands]


def test_a_steady_fall_passes_through_every_band():
    # One point a day; a band ends half a tenth above its printed bound: 50.05, 21.05, 7.05, 1.05, 0.05.
    assert days_of(visit(0, 56.0), visit(56, 0.0)) == [0.05, 1.0, 6.0, 14.0, 29.0, 5.95]
    assert [one.band for one in time_in_bands([visit(0, 56.0), visit(56, 0.0)]).bands] == list(BANDS)


def test_a_rise_takes_as_long_as_the_fall():
    assert days_of(visit(0, 0.0), visit(28, 56.0)) == [0.025, 0.5, 3.0, 7.0, 14.5, 2.975]


@pytest.mark.parametrize(("easi", "place"), [(0.0, 0), (1.0, 1), (7.0, 2), (7.1, 3), (21.0, 3), (50.1, 5), (72.0, 5)])
def test_a_score_that_stays_gives_all_days_to_its_band(easi, place):
    expected = [30.0 if index == place else 0.0 for index in range(6)]
    assert days_of(visit(0, easi), visit(30, easi)) == expected


def test_stretches_add_up_and_those_without_a_score_are_unknown():
    course = time_in_bands([visit(0, 10.0), visit(20, 10.0), unknown(30), visit(40, 30.0), visit(50, 30.0)])
    assert (course.days_known, course.days_unknown) == (30, 20)
    assert [one.days for one in course.bands] == [0, 0, 0, 20, 10, 0]


def test_a_long_gap_is_no_straight_line():
    inside = time_in_bands([visit(0, 10.0), visit(LONGEST_GAP_DAYS, 10.0)])
    beyond = time_in_bands([visit(0, 10.0), visit(LONGEST_GAP_DAYS + 1, 10.0)])
    assert (inside.days_known, inside.days_unknown) == (56, 0)
    assert (beyond.bands, beyond.days_known, beyond.days_unknown) == ((), 0, 57)


def test_the_interval_follows_the_error_of_the_scores():
    # Draws from 4 to 10: those up to 7.05 lie in mild for all ten days, the others in moderate.
    course = time_in_bands([visit(0, 7.0, 3.0), visit(10, 7.0, 3.0)])
    mild, moderate = course.bands[2], course.bands[3]
    assert (mild.days, mild.interval) == (10.0, (0.0, 10.0))
    assert (moderate.days, moderate.interval) == (0.0, (0.0, 10.0))
    exact = time_in_bands([visit(0, 7.0), visit(10, 7.0)])
    assert [one.interval for one in exact.bands] == [(one.days, one.days) for one in exact.bands]


def test_draws_below_zero_count_as_clear():
    course = time_in_bands([visit(0, 0.0, 4.0), visit(10, 0.0, 4.0)])
    assert course.bands[0].interval[1] == 10.0
    assert sum(one.days for one in course.bands) == 10.0


@pytest.mark.parametrize("visits", [(), (visit(0, 3.0),), (visit(0, 3.0), replace(visit(9, 3.0), day=None))])
def test_one_dated_visit_has_no_course(visits):
    assert time_in_bands(visits) is None
