"""Every row by a case that fits it and one that does not, written apart from the tables; nothing falls through."""

from dataclasses import replace
from itertools import product

import pytest

from flexura.decision.guidance.exclusions import excluded
from flexura.decision.guidance.option import Option
from flexura.decision.guidance.situation import Situation
from flexura.decision.guidance.suggest import OPTIONS, rows_for
from flexura.decision.red_flags.table import RED_FLAGS

ADULT = Situation("atopic_dermatitis", "moderate", 30.0, "body", "not_pregnant", "none")
CHILD = replace(ADULT, age_years=6.0)
INFANT = replace(ADULT, age_years=0.6)
YOUTH = replace(ADULT, age_years=15.0)
PREGNANT = replace(ADULT, pregnancy="pregnant", facts=frozenset({"topical_failed"}))
FAILED = replace(ADULT, facts=frozenset({"topical_failed"}))
TWICE = replace(ADULT, facts=frozenset({"topical_failed", "systemic_failed"}))
RELAPSING = frozenset({"relapsing"})

ADULTS_ONLY = {"age_years": 17.9}
NOT_EXPECTING = {"pregnancy": "not_pregnant"}
UNTRIED = {"facts": frozenset()}


def told(situation: Situation, *facts: str) -> Situation:
    return replace(situation, facts=frozenset(facts))


