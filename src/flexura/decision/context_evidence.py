"""What is told of the patient, weighed by Bayes' rule: how much more often it is told with a diagnosis than at large.

P(diagnosis | context) is log-linear in how far each value lies from the unknown one, which therefore weighs nothing.
Letters in shapes: N contexts, F values, T diagnoses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class ContextEvidence:
    """A fitted model of P(diagnosis | context) with its prior, and how much of its evidence to believe.

    `names` (F,) of the encoded values; `centre` and `spread` (F,) bring them to unit scale; `codes` of the D diagnoses
    that it knows, with `log_prior` (D,) and `weights` (D, F). `strength` is above 0 and at most 1: picture and context
    are not quite independent given the diagnosis, since the picture too shows where and what it is.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    centre: tuple[float, ...] = field(repr=False)
    spread: tuple[float, ...] = field(repr=False)
    log_prior: tuple[float, ...] = field(repr=False)
    weights: tuple[tuple[float, ...], ...] = field(repr=False)
    strength: float


def log_ratios(evidence: ContextEvidence, contexts: Array, codes: Sequence[str]) -> Array:
    """Find how much more often contexts are told with each diagnosis than at large.

    Parameters
    ----------
    evidence : ContextEvidence
        Of the bundle.
    contexts : array (N, F)
        Encoded; NaN is unknown.
    codes : sequence of str
        T codes of the answer.

    Returns
    -------
    array (N, T)
        `strength` times the natural logarithm of P(context | diagnosis) / P(context); 0 for a context of which nothing
        is known, and for a diagnosis that the evidence does not know.

    Examples
    --------
    Told of three in four with the first of two equally common diseases, and of one in four with the second:

    >>> half, odds = float(np.log(0.5)), float(np.log(3))
    >>> told = ContextEvidence(("itches",), ("a", "b"), (0.0,), (1.0,), (half, half), ((odds,), (0.0,)), 1.0)
    >>> np.exp(log_ratios(told, np.array([[1.0], [np.nan]]), ("a", "b", "c"))).round(2).tolist()
    [[1.5, 0.5, 1.0], [1.0, 1.0, 1.0]]
    """
    distances = np.nan_to_num((contexts - np.array(evidence.centre)) / np.array(evidence.spread))
    prior = np.array(evidence.log_prior)
    logits = prior + distances @ np.array(evidence.weights).T
    highest = logits.max(axis=1, keepdims=True)
    posterior = logits - highest - np.log(np.exp(logits - highest).sum(axis=1, keepdims=True))
    ratios = np.zeros((len(contexts), len(codes)))
    ratios[:, [list(codes).index(code) for code in evidence.codes]] = evidence.strength * (posterior - prior)
    return ratios
