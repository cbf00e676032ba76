"""The table of body sites against one that was typed for the test, region by region."""

import pytest

from flexura.clinical.sites import SITES, ZONES, Site, strip_laterality

# Hanifin et al. 2001: axillae and groin belong to the trunk, buttocks to the lower limbs.
REGIONS = {
    "head_neck": "scalp face eyelid lip ear neck",
    "upper_limbs": "shoulder upper_arm elbow antecubital_fossa forearm wrist hand_back palm finger",
    "trunk": "chest abdomen back axilla groin genitals",
    "lower_limbs": "buttocks thigh knee popliteal_fossa lower_leg ankle foot_back sole",
    None: "nail whole_body",
}
ZONE_OF = {"hand_back": "hand", "palm": "hand", "finger": "hand", "ankle": "foot", "foot_back": "foot", "sole": "foot"}
ZONE_OF_REGION = {"head_neck": "head_neck", "upper_limbs": "arm", "trunk": "trunk", "lower_limbs": "leg", None: None}


def test_every_site_lies_in_its_region_and_no_other_site_exists() -> None:
    expected = {name: region for region, names in REGIONS.items() for name in names.split()}
    assert {name: site.region for name, site in SITES.items()} == expected


@pytest.mark.parametrize("name", SITES)
def test_hands_and_feet_are_zones_of_their_own(name: str) -> None:
    site: Site = SITES[name]
    assert site.zone == ZONE_OF.get(name, ZONE_OF_REGION[site.region])


def test_zones_are_those_of_the_sites_in_the_order_of_the_features() -> None:
    assert ZONES == ("head_neck", "arm", "hand", "trunk", "leg", "foot")
    assert {site.zone for site in SITES.values()} == {*ZONES, None}


@pytest.mark.parametrize("name", SITES)
def test_laterality_is_stripped_from_every_site(name: str) -> None:
    assert strip_laterality(f"left_{name}") == strip_laterality(f"right_{name}") == strip_laterality(name) == name


@pytest.mark.parametrize("name", ["left_right_palm", "right_right_palm", "left", "left_", "leftpalm"])
def test_only_one_side_makes_a_site(name: str) -> None:
    assert strip_laterality(name) not in SITES
