"""Affected body surface: by parts of the body with their shares by age, or counted in handprints.

Shares are percent of the whole body and add up to 100 at every age. Exact decimals; a part that
is left out is unknown, and so is the sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

from flexura.decision.bands import BSA_BANDS
from flexura.decision.scores.parts import Number, Reading, ScoreResult, number, refuse_strangers, sum_of, unknown_result
from flexura.errors import ScoreError

Chart = Literal["lund_browder", "rule_of_nines"]

_LUND: Final = "Lund & Browder 1944, Surg Gynecol Obstet 79:352-358, as in Murari 2019, PMC6895471"
_WALLACE: Final = "Wallace 1951, doi 10.1016/S0140-6736(51)91975-7"
_RHODES: Final = "Rhodes 2013, doi 10.1111/bjd.12290"
_OLDEST_YEARS: Final = 120


@dataclass(frozen=True)
class BodyPart:
    """A part of the body that Lund and Browder's chart knows, both sides together.

    `percents` are its shares of the whole body from the ages of `LUND_BROWDER_FROM_YEARS` on;
    `surface` is the coarser part of `SURFACES` that it belongs to.
    """

    name: str
    surface: str
    percents: tuple[Decimal, ...]


def _part(name: str, surface: str, *percents: str) -> BodyPart:
    shares = tuple(map(Decimal, percents))
    return BodyPart(name, surface, shares if len(shares) > 1 else shares * len(LUND_BROWDER_FROM_YEARS))


LUND_BROWDER_FROM_YEARS: Final = (0, 1, 5, 10, 15, 16)
BODY_PARTS: Final = (
    _part("head", "head_neck", "19", "17", "13", "11", "9", "7"),
    _part("neck", "head_neck", "2"),
    _part("front_trunk", "front_trunk", "13"),
    _part("back_trunk", "back_trunk", "13"),
    _part("buttocks", "back_trunk", "5"),
    _part("genitals", "genitals", "1"),
    _part("upper_arms", "arms", "8"),
    _part("forearms", "arms", "6"),
    _part("hands", "arms", "5"),
    _part("thighs", "legs", "11", "13", "16", "17", "18", "19"),
    _part("lower_legs", "legs", "10", "10", "11", "12", "13", "14"),
    _part("feet", "legs", "7"),
)
SURFACES: Final = ("head_neck", "arms", "front_trunk", "back_trunk", "genitals", "legs")
_NINES: Final = dict(zip(SURFACES, map(Decimal, ("9", "18", "18", "18", "1", "36")), strict=True))
# Under ten a child's head is too large and its legs too small for the rule of nines (Lund & Browder 1944).
_NINES_FROM_YEARS: Final = 10
# The youngest patients that the bands were fitted on (Chopra 2017).
_BANDS_FROM_YEARS: Final = 13


def part_percents(age_years: Number) -> Mapping[str, Decimal]:
    """Shares of the parts of the body by Lund and Browder's chart.

    Parameters
    ----------
    age_years : Decimal, int or float
        0-120.

    Returns
    -------
    mapping of str to Decimal
        Percent of the whole body by name of `BODY_PARTS`, both sides together; sum 100.

    Raises
    ------
    ScoreError
        If the age is out of its range.

    References
    ----------
    Lund & Browder 1944, Surg Gynecol Obstet 79:352-358.

    Examples
    --------
    >>> part_percents(0)["head"], part_percents(30)["head"]
    (Decimal('19'), Decimal('7'))
    """
    age = number("age_years", age_years, highest=_OLDEST_YEARS)
    column = sum(age >= first for first in LUND_BROWDER_FROM_YEARS) - 1
    return MappingProxyType({part.name: part.percents[column] for part in BODY_PARTS})


def surface_percents(age_years: Number, chart: Chart = "lund_browder") -> Mapping[str, Decimal]:
    """Shares of the six surfaces that the extent is estimated on.

    Parameters
    ----------
    age_years : Decimal, int or float
        0-120; the rule of nines takes ages from 10 only.
    chart : {"lund_browder", "rule_of_nines"}
        By age, or the fixed shares of an adult.

    Returns
    -------
    mapping of str to Decimal
        Percent of the whole body by name of `SURFACES`, both sides together; sum 100.

    Raises
    ------
    ScoreError
        If the age is out of the range of the chart.

    References
    ----------
    Lund & Browder 1944; Wallace 1951, doi 10.1016/S0140-6736(51)91975-7.
    """
    parts = part_percents(age_years)
    if chart == "lund_browder":
        return {
            name: sum((parts[part.name] for part in BODY_PARTS if part.surface == name), Decimal(0))
            for name in SURFACES
        }
    if number("age_years", age_years, highest=_OLDEST_YEARS) < _NINES_FROM_YEARS:
        raise ScoreError(f"age_years is under {_NINES_FROM_YEARS}: take the chart lund_browder, not the rule of nines")
    return dict(_NINES)


def body_surface(
    affected: Mapping[str, Number | None], age_years: Number | None, *, chart: Chart = "lund_browder"
) -> ScoreResult:
    """Affected share of the body surface in percent.

    Parameters
    ----------
    affected : mapping of str to number or None
        By name of `SURFACES`, percent of that surface that is affected, 0-100, both sides together;
        one that is left out is unknown.
    age_years : Decimal, int, float or None
        0-120; `None` is unknown.
    chart : {"lund_browder", "rule_of_nines"}
        Where the shares come from.

    Returns
    -------
    ScoreResult
        0-100, with a band from 13 years on; without a value if a part or the age is unknown.

    Raises
    ------
    ScoreError
        If a surface is not one of the six, or a percentage or the age is out of its range.

    References
    ----------
    Lund & Browder 1944; Wallace 1951, doi 10.1016/S0140-6736(51)91975-7; bands: Chopra 2017,
    doi 10.1111/bjd.15641.

    Examples
    --------
    >>> clear = dict.fromkeys(SURFACES, 0)
    >>> body_surface({**clear, "head_neck": 50}, 30).value, body_surface({**clear, "head_neck": 50}, 0).value
    (Decimal('4.5'), Decimal('10.5'))
    """
    refuse_strangers("body surface", affected, known=SURFACES)
    source = _LUND if chart == "lund_browder" else _WALLACE
    formula = "0-100 %: sum over six surfaces of share of the body x affected share of it"
    reading = Reading(formula, source, BSA_BANDS if age_years is not None and _has_bands(age_years) else None)
    told = {name: affected.get(name) for name in SURFACES}
    known = {name: None if part is None else number(name, part, highest=100) for name, part in told.items()}
    if age_years is None:
        missing = tuple(name for name, part in known.items() if part is None)
        return unknown_result((*missing, "age_years"), reading)
    shares = surface_percents(age_years, chart)
    parts = {name: None if part is None else shares[name] * part / 100 for name, part in known.items()}
    return sum_of(parts, reading)


def handprints(count: Number | None, age_years: Number | None = None) -> ScoreResult:
    """Affected share of the body surface, counted in the patient's own handprints of 1 % each.

    Parameters
    ----------
    count : Decimal, int, float or None
        How many handprints (palm with closed fingers) cover the affected skin, 0-100.
    age_years : Decimal, int, float or None
        0-120; under 13 years there is no band. `None` is unknown and taken for 13 or older.

    Returns
    -------
    ScoreResult
        Percent, with its band; about an eighth too high in adults, whose handprint is nearer 0.87 %.

    Raises
    ------
    ScoreError
        If the count or the age is out of its range.

    References
    ----------
    Rhodes et al. 2013, doi 10.1111/bjd.12290.
    """
    formula = "0-100 %: one handprint, palm with fingers, is 1 %; of an adult nearer 0.87 %, of a child above 1 %"
    prints = None if count is None else number("handprints", count, highest=100)
    bands = BSA_BANDS if age_years is None or _has_bands(age_years) else None
    return sum_of({"handprints": prints}, Reading(formula, _RHODES, bands))


def _has_bands(age_years: Number) -> bool:
    return number("age_years", age_years, highest=_OLDEST_YEARS) >= _BANDS_FROM_YEARS
