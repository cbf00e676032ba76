"""Every trigger of every red flag by a case that raises it and one that nearly does; written apart from the table."""

from dataclasses import replace
from typing import Any

import pytest

from flexura.clinical.vocabulary import SYMPTOMS, WARNING_SIGNS
from flexura.decision.calibration import Calibration
from flexura.decision.decide import decide
from flexura.decision.red_flags.known import Known, checklist_points
from flexura.decision.red_flags.raised import raised_flags, told_flags
from flexura.decision.red_flags.table import RED_FLAGS
from flexura.records import Area, Assessment, Case, ModelInfo, PatientContext, Prediction, TriedTreatment

STEROID_FAILED = (TriedTreatment("topical_corticosteroid_potent", "unchanged"),)
LASTING = {"age_years": 50.0, "duration_days": 200.0, "treatments": STEROID_FAILED}


def signs(*words: str) -> dict[str, Any]:
    return {"warning_signs": words}


def find(*codes: str) -> dict[str, Any]:
    return {"findings": codes}


def think(**probabilities: float) -> dict[str, Any]:
    return {"probabilities": probabilities}


# Flag -> for each trigger in turn: context, what else holds; then a context and more that just miss it.
Told = tuple[dict[str, Any], dict[str, Any]]
CASES: dict[str, tuple[tuple[Told, Told], ...]] = {
    "anaphylaxis": (
        (
            ({"symptoms": ("shortness_of_breath",)}, think(urticaria=0.25)),
            ({"symptoms": ("shortness_of_breath",)}, think(urticaria=0.24)),
        ),
        (
            ({"symptoms": ("shortness_of_breath",)} | signs("rapidly_spreading"), {}),
            ({"symptoms": ("shortness_of_breath",)} | signs("unwell"), {}),
        ),
    ),
    "necrotising_infection": (
        ((signs("pain_out_of_proportion"), {}), ({"symptoms": ("pain",)}, {})),
        ((signs("dusky_or_black_skin"), {}), ({"symptoms": ("darkening",)}, {})),
        ((signs("rapidly_spreading", "unwell"), {}), (signs("rapidly_spreading"), {})),
    ),
    "sjs_ten": (
        ((signs("skin_detaching"), {}), (signs("clustered_blisters"), {})),
        (
            ({"symptoms": ("mouth_sores",)} | signs("new_medicine"), {}),
            ({"symptoms": ("mouth_sores", "pain", "fever")}, {}),
        ),
        (
            ({"symptoms": ("burning", "fever")} | signs("new_medicine"), {}),
            ({"symptoms": ("burning", "fever")}, {}),
        ),
        (
            (signs("new_medicine"), think(erythema_multiforme=0.25)),
            (signs("new_medicine"), think(erythema_multiforme=0.24)),
        ),
    ),
    "meningococcal": (
        ((signs("non_blanching") | {"symptoms": ("chills",)}, {}), ({"symptoms": ("chills",)}, {})),
        ((signs("non_blanching", "rapidly_spreading"), {}), (signs("non_blanching"), {})),
    ),
    "dress": (((signs("new_medicine", "unwell"), {}), (signs("new_medicine"), {})),),
    "eczema_herpeticum": (
        ((signs("punched_out_erosions"), {}), (signs("pustules"), {})),
        ((signs("clustered_blisters"), {}), ({"textures": ("fluid_filled",)}, {})),
        ((signs("rapidly_worsening") | {"symptoms": ("burning",)}, {}), (signs("rapidly_worsening"), {})),
        (
            ({"atopy_self": ("atopic_dermatitis",)}, think(herpes=0.25)),
            ({"atopy_self": ("atopic_dermatitis",)}, think(herpes=0.24)),
        ),
    ),
    "erythroderma": (
        ((signs("red_all_over"), {}), ({}, find("red"))),
        (({"body_surface_percent": 90.0}, {}), ({"body_surface_percent": 89.9}, {})),
    ),
    "cellulitis": (
        ((signs("warm_and_tender"), {}), ({"symptoms": ("burning",)}, find("red", "swollen"))),
        (
            ({"symptoms": ("pain", "fever")}, find("red", "swollen")),
            ({"symptoms": ("pain",)}, find("red", "swollen")),
        ),
        (({}, think(cellulitis=0.25)), ({}, think(cellulitis=0.24))),
    ),
    "infected_eczema": ((({"symptoms": ("fever",)}, find("oozing")), ({}, find("oozing"))),),
    "purpura": (((signs("non_blanching"), {}), (signs("dusky_or_black_skin", "red_all_over"), {})),),
    "melanoma_like": (
        (
            (signs("pigmented_lesion", "irregular_shape", "wider_than_7_mm"), {}),
            (signs("pigmented_lesion", "irregular_shape"), {}),
        ),
        (({}, think(growth=0.25)), ({}, think(growth=0.24))),
    ),
    "mycosis_fungoides": (
        ((LASTING, {}), (LASTING | {"duration_days": 181.0}, {})),
        (({}, think(mycosis_fungoides=0.25)), ({}, think(mycosis_fungoides=0.24))),
    ),
}
FLAGS = {flag.code: flag for flag in RED_FLAGS}
TRIGGERS = [(code, index) for code, cases in CASES.items() for index in range(len(cases))]


