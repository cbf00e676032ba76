"""What was typed becomes checked fields, and fields become features; unknown stays unknown."""

import math
from typing import Any

import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES, CONTEXT_UNITS, encode_context, read_context
from flexura.errors import ContextError
from flexura.records import PatientContext, Sex

FULL: dict[str, Any] = {
    "age_years": 34,
    "sex": "female",
    "itch": 7.5,
    "sleep_loss": 3,
    "site": "left_antecubital_fossa",
    "duration_days": 21,
    "skin_type": 4,
}


def features(**known: Any) -> dict[str, float]:
    """The features that are known, by name."""
    encoded = encode_context(PatientContext(**known))
    named = zip(encoded.names, encoded.values.tolist(), strict=True)
    return {name: value for name, value in named if not math.isnan(value)}


# ---- reading


def test_the_network_s_fields_keep_their_meaning() -> None:
    assert read_context(FULL) == PatientContext(34.0, "female", 7.5, 3.0, "left_antecubital_fossa", 21.0, 4)


def test_none_and_absent_are_both_unknown() -> None:
    assert read_context(dict.fromkeys(FULL)) == read_context({}) == PatientContext()


def test_zero_is_known() -> None:
    assert read_context({"age_years": 0, "itch": 0}) == PatientContext(age_years=0.0, itch=0.0)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("age_years", 0, 120), ("itch", 0, 10), ("sleep_loss", 0, 10), ("duration_days", 0, 43920), ("skin_type", 1, 6)],
)
def test_limits_belong_to_their_range(name: str, low: float, high: float) -> None:
    assert [getattr(read_context({name: value}), name) for value in (low, high)] == [low, high]
    for value in (math.nextafter(low, -math.inf), math.nextafter(high, math.inf)):
        with pytest.raises(ContextError, match=f"{name} is out of range"):
            read_context({name: value})


@pytest.mark.parametrize("name", ["age_years", "itch", "sleep_loss", "duration_days", "skin_type"])
@pytest.mark.parametrize(
    "value",
    # A whole number of 401 digits is more than a float can hold.
    [
        "37",
        True,
        [37],
        math.nan,
        math.inf,
        -math.inf,
        pytest.param(10**400, id="huge"),
        pytest.param(-(10**400), id="-huge"),
    ],
)
def test_what_is_no_possible_number_is_refused_by_the_fields_name(name: str, value: object) -> None:
    with pytest.raises(ContextError, match=name) as caught:
        read_context({name: value})
    assert caught.value.code == "context_invalid"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"sex": "F"}, "sex"),
        ({"sex": 1}, "sex"),
        ({"sex": ["female"]}, "sex"),
        ({"site": "Doe"}, "site"),
        ({"site": ""}, "site"),
        ({"site": "left_right_palm"}, "site"),
        ({"site": "arm"}, "site"),
        ({"site": 4}, "site"),
        ({"skin_type": 3.5}, "skin_type"),
    ],
)
def test_an_impossible_value_is_refused_by_the_fields_name(given: dict[str, Any], name: str) -> None:
    with pytest.raises(ContextError, match=f"^{name} must be"):
        read_context(given)


@pytest.mark.parametrize("given", [{"age_years": 137.25}, {"sex": "Jane Doe"}, {"site": "Jane Doe"}, {"itch": "Jane"}])
def test_the_value_is_never_repeated(given: dict[str, Any]) -> None:
    with pytest.raises(ContextError) as caught:
        read_context(given)
    assert not {"137", "Jane"} & set(str(caught.value).replace(".", " ").split())


def test_an_unknown_field_is_named_beside_those_that_exist() -> None:
    with pytest.raises(ContextError, match=r"'age'.*known fields: age_months, age_years, .*, warning_signs$"):
        read_context({"age": 34})


def test_a_long_name_is_shown_in_part() -> None:
    with pytest.raises(ContextError) as caught:
        read_context({"Jane Doe, " * 500: 1})
    assert len(str(caught.value)) < 600


# ---- encoding


def test_unknown_context_is_nan_throughout() -> None:
    encoded = encode_context(PatientContext())
    assert encoded.values.dtype == np.float32
    assert encoded.values.shape == (33,)
    assert np.isnan(encoded.values).all()


def test_every_feature_has_a_name_and_a_unit() -> None:
    assert len(set(CONTEXT_NAMES)) == len(CONTEXT_NAMES) == len(CONTEXT_UNITS) == 33
    assert all(CONTEXT_UNITS)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"age_years": 25}, {"age": 0.0}),
        ({"age_years": 75}, {"age": 1.0}),
        ({"age_years": 18}, {"age": -0.14}),
        ({"age_years": 17.9}, {}),  # no training case is that young
        ({"sex": "female"}, {"is_female": 1.0}),
        ({"sex": "male"}, {"is_female": 0.0}),
        ({"sex": "other"}, {}),
        ({"itch": 0}, {"itches": 0.0}),
        ({"itch": 0.5}, {"itches": 1.0}),
        ({"sleep_loss": 9}, {}),
        ({"duration_days": 0}, {"duration": 0.0}),
        ({"duration_days": 100}, {"duration": 0.5}),
        ({"skin_type": 1}, {"skin_type": -1.0}),
        ({"skin_type": 6}, {"skin_type": 1.0}),
        ({"site": "nail"}, {}),
        ({"site": "whole_body"}, {}),
    ],
)
def test_each_field_by_hand(known: dict[str, Any], expected: dict[str, float]) -> None:
    assert features(**known) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("site", "zone"), [("right_palm", "hand"), ("face", "head_neck"), ("left_buttocks", "leg")])
def test_a_site_is_one_zone_and_none_of_the_others(site: str, zone: str) -> None:
    zones = features(site=site)
    assert [name for name, value in zones.items() if value == 1.0] == [f"site_{zone}"]
    assert sorted(zones.values()) == [0.0] * 5 + [1.0]


@pytest.mark.parametrize("sex", ["female", "male", "other"])
def test_features_stay_near_unit_scale(sex: Sex) -> None:
    oldest = PatientContext(age_years=120, sex=sex, itch=10, site="sole", duration_days=43920, skin_type=6)
    assert np.nanmax(np.abs(encode_context(oldest).values)) <= 2
