"""Every finding of the context: present, absent, and unknown from an empty context."""

from datetime import date
from typing import Any

import pytest

from flexura.clinical.schema import FIELDS
from flexura.clinical.sites import SITES
from flexura.clinical.vocabulary import COURSES, SYMPTOMS, TEXTURES, TREATMENTS, TRIGGERS, WARNING_SIGNS
from flexura.decision.findings.readings import Row, Seen
from flexura.decision.findings.told import TOLD
from flexura.records import Area, PatientContext, TriedTreatment

NOBODY_LOOKED = Area(None, None, 1.0, None)
AT_SIX = {"age_years": 6.0, "captured_on": date(2024, 9, 1)}


def tried(treatment: str, *responses: str | None) -> dict[str, Any]:
    return {"treatments": tuple(TriedTreatment(treatment, response) for response in responses)}


def sites(*names: str) -> dict[str, Any]:
    return {"sites": names}


ELSEWHERE = sites("left_shoulder")
# Finding -> a context in which it is present, and one in which it is absent. Written down apart from the source.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "itch": ({"itch": 1.0}, {"itch": 0.0}),
    "severe_itch": ({"itch": 7.0}, {"itch": 3.0}),
    "pain": ({"symptoms": ("burning",)}, {"symptoms": ("fatigue",)}),
    "fever": ({"symptoms": ("chills",)}, {"symptoms": ()}),
    "joint_pain": ({"symptoms": ("joint_pain",)}, {"symptoms": ("pain",)}),
    "mouth_sores": ({"symptoms": ("mouth_sores",)}, {"symptoms": ()}),
    "changing": ({"symptoms": ("darkening",)}, {"symptoms": ("bleeding",)}),
    "blisters": ({"textures": ("fluid_filled",)}, {"textures": ("flat",)}),
    "pustules": ({"warning_signs": ("pustules",)}, {"warning_signs": ()}),
    "raised": ({"textures": ("raised_or_bumpy",)}, {"textures": ("flat",)}),
    "rough": ({"textures": ("rough_or_flaky",)}, {"textures": ()}),
    "flexures": (sites("left_antecubital_fossa"), ELSEWHERE),
    "extensors": (sites("right_knee"), ELSEWHERE),
    "seborrhoeic_sites": (sites("scalp"), ELSEWHERE),
    "scalp": (sites("scalp"), sites("face")),
    "face": (sites("face"), sites("scalp")),
    "folds": (sites("left_axilla"), ELSEWHERE),
    "trunk": (sites("back"), ELSEWHERE),
    "hands_feet": (sites("left_hand_back"), ELSEWHERE),
    "palms_soles": (sites("left_palm"), sites("left_hand_back")),
    "wrists": (sites("left_wrist"), ELSEWHERE),
    "upper_arms_thighs": (sites("left_upper_arm"), ELSEWHERE),
    "lower_legs": (sites("left_lower_leg"), ELSEWHERE),
    "tinea_sites": (sites("left_sole"), ELSEWHERE),
    "scabies_sites": (sites("left_finger"), ELSEWHERE),
    "both_sides": (sites("left_knee", "right_knee", "back"), sites("left_knee", "left_palm")),
    "child": ({"age_years": 11.9}, {"age_years": 12.0}),
    "young": ({"age_years": 35.5}, {"age_years": 9.0}),
    "older": ({"age_years": 60.0}, {"age_years": 59.9}),
    "since_infancy": (AT_SIX | {"onset_date": date(2019, 9, 1)}, AT_SIX | {"onset_date": date(2022, 9, 1)}),
    "adult_onset": (
        {"age_years": 40.0, "captured_on": date(2024, 9, 1), "onset_date": date(2020, 9, 1)},
        AT_SIX | {"onset_date": date(2019, 9, 1)},
    ),
    "comes_back": ({"course": "relapsing"}, {"course": "first_episode"}),
    "six_weeks": ({"duration_days": 42.0}, {"duration_days": 41.0}),
    "atopy_self": ({"atopy_self": ("asthma",)}, {"atopy_self": ()}),
    "atopy_family": ({"atopy_family": ("asthma",)}, {"atopy_family": ()}),
    "contact": ({"triggers": ("soap_or_detergent",)}, {"triggers": ("stress",)}),
    "exposed": ({"occupational_exposures": ("wet_work",)}, {"occupational_exposures": ()}),
    "sunlight": ({"triggers": ("sunlight",)}, {"triggers": ()}),
    "heat": ({"triggers": ("sweat",)}, {"triggers": ()}),
    "steroid_helped": (
        tried("topical_corticosteroid_potent", "improved", None),
        tried("topical_corticosteroid_mild", "worse"),
    ),
    "antifungal_helped": (tried("antifungal", "cleared"), tried("antifungal", "unchanged")),
    "antihistamine_helped": (tried("antihistamine", "improved"), tried("antihistamine", "worse")),
}


def read(row: Row, known: dict[str, Any]) -> bool | None:
    return row.read(Seen({}, {}, NOBODY_LOOKED, PatientContext(**known)))


def test_every_row_has_its_case() -> None:
    assert [row.code for row in TOLD] == list(CASES)


@pytest.mark.parametrize("row", TOLD, ids=lambda row: row.code)
def test_present_absent_and_unknown(row: Row) -> None:
    present, absent = CASES[row.code]
    assert read(row, present) is True
    assert read(row, absent) is False
    assert read(row, {}) is None


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("itch", {"itch": 0.5}),
        ("severe_itch", {"itch": 5.0}),
        ("flexures", {"site": "left_shoulder"}),  # the photographed site does not say what else is affected
        ("flexures", sites("whole_body")),
        ("both_sides", sites("left_knee", "back")),
        ("both_sides", sites("left_knee", "right_palm")),
        ("both_sides", sites()),
        ("since_infancy", {"age_years": 6.0, "onset_date": date(2019, 9, 1)}),
        ("six_weeks", {"duration_days": 41.5}),
        ("steroid_helped", tried("topical_corticosteroid_mild", "improved", "worse")),
        ("steroid_helped", tried("topical_corticosteroid_mild", None)),
        ("steroid_helped", tried("emollient", "improved")),
    ],
)
def test_what_cannot_be_told(code: str, known: dict[str, Any]) -> None:
    assert read(next(row for row in TOLD if row.code == code), known) is None


def test_the_photographed_site_counts_as_affected() -> None:
    flexures = next(row for row in TOLD if row.code == "flexures")
    assert read(flexures, {"site": "right_popliteal_fossa"}) is True
    assert read(flexures, {"site": "neck", "sites": ("face",)}) is True


@pytest.mark.parametrize(("years", "infancy", "adult"), [(1.0, True, False), (5.0, False, False), (18.0, False, True)])
def test_the_age_at_onset_may_be_told_itself(years: float, infancy: bool, adult: bool) -> None:
    rows = {row.code: row for row in TOLD}
    answers = [read(rows[code], {"onset_age_years": years}) for code in ("since_infancy", "adult_onset")]
    assert answers == [infancy, adult]


def test_fields_and_words_are_those_of_the_context() -> None:
    words = {*COURSES, *SYMPTOMS, *TEXTURES, *TREATMENTS, *TRIGGERS, *WARNING_SIGNS, *SITES}
    fields = {*FIELDS, "captured_on"}
    for row in TOLD:
        for reading in row.readings:
            assert set(reading.names) <= fields, row.code
            if " with " in reading.limits:
                assert set(reading.limits.split(" with ")[1].split(" or ")) <= words, row.code
