"""Predicted severity by hand: grades of clinicians, outcomes by predicted band, and their order."""

import numpy as np
import pytest

from flexura.errors import MetricUndefined
from flexura.monitoring.answers import Answer, FollowUp, Judgement
from flexura.monitoring.severity import measure_grades, measure_outcomes, share_in_order


def answer(number, predicted, *, graded=None, outcomes=()):
    document = {
        "diagnosis": {"ranking": [{"code": "atopic_dermatitis"}]},
        "severity": {"iga": None if predicted is None else {"expected": predicted}},
    }
    judged = () if graded is None else (Judgement("a", agrees=True, iga=graded),)
    return Answer(document, str(number), judgements=judged, outcomes=outcomes)


def test_grades_are_compared_in_grades_and_unknown_ones_left_out():
    found = measure_grades(
        [
            *(answer(number, 2.5, graded=2) for number in range(10)),
            *(answer(number, 1.5, graded=2) for number in range(10, 40)),
            answer(99, None, graded=4),
            answer(98, 4.0),
        ]
    )
    assert found.graded == 40
    assert found.difference.estimate == pytest.approx((10 * 0.5 - 30 * 0.5) / 40)
    assert found.difference.low < found.difference.estimate < found.difference.high


def test_perfect_grades_have_kappa_one_and_one_patient_none():
    assert measure_grades([answer(number, number % 5, graded=number % 5) for number in range(50)]).kappa.estimate == 1
    lonely = measure_grades([answer("same", 2.0, graded=1) for _ in range(30)])
    assert (lonely.graded, lonely.difference, lonely.kappa) == (30, None, None)
    assert measure_grades([]).kappa is None


def test_outcomes_are_told_by_the_predicted_band_with_the_last_one():
    healed = (FollowUp(7, None, 3), FollowUp(30, "psoriasis", None), FollowUp(40, None, 1))
    cases = [answer(number, 3.0, outcomes=healed) for number in range(20)]
    cases += [answer(number, 1.0, outcomes=(FollowUp(10, "atopic_dermatitis", 0),)) for number in range(20, 39)]
    found = measure_outcomes([*cases, answer("none", 2.0)])
    assert (found.followed, found.told_diagnosis, found.graded) == (39, 39, 39)
    assert found.confirmed.estimate == pytest.approx(19 / 39)
    (moderate,) = found.bands  # nineteen mild ones are too few to show
    assert (moderate.band, moderate.cases, moderate.median_days) == ("moderate", 20, 40.0)
    assert moderate.change.estimate == -2.0
    assert found.order.estimate == 1.0


def test_order_counts_pairs_with_different_outcomes_and_halves_ties():
    assert share_in_order(np.array([1.0, 2.0, 2.0]), np.array([0, 1, 3])) == pytest.approx((1 + 1 + 0.5) / 3)
    assert share_in_order(np.array([3.0, 1.0]), np.array([0, 1])) == 0.0
    with pytest.raises(MetricUndefined, match="equal"):
        share_in_order(np.array([1.0, 2.0]), np.array([2, 2]))
