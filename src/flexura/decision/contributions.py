"""How much each part of what is known beside the picture adds to the answer: Shapley values, exact.

A part is added to every choice among the others, and the differences are averaged as if all orders of learning the
parts were alike. So the parts add up to what separates the answer from the picture alone. It tells what this network
uses, not what causes a disease.
"""

from math import factorial

import numpy as np

from flexura.decision.calibration import Array, Calibration, probabilities_of
from flexura.decision.taxonomy import ECZEMA_GROUP
from flexura.records import Contribution, Contributions, PartialAnswers


def shapley_values(values: Array) -> Array:
    """Share a game's outcome among its players.

    Parameters
    ----------
    values : array (2**K, V)
        V outcomes of every coalition of K players; player k takes part where bit k of the row's number is 1.

    Returns
    -------
    array (K, V)
        Of each player; they sum to the last row less the first.

    References
    ----------
    Shapley 1953, doi 10.1515/9781400881970-018; of predictions: Lundberg & Lee 2017, arXiv 1705.07874.

    Examples
    --------
    >>> shapley_values(np.array([[0.0], [2.0], [0.0], [6.0]])).ravel().tolist()
    [4.0, 2.0]
    """
    count = (len(values) - 1).bit_length()
    rows = np.arange(len(values))
    sizes = np.array([int(row).bit_count() for row in rows])
    orders = np.array([factorial(size) * factorial(max(count - size - 1, 0)) / factorial(count) for size in sizes])
    shares = []
    for player in range(count):
        without = rows[rows >> player & 1 == 0]
        gained = values[without | 1 << player] - values[without]
        shares.append(orders[without] @ gained)
    return np.array(shares).reshape(count, values.shape[1])


def contributions_of(partial: PartialAnswers, *, calibration: Calibration) -> Contributions:
    """Find what each part adds to the probabilities of eczema and of the first diagnosis.

    Parameters
    ----------
    partial : PartialAnswers
        With finite logits.
    calibration : Calibration
        Of the same bundle.

    Returns
    -------
    Contributions
        Parts in the order given.
    """
    probabilities = probabilities_of(partial.logits, calibration)
    family = [label.group == ECZEMA_GROUP for label in calibration.labels]
    outcomes = np.stack([probabilities[:, family].sum(1), probabilities[:, probabilities[-1].argmax()]], axis=1)
    added = shapley_values(outcomes)
    eczema, first = map(float, outcomes[0])
    parts = (Contribution(part, *map(float, row)) for part, row in zip(partial.parts, added, strict=True))
    return Contributions(eczema, first, tuple(parts))
