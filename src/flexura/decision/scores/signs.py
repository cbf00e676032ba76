"""Quick scores of signs that a clinician grades: TIS, SASSAD, vIGA-AD.

Whole grades only; unknown stays unknown. vIGA-AD's wording is licensed CC BY-ND and is not
reproduced: the grade is kept with its one-word name.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from flexura.decision.bands import TIS_BANDS, VIGA_BANDS
from flexura.decision.scores.parts import (
    Number,
    Reading,
    ScoreResult,
    grade,
    refuse_strangers,
    sum_of,
    whole_grades,
)

TIS_SIGNS: Final = ("erythema", "oedema_papulation", "excoriation")
# Sites and signs in the order of the publication (Berth-Jones 1996).
SASSAD_SITES: Final = ("arms", "hands", "legs", "feet", "head_neck", "trunk")
SASSAD_SIGNS: Final = ("erythema", "exudation", "excoriation", "dryness", "cracking", "lichenification")

_GRADES: Final = whole_grades(3)
_TIS: Final = Reading(
    "0-9: erythema + oedema/papulation + excoriation of one representative area",
    "Wolkerstorfer 1999, doi 10.1080/000155599750010256",
    TIS_BANDS,
)
_SASSAD: Final = Reading(
    "0-108: sum of six signs, 0-3 each, at six sites; no bands were published",
    "Berth-Jones 1996, Br J Dermatol 135 Suppl 48:25-30; Charman 2002, Br J Dermatol 146:1057-1060",
)
_VIGA: Final = Reading("0-4: one global grade", "Simpson 2020, doi 10.1016/j.jaad.2020.04.104", VIGA_BANDS)


def tis(signs: Mapping[str, Number | None]) -> ScoreResult:
    """Three Item Severity score, 0-9.

    Parameters
    ----------
    signs : mapping of str to number or None
        The three of `TIS_SIGNS`, whole numbers 0-3; one that is left out is unknown.

    Returns
    -------
    ScoreResult
        Their sum; without a value if one is unknown.

    Raises
    ------
    ScoreError
        If a sign is not one of the three, or out of its range.

    References
    ----------
    Wolkerstorfer et al. 1999, doi 10.1080/000155599750010256.

    Examples
    --------
    >>> tis({"erythema": 2, "oedema_papulation": 1, "excoriation": 2}).band
    'moderate'
    """
    refuse_strangers("TIS sign", signs, known=TIS_SIGNS)
    return sum_of({name: grade(name, signs.get(name), allowed=_GRADES) for name in TIS_SIGNS}, _TIS)


def sassad(sites: Mapping[str, Mapping[str, Number | None]]) -> ScoreResult:
    """Six Area, Six Sign Atopic Dermatitis severity score, 0-108.

    Parameters
    ----------
    sites : mapping of str to mapping of str to number or None
        By name of `SASSAD_SITES`, the six of `SASSAD_SIGNS` with whole numbers 0-3; what is left out
        is unknown.

    Returns
    -------
    ScoreResult
        The sum of all 36; no band. What is unknown is named as site.sign.

    Raises
    ------
    ScoreError
        If a site or sign is not one of the six, or a grade is out of its range.

    References
    ----------
    Berth-Jones 1996, Br J Dermatol 135 Suppl 48:25-30.

    Examples
    --------
    >>> sassad({site: dict.fromkeys(SASSAD_SIGNS, 3) for site in SASSAD_SITES}).value
    Decimal('108')
    """
    refuse_strangers("SASSAD site", sites, known=SASSAD_SITES)
    parts: dict[str, Decimal | None] = {}
    for site in SASSAD_SITES:
        signs = sites.get(site, {})
        refuse_strangers("SASSAD sign", signs, known=SASSAD_SIGNS)
        for sign in SASSAD_SIGNS:
            name = f"{site}.{sign}"
            parts[name] = grade(name, signs.get(sign), allowed=_GRADES)
    return sum_of(parts, _SASSAD)


def viga_ad(given: Number | None) -> ScoreResult:
    """Validated Investigator Global Assessment of atopic dermatitis, 0-4.

    Parameters
    ----------
    given : int, Decimal, float or None
        The grade that the clinician chose by the published descriptions; whole numbers only.

    Returns
    -------
    ScoreResult
        The grade with its name.

    Raises
    ------
    ScoreError
        If it is no whole number from 0 to 4.

    References
    ----------
    Simpson et al. 2020, doi 10.1016/j.jaad.2020.04.104.

    Examples
    --------
    >>> viga_ad(1).band
    'almost clear'
    """
    return sum_of({"viga_ad": grade("viga_ad", given, allowed=whole_grades(4))}, _VIGA)