# Row -> a situation in which it applies, and the change after which it does not.
CASES: dict[str, tuple[Situation, dict[str, object]]] = {
    "child_emollient": (replace(CHILD, severity=None, site=None), {"age_years": 12.0}),
    "child_bath_additives": (replace(CHILD, severity="clear"), {"age_years": 12.0}),
    "child_triggers": (CHILD, {"age_years": 12.0}),
    "child_irritants": (told(CHILD, "irritants"), UNTRIED),
    "child_contact": (told(CHILD, "contact"), UNTRIED),
    "child_food": (told(CHILD, "food"), UNTRIED),
    "child_formula": (replace(INFANT, age_years=0.4), {"age_years": 0.5}),
    "child_inhalant": (told(CHILD, "inhalant"), UNTRIED),
    "child_dark_skin": (told(CHILD, "dark_skin"), {"age_years": 12.0}),
    "child_dark_skin_look": (told(YOUTH, "dark_skin"), {"age_years": 18.0}),
    "dark_skin_scores": (told(replace(ADULT, severity=None), "dark_skin"), UNTRIED),
    "child_body_mild": (replace(CHILD, severity="mild"), {"site": "face_neck"}),
    "child_body_moderate": (replace(CHILD, site="flexure"), {"severity": "mild"}),
    "child_body_severe": (replace(CHILD, severity="severe", site="hands"), {"age_years": 0.9}),
    "infant_body_severe": (replace(INFANT, severity="severe"), {"age_years": 1.0}),
    "child_face": (replace(CHILD, site="face_neck"), {"severity": "clear"}),
    "child_face_severe": (replace(CHILD, site="face_neck", severity="severe"), {"severity": "moderate"}),
    "child_fold_mild": (replace(CHILD, site="genital_fold", severity="mild"), {"severity": "moderate"}),
    "child_fold": (replace(CHILD, site="genital_fold"), {"age_years": 0.9}),
    "infant_fold": (replace(INFANT, site="genital_fold"), {"age_years": 1.0}),
    "child_bandages": (CHILD, {"infection": "suspected"}),
    "child_itch": (told(CHILD, "severe_itch"), {"age_years": 0.4}),
    "child_phototherapy": (
        replace(told(CHILD, "topical_failed"), severity="severe"),
        {"conditions": frozenset({"light_sensitivity"})},
    ),
    "child_systemic": (replace(told(CHILD, "topical_failed"), severity="severe"), {"severity": "moderate"}),
    "child_weekend": (replace(CHILD, facts=RELAPSING), UNTRIED),
    "child_clear": (replace(CHILD, severity="clear"), {"facts": RELAPSING}),
    "child_two_weeks": (replace(told(CHILD, "topical_failed"), severity="severe"), UNTRIED),
    "child_infection_failed": (
        replace(told(CHILD, "antibiotic_failed"), infection="suspected"),
        {"infection": "none"},
    ),
    "child_referral": (CHILD, {"age_years": None}),
    "adult_emollient": (ADULT, ADULTS_ONLY),
    "youth_emollient": (YOUTH, {"age_years": 18.0}),
    "triggers": (YOUTH, {"age_years": 11.9}),
    "euroguiderm_topical": (replace(INFANT, severity=None, site=None), {"diagnosis": "contact_dermatitis"}),
    "bathing": (ADULT, ADULTS_ONLY),
    "diet": (told(CHILD, "food"), UNTRIED),
    "hand_exposures": (replace(ADULT, site="hands", diagnosis="contact_dermatitis"), {"site": "body"}),
    "adult_steroid": (ADULT, {"site": "face_neck"}),
    "adult_steroid_thin": (replace(ADULT, site="genital_fold"), {"site": "body"}),
    "youth_steroid": (YOUTH, {"age_years": 18.0}),
    "youth_steroid_thin": (replace(YOUTH, site="face_neck"), {"severity": "clear"}),
    "hand_steroid": (replace(ADULT, site="hands", diagnosis="dyshidrotic_eczema"), {"diagnosis": "nummular_eczema"}),
    "hand_delgocitinib": (
        replace(FAILED, site="hands", diagnosis="dyshidrotic_eczema", pregnancy="breastfeeding"),
        {"pregnancy": "planning"},
    ),
    "tacrolimus_nice": (replace(told(CHILD, "topical_failed"), age_years=2.0), {"age_years": 1.9}),
    "pimecrolimus_nice": (
        replace(told(CHILD, "topical_failed"), site="face_neck", age_years=16.9),
        {"age_years": 17.0},
    ),
    "calcineurin_not_first": (CHILD, {"severity": "clear"}),
    "calcineurin_boxed": (replace(CHILD, age_years=2.0), {"severity": "clear"}),
    "tacrolimus_child": (replace(ADULT, age_years=15.9), {"age_years": 16.0}),
    "tacrolimus_aad": (ADULT, {"infection": "suspected"}),
    "pimecrolimus_aad": (ADULT, {"severity": "severe"}),
    "calcineurin_jtf": (replace(CHILD, age_years=2.0, severity="mild"), {"infection": "suspected"}),
    "calcineurin_euro": (replace(ADULT, site="face_neck"), {"conditions": frozenset({"immunosuppression"})}),
    "crisaborole_aad": (ADULT, {"pregnancy": "pregnant"}),
    "crisaborole_jtf": (YOUTH, {"age_years": 11.9}),
    "ruxolitinib_aad": (ADULT, {"pregnancy": None}),
    "ruxolitinib_jtf": (YOUTH, {"severity": "severe"}),
    "ruxolitinib_boxed": (replace(CHILD, age_years=2.0), {"age_years": 1.9}),
    "crisaborole_label": (replace(CHILD, age_years=0.25), {"age_years": 0.24}),
    "ruxolitinib_label": (replace(CHILD, age_years=2.0), {"age_years": 1.99}),
    "roflumilast_label": (replace(CHILD, age_years=6.0), {"age_years": 5.99}),
    "roflumilast_label_child": (replace(CHILD, age_years=5.99), {"age_years": 6.0}),
    "tapinarof_label": (replace(CHILD, age_years=2.0, severity="severe"), {"age_years": 1.99}),
    "creams_under_two": (replace(INFANT, age_years=1.99), {"age_years": 2.0}),
    "roflumilast": (ADULT, {"severity": "severe"}),
    "tapinarof": (ADULT, {"severity": "mild"}),
    "wet_dressings": (ADULT, {"infection": "suspected"}),
    "topical_antihistamine": (told(ADULT, "severe_itch"), UNTRIED),
    "antihistamine_aad": (told(CHILD, "severe_itch"), UNTRIED),
    "infant_promethazine": (replace(told(CHILD, "severe_itch"), age_years=1.9), {"age_years": 2.0}),
    "adult_maintenance": (replace(ADULT, facts=RELAPSING), {"site": "face_neck"}),
    "maintenance_jtf": (replace(CHILD, age_years=2.0, facts=RELAPSING), {"age_years": 1.9}),
    "proactive_calcineurin": (replace(YOUTH, facts=RELAPSING), {"pregnancy": "pregnant"}),
    "clear": (replace(ADULT, severity="clear"), {"facts": RELAPSING}),
    "referral": (YOUTH, {"age_years": 11.9}),
    "hand_patch_test": (replace(YOUTH, site="hands", diagnosis="contact_dermatitis"), {"site": "body"}),
    "infection_no_routine": (replace(CHILD, infection="suspected"), {"infection": "none"}),
    "infection_swab": (replace(CHILD, infection="suspected"), {"infection": "none"}),
    "infection_antimicrobials": (replace(ADULT, infection="suspected"), ADULTS_ONLY),
    "bleach_aad": (ADULT, ADULTS_ONLY),
    "bleach_jtf": (CHILD, {"severity": "mild"}),
    "bleach_jtf_mild": (replace(CHILD, severity="mild"), {"severity": "moderate"}),
    "pregnant_steroid_edf": (PREGNANT, {"pregnancy": "breastfeeding"}),
    "pregnant_steroid_etfad": (PREGNANT, NOT_EXPECTING),
    "pregnant_tacrolimus": (replace(PREGNANT, pregnancy="breastfeeding"), NOT_EXPECTING),
    "pregnant_uv": (PREGNANT, {"conditions": frozenset({"light_sensitivity"})}),
    "pregnant_uv_folate": (PREGNANT, {"pregnancy": "breastfeeding"}),
    "pregnant_ciclosporin_etfad": (PREGNANT, {"conditions": frozenset({"kidney_disease"})}),
    "pregnant_ciclosporin_north": (PREGNANT, NOT_EXPECTING),
    "pregnant_dupilumab_etfad": (PREGNANT, UNTRIED),
    "breastfeeding_dupilumab_north": (replace(PREGNANT, pregnancy="breastfeeding"), {"pregnancy": "pregnant"}),
    "pregnant_avoid": (replace(PREGNANT, pregnancy="planning"), NOT_EXPECTING),
    "dupilumab_aad": (FAILED, ADULTS_ONLY),
    "dupilumab_jtf": (told(INFANT, "topical_failed"), {"age_years": 0.4}),
    "dupilumab_nice": (TWICE, {"facts": frozenset({"topical_failed"})}),
    "tralokinumab_aad": (FAILED, {"severity": "mild"}),
    "tralokinumab_jtf": (told(YOUTH, "topical_failed"), {"age_years": 11.9}),
    "tralokinumab_nice": (TWICE, ADULTS_ONLY),
    "lebrikizumab_aad": (FAILED, {"pregnancy": None}),
    "lebrikizumab_nice": (replace(TWICE, age_years=12.0), {"age_years": 11.9}),
    "nemolizumab_aad": (FAILED, {"pregnancy": "planning"}),
    "nemolizumab_nice": (replace(TWICE, age_years=12.0), {"facts": frozenset({"topical_failed"})}),
    "jak_boxed": (told(YOUTH, "topical_failed"), {"pregnancy": "pregnant"}),
    "jak_aad": (FAILED, {"age_years": 65.0}),
    "jak_jtf": (told(YOUTH, "topical_failed"), {"conditions": frozenset({"smoking"})}),
    "jak_nice": (replace(TWICE, age_years=12.0), {"conditions": frozenset({"thromboembolism"})}),
    "baricitinib_nice": (TWICE, ADULTS_ONLY),
    "jak_ema": (replace(FAILED, age_years=70.0), {"pregnancy": "pregnant"}),
    "phototherapy_aad": (FAILED, {"conditions": frozenset({"light_sensitivity"})}),
    "phototherapy_euro": (told(YOUTH, "topical_failed"), {"age_years": 18.0}),
    "phototherapy_choice": (FAILED, {"conditions": frozenset({"light_sensitivity"})}),
    "methotrexate_aad": (FAILED, {"conditions": frozenset({"liver_disease"})}),
    "methotrexate_jtf": (told(YOUTH, "topical_failed"), UNTRIED),
    "azathioprine_aad": (FAILED, {"pregnancy": "pregnant"}),
    "azathioprine_jtf": (told(YOUTH, "topical_failed"), UNTRIED),
    "mycophenolate_aad": (FAILED, {"pregnancy": "breastfeeding"}),
    "mycophenolate_men": (
        replace(told(ADULT, "topical_failed", "male"), pregnancy="wish_to_father"),
        {"facts": frozenset({"topical_failed"})},
    ),
    "mycophenolate_women": (
        replace(told(ADULT, "topical_failed", "female"), age_years=55.9),
        {"age_years": 56.0},
    ),
    "mycophenolate_jtf": (told(YOUTH, "topical_failed"), UNTRIED),
    "ciclosporin_aad": (FAILED, {"conditions": frozenset({"uncontrolled_hypertension"})}),
    "ciclosporin_jtf": (told(YOUTH, "topical_failed"), {"conditions": frozenset({"serious_infection"})}),
    "steroid_aad": (FAILED, UNTRIED),
    "steroid_jtf": (told(YOUTH, "topical_failed"), {"age_years": 11.0}),
    "euroguiderm": (told(YOUTH, "topical_failed"), {"pregnancy": "pregnant"}),
    "alitretinoin": (
        replace(told(ADULT, "topical_failed", "potent_failed"), severity="severe", site="hands"),
        {"facts": frozenset({"topical_failed"})},
    ),
    "father_topical": (replace(ADULT, pregnancy="wish_to_father"), {"pregnancy": "planning"}),
    "father_systemic_etfad": (replace(FAILED, pregnancy="wish_to_father"), NOT_EXPECTING),
    "father_systemic_north": (replace(FAILED, pregnancy="wish_to_father"), UNTRIED),
}
ROWS = {row.code: row for row in OPTIONS}


