"""Colour of the lesion, of own skin, and between them: CIELAB, HSV with circular hue, and skin tone by ITA.

Colours are as photographed: in coloured or dim light the absolute ones are off, and so is the tone. Lesion and own
skin stood in the same light, so their differences (`delta_…`) keep their direction and shrink with the brightness.
"""

import math

import cv2
import numpy as np

from flexura.features.view import MIN_PIXELS, BoolArray, FeatureTable, SkinView, fill, mean_and_spread
from flexura.records import FeatureVector, FloatArray

UNDEFINED = "undefined"

# Lower bound of the individual typology angle in degrees, and the class: Chardon et al. 1991,
# doi:10.1111/j.1467-2494.1991.tb00561.x; the six names as in Del Bino & Bernerd 2013, doi:10.1111/bjd.12529.
TONE_CLASSES: tuple[tuple[float, str], ...] = (
    (55.0, "very light"),
    (41.0, "light"),
    (28.0, "intermediate"),
    (10.0, "tan"),
    (-30.0, "brown"),
    (-90.0, "dark"),
)

# Below this b* the skin is not yellow but grey or blue: the light is wrong and the angle says nothing. Ours: the
# least yellow of the ten Monk swatches has 3.4.
_LEAST_YELLOW = 1.0
# A mean direction of hue from a resultant shorter than this is chance.
_LEAST_RESULTANT = 0.05

_DEGREES = "degrees"
_BOTH: FeatureTable = {
    "lightness": "L*",
    "a": "a*",
    "b": "b*",
    "hue": _DEGREES,
    "hue_variance": "0-1",
    "saturation": "0-1",
    "value": "0-1",
}
COLOUR: FeatureTable = {
    **{f"skin_{name}": unit for name, unit in _BOTH.items()},
    "skin_ita": _DEGREES,
    "skin_tone_class": "1 very light to 6 dark",
    **{f"lesion_{name}": unit for name, unit in _BOTH.items()},
    "lesion_lightness_spread": "L*",
    "lesion_a_spread": "a*",
    "lesion_b_spread": "b*",
    **{f"delta_{name}": unit for name, unit in _BOTH.items() if name != "hue_variance"},
    "delta_e": "CIE76 Delta E",
}


def colour_features(view: SkinView) -> FeatureVector:
    """Measure the colour of own skin and lesion, and the lesion's contrast to own skin.

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    FeatureVector
        In the order of `COLOUR`; `skin_tone_class` is NaN where the tone is undefined.

    References
    ----------
    ISO/CIE 11664-4:2019 (CIELAB and its colour difference); Smith 1978, doi:10.1145/965139.807361 (HSV).
    """
    lab_skin, _ = mean_and_spread(view.lab, view.own_skin)
    lab_lesion, spread = mean_and_spread(view.lab, view.lesion)
    hsv = np.asarray(cv2.cvtColor(view.rgb, cv2.COLOR_RGB2HSV), np.float32)
    skin = _colour_values(lab_skin, hsv, view.own_skin)
    lesion = _colour_values(lab_lesion, hsv, view.lesion)
    delta = {name: lesion[name] - skin[name] for name in _BOTH if name != "hue_variance"}
    delta["hue"] = turn_between(skin["hue"], lesion["hue"])
    delta["e"] = float(np.linalg.norm(lab_lesion - lab_skin))
    ita = individual_typology_angle(skin["lightness"], skin["b"])
    values = {"skin_ita": ita, "skin_tone_class": _class_number(ita)}
    for name, value in zip(("lightness", "a", "b"), spread, strict=True):
        values[f"lesion_{name}_spread"] = float(value)
    for region, measured in (("skin", skin), ("lesion", lesion), ("delta", delta)):
        values |= {f"{region}_{name}": value for name, value in measured.items()}
    return fill(COLOUR, values)


