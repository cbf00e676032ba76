"""Site without its side, age at onset, course."""

from datetime import date

import pytest

from flexura.decision.history import comes_back, onset_age, without_side
from flexura.records import PatientContext


@pytest.mark.parametrize(
    ("site", "name"),
    [("left_palm", "palm"), ("right_foot_back", "foot_back"), ("back", "back"), ("whole_body", "whole_body")],
)
def test_without_side(site, name):
    assert without_side(site) == name


@pytest.mark.parametrize(
    ("course", "expected"), [(None, None), ("first_episode", False), ("relapsing", True), ("persistent", True)]
)
def test_course(course, expected):
    assert comes_back(PatientContext(course=course)) is expected


@pytest.mark.parametrize(
    ("context", "age"),
    [
        ({}, None),
        ({"onset_age_years": 3.0}, 3.0),
        ({"onset_date": date(2020, 1, 1), "captured_on": date(2024, 1, 1)}, None),
        ({"age_years": 5.0, "onset_date": date(2020, 1, 1), "captured_on": date(2024, 1, 1)}, 1.0),
        ({"age_years": 0.1, "onset_date": date(2023, 11, 1), "captured_on": date(2024, 1, 1)}, 0.0),
    ],
)
def test_age_at_onset(context, age):
    assert onset_age(PatientContext(**context)) == (age if age is None else pytest.approx(age, abs=0.01))