def codes(situation: Situation) -> set[str]:
    return {row.code for row in rows_for(situation)}


def test_every_row_has_its_case() -> None:
    assert len(ROWS) == len(OPTIONS)
    assert set(CASES) == set(ROWS)


@pytest.mark.parametrize("code", CASES)
def test_a_row_applies_where_it_should_and_nowhere_else(code: str) -> None:
    situation, change = CASES[code]
    assert code in codes(situation)
    assert code not in codes(replace(situation, **change))


AGES = (0.1, 0.6, 1.0, 1.9, 2.0, 6.0, 11.9, 12.0, 17.9, 18.0, 40.0, 64.9, 65.0, 90.0)
EVERY = [
    Situation("atopic_dermatitis", severity, age, site, pregnancy, infection, facts)
    for severity, age, site, pregnancy, infection, facts in product(
        ("clear", "mild", "moderate", "severe"),
        AGES,
        ("face_neck", "genital_fold", "flexure", "hands", "body"),
        ("not_pregnant", "planning", "pregnant", "breastfeeding", "wish_to_father", None),
        ("none", "suspected"),
        (
            frozenset[str](),
            RELAPSING,
            frozenset({"topical_failed"}),
            frozenset({"topical_failed", "potent_failed", "systemic_failed"}),
        ),
    )
    if pregnancy == "not_pregnant" or 12 <= age < 56
]


