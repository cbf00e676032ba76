"""How red flags and guidance are grouped for readers."""

from dataclasses import replace

import pytest

from flexura.records import Finding, NotCovered, Recommendation, SettlingStep
from flexura.report.advice import chapters, differ, differing_topics, guidance_gap, red_flags, source_numbers, sources


def line(kind, topic, strength="strong", source="AAD", because="mild"):
    return Recommendation("Text.", strength, because, source, "2023", "https://aad.org", False, kind, topic)


LINES = (
    line("red_flag", "Erythroderma", source="CG153"),
    line("referral", "When to refer"),
    line("topical", "Ruxolitinib cream"),
    line("topical", "Ruxolitinib cream", "conditional, against", source="JTF", because="moderate"),
    line("topical", "Crisaborole ointment"),
)


@pytest.fixture
def answer(assessment):
    return replace(assessment, recommendations=LINES, not_covered=(NotCovered("recommendations", "No doses."),))


def test_red_flags_and_chapters_share_the_lines_out(answer):
    assert [flag.topic for flag in red_flags(answer)] == ["Erythroderma"]
    found = chapters(answer)
    assert [chapter.kind for chapter in found] == ["topical", "referral"]
    assert [topic.name for topic in found[0].topics] == ["Ruxolitinib cream", "Crisaborole ointment"]
    assert sum(len(topic.lines) for chapter in found for topic in chapter.topics) == len(LINES) - 1


def test_differing_guidelines_are_marked_and_not_merged(answer):
    ruxolitinib, crisaborole = chapters(answer)[0].topics
    assert ruxolitinib.differ
    assert len(ruxolitinib.lines) == 2
    assert ruxolitinib.because is None
    assert not crisaborole.differ
    assert crisaborole.because == "mild"


@pytest.mark.parametrize(
    ("strengths", "different"),
    [
        (("strong", "strong, high certainty"), False),
        (("strong", "conditional"), True),
        (("conditional", "conditional, against"), True),
        (("strong", "not recommended"), True),
        (("offer (NICE wording)", "strong"), False),
        (("expert opinion, against", "full consensus"), False),
        (("offer a trial (NICE wording)", "not recommended as a routine"), True),
        (("do not routinely offer (NICE wording)", "conditional, against"), False),
        (("consider (NICE wording)", "conditional"), False),
    ],
)
def test_stances(strengths, different):
    lines = [line("topical", "x", strength, source=f"Source {place}") for place, strength in enumerate(strengths)]
    assert differ(lines) is different


def test_one_publication_does_not_differ_from_itself():
    # Not as the first treatment, but as the second.
    assert not differ([line("topical", "x", "not recommended"), line("topical", "x", "recommended as an option")])


def test_every_source_is_listed_once_in_the_order_of_citation(answer):
    assert [one.name for one in sources(answer)] == ["CG153", "AAD", "JTF"]


def test_one_publication_has_one_number_whatever_it_is_called(answer):
    step = SettlingStep("Patch test", "Thyssen 2022 (ESCD guideline), doi 10.1111/cod.14035")
    said = replace(
        line("topical", "Hands", "first line", source="ESCD, hand eczema"), url="https://doi.org/10.1111/cod.14035"
    )
    why = (Finding("itch", "itches", True, ("itch",), (), ()),)
    first = replace(answer.diagnosis, would_settle_it=(step,))
    both = replace(answer, why=why, diagnosis=first, alternatives=(), recommendations=(said,))
    assert [one.name for one in sources(both)] == [step.source]
    assert source_numbers(both) == {step.source: 1, said.source: 1}


def test_the_gap_is_that_of_the_guidance(answer):
    assert guidance_gap(answer) == "No doses."


def test_topics_of_a_stored_answer_differ_as_those_of_a_new_one():
    said = (
        ("Antiseptics", "AAD", "conditional, against, very low certainty"),
        ("Antiseptics", "JTF", "conditional, low certainty"),
        ("Emollient", "NICE", "offer (NICE wording)"),
        ("Emollient", "NICE", "do not offer (NICE wording)"),  # one publication does not differ from itself
        ("Bathing", "AAD", "conditional, low certainty"),
    )
    lines = [{"topic": topic, "source": source, "strength": strength} for topic, source, strength in said]
    assert differing_topics(lines) == {"Antiseptics"}
    assert differing_topics([]) == frozenset()
