"""Affected body surface against an independent reading of the charts; body maps in use that do not add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.decision.scores import SURFACES, body_surface, handprints
from flexura.decision.scores.surface import BODY_PARTS, part_percents, surface_percents
from flexura.errors import ScoreError

# Lund & Browder 1944: one side, front or back, as the chart prints it: half of head, of one thigh, of one leg.
HALVES = {
    0: (9.5, 2.75, 2.5),
    1: (8.5, 3.25, 2.5),
    5: (6.5, 4, 2.75),
    10: (5.5, 4.25, 3),
    15: (4.5, 4.5, 3.25),
    30: (3.5, 4.75, 3.5),
}
CLEAR = dict.fromkeys(SURFACES, 0)


@pytest.mark.parametrize("age", HALVES)
def test_the_charts_halves(age):
    parts = part_percents(age)
    head, thigh, leg = HALVES[age]
    assert (float(parts["head"]), float(parts["thighs"]), float(parts["lower_legs"])) == (2 * head, 4 * thigh, 4 * leg)


@pytest.mark.parametrize(
    ("age", "first"), [(0.99, 0), (1, 1), (4.99, 1), (5, 5), (9.99, 5), (14.99, 10), (15.99, 15), (16, 30)]
)
def test_columns_change_with_the_birthday(age, first):
    assert part_percents(age) == part_percents(first)


@given(st.floats(0, 120))
def test_shares_add_up_to_the_whole_body_at_every_age(age):
    # A body map in use adds up to 103 % for a child.
    assert sum(part_percents(age).values()) == 100
    assert sum(surface_percents(age).values()) == 100


def test_the_rule_of_nines_is_for_adults():
    nines = surface_percents(30, "rule_of_nines")
    assert nines == {"head_neck": 9, "arms": 18, "front_trunk": 18, "back_trunk": 18, "genitals": 1, "legs": 36}
    assert sum(nines.values()) == 100
    assert surface_percents(10, "rule_of_nines") == nines
    with pytest.raises(ScoreError, match="age_years is under 10"):
        surface_percents(9.99, "rule_of_nines")


def test_every_part_lies_on_a_surface():
    assert {part.surface for part in BODY_PARTS} == set(SURFACES)


@pytest.mark.parametrize(
    ("affected", "age", "chart", "value", "band"),
    [
        ({}, 30, "lund_browder", "0", "clear"),
        ({"genitals": 10}, 30, "rule_of_nines", "0.1", "mild"),
        ({"head_neck": 50}, 0, "lund_browder", "10.5", None),
        ({"head_neck": 50}, 30, "lund_browder", "4.5", "mild"),
        ({"legs": 50}, 30, "rule_of_nines", "18", "moderate"),
        (dict.fromkeys(SURFACES, 100), 30, "lund_browder", "100", "severe"),
        (dict.fromkeys(SURFACES, 100), 2, "lund_browder", "100", None),
    ],
)
def test_vectors(affected, age, chart, value, band):
    result = body_surface({**CLEAR, **affected}, age, chart=chart)
    assert (result.value, result.band) == (Decimal(value), band)


def test_bands_were_fitted_on_adolescents_and_adults():
    assert body_surface({**CLEAR, "legs": 50}, 12.99).band is None
    assert body_surface({**CLEAR, "legs": 50}, 13).band == "moderate"


def test_what_is_left_out_is_unknown():
    result = body_surface({"arms": 10, "legs": None}, None)
    missing = ("head_neck", "front_trunk", "back_trunk", "genitals", "legs", "age_years")
    assert (result.value, result.unknown) == (None, missing)


@pytest.mark.parametrize(
    ("affected", "age", "named"), [({"arms": 101}, 30, "arms"), ({"back": 1}, 30, "'back'"), ({}, 121, "age_years")]
)
def test_out_of_range_is_refused(affected, age, named):
    with pytest.raises(ScoreError, match=named):
        body_surface({**CLEAR, **affected}, age)


@pytest.mark.parametrize(
    ("count", "band"), [(0, "clear"), (0.5, "mild"), (15.9, "mild"), (16, "moderate"), (40, "severe")]
)
def test_handprints_are_percent(count, band):
    assert (float(handprints(count).value), handprints(count).band) == (count, band)


def test_handprints_of_a_child_have_no_band():
    assert (handprints(20, 12.99).value, handprints(20, 12.99).band) == (20, None)
    assert handprints(20, 13).band == "moderate"
    with pytest.raises(ScoreError, match="age_years"):
        handprints(20, 121)


def test_handprints_unknown_or_impossible():
    assert handprints(None).unknown == ("handprints",)
    with pytest.raises(ScoreError, match="handprints"):
        handprints(101)


@given(
    st.fixed_dictionaries(dict.fromkeys(SURFACES, st.integers(0, 100))), st.integers(0, 120), st.sampled_from(SURFACES)
)
def test_stays_in_range_and_never_falls_when_a_surface_gets_worse(affected, age, surface):
    worse = {**affected, surface: min(affected[surface] + 1, 100)}
    assert 0 <= body_surface(affected, age).value <= body_surface(worse, age).value <= 100
