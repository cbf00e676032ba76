"""A list in parts, on both databases: in the order of time, then of the ids."""

import pytest
from sqlalchemy import update

from flexura.storage.cases import create_case, list_cases
from flexura.storage.database import begin
from flexura.storage.pages import ALL, Page
from flexura.storage.patients import Identity, create_patient
from flexura.storage.tables import CASES


@pytest.fixture
def patient(do):
    return do("doctor", create_patient, Identity("MRN-1", "Jane Doe"))


def test_pages_follow_time_and_then_the_ids(store, do, patient, clock):
    """Five cases: one, then three at one moment, then one."""
    cases = []
    for seconds in (1, 1, 0, 0, 1):
        clock.move(seconds=seconds)
        cases.append(do("doctor", create_case, patient, {}))
    first, *same, last = cases
    ordered = (first, *sorted(same), last)
    assert do("doctor", list_cases, patient) == do("doctor", list_cases, patient, ALL) == ordered
    pages, after = [], None
    for _ in range(3):
        page = Page(after, 2)
        pages.append(do("doctor", list_cases, patient, page))
        after = page.next_after(pages[-1])
    assert (pages, after) == ([ordered[:2], ordered[2:4], ordered[4:]], None)
    assert do("doctor", list_cases, patient, Page(first)) == ordered[1:]


def test_a_clock_set_back_moves_no_record_of_a_page(store, do, patient, clock):
    cases = [do("doctor", create_case, patient, {}) for _ in range(2)]
    with begin(store.engine) as connection:
        connection.execute(update(CASES).where(CASES.c.id == cases[1]).values(created_at=clock.now.replace(year=2020)))
    assert do("doctor", list_cases, patient, Page(cases[1], 5)) == (cases[0],)


def test_after_what_is_not_there_comes_nothing(do, patient):
    do("doctor", create_case, patient, {})
    assert do("doctor", list_cases, patient, Page("nothing", 5)) == ()


@pytest.mark.parametrize(("ids", "following"), [((), None), (("a",), None), (("a", "b"), "b")])
def test_only_a_full_page_has_another_after_it(ids, following):
    assert Page(None, 2).next_after(ids) == following
    assert ALL.next_after(ids) is None
