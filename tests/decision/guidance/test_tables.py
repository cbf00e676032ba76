"""The tables are complete in themselves, and docs/guidance.md shows them as they are."""

import re
import runpy
from pathlib import Path

import pytest

from flexura.clinical import vocabulary
from flexura.decision.guidance import guidelines, quantities
from flexura.decision.guidance.exclusions import EXCLUSIONS
from flexura.decision.guidance.guidelines import Guideline
from flexura.decision.guidance.option import Option
from flexura.decision.guidance.situation import FACTS, SITE_GROUPS
from flexura.decision.guidance.suggest import OPTIONS
from flexura.decision.guidance.withheld import WITHHELD
from flexura.decision.red_flags.table import RED_FLAGS
from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY
from flexura.report.advice import CHAPTERS

REPOSITORY = Path(__file__).parents[3]
PAGE = (REPOSITORY / "docs" / "guidance.md").read_text(encoding="utf-8")
SOURCES = [value for value in vars(guidelines).values() if isinstance(value, Guideline)]
# Treatments that no exclusion names; the others are named by one.
HARMLESS = {"emollient", "tcs", "tcs_mild", "tcs_moderate", "bleach_bath"}


def page_rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line[2:-2].split(" | ")] for line in lines]


def cited(source: Guideline) -> str:
    doi = source.url.partition("https://doi.org/")[2]
    return f"{source.name} ({source.year})" + (f", doi {doi}" if doi else "")


# Publications without a DOI, by what names them instead: the body's own number, or an address alone.
BY_NUMBER = re.compile(r"NICE (CG|NG|TA)\d+,|SIGN \d+,")
BY_ADDRESS = {
    "RESUS_2021",
    "EMA_JAK",
    "US_LABELS",
    "BNF",
    "TOCTINO",
    "ANZUPGO",
    "BAD_UVB",
    "MHRA_2018",
    "CUELLAR_2018",
    "ZHANG_2017",
}


def test_every_source_has_a_doi_a_number_or_is_a_known_address() -> None:
    found = {name for name, value in vars(guidelines).items() if isinstance(value, Guideline)}
    named = {name for name in found if BY_NUMBER.match(getattr(guidelines, name).name)}
    with_doi = {name for name in found if re.search(r", doi 10\.\d{4}", getattr(guidelines, name).cited)}
    assert found - named - with_doi == BY_ADDRESS


def test_every_row_has_text_strength_and_a_source_with_its_year() -> None:
    for row in OPTIONS:
        assert re.fullmatch("[a-z][a-z0-9_]*", row.code)
        assert row.text.endswith(".")
        assert row.topic
        assert row.strength
        assert row.source in SOURCES
    assert {need for row in OPTIONS for need in row.where.needs} == FACTS.keys()
    assert {fact for row in OPTIONS for fact in row.where.unless} <= FACTS.keys()


def test_every_source_has_version_year_and_address_and_is_cited() -> None:
    used = {row.source for row in OPTIONS} | {row.source for row in EXCLUSIONS}
    used |= {flag.source for flag in RED_FLAGS} | {flag.signs_from for flag in RED_FLAGS}
    used |= {guidelines.BNF, guidelines.LONG_1991, guidelines.LONG_1998}
    assert {source.name for source in SOURCES} == {source.name for source in used}
    for source in SOURCES:
        assert 1990 <= source.year <= 2026
        assert source.version
        assert source.url.startswith("https://")


def test_every_treatment_that_is_offered_can_be_excluded_or_is_harmless() -> None:
    named = {treatment for row in EXCLUSIONS for treatment in row.treatments}
    offered = {offer for row in OPTIONS for offer in row.offers}
    assert offered - HARMLESS == named


def test_sites_and_diagnoses_are_those_of_the_other_rooms() -> None:
    assert set(vocabulary.ECZEMAS) == {label.code for label in TAXONOMY if label.group == ECZEMA_GROUP}
    from flexura.clinical.sites import SITES

    assert SITE_GROUPS.keys() | quantities.SITE_PARTS.keys() <= SITES.keys()


def test_the_page_is_as_its_script_writes_it() -> None:
    written = runpy.run_path(str(REPOSITORY / "scripts" / "render_guidance"))["written"]
    assert written(PAGE) == PAGE, "run .venv/bin/python scripts/render_guidance"


def test_the_page_shows_every_red_flag() -> None:
    assert page_rows("Red flags") == [
        [
            flag.name,
            "; **or** ".join(trigger.limits for trigger in flag.triggers),
            flag.urgency,
            flag.action,
            flag.strength,
            cited(flag.source),
            cited(flag.signs_from),
        ]
        for flag in RED_FLAGS
    ]


@pytest.mark.parametrize("kind", CHAPTERS)
def test_the_page_shows_every_option(kind: str) -> None:
    def shown(row: Option) -> list[str]:
        return [f"`{row.code}`", row.topic, row.where.words, row.text, row.strength, cited(row.source)]

    assert page_rows(CHAPTERS[kind]) == [shown(row) for row in OPTIONS if row.kind == kind]


def test_the_page_shows_facts_exclusions_and_what_withholds() -> None:
    assert page_rows("What is read from the context") == [[fact.words, fact.limits] for fact in FACTS.values()]
    assert page_rows("What is left out, whatever a table says") == [
        [", ".join(row.treatments), row.words, cited(row.source)] for row in EXCLUSIONS
    ]
    for row in WITHHELD:
        assert f"- {row.message}\n" in PAGE


def test_the_page_shows_the_quantities_and_the_sources() -> None:
    assert page_rows("Fingertip units") == [
        [row.words, *(f"{units:f}" for units in row.units)] for row in quantities.AGE_ROWS
    ]
    assert page_rows("Amounts for adults") == [list(row) for row in quantities.ADULT_GRAMS]
    assert page_rows("Sources") == [[row.name, row.version, str(row.year), row.url] for row in SOURCES]
