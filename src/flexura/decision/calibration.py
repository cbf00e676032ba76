"""What held-out photos taught about the network's numbers, and how logits become probabilities.

`Calibration` is the content of the bundle's calibration file; each part is fitted in the room
that uses it (conformal, uncertainty, area). Here: its shape, and temperature scaling.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from flexura.decision.context_evidence import ContextEvidence, log_ratios
from flexura.decision.taxonomy import Label
from flexura.errors import CalibrationError

Array = npt.NDArray[Any]
Probabilities = npt.NDArray[np.float64]

# Which photos the logits come from; a network is overconfident on those it was trained on.
Split = Literal["calibration", "held_out", "training"]

# Beyond these the network is a constant or a coin: refuse to go there.
_LOG_TEMPERATURE_RANGE: Final = (math.log(0.05), math.log(20.0))
# Three steps of golden section shrink by 0.24: 60 steps reach 1e-12 of the range.
_SECTION_STEPS: Final = 60
_GOLDEN: Final = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class ConformalQuantile:
    """Mass before the truth, in [0, 1], that held-out photos stay under with the coverage, in (0, 1)."""

    quantile: float
    coverage: float


@dataclass(frozen=True)
class ToneScores:
    """Rising conformal scores, in [0, 1], of the held-out photos of one group of `tone_groups`; maybe none."""

    name: str
    scores: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True)
class DistanceReference:
    """Rising quantiles, evenly spaced from 0 to 1, of held-out photos' distances; flag from `threshold` up."""

    quantiles: tuple[float, ...] = field(repr=False)
    threshold: float


@dataclass(frozen=True)
class AreaErrors:
    """Signed errors (truth minus predicted fraction) of held-out photos, by bins of the predicted fraction.

    Bin i holds predictions up to and including `upper_bounds[i]`, the last bound is 1; `errors[i]`
    rise and are enough for an interval of the coverage, in (0, 1).
    """

    upper_bounds: tuple[float, ...]
    errors: tuple[tuple[float, ...], ...] = field(repr=False)
    coverage: float


@dataclass(frozen=True)
class AreaReading:
    """How maps are read: a cell is skin, or lesion, from these probabilities up."""

    skin_threshold: float = 0.5
    lesion_threshold: float = 0.5
    # Share of the photo that must be skin before an area is given.
    minimum_skin_fraction: float = 0.1


@dataclass(frozen=True)
class AbstentionLimits:
    """When an answer is too vague to rely on."""

    # A third of the 35 codes: a list nobody can act on.
    largest_set: int = 12
    # Below it the most likely code is wrong four times in five, as the probabilities are calibrated.
    lowest_confidence: float = 0.2
    # From which age up to below which the network was told ages; None where a bundle does not say.
    ages_years: tuple[float, float] | None = None


@dataclass(frozen=True)
class Calibration:
    """The bundle's calibration.

    `labels` in the order of the logits; temperature > 0; `tone_scores` empty where sets were fitted on all photos
    together, else every group of `tone_groups` in its order; `prevalence` (T,) is the mean calibrated probability of
    the held-out photos, empty where unknown; `logit_offsets` (T,) are added to logits before the temperature, empty
    for none: they make up for other shares of diseases than the held-out photos have; `context_evidence` is `None`
    where what is told reaches the answer through the network alone; expected calibration error in [0, 1] as measured on
    photos that fitted nothing, `None` if it was not measured.
    """

    labels: tuple[Label, ...]
    temperature: float
    conformal: ConformalQuantile
    distance: DistanceReference
    area_errors: AreaErrors
    tone_scores: tuple[ToneScores, ...] = ()
    prevalence: tuple[float, ...] = ()
    logit_offsets: tuple[float, ...] = ()
    context_evidence: ContextEvidence | None = None
    expected_calibration_error: float | None = None
    area_reading: AreaReading = AreaReading()
    limits: AbstentionLimits = AbstentionLimits()


