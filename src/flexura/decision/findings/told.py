"""Findings that the patient's context tells: complaints, sites, age, history, triggers and treatments.

Words of the context are those of docs/context.md. Sites are judged without their side; that a site is free
can be told only where all affected sites were given.
"""

from collections.abc import Callable, Iterable
from typing import Final

from flexura.decision.findings.readings import Row, Told
from flexura.decision.findings.sources import (
    AAD_2014,
    BAD_CONTACT_2017,
    CLARK_2015,
    ELY_2014,
    ESCD_2022,
    FOLLICULITIS_2004,
    HS_2015,
    IACS_2020,
    KLEIN_2010,
    LUPUS_2021,
    LYMPHOMA_2019,
    NICE_CG153,
    NICE_NG12,
    PORRO_2024,
    PRURIGO_2018,
    RAFF_2016,
    REICH_2012,
    ROSACEA_2018,
    UKWP_1994,
    URBINA_2017,
    URTICARIA_2022,
    USATINE_2011,
    WANG_2018,
    ZOSTER_2017,
)
from flexura.decision.history import comes_back, onset_age, without_side
from flexura.records import PatientContext

Ask = Callable[[PatientContext], bool | None]

_HELPED: Final = frozenset({"improved", "cleared"})


def _words(field: str, *wanted: str) -> Told:
    """A list of words holds one of those wanted."""

    def ask(context: PatientContext) -> bool | None:
        told: tuple[str, ...] | None = getattr(context, field)
        return None if told is None else not set(wanted).isdisjoint(told)

    return Told((field,), f"{field} with {_or(wanted)}", ask)


def _any_word(field: str) -> Told:
    """A list of words is not empty."""

    def ask(context: PatientContext) -> bool | None:
        told: tuple[str, ...] | None = getattr(context, field)
        return None if told is None else bool(told)

    return Told((field,), f"{field} not empty", ask)


def _number(field: str, unit: str, *, present_from: float, absent_to: float) -> Told:
    """A number reaches one limit or stays within the other, both included."""

    def ask(context: PatientContext) -> bool | None:
        value: float | None = getattr(context, field)
        if value is None or absent_to < value < present_from:
            return None
        return value >= present_from

    return Told((field,), f"{field} ≥ {present_from:g} {unit}; absent ≤ {absent_to:g}", ask)


def _age(first: float, below: float) -> Told:
    """The age lies from `first` to under `below` years."""

    def ask(context: PatientContext) -> bool | None:
        return None if context.age_years is None else first <= context.age_years < below

    return Told(("age_years",), f"age_years ≥ {first:g} and < {below:g} years", ask)


def _onset(holds: Callable[[float], bool], limits: str) -> Told:
    """The age at onset, where it was told or age, onset and day of capture are known."""

    def ask(context: PatientContext) -> bool | None:
        age = onset_age(context)
        return None if age is None else holds(age)

    return Told(("onset_age_years", "age_years", "onset_date", "captured_on"), f"age at onset {limits}", ask)


def _sites(*wanted: str) -> Told:
    """One of the sites is affected or photographed."""

    def ask(context: PatientContext) -> bool | None:
        known = {without_side(site) for site in (*(context.sites or ()), context.site) if site is not None}
        if not known.isdisjoint(wanted):
            return True
        return None if context.sites is None or "whole_body" in known else False

    return Told(("sites", "site"), f"sites with {_or(wanted)}", ask)


def _both_sides(context: PatientContext) -> bool | None:
    """The same site left and right; only one side, where every affected site has one."""
    if not context.sites:
        return None
    halves = [frozenset(map(without_side, _on_side(context.sites, side))) for side in ("left_", "right_")]
    if halves[0] & halves[1]:
        return True
    sided = sum(len(_on_side(context.sites, side)) for side in ("left_", "right_"))
    return False if sided == len(context.sites) and not all(halves) else None


