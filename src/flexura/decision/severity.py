"""From sign probabilities to graded signs and the EASI score of the region in view.

The score (erythema + oedema/papulation + excoriation + lichenification) x area score is worked
out as an exact discrete distribution. It takes the four signs and the area as independent given
the photo; they are not quite, so the interval is an approximation.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Final

import numpy as np
import numpy.typing as npt

from flexura.decision.calibration import Array
from flexura.decision.scores import EASI_SIGNS
from flexura.records import SIGN_NAMES, Grade, Interval, RegionScore

Distribution = npt.NDArray[np.float64]

INTERVAL_COVERAGE: Final = 0.9


def grade_of(distribution: Array) -> Grade:
    """Read an ordinal grade from its distribution.

    Parameters
    ----------
    distribution : array (G,)
        Probabilities of the grades 0 to G - 1; sum 1.

    Returns
    -------
    Grade
        Expected grade in [0, G - 1] with the distribution.

    Examples
    --------
    >>> grade_of(np.array([0.5, 0.0, 0.5, 0.0])).expected
    1.0
    """
    shares = np.asarray(distribution, np.float64)
    return Grade(float(shares @ np.arange(len(shares))), tuple(shares.tolist()))


def signs_of(signs: Array) -> dict[str, Grade]:
    """Name the six signs.

    Parameters
    ----------
    signs : array (6, 4)
        Probabilities of the grades 0-3, rows in the order of `SIGN_NAMES`.

    Returns
    -------
    dict of str to Grade
        In the same order.
    """
    return {name: grade_of(row) for name, row in zip(SIGN_NAMES, signs, strict=True)}


def region_score(signs: Mapping[str, Grade], area_scores: Array | None, *, region: str | None) -> RegionScore:
    """EASI score of the region in view, as if the photo showed all of it.

    Parameters
    ----------
    signs : mapping of str to Grade
        From `signs_of`.
    area_scores : array (7,) or None
        Probabilities of the area scores 0-6; `None` if no area could be measured.
    region : str or None
        EASI region of the site, if known; it does not enter the value.

    Returns
    -------
    RegionScore
        Expected score in [0, 72] with its 90 % interval; both `None` without an area.

    References
    ----------
    Hanifin et al. 2001, doi 10.1034/j.1600-0625.2001.100102.x.
    """
    if area_scores is None:
        return RegionScore(region, None, None)
    rows = [np.asarray(signs[name].distribution) for name in EASI_SIGNS]
    scores = product_distribution(reduce(np.convolve, rows), area_scores)
    expected = float(scores @ np.arange(len(scores)))
    return RegionScore(region, expected, central_interval(scores, coverage=INTERVAL_COVERAGE))


def product_distribution(first: Array, second: Array) -> Distribution:
    """Distribution of the product of two independent whole numbers.

    Parameters
    ----------
    first : array (M,)
        Probabilities of 0 to M - 1.
    second : array (N,)
        Probabilities of 0 to N - 1.

    Returns
    -------
    array ((M - 1) * (N - 1) + 1,) of float64
        Probabilities of each product.

    Examples
    --------
    >>> product_distribution(np.array([0.5, 0.5]), np.array([0.0, 0.0, 1.0])).tolist()
    [0.5, 0.0, 0.5]
    """
    values = np.multiply.outer(np.arange(len(first)), np.arange(len(second)))
    shares = np.multiply.outer(np.asarray(first, np.float64), np.asarray(second, np.float64))
    distribution: Distribution = np.bincount(values.ravel(), weights=shares.ravel()).astype(np.float64)
    return distribution


def central_interval(distribution: Array, *, coverage: float) -> Interval:
    """Shortest central interval of a whole number that leaves at most half the rest on either side.

    Parameters
    ----------
    distribution : array (N,)
        Probabilities of 0 to N - 1; sum 1.
    coverage : float
        In (0, 1).

    Returns
    -------
    tuple of float and float
        Bounds that hold the number with at least the coverage.

    Examples
    --------
    >>> central_interval(np.array([0.02, 0.96, 0.02]), coverage=0.9)
    (1.0, 1.0)
    """
    shares = np.asarray(distribution, np.float64)
    tail = (1 - coverage) / 2
    below, above = np.cumsum(shares), np.cumsum(shares[::-1])[::-1]
    # The slack keeps a tail that is the limit to the last digit outside.
    low = int(np.flatnonzero(below > tail + 1e-12)[0])
    high = int(np.flatnonzero(above > tail + 1e-12)[-1])
    return float(low), float(high)
