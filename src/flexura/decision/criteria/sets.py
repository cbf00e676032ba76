"""The sets of criteria as tables: every row with the question that answers it; sources one per set.

A set has one form for each range of age. It is met where each of its groups has as many criteria as it needs.
"""

import math
from dataclasses import dataclass
from typing import Final

from flexura.decision.criteria import told
from flexura.decision.criteria.told import Ask, affected, both, either, excluded, feature, listed, shown_or
from flexura.decision.findings.sources import AAD_2014, HANIFIN_1980, UKWP_1994
from flexura.decision.history import comes_back


@dataclass(frozen=True)
class Row:
    """One criterion: code, words, the question that answers it, and how the context does."""

    code: str
    words: str
    question: str
    ask: Ask


@dataclass(frozen=True)
class Group:
    """Criteria of which `needed` must be met; 0 where they only support the diagnosis."""

    name: str
    needed: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Form:
    """The groups that hold for ages under `below_years`."""

    below_years: float
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class CriteriaSet:
    """A published set: its code, title, source, and its forms by rising age."""

    name: str
    title: str
    source: str
    forms: tuple[Form, ...]


_ATOPIES: Final = ("atopic_dermatitis", "asthma", "allergic_rhinitis", "allergic_conjunctivitis")
_FAMILY: Final = listed("atopy_family", *_ATOPIES)
_AIRWAYS: Final = listed("atopy_self", "asthma", "allergic_rhinitis")

# ---- UK Working Party and NICE ---------------------------------------------------------------

_ITCH: Final = Row("itch", "itchy skin", "Has the skin been itchy in the last year?", told.itches)
_DRY: Final = Row(
    "dry_skin",
    "generally dry skin in the last year",
    "Has the skin been generally dry in the last year?",
    feature("dry_skin_last_year"),
)
_ONSET: Final = Row("onset", "onset under 2 years", "Did it begin before the age of 2?", told.began_before(2))
_OWN_ATOPY: Final = Row("atopy", "asthma or hay fever", "Has the patient ever had asthma or hay fever?", _AIRWAYS)
_FAMILY_ATOPY: Final = Row(
    "atopy",
    "asthma or hay fever, or atopic disease of a first-degree relative",
    "Has the child ever had asthma or hay fever, or a parent or sibling asthma, hay fever or eczema?",
    either(_AIRWAYS, _FAMILY),
)


def _history(words: str, sites: frozenset[str]) -> Row:
    question = f"Has it ever affected {words}?"
    return Row(
        "flexural_history",
        f"history at {words}",
        question,
        shown_or(affected(sites), feature("flexural_history")),
    )


def _visible(words: str, sites: frozenset[str]) -> Row:
    return Row(
        "visible_dermatitis", f"visible dermatitis of {words}", f"Is there dermatitis now of {words}?", affected(sites)
    )


_CREASES: Final = "the skin creases (elbows, knees, ankles, neck)"
_CREASES_OR_CHEEKS: Final = "the skin creases (elbows, knees, ankles, neck) or the cheeks"
_INFANT_SITES: Final = "the skin creases, the cheeks or forehead, or the outer limbs"
_NICE_INFANT: Final = "the cheeks or extensor areas"
_WIDE: Final = told.FLEXURES | told.FACE | told.EXTENSORS


def _uk_form(below_years: float, *rows: Row) -> Form:
    return Form(below_years, (Group("required", 1, (_ITCH,)), Group("and three of", 3, rows)))