def _on_side(sites: Iterable[str], side: str) -> tuple[str, ...]:
    return tuple(site for site in sites if site.startswith(side))


def _response(treatments: Callable[[str], bool], words: str) -> Told:
    """Whether a treatment helped: present if so, absent if it did not; several must agree."""

    def ask(context: PatientContext) -> bool | None:
        answers = {
            tried.response in _HELPED
            for tried in context.treatments or ()
            if treatments(tried.treatment) and tried.response is not None
        }
        return answers.pop() if len(answers) == 1 else None

    return Told(("treatments",), f"response to {words} improved or cleared; absent: unchanged or worse", ask)


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)


def _row(code: str, present: str, absent: str, reading: Told, source: str) -> Row:
    return Row(code, present, absent, (reading,), source)


_FIELD: Final = "docs/context.md: the answer itself"

COMPLAINTS: Final = (
    _row("itch", "itches", "does not itch", _number("itch", "of 10", present_from=1, absent_to=0), AAD_2014),
    _row(
        "severe_itch",
        "itches severely",
        "no severe itch",
        _number("itch", "of 10", present_from=7, absent_to=3),
        REICH_2012,
    ),
    _row("pain", "hurts or burns", "neither hurts nor burns", _words("symptoms", "pain", "burning"), RAFF_2016),
    _row("fever", "fever or chills", "no fever or chills", _words("symptoms", "fever", "chills"), RAFF_2016),
    _row("joint_pain", "joints hurt", "joints do not hurt", _words("symptoms", "joint_pain"), NICE_CG153),
    _row("mouth_sores", "sores in the mouth", "no sores in the mouth", _words("symptoms", "mouth_sores"), USATINE_2011),
    _row(
        "changing",
        "grows or gets darker",
        "neither grows nor gets darker",
        _words("symptoms", "increasing_size", "darkening"),
        NICE_NG12,
    ),
    _row("blisters", "feels filled with fluid", "no blisters felt", _words("textures", "fluid_filled"), ZOSTER_2017),
    _row("pustules", "has pustules", "no pustules", _words("warning_signs", "pustules"), FOLLICULITIS_2004),
    _row("raised", "feels raised or bumpy", "not felt as raised", _words("textures", "raised_or_bumpy"), _FIELD),
    _row("rough", "feels rough or flaky", "does not feel rough", _words("textures", "rough_or_flaky"), _FIELD),
)

SITES: Final = (
    _row(
        "flexures",
        "in the bends of elbows or knees, at neck or ankles",
        "bends of elbows and knees, neck and ankles are spared",
        _sites("antecubital_fossa", "popliteal_fossa", "neck", "ankle"),
        UKWP_1994,
    ),
    _row("extensors", "on elbows or knees", "elbows and knees are spared", _sites("elbow", "knee"), NICE_CG153),
    _row(
        "seborrhoeic_sites",
        "on scalp, face, ears or chest",
        "scalp, face, ears and chest are spared",
        _sites("scalp", "face", "ear", "chest"),
        CLARK_2015,
    ),
    _row("scalp", "on the scalp", "the scalp is spared", _sites("scalp"), NICE_CG153),
    _row("face", "on the face", "the face is spared", _sites("face"), ROSACEA_2018),
    _row("folds", "in armpits or groin", "armpits and groin are spared", _sites("axilla", "groin"), HS_2015),
    _row("trunk", "on the trunk", "the trunk is spared", _sites("chest", "abdomen", "back"), URBINA_2017),
    _row(
        "hands_feet",
        "on hands or feet",
        "hands and feet are spared",
        _sites("hand_back", "palm", "finger", "foot_back", "sole"),
        ESCD_2022,
    ),
    _row(
        "palms_soles",
        "on palms, fingers or soles",
        "palms, fingers and soles are spared",
        _sites("palm", "finger", "sole"),
        KLEIN_2010,
    ),
    _row("wrists", "on wrists or forearms", "wrists and forearms are spared", _sites("wrist", "forearm"), USATINE_2011),
    _row(
        "upper_arms_thighs",
        "on upper arms, thighs or buttocks",
        "upper arms, thighs and buttocks are spared",
        _sites("upper_arm", "thigh", "buttocks"),
        WANG_2018,
    ),
    _row("lower_legs", "on the lower legs", "the lower legs are spared", _sites("lower_leg"), RAFF_2016),
    _row(
        "tinea_sites",
        "on feet, groin or scalp",
        "feet, groin and scalp are spared",
        _sites("foot_back", "sole", "groin", "scalp"),
        ELY_2014,
    ),
    _row(
        "scabies_sites",
        "on fingers, wrists, armpits, genitals or buttocks",
        "fingers, wrists, armpits, genitals and buttocks are spared",
        _sites("finger", "wrist", "axilla", "genitals", "buttocks"),
        IACS_2020,
    ),
    _row(
        "both_sides",
        "on both sides of the body",
        "on one side of the body only",
        Told(("sites",), "the same site left and right; absent: every site on one and the same side", _both_sides),
        RAFF_2016,
    ),
)

