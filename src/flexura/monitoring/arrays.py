"""Checks that arrays can be compared, before any measure is taken of them.

Each function refuses empty, mismatched or impossible arrays with `MetricError` and hands back
float64 or int64 copies. Letters in shapes: N cases, T diagnosis codes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from flexura.errors import MetricError

Array = npt.NDArray[Any]
IntArray = npt.NDArray[np.int64]

# float16 softmax rows of 35 codes add up to 1 within this.
_ROW_SUM_TOLERANCE = 5e-3


def paired(values: Array, others: Array) -> tuple[Array, Array]:
    """Two finite vectors of one length as float64 (N,)."""
    if values.ndim != 1 or values.shape != others.shape or values.size == 0:
        raise MetricError(f"expected two vectors of one length, not empty; got {values.shape} and {others.shape}")
    one, two = values.astype(np.float64), others.astype(np.float64)
    if not (np.all(np.isfinite(one)) and np.all(np.isfinite(two))):
        raise MetricError("values must be finite; leave unknown cases out before measuring")
    return one, two


def whole_codes(truth: Array, count: int) -> IntArray:
    """Whole numbers 0 to count - 1 as int64 (N,)."""
    codes = truth.astype(np.int64)
    if np.any(codes != truth) or np.any((codes < 0) | (codes >= count)):
        raise MetricError(f"codes must be whole numbers from 0 to {count - 1}")
    return codes


def scores_and_codes(scores: Array, truth: Array) -> tuple[Array, IntArray]:
    """Scores as float64 (N, T) with their true codes as int64 (N,)."""
    if scores.ndim != 2 or truth.shape != scores.shape[:1] or scores.size == 0:
        raise MetricError(f"expected scores (N, T) and truth (N,), not empty; got {scores.shape} and {truth.shape}")
    table = scores.astype(np.float64)
    if np.any(np.isnan(table)):
        raise MetricError("scores must not be NaN; leave unknown cases out before measuring")
    return table, whole_codes(truth, scores.shape[1])


def distributions_and_codes(probabilities: Array, truth: Array) -> tuple[Array, IntArray]:
    """Distributions as float64 (N, T) with their true codes as int64 (N,)."""
    table, codes = scores_and_codes(probabilities, truth)
    if np.any((table < 0) | (table > 1 + _ROW_SUM_TOLERANCE)):
        raise MetricError("probabilities must lie in [0, 1]; these look like logits")
    if np.any(np.abs(np.sum(table, axis=1) - 1) > _ROW_SUM_TOLERANCE):
        raise MetricError("probabilities of a case must add up to 1")
    return table, codes
