"""docs/context.md says what the schema says, and its example reads back in full."""

import json
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from flexura.clinical.context import read_context
from flexura.clinical.schema import FIELDS, ContextField
from flexura.clinical.sites import SITES
from flexura.records import ItchScore, PatientContext, TriedTreatment

PAGE = (Path(__file__).parents[2] / "docs" / "context.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`"): cells
    for line in PAGE.partition("## Fields\n")[2].partition("\nSites:")[0].splitlines()
    if (cells := [cell.strip() for cell in line.strip("|").split("|")])[0].startswith("`")
}
NOT_KEPT = {"birth_date", "captured_at", "time_zone"}


def _example() -> dict[str, object]:
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_the_page_lists_every_field_and_no_other() -> None:
    assert list(ROWS) == list(FIELDS)


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
def test_a_row_gives_the_unit_range_and_words(field: ContextField) -> None:
    _, _, unit, takes, meaning = ROWS[field.name]
    assert unit == (field.unit or "–")
    assert meaning == field.meaning
    if field.high:
        assert takes == f"{field.low:g} to {field.high:g}"
    if field.words and field.words != tuple(SITES):
        assert [f"`{word}`" in takes for word in field.words] == [True] * len(field.words)


def test_the_page_lists_every_site() -> None:
    line = PAGE.partition("\nSites: ")[2].partition("\n")[0]
    assert re.findall(r"`(\w+)`", line) == list(SITES)


def test_every_field_of_a_context_is_read_from_the_field_of_its_name() -> None:
    kept = {field.name for field in fields(PatientContext)} - {"captured_on"}
    assert kept == FIELDS.keys() - NOT_KEPT


def test_the_example_is_complete_and_reads_back() -> None:
    example = _example()
    assert example.keys() == FIELDS.keys()
    assert read_context(example) == PatientContext(
        age_years=6.5,
        age_months=78,
        captured_on=date(2024, 9, 14),
        sex="female",
        skin_type=4,
        monk_tone=5,
        itch=7.0,
        sleep_loss=4.0,
        poem=17,
        poem_items=(4, 3, 1, 1, 2, 2, 4),
        symptoms=("bleeding", "pain"),
        textures=("raised_or_bumpy", "rough_or_flaky"),
        site="left_antecubital_fossa",
        sites=("left_antecubital_fossa", "right_antecubital_fossa", "neck"),
        duration_days=16.0,
        onset_date=date(2019, 3, 1),
        course="relapsing",
        flares=(date(2024, 1, 10), date(2024, 5, 2), date(2024, 8, 29)),
        itch_history=(
            ItchScore(date(2024, 8, 29), 3.0),
            ItchScore(date(2024, 9, 5), 5.0),
            ItchScore(date(2024, 9, 12), 7.0),
        ),
        triggers=("sweat", "wool_or_synthetic_clothing"),
        atopy_self=("allergic_rhinitis",),
        atopy_family=("atopic_dermatitis", "asthma"),
        treatments=(
            TriedTreatment("emollient", "unchanged"),
            TriedTreatment("topical_corticosteroid_mild", "improved"),
            TriedTreatment("antihistamine"),
        ),
        confirmed_diagnosis="atopic_dermatitis",
        warning_signs=("rapidly_worsening",),
        body_surface_percent=6.0,
        pregnancy="not_pregnant",
        conditions=(),
        onset_age_years=1.0,
        features_found=("dry_skin_last_year", "flexural_history"),
        features_not_found=("cheilitis",),
        excluded_diagnoses=("scabies",),
        season="autumn",
        latitude_band="north_temperate",
        humidity_percent=38.0,
        pollen="low",
        occupational_exposures=(),
    )
