"""Predicted severity against what people graded: clinicians at the review, and what became of the case.

Everything is IGA, 0 clear to 4 severe. An outcome is no error of the answer: skin changes, and treatment changes it. So
outcomes are told by what was predicted, with the days between, and by whether they keep the predicted order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flexura.errors import MetricUndefined
from flexura.monitoring.answers import Answer, FollowUp
from flexura.monitoring.arrays import Array, IntArray
from flexura.monitoring.channels import find
from flexura.monitoring.feedback import MIN_CASES, mean_interval, patients_of
from flexura.monitoring.intervals import Interval, bootstrap_interval
from flexura.monitoring.metrics import quadratic_weighted_kappa

_GRADES: Final = 5
# Of the rounded prediction; vIGA-AD, Simpson 2020, doi:10.1016/j.jaad.2020.04.104.
BANDS: Final = (("clear or almost clear", 0, 1), ("mild", 2, 2), ("moderate", 3, 3), ("severe", 4, 4))


@dataclass(frozen=True)
class GradeAgreement:
    """Predicted IGA against the clinicians'; `difference` is predicted less graded, in grades."""

    graded: int
    difference: Interval | None
    kappa: Interval | None


@dataclass(frozen=True)
class BandOutcome:
    """Cases of one predicted band that were graded later: median days, and graded less predicted, in grades."""

    band: str
    cases: int
    median_days: float
    change: Interval | None


@dataclass(frozen=True)
class Outcomes:
    """What became of the cases, by their last outcome.

    `confirmed` is the share of outcomes with a diagnosis whose diagnosis is the answer's. `order` is the share of pairs
    of patients with different outcomes whose order was predicted (ties count half): 0.5 is chance.
    """

    followed: int
    told_diagnosis: int
    confirmed: Interval | None
    graded: int
    bands: tuple[BandOutcome, ...]
    order: Interval | None


def measure_grades(answers: Sequence[Answer], *, seed: int = 0) -> GradeAgreement:
    """Compare predicted IGA with clinicians' grades.

    Parameters
    ----------
    answers : Sequence[Answer]
        Those without a prediction or a grade do not count.
    seed : int
        Of the resampling.

    Returns
    -------
    GradeAgreement
        Kappa has quadratic weights; grades are rounded for it.
    """
    graded = [each for each in answers if each.iga is not None and not np.isnan(_predicted(each))]
    predicted = np.array([_predicted(each) for each in graded])
    said = np.array([each.iga for each in graded], float)
    patients = patients_of(graded)

    def kappa(cases: IntArray) -> float:
        return quadratic_weighted_kappa(np.rint(predicted[cases]), np.rint(said[cases]), categories=_GRADES)

    return GradeAgreement(
        len(graded),
        mean_interval(predicted - said, patients, seed=seed),
        _interval(kappa, patients, seed) if graded else None,
    )


def measure_outcomes(answers: Sequence[Answer], *, seed: int = 0) -> Outcomes:
    """Compare answers with the last outcome of their case.

    Parameters
    ----------
    answers : Sequence[Answer]
        Those without an outcome do not count.
    seed : int
        Of the resampling.

    Returns
    -------
    Outcomes
        Bands of fewer than 20 cases are left out.

    References
    ----------
    Harrell 1982, doi:10.1001/jama.1982.03320430047030 (the share of pairs in the right order).
    """
    followed = [each for each in answers if each.outcomes]
    named = [(each, told) for each in followed if (told := _last(each, "diagnosis")) is not None]
    graded = [
        (each, told) for each in followed if (told := _last(each, "iga")) is not None and not np.isnan(_predicted(each))
    ]
    right = np.array([answer.diagnosis == told.diagnosis for answer, told in named], float)
    patients = patients_of([answer for answer, _ in graded])
    predicted = np.array([_predicted(answer) for answer, _ in graded])
    observed = np.array([told.iga for _, told in graded], float)
    days = np.array([told.days for _, told in graded], float)

    def order(cases: IntArray) -> float:
        return share_in_order(predicted[cases], observed[cases])

    rows = []
    for band, low, high in BANDS:
        inside = (np.rint(predicted) >= low) & (np.rint(predicted) <= high)
        if inside.sum() >= MIN_CASES:
            change = mean_interval((observed - predicted)[inside], patients[inside], seed=seed)
            rows.append(BandOutcome(band, int(inside.sum()), float(np.median(days[inside])), change))
    return Outcomes(
        len(followed),
        len(named),
        mean_interval(right, patients_of([answer for answer, _ in named]), seed=seed),
        len(graded),
        tuple(rows),
        _interval(order, patients, seed) if len(graded) >= MIN_CASES else None,
    )


def share_in_order(predicted: Array, observed: Array) -> float:
    """Share of the pairs with different observed values whose predicted values have the same order.

    Parameters
    ----------
    predicted : array (N,)
        Predicted values.
    observed : array (N,)
        Observed values.

    Returns
    -------
    float
        0-1; equal predictions count half.

    Raises
    ------
    MetricUndefined
        When all observed values are equal.

    Examples
    --------
    >>> share_in_order(np.array([1.0, 2.0, 2.0]), np.array([0, 1, 3]))
    0.8333333333333334
    """
    above = observed[:, None] > observed[None, :]
    if not above.any():
        raise MetricUndefined("there is no order among outcomes that are all equal")
    gaps = (predicted[:, None] - predicted[None, :])[above]
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))


def _predicted(answer: Answer) -> float:
    found = find(answer.document, ("severity", "iga", "expected"))
    return float("nan") if found is None else float(found)


def _last(answer: Answer, told: str) -> FollowUp | None:
    return next((each for each in reversed(answer.outcomes) if getattr(each, told) is not None), None)


def _interval(statistic: Callable[[IntArray], float], patients: Array, seed: int) -> Interval | None:
    try:
        return bootstrap_interval(statistic, patients, seed=seed)
    except MetricUndefined:
        return None