def individual_typology_angle(lightness: float, b: float) -> float:
    """Angle of a skin colour in the plane of L* and b*: the higher, the lighter.

    Parameters
    ----------
    lightness : float
        L*, 0-100; NaN is unknown.
    b : float
        b*; NaN is unknown.

    Returns
    -------
    float
        Degrees, -90 to 90; NaN where b* is not that of skin.

    References
    ----------
    Chardon, Cretois & Hourseau 1991, doi:10.1111/j.1467-2494.1991.tb00561.x.

    Examples
    --------
    >>> round(individual_typology_angle(70.0, 20.0), 6)
    45.0
    """
    if not b >= _LEAST_YELLOW:
        return math.nan
    return math.degrees(math.atan((lightness - 50.0) / b))


def skin_tone_class(ita_degrees: float) -> str:
    """Name the class of skin tone of an angle.

    Parameters
    ----------
    ita_degrees : float
        Individual typology angle; NaN is unknown.

    Returns
    -------
    str
        A name of `TONE_CLASSES`, or `UNDEFINED`.

    References
    ----------
    See `TONE_CLASSES`. A class ends at its bound: 55 degrees is "light".

    Examples
    --------
    >>> skin_tone_class(45.0), skin_tone_class(math.nan)
    ('light', 'undefined')
    """
    if math.isnan(ita_degrees):
        return UNDEFINED
    return next((name for bound, name in TONE_CLASSES if ita_degrees > bound), TONE_CLASSES[-1][1])


def circular_hue(hue_degrees: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Mean direction and circular variance of hue.

    Parameters
    ----------
    hue_degrees : FloatArray
        (N,), 0-360.
    weight : FloatArray
        (N,), 0 or more: the saturation, since grey has no hue.

    Returns
    -------
    tuple[float, float]
        Mean in degrees 0-360, NaN where the hues cancel out; variance 0 (one hue) to 1 (all hues alike). Both NaN
        where nothing has weight.

    References
    ----------
    Mardia & Jupp, Directional Statistics, 2000, section 2.3, doi:10.1002/9780470316979.

    Examples
    --------
    >>> mean, variance = circular_hue(np.array([350.0, 10.0], np.float32), np.ones(2, np.float32))
    >>> round(mean) % 360, round(variance, 3)
    (0, 0.015)
    """
    total = float(weight.sum())
    if total <= 0:
        return math.nan, math.nan
    angle_rad = np.radians(hue_degrees)
    east, north = float(weight @ np.cos(angle_rad)) / total, float(weight @ np.sin(angle_rad)) / total
    length = math.hypot(east, north)
    mean = math.degrees(math.atan2(north, east)) % 360 if length >= _LEAST_RESULTANT else math.nan
    return mean, 1 - min(length, 1.0)


def turn_between(start_degrees: float, end_degrees: float) -> float:
    """Shortest turn from one direction to another.

    Parameters
    ----------
    start_degrees : float
        NaN is unknown.
    end_degrees : float
        NaN is unknown.

    Returns
    -------
    float
        Degrees, -180 up to 180; NaN if either is.

    Examples
    --------
    >>> turn_between(350.0, 10.0), turn_between(10.0, 350.0)
    (20.0, -20.0)
    """
    return (end_degrees - start_degrees + 180) % 360 - 180


def _colour_values(lab_mean: FloatArray, hsv: FloatArray, mask: BoolArray) -> dict[str, float]:
    values = dict(zip(("lightness", "a", "b"), map(float, lab_mean), strict=True))
    if np.count_nonzero(mask) < MIN_PIXELS:
        return values | dict.fromkeys(("hue", "hue_variance", "saturation", "value"), math.nan)
    hue, saturation, value = (hsv[..., channel][mask] for channel in range(3))
    values["hue"], values["hue_variance"] = circular_hue(hue, saturation)
    return values | {"saturation": float(saturation.mean()), "value": float(value.mean())}


def _class_number(ita_degrees: float) -> float:
    names = [name for _, name in TONE_CLASSES]
    tone = skin_tone_class(ita_degrees)
    return math.nan if tone == UNDEFINED else float(names.index(tone) + 1)
