"""Feature vectors from columns: a name, a value and a unit each; a value of `None` becomes NaN, unknown."""

import math
from collections.abc import Iterable

import numpy as np

from flexura.records import FeatureVector

Column = tuple[str, float | None, str]


def feature_vector(columns: Iterable[Column]) -> FeatureVector:
    """Make a vector of columns.

    Parameters
    ----------
    columns : iterable of (str, float or None, str)
        Name, value and unit; names differ.

    Returns
    -------
    FeatureVector
        Values float32 (F,), NaN for unknown.

    Examples
    --------
    >>> feature_vector([("itch", 7.0, "points"), ("poem", None, "points")]).values
    array([ 7., nan], dtype=float32)
    """
    names, values, units = zip(*columns, strict=True)
    known = [math.nan if value is None else float(value) for value in values]
    return FeatureVector(names, np.array(known, np.float32), units)


def join(parts: Iterable[FeatureVector]) -> FeatureVector:
    """Join vectors end to end.

    Parameters
    ----------
    parts : iterable of FeatureVector
        At least one; no name twice.

    Returns
    -------
    FeatureVector
        All names, values and units in order.
    """
    parts = list(parts)
    return FeatureVector(
        tuple(name for part in parts for name in part.names),
        np.concatenate([part.values for part in parts]),
        tuple(unit for part in parts for unit in part.units),
    )