def known(context: dict[str, Any], more: dict[str, Any]) -> Known:
    findings = dict.fromkeys(more.get("findings", ()), True)
    nowhere = Area(None, None, 1.0, None)
    return Known(PatientContext(**context), findings, more.get("probabilities", {}), more.get("eczema", 0.0), nowhere)


def test_every_trigger_has_its_case() -> None:
    assert list(CASES) == list(FLAGS)
    assert {code: len(cases) for code, cases in CASES.items()} == {flag.code: len(flag.triggers) for flag in RED_FLAGS}


@pytest.mark.parametrize(("code", "index"), TRIGGERS)
def test_a_trigger_raises_its_flag_and_its_neighbour_does_not(code: str, index: int) -> None:
    raising, missing = CASES[code][index]
    trigger = FLAGS[code].triggers[index]
    assert trigger.holds(known(*raising))
    assert not trigger.holds(known(*missing))


# Every warning sign, with what else its rules ask for, and the flags that it adds.
ADDED: dict[str, tuple[dict[str, Any], set[str]]] = {
    "clustered_blisters": ({}, {"eczema_herpeticum"}),
    "punched_out_erosions": ({}, {"eczema_herpeticum"}),
    "rapidly_worsening": ({"symptoms": ("pain",)}, {"eczema_herpeticum"}),
    "rapidly_spreading": ({"symptoms": ("chills",)}, {"necrotising_infection", "cellulitis"}),
    "warm_and_tender": ({}, {"cellulitis"}),
    "pain_out_of_proportion": ({}, {"necrotising_infection"}),
    "dusky_or_black_skin": ({}, {"necrotising_infection"}),
    "pustules": ({"symptoms": ("fever",)}, {"infected_eczema"}),
    "unwell": ({"triggers": ("skin_infection",)}, {"infected_eczema"}),
    "red_all_over": ({}, {"erythroderma"}),
    "skin_detaching": ({}, {"sjs_ten"}),
    "eroded_mucosa": ({"warning_signs": ("new_medicine",)}, {"sjs_ten"}),
    "new_medicine": ({"symptoms": ("pain", "fever")}, {"sjs_ten", "dress"}),
    "non_blanching": ({"symptoms": ("fever",)}, {"meningococcal", "purpura"}),
    "pigmented_lesion": ({"symptoms": ("increasing_size", "bleeding")}, {"melanoma_like"}),
    "irregular_shape": ({"warning_signs": ("pigmented_lesion",), "itch": 1.0}, {"melanoma_like"}),
    "irregular_colour": ({"warning_signs": ("pigmented_lesion",), "itch": 1.0}, {"melanoma_like"}),
    "wider_than_7_mm": (
        {"warning_signs": ("pigmented_lesion",), "symptoms": ("increasing_size",)},
        {"melanoma_like"},
    ),
}


def test_every_warning_sign_is_listed() -> None:
    assert list(ADDED) == list(WARNING_SIGNS)


@pytest.mark.parametrize("sign", ADDED)
def test_a_warning_sign_is_never_told_in_vain(sign: str) -> None:
    context, added = ADDED[sign]

    def raised(told: dict[str, Any]) -> set[str]:
        return {flag.code for flag in RED_FLAGS if any(one.holds(known(told, {})) for one in flag.triggers)}

    told = context | signs(*context.get("warning_signs", ()), sign)
    assert raised(told) - raised(context) == added


