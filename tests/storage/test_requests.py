"""A request that comes twice makes one thing, whoever else uses the same key."""

import pytest
from sqlalchemy import func, select

from flexura.errors import NotStored, RequestUnfit, StoreConflict
from flexura.storage.cases import create_case, list_cases
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient
from flexura.storage.requests import make_once
from flexura.storage.tables import CASES, REQUESTS


@pytest.fixture
def patient(do):
    return do("doctor", create_patient, Identity("MRN-1", "Jane Doe"))


@pytest.fixture
def begin_case(do, patient):
    """Begin a case by a request with a key and a body."""

    def ask(key, body=b"{}", *, actor="doctor", name="cases"):
        def verb(visit):
            return make_once(visit, name, key, body, lambda: create_case(visit, patient, {}))

        return do(actor, verb)

    return ask


def _count(store, table):
    with begin(store.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_the_same_request_again_makes_nothing(store, do, begin_case, patient):
    first = begin_case("k-1")
    assert begin_case("k-1") == first
    assert do("doctor", list_cases, patient) == (first,)


def test_without_a_key_every_request_makes_something(begin_case, store):
    assert begin_case(None) != begin_case(None)
    assert _count(store, REQUESTS) == 0


def test_keys_of_other_routes_and_users_are_others(store, do, begin_case, patient):
    first = begin_case("k-1")
    assert begin_case("k-1", name="elsewhere") != first
    with pytest.raises(NotStored):
        do("doctor", list_cases, "nobody")
    assert _count(store, CASES) == 2


def test_a_key_is_good_for_one_body(begin_case, store):
    begin_case("k-1")
    with pytest.raises(StoreConflict, match="another request"):
        begin_case("k-1", b'{"itch": 7}')
    assert _count(store, CASES) == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_a_length(begin_case, key):
    with pytest.raises(RequestUnfit):
        begin_case(key)


def test_a_request_that_failed_may_come_again(do, begin_case, patient):
    def failing(visit):
        def make():
            create_case(visit, patient, {})
            raise NotStored("halfway")

        return make_once(visit, "cases", "k-1", b"{}", make)

    with pytest.raises(NotStored):
        do("doctor", failing)
    assert do("doctor", list_cases, patient) == ()
    again = begin_case("k-1")
    assert do("doctor", list_cases, patient) == (again,)


def test_nothing_of_key_or_body_is_stored(store, begin_case):
    begin_case("Jane Doe", b"Jane Doe")
    with begin(store.engine) as connection:
        row = connection.execute(select(REQUESTS)).one()
    assert "Jane" not in str(row)
    assert (len(row.name), len(row.body)) == (64, 64)
