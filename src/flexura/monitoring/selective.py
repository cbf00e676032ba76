"""What is gained where only the surest cases are answered, and how far said probabilities are true.

Pure numpy, as `metrics`. N cases, T diagnosis codes.
"""

from dataclasses import dataclass

import numpy as np

from flexura.errors import MetricError, MetricUndefined
from flexura.monitoring.arrays import Array, distributions_and_codes, paired


def risk_coverage(wrong: Array, sureness: Array) -> Array:
    """Error among the surest cases, from one of them to all.

    Parameters
    ----------
    wrong : array (N,) of bool or 0/1
        Whether each answer is wrong.
    sureness : array (N,)
        Higher is surer; equal ones keep their order.

    Returns
    -------
    array (N,) of float
        Share of wrong answers among the surest 1, 2, ... N cases.

    Raises
    ------
    MetricError
        Empty, mismatched or impossible input.

    References
    ----------
    El-Yaniv and Wiener 2010, Journal of Machine Learning Research 11:1605-1641 (the risk-coverage curve).

    Examples
    --------
    >>> risk_coverage(np.array([0, 1, 0, 1]), np.array([0.9, 0.1, 0.8, 0.7])).round(2).tolist()
    [0.0, 0.0, 0.33, 0.5]
    """
    sure, faults = paired(sureness, wrong)
    if not np.all((faults == 0) | (faults == 1)):
        raise MetricError("an answer is wrong or it is not: 0 or 1")
    ranked = np.asarray(faults, float)[np.argsort(-sure, kind="stable")]
    return np.cumsum(ranked) / np.arange(1, len(ranked) + 1)


def error_fall(wrong: Array, sureness: Array, *, answered: float = 0.8) -> float:
    """By how much of itself the error falls where only the surest share is answered.

    Parameters
    ----------
    wrong : array (N,) of bool or 0/1
        Whether each answer is wrong.
    sureness : array (N,)
        Higher is surer.
    answered : float
        Share of cases, in (0, 1].

    Returns
    -------
    float
        1 where no error is left, 0 where as many are, below 0 where more.

    Raises
    ------
    MetricError
        Impossible input, or a share of no case.
    MetricUndefined
        No answer is wrong.

    Examples
    --------
    >>> error_fall(np.array([0, 1, 0, 1]), np.array([0.9, 0.1, 0.8, 0.7]), answered=0.5)
    1.0
    """
    errors = risk_coverage(wrong, sureness)
    kept = round(answered * len(errors))
    if not 1 <= kept <= len(errors):
        raise MetricError(f"{answered} of {len(errors)} cases is no number of them")
    if errors[-1] == 0:
        raise MetricUndefined("no answer is wrong; an error of 0 cannot fall")
    return float(1 - errors[kept - 1] / errors[-1])


@dataclass(frozen=True)
class ReliabilityBin:
    """Cases whose confidence lies in one bin: how many, their mean confidence, and the share that was right."""

    cases: int
    confidence: float
    accuracy: float


def reliability(probabilities: Array, truth: Array, *, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Hold confidence against accuracy, bin by bin.

    Parameters
    ----------
    probabilities : array (N, T)
        One distribution over the codes per case.
    truth : array (N,) of int
        True codes, 0 to T - 1.
    bins : int
        Equal bins (a, b] of the confidence, 1 or more.

    Returns
    -------
    tuple of ReliabilityBin
        Those that hold cases, from the least sure up.

    Raises
    ------
    MetricError
        Impossible input, or no bins.

    References
    ----------
    Niculescu-Mizil and Caruana 2005, doi:10.1145/1102351.1102430 (the reliability diagram).

    Examples
    --------
    >>> reliability(np.array([[0.8, 0.2], [0.8, 0.2]]), np.array([0, 1]))
    (ReliabilityBin(cases=2, confidence=0.8, accuracy=0.5),)
    """
    rows, codes = distributions_and_codes(probabilities, truth)
    if bins < 1:
        raise MetricError(f"{bins} bins hold no case")
    confidence, right = rows.max(axis=1), rows.argmax(axis=1) == codes
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    inside = [place == number for number in np.unique(place)]
    return tuple(
        ReliabilityBin(int(own.sum()), float(confidence[own].mean()), float(right[own].mean())) for own in inside
    )
