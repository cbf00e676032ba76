"""Seasons of both hemispheres typed month by month, the tropics, and the surroundings as numbers."""

import math
from datetime import date
from typing import Any

import pytest

from flexura.clinical.environment import environment_features, opposite_seasons, season_of
from flexura.clinical.vocabulary import LATITUDE_BANDS, SEASONS
from flexura.records import PatientContext

NORTH = 2 * ["winter"] + 3 * ["spring"] + 3 * ["summer"] + 3 * ["autumn"] + ["winter"]
SOUTH = 2 * ["summer"] + 3 * ["autumn"] + 3 * ["winter"] + 3 * ["spring"] + ["summer"]


def known(**given: Any) -> dict[str, float]:
    vector = environment_features(PatientContext(**given))
    named = zip(vector.names, vector.values.tolist(), strict=True)
    return {name: value for name, value in named if not math.isnan(value)}


def season(**given: Any) -> list[str]:
    return [
        name.removeprefix("season_") for name, value in known(**given).items() if name.startswith("season_") and value
    ]


@pytest.mark.parametrize("band", [band for band in LATITUDE_BANDS if band != "tropical"])
def test_seasons_swap_between_the_hemispheres(band: str) -> None:
    expected = NORTH if band.startswith("north") else SOUTH
    assert [season_of(date(2024, month, 15), band) for month in range(1, 13)] == expected


def test_a_season_begins_with_its_month() -> None:
    assert season_of(date(2024, 2, 29), "north_temperate") == "winter"
    assert season_of(date(2024, 3, 1), "north_temperate") == "spring"


def test_the_tropics_and_an_unknown_place_or_day_have_no_season() -> None:
    assert season_of(date(2024, 7, 1), "tropical") is None
    assert season_of(date(2024, 7, 1), None) is None
    assert season_of(None, "north_temperate") is None
    assert season(captured_on=date(2024, 7, 1), latitude_band="tropical") == ["unknown"]


def test_a_told_season_comes_first() -> None:
    assert season(season="spring", captured_on=date(2024, 6, 2), latitude_band="north_temperate") == ["spring"]
    assert season(season="summer", latitude_band="tropical") == ["summer"]


def test_opposite_seasons() -> None:
    pairs = {(one, other) for one in SEASONS for other in SEASONS if opposite_seasons(one, other)}
    assert pairs == {("winter", "summer"), ("summer", "winter"), ("spring", "autumn"), ("autumn", "spring")}


@pytest.mark.parametrize(("percent", "dry"), [(39.9, 1), (40, 0), (100, 0)])
def test_humidity(percent: float, dry: float) -> None:
    found = known(humidity_percent=percent)
    assert found["humidity"] == pytest.approx(percent / 100)
    assert found["dry_air"] == dry


@pytest.mark.parametrize(("level", "step"), [("none", 0), ("low", 0.25), ("moderate", 0.5), ("very_high", 1)])
def test_pollen(level: str, step: float) -> None:
    assert known(pollen=level)["pollen"] == step


def test_exposures_at_work() -> None:
    found = known(occupational_exposures=("wet_work", "cement"))
    assert {name for name, value in found.items() if name.startswith("exposure_") and value} == {
        "exposure_wet_work",
        "exposure_cement",
    }
    assert known()["exposure_unknown"] == 1
    assert "humidity" not in known()
    assert "pollen" not in known()