def offers(rows: tuple[Option, ...]) -> set[str]:
    return {offer for row in rows for offer in row.offers}


def test_no_row_waits_for_what_its_red_flag_stops() -> None:
    # Infection with malaise is a red flag that withholds all guidance.
    assert next(flag for flag in RED_FLAGS if flag.name.startswith("Infected eczema")).stops
    assert {state for row in OPTIONS for state in row.where.infections} == {"suspected"}


def test_nothing_falls_through() -> None:
    assert len(EVERY) > 3000
    for situation in EVERY:
        rows = rows_for(situation)
        kinds = {row.kind for row in rows}
        assert "emollient" in offers(rows), situation
        assert {"basics", "referral"} <= kinds, situation
        if situation.severity == "clear":
            # What relapses is treated between flares, not left to emollient alone; what forbids that leaves the basics.
            assert ("maintenance" in kinds) or situation.facts == RELAPSING, situation
            assert situation.facts != RELAPSING or not {"clear", "child_clear"} & {row.code for row in rows}, situation
        else:
            assert any(offer.startswith("tcs") for offer in offers(rows)), situation
        if situation.infection != "none":
            assert "infection" in kinds, situation


EXPECTING = {"planning", "pregnant", "breastfeeding", None}
# Written down apart from the exclusions: what must never be offered, and when.
NEVER = (
    ({"oral_jak", "methotrexate", "mycophenolate", "alitretinoin"}, lambda s: s.pregnancy in EXPECTING),
    ({"crisaborole", "pimecrolimus", "ruxolitinib_cream"}, lambda s: s.pregnancy in EXPECTING),
    ({"dupilumab", "azathioprine"}, lambda s: s.pregnancy in EXPECTING),
    # Sperm: ETFAD 2019 and the Northern European consensus ask for 3 months without; of the others nothing was read.
    ({"methotrexate", "mycophenolate", "oral_jak", "alitretinoin"}, lambda s: s.pregnancy == "wish_to_father"),
    ({"tralokinumab", "lebrikizumab", "nemolizumab"}, lambda s: s.pregnancy == "wish_to_father"),
    ({"tcs_potent"}, lambda s: s.age_years < 1),
    ({"tcs_potent", "tcs"}, lambda s: s.age_years < 12 and s.site == "face_neck"),
    ({"tacrolimus", "pimecrolimus", "tcs_potent"}, lambda s: s.age_years < 1),
    ({"tacrolimus", "pimecrolimus"}, lambda s: s.age_years < 2 or s.infection != "none"),
    ({"bandages"}, lambda s: s.infection != "none"),
    ({"oral_jak"}, lambda s: s.age_years < 12 or s.age_years >= 65),
    ({"methotrexate", "ciclosporin", "azathioprine", "mycophenolate", "oral_jak"}, lambda s: not s.facts),
    ({"ruxolitinib_cream", "tapinarof", "roflumilast"}, lambda s: s.age_years < 2),
    ({"crisaborole"}, lambda s: s.age_years < 0.25),
    # The youngest that any licence of the United States or the European Union names for atopic dermatitis.
    ({"dupilumab"}, lambda s: s.age_years < 0.5),
    ({"tralokinumab", "lebrikizumab", "nemolizumab"}, lambda s: s.age_years < 12),
    ({"alitretinoin", "delgocitinib_cream"}, lambda s: s.age_years < 18 or s.site != "hands"),
    ({"delgocitinib_cream"}, lambda s: s.pregnancy in {"planning", "pregnant", None}),
)