_CHILD_HISTORY: Final = _history(_CREASES_OR_CHEEKS, told.FLEXURES | told.FACE)
_UK_WORKING_PARTY: Final = CriteriaSet(
    "uk_working_party",
    "UK Working Party",
    UKWP_1994,
    (
        _uk_form(4, _CHILD_HISTORY, _FAMILY_ATOPY, _DRY, _visible(_INFANT_SITES, _WIDE)),
        _uk_form(10, _CHILD_HISTORY, _OWN_ATOPY, _DRY, _visible(_CREASES, told.FLEXURES), _ONSET),
        _uk_form(
            math.inf,
            _history(_CREASES, told.FLEXURES),
            _OWN_ATOPY,
            _DRY,
            _visible(_CREASES, told.FLEXURES),
            _ONSET,
        ),
    ),
)
# 18 months or under: up to the day on which the 19th month is complete.
_NICE_INFANT_BELOW: Final = 19 / 12
_NICE: Final = CriteriaSet(
    "nice_cg57",
    "NICE, children under 12",
    "NICE CG57 (2007, updated 2023), 1.1.1.1",
    (
        _uk_form(
            _NICE_INFANT_BELOW,
            _visible(_NICE_INFANT, told.FACE | told.EXTENSORS),
            _history(_NICE_INFANT, told.FACE | told.EXTENSORS),
            _DRY,
            _FAMILY_ATOPY,
        ),
        _uk_form(4, _visible(_CREASES, told.FLEXURES), _history(_CREASES, told.FLEXURES), _DRY, _FAMILY_ATOPY),
        _uk_form(12, _visible(_CREASES, told.FLEXURES), _history(_CREASES, told.FLEXURES), _DRY, _OWN_ATOPY, _ONSET),
    ),
)

# ---- Hanifin and Rajka -----------------------------------------------------------------------


def _found(words: str, *features: str) -> Row:
    """A criterion that history or examination finds."""
    return Row(features[0], words, f"Is there {words}?", feature(*features))


_TYPICAL: Final = "typical morphology and distribution"
_TYPICAL_QUESTION: Final = "Does it look typical, and does it affect {} (all affected sites)?"
_MORPHOLOGY: Final = feature("typical_morphology")
_TYPICAL_CHILD: Final = Row(
    "typical",
    _TYPICAL,
    _TYPICAL_QUESTION.format("face, neck, extensors or flexures"),
    both(_MORPHOLOGY, affected(_WIDE)),
)
_TYPICAL_ADULT: Final = Row(
    "typical", _TYPICAL, _TYPICAL_QUESTION.format("the flexures"), both(_MORPHOLOGY, affected(told.FLEXURES))
)
_PRURITUS: Final = Row("pruritus", "pruritus", "Does it itch?", told.itches)
_CHRONIC: Final = Row(
    "chronic",
    "chronic or relapsing course",
    "Is it the first episode, or has it persisted or come back?",
    comes_back,
)
_ATOPY: Final = Row(
    "atopy",
    "personal or family history of atopy",
    "Have the patient, parents or siblings ever had asthma, hay fever or eczema?",
    either(listed("atopy_self", *_ATOPIES), _FAMILY),
)
_EARLY: Final = Row("early_onset", "early age of onset", "At what age did it begin?", told.early_onset)
_XEROSIS: Final = Row("xerosis", "xerosis (dry skin)", "Is the skin generally dry?", feature("dry_skin_last_year"))
_MINOR: Final = (
    _XEROSIS,
    _found(
        "ichthyosis, palmar hyperlinearity or keratosis pilaris",
        "ichthyosis",
        "palmar_hyperlinearity",
        "keratosis_pilaris",
    ),
    _found("immediate skin-test reactivity", "skin_test_reactivity"),
    _found("elevated serum IgE", "raised_ige"),
    _EARLY,
    _found("a tendency to skin infections", "skin_infections"),
    Row(
        "hand_foot_dermatitis",
        "a tendency to hand or foot dermatitis",
        "Is there a tendency to hand or foot dermatitis?",
        shown_or(affected(told.HANDS_AND_FEET), feature("hand_foot_dermatitis")),
    ),
    _found("nipple eczema", "nipple_eczema"),
    _found("cheilitis", "cheilitis"),
    _found("recurrent conjunctivitis", "recurrent_conjunctivitis"),
    _found("a Dennie-Morgan infraorbital fold", "infraorbital_fold"),
    _found("keratoconus", "keratoconus"),
    _found("anterior subcapsular cataract", "subcapsular_cataract"),
    _found("orbital darkening", "orbital_darkening"),
    _found("facial pallor or facial erythema", "facial_pallor", "facial_erythema"),
    _found("pityriasis alba", "pityriasis_alba"),
    _found("anterior neck folds", "anterior_neck_folds"),
    Row("itch_when_sweating", "itch when sweating", "Does sweating make it worse?", listed("triggers", "sweat")),
    Row(
        "wool_and_solvents",
        "intolerance to wool and lipid solvents",
        "Do wool or soap make it worse?",
        listed("triggers", "wool_or_synthetic_clothing", "soap_or_detergent"),
    ),
    _found("perifollicular accentuation", "perifollicular_accentuation"),
    Row(
        "food_intolerance",
        "food intolerance",
        "Is there a food allergy, or does food make it worse?",
        either(listed("atopy_self", "food_allergy"), listed("triggers", "food")),
    ),
    Row(
        "environment",
        "course influenced by environmental or emotional factors",
        "Do stress, weather or allergens of the surroundings make it worse?",
        listed(
            "triggers", "stress", "heat", "cold_or_dry_air", "sunlight", "house_dust_mite", "animal_dander", "pollen"
        ),
    ),
    _found("white dermographism or delayed blanch", "white_dermographism"),
)


