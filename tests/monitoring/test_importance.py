"""Importance by hand: values that matter, that do not, that are rarely known; and two times side by side."""

import numpy as np
import pytest

from flexura.errors import MetricError
from flexura.monitoring.importance import Importance, compare_importance, permutation_importance
from flexura.monitoring.intervals import Interval

CASES = 200


@pytest.fixture
def values():
    table = np.random.default_rng(1).normal(size=(CASES, 4))
    table[19:, 3] = np.nan
    return table


def measured(values, seed=0):
    """A loss that rests on the first column twice as much as on the second, and on no other."""
    first, second = values[:, 0].copy(), values[:, 1].copy()

    def loss(rows):
        return 2 * (rows[:, 0] - first) ** 2 + (rows[:, 1] - second) ** 2

    groups = {"idle": [2], "second": [1], "first": [0], "rare": [3]}
    return permutation_importance(values, groups, loss, np.arange(CASES), seed=seed)


def test_what_matters_comes_first_and_has_its_value(values):
    first, second, idle, rare = measured(values)
    assert [each.name for each in (first, second, idle, rare)] == ["first", "second", "idle", "rare"]
    # Of independent normal values, the mean squared difference of two is twice their variance.
    assert first.rise.estimate == pytest.approx(4 * values[:, 0].var(), rel=0.15)
    assert first.rise.low < first.rise.estimate < first.rise.high
    assert second.rise.estimate == pytest.approx(2 * values[:, 1].var(), rel=0.15)
    assert (idle.rise.estimate, idle.rise.low, idle.rise.high) == (0, 0, 0)
    assert (rare.known, rare.rise) == (19, None)


def test_unknown_cases_stay_unknown_and_the_given_values_untouched(values):
    seen, before = [], values.copy()
    values[:50, 2] = np.nan

    def loss(rows):
        seen.append(np.isnan(rows[:, 2]))
        return np.zeros(CASES)

    permutation_importance(values, {"one": [2]}, loss, np.arange(CASES))
    assert all((each == np.isnan(values[:, 2])).all() for each in seen)
    assert (values[:, 0] == before[:, 0]).all()


def test_the_same_seed_gives_the_same(values):
    assert measured(values) == measured(values)
    assert measured(values, seed=1) != measured(values)


@pytest.mark.parametrize("shape", [(0, 3), (5,)])
def test_no_cases_are_refused(shape):
    with pytest.raises(MetricError):
        permutation_importance(np.zeros(shape), {}, lambda rows: rows, np.arange(4))


def test_a_change_is_one_beyond_both_intervals():
    def row(name, low, high):
        return Importance(name, 99, Interval((low + high) / 2, low, high, 0.95, 1000, 0))

    before = [row("up", 0.1, 0.2), row("same", 0.1, 0.2), row("gone", 0.1, 0.2), Importance("new", 5, None)]
    now = [row("up", 0.21, 0.4), row("same", 0.19, 0.4), row("new", 0.1, 0.2), Importance("gone", 5, None)]
    assert [(each.name, each.changed) for each in compare_importance(before, now)] == [("up", True), ("same", False)]
