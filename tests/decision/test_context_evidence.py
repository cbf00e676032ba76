"""Bayes' rule by hand: a patient of whom two things are told, and one of whom nothing is."""

import math
from dataclasses import replace

import numpy as np
import pytest

from flexura.decision.calibration import Calibration, context_logits, probabilities_of
from flexura.decision.context_evidence import ContextEvidence, log_ratios

CODES = ("scabies", "acne", "vitiligo")
# Scabies is three times as common as acne; itching triples, and each ten years beyond 30 halve, its odds.
TOLD = ContextEvidence(
    names=("itches", "age"),
    codes=("scabies", "acne"),
    centre=(0.0, 30.0),
    spread=(1.0, 10.0),
    log_prior=(math.log(0.75), math.log(0.25)),
    weights=((math.log(3), -math.log(2)), (0.0, 0.0)),
    strength=1.0,
)


def test_odds_multiply() -> None:
    # 3 to 1, times 3, over 4 for twenty years: 9 to 4. So 9/13 beside 3/4, and 4/13 beside 1/4.
    ratios = log_ratios(TOLD, np.array([[1.0, 50.0]]), CODES)
    assert np.exp(ratios[0]).tolist() == pytest.approx([9 / 13 / 0.75, 4 / 13 / 0.25, 1.0])


def test_what_is_unknown_weighs_nothing_and_strength_is_an_exponent() -> None:
    contexts = np.array([[np.nan, np.nan], [1.0, np.nan]])
    whole, half = (log_ratios(replace(TOLD, strength=strength), contexts, CODES) for strength in (1.0, 0.5))
    assert whole[0].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert np.exp(whole[1]).tolist() == pytest.approx([0.9 / 0.75, 0.1 / 0.25, 1.0])
    assert half == pytest.approx(whole / 2)


def test_contexts_far_out_overflow_nothing() -> None:
    assert np.isfinite(log_ratios(TOLD, np.array([[1e6, -1e6]]), CODES)).all()


def test_logits_move_so_that_probabilities_follow_whatever_the_temperature(calibration: Calibration) -> None:
    codes = [label.code for label in calibration.labels]
    scabies, acne, growth = codes.index("scabies"), codes.index("acne"), codes.index("growth")
    for temperature in (1.0, 3.0):
        weighing = replace(calibration, temperature=temperature, context_evidence=TOLD)
        added = context_logits(np.array([[1.0, np.nan]]), weighing)
        shares = probabilities_of(added, weighing)[0]
        assert shares[scabies] / shares[growth] == pytest.approx(1.2, rel=1e-5)
        assert shares[acne] / shares[growth] == pytest.approx(0.4, rel=1e-5)
    assert not context_logits(np.array([[1.0, np.nan]]), calibration).any()
