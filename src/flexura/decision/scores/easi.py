"""Eczema Area and Severity Index: signs and area of four regions.

Exact decimals, no floats inside. Unknown stays unknown; an area of 0 needs no signs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flexura.decision.bands import EASI_BANDS, EasiBands
from flexura.decision.scores.parts import (
    Number,
    Reading,
    ScoreResult,
    grade,
    number,
    refuse_strangers,
    result_of,
    unknown_result,
)
from flexura.errors import ScoreError

EASI_SIGNS: Final = ("erythema", "oedema_papulation", "excoriation", "lichenification")
EASI_REGIONS: Final = ("head_neck", "upper_limbs", "trunk", "lower_limbs")
EASI_AREA_SCORES: Final = 7

_FORMULA: Final = "0-72: sum over four regions of weight x (E + I + Ex + L) x area score"
_SOURCE: Final = "Hanifin 2001, doi 10.1034/j.1600-0625.2001.100102.x; Hanifin 2022, PMC9154300"
_OLDEST_YEARS: Final = 120

# Weights of the regions (Hanifin 2001); the adult ones from the eighth birthday on.
_ADULT_FROM_YEARS: Final = 8
_ADULT_WEIGHTS: Final = dict(zip(EASI_REGIONS, map(Decimal, ("0.1", "0.2", "0.3", "0.4")), strict=True))
_CHILD_WEIGHTS: Final = dict(zip(EASI_REGIONS, map(Decimal, ("0.2", "0.2", "0.3", "0.3")), strict=True))

# EASI area score 2 to 6 from this percentage on; any area above 0 scores at least 1 (Hanifin 2001).
EASI_AREA_STEPS: Final = (10, 30, 50, 70, 90)

# Half points between 1 and 3, never 0.5: any sign present is at least mild (Hanifin 2022).
EASI_GRADES: Final = tuple(Decimal(grade) for grade in ("0", "1", "1.5", "2", "2.5", "3"))


@dataclass(frozen=True)
class RegionSigns:
    """Signs and area of one EASI region; `None` is unknown.

    Signs 0-3, half points only between 1 and 3; area score 0-6 (`easi_area_score` gives it from a
    percentage). A region with area score 0 needs no signs.
    """

    erythema: Number | None
    oedema_papulation: Number | None
    excoriation: Number | None
    lichenification: Number | None
    area_score: int | None


def easi(
    regions: Mapping[str, RegionSigns], age_years: Number | None, *, bands: EasiBands = "leshem_2015"
) -> ScoreResult:
    """Eczema Area and Severity Index of the whole body, 0-72.

    Parameters
    ----------
    regions : mapping of str to RegionSigns
        By name of `EASI_REGIONS`; a region that is left out is unknown.
    age_years : Decimal, int, float or None
        0-120; the weights change with the eighth birthday. `None` is unknown.
    bands : {"leshem_2015", "chopra_2017"}
        Which published severity bands to name.

    Returns
    -------
    ScoreResult
        Sum over regions of weight x (E + I + Ex + L) x area score.

    Raises
    ------
    ScoreError
        If a region is not one of the four, or a sign, an area score or the age is out of its range.

    References
    ----------
    Hanifin et al. 2001, doi 10.1034/j.1600-0625.2001.100102.x; Hanifin et al. 2022, PMC9154300.

    Examples
    --------
    >>> worst = RegionSigns(3, 3, 3, 3, 6)
    >>> easi({name: worst for name in EASI_REGIONS}, 30).value
    Decimal('72.0')
    """
    refuse_strangers("EASI region", regions, known=EASI_REGIONS)
    scores = {name: easi_region_score(signs) for name, signs in regions.items()}
    known = {name: score for name, score in scores.items() if score is not None}
    unknown = tuple(name for name in EASI_REGIONS if name not in known)
    reading = Reading(_FORMULA, _SOURCE, EASI_BANDS[bands])
    if age_years is None:
        return unknown_result((*unknown, "age_years"), reading)
    weights = region_weights(age_years)
    if unknown:
        return unknown_result(unknown, reading)
    return result_of(sum((weights[name] * score for name, score in known.items()), Decimal(0)), reading)


def region_weights(age_years: Number) -> Mapping[str, Decimal]:
    """Weights of the four regions.

    Parameters
    ----------
    age_years : Decimal, int or float
        0-120.

    Returns
    -------
    mapping of str to Decimal
        By name of `EASI_REGIONS`; they add up to 1.

    Raises
    ------
    ScoreError
        If the age is out of its range.

    References
    ----------
    Hanifin et al. 2001, doi 10.1034/j.1600-0625.2001.100102.x.

    Examples
    --------
    >>> region_weights(8)["lower_limbs"], region_weights(7.99)["lower_limbs"]
    (Decimal('0.4'), Decimal('0.3'))
    """
    age = number("age_years", age_years, highest=_OLDEST_YEARS)
    return _ADULT_WEIGHTS if age >= _ADULT_FROM_YEARS else _CHILD_WEIGHTS


def easi_region_score(signs: RegionSigns) -> Decimal | None:
    """EASI score of one region before its weight, 0-72.

    Parameters
    ----------
    signs : RegionSigns
        Signs and area of the region.

    Returns
    -------
    Decimal or None
        (E + I + Ex + L) x area score; `None` if a part that matters is unknown.

    Raises
    ------
    ScoreError
        If a sign or the area score is out of its range.

    Examples
    --------
    >>> easi_region_score(RegionSigns(2, 2, 1, 1, 3))
    Decimal('18')
    """
    grades = [grade(name, getattr(signs, name), allowed=EASI_GRADES) for name in EASI_SIGNS]
    if signs.area_score is None:
        return None
    if isinstance(signs.area_score, bool) or signs.area_score not in range(EASI_AREA_SCORES):
        raise ScoreError("EASI area score must be a whole number from 0 to 6")
    if signs.area_score == 0:
        return Decimal(0)
    known = [points for points in grades if points is not None]
    return sum(known, Decimal(0)) * int(signs.area_score) if len(known) == len(grades) else None


def easi_area_score(area_percent: Number) -> int:
    """EASI area score of an affected percentage of a region.

    Parameters
    ----------
    area_percent : Decimal, int or float
        0-100; half-open bins, any area above 0 scores at least 1.

    Returns
    -------
    int
        0-6.

    Raises
    ------
    ScoreError
        If the percentage is out of its range.

    Examples
    --------
    >>> [easi_area_score(area) for area in (0, 0.4, 9.99, 10, 89.99, 90)]
    [0, 1, 1, 2, 5, 6]
    """
    area = number("area_percent", area_percent, highest=100)
    return 0 if area == 0 else 1 + sum(area >= step for step in EASI_AREA_STEPS)
