"""Clinical scores from graded signs: EASI, SCORAD and objective SCORAD, with named severity bands.

Exact decimals, no floats inside. Unknown stays unknown: a score that lacks a part has no value
and names what it lacks. These are calculators; they know nothing of photos or networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flexura.decision.bands import (
    EASI_BANDS,
    OBJECTIVE_SCORAD_BANDS,
    SCORAD_BANDS,
    BandScheme,
    EasiBands,
    ScoradBands,
    band_of,
)
from flexura.errors import ScoreError
from flexura.records import SIGN_NAMES

Number = Decimal | int | float

EASI_SIGNS: Final = ("erythema", "oedema_papulation", "excoriation", "lichenification")
EASI_REGIONS: Final = ("head_neck", "upper_limbs", "trunk", "lower_limbs")
EASI_AREA_SCORES: Final = 7

_EASI_SOURCE: Final = "Hanifin 2001, doi 10.1034/j.1600-0625.2001.100102.x; Hanifin 2022, PMC9154300"
_SCORAD_SOURCE: Final = "ETFAD 1993, doi 10.1159/000247298; Oranje 2007, doi 10.1111/j.1365-2133.2007.08112.x"
_OLDEST_YEARS: Final = 120

# Weights of the regions (Hanifin 2001); the adult ones from the eighth birthday on.
_ADULT_FROM_YEARS: Final = 8
_ADULT_WEIGHTS: Final = dict(zip(EASI_REGIONS, map(Decimal, ("0.1", "0.2", "0.3", "0.4")), strict=True))
_CHILD_WEIGHTS: Final = dict(zip(EASI_REGIONS, map(Decimal, ("0.2", "0.2", "0.3", "0.3")), strict=True))

# EASI area score 2 to 6 from this percentage on; any area above 0 scores at least 1 (Hanifin 2001).
_AREA_STEPS: Final = (Decimal(10), Decimal(30), Decimal(50), Decimal(70), Decimal(90))

# Half points between 1 and 3, never 0.5: any sign present is at least mild (Hanifin 2022).
_EASI_GRADES: Final = tuple(Decimal(grade) for grade in ("0", "1", "1.5", "2", "2.5", "3"))
_SCORAD_GRADES: Final = tuple(Decimal(grade) for grade in range(4))


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


@dataclass(frozen=True)
class ScoreResult:
    """A score with its band; both are `None` when parts are `unknown`, which are then named."""

    value: Decimal | None
    band: str | None
    scheme: str
    formula: str
    source: str
    unknown: tuple[str, ...] = ()


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
    for name in regions:
        if name not in EASI_REGIONS:
            raise ScoreError(f"EASI region {name!r} is unknown; expected {', '.join(EASI_REGIONS)}")
    scores = {name: easi_region_score(signs) for name, signs in regions.items()}
    known = {name: score for name, score in scores.items() if score is not None}
    unknown = tuple(name for name in EASI_REGIONS if name not in known)
    scheme, formula = EASI_BANDS[bands], "0-72: sum over four regions of weight x (E + I + Ex + L) x area score"
    if age_years is None:
        return _unknown((*unknown, "age_years"), scheme=scheme, formula=formula, source=_EASI_SOURCE)
    weights = _region_weights(age_years)
    if unknown:
        return _unknown(unknown, scheme=scheme, formula=formula, source=_EASI_SOURCE)
    total = sum((weights[name] * score for name, score in known.items()), Decimal(0))
    return _result(total, scheme=scheme, formula=formula, source=_EASI_SOURCE)


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
    grades = [_grade(name, getattr(signs, name), allowed=_EASI_GRADES) for name in EASI_SIGNS]
    if signs.area_score is None:
        return None
    if isinstance(signs.area_score, bool) or signs.area_score not in range(EASI_AREA_SCORES):
        raise ScoreError("EASI area score must be a whole number from 0 to 6")
    if signs.area_score == 0:
        return Decimal(0)
    known = [grade for grade in grades if grade is not None]
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
    area = _number("area_percent", area_percent, highest=100)
    return 0 if area == 0 else 1 + sum(area >= step for step in _AREA_STEPS)


def scorad(
    extent_percent: Number | None,
    intensities: Mapping[str, Number | None],
    *,
    itch: Number | None,
    sleep_loss: Number | None,
    bands: ScoradBands = "etfad_classic",
) -> ScoreResult:
    """SCORAD, 0-103: A/5 + 7B/2 + C.

    Parameters
    ----------
    extent_percent : Decimal, int, float or None
        A: affected share of the body by the rule of nines, 0-100.
    intensities : mapping of str to number or None
        B: the six signs of `SIGN_NAMES`, whole numbers 0-3; one that is left out is unknown.
    itch : Decimal, int, float or None
        C: 0-10, mean of the last three days.
    sleep_loss : Decimal, int, float or None
        C: 0-10, mean of the last three nights.
    bands : {"etfad_classic", "chopra_2017"}
        Which published severity bands to name.

    Returns
    -------
    ScoreResult
        Without a value if any part is unknown.

    Raises
    ------
    ScoreError
        If a sign is not one of the six, or a part is out of its range.

    References
    ----------
    European Task Force on Atopic Dermatitis 1993, doi 10.1159/000247298.

    Examples
    --------
    >>> signs = dict(zip(SIGN_NAMES, (2, 2, 2, 1, 1, 1)))
    >>> scorad(20, signs, itch=5, sleep_loss=3).value
    Decimal('43.5')
    """
    objective, unknown = _objective_part(extent_percent, intensities)
    subjective = {
        name: None if given is None else _number(name, given, highest=10)
        for name, given in (("itch", itch), ("sleep_loss", sleep_loss))
    }
    unknown += tuple(name for name, points in subjective.items() if points is None)
    scheme, formula = SCORAD_BANDS[bands], "0-103: extent / 5 + 7 x intensity / 2 + itch + sleep loss"
    if unknown:
        return _unknown(unknown, scheme=scheme, formula=formula, source=_SCORAD_SOURCE)
    total = objective + sum((points for points in subjective.values() if points is not None), Decimal(0))
    return _result(total, scheme=scheme, formula=formula, source=_SCORAD_SOURCE)


def objective_scorad(extent_percent: Number | None, intensities: Mapping[str, Number | None]) -> ScoreResult:
    """Objective SCORAD, 0-83: A/5 + 7B/2.

    Parameters
    ----------
    extent_percent : Decimal, int, float or None
        A: affected share of the body by the rule of nines, 0-100.
    intensities : mapping of str to number or None
        B: the six signs of `SIGN_NAMES`, whole numbers 0-3; one that is left out is unknown.

    Returns
    -------
    ScoreResult
        Without a value if any part is unknown.

    Raises
    ------
    ScoreError
        If a sign is not one of the six, or a part is out of its range.

    References
    ----------
    Kunz et al. 1997, doi 10.1159/000245677.
    """
    total, unknown = _objective_part(extent_percent, intensities)
    scheme, formula = OBJECTIVE_SCORAD_BANDS, "0-83: extent / 5 + 7 x intensity / 2"
    if unknown:
        return _unknown(unknown, scheme=scheme, formula=formula, source=_SCORAD_SOURCE)
    return _result(total, scheme=scheme, formula=formula, source=_SCORAD_SOURCE)


def _result(total: Decimal, *, scheme: BandScheme, formula: str, source: str) -> ScoreResult:
    return ScoreResult(total, band_of(total, scheme), scheme.title, formula, source)


def _unknown(missing: tuple[str, ...], *, scheme: BandScheme, formula: str, source: str) -> ScoreResult:
    return ScoreResult(None, None, scheme.title, formula, source, missing)


def _region_weights(age_years: Number) -> Mapping[str, Decimal]:
    age = _number("age_years", age_years, highest=_OLDEST_YEARS)
    return _ADULT_WEIGHTS if age >= _ADULT_FROM_YEARS else _CHILD_WEIGHTS


def _objective_part(
    extent_percent: Number | None, intensities: Mapping[str, Number | None]
) -> tuple[Decimal, tuple[str, ...]]:
    for name in intensities:
        if name not in SIGN_NAMES:
            raise ScoreError(f"SCORAD sign {name!r} is unknown; expected {', '.join(SIGN_NAMES)}")
    extent = None if extent_percent is None else _number("extent_percent", extent_percent, highest=100)
    grades = {name: _grade(name, intensities.get(name), allowed=_SCORAD_GRADES) for name in SIGN_NAMES}
    unknown = tuple(name for name, part in {"extent_percent": extent, **grades}.items() if part is None)
    intensity = sum((grade for grade in grades.values() if grade is not None), Decimal(0))
    return (extent or Decimal(0)) / 5 + 7 * intensity / 2, unknown


def _grade(name: str, given: Number | None, *, allowed: tuple[Decimal, ...]) -> Decimal | None:
    if given is None:
        return None
    grade = _number(name, given, highest=3)
    if grade not in allowed:
        raise ScoreError(f"{name} must be one of {', '.join(str(one) for one in allowed)}")
    return grade


def _number(name: str, given: Number, *, highest: int) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, Decimal | int | float):
        raise ScoreError(f"{name} must be a number from 0 to {highest}")
    # Through the printed number: 0.1 is meant as a tenth, not as the binary fraction beside it.
    number = Decimal(str(given))
    if not number.is_finite() or not 0 <= number <= highest:
        raise ScoreError(f"{name} is out of range: 0 to {highest}")
    return number
