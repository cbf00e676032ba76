"""What decides between options, read from an answer and a context; by hand."""

from typing import Any

import pytest

from flexura.decision.guidance.situation import FACTS, infection_of, severity_of, site_group, situation_of
from flexura.decision.guidance.withheld import missing_questions
from flexura.records import Assessment, Finding, Grade, PatientContext, TriedTreatment

OOZING = (Finding("oozing", "oozing or crusted", True, ("oozing_crusting",), (), ()),)


@pytest.mark.parametrize(
    ("distribution", "severity"),
    [
        ((1, 0, 0, 0, 0), "clear"),
        ((0.4, 0.6, 0, 0, 0), "clear"),
        ((0, 0.3, 0.7, 0, 0), "mild"),
        ((0, 0, 0.4, 0.6, 0), "moderate"),
        ((0, 0, 0.1, 0.3, 0.6), "severe"),
        ((0, 0.06, 0.4, 0.44, 0.1), None),  # from almost clear to severe
        ((0.03, 0.3, 0.4, 0.27, 0), "mild"),
    ],
)
def test_severity_is_the_median_grade(distribution: tuple[float, ...], severity: str | None) -> None:
    assert severity_of(Grade(0.0, distribution)) == severity


@pytest.mark.parametrize(
    ("site", "group"),
    [
        ("left_eyelid", "face_neck"),
        ("neck", "face_neck"),
        ("groin", "genital_fold"),
        ("right_axilla", "genital_fold"),
        ("left_popliteal_fossa", "flexure"),
        ("left_finger", "hands"),
        ("scalp", "body"),
        ("right_sole", "body"),
        ("nail", None),
        ("whole_body", None),
        (None, None),
    ],
)
def test_site_groups(site: str | None, group: str | None) -> None:
    assert site_group(site) == group


@pytest.mark.parametrize(
    ("known", "why", "infection"),
    [
        ({}, (), "none"),
        ({"symptoms": ("fever",)}, (), "none"),
        ({}, OOZING, "suspected"),
        ({"warning_signs": ("pustules",)}, (), "suspected"),
        ({"triggers": ("skin_infection",)}, (), "suspected"),
        ({"warning_signs": ("unwell",)}, OOZING, "unwell"),
        ({"symptoms": ("chills",), "warning_signs": ("pustules",)}, (), "unwell"),
    ],
)
def test_infection(known: dict[str, Any], why: tuple[Finding, ...], infection: str) -> None:
    assert infection_of(PatientContext(**known), {one.code: one.present for one in why}) == infection


@pytest.mark.parametrize(
    ("known", "pregnancy"),
    [
        ({}, None),
        ({"age_years": 30.0, "sex": "female"}, None),
        ({"age_years": 30.0, "sex": "male"}, "not_pregnant"),
        ({"age_years": 11.9}, "not_pregnant"),
        ({"age_years": 12.0}, None),
        ({"age_years": 56.0, "sex": "female"}, "not_pregnant"),
        ({"age_years": 30.0, "pregnancy": "planning"}, "planning"),
        ({"age_years": 30.0, "sex": "other", "pregnancy": "planning"}, "planning"),
        ({"age_years": 30.0, "sex": "male", "pregnancy": "planning"}, "wish_to_father"),
    ],
)
def test_pregnancy_is_told_or_excluded_or_unknown(
    known: dict[str, Any], pregnancy: str | None, answer: Assessment
) -> None:
    assert situation_of(answer, PatientContext(**known)).pregnancy == pregnancy


def tried(*pairs: tuple[str, str | None]) -> dict[str, Any]:
    return {"treatments": tuple(TriedTreatment(name, response) for name, response in pairs)}


@pytest.mark.parametrize(
    ("fact", "known", "holds"),
    [
        ("topical_failed", tried(("topical_corticosteroid_moderate", "unchanged")), True),
        ("topical_failed", tried(("topical_corticosteroid_mild", "worse")), False),
        ("topical_failed", tried(("topical_corticosteroid_potent", None)), False),
        (
            "topical_failed",
            tried(("topical_corticosteroid_moderate", "worse"), ("topical_corticosteroid_potent", "improved")),
            False,
        ),
        ("potent_failed", tried(("topical_corticosteroid_very_potent", "unchanged")), True),
        ("potent_failed", tried(("topical_corticosteroid_moderate", "unchanged")), False),
        ("systemic_failed", tried(("conventional_immunosuppressant", "worse")), True),
        ("systemic_failed", tried(("biologic", "worse")), False),
        ("antibiotic_failed", tried(("antibiotic", "unchanged")), True),
        ("antibiotic_failed", {}, False),
        ("relapsing", {"course": "persistent"}, True),
        ("relapsing", {"course": "first_episode"}, False),
        ("severe_itch", {"itch": 7.0}, True),
        ("severe_itch", {"itch": 6.9}, False),
        ("irritants", {"triggers": ("soap_or_detergent",)}, True),
        ("irritants", {"triggers": ()}, False),
        ("contact", {"triggers": ("contact_allergen",)}, True),
        ("contact", {}, False),
        ("food", {"triggers": ("food",)}, True),
        ("food", {}, False),
        ("inhalant", {"triggers": ("pollen",)}, True),
        ("inhalant", {"triggers": ("food",)}, False),
        ("male", {"sex": "male"}, True),
        ("male", {"sex": "other"}, False),
        ("female", {"sex": "female"}, True),
        ("female", {}, False),
        ("dark_skin", {"skin_type": 4}, True),
        ("dark_skin", {"skin_type": 3}, False),
        ("dark_skin", {}, False),
    ],
)
def test_facts_are_told(fact: str, known: dict[str, Any], holds: bool) -> None:
    assert FACTS[fact].holds(PatientContext(**known)) is holds


def test_a_confirmed_diagnosis_takes_the_place_of_the_first(answer: Assessment) -> None:
    confirmed = PatientContext(confirmed_diagnosis="nummular_eczema")
    assert situation_of(answer, PatientContext()).diagnosis == "atopic_dermatitis"
    assert situation_of(answer, confirmed).diagnosis == "nummular_eczema"


def test_what_was_not_told_is_asked_for(answer: Assessment) -> None:
    nothing = missing_questions(situation_of(answer, PatientContext()))
    assert [words for words in nothing if "site" in words or "pregnancy" in words] == list(nothing)
    assert len(nothing) == 2
    all_told = PatientContext(age_years=6.0, site="face")
    assert missing_questions(situation_of(answer, all_told)) == ()
