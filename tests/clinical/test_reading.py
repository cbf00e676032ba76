"""Every field reads what it should and refuses the rest by its own name, without repeating it."""

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest

from flexura.clinical.context import read_context
from flexura.clinical.schema import FIELDS
from flexura.errors import ContextError
from flexura.records import ItchScore, PatientContext, TriedTreatment

CAPTURED = {"captured_at": "2024-03-01"}
# No field takes these, whatever its kind.
NONSENSE = [
    "Jane Doe",
    "",
    1e9,
    -1,
    True,
    math.nan,
    math.inf,
    10**400,
    [["Jane Doe"]],
    {"Jane": "Doe"},
    {"a"},
    b"x",
]


def read(name: str, value: object) -> PatientContext:
    return read_context({name: value} | ({} if name == "captured_at" else CAPTURED))


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:12])
def test_nonsense_is_refused_by_name_and_not_repeated(name: str, value: object) -> None:
    with pytest.raises(ContextError, match=f"^{name} ") as caught:
        read(name, value)
    assert "Jane" not in str(caught.value)
    assert "Doe" not in str(caught.value)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [None, "unknown"])
def test_unknown_can_be_said(name: str, value: object) -> None:
    assert read_context({name: value}) == PatientContext()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("triggers", ["sweat", "food", "sweat"], ("food", "sweat")),  # once, in the order of the list
        ("triggers", [], ()),
        ("atopy_family", ["asthma"], ("asthma",)),
        ("course", "relapsing", "relapsing"),
        ("flares", ["2024-02-29", "2023-12-31", "2024-02-29"], (date(2023, 12, 31), date(2024, 2, 29))),
        ("flares", [date(2024, 2, 29)], (date(2024, 2, 29),)),
        (
            "itch_history",
            [{"day": "2024-02-29", "itch": 3.5}, {"day": "2024-01-31", "itch": 4}],
            (ItchScore(date(2024, 1, 31), 4.0), ItchScore(date(2024, 2, 29), 3.5)),
        ),
        ("poem_items", [0, 1, 2, 3, 4, 0, 0], (0, 1, 2, 3, 4, 0, 0)),
        (
            "treatments",
            [{"treatment": "emollient", "response": "improved"}, {"treatment": "antifungal", "response": "unknown"}],
            (TriedTreatment("emollient", "improved"), TriedTreatment("antifungal")),
        ),
        ("sites", ["left_palm", "face", "left_palm"], ("left_palm", "face")),
        ("humidity_percent", 45, 45.0),
        ("monk_tone", 10, 10),
        ("age_months", {"value": 7, "unit": "months"}, 7),
        ("onset_date", "2024-02-29", date(2024, 2, 29)),
        ("pollen", "none", "none"),
        ("latitude_band", "south_subtropical", "south_subtropical"),
        ("occupational_exposures", ("wet_work",), ("wet_work",)),
    ],
)
def test_values_are_kept_in_one_form(name: str, value: object, expected: object) -> None:
    assert getattr(read(name, value), name) == expected


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-02-29T23:30-11:00", date(2024, 2, 29)),
        ("2024-02-29 23:30:15.25+1400", date(2024, 2, 29)),
        ("2024-02-29T23:30:00Z", date(2024, 2, 29)),
        (datetime(2024, 2, 29, 23, 30, tzinfo=UTC), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_a_capture_is_kept_as_its_day(written: object, day: date) -> None:
    assert read_context({"captured_at": written}).captured_on == day


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("birth_date", "2023-02-29"),  # no such day
        ("birth_date", "20200229"),
        ("birth_date", "2020-2-29"),
        ("birth_date", "29.02.2020"),
        ("birth_date", "1849-12-31"),
        ("birth_date", "２０２０-02-29"),
        ("birth_date", "2020-02-29T00:00:00"),
        ("birth_date", datetime(2020, 2, 29, tzinfo=UTC)),
        ("captured_at", "2024-02-30T10:00"),
        ("captured_at", "2024-02-29T24:01"),
        ("captured_at", "2024-02-29T10:00-12:01"),
        ("captured_at", "2024-02-29T10:00+14:01"),
        ("captured_at", "2200-01-01T00:00"),
        ("captured_at", "2024-02-29T10"),
        ("time_zone", "Europe/Nowhere"),
        ("flares", "2024-02-29"),
        ("flares", ["2024-02-30"]),
        ("itch_history", [{"day": "2024-01-01", "itch": 11}]),
        ("itch_history", [{"day": "2024-01-01", "itch": "4"}]),
        ("itch_history", [{"day": "2024-01-01"}]),
        ("itch_history", [{"day": "2024-01-01", "itch": 4, "note": "x"}]),
        ("itch_history", {"2024-01-01": 4}),
        ("poem_items", [1, 2, 3]),
        ("poem_items", [5, 0, 0, 0, 0, 0, 0]),
        ("poem_items", [1.0] * 7),
        ("poem_items", [True] * 7),
        ("poem_items", [None] + [1] * 6),
        ("poem", 12.5),
        ("poem", 29),
        ("treatments", ["emollient"]),
        ("treatments", [{"treatment": "magic"}]),
        ("treatments", [{"response": "cleared"}]),
        ("treatments", [{"treatment": "emollient", "response": "great"}]),
        ("treatments", [{"treatment": "emollient"}, {"treatment": "emollient", "response": "worse"}]),
        ("triggers", "food"),
        ("triggers", ["food", "unknown"]),
        ("sites", ["left_arm"]),
        ("humidity_percent", 0.45),  # a share given for a percentage
        ("skin_type", 0),
        ("monk_tone", 11),
        ("age_months", 6.5),
        ("age_months", {"value": 7, "unit": "years"}),
        ("age_months", {"value": 7}),
        ("duration_days", {"value": 3, "unit": "weeks"}),
        ("duration_days", {"value": None, "unit": "days"}),
        ("itch", {"value": 3, "unit": "points", "scale": "NRS"}),
        ("flares", ["2024-01-01"] * 1001),
    ],
)
def test_what_a_field_does_not_take_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(ContextError, match=f"^{name} "):
        read(name, value)
