"""Questionnaires and the itch rating against an independent table of their sizes and published bands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.clinical.schema import HIGHEST_POEM_ITEM
from flexura.clinical.symptoms import ITCH_BANDS, POEM_QUESTIONS, poem_band
from flexura.clinical.symptoms import POEM_BANDS as CLINICAL_POEM_BANDS
from flexura.decision.bands import ITCH_NRS_BANDS, POEM_BANDS
from flexura.decision.scores import QUESTIONNAIRES, itch_nrs, questionnaire_score
from flexura.errors import ScoreError

# Name, items, points of an item, highest total.
SIZES = [("poem", 7, 4, 28), ("dlqi", 10, 3, 30), ("cdlqi", 10, 3, 30), ("adct", 6, 4, 24)]
# First and last total of each band as printed (Charman 2013, Hongbo 2005, Waters 2010, Pariser 2020).
PRINTED = [
    ("poem", "clear or almost clear", 0, 2),
    ("poem", "mild", 3, 7),
    ("poem", "moderate", 8, 16),
    ("poem", "severe", 17, 24),
    ("poem", "very severe", 25, 28),
    ("dlqi", "no effect", 0, 1),
    ("dlqi", "small effect", 2, 5),
    ("dlqi", "moderate effect", 6, 10),
    ("dlqi", "very large effect", 11, 20),
    ("dlqi", "extremely large effect", 21, 30),
    ("cdlqi", "no effect", 0, 1),
    ("cdlqi", "small effect", 2, 6),
    ("cdlqi", "moderate effect", 7, 12),
    ("cdlqi", "very large effect", 13, 18),
    ("cdlqi", "extremely large effect", 19, 30),
    ("adct", "controlled", 0, 6),
    ("adct", "not controlled", 7, 24),
]


def answers(name, total):
    """Answers that add up to the total, the first items as high as they go."""
    sheet = QUESTIONNAIRES[name]
    points = {}
    for item in sheet.items:
        points[item] = min(total, sheet.highest_item)
        total -= points[item]
    return points


@pytest.mark.parametrize(("name", "items", "highest_item", "highest"), SIZES)
def test_sizes(name, items, highest_item, highest):
    sheet = QUESTIONNAIRES[name]
    assert (len(set(sheet.items)), sheet.highest_item, sheet.highest) == (items, highest_item, highest)
    assert questionnaire_score(name, dict.fromkeys(sheet.items, highest_item)).value == highest


def test_the_table_and_the_sizes_name_the_same_questionnaires():
    assert [name for name, *_ in SIZES] == list(QUESTIONNAIRES)


@pytest.mark.parametrize(("name", "band", "first", "last"), PRINTED)
def test_every_total_has_its_printed_band(name, band, first, last):
    for total in range(first, last + 1):
        result = questionnaire_score(name, answers(name, total))
        assert (result.value, result.band) == (total, band)


def test_a_childs_bands_are_not_an_adults():
    # A calculator in use reads CDLQI by the bands of DLQI: 12 would be very large.
    assert questionnaire_score("dlqi", answers("dlqi", 12)).band == "very large effect"
    assert questionnaire_score("cdlqi", answers("cdlqi", 12)).band == "moderate effect"


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_an_unanswered_item_leaves_the_score_unknown(name):
    items = QUESTIONNAIRES[name].items
    given_ = {**answers(name, 5), items[-1]: None}
    del given_[items[0]]
    result = questionnaire_score(name, given_)
    assert (result.value, result.band, result.unknown) == (None, None, (items[0], items[-1]))


@pytest.mark.parametrize("name", QUESTIONNAIRES)
@pytest.mark.parametrize("points", [-1, 5, 1.5, True, float("inf"), "1"])
def test_an_impossible_answer_is_refused_by_its_item(name, points):
    item = QUESTIONNAIRES[name].items[0]
    with pytest.raises(ScoreError, match=item):
        questionnaire_score(name, {item: points})


def test_strangers_are_refused():
    with pytest.raises(ScoreError, match="'skindex'"):
        questionnaire_score("skindex", {})
    with pytest.raises(ScoreError, match="POEM item 'pain'"):
        questionnaire_score("poem", {"pain": 1})


@pytest.mark.parametrize(
    ("itch", "band"),
    [
        (0, "mild"),
        (3, "mild"),
        (3.9, "mild"),
        (4, "moderate"),
        (6, "moderate"),
        (6.9, "moderate"),
        (7, "severe"),
        (10, "severe"),
    ],
)
def test_itch_rating(itch, band):
    assert (float(itch_nrs(itch).value), itch_nrs(itch).band) == (itch, band)


def test_itch_rating_unknown_or_impossible():
    assert itch_nrs(None).unknown == ("itch",)
    with pytest.raises(ScoreError, match="itch is out of range"):
        itch_nrs(11)


def test_the_context_reads_the_same_bands():
    # The rooms are strangers to each other, so the bands stand in both; they must not drift apart.
    words = {"clear_or_almost_clear": "clear or almost clear", "very_severe": "very severe"}
    assert [(words.get(band, band), last) for band, last in CLINICAL_POEM_BANDS] == [
        (band, int(last)) for band, last in POEM_BANDS.upper_bounds
    ]
    assert QUESTIONNAIRES["poem"].items == POEM_QUESTIONS
    assert QUESTIONNAIRES["poem"].highest_item == HIGHEST_POEM_ITEM
    assert poem_band(28) == "very_severe"
    assert [float(last) + 0.1 for _, last in ITCH_NRS_BANDS.upper_bounds[:2]] == pytest.approx(
        [below for _, below in ITCH_BANDS]
    )


@given(st.sampled_from(sorted(QUESTIONNAIRES)), st.data())
def test_the_score_is_the_plain_sum_and_bands_never_fall(name, data):
    sheet = QUESTIONNAIRES[name]
    points = data.draw(
        st.lists(st.integers(0, sheet.highest_item), min_size=len(sheet.items), max_size=len(sheet.items))
    )
    place = data.draw(st.integers(0, len(points) - 1))
    worse = [min(point + (index == place), sheet.highest_item) for index, point in enumerate(points)]
    low, high = (questionnaire_score(name, dict(zip(sheet.items, one, strict=True))) for one in (points, worse))
    names = [band for band, _ in sheet.scheme.upper_bounds]
    assert 0 <= low.value == sum(points) <= high.value <= sheet.highest
    assert names.index(low.band) <= names.index(high.band)
