"""From the picture to the answer in words; every part that the network can be given has some."""

from dataclasses import replace

from flexura.clinical.context import CONTEXT_COLUMNS
from flexura.records import Assessment, Contribution, Contributions
from flexura.report.contributions import PART_WORDS, contribution_lines, points
from flexura.service.web.texts import TEXTS


def test_the_largest_part_comes_first_and_what_rounds_to_nothing_is_named(assessment: Assessment) -> None:
    parts = (Contribution("itch", 0.04, 0.004), Contribution("site", -0.15, 0.02), Contribution("sex", -0.004, -0.004))
    told = replace(assessment, contributions=Contributions(0.9, 0.57, parts))
    assert contribution_lines(told) == (
        (
            "Eczema, part by part",
            "90 % by the picture alone; site of the photo −15; itch +4; less than half a point by sex; 79 % in all",
        ),
        (
            "First diagnosis, part by part",
            "57 % by the picture alone; site of the photo +2; less than half a point by itch, sex; 58 % in all",
        ),
    )


def test_of_a_picture_alone_there_is_nothing_to_add_up(assessment: Assessment) -> None:
    told = replace(assessment, contributions=Contributions(0.79, 0.58, ()))
    assert contribution_lines(told)[0][1] == "79 % by the picture alone; 79 % in all"
    assert contribution_lines(assessment) == ()


def test_every_part_has_words_on_the_report_and_on_the_pages() -> None:
    parts = {*CONTEXT_COLUMNS, "measurements"}
    assert set(PART_WORDS) == parts
    for words in TEXTS.values():
        assert {name.removeprefix("part_") for name in words if name.startswith("part_")} == parts


def test_points_round_half_to_even_and_keep_their_sign() -> None:
    assert [points(added) for added in (0.015, -0.006, 0.0049, 1.0)] == ["+2", "−1", "", "+100"]
