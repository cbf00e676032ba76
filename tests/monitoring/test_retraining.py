"""Every rule against signals that meet it and signals that just do not; and what follows."""

from dataclasses import replace

import pytest

from flexura.monitoring.drift import ChannelDrift, Drift
from flexura.monitoring.feedback import Agreement, Correction
from flexura.monitoring.intervals import Interval
from flexura.monitoring.retraining import FEWEST_PATIENTS, FEWEST_PHOTOS, RULES, Signals, decide_retraining
from flexura.monitoring.running import Share
from flexura.monitoring.severity import GradeAgreement, Outcomes
from flexura.training import refit


def interval(low, high):
    return Interval((low + high) / 2, low, high, 0.95, 1000, 0)


def window(*names):
    rows = tuple(ChannelDrift(name, "input", 0.01, 0.4, 1.0, 2.0) for name in names)
    return Drift(200, 100, 0.05, (*rows, ChannelDrift("quiet", "input", 0.9, 0.1, 1.0, 1.0)))


def outcomes(low, high, told=30):
    return Signals(outcomes=Outcomes(40, told, interval(low, high), 0, (), None))


GOOD = Agreement(200, 90, 400, interval(0.6, 0.7), interval(0.8, 0.9), interval(0.0, 0.1), {}, (), None)
WEAK = {"skin tone": (Share("6", 10, 40, 0.14, 0.4),)}
HARD = (Share("psoriasis", 1, 40, 0.0, 0.1),)
FAIR = {"skin tone": (Share("6", 25, 40, 0.47, 0.76),), "diagnosis": HARD, "held back": HARD}
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
    "grades_off": (
        Signals(grades=GradeAgreement(30, interval(-0.9, -0.6), None)),
        Signals(grades=GradeAgreement(30, interval(0.4, 0.9), None)),
    ),
    "outcome_contradicts": (outcomes(0.3, 0.49), outcomes(0.3, 0.5)),
}
VERDICTS = {"drift_lasts": "look", "overconfident": "refit"}


def test_every_rule_has_its_cases():
    assert {rule.code for rule in RULES} == CASES.keys()


@pytest.mark.parametrize("code", CASES)
def test_a_rule_is_met_beyond_its_limit_alone(code):
    met, unmet = (decide_retraining(each) for each in CASES[code])
    assert (met.because, unmet.because) == ((code,), ())
    for decision, expected in ((met, True), (unmet, False)):
        (held,) = (rule for rule in decision.rules if rule.code == code)
        assert held.met is expected
        assert all((held.seen, held.limit, held.why))
    assert unmet.verdict == "keep"
    counted = VERDICTS.get(code, "retrain") if met.reviewed else "look" if code == "drift_lasts" else "collect_reviews"
    assert met.verdict == counted


def test_too_few_cases_are_unknown_and_not_met():
    few = Signals((window("noise"),), replace(GOOD, reviewed=19), GradeAgreement(19, interval(1, 2), None))
    found = {rule.code: rule.met for rule in decide_retraining(few).rules}
    assert [found[code] for code in ("drift_lasts", "correction_repeats", "grades_off")] == [None] * 3
    assert decide_retraining(outcomes(0.1, 0.2, told=19)).verdict == "unknown"
    assert decide_retraining(Signals()).verdict == "unknown"


@pytest.mark.parametrize("counts", [{"reviewed": FEWEST_PHOTOS - 1}, {"patients": FEWEST_PATIENTS - 1}])
def test_nothing_is_trained_on_fewer_cases_than_can_judge_it(counts):
    low = replace(GOOD, first=interval(0.1, 0.2))
    assert decide_retraining(Signals(agreement=low)).verdict == "retrain"
    assert decide_retraining(Signals(agreement=replace(low, **counts))).verdict == "collect_reviews"


def test_the_least_is_what_a_calibration_of_ones_own_needs():
    assert (FEWEST_PHOTOS, FEWEST_PATIENTS) == (refit.FEWEST_PHOTOS, refit.FEWEST_PATIENTS)
