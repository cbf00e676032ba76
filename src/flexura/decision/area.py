"""How much of the visible skin is affected: from the two maps, with an interval from held-out errors.

Maps are probabilities (h, w) of one photo. An area is given only where enough skin is seen; the
skin map includes affected skin.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from flexura.decision.calibration import AreaErrors, AreaReading, Array
from flexura.decision.conformal import upper_rank
from flexura.decision.scores import EASI_AREA_SCORES, easi_area_score
from flexura.errors import CalibrationError
from flexura.records import Area, Interval, LesionSize, PhotoSource, Scale

Distribution = npt.NDArray[np.float64]

# Of the standard normal distribution, in the middle of 41 parts of equal probability.
_NORMAL_QUANTILES: Final = np.array([NormalDist().inv_cdf((part + 0.5) / 41) for part in range(41)])


def lesion_fraction(lesion_map: Array, skin_map: Array, *, reading: AreaReading) -> tuple[float | None, float]:
    """Measure affected skin as a share of the skin in view.

    Parameters
    ----------
    lesion_map : array (h, w)
        Probabilities in [0, 1] that a cell is affected.
    skin_map : array (h, w)
        Probabilities in [0, 1] that a cell is skin, affected or not.
    reading : AreaReading
        From which probability on a cell counts, and the least share of skin.

    Returns
    -------
    tuple of float | None and float
        Lesion inside skin divided by skin, `None` under the least share; skin's share of the photo.
    """
    skin = np.asarray(skin_map) >= reading.skin_threshold
    lesion = skin & (np.asarray(lesion_map) >= reading.lesion_threshold)
    seen = float(skin.mean())
    if not skin.any() or seen < reading.minimum_skin_fraction:
        return None, seen
    return float(lesion.sum() / skin.sum()), seen


def area_of(lesion_map: Array, skin_map: Array, *, reading: AreaReading, errors: AreaErrors) -> Area:
    """Measure the affected area with its interval and EASI area score.

    Parameters
    ----------
    lesion_map : array (h, w)
        Probabilities in [0, 1] that a cell is affected.
    skin_map : array (h, w)
        Probabilities in [0, 1] that a cell is skin, affected or not.
    reading : AreaReading
        How the maps are read.
    errors : AreaErrors
        Errors on held-out photos.

    Returns
    -------
    Area
        Fractions in [0, 1]; `None` but for skin's share where too little skin is seen.
    """
    fraction, seen = lesion_fraction(lesion_map, skin_map, reading=reading)
    if fraction is None:
        return Area(None, None, seen, None)
    return Area(fraction, area_interval(fraction, errors), seen, easi_area_score(100 * fraction))


def lesion_size(area: Area, source: PhotoSource, scale: Scale | None, *, errors: AreaErrors) -> LesionSize | None:
    """Size of the affected skin in view: its share of the photo times the photo's area on the skin.

    The interval covers two errors together, taken to be independent: that of the share, from held-out photos, and
    that of the scale, whose logarithm is normal. What is turned away from the camera looks smaller; neither error
    holds that.

    Parameters
    ----------
    area : Area
        From `area_of`.
    source : PhotoSource
        Width and height of the original in pixels.
    scale : Scale | None
        Of the original.
    errors : AreaErrors
        Errors on held-out photos.

    Returns
    -------
    LesionSize | None
        `None` where the share or the scale is unknown.
    """
    fraction = area.lesion_fraction_of_skin
    if fraction is None or scale is None or scale.mm_per_pixel is None:
        return None
    assert scale.uncertainty is not None, "a known scale has its uncertainty"
    assert scale.known_by is not None, "a known scale has its source"
    skin_cm2 = area.skin_fraction_of_photo * source.width * source.height * scale.mm_per_pixel**2 / 100
    possible = np.clip(fraction + np.asarray(_errors_at(fraction, errors)), 0.0, 1.0)
    sizes = np.outer(possible, np.exp(2 * scale.uncertainty * _NORMAL_QUANTILES)) * skin_cm2
    tail = (1 - errors.coverage) / 2
    low, high = (float(bound) for bound in np.quantile(sizes, (tail, 1 - tail)))
    value = fraction * skin_cm2
    return LesionSize(value, (min(low, value), max(high, value)), scale.known_by)


def area_interval(fraction: float, errors: AreaErrors) -> Interval:
    """Interval of the true fraction, given the predicted one.

    Parameters
    ----------
    fraction : float
        Predicted, in [0, 1].
    errors : AreaErrors
        Signed errors on held-out photos.

    Returns
    -------
    tuple of float and float
        Within [0, 1], holding the predicted fraction, with at least the coverage of `errors`.
    """
    known = _errors_at(fraction, errors)
    rank = tail_rank(len(known), errors.coverage)
    low, high = fraction + known[-rank], fraction + known[rank - 1]
    return float(np.clip(min(low, fraction), 0, 1)), float(np.clip(max(high, fraction), 0, 1))


def tail_rank(count: int, coverage: float) -> int:
    """Rank, from 1, of the upper bound among sorted errors; the lower bound is as far from the other end.

    Parameters
    ----------
    count : int
        Number of errors.
    coverage : float
        Of the two-sided interval, in (0, 1).

    Returns
    -------
    int
        Above `count` if there are too few errors.

    Examples
    --------
    >>> tail_rank(19, 0.9), tail_rank(18, 0.9)
    (19, 19)
    """
    # Rounded: (1 + 0.9) / 2 must print as 0.95.
    return upper_rank(count, round((1 + coverage) / 2, 12))


def area_score_distribution(fraction: float, errors: AreaErrors) -> Distribution:
    """Probability of each EASI area score, given the predicted fraction.

    Parameters
    ----------
    fraction : float
        Predicted, in [0, 1].
    errors : AreaErrors
        Signed errors on held-out photos; each is as likely as the next.

    Returns
    -------
    array (7,) of float64
        Probabilities of the scores 0 to 6; sum 1.
    """
    possible = np.clip(fraction + np.asarray(_errors_at(fraction, errors)), 0.0, 1.0)
    scores = [easi_area_score(100 * float(one)) for one in possible]
    return np.bincount(scores, minlength=EASI_AREA_SCORES) / len(scores)


def drawn_fractions(fraction: float, errors: AreaErrors, *, chance: Distribution) -> Distribution:
    """Draw true fractions, given the predicted one.

    Parameters
    ----------
    fraction : float
        Predicted, in [0, 1].
    errors : AreaErrors
        Signed errors on held-out photos; each is as likely as the next.
    chance : array (N,)
        In [0, 1): from the most negative error to the most positive one.

    Returns
    -------
    array (N,) of float64
        In [0, 1]; rises with the chance.
    """
    known = np.asarray(_errors_at(fraction, errors), np.float64)
    drawn: Distribution = np.clip(fraction + known[(chance * len(known)).astype(int)], 0.0, 1.0)
    return drawn


def fit_area_errors(
    predicted: Array, truth: Array, *, upper_bounds: Sequence[float] = (0.05, 0.2, 0.5, 1.0), coverage: float = 0.9
) -> AreaErrors:
    """Collect the errors of held-out photos by bins of the predicted fraction.

    Parameters
    ----------
    predicted : array (N,)
        Fractions in [0, 1] as `lesion_fraction` gives them.
    truth : array (N,)
        Fractions in [0, 1].
    upper_bounds : sequence of float
        Rising; the last is 1. Bins with too few photos are the caller's to merge.
    coverage : float
        Of the interval, in (0, 1).

    Returns
    -------
    AreaErrors
        Sorted signed errors of each bin.

    Raises
    ------
    CalibrationError
        If the arrays do not match or leave [0, 1], the bounds do not rise to 1, or a bin has too few photos.
    """
    guessed, true = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    bounds = tuple(float(bound) for bound in upper_bounds)
    if guessed.ndim != 1 or guessed.shape != true.shape or not _all_fractions(guessed) or not _all_fractions(true):
        raise CalibrationError(f"areas {guessed.shape} and {true.shape} must be fractions of the same photos")
    if not bounds or bounds[-1] != 1 or any(low >= high for low, high in zip((0.0, *bounds), bounds, strict=False)):
        raise CalibrationError("upper bounds of area bins must rise from above 0 to 1")
    bins = np.searchsorted(bounds, guessed, side="left")
    errors = [np.sort((true - guessed)[bins == index]) for index in range(len(bounds))]
    for bound, known in zip(bounds, errors, strict=True):
        if tail_rank(len(known), coverage) > len(known):
            raise CalibrationError(
                f"{len(known)} photos in the area bin up to {bound} are too few for {coverage:.0%}; merge bins"
            )
    return AreaErrors(bounds, tuple(tuple(known.tolist()) for known in errors), coverage)


def _errors_at(fraction: float, errors: AreaErrors) -> tuple[float, ...]:
    return errors.errors[int(np.searchsorted(errors.upper_bounds, fraction, side="left"))]


def _all_fractions(values: Array) -> bool:
    return bool(np.all((values >= 0) & (values <= 1)))
