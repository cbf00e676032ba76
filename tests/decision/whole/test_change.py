"""Change between visits: no direction inside the error, responses only where they are sure."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from flexura.decision.calibration import AreaErrors
from flexura.decision.whole.change import RESPONSES, SMALLEST_DETECTABLE, PoemChange, compare, compare_all, compare_poem
from flexura.decision.whole.draws import SeenPhoto, draw_chance
from flexura.decision.whole.visit import read_visit
from flexura.records import SIGN_NAMES, PatientContext

# No error of the area: what is read is true.
EXACT = AreaErrors((1.0,), ((0.0,),), 0.9)


def seen(site, fraction, *grades):
    """A photo with certain grades of the six signs, in the order of SIGN_NAMES; missing ones are 0."""
    given_ = dict(zip(SIGN_NAMES, (*grades, 0, 0, 0, 0, 0, 0), strict=False))
    signs = {name: tuple(float(step == grade) for step in range(4)) for name, grade in given_.items()}
    return SeenPhoto(site, signs, fraction)


EVERYWHERE = ("face", "neck", "upper_arm", "forearm", "palm", "chest", "back", "genitals", "buttocks", "thigh")
EVERYWHERE += ("lower_leg", "sole")


def visits(*grades, fraction=1.0):
    """One visit per grade of all signs, on the whole body, a month apart."""
    generator = np.random.default_rng(3)
    context = PatientContext(age_years=30.0, sites=())
    return [
        read_visit(
            [seen(site, fraction if grade else 0.0, *([grade] * 6)) for site in EVERYWHERE],
            context,
            day=date(2026, month, 1),
            errors=EXACT,
            chance=draw_chance(generator),
        )
        for month, grade in enumerate(grades, start=1)
    ]


def test_the_smallest_detectable_change():
    # 1.96 x 1.4142 x 4.31
    assert pytest.approx(11.947, abs=0.001) == SMALLEST_DETECTABLE


def test_the_visits_are_what_they_are_meant_to_be():
    assert [visit.easi.value for visit in visits(3, 2, 1, 0)] == pytest.approx([72, 48, 24, 0])


def test_a_large_fall_is_named():
    change = compare(*visits(3, 0))
    assert (change.verdict, change.difference, change.important) == ("fell", pytest.approx(-72), True)
    assert change.interval[0] < -72 < change.interval[1] < 0
    assert change.responses == ((50, True), (75, True), (90, True))


def test_a_large_rise_is_named_and_reaches_no_response():
    change = compare(*visits(1, 3))
    assert (change.verdict, change.difference) == ("rose", pytest.approx(48))
    assert all(reached is False for _, reached in change.responses)


def test_the_same_twice_is_no_change():
    change = compare(*visits(1, 1))
    assert change.verdict == "within_error"
    assert change.interval == pytest.approx((-SMALLEST_DETECTABLE, SMALLEST_DETECTABLE), abs=1)
    assert change.important is None


def test_a_fall_inside_the_error_has_no_direction():
    # Area score 1 on the whole body: 8 points, then 4.
    first, later = visits(2, 1, fraction=0.05)
    assert (first.easi.value, later.easi.value) == (pytest.approx(8), pytest.approx(4))
    change = compare(first, later)
    assert (change.verdict, change.important) == ("within_error", None)
    assert dict(change.responses)[50] is None


def test_bounds_alone_cannot_be_compared():
    known = visits(2)[0]
    bounds = read_visit(
        [seen("back", 0.2, 1)],
        PatientContext(age_years=30.0),
        day=None,
        errors=EXACT,
        chance=draw_chance(np.random.default_rng(0)),
    )
    for pair in ((known, bounds), (bounds, known)):
        change = compare(*pair)
        assert (change.verdict, change.difference, change.interval) == ("unknown", None, None)
        assert change.responses == tuple((share, None) for share in RESPONSES)


@pytest.mark.parametrize(("count", "changes"), [(1, 0), (2, 1), (3, 3), (4, 4)])
def test_each_visit_with_the_next_and_the_first_with_the_last(count, changes):
    all_visits = visits(*([1] * count))
    found = compare_all(all_visits)
    assert len(found) == changes
    if count > 2:
        assert (found[-1].first, found[-1].later) == (all_visits[0].day, all_visits[-1].day)


# Howells 2018: up to 2 within the error, 3 to 3.9 probably, from 4 very likely important.
@pytest.mark.parametrize(
    ("first", "later", "verdict"),
    [
        (10, 10, "within_error"),
        (10, 12, "within_error"),
        (10, 8, "within_error"),
        (10, 13, "probably_important"),
        (10, 7, "probably_important"),
        (10, 14, "very_likely_important"),
        (28, 0, "very_likely_important"),
    ],
)
def test_a_change_of_poem(first, later, verdict):
    assert compare_poem(first, later) == PoemChange(later - first, verdict)


@pytest.mark.parametrize("complete", [True, False])
def test_poem_is_compared_where_it_was_told_twice_whether_easi_is_known_or_not(complete):
    first, later = visits(3, 1) if complete else [replace(visit, draws=None) for visit in visits(3, 1)]
    assert compare(first, replace(later, poem=5)).poem is None
    assert compare(replace(first, poem=17), later).poem is None
    assert compare(replace(first, poem=17), replace(later, poem=5)).poem == PoemChange(-12, "very_likely_important")


def test_a_visit_keeps_the_poem_that_was_told():
    context = PatientContext(age_years=30.0, poem=9)
    chance = draw_chance(np.random.default_rng(3))
    photos = [seen("face", 0.5, 1)]
    assert read_visit(photos, context, day=None, errors=EXACT, chance=chance).poem == 9
    assert read_visit([], context, day=None, errors=EXACT, chance=chance).poem == 9
