"""Pseudonyms: the same in, the same out; another study, another name; days between days stay."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flexura.research.pseudonyms import Pseudonyms

ONE, OTHER = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)


def test_names_are_stable_differ_by_kind_and_by_study():
    names = {one.name(kind, "4711") for one in (ONE, OTHER) for kind in ("patient", "case")}
    assert len(names) == 4
    assert ONE.name("patient", "4711") == Pseudonyms(b"1" * 32).name("patient", "4711")
    assert all(len(name) == 16 and name.isalnum() for name in names)


def test_a_uid_is_a_uid_and_tells_nothing_of_the_true_one():
    uid = ONE.uid("1.2.840.4711")
    assert uid.startswith("2.25.")
    assert len(uid) <= 44
    assert "4711" not in uid.removeprefix("2.25.")[:4]
    assert uid == ONE.uid("1.2.840.4711") != OTHER.uid("1.2.840.4711")


@given(st.dates(date(1900, 1, 1)), st.integers(0, 20000), st.text(max_size=8))
def test_days_move_back_together(day, later, patient):
    moved = ONE.shift(patient, day)
    assert timedelta(1) <= day - moved <= timedelta(1461)
    after = min(day.toordinal() + later, date.max.toordinal())
    assert ONE.shift(patient, date.fromordinal(after)) - moved == timedelta(after - day.toordinal())


def test_the_first_days_there_are_stay_days():
    assert ONE.shift("x", date(1, 1, 2)) == date.min


def test_patients_move_by_different_days():
    assert len({ONE.shift(str(number), date(2026, 3, 1)) for number in range(100)}) > 90


def test_the_secret_is_not_shown():
    assert "1111" not in repr(ONE)
