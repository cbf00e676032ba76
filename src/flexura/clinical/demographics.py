"""Age read as a dermatologist reads it: exact months, the band of age, and what is typical in that band.

Atopic dermatitis moves over the body with age, so that the same site means more or less by age.
The distribution here is about atopic dermatitis only; it is a feature, not a criterion.
"""

from dataclasses import dataclass
from typing import Final

from flexura.clinical.categories import encode_word
from flexura.clinical.sites import strip_laterality
from flexura.clinical.vectors import feature_vector
from flexura.records import FeatureVector, PatientContext

_AAD: Final = "AAD 2014, doi 10.1016/j.jaad.2013.10.010"
_UKWP: Final = "UK Working Party 1994, doi 10.1111/j.1365-2133.1994.tb08530.x"
_TANEI: Final = "Tanei 2009, Inflamm Allergy Drug Targets 8:398-404"
_ESCD: Final = "ESCD 2022, doi 10.1111/cod.14035"

_FLEXURES: Final = frozenset({"antecubital_fossa", "popliteal_fossa", "ankle", "neck"})
_EXTENSORS: Final = frozenset({"elbow", "forearm", "knee", "lower_leg"})
_TRUNK: Final = frozenset({"chest", "abdomen", "back"})
_HANDS: Final = frozenset({"hand_back", "palm", "finger", "wrist"})
_FACE: Final = frozenset({"face", "eyelid"})
# Atopic dermatitis spares them at any age (AAD 2014).
SPARED_SITES: Final = frozenset({"groin", "axilla"})


@dataclass(frozen=True)
class AgeBand:
    """A band of age in completed years, both ends included, and the sites typical of atopic dermatitis in it."""

    name: str
    first_year: int
    last_year: int
    typical_sites: frozenset[str]
    source: str


AGE_BANDS: Final = (
    AgeBand("infant", 0, 1, _FACE | {"scalp", "neck"} | _EXTENSORS, f"{_AAD} (face, neck, extensor surfaces)"),
    AgeBand("child", 2, 11, _FLEXURES | {"face", "wrist"}, f"{_UKWP} (flexures, cheeks under 10); {_AAD}"),
    AgeBand("adolescent", 12, 17, _FLEXURES | _FACE | _TRUNK, f"{_TANEI} (face, neck, trunk); {_AAD} (flexures)"),
    AgeBand("adult", 18, 59, _FLEXURES | _FACE | _TRUNK | _HANDS, f"{_TANEI}; {_AAD}; {_ESCD} (hands)"),
    AgeBand("older", 60, 120, _FACE | _TRUNK | _EXTENSORS | {"neck"}, f"{_TANEI} (folds of elbows and knees spared)"),
)


def age_band(age_years: float) -> AgeBand:
    """The band of an age.

    Parameters
    ----------
    age_years : float
        0 to 120.

    Returns
    -------
    AgeBand
        Infant under 2, child 2-11, adolescent 12-17, adult 18-59, older from 60.

    Examples
    --------
    >>> age_band(23 / 12).name, age_band(2).name
    ('infant', 'child')
    """
    return next(band for band in AGE_BANDS if age_years < band.last_year + 1)


def demographic_features(context: PatientContext) -> FeatureVector:
    """Measure age and skin type, and the affected sites against what is typical of the age.

    Parameters
    ----------
    context : PatientContext
        Checked.

    Returns
    -------
    FeatureVector
        Age in years and, where they were told, completed months; band of age; position in the band
        (0 its first day, 1 its last); share of affected sites that are typical of atopic dermatitis
        at that age; whether sites it spares are affected; number of sites; whether both sides are;
        Fitzpatrick type and Monk tone as they were told.
    """
    age = context.age_years
    band = None if age is None else age_band(age)
    within = None if age is None or band is None else (age - band.first_year) / (band.last_year + 1 - band.first_year)
    return feature_vector(
        [
            ("age_years", age, "years"),
            ("age_months", context.age_months, "completed months"),
            *encode_word("age", None if band is None else band.name, words=[each.name for each in AGE_BANDS]),
            ("age_within_band", within, "share of the band"),
            ("typical_sites", _typical_share(context.sites, band), "share of the affected sites"),
            ("spared_sites", _any_spared(context.sites), "1 affected, 0 not"),
            ("affected_site_count", None if context.sites is None else len(context.sites), "sites"),
            ("both_sides", _on_both_sides(context.sites), "1 a site is affected on both sides, 0 none"),
            ("skin_type", context.skin_type, "Fitzpatrick type"),
            ("monk_tone", context.monk_tone, "Monk tone"),
        ]
    )


def _typical_share(sites: tuple[str, ...] | None, band: AgeBand | None) -> float | None:
    if not sites or band is None:
        return None
    return sum(strip_laterality(site) in band.typical_sites for site in sites) / len(sites)


def _any_spared(sites: tuple[str, ...] | None) -> float | None:
    return None if sites is None else float(any(strip_laterality(site) in SPARED_SITES for site in sites))


def _on_both_sides(sites: tuple[str, ...] | None) -> float | None:
    if sites is None:
        return None
    return float(any(f"left_{site}" in sites and f"right_{site}" in sites for site in map(strip_laterality, sites)))
