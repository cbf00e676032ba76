"""The tables against each other, the taxonomy, the features, and docs/findings.md."""

import math
import re
from pathlib import Path

import pytest

from flexura.decision.findings import sources
from flexura.decision.findings.evidence import (
    EVIDENCE,
    Statement,
    no,
    source_against,
    source_for,
    spoken_against,
    spoken_for,
    yes,
)
from flexura.decision.findings.look import FINDINGS
from flexura.decision.findings.readings import Affected, Graded, Measured, Row
from flexura.decision.findings.settling import SETTLING, would_settle
from flexura.decision.findings.shown import SHOWN
from flexura.decision.findings.unsaid import UNSAID, why_unsaid
from flexura.decision.taxonomy import ECZEMA_GROUP, TAXONOMY
from flexura.features import FEATURE_NAMES, FEATURE_UNITS
from flexura.records import SIGN_NAMES, SettlingStep

PAGE = (Path(__file__).parents[3] / "docs" / "findings.md").read_text(encoding="utf-8")
CODES = {label.code for label in TAXONOMY}
ROWS = {row.code: row for row in FINDINGS}
# Collections, which no finding could describe.
UNDESCRIBED = {"other_infection", "other_inflammatory"}
MIMICS = {
    "psoriasis", "tinea", "scabies", "lichen_planus", "pityriasis_rosea", "urticaria", "impetigo", "rosacea", "acne",
    "vitiligo", "ichthyosis", "xerosis", "mycosis_fungoides",
}  # fmt: skip


def can_be(row: Row, *, present: bool) -> bool:
    """Whether a finding can ever be told so: absence never where its only limit for that is infinite."""
    return present or not all(
        isinstance(reading, Measured) and math.isinf(reading.absent_from) for reading in row.readings
    )


def test_codes_are_unique_and_words_differ() -> None:
    assert len(ROWS) == len(FINDINGS)
    assert all(re.fullmatch("[a-z][a-z0-9_]*", code) for code in ROWS)
    words = [words for row in FINDINGS for words in (row.present, row.absent)]
    assert len(set(words)) == len(words)


def test_every_row_has_a_source() -> None:
    known = {value for name, value in vars(sources).items() if name.isupper()}
    assert all(row.source for row in FINDINGS)
    assert {row.source for row in EVIDENCE} | {row.source for row in SETTLING} <= known
    assert all(re.search(r"(19|20)\d\d", source) for source in known), "each with its year"
    used = "".join(row.source for row in (*FINDINGS, *EVIDENCE, *SETTLING))
    assert [source for source in known if source not in used] == []


def test_features_and_signs_exist_with_their_units_and_none_is_an_absolute_colour() -> None:
    units = dict(zip(FEATURE_NAMES, FEATURE_UNITS, strict=True))
    for row in SHOWN:
        for reading in row.readings:
            match reading:
                case Measured():
                    assert units[reading.feature] == reading.unit
                    assert not re.match("skin_|lesion_(lightness|a|b|hue|saturation|value|.*_index)$", reading.feature)
                case Graded():
                    assert reading.sign in SIGN_NAMES
                    assert 1 <= reading.least <= 3
                case _:
                    assert isinstance(reading, Affected)


def test_diagnoses_exist_and_the_described_ones_are_those_promised() -> None:
    described = {row.diagnosis for row in EVIDENCE}
    eczemas = {label.code for label in TAXONOMY if label.group == ECZEMA_GROUP}
    assert described == CODES - UNDESCRIBED
    assert described >= eczemas | MIMICS


def test_each_of_the_35_has_something_for_against_and_to_settle_it_or_a_reason_why_not() -> None:
    told = {
        "for": {row.diagnosis for row in EVIDENCE if row.supports},
        "against": {row.diagnosis for row in EVIDENCE if row.opposes},
        "would settle it": {row.diagnosis for row in SETTLING if row.steps},
    }
    unsaid = {(row.diagnosis, part) for row in UNSAID for part in row.parts}
    assert len(CODES) == 35
    assert unsaid == {(code, part) for part, codes in told.items() for code in CODES - codes}
    assert all(row.why.endswith(".") for row in UNSAID)
    # Written down apart: the only ones that may lack anything, and never what would settle it.
    assert unsaid == {
        *(("other_infection", part) for part in ("for", "against")),
        *(("other_inflammatory", part) for part in ("for", "against")),
        ("growth", "against"),
    }
    assert why_unsaid("growth", "for") is None
    assert "melanoma" in (why_unsaid("growth", "against") or "")


# What a dermatologist would object to, each by the reason.
@pytest.mark.parametrize(
    ("finding", "present", "diagnosis"),
    [
        ("steroid_helped", True, "tinea"),  # tinea incognito
        ("red", False, "cellulitis"),  # redness is hard to see on dark skin
        ("red", False, "rosacea"),
        ("changing", False, "growth"),  # nobody may have watched it
        ("uneven_colour", False, "growth"),  # amelanotic melanoma
    ],
)
def test_what_must_not_reassure(finding: str, present: bool, diagnosis: str) -> None:
    assert diagnosis not in spoken_against(finding, present=present)


