"""Bands of age at their edges, and sites against what is typical of each band; typed by hand."""

import math
from typing import Any

import pytest

from flexura.clinical.demographics import AGE_BANDS, SPARED_SITES, age_band, demographic_features
from flexura.clinical.sites import SITES
from flexura.records import PatientContext


def known(**given: Any) -> dict[str, float]:
    vector = demographic_features(PatientContext(**given))
    named = zip(vector.names, vector.values.tolist(), strict=True)
    return {name: value for name, value in named if not math.isnan(value)}


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "infant"),
        (23 / 12, "infant"),
        (2, "child"),
        (143 / 12, "child"),
        (12, "adolescent"),
        (17.99, "adolescent"),
        (18, "adult"),
        (59.99, "adult"),
        (60, "older"),
        (120, "older"),
    ],
)
def test_bands_at_their_edges(age: float, band: str) -> None:
    assert age_band(age).name == band
    columns = known(age_years=age)
    assert [name for name in columns if name.startswith("age_") and columns[name] == 1 and name != "age_years"][:1] == [
        f"age_{band}"
    ]


def test_bands_leave_no_gap_and_cite_their_source() -> None:
    assert [band.first_year for band in AGE_BANDS] == [0, *(band.last_year + 1 for band in AGE_BANDS[:-1])]
    for band in AGE_BANDS:
        assert band.typical_sites < SITES.keys()
        assert not band.typical_sites & SPARED_SITES
        assert any(year in band.source for year in ("1994", "2009", "2014"))


def test_an_unknown_age_is_said_to_be_unknown() -> None:
    columns = known()
    assert columns.pop("age_unknown") == 1
    assert set(columns.values()) == {0}
    assert set(columns) == {f"age_{band.name}" for band in AGE_BANDS}


def test_months_are_known_only_where_they_were_told() -> None:
    assert "age_months" not in known(age_years=6)
    assert known(age_years=6.5, age_months=78)["age_months"] == 78


@pytest.mark.parametrize(("age", "within"), [(0, 0), (1, 0.5), (2, 0), (7, 0.5), (15, 0.5), (39, 0.5)])
def test_position_within_the_band(age: float, within: float) -> None:
    assert known(age_years=age)["age_within_band"] == pytest.approx(within)


@pytest.mark.parametrize(
    ("age", "sites", "share"),
    [
        (1, ("face", "left_knee"), 1),  # cheeks and extensor surfaces of an infant
        (1, ("left_popliteal_fossa", "face"), 0.5),
        (6, ("left_antecubital_fossa", "neck", "right_elbow", "left_palm"), 0.5),  # flexures of a child
        (30, ("left_palm", "neck"), 1),  # hands of an adult
        (70, ("left_antecubital_fossa", "back"), 0.5),  # folds are spared in old age
    ],
)
def test_share_of_typical_sites(age: float, sites: tuple[str, ...], share: float) -> None:
    assert known(age_years=age, sites=sites)["typical_sites"] == share


def test_sites_without_an_age_and_an_age_without_sites() -> None:
    assert "typical_sites" not in known(age_years=6)
    assert "typical_sites" not in known(sites=("neck",))
    assert "typical_sites" not in known(age_years=6, sites=())
    assert known(sites=())["affected_site_count"] == 0


def test_spared_sites_and_both_sides() -> None:
    columns = known(sites=("left_axilla", "right_palm"))
    assert (columns["spared_sites"], columns["both_sides"], columns["affected_site_count"]) == (1, 0, 2)
    columns = known(sites=("left_palm", "right_palm"))
    assert (columns["spared_sites"], columns["both_sides"]) == (0, 1)


def test_skin_is_told_in_either_scale_and_never_converted() -> None:
    assert "monk_tone" not in known(skin_type=4)
    assert known(monk_tone=9)["monk_tone"] == 9
