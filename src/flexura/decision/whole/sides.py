"""Left against right: the same site on both sides at one visit, and which side has more of what.

A side is named only where the 90 % interval of the difference leaves 0 out. Of the affected share the interval comes
from those of both photos; of all else from how far two photos of one patient differ (`benchmarks/side_limits.py`;
docs/patient.md), which holds real differences too and is therefore rather too wide. Both photos are taken to show
the same stretch of skin.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from flexura.decision.findings.sources import RAFF_2016, ZOSTER_2017
from flexura.records import Area, Assessment, FeatureValue, FeatureVector, Interval

More = Literal["left", "right", "within_error", "unknown"]
Needs = Literal["light", "scale"]
Compare = Callable[[FeatureVector, FeatureVector], FeatureVector]

COVERAGE: Final = 0.9
# Own skin of both photos may differ by so much in L*. Ours: in CIELAB a contrast goes with L* + 16 when the light
# changes, so that at L* 60 it is wrong by 13 % at most.
LIGHTNESS_LIMIT: Final = 10.0
# Pixels of both photos may differ by so much in size on the skin. Ours: a third of an octave of the grain's bands.
SCALE_LIMIT: Final = 1.25
_MEASURED_SCALES: Final = ("pixel_spacing", "ruler", "colour_card")


PREFIX: Final = "left_minus_right_"
SHARE: Final = "lesion_skin_share"


@dataclass(frozen=True)
class Measure:
    """One feature that sides are compared by: half the 90 % interval of a difference, in its unit, and its needs.

    `sign` is -1 where the side with less of the feature has more of what is told.
    """

    name: str
    error: float
    needs: Needs
    sign: int = 1


# Beside the affected share. Errors: 90th percentiles of `benchmarks/side_limits.py`, rounded up; of what needs light,
# those of pairs in the same light.
MEASURES: Final = (
    Measure("lesion_count", 4.0, "scale"),
    Measure("delta_lightness", 14.6, "light", sign=-1),
    Measure("delta_a", 7.5, "light"),
    Measure("delta_erythema_index", 15.1, "light"),
    Measure("delta_haemoglobin", 20.5, "light"),
    Measure("delta_gabor_4px", 2.8, "scale"),
    Measure("delta_gabor_16px", 3.5, "scale"),
)


@dataclass(frozen=True)
class SideDifference:
    """Left minus right of one feature with its 90 % interval; `more` is the side with more; `reason` why unknown."""

    name: str
    unit: str
    difference: float | None = field(repr=False)
    interval: Interval | None = field(repr=False)
    more: More = field(repr=False)
    reason: str | None


@dataclass(frozen=True)
class Hint:
    """What a result may mean, with its source."""

    text: str
    source: str


_CONTACT_DIFFERENTIALS: Final = "BMJ Best Practice, topic 90 (contact dermatitis), differentials"
FOLDS_ON_BOTH_SIDES: Final = Hint(
    "Where folds on both sides are affected: this is general in atopic dermatitis.", _CONTACT_DIFFERENTIALS
)
MORE_ON_ONE_SIDE: Final = (
    Hint(
        "Where one side is more affected: ask what touches it; atopic dermatitis of the folds is generally on both.",
        _CONTACT_DIFFERENTIALS,
    ),
    Hint("Where one side is more affected: cellulitis is on one side as a rule; feel for warmth.", RAFF_2016),
    Hint("Where one side is more affected: shingles keeps to one; ask about pain, look for blisters.", ZOSTER_2017),
)
ONE_HAND: Final = Hint(
    "Where one hand is more affected: tinea is often on one hand and both feet; look at the feet.",
    "Two Feet-One Hand Syndrome: Tinea Pedis and Tinea Manuum, Curr Fungal Infect Rep",
)
_HANDS: Final = ("hand_back", "palm", "finger")
_FOLDS: Final = ("antecubital_fossa", "popliteal_fossa")


@dataclass(frozen=True)
class SidePair:
    """The same site left and right at one visit: numbers of both photos from 1, differences, what they may mean.

    `area_asymmetry` runs from 0, the same share of the skin, to 1, one side only; `None` where neither is affected.
    """

    visit: int
    site: str
    photos: tuple[int, int]
    differences: tuple[SideDifference, ...]
    area_asymmetry: float | None = field(repr=False)
    hints: tuple[Hint, ...] = field(repr=False)


def pair_sides(
    answers: Sequence[Assessment | None], visits: Sequence[int], *, compare: Compare
) -> tuple[SidePair, ...]:
    """Compare every site that is on a photo of both sides at one visit; of several photos of a side, the first.

    Parameters
    ----------
    answers : Sequence[Assessment | None]
        One per photo, with its features; `None` where the photo has none.
    visits : Sequence[int]
        The visit of each photo, from 1.
    compare : Compare
        `features.compare_sides`.

    Returns
    -------
    tuple[SidePair, ...]
        By visit, then by the place of the first photo of a pair.
    """
    first: dict[tuple[int, str], dict[str, int]] = {}
    for place, (answer, visit) in enumerate(zip(answers, visits, strict=True)):
        side, _, site = ("" if answer is None else answer.site or "").partition("_")
        if side in ("left", "right"):
            first.setdefault((visit, site), {}).setdefault(side, place)
    pairs = []
    for (visit, site), places in sorted(first.items(), key=lambda found: found[0][0]):
        left, right = (answers[places[side]] if side in places else None for side in ("left", "right"))
        if left is not None and right is not None:
            photos = (places["left"] + 1, places["right"] + 1)
            pairs.append(_pair(visit, site, photos, (left, right), compare))
    return tuple(pairs)


def area_interval(left: Area, right: Area) -> Interval | None:
    """90 % interval of the difference between two affected shares, whose errors are taken as independent.

    Parameters
    ----------
    left : Area
        With its own 90 % interval.
    right : Area
        Likewise.

    Returns
    -------
    Interval | None
        Ends in [-1, 1]; `None` where a share is unknown.

    References
    ----------
    Zou & Donner 2008, doi 10.1002/sim.3095 (limits of a difference from those of its parts).

    Examples
    --------
    >>> area_interval(Area(0.5, (0.375, 0.75), 1.0, 4), Area(0.25, (0.125, 0.25), 1.0, 2))
    (0.125, 0.5295084971874737)
    """
    if left.lesion_fraction_of_skin is None or right.lesion_fraction_of_skin is None:
        return None
    assert left.interval is not None, "a known share has its interval"
    assert right.interval is not None, "a known share has its interval"
    one, other = left.lesion_fraction_of_skin, right.lesion_fraction_of_skin
    down = math.hypot(one - left.interval[0], right.interval[1] - other)
    up = math.hypot(left.interval[1] - one, other - right.interval[0])
    return max(one - other - down, -1.0), min(one - other + up, 1.0)


def _pair(
    visit: int, site: str, photos: tuple[int, int], sides: tuple[Assessment, Assessment], compare: Compare
) -> SidePair:
    left, right = sides
    found = compare(_vector(left.features), _vector(right.features))
    units = dict(zip(found.names, found.units, strict=True))
    values = {
        name: None if math.isnan(value) else float(value) for name, value in zip(found.names, found.values, strict=True)
    }
    hindrances = {"light": _light_hindrance(left, right), "scale": _scale_hindrance(left, right)}
    share = _share(left.area, right.area, units[PREFIX + SHARE])
    others = tuple(
        _difference(one, values[PREFIX + one.name], units[PREFIX + one.name], hindrances[one.needs]) for one in MEASURES
    )
    return SidePair(visit, site, photos, (share, *others), values["side_area_asymmetry"], _hints(site, share, sides))


def _share(left: Area, right: Area, unit: str) -> SideDifference:
    interval = area_interval(left, right)
    if interval is None:
        return SideDifference(SHARE, unit, None, None, "unknown", "not_measured")
    assert left.lesion_fraction_of_skin is not None, "a known interval has its shares"
    assert right.lesion_fraction_of_skin is not None, "a known interval has its shares"
    difference = left.lesion_fraction_of_skin - right.lesion_fraction_of_skin
    return SideDifference(SHARE, unit, difference, interval, _more(interval), None)


def _difference(measure: Measure, value: float | None, unit: str, hindrance: str | None) -> SideDifference:
    if value is None or hindrance is not None:
        return SideDifference(measure.name, unit, None, None, "unknown", hindrance or "not_measured")
    interval = (value - measure.error, value + measure.error)
    ends = interval if measure.sign > 0 else (-interval[1], -interval[0])
    return SideDifference(measure.name, unit, value, interval, _more(ends), None)


def _more(interval: Interval) -> More:
    return "left" if interval[0] > 0 else "right" if interval[1] < 0 else "within_error"


def _light_hindrance(left: Assessment, right: Assessment) -> str | None:
    """Why colours cannot be compared: a light that is not white, or two of unlike brightness on the same skin."""
    if any(check.name == "colour_cast" and not check.passed for side in (left, right) for check in side.quality.checks):
        return "coloured_light"
    skin = [side.features["skin_lightness"].value for side in (left, right)]
    if skin[0] is None or skin[1] is None:
        return "not_measured"
    return "light_differs" if abs(skin[0] - skin[1]) > LIGHTNESS_LIMIT else None


def _scale_hindrance(left: Assessment, right: Assessment) -> str | None:
    """Why lengths cannot be compared: no measured scale, or photos that show unlike stretches of skin."""
    spans = [span for side in (left, right) if (span := _span_mm(side)) is not None]
    if len(spans) < 2:
        return "scale_unknown"
    return "scale_differs" if max(spans) / min(spans) > SCALE_LIMIT else None


def _span_mm(side: Assessment) -> float | None:
    """What the longest side of a photo spans; features are measured on photos of one longest side."""
    for step in side.preprocessing:
        if step.step == "scale" and step.parameters.get("known_by") in _MEASURED_SCALES:
            size = step.parameters["mm_per_pixel"]
            assert isinstance(size, float), "a measured scale has its size"
            return size * max(side.photo.width, side.photo.height)
    return None


def _hints(site: str, share: SideDifference, sides: tuple[Assessment, Assessment]) -> tuple[Hint, ...]:
    if share.more in ("left", "right"):
        return (*MORE_ON_ONE_SIDE, ONE_HAND) if site in _HANDS else MORE_ON_ONE_SIDE
    affected = all(side.area.interval is not None and side.area.interval[0] > 0 for side in sides)
    return (FOLDS_ON_BOTH_SIDES,) if site in _FOLDS and share.more == "within_error" and affected else ()


def _vector(features: Mapping[str, FeatureValue]) -> FeatureVector:
    values = [math.nan if one.value is None else one.value for one in features.values()]
    return FeatureVector(tuple(features), np.array(values, np.float32), tuple(one.unit for one in features.values()))
