"""What decides between options: diagnosis, severity, age, site, pregnancy, infection, and what was tried.

Read from the answer and the patient's context. Unknown is `None` and satisfies no row that asks for it.
Severity is that of the skin in the photo; guidelines treat areas of differing severity each by itself (NICE CG57).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from flexura.decision.history import without_side
from flexura.records import Assessment, Grade, PatientContext

Severity = Literal["clear", "mild", "moderate", "severe"]
Site = Literal["face_neck", "genital_fold", "flexure", "hands", "body"]
# A man's wish for a child is not a woman's: other treatments are at stake.
Pregnancy = Literal["not_pregnant", "planning", "pregnant", "breastfeeding", "wish_to_father"]
Infection = Literal["none", "suspected", "unwell"]

# Validated IGA: 0 clear, 1 almost clear, 2 mild, 3 moderate, 4 severe.
_IGA_BANDS: Final[tuple[Severity, ...]] = ("clear", "clear", "mild", "moderate", "severe")
# A wider range of grades than this tells no severity: clear and moderate would be as possible. Ours.
_WIDEST_RANGE: Final = 2
_RANGE_TAIL: Final = 0.05

# Where skin is thin or folded; a site that is not here belongs to the body (NICE CG57: face and neck; axillae and
# groin).
SITE_GROUPS: Final[Mapping[str, Site]] = {
    **dict.fromkeys(("face", "eyelid", "lip", "ear", "neck"), "face_neck"),
    **dict.fromkeys(("axilla", "groin", "genitals"), "genital_fold"),
    **dict.fromkeys(("antecubital_fossa", "popliteal_fossa"), "flexure"),
    **dict.fromkeys(("hand_back", "palm", "finger"), "hands"),
}
_NO_SINGLE_SITE: Final = frozenset({"whole_body", "nail"})

# A pregnancy is possible from 12 to under 56 years; rules about it then need an answer. Ours.
_FERTILE_YEARS: Final = (12, 56)
# Told as symptoms or warning signs.
UNWELL: Final = ("fever", "chills", "unwell")
_FAILED: Final = frozenset({"worse", "unchanged"})
_DARK_FROM: Final = 4  # Fitzpatrick types IV to VI: brown to deeply pigmented skin
_POTENT_STEROIDS: Final = frozenset({"topical_corticosteroid_potent", "topical_corticosteroid_very_potent"})
_STEROIDS_OF_STRENGTH: Final = _POTENT_STEROIDS | {"topical_corticosteroid_moderate"}


@dataclass(frozen=True)
class Situation:
    """All that the tables look at; facts are the codes of `FACTS` that hold."""

    diagnosis: str
    severity: Severity | None
    age_years: float | None = field(repr=False)
    site: Site | None = field(repr=False)
    pregnancy: Pregnancy | None = field(repr=False)
    infection: Infection = field(repr=False)
    facts: frozenset[str] = field(default=frozenset(), repr=False)
    conditions: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Fact:
    """Something told that a row may ask for: in words, how it is read, and the reading."""

    words: str
    limits: str
    holds: Callable[[PatientContext], bool]


def situation_of(assessment: Assessment, context: PatientContext) -> Situation:
    """Read the situation from an answer and what is known of the patient.

    Parameters
    ----------
    assessment : Assessment
        The answer, with its findings.
    context : PatientContext
        Checked.

    Returns
    -------
    Situation
        `None` where something was not told or cannot be read.
    """
    return Situation(
        diagnosis=context.confirmed_diagnosis or assessment.diagnosis.ranking[0].code,
        severity=severity_of(assessment.severity.iga),
        age_years=context.age_years,
        site=site_group(context.site),
        pregnancy=_pregnancy(context),
        infection=infection_of(context, {finding.code: finding.present for finding in assessment.why}),
        facts=frozenset(code for code, fact in FACTS.items() if fact.holds(context)),
        conditions=frozenset(context.conditions or ()),
    )


def severity_of(iga: Grade) -> Severity | None:
    """Severity of the skin in the photo: the median IGA grade.

    Parameters
    ----------
    iga : Grade
        Distribution over the grades 0 to 4.

    Returns
    -------
    Severity or None
        `None` where the central 90 % range spans more than three grades.

    Examples
    --------
    >>> severity_of(Grade(2.1, (0.0, 0.1, 0.7, 0.2, 0.0))), severity_of(Grade(2.0, (0.2, 0.2, 0.2, 0.2, 0.2)))
    ('mild', None)
    """
    low, high = (_quantile(iga.distribution, share) for share in (_RANGE_TAIL, 1 - _RANGE_TAIL))
    return _IGA_BANDS[_quantile(iga.distribution, 0.5)] if high - low <= _WIDEST_RANGE else None


def _quantile(distribution: tuple[float, ...], share: float) -> int:
    reached = 0.0
    for grade, probability in enumerate(distribution):
        reached += probability
        if reached >= share - 1e-9:
            return grade
    return len(distribution) - 1


def site_group(site: str | None) -> Site | None:
    """Group of a body site by how strong a topical corticosteroid it bears.

    Parameters
    ----------
    site : str or None
        A site of the context, with or without side.

    Returns
    -------
    Site or None
        `None` for an unknown site and for one that names no single place.

    Examples
    --------
    >>> site_group("left_palm"), site_group("back"), site_group("whole_body")
    ('hands', 'body', None)
    """
    name = None if site is None else without_side(site)
    return None if name is None or name in _NO_SINGLE_SITE else SITE_GROUPS.get(name, "body")


def infection_of(context: PatientContext, findings: Mapping[str, bool | None]) -> Infection:
    """Whether anything told or seen suggests that the eczema is infected by bacteria.

    Parameters
    ----------
    context : PatientContext
        Checked.
    findings : mapping of str to bool or None
        Whether each finding of the answer is present, by code.

    Returns
    -------
    Infection
        "unwell" where fever, chills or malaise go with it; "none" where nothing suggests it.

    References
    ----------
    NICE NG190 (2021), 1.1.3: weeping, pustules, crusts, rapid worsening, fever and malaise.
    """
    told = {*(context.warning_signs or ()), *(context.symptoms or ())}
    if not (findings.get("oozing") or "pustules" in told or "skin_infection" in (context.triggers or ())):
        return "none"
    return "suspected" if told.isdisjoint(UNWELL) else "unwell"


def _pregnancy(context: PatientContext) -> Pregnancy | None:
    """What was told, of a man whether he wishes to father; untold, not pregnant where age or sex exclude it."""
    if context.sex == "male" and context.pregnancy == "planning":
        return "wish_to_father"
    if context.pregnancy is not None:
        told: dict[str, Pregnancy] = {word: word for word in _PREGNANCIES}
        return told[context.pregnancy]
    age = context.age_years
    outside = age is not None and not _FERTILE_YEARS[0] <= age < _FERTILE_YEARS[1]
    return "not_pregnant" if context.sex == "male" or outside else None


_PREGNANCIES: Final[tuple[Pregnancy, ...]] = ("not_pregnant", "planning", "pregnant", "breastfeeding")


def _failed(context: PatientContext, treatments: frozenset[str]) -> bool:
    """A treatment of these was tried and did not help, and none of them did."""
    told = [one.response for one in context.treatments or () if one.treatment in treatments and one.response]
    return bool(told) and set(told) <= _FAILED


def _told(context: PatientContext, *triggers: str) -> bool:
    return not set(triggers).isdisjoint(context.triggers or ())


FACTS: Final[Mapping[str, Fact]] = {
    "topical_failed": Fact(
        "topical corticosteroids did not help",
        "treatments: every told response to moderate, potent or very potent topical corticosteroids unchanged or worse",
        lambda context: _failed(context, _STEROIDS_OF_STRENGTH),
    ),
    "potent_failed": Fact(
        "potent topical corticosteroids did not help",
        "treatments: every told response to potent or very potent topical corticosteroids unchanged or worse",
        lambda context: _failed(context, _POTENT_STEROIDS),
    ),
    "systemic_failed": Fact(
        "a systemic immunosuppressant did not help",
        "treatments: response to conventional_immunosuppressant unchanged or worse",
        lambda context: _failed(context, frozenset({"conventional_immunosuppressant"})),
    ),
    "antibiotic_failed": Fact(
        "an antibiotic did not help",
        "treatments: response to antibiotic unchanged or worse",
        lambda context: _failed(context, frozenset({"antibiotic"})),
    ),
    "relapsing": Fact(
        "it comes back or persists",
        "course relapsing or persistent",
        lambda context: context.course in ("relapsing", "persistent"),
    ),
    "severe_itch": Fact(
        "severe itch", "itch ≥ 7 of 10", lambda context: context.itch is not None and context.itch >= 7
    ),
    "irritants": Fact(
        "worse from soap or detergent", "triggers soap_or_detergent", lambda c: _told(c, "soap_or_detergent")
    ),
    "contact": Fact(
        "worse from a contact allergen", "triggers contact_allergen", lambda c: _told(c, "contact_allergen")
    ),
    "food": Fact("worse from a food", "triggers food", lambda c: _told(c, "food")),
    "male": Fact("male", "sex male", lambda context: context.sex == "male"),
    "female": Fact("female", "sex female", lambda context: context.sex == "female"),
    "dark_skin": Fact(
        "brown or dark skin",
        "skin_type 4 or more",
        lambda context: context.skin_type is not None and context.skin_type >= _DARK_FROM,
    ),
    "inhalant": Fact(
        "worse from dust mite, animals or pollen",
        "triggers house_dust_mite, animal_dander or pollen",
        lambda c: _told(c, "house_dust_mite", "animal_dander", "pollen"),
    ),
}
