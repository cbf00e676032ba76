"""How unsure the answer is: entropies of stochastic samples, and distance to the training photos.

Plain arithmetic on what the network gives; sampling is the network's business. Entropies are
fractions of the largest possible one, log T for T codes, so that they lie in [0, 1].
"""

import math

import numpy as np

from flexura.decision.calibration import Array, DistanceReference, Probabilities, softmax
from flexura.errors import CalibrationError
from flexura.records import OutOfDistribution, Uncertainty

# One sample says nothing about how samples differ.
_FEWEST_SAMPLES = 2
_FEWEST_QUANTILES = 2


def entropy_fraction(probabilities: Array) -> Probabilities:
    """Entropy as a fraction of log T.

    Parameters
    ----------
    probabilities : array (..., T)
        Rows in [0, 1] that sum to 1; T at least 2.

    Returns
    -------
    array (...) of float64
        0 for a certain answer, 1 for all codes alike.

    Examples
    --------
    >>> float(entropy_fraction(np.array([0.5, 0.5])))
    1.0
    """
    rows = np.asarray(probabilities, np.float64)
    surprise = -np.log(rows, where=rows > 0, out=np.zeros_like(rows))
    fractions: Probabilities = (rows * surprise).sum(axis=-1) / math.log(rows.shape[-1])
    return np.clip(fractions, 0.0, 1.0)


def uncertainty_of(
    logits: Array, logit_samples: Array, *, temperature: float, out_of_distribution: OutOfDistribution
) -> Uncertainty:
    """Split the uncertainty of one answer into what the network and what the photo leaves open.

    Parameters
    ----------
    logits : array (T,)
        The plain pass; used alone when there are fewer than two samples.
    logit_samples : array (S, T)
        Stochastic passes.
    temperature : float
        Of the calibration, above 0.
    out_of_distribution : OutOfDistribution
        From `distance_reading`.

    Returns
    -------
    Uncertainty
        total = model + data, each in [0, 1]; model and data are `None` without samples.

    Raises
    ------
    CalibrationError
        If the temperature is not a finite number above 0.

    References
    ----------
    Depeweg et al. 2018, Decomposition of uncertainty in Bayesian deep learning,
    doi 10.48550/arXiv.1710.07283.
    """
    if len(logit_samples) < _FEWEST_SAMPLES:
        plain = float(entropy_fraction(softmax(logits, temperature=temperature)))
        return Uncertainty(plain, None, None, out_of_distribution)
    samples = softmax(logit_samples, temperature=temperature)
    total = float(entropy_fraction(samples.mean(axis=0)))
    data = float(entropy_fraction(samples).mean())
    # Jensen: never negative but for rounding.
    model = max(total - data, 0.0)
    return Uncertainty(total, model, data, out_of_distribution)


def fit_distances(distances: Array, *, threshold: float, count: int = 101) -> DistanceReference:
    """Keep evenly spaced quantiles of held-out photos' distances.

    Parameters
    ----------
    distances : array (N,)
        Squared distances of held-out photos to the training photos.
    threshold : float
        Share of them, in (0, 1], from which on a photo is flagged.
    count : int
        How many quantiles; at most N, at least 2.

    Returns
    -------
    DistanceReference
        Rising quantiles from the nearest to the farthest photo.

    Raises
    ------
    CalibrationError
        If the threshold lies outside (0, 1], a distance is not finite, or there are fewer than `count`.
    """
    known = np.asarray(distances, np.float64).ravel()
    if not 0 < threshold <= 1:
        raise CalibrationError(f"out-of-distribution threshold is {threshold}; it must lie above 0 and up to 1")
    if count < _FEWEST_QUANTILES or len(known) < count or not np.isfinite(known).all():
        raise CalibrationError(f"{len(known)} distances cannot give {count} quantiles; all must be finite")
    quantiles = np.quantile(known, np.linspace(0, 1, count))
    return DistanceReference(tuple(float(quantile) for quantile in quantiles), threshold)


def distance_reading(distance: float, reference: DistanceReference) -> OutOfDistribution:
    """Place a photo's distance among those of held-out photos.

    Parameters
    ----------
    distance : float
        Squared distance of the photo to the training photos; finite.
    reference : DistanceReference
        From the calibration.

    Returns
    -------
    OutOfDistribution
        Score 0 for nearer than all held-out photos, 1 for as far as the farthest or farther.

    Examples
    --------
    >>> distance_reading(1.5, DistanceReference((0.0, 1.0, 2.0), 0.95)).score
    0.75
    """
    quantiles = np.asarray(reference.quantiles, np.float64)
    score = float(np.interp(distance, quantiles, np.linspace(0, 1, len(quantiles))))
    return OutOfDistribution(score, reference.threshold, score >= reference.threshold)
