"""Every rule against signals that meet it and signals that just do not."""

from dataclasses import replace

import pytest

from flexura.monitoring.drift import ChannelDrift, Drift
from flexura.monitoring.feedback import Agreement, Correction
from flexura.monitoring.intervals import Interval
from flexura.monitoring.retraining import RULES, Signals, judge_retraining
from flexura.monitoring.running import Share


def interval(low, high):
    return Interval((low + high) / 2, low, high, 0.95, 1000, 0)


def window(*names):
    rows = tuple(ChannelDrift(name, "input", 0.01, 0.4, 1.0, 2.0) for name in names)
    return Drift(200, 100, 0.05, (*rows, ChannelDrift("quiet", "input", 0.9, 0.1, 1.0, 1.0)))


GOOD = Agreement(200, 400, interval(0.6, 0.7), interval(0.0, 0.1), {}, (), None)
WEAK = {"skin tone": (Share("6", 10, 40, 0.14, 0.4),)}
FAIR = {"skin tone": (Share("6", 25, 40, 0.47, 0.76),), "diagnosis": (Share("psoriasis", 1, 40, 0.0, 0.1),)}
MANY = (Correction("eczema", "psoriasis", Share("eczema -> psoriasis", 20, 40, 0.35, 0.65)),)
FEW = (Correction("eczema", "psoriasis", Share("eczema -> psoriasis", 8, 40, 0.1, 0.35)),)

CASES = {
    "drift_lasts": (Signals((window("noise", "area"), window("noise"))), Signals((window("area"), window("noise")))),
    "agreement_low": (
        Signals(agreement=replace(GOOD, first=interval(0.3, 0.49))),
        Signals(agreement=replace(GOOD, first=interval(0.3, 0.51))),
    ),
    "overconfident": (Signals(agreement=replace(GOOD, overconfidence=interval(0.11, 0.2))), Signals(agreement=GOOD)),
    "subgroup_weak": (
        Signals(agreement=replace(GOOD, subgroups=WEAK)),
        Signals(agreement=replace(GOOD, subgroups=FAIR)),
    ),
    "correction_repeats": (
        Signals(agreement=replace(GOOD, corrections=MANY)),
        Signals(agreement=replace(GOOD, corrections=FEW)),
    ),
}


def test_every_rule_has_its_cases():
    assert {rule.code for rule in RULES} == CASES.keys()


@pytest.mark.parametrize("code", CASES)
def test_a_rule_is_met_beyond_its_limit_alone(code):
    met, unmet = CASES[code]
    due = judge_retraining(met)
    assert [reason.code for reason in due.reasons] == [code]
    assert due.reasons[0].seen
    assert judge_retraining(unmet) is None


def test_without_signals_nothing_is_due():
    assert judge_retraining(Signals()) is None