@pytest.mark.parametrize("index", range(len(NEVER)))
def test_what_is_contraindicated_never_appears(index: int) -> None:
    forbidden, holds = NEVER[index]
    concerned = [situation for situation in EVERY if holds(situation)]
    assert concerned
    for situation in concerned:
        assert not offers(rows_for(situation)) & forbidden, situation


CONDITIONS = {
    "immunosuppression": {
        *("tacrolimus", "pimecrolimus", "oral_jak", "delgocitinib_cream"),
        *("ciclosporin", "methotrexate", "azathioprine", "mycophenolate"),
    },
    "serious_infection": {
        "oral_jak",
        "delgocitinib_cream",
        "ciclosporin",
        "methotrexate",
        "azathioprine",
        "mycophenolate",
    },
    "kidney_disease": {"ciclosporin", "methotrexate", "alitretinoin"},
    "liver_disease": {"methotrexate", "alitretinoin", "oral_jak"},
    "uncontrolled_hypertension": {"ciclosporin"},
    "cardiovascular_disease": {"oral_jak"},
    "thromboembolism": {"oral_jak"},
    "cancer": {"oral_jak", "ciclosporin", "azathioprine", "mycophenolate"},
    "smoking": {"oral_jak"},
    "light_sensitivity": {"phototherapy"},
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_takes_away_what_it_forbids_and_only_that(condition: str) -> None:
    failed = told(TWICE, "topical_failed", "potent_failed", "systemic_failed")
    before = offers(rows_for(replace(failed, site="hands", severity="severe")))
    ill = replace(failed, site="hands", severity="severe", conditions=frozenset({condition}))
    assert before - offers(rows_for(ill)) == CONDITIONS[condition] & before
    assert CONDITIONS[condition] & before


def test_a_child_who_is_sensitive_to_light_is_still_told_of_systemic_treatment() -> None:
    severe = replace(told(CHILD, "topical_failed"), severity="severe")
    found = codes(replace(severe, conditions=frozenset({"light_sensitivity"})))
    assert found & {"child_phototherapy", "child_systemic"} == {"child_systemic"}


def test_a_man_who_wishes_for_a_child_is_not_advised_as_a_pregnant_woman() -> None:
    father = replace(FAILED, pregnancy="wish_to_father")
    found = codes(father)
    assert not {code for code in found if code.startswith(("pregnant", "breastfeeding"))}
    assert {"father_topical", "father_systemic_etfad", "father_systemic_north"} <= found
    # ETFAD 2019: topical treatment without special care; the consensus: these by mouth or needle.
    given = offers(rows_for(father))
    assert {"crisaborole", "ruxolitinib_cream", "pimecrolimus", "ciclosporin", "azathioprine", "dupilumab"} <= given
    mother = codes(replace(FAILED, pregnancy="planning"))
    assert {"pregnant_steroid_edf", "pregnant_uv_folate", "pregnant_avoid"} <= mother
    assert not {code for code in mother if code.startswith("father")}


@pytest.mark.parametrize("age", [0.6, 6.0])
def test_an_armpit_takes_strong_corticosteroids_for_days_only(age: float) -> None:
    # NICE CG57: moderate or potent ones for 7 to 14 days, however severe.
    for severity in ("moderate", "severe"):
        rows = rows_for(replace(CHILD, age_years=age, site="genital_fold", severity=severity))
        assert any("7 to 14 days" in row.text for row in rows if row.topic == "Topical corticosteroid")


@pytest.mark.parametrize(
    ("row", "condition"),
    [
        ("ruxolitinib_aad", "immunosuppression"),
        ("ruxolitinib_aad", "serious_infection"),
        ("roflumilast", "liver_disease"),
    ],
)
def test_creams_have_contraindications_too(row: str, condition: str) -> None:
    assert row in codes(ADULT)
    assert row not in codes(replace(ADULT, conditions=frozenset({condition})))


@pytest.mark.parametrize(
    ("age", "licensed"),
    [
        (0.24, set()),
        (0.25, {"crisaborole_label"}),
        (1.99, {"crisaborole_label"}),
        (2.0, {"crisaborole_label", "ruxolitinib_label", "roflumilast_label_child", "tapinarof_label"}),
        (5.99, {"crisaborole_label", "ruxolitinib_label", "roflumilast_label_child", "tapinarof_label"}),
        (6.0, {"crisaborole_label", "ruxolitinib_label", "roflumilast_label", "tapinarof_label"}),
        (80.0, {"crisaborole_label", "ruxolitinib_label", "roflumilast_label", "tapinarof_label"}),
    ],
)
def test_the_ages_of_the_us_labels(age: float, licensed: set[str]) -> None:
    found = codes(replace(ADULT, age_years=age))
    assert {code for code in found if "_label" in code} == licensed
    assert ("creams_under_two" in found) == (age < 2)
    # Under severe eczema only tapinarof has a licence.
    assert {code for code in codes(replace(ADULT, age_years=age, severity="severe")) if "_label" in code} == (
        licensed & {"tapinarof_label"}
    )


def test_no_other_line_offers_a_cream_under_the_age_of_its_label() -> None:
    for age, creams in ((0.24, {"crisaborole"}), (1.99, {"ruxolitinib_cream", "roflumilast", "tapinarof"})):
        situation = replace(ADULT, age_years=age)
        assert all(excluded((cream,), situation) for cream in creams)
        assert not any(excluded((cream,), replace(ADULT, age_years=age + 0.01)) for cream in creams)


def test_rows_of_one_topic_stand_together_and_differing_guidelines_are_all_shown() -> None:
    rows = rows_for(FAILED)
    keys = [(row.kind, row.topic) for row in rows]
    assert len([key for index, key in enumerate(keys) if index == 0 or keys[index - 1] != key]) == len(set(keys))
    ruxolitinib = [row for row in rows_for(ADULT) if row.topic == "Ruxolitinib cream"]
    assert {row.source.name.split()[0] for row in ruxolitinib} == {"AAD,", "AAAAI/ACAAI", "US"}
    # A child's calcineurin inhibitor: not first (NICE), where moisturiser is not enough (the Joint Task Force).
    first = [row.source.name for row in rows_for(CHILD) if row.code in ("calcineurin_not_first", "calcineurin_jtf")]
    assert {name.split()[0] for name in first} == {"NICE", "AAAAI/ACAAI"}
    methotrexate = [row.strength for row in rows if row.topic == "Methotrexate"]
    assert methotrexate == ["conditional, low certainty", "conditional, against"]


def test_both_views_of_bleach_baths_stand_with_and_without_infection() -> None:
    for infection in ("none", "suspected"):
        assert {"bleach_aad", "bleach_jtf"} <= codes(replace(ADULT, infection=infection))


def test_the_boxed_warning_stands_wherever_its_medicine_is_offered() -> None:
    warned = {"oral_jak": "jak_boxed", "ruxolitinib_cream": "ruxolitinib_boxed", "tacrolimus": "calcineurin_boxed"}
    for situation in EVERY:
        rows = rows_for(situation)
        treating = {offer for row in rows if row.kind != "maintenance" for offer in row.offers}
        for medicine, warning in warned.items():
            assert medicine not in treating or warning in {row.code for row in rows}, situation
