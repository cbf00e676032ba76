"""Sites on the body: every site has its parts, sides count, and shares add up at every age."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.clinical.sites import SITES
from flexura.decision.scores.surface import BODY_PARTS
from flexura.decision.whole.body import PAIRED, REGION_OF, map_body, parts_of_site, regions_by_state
from flexura.records import PatientContext


def states(photos, **context):
    return {part.name: part.state for part in map_body(photos, PatientContext(**context), 30)}


@pytest.mark.parametrize("site", SITES)
def test_every_site_lies_in_its_region(site):
    regions = {REGION_OF[part.removeprefix("left_").removeprefix("right_")] for part in parts_of_site(site)}
    assert regions == ({SITES[site].region} if SITES[site].region else set())


@pytest.mark.parametrize("site", [None, "nail", "whole_body", "left_nail"])
def test_some_sites_name_no_part(site):
    assert parts_of_site(site) == ()


def test_sides():
    assert parts_of_site("left_palm") == ("left_hands",)
    assert parts_of_site("palm") == ("left_hands", "right_hands")
    assert parts_of_site("right_knee") == ("right_thighs", "right_lower_legs")
    # The face has two sides, the head is one part.
    assert parts_of_site("left_face") == ("head",)


def test_parts_are_those_of_the_chart():
    assert {part.name for part in BODY_PARTS} == set(REGION_OF)
    assert set(REGION_OF) >= PAIRED
    assert len(map_body([], PatientContext(), 30)) == len(REGION_OF) + len(PAIRED) == 19


@given(st.floats(0, 120), st.lists(st.sampled_from(sorted(SITES)), max_size=5))
def test_shares_add_up_to_the_whole_body(age, sites):
    assert sum(part.share for part in map_body(sites, PatientContext(), age)) == pytest.approx(1)


def test_what_is_seen_clear_affected_and_unknown():
    assert set(states([]).values()) == {"unknown"}
    told = states(["left_forearm"], sites=("left_forearm", "right_forearm", "chest"))
    assert told.pop("left_forearms") == "seen"
    assert (told.pop("right_forearms"), told.pop("front_trunk")) == ("affected", "affected")
    assert set(told.values()) == {"clear"}
    assert set(states([], sites=()).values()) == {"clear"}
    assert set(states([], sites=("whole_body",)).values()) == {"affected"}


def test_a_part_knows_its_photos():
    parts = {part.name: part for part in map_body(["left_elbow", None, "left_forearm"], PatientContext(), 30)}
    assert parts["left_forearms"].photos == (0, 2)
    assert parts["left_upper_arms"].photos == (0,)


def test_regions():
    parts = map_body(["face"], PatientContext(sites=("face", "back")), 30)
    assert regions_by_state(parts) == {
        "seen": ["head_neck"],
        "clear": ["upper_limbs", "lower_limbs"],
        "not_seen": ["trunk"],
    }