def test_every_statement_names_a_finding_that_can_be_told_so() -> None:
    for row in EVIDENCE:
        assert row.supports
        for code, present in row.supports + row.opposes:
            assert can_be(ROWS[code], present=present), (row.diagnosis, code, present)


def test_every_finding_speaks_to_some_diagnosis() -> None:
    spoken = {code for row in EVIDENCE for code, _ in row.supports + row.opposes}
    assert spoken == set(ROWS)


@pytest.mark.parametrize("diagnosis", sorted(CODES - UNDESCRIBED))
def test_a_finding_never_speaks_both_for_and_against_the_same_diagnosis(diagnosis: str) -> None:
    rows = [row for row in EVIDENCE if row.diagnosis == diagnosis]
    supports: set[Statement] = {statement for row in rows for statement in row.supports}
    opposes: set[Statement] = {statement for row in rows for statement in row.opposes}
    assert not supports & opposes
    # Nor may presence and absence speak for the same thing.
    for side in (supports, opposes):
        assert len({code for code, _ in side}) == len(side)


# Written down apart from the source: what a reader of the publications expects first.
@pytest.mark.parametrize(
    ("finding", "present", "supported", "opposed"),
    [
        ("itch", False, set(), {"atopic_dermatitis", "scabies", "urticaria", "lichen_planus", "prurigo"}),
        ("flexures", True, {"atopic_dermatitis"}, {"ichthyosis"}),
        ("sharp_border", True, {"psoriasis", "nummular_eczema", "tinea", "vitiligo"}, set()),
        ("scaly", False, set(), {"psoriasis", "tinea", "ichthyosis", "seborrhoeic_dermatitis"}),
        ("blisters", True, {"dyshidrotic_eczema", "herpes", "impetigo"}, set()),
        ("paler", True, {"vitiligo"}, set()),
        ("both_sides", False, {"cellulitis", "herpes"}, {"erythema_multiforme"}),
        ("steroid_helped", False, {"tinea"}, set()),
    ],
)
def test_well_known_signs(finding: str, present: bool, supported: set[str], opposed: set[str]) -> None:
    assert supported <= set(spoken_for(finding, present=present))
    assert opposed <= set(spoken_against(finding, present=present))


def test_every_statement_has_a_source_of_its_own_diagnosis() -> None:
    for row in EVIDENCE:
        publications = {other.source for other in EVIDENCE if other.diagnosis == row.diagnosis}
        assert {source_for(row.diagnosis, said) for said in row.supports} <= publications
        assert {source_against(row.diagnosis, said) for said in row.opposes} <= publications
    assert source_for("contact_dermatitis", ("itch", True)) == "Thyssen 2022 (ESCD guideline), doi 10.1111/cod.14035"


def test_statements() -> None:
    assert yes("a", "b") + no("c") == (("a", True), ("b", True), ("c", False))


def test_what_would_settle_it() -> None:
    assert len({(row.diagnosis, row.source) for row in SETTLING}) == len(SETTLING)
    bad = "Johnston 2017 (BAD guideline), Br J Dermatol 176:317-329"
    assert would_settle("contact_dermatitis") == (
        SettlingStep("Patch test", bad),
        SettlingStep("History of contact with irritants and allergens, at work and at home", bad),
    )
    assert [step.source for step in would_settle("healthy_skin")] == [
        "Millington 2018 (BAD guideline), doi 10.1111/bjd.16117"
    ]
    # Of several publications, in the order of the table.
    assert tuple(step.text for step in would_settle("scabies")) == (
        "Dermoscopy, or microscopy of scrapings, for mites, eggs or faeces",
        "Ask about contacts who itch",
        "Review 2 weeks after the end of treatment",
    )


def page_rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_page_shows_every_finding() -> None:
    assert page_rows("Findings") == [
        [f"`{row.code}`", row.present, row.absent, "; ".join(r.limits for r in row.readings), row.source]
        for row in FINDINGS
    ]


def test_the_page_shows_all_evidence() -> None:
    def words(statements: tuple[Statement, ...]) -> str:
        return ", ".join(code if present else f"no {code}" for code, present in statements) or "–"

    assert page_rows("For and against") == [
        [f"`{row.diagnosis}`", words(row.supports), words(row.opposes), row.source] for row in EVIDENCE
    ]


def test_the_page_shows_what_would_settle_each() -> None:
    assert page_rows("What would settle it") == [
        [f"`{row.diagnosis}`", "; ".join(row.steps), row.source] for row in SETTLING
    ]


def test_the_page_shows_what_is_left_out() -> None:
    assert page_rows("What the tables leave out") == [
        [f"`{row.diagnosis}`", ", ".join(row.parts), row.why] for row in UNSAID
    ]
