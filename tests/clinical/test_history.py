"""A dated history counted by hand; the trend against a known line, an outlier and SciPy's Theil-Sen."""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes

from flexura.clinical.history import history_features, itch_trend, mean_spacing_days
from flexura.records import ItchScore, PatientContext

DAY = date(2024, 3, 1)


def known(**given: Any) -> dict[str, float]:
    vector = history_features(PatientContext(**given))
    named = zip(vector.names, vector.values.tolist(), strict=True)
    return {name: value for name, value in named if not math.isnan(value)}


def ago(*days: int) -> tuple[date, ...]:
    return tuple(DAY - timedelta(count) for count in days)


def scores(*points: tuple[int, float]) -> tuple[ItchScore, ...]:
    return tuple(ItchScore(DAY - timedelta(days), itch) for days, itch in points)


def test_an_empty_context_has_no_history() -> None:
    assert known() == {}


def test_flares_of_the_last_year_by_hand() -> None:
    # 364 days ago is within the last 365 days, 365 days ago is not.
    found = known(captured_on=DAY, flares=ago(400, 365, 364, 64, 4))
    assert found == {"flares_last_year": 3, "flare_spacing": 180, "days_since_flare": 4}


def test_no_flare_is_a_count_but_no_spacing() -> None:
    assert known(captured_on=DAY, flares=()) == {"flares_last_year": 0}
    assert known(captured_on=DAY, flares=ago(0)) == {"flares_last_year": 1, "days_since_flare": 0}
    assert known(captured_on=DAY, flares=ago(500, 450)) == {"flares_last_year": 0, "days_since_flare": 450}


def test_spacing_needs_two_flares() -> None:
    assert mean_spacing_days([]) is None
    assert mean_spacing_days([DAY]) is None


def test_onset_and_age_at_onset() -> None:
    found = known(captured_on=DAY, onset_date=date(2020, 3, 1), age_years=6.5)  # 1,461 days, four mean years
    assert found == {"years_since_onset": 4, "age_at_onset": 2.5}


def test_an_episode_that_never_paused_began_at_the_onset() -> None:
    found = known(course="first_episode", duration_days=100, age_years=30)
    assert found["years_since_onset"] == pytest.approx(100 / 365.25)
    assert found["episode_length"] == pytest.approx(2)
    assert "years_since_onset" not in known(course="relapsing", duration_days=100)


def test_an_episode_of_hours_counts_as_a_day() -> None:
    assert known(duration_days=0.2) == {"episode_length": 0}


def test_trend_of_a_straight_line() -> None:
    assert itch_trend(scores((28, 2), (21, 3), (14, 4), (0, 6)), DAY) == pytest.approx(1)
    assert itch_trend(scores((20, 6), (10, 5), (0, 4)), DAY) == pytest.approx(-0.7)


def test_one_mistyped_score_does_not_turn_the_trend() -> None:
    points = scores((28, 6), (21, 5), (14, 4), (7, 3), (0, 10))
    assert itch_trend(points, DAY) == pytest.approx(-1)
    least_squares = np.polyfit([-28, -21, -14, -7, 0], [6, 5, 4, 3, 10], 1)[0] * 7
    assert least_squares > 0  # why it is not used


@pytest.mark.parametrize("points", [(), ((3, 4.0),), ((3, 4.0), (0, 5.0)), ((3, 4.0), (3, 5.0), (0, 5.0))])
def test_no_trend_of_fewer_than_three_days(points: tuple[tuple[int, float], ...]) -> None:
    assert itch_trend(scores(*points), DAY) is None
    assert "itch_trend" not in known(captured_on=DAY, itch_history=scores(*points))


def test_scores_older_than_a_year_are_left_out() -> None:
    assert itch_trend(scores((365, 0), (7, 4), (0, 4)), DAY) is None
    assert itch_trend(scores((800, 0), (14, 4), (7, 4), (0, 4)), DAY) == 0


@given(st.lists(st.tuples(st.integers(0, 364), st.integers(0, 10)), min_size=3, max_size=30, unique_by=lambda p: p[0]))
def test_trend_agrees_with_scipy(points: list[tuple[int, int]]) -> None:
    days = [-days for days, _ in points]
    expected = 7 * theilslopes([itch for _, itch in points], days).slope
    assert itch_trend(scores(*points), DAY) == pytest.approx(expected)