def _hanifin_form(below_years: float, typical: Row) -> Form:
    major = (_PRURITUS, typical, _CHRONIC, _ATOPY)
    return Form(below_years, (Group("three of four major", 3, major), Group("and three of 23 minor", 3, _MINOR)))


_HANIFIN_RAJKA: Final = CriteriaSet(
    "hanifin_rajka",
    "Hanifin and Rajka",
    HANIFIN_1980,
    (_hanifin_form(18, _TYPICAL_CHILD), _hanifin_form(math.inf, _TYPICAL_ADULT)),
)

# ---- American Academy of Dermatology -----------------------------------------------------------

_IMPORTANT: Final = (
    _EARLY,
    _ATOPY,
    _found("IgE reactivity", "skin_test_reactivity", "raised_ige"),
    _XEROSIS,
)
_ASSOCIATED: Final = (
    _found("an atypical vascular response (pallor, white dermographism)", "facial_pallor", "white_dermographism"),
    _found(
        "keratosis pilaris, pityriasis alba, hyperlinear palms or ichthyosis",
        "keratosis_pilaris",
        "pityriasis_alba",
        "palmar_hyperlinearity",
        "ichthyosis",
    ),
    _found(
        "an ocular or periorbital change",
        "infraorbital_fold",
        "orbital_darkening",
        "recurrent_conjunctivitis",
        "keratoconus",
        "subcapsular_cataract",
    ),
    _found("perioral or periauricular lesions", "perioral_or_periauricular_lesions"),
    _found(
        "perifollicular accentuation, lichenification or prurigo lesions",
        "perifollicular_accentuation",
        "lichenification",
        "prurigo_lesions",
    ),
)
_EXCLUSIONS: Final = tuple(
    Row(f"no_{word}", f"{words} excluded", f"Has {words} been excluded?", excluded(word))
    for word, words in (
        ("scabies", "scabies"),
        ("seborrhoeic_dermatitis", "seborrhoeic dermatitis"),
        ("contact_dermatitis", "contact dermatitis"),
        ("ichthyosis", "ichthyosis"),
        ("cutaneous_lymphoma", "cutaneous T-cell lymphoma"),
        ("psoriasis", "psoriasis"),
        ("photosensitivity_dermatosis", "a photosensitivity dermatosis"),
        ("immune_deficiency", "immune deficiency"),
        ("erythroderma_of_other_cause", "erythroderma of another cause"),
    )
)


def _aad_form(below_years: float, typical: Row) -> Form:
    return Form(
        below_years,
        (
            Group("essential", 3, (_PRURITUS, typical, _CHRONIC)),
            Group("other diseases excluded", len(_EXCLUSIONS), _EXCLUSIONS),
            Group("important, in support", 0, _IMPORTANT),
            Group("associated, in support", 0, _ASSOCIATED),
        ),
    )


_AAD: Final = CriteriaSet(
    "aad_2014",
    "American Academy of Dermatology",
    AAD_2014,
    (_aad_form(18, _TYPICAL_CHILD), _aad_form(math.inf, _TYPICAL_ADULT)),
)

SETS: Final = (_UK_WORKING_PARTY, _NICE, _HANIFIN_RAJKA, _AAD)
