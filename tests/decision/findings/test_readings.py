"""Each way of reading: present, absent, cannot be told, and the sentence that names its limits."""

import math

import pytest

from flexura.decision.findings.readings import Affected, Graded, Measured, Reading, Row, Seen, Told, agreed
from flexura.records import Area, Grade, PatientContext

RISING = Measured("contrast", "a*", present_from=5, absent_from=0)
FALLING = Measured("contrast", "L*", present_from=-6, absent_from=0)
ONE_SIDED = Measured("contrast", "1/px", present_from=0.2, absent_from=-math.inf)


def seen(
    value: float | None = None,
    *,
    grades: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0),
    area: tuple[float, float] | None = None,
    itch: float | None = None,
) -> Seen:
    features = {} if value is None else {"contrast": value}
    return Seen(features, {"dryness": Grade(0, grades)}, Area(None, area, 1.0, None), PatientContext(itch=itch))


@pytest.mark.parametrize(
    ("reading", "value", "found"),
    [
        (RISING, 5, True),
        (RISING, 4.9, None),
        (RISING, 0.1, None),
        (RISING, 0, False),
        (FALLING, -6, True),
        (FALLING, -5.9, None),
        (FALLING, 0, False),
        (ONE_SIDED, 0.2, True),
        (ONE_SIDED, 0.0, None),
        (RISING, math.nan, None),
        (RISING, None, None),
    ],
)
def test_a_feature_against_its_limits(reading: Measured, value: float | None, found: bool | None) -> None:
    assert reading.read(seen(value)) is found


@pytest.mark.parametrize(
    ("grades", "found"),
    [
        ((0.1, 0.1, 0.5, 0.3), True),
        ((0.1, 0.2, 0.4, 0.3), None),
        ((0.4, 0.4, 0.1, 0.1), False),
        ((0.0, 1.0, 0.0, 0.0), False),
    ],
)
def test_a_sign_is_there_from_four_to_one(grades: tuple[float, ...], found: bool | None) -> None:
    assert Graded("dryness", 2).read(seen(grades=grades)) is found


@pytest.mark.parametrize(
    ("interval", "found"),
    [((0.5, 0.9), True), ((0.4, 0.9), None), ((0.1, 0.3), None), ((0.1, 0.29), False), (None, None)],
)
def test_the_whole_interval_of_the_area_must_lie_beyond_a_limit(
    interval: tuple[float, float] | None, found: bool | None
) -> None:
    assert Affected(0.5, 0.3).read(seen(area=interval)) is found


def test_readings_that_contradict_each_other_tell_nothing() -> None:
    asked = Told(("itch",), "any", lambda context: None if context.itch is None else context.itch > 0)
    row = Row("x", "there", "not there", (RISING, asked), "source")
    assert row.read(seen(6)) is True
    assert row.read(seen(6, itch=3)) is True
    assert row.read(seen(6, itch=0)) is None
    assert row.read(seen(2, itch=0)) is False
    assert row.read(seen()) is None
    assert agreed([]) is None


@pytest.mark.parametrize(
    ("reading", "limits"),
    [
        (RISING, "contrast ≥ 5 a*; absent ≤ 0"),
        (FALLING, "contrast ≤ -6 L*; absent ≥ 0"),
        (ONE_SIDED, "contrast ≥ 0.2 1/px; absence never told"),
        (Graded("dryness", 2), "dryness grade 2 or more: probability ≥ 0.8; absent ≤ 0.2"),
        (Affected(0.5, 0.3), "whole 90 % interval of the area ≥ 0.5 of the skin; absent < 0.3"),
    ],
)
def test_limits_are_written_with_their_units(reading: Reading, limits: str) -> None:
    assert reading.limits == limits