HISTORY: Final = (
    _row("child", "a child under 12 years", "12 years or older", _age(0, 12), HS_2015),
    _row("young", "10 to 35 years old", "not of 10 to 35 years", _age(10, 36), URBINA_2017),
    _row("older", "60 years or older", "under 60 years", _age(60, 200), LYMPHOMA_2019),
    _row(
        "since_infancy",
        "began before the age of 2",
        "began at 2 years or later",
        _onset(lambda age: age < 2, "< 2 years"),
        UKWP_1994,
    ),
    _row(
        "adult_onset",
        "began in adult life",
        "began before adult life",
        _onset(lambda age: age >= 18, "≥ 18 years"),
        PORRO_2024,
    ),
    _row(
        "comes_back",
        "comes back or persists",
        "the first episode",
        Told(("course",), "course relapsing or persistent; absent: first_episode", comes_back),
        AAD_2014,
    ),
    _row(
        "six_weeks",
        "has lasted six weeks or more",
        "has lasted less than six weeks",
        _number("duration_days", "days", present_from=42, absent_to=41),
        PRURIGO_2018,
    ),
    _row("atopy_self", "has or had atopic diseases", "never had atopic diseases", _any_word("atopy_self"), UKWP_1994),
    _row(
        "atopy_family",
        "atopic diseases in the family",
        "no atopic diseases in the family",
        _any_word("atopy_family"),
        AAD_2014,
    ),
    _row(
        "contact",
        "worse from soap or a known allergen",
        "not worse from soap or a known allergen",
        _words("triggers", "soap_or_detergent", "contact_allergen"),
        BAD_CONTACT_2017,
    ),
    _row(
        "exposed",
        "skin exposed to irritants or allergens at work",
        "no exposure of the skin at work",
        _any_word("occupational_exposures"),
        ESCD_2022,
    ),
    _row("sunlight", "worse in sunlight", "not worse in sunlight", _words("triggers", "sunlight"), LUPUS_2021),
    _row("heat", "worse from heat or sweat", "not worse from heat", _words("triggers", "heat", "sweat"), PORRO_2024),
    _row(
        "steroid_helped",
        "a topical corticosteroid helped",
        "a topical corticosteroid did not help",
        _response(lambda name: name.startswith("topical_corticosteroid"), "topical corticosteroids"),
        ELY_2014,
    ),
    _row(
        "antifungal_helped",
        "an antifungal helped",
        "an antifungal did not help",
        _response(lambda name: name == "antifungal", "antifungal"),
        ELY_2014,
    ),
    _row(
        "antihistamine_helped",
        "an antihistamine helped",
        "an antihistamine did not help",
        _response(lambda name: name == "antihistamine", "antihistamine"),
        URTICARIA_2022,
    ),
)

TOLD: Final = COMPLAINTS + SITES + HISTORY
