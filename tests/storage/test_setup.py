"""The first start: one link, one administrator, and then never again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from pyotp import TOTP
from sqlalchemy import delete, insert, select

from flexura.errors import FlexuraError, NotAuthenticated, NotStored, PasswordUnfit, StoreConflict, TooManyAttempts
from flexura.security.codes import make_code_secret
from flexura.security.passwords import HashCost
from flexura.storage.auditlog import search
from flexura.storage.credentials import Credentials, sign_in
from flexura.storage.database import begin
from flexura.storage.people import list_users, lock_out
from flexura.storage.setup import LASTS, Founder, has_users, make_first_administrator, make_link
from flexura.storage.store import Actor
from flexura.storage.tables import AUDIT_ENTRIES, AUDIT_HEADS, DATA_KEYS, SETUP_LINKS, TENANTS, USERS
from flexura.storage.tenants import create_tenant, list_tenants
from flexura.storage.users import add_user

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
PASSWORD = "seven green ladders"
SECRET = make_code_secret(randomness=lambda count: bytes(range(count)))


@pytest.fixture
def empty(store):
    """A store as it is at the first start: tables, and nothing in them."""
    with begin(store.engine) as connection:
        for table in (AUDIT_ENTRIES, AUDIT_HEADS, DATA_KEYS, TENANTS):
            connection.execute(delete(table))
    return store


def _found(store, link, **changed):
    founder = Founder("clinic", "ann", PASSWORD, link, SECRET, "192.0.2.7")
    return make_first_administrator(store, replace(founder, **changed), cost=CHEAP)


def _links(store):
    with begin(store.engine) as connection:
        return connection.execute(select(SETUP_LINKS)).all()


def test_a_link_makes_one_administrator_who_signs_in_with_a_code_and_stands_in_the_log(empty, clock):
    link = make_link(empty)
    assert (len(link), has_users(empty)) == (46, False)  # fl_ and 256 bits
    ann = _found(empty, link)
    assert (has_users(empty), list_tenants(empty), _links(empty)) == (True, ("clinic",), [])
    with empty.visit(Actor("clinic", ann, "administrator")) as visit:
        (row,) = list_users(visit)
    assert (row.id, row.name, row.role, row.codes) == (ann, "ann", "administrator", True)
    with begin(empty.engine) as connection:
        events = [event for event in search(connection, "clinic") if event.user == "set-up"]
    assert [(event.verb, event.entity, event.outcome, event.address) for event in events] == [
        ("user.manage", f"users/{ann}", "success", "192.0.2.7")
    ] * 2
    shown = Credentials("clinic", "ann", PASSWORD, TOTP(SECRET).at(clock()))
    assert sign_in(empty, shown, cost=CHEAP).record.user == ann
    with pytest.raises(NotAuthenticated):
        sign_in(empty, replace(shown, code=None), cost=CHEAP)


def test_only_the_hash_of_the_secret_is_stored(empty):
    link = make_link(empty)
    (row,) = _links(empty)
    assert (len(row.id), link in row.id) == (64, False)


def test_links_of_several_processes_are_good_until_one_is_used(empty):
    first, second = make_link(empty), make_link(empty)
    _found(empty, second)
    for link in (first, second):
        with pytest.raises(NotStored):
            _found(empty, link, name="bob")


def test_of_two_links_that_are_used_at_once_one_makes_an_administrator(empty):
    links = [make_link(empty) for _ in range(4)]

    def run(number):
        try:
            return _found(empty, links[number], name=f"ann-{number}", address=None)
        except FlexuraError as error:
            return type(error)

    create_tenant(empty, "clinic")
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(run, range(4)))
    assert sum(isinstance(end, str) for end in ends) == 1
    assert {end for end in ends if not isinstance(end, str)} <= {NotStored, NotAuthenticated}
    with begin(empty.engine) as connection:
        assert len(connection.execute(select(USERS)).all()) == 1


def test_a_link_is_over_after_an_hour(empty, clock):
    link = make_link(empty)
    clock.now += LASTS
    with pytest.raises(NotAuthenticated, match="over"):
        _found(empty, link)
    assert timedelta(hours=1) == LASTS
    again = make_link(empty)
    assert len(_links(empty)) == 1  # those that are over are forgotten
    assert _found(empty, again)


@pytest.mark.parametrize("wrong", ["", "fl_wrong", "ä" * 46], ids=["none", "another", "no ascii"])
def test_a_wrong_link_founds_nothing_and_slows_down(empty, wrong):
    right = make_link(empty)
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            _found(empty, wrong)
    with pytest.raises(TooManyAttempts):
        _found(empty, right)
    assert (list_tenants(empty), has_users(empty)) == ((), False)
    assert _found(empty, right, address="192.0.2.8")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"password": "short"}, PasswordUnfit),
        ({"password": "ann ann ann ann"}, PasswordUnfit),
        ({"name": "a\n"}, StoreConflict),
    ],
)
def test_what_is_unfit_leaves_the_link_good(empty, changed, error):
    link = make_link(empty)
    with pytest.raises(error):
        _found(empty, link, **changed)
    assert (has_users(empty), _found(empty, link) is not None) == (False, True)


def test_where_anybody_is_there_is_no_link_even_if_locked_out_or_of_another_tenant(store, do):
    link = make_link(store)
    zoe = do("admin", add_user, "zoe", "nurse", PASSWORD, cost=CHEAP)
    do("admin", lock_out, zoe)
    with begin(store.engine) as connection:
        connection.execute(insert(TENANTS).values(id="elsewhere", created_at=store.clock()))
        connection.execute(USERS.update().values(tenant="elsewhere"))
    for ask in (lambda: make_link(store), lambda: _found(store, link)):
        with pytest.raises(NotStored):
            ask()


def test_what_was_typed_is_hidden():
    assert PASSWORD not in repr(Founder("clinic", "ann", PASSWORD, "fl_1", SECRET))
