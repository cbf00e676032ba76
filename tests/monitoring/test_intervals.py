"""The bootstrap against known widths, and its refusals."""

import numpy as np
import pytest
from scipy.stats import betabinom, binomtest

from flexura.errors import MetricError, MetricUndefined
from flexura.monitoring.intervals import bootstrap_interval, coverage_limits, wilson_interval
from flexura.monitoring.metrics import roc_auc

VALUES = np.random.default_rng(0).normal(size=400)


def _mean(cases: np.ndarray) -> float:
    return float(np.mean(VALUES[cases]))


def test_interval_of_a_mean_has_the_textbook_width() -> None:
    interval = bootstrap_interval(_mean, np.arange(400), seed=1)
    half_width = 1.96 * VALUES.std() / np.sqrt(400)
    assert interval.estimate == pytest.approx(VALUES.mean())
    assert interval.low == pytest.approx(VALUES.mean() - half_width, abs=0.15 * half_width)
    assert interval.high == pytest.approx(VALUES.mean() + half_width, abs=0.15 * half_width)
    assert (interval.level, interval.draws, interval.undefined) == (0.95, 1000, 0)


def test_copies_of_a_patient_add_no_certainty() -> None:
    patients = bootstrap_interval(_mean, np.arange(400), seed=2)
    tripled = bootstrap_interval(lambda cases: _mean(cases % 400), np.tile(np.arange(400), 3), seed=2)
    assert tripled.high - tripled.low == pytest.approx(patients.high - patients.low, rel=1e-12)


def test_same_seed_same_interval_and_higher_level_wider() -> None:
    groups = np.repeat(np.arange(80), 5)
    first = bootstrap_interval(_mean, groups, seed=3)
    wide = bootstrap_interval(_mean, groups, seed=3, level=0.99)
    assert bootstrap_interval(_mean, groups, seed=3) == first
    assert wide.low < first.low < first.high < wide.high


def test_groups_may_be_names() -> None:
    names = np.array([f"group {place // 4}" for place in range(400)])
    assert bootstrap_interval(_mean, names, seed=4) == bootstrap_interval(
        _mean, np.unique(names, return_inverse=True)[1], seed=4
    )


def test_resamples_without_a_value_are_left_out_and_counted() -> None:
    truth = np.array([1, 1, 1, 0, 0, 0])
    interval = bootstrap_interval(lambda cases: roc_auc(VALUES[cases], truth[cases]), np.arange(6), seed=5)
    # One class only has probability 2 / 2**6, about 31 of 1,000.
    assert 10 < interval.undefined < 60
    assert interval.draws + interval.undefined == 1000


def test_a_statistic_without_a_value_on_many_resamples_has_no_interval() -> None:
    truth = np.array([1, 0])
    with pytest.raises(MetricUndefined, match="of 1000 resamples"):
        bootstrap_interval(lambda cases: roc_auc(VALUES[cases], truth[cases]), np.arange(2), seed=6)


def test_one_group_has_no_interval() -> None:
    with pytest.raises(MetricUndefined, match="two groups"):
        bootstrap_interval(_mean, np.zeros(400), seed=7)


@pytest.mark.parametrize("groups", [np.zeros(0), np.zeros((2, 2))])
def test_groups_must_be_one_value_per_case(groups: np.ndarray) -> None:
    with pytest.raises(MetricError, match="one value per case"):
        bootstrap_interval(_mean, groups, seed=8)


@pytest.mark.parametrize(("level", "draws"), [(0.0, 1000), (1.0, 1000), (0.95, 99)])
def test_impossible_level_or_draws(level: float, draws: int) -> None:
    with pytest.raises(MetricError, match="level"):
        bootstrap_interval(_mean, np.arange(400), seed=9, level=level, draws=draws)


def test_wilson_interval_is_scipys_and_refuses_nonsense() -> None:
    for successes, of in ((0, 10), (3, 17), (40, 40)):
        expected = binomtest(successes, of).proportion_ci(method="wilson")
        assert wilson_interval(successes, of) == pytest.approx((expected.low, expected.high), abs=1e-6)
    with pytest.raises(MetricError, match="needs cases"):
        wilson_interval(0, 0)
    with pytest.raises(MetricError, match="no more successes"):
        wilson_interval(3, 2)


@pytest.mark.parametrize(("held_out", "new", "rank"), [(9, 5, 9), (37, 20, 35), (99, 1, 90), (150, 2000, 136)])
def test_limits_of_coverage_are_those_of_scipy(held_out, new, rank):
    theirs = betabinom(new, rank, held_out + 1 - rank).ppf([0.025, 0.975])
    assert coverage_limits(held_out, new, share=0.9) == tuple(theirs)


@pytest.mark.parametrize(
    ("held_out", "new", "share", "level"),
    [(8, 5, 0.9, 0.95), (99, 0, 0.9, 0.95), (99, 5, 1.0, 0.95), (99, 5, 0.9, 1.0)],
)
def test_impossible_limits_of_coverage_are_refused(held_out, new, share, level):
    with pytest.raises(MetricError, match="give no limits"):
        coverage_limits(held_out, new, share=share, level=level)