def softmax(logits: Array, *, temperature: float = 1.0) -> Probabilities:
    """Turn logits into probabilities.

    Parameters
    ----------
    logits : array (..., T)
        Finite, or minus infinity for a code that is ruled out.
    temperature : float
        Above 0; larger is less certain. The most likely code stays the same.

    Returns
    -------
    array (..., T) of float64
        Rows in [0, 1] that sum to 1.

    Raises
    ------
    CalibrationError
        If the temperature is not a finite number above 0.

    References
    ----------
    Guo et al. 2017, On calibration of modern neural networks, doi 10.48550/arXiv.1706.04599.

    Examples
    --------
    >>> softmax(np.array([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    if not (math.isfinite(temperature) and temperature > 0):
        raise CalibrationError(f"temperature is {temperature}; it must be a finite number above 0")
    scaled = np.asarray(logits, np.float64) / temperature
    # Largest logit to 0, so that exp never overflows.
    odds = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    rows: Probabilities = odds / odds.sum(axis=-1, keepdims=True)
    return rows


def offset_logits(logits: Array, calibration: Calibration) -> Array:
    """Make up for other shares of diseases than at home, where the calibration knows them.

    Parameters
    ----------
    logits : array (..., T)
        Of the network.
    calibration : Calibration
        Of its bundle.

    Returns
    -------
    array (..., T)
        The same where the calibration holds no offsets.
    """
    return logits + np.array(calibration.logit_offsets, np.float32) if calibration.logit_offsets else logits


def context_logits(contexts: Array, calibration: Calibration) -> Array:
    """Weigh what was told of patients, in the network's logits.

    Parameters
    ----------
    contexts : array (N, F)
        Encoded; NaN is unknown.
    calibration : Calibration
        Of the bundle.

    Returns
    -------
    array (N, T)
        To be added before the temperature; 0 where the calibration holds no evidence.
    """
    codes = [label.code for label in calibration.labels]
    if calibration.context_evidence is None:
        return np.zeros((len(contexts), len(codes)), np.float32)
    ratios = log_ratios(calibration.context_evidence, contexts, codes)
    return np.asarray(calibration.temperature * ratios, np.float32)


def probabilities_of(logits: Array, calibration: Calibration) -> Probabilities:
    """Turn a network's logits into calibrated probabilities.

    Parameters
    ----------
    logits : array (..., T)
        Of the network.
    calibration : Calibration
        Of its bundle.

    Returns
    -------
    array (..., T) of float64
        Rows in [0, 1] that sum to 1.
    """
    return softmax(offset_logits(logits, calibration), temperature=calibration.temperature)


def fit_temperature(logits: Array, truth: Array, *, split: Split) -> float:
    """Find the temperature that makes held-out truths most likely.

    Parameters
    ----------
    logits : array (N, T)
        Logits of held-out photos; minus infinity rules a code out.
    truth : array (N,) of int
        True codes, 0 to T - 1.
    split : {"calibration", "held_out", "training"}
        Where the photos come from; training photos are refused.

    Returns
    -------
    float
        Between 0.05 and 20; the negative log-likelihood is never above that at 1.

    Raises
    ------
    CalibrationError
        If the split is the training split, or the arrays are empty, mismatched or not finite.

    References
    ----------
    Guo et al. 2017, doi 10.48550/arXiv.1706.04599. The likelihood is unimodal in the temperature,
    since it is concave in its inverse.
    """
    if split == "training":
        raise CalibrationError("a temperature fitted on training photos is overconfident; use held-out photos")
    logits, truth = checked_pairs(logits, truth)
    low, high = _LOG_TEMPERATURE_RANGE
    for _ in range(_SECTION_STEPS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if _mean_loss(logits, truth, math.exp(left)) <= _mean_loss(logits, truth, math.exp(right)):
            high = right
        else:
            low = left
    fitted = math.exp((low + high) / 2)
    return fitted if _mean_loss(logits, truth, fitted) <= _mean_loss(logits, truth, 1.0) else 1.0


def checked_pairs(scores: Array, truth: Array) -> tuple[Probabilities, npt.NDArray[np.int64]]:
    """Check that rows of scores and true codes belong together.

    Parameters
    ----------
    scores : array (N, T)
        Logits or probabilities; minus infinity rules a code out, but never the true one.
    truth : array (N,) of int
        True codes, 0 to T - 1.

    Returns
    -------
    tuple of array
        The same as float64 and int64.

    Raises
    ------
    CalibrationError
        If the arrays are empty, mismatched or not finite.
    """
    rows, codes = np.asarray(scores, np.float64), np.asarray(truth)
    if rows.ndim != 2 or codes.ndim != 1 or len(rows) != len(codes) or len(rows) == 0 or rows.shape[1] < 2:
        raise CalibrationError(f"scores {rows.shape} and truth {codes.shape} must be (N, T) and (N,), N > 0, T > 1")
    if not np.issubdtype(codes.dtype, np.integer) or codes.min() < 0 or codes.max() >= rows.shape[1]:
        raise CalibrationError(f"true codes must be whole numbers from 0 to {rows.shape[1] - 1}")
    if np.isnan(rows).any() or np.isposinf(rows).any() or not np.isfinite(rows[np.arange(len(rows)), codes]).all():
        raise CalibrationError("scores hold NaN or infinity, or rule out a true code")
    return rows, codes.astype(np.int64)


def _mean_loss(logits: Probabilities, truth: npt.NDArray[np.int64], temperature: float) -> float:
    scaled = logits / temperature
    top = scaled.max(axis=1)
    normaliser = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
    return float(np.mean(normaliser - scaled[np.arange(len(truth)), truth]))
