"""Fingertip units against the published table, by hand, and every input that is refused."""

from decimal import Decimal

import pytest

from flexura.decision.guidance.quantities import PARTS, Part, quantity, quantity_line
from flexura.decision.guidance.situation import Situation
from flexura.decision.guidance.suggest import rows_for
from flexura.errors import ScoreError
from flexura.records import PatientContext

# PMC9195338, table 2: age, then face and neck, arm and hand, leg and foot, trunk, back with buttocks.
PUBLISHED = [
    (0.25, "1 1 1.5 1 1.5"),
    (1, "1.5 1.5 2 2 3"),
    (2.99, "1.5 1.5 2 2 3"),
    (3, "1.5 2 3 3 3.5"),
    (6, "2 2.5 4.5 3.5 5"),
    (10.99, "2 2.5 4.5 3.5 5"),
    (30, "2.5 4 8 7 7"),
    (120, "2.5 4 8 7 7"),
]


@pytest.mark.parametrize(("age", "units"), PUBLISHED)
def test_the_published_table(age: float, units: str) -> None:
    assert [quantity(age, {part: 1}).units for part in PARTS] == [Decimal(unit) for unit in units.split()]


def test_a_course_by_hand() -> None:
    # Face 2.5, both arms 8: 10.5 units, 5.25 g; twice a day for ten days 105 g.
    found = quantity(40, {"face_neck": 1, "arm_hand": 2}, applications_per_day=2, days=10)
    assert (found.units, found.grams, found.course_grams) == (Decimal("10.5"), Decimal("5.25"), Decimal("105"))


@pytest.mark.parametrize("age", [0.24, 120.1, -1, float("nan"), float("inf"), True, "6"])
def test_an_age_without_amounts_is_refused(age: float) -> None:
    with pytest.raises(ScoreError, match="age_years"):
        quantity(age, {"face_neck": 1})


@pytest.mark.parametrize(
    ("parts", "message"),
    [({}, "no part"), ({"scalp": 1}, "unknown"), ({"face_neck": 2}, "face_neck"), ({"arm_hand": 3}, "arm_hand")],
)
def test_impossible_parts_are_refused(parts: dict[Part, int], message: str) -> None:
    with pytest.raises(ScoreError, match=message):
        quantity(6, parts)


@pytest.mark.parametrize(("per_day", "days"), [(0, 7), (3, 7), (1, 0), (1, 29), (True, 7)])
def test_impossible_courses_are_refused(per_day: int, days: int) -> None:
    with pytest.raises(ScoreError, match="whole number"):
        quantity(6, {"face_neck": 1}, applications_per_day=per_day, days=days)


def test_the_line_of_the_answer() -> None:
    rows = rows_for(Situation("atopic_dermatitis", "mild", 4.0, "face_neck", "not_pregnant", "none"))
    line = quantity_line(PatientContext(age_years=4.0, site="left_ear"), rows)
    assert line is not None
    assert "1.5 fingertip units (0.75 g)" in line.text
    infant = quantity_line(PatientContext(age_years=0.5, site="face"), rows)
    assert infant is not None
    assert "1 fingertip unit (0.5 g)" in infant.text
    assert quantity_line(PatientContext(age_years=4.0, site="scalp"), rows) is None
    assert quantity_line(PatientContext(age_years=0.2, site="face"), rows) is None
    assert quantity_line(PatientContext(age_years=4.0, site="face"), ()) is None
