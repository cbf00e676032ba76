"""What was found out about the picture before the answer, in words: scale, what lies on the skin, light, skin.

One function per step, from its record as it stands in the document; a record that this version does not know is
written out plainly.
"""

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist
from types import MappingProxyType
from typing import Any, Final

from flexura.records import LesionSize, PreprocessingStep
from flexura.report.wording import RANGE_COVERAGE, plain

Parameters = Mapping[str, Any]

_SCALE_FROM: Final = {
    "pixel_spacing": "from the file's pixel spacing",
    "ruler": "from a ruler in the picture",
    "colour_card": "from a colour card in the picture",
    "site_prior": "from the body site",
}
_WHY_NOT: Final = {
    "no_source": "unknown: no pixel spacing in the file, no ruler in the picture, no body site told",
    "too_narrow": "unknown: the photo is too narrow to measure anything on it",
    "no_grey_reference": "not measured: nothing grey beside the skin to tell the lamp by",
    "not_enough_skin": "not measured: too little skin in view",
}
_SPACING_REFUSED: Final = {
    "not_square": "; the file's pixel spacing differs between rows and columns and was not used",
    "implausible": "; the file's pixel spacing cannot be true and was not used",
}
_CARD_OF_UNKNOWN_SIZE: Final = "; a colour card is in the picture, but its size was not told"
_KINDS: Final = {
    "dark_hair": "dark hair",
    "light_hair": "light hair",
    "highlights": "glints",
    "ink": "ink",
    "stamps": "a date stamp or text",
    "ruler": "a ruler",
    "colour_card": "a colour card",
}
_HEADINGS: Final = {
    "scale": "Scale",
    "artefacts": "On the skin",
    "colour_cast": "Colour of the light",
    "illumination": "Evenness of the light",
    "background": "Skin in view",
}
_LEAST_RATIO: Final = 1.02  # a smaller cast is none that anybody sees


def off_by(uncertainty: float) -> float:
    """The factor that 90 % of scales lie within, to either side.

    Parameters
    ----------
    uncertainty : float
        Standard deviation of the scale's logarithm.

    Returns
    -------
    float
        At least 1.

    Examples
    --------
    >>> round(off_by(0.6), 1)
    2.7
    """
    return math.exp(NormalDist().inv_cdf((1 + RANGE_COVERAGE) / 2) * uncertainty)


def step_words(step: PreprocessingStep) -> tuple[str, str]:
    """Say what a step found, and whether the picture was changed by it.

    Parameters
    ----------
    step : PreprocessingStep
        As recorded.

    Returns
    -------
    tuple of str and str
        A heading and a phrase.

    Examples
    --------
    >>> step_words(PreprocessingStep("colour_cast", {"reason": "no_grey_reference"}))[1]
    'not measured: nothing grey beside the skin to tell the lamp by'
    """
    heading = _HEADINGS.get(step.step, plain(step.step).capitalize())
    found = step.parameters
    reason = found.get("reason")
    if step.step not in _WORDS:
        return heading, ", ".join(f"{plain(name)} {value}" for name, value in found.items()) or "done"
    if reason is not None:
        words = _WHY_NOT.get(str(reason), f"unknown: {plain(str(reason))}")
        return heading, words + _not_used(found)
    return heading, _WORDS[step.step](found)


def changes_picture(step: PreprocessingStep) -> bool:
    """Whether a step, as recorded, changed the picture before the model looked."""
    found = step.parameters
    return found.get("outcome") in ("fill", "correct") or found.get("outside") == "grey"


def size_words(size: LesionSize) -> str:
    """Write the size of the affected skin with its range.

    Parameters
    ----------
    size : LesionSize
        In cm².

    Returns
    -------
    str
        Such as "12 cm² (2.1 to 55), scale from the body site".
    """
    low, high = size.interval_cm2
    return f"{_two(size.value_cm2)} cm² ({_two(low)} to {_two(high)}), scale {_SCALE_FROM[size.known_by]}"


def _two(value: float) -> str:
    """Two significant figures without an exponent: no size or scale here is known better."""
    if value <= 0:
        return "0"
    places = 1 - math.floor(math.log10(value))
    return f"{round(value, places):.{max(places, 0)}f}"


def _scale(found: Parameters) -> str:
    factor = off_by(found["uncertainty"])
    error = f"could be off by a factor of {factor:.1f}" if factor >= 1.2 else f"within {100 * (factor - 1):.0f} %"
    return f"{_SCALE_FROM[found['known_by']]}, {_two(found['mm_per_pixel'])} mm per pixel, {error}{_not_used(found)}"


def _not_used(found: Parameters) -> str:
    """What could have told the scale and did not."""
    told_by_less = found.get("card_found") and found.get("known_by") in (None, "site_prior")
    refused = _SPACING_REFUSED.get(str(found.get("spacing_refused")), "")
    return refused + (_CARD_OF_UNKNOWN_SIZE if told_by_less else "")


def _artefacts(found: Parameters) -> str:
    seen = [words for kind, words in _KINDS.items() if found.get(kind)]  # older answers know fewer kinds
    if not seen:
        return "no hair, glints, ink, text, ruler or card found"
    covered = found["touched_of_skin"]
    share = "" if covered is None else f", on {_percent(covered)} of the skin"
    filled = "filled in before the model looked" if found["outcome"] == "fill" else "left in the picture"
    return f"{', '.join(seen)}{share}; {filled}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "under 0.1 %"


def _colour_cast(found: Parameters) -> str:
    light = {colour: found[f"light_{colour}"] for colour in ("red", "green", "blue")}
    most, least = max(light, key=lambda colour: light[colour]), min(light, key=lambda colour: light[colour])
    ratio, by_card = light[most] / light[least], found.get("known_by") == "colour_card"
    if ratio < _LEAST_RATIO:
        return f"no cast found {'on the colour card' if by_card else 'beside the skin'}"
    grey = "the colour card's grey" if by_card else "what is grey beside the skin"
    return f"{grey} has {100 * (ratio - 1):.0f} % more {most} than {least}{_done(found)}"


def _illumination(found: Parameters) -> str:
    uneven = found["unevenness"]
    return f"brightness across the skin varies {uneven:.1f}-fold, by light, shape and skin together{_done(found)}"


def _done(found: Parameters) -> str:
    return "; evened out before the model looked" if found["outcome"] == "correct" else "; left as it is"


def _background(found: Parameters) -> str:
    by = "the model's map" if found["method"] == "network" else "its colour"
    greyed = "; the rest was greyed before the model looked" if found["outside"] == "grey" else ""
    return f"{100 * found['skin_share']:.0f} % of the picture, found by {by}{greyed}"


_WORDS: Final[Mapping[str, Callable[[Parameters], str]]] = MappingProxyType(
    {
        "scale": _scale,
        "artefacts": _artefacts,
        "colour_cast": _colour_cast,
        "illumination": _illumination,
        "background": _background,
    }
)