def test_eczema_on_both_sides_hides_no_cellulitis(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    # The sites are those of the eczema; the warm and tender place may be on one side.
    told = PatientContext(sites=("left_lower_leg", "right_lower_leg"), **signs("warm_and_tender"))
    found = decide(replace(case, context=told), prediction, calibration=calibration, model=model)
    assert [line.topic for line in found.recommendations] == ["Cellulitis or erysipelas"]


def test_nothing_told_and_nothing_seen_raises_nothing() -> None:
    assert not any(trigger.holds(known({}, {})) for flag in RED_FLAGS for trigger in flag.triggers)


@pytest.mark.parametrize(
    ("context", "eczema", "raised"),
    [
        ({}, 0.25, True),
        ({"confirmed_diagnosis": "atopic_dermatitis"}, 0.0, True),
        ({}, 0.24, False),  # herpes without eczema is herpes
    ],
)
def test_herpes_needs_eczema_to_be_herpeticum(context: dict[str, Any], eczema: float, raised: bool) -> None:
    found = known(context, think(herpes=0.5) | {"eczema": eczema})
    assert FLAGS["eczema_herpeticum"].triggers[3].holds(found) is raised


@pytest.mark.parametrize(
    ("site", "interval", "raised"),
    [("whole_body", (0.9, 1.0), True), ("whole_body", (0.89, 1.0), False), ("back", (0.95, 1.0), False)],
)
def test_a_red_whole_body_photo_is_erythroderma(site: str, interval: tuple[float, float], raised: bool) -> None:
    found = replace(known({"site": site}, find("red")), area=Area(0.95, interval, 1.0, 6))
    assert FLAGS["erythroderma"].triggers[1].holds(found) is raised


@pytest.mark.parametrize(("age", "raised"), [(17.9, False), (18.0, True), (None, True)])
def test_lasting_patches_concern_adults(age: float | None, raised: bool) -> None:
    assert FLAGS["mycosis_fungoides"].triggers[0].holds(known(LASTING | {"age_years": age}, {})) is raised


def test_the_checklist_by_hand() -> None:
    # Size 2, shape 2, colour 2, 7 mm 1, inflammation 1, oozing 1, sensation 1.
    everything = {"symptoms": ("increasing_size", "bleeding"), "itch": 3.0} | signs(
        "irregular_shape", "irregular_colour", "wider_than_7_mm"
    )
    assert checklist_points(known(everything, find("red"))) == 10
    assert checklist_points(known({}, find("uneven_colour", "oozing"))) == 3
    assert checklist_points(known({}, {})) == 0


@pytest.fixture
def answer(case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo) -> Assessment:
    return decide(case, prediction, calibration=calibration, model=model)


def test_what_was_told_raises_flags_without_a_photo() -> None:
    told = PatientContext(body_surface_percent=95.0, **signs("dusky_or_black_skin"))
    assert [line.topic for line in told_flags(told)] == [
        "Necrotising infection of skin or soft tissue",
        "Erythroderma",
    ]
    assert told_flags(PatientContext()) == ()


@pytest.mark.parametrize(
    ("found", "raised"), [(("blisters",), True), ((), False)], ids=["with blisters", "without blisters"]
)
def test_raw_mucosa_needs_blisters_or_a_medicine(found: tuple[str, ...], raised: bool) -> None:
    told = known(signs("eroded_mucosa"), find(*found))
    assert any(trigger.holds(told) for trigger in FLAGS["sjs_ten"].triggers) is raised


def test_a_probable_erythema_multiforme_alone_is_no_emergency() -> None:
    seen = known({}, think(erythema_multiforme=0.9))
    assert not any(trigger.holds(seen) for trigger in FLAGS["sjs_ten"].triggers)


def test_a_plain_answer_raises_nothing(answer: Assessment) -> None:
    assert raised_flags(answer, PatientContext()) == ()


def test_flags_come_first_urgent_and_in_order_of_urgency(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    told = PatientContext(
        age_years=6.0,
        confirmed_diagnosis="atopic_dermatitis",
        warning_signs=("pain_out_of_proportion", "punched_out_erosions", "clustered_blisters"),
    )
    found = decide(replace(case, context=told), prediction, calibration=calibration, model=model)
    assert [line.topic for line in found.recommendations] == [
        "Necrotising infection of skin or soft tissue",
        "Eczema herpeticum",
    ]
    assert all(line.urgent and line.kind == "red_flag" for line in found.recommendations)
    assert found.recommendations[0].text.startswith("Now: ")
    assert found.recommendations[1].applies_because == "punched-out erosions; clustered blisters"
    gap = next(gap.reason for gap in found.not_covered if gap.field == "recommendations")
    assert (
        "Withheld until the red flags are excluded: Necrotising infection of skin or soft tissue; Eczema herpeticum."
        in gap
    )


def test_only_mycosis_fungoides_lets_guidance_stand(
    case: Case, prediction: Prediction, calibration: Calibration, model: ModelInfo
) -> None:
    assert [flag.code for flag in RED_FLAGS if not flag.stops] == ["mycosis_fungoides"]
    told = PatientContext(**LASTING, confirmed_diagnosis="atopic_dermatitis", sex="male", site="back")
    found = decide(replace(case, context=told), prediction, calibration=calibration, model=model)
    kinds = [line.kind for line in found.recommendations]
    assert kinds[0] == "red_flag"
    assert "topical" in kinds


def test_every_flag_says_when_what_and_who() -> None:
    urgencies = ["now", "same day", "within 2 weeks", "soon"]
    assert [urgencies.index(flag.urgency) for flag in RED_FLAGS] == sorted(
        urgencies.index(flag.urgency) for flag in RED_FLAGS
    )
    for flag in RED_FLAGS:
        assert flag.action.endswith(".")
        assert flag.strength
        assert flag.source.year
        assert flag.signs_from.year


def test_words_are_those_of_the_context() -> None:
    told = {
        word
        for cases in CASES.values()
        for pair in cases
        for context, _ in pair
        for word in context.get("warning_signs", ())
    }
    assert told <= set(WARNING_SIGNS)
    assert {"fever", "chills", "pain", "burning", "increasing_size", "bleeding"} <= set(SYMPTOMS)


def test_findings_that_are_asked_for_exist() -> None:
    from flexura.decision.findings.look import FINDINGS

    codes = {row.code for row in FINDINGS}
    assert {"red", "swollen", "oozing", "uneven_colour", "blisters"} <= codes
