"""The figure names the product's own sites, and all of them but those that no place on a body has."""

import re

from flexura.clinical.sites import SITES
from flexura.service.web.bodymap import VIEWS

# Chosen from the list only: every finger and toe has one, and the body as a whole is no place on it.
NOT_DRAWN = {"nail", "whole_body"}
REGIONS = [(view.name, region) for view in VIEWS for region in view.regions]


def test_every_site_that_has_a_place_is_drawn_and_nothing_else():
    assert {region.site for _, region in REGIONS} == SITES.keys() - NOT_DRAWN


def test_no_view_has_a_region_twice_and_halves_come_in_pairs():
    named = [(view, region.site, region.half) for view, region in REGIONS]
    assert len(set(named)) == len(named)
    for view, site, half in named:
        other = {"left": "right", "right": "left", None: None}[half]
        assert (view, site, other) in named


def test_the_patients_left_is_on_the_viewers_right_in_front_and_on_the_left_from_behind():
    for view, region in REGIONS:
        if region.half is None:
            continue
        x = [float(pair.split()[0]) for pair in re.findall(r"[\d.]+ [\d.]+", region.outline)]
        on_the_right = sum(x) / len(x) > 75
        assert on_the_right, "outlines are of the viewer's right half"
        mirrored = region.transform is not None
        assert mirrored == (region.half == ("left" if view == "view_back" else "right")), (view, region.site)


def test_outlines_stay_in_their_canvas():
    for view in VIEWS:
        for region in view.regions:
            pairs = re.findall(r"([\d.]+) ([\d.]+)", region.outline)
            assert all(0 <= float(x) <= 150 and 0 <= float(y) <= view.height for x, y in pairs), region.site


def test_a_patients_page_has_the_figure_beside_the_list(enter, patient, people, doctor):
    page = enter("clinician")[0].get(f"/patients/{patient}").text
    assert page.count('role="radio"') == len(REGIONS)
    assert page.count('role="radiogroup"') == len(VIEWS)
    assert 'data-site="antecubital_fossa" data-side="left" aria-label="Antecubital fossa, Left"' in page
