"""Drift: distances against scipy, exact control over all channels together, power, groups, refusals."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ks_2samp

from flexura.errors import MetricError
from flexura.monitoring import drift
from flexura.monitoring.channels import CHANNELS, find, read_columns
from flexura.monitoring.drift import find_drift


def columns(cases, *, seed, **shifts):
    """Numbers that hang together, as features of one photo do, and words; some channels moved by `shifts`."""
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=cases)
    made = {}
    for channel in CHANNELS:
        own = 0.7 * shared + 0.7 * generator.normal(size=cases) + shifts.get(channel.name.rpartition(".")[2], 0.0)
        made[channel.name] = own if channel.numeric else np.where(own > 0.5, "eczema", "psoriasis")
    return made


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(drift, "EXCHANGES", 799)


def test_distances_are_scipys():
    reference, window = columns(80, seed=1), columns(50, seed=2, confidence=0.4, diagnosis=0.6)
    found = {each.name: each for each in find_drift(reference, window).channels}
    sides = reference["confidence"], window["confidence"]
    assert found["confidence"].distance == pytest.approx(ks_2samp(*sides).statistic)
    member = np.arange(130)[None] >= 80
    table = [[np.sum(side["diagnosis"] == word) for word in ("eczema", "psoriasis")] for side in (reference, window)]
    words = np.concatenate([reference["diagnosis"], window["diagnosis"]])
    expected = chi2_contingency(table, correction=False).statistic
    assert drift._share_differences(words, member)[0] == pytest.approx(expected)
    gap = drift._gaps(np.concatenate(sides), member)[0] / np.sqrt(80 * 50 / 130)
    assert gap == pytest.approx(ks_2samp(*sides).statistic)


def test_false_alarms_stay_at_the_level_over_all_channels(quick):
    alarms = [bool(find_drift(columns(60, seed=2 * n), columns(40, seed=2 * n + 1)).drifted) for n in range(60)]
    assert sum(alarms) <= 8  # 3 expected; more than 8 has a chance below 0.01


def test_a_shift_of_one_channel_is_found_and_named(quick):
    found = [
        find_drift(columns(200, seed=n), columns(100, seed=1000 + n, sharpness=0.7), seed=n).drifted for n in range(10)
    ]
    assert sum("quality.sharpness" in names for names in found) >= 8


def test_copies_of_a_patient_raise_no_alarm(quick):
    """Twelve photos each of few patients look like drift, unless whole patients are exchanged."""
    sides = [columns(12, seed=seed) for seed in (21, 22)]
    many = [{name: np.repeat(values, 12) for name, values in side.items()} for side in sides]
    groups = np.repeat(np.arange(12), 12)
    assert find_drift(*many).drifted
    assert not find_drift(*many, groups=(groups, groups)).drifted


def test_too_few_known_values_are_not_judged(quick):
    reference, window = columns(60, seed=1), columns(60, seed=2)
    window["context.itch"] = np.full(60, np.nan)
    itch = next(each for each in find_drift(reference, window).channels if each.name == "context.itch")
    assert (itch.p, itch.distance, itch.now) == (None, None, None)


def test_nothing_to_compare_is_refused():
    with pytest.raises(MetricError, match="both sides"):
        find_drift(columns(0, seed=1), columns(10, seed=1))


def test_channels_are_read_from_documents():
    answer = {"diagnosis": {"ranking": [{"code": "psoriasis"}]}, "context": {"age_years": 7}, "photo": {"site": None}}
    read = read_columns([answer, {"schema": "flexura.refusal/1", "quality": None}])
    assert list(read["diagnosis"]) == ["psoriasis", "unknown"]
    assert read["context.age_years"][0] == 7
    assert np.isnan(read["context.age_years"][1])
    assert find([1], ("3",)) is None
