"""Prediction sets by skin tone: each photo is held against held-out photos of its own group (Mondrian).

The tone is the individual typology angle of the skin that is not affected, as measured on the photo; it depends
on the light too, in the clinic as on the held-out photos. A group with too few of them promises nothing: its set is
every code.
"""

import math
from typing import Final

import numpy as np

from flexura.decision.calibration import Array, Calibration, ConformalQuantile, ToneScores
from flexura.decision.conformal import cases_needed, fit_quantile, prediction_set
from flexura.errors import CalibrationError
from flexura.records import CalibrationGroup, FeatureVector

ANGLE_FEATURE: Final = "skin_ita"

# Name, and the angle in degrees that is exceeded. Bounds between intermediate and tan, and between tan and brown, of
# Chardon et al. 1991, doi 10.1111/j.1467-2494.1991.tb00561.x. Three of his six classes are joined to their neighbours:
# apart they hold 9, 4 and 19 of the 186 held-out photos of main 0.3.0, and a 90 % set asks for 9 at least.
TONE_GROUPS: Final = (("light", 28.0), ("tan", 10.0), ("brown_or_dark", -math.inf))
# No skin in view, or light in which skin has no angle.
UNMEASURED: Final = "unmeasured"
GROUP_NAMES: Final = (*(name for name, _ in TONE_GROUPS), UNMEASURED)


def tone_group(angle_degrees: float) -> str:
    """Name the group of a skin tone.

    Parameters
    ----------
    angle_degrees : float
        Individual typology angle of the own skin, -90 to 90; NaN is unknown.

    Returns
    -------
    str
        One of `GROUP_NAMES`.

    References
    ----------
    See `TONE_GROUPS`. A group ends at its bound: 28 degrees is "tan".

    Examples
    --------
    >>> tone_group(28.1), tone_group(28.0), tone_group(-40.0), tone_group(math.nan)
    ('light', 'tan', 'brown_or_dark', 'unmeasured')
    """
    return next((name for name, bound in TONE_GROUPS if angle_degrees > bound), UNMEASURED)


def angle_of(features: FeatureVector | None) -> float:
    """Take the skin's angle from the measured features.

    Parameters
    ----------
    features : FeatureVector or None
        Of the photo.

    Returns
    -------
    float
        Degrees; NaN where it was not measured.
    """
    if features is None or ANGLE_FEATURE not in features.names:
        return math.nan
    return float(features.values[features.names.index(ANGLE_FEATURE)])


def group_scores(scores: Array, angles_degrees: Array) -> tuple[ToneScores, ...]:
    """Sort held-out photos into the groups.

    Parameters
    ----------
    scores : array (N,)
        Of `conformal_scores`.
    angles_degrees : array (N,)
        Individual typology angles; NaN is unknown.

    Returns
    -------
    tuple of ToneScores
        All groups, in the order of `GROUP_NAMES`, those without photos too.

    Raises
    ------
    CalibrationError
        If there are not as many angles as scores.
    """
    if len(scores) != len(angles_degrees):
        raise CalibrationError(f"{len(scores)} scores and {len(angles_degrees)} skin tones; give one tone a photo")
    groups = np.array([tone_group(float(angle)) for angle in angles_degrees])
    return tuple(
        ToneScores(name, tuple(sorted(float(score) for score in np.asarray(scores)[groups == name])))
        for name in GROUP_NAMES
    )


def grouped_set(
    probabilities: Array, calibration: Calibration, *, angle_degrees: float
) -> tuple[tuple[int, ...], CalibrationGroup | None]:
    """Take the codes that cannot be left out at the coverage, by held-out photos of the same skin tone.

    Parameters
    ----------
    probabilities : array (T,)
        Calibrated probabilities of one photo.
    calibration : Calibration
        Of the bundle.
    angle_degrees : float
        Individual typology angle of the photo's own skin; NaN is unknown.

    Returns
    -------
    tuple
        Positions of the codes, most likely first, and the group that they rest on. Every code where the group has too
        few photos: ceil((n + 1) * coverage) > n. No group where the calibration knows none; then one quantile of all
        photos decides.

    References
    ----------
    Vovk, Gammerman, Shafer 2005, section 4.5 (Mondrian predictors), doi 10.1007/b106715.
    """
    if not calibration.tone_scores:
        return prediction_set(probabilities, calibration.conformal), None
    coverage, name = calibration.conformal.coverage, tone_group(angle_degrees)
    own = next(group.scores for group in calibration.tone_scores if group.name == name)
    group = CalibrationGroup(name, len(own), cases_needed(coverage))
    everything = ConformalQuantile(1.0, coverage)
    quantile = fit_quantile(np.array(own), coverage) if group.enough else everything
    return prediction_set(probabilities, quantile), group
