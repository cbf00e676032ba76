"""The clinic's people: names for all, list, role and lock-out for administrators, one of whom always stays."""

from datetime import timedelta

import pytest

from flexura.errors import Forbidden, LockoutRefused, NotAuthenticated, NotStored, StoreConflict
from flexura.security.passwords import HashCost
from flexura.storage.credentials import Credentials, sign_in
from flexura.storage.people import change_role, list_users, lock_out, read_names, unlock
from flexura.storage.store import Actor
from flexura.storage.users import (
    add_token,
    add_user,
    recognise_session,
    recognise_token,
    require_codes,
)

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
PASSWORD = "seven green ladders"
TAKE_ACCESS = {
    "lock_out": lock_out,
    "change_role": lambda visit, user: change_role(visit, user, "nurse"),
}
by_either = pytest.mark.parametrize("take", TAKE_ACCESS.values(), ids=TAKE_ACCESS)


@pytest.fixture
def add(do):
    """Add a user of a role, named after nobody."""

    def run(name, role):
        return do("admin", add_user, name, role, PASSWORD, cost=CHEAP)

    return run


def _able(do):
    """Who could still run the clinic."""
    rows = do("admin", list_users)
    return {row.id for row in rows if row.role == "administrator" and row.disabled_at is None}


def test_users_are_listed_with_what_holds_for_them(do, add):
    zoe, abe = add("zoe", "nurse"), add("abe", "auditor")
    do("admin", require_codes, zoe)
    do("admin", lock_out, abe)
    listed = {row.id: row for row in do("admin", list_users)}
    assert (listed[abe].name, listed[abe].role, listed[abe].codes) == ("abe", "auditor", False)
    assert (listed[zoe].name, listed[zoe].codes, listed[zoe].disabled_at) == ("zoe", True, None)
    assert listed[abe].disabled_at is not None


def test_a_page_of_users_goes_on_after_the_one_before(do, add):
    ids = sorted(add(name, "nurse") for name in ("zoe", "abe", "eve"))
    first = do("admin", list_users, limit=2)
    rest = do("admin", list_users, after=first[-1].id, limit=2)
    assert [row.id for row in first + rest] == ids


def test_names_are_read_by_id_also_of_who_left(do, add):
    abe = add("abe", "clinician")
    do("admin", lock_out, abe)
    assert do("doctor", read_names) == {abe: "abe"}


@by_either
def test_nobody_takes_their_own_access_as_administrator(do, add, take):
    ann, bob = add("ann", "administrator"), add("bob", "administrator")
    with pytest.raises(LockoutRefused, match="another administrator"):
        do(Actor("clinic", ann, "administrator"), take, ann)
    assert _able(do) == {ann, bob}


@by_either
def test_the_last_administrator_stays(do, add, take):
    ann = add("ann", "administrator")
    add("zoe", "nurse")
    with pytest.raises(LockoutRefused, match="last administrator"):
        do("admin", take, ann)
    bob = add("bob", "administrator")
    do("admin", take, ann)
    assert _able(do) == {bob}


@by_either
def test_of_two_who_take_each_others_access_one_stays(do, add, take):
    """The second of them is by now none who could undo it, though the request was let in before."""
    ann, bob = add("ann", "administrator"), add("bob", "administrator")
    do(Actor("clinic", ann, "administrator"), take, bob)
    with pytest.raises(LockoutRefused):
        do(Actor("clinic", bob, "administrator"), take, ann)
    assert _able(do) == {ann}


def _enter(store):
    return sign_in(store, Credentials("clinic", "zoe", PASSWORD), cost=CHEAP).secret


def test_who_is_unlocked_signs_in_anew_and_nothing_of_before_or_meanwhile_comes_back(do, add, store):
    zoe, token = add("zoe", "nurse"), ({"patient.find"}, timedelta(days=1))
    session = _enter(store)
    before = do("admin", add_token, zoe, frozenset(token[0]), lasts=token[1]).secret
    do("admin", lock_out, zoe)
    with pytest.raises(NotAuthenticated):
        _enter(store)
    meanwhile = do("admin", add_token, zoe, frozenset(token[0]), lasts=token[1]).secret
    do("admin", unlock, zoe)
    (row,) = do("admin", list_users)
    assert (row.id, row.role, row.disabled_at) == (zoe, "nurse", None)
    for ended in (
        lambda: recognise_session(store, session),
        *(_recognise(store, each) for each in (before, meanwhile)),
    ):
        with pytest.raises(NotAuthenticated):
            ended()
    assert recognise_session(store, _enter(store))[0].user == zoe


def _recognise(store, token):
    return lambda: recognise_token(store, token, "patient.find")


def test_what_changes_nothing_ends_nothing(do, add, store):
    zoe = add("zoe", "nurse")
    session = _enter(store)
    do("admin", unlock, zoe)
    do("admin", change_role, zoe, "nurse")
    assert recognise_session(store, session)[0].user == zoe


def test_others_and_those_who_are_out_already_are_not_held_back(do, add):
    ann, bob, zoe = add("ann", "administrator"), add("bob", "administrator"), add("zoe", "nurse")
    do("admin", lock_out, bob)
    for user in (bob, zoe):
        do("admin", lock_out, user)
        do("admin", change_role, user, "auditor")
    do("admin", change_role, ann, "administrator")
    assert _able(do) == {ann}


def test_a_role_is_one_for_people_and_a_user_is_there(do, add):
    zoe = add("zoe", "nurse")
    with pytest.raises(StoreConflict):
        do("admin", change_role, zoe, "worker")
    with pytest.raises(NotStored):
        do("admin", change_role, "nobody", "nurse")
    for change in (lock_out, unlock):
        with pytest.raises(NotStored):
            do("admin", change, "nobody")


def test_nobody_but_an_administrator_lists_or_changes_users(do, add):
    zoe = add("zoe", "nurse")
    for verb, arguments in ((list_users, ()), (change_role, (zoe, "auditor")), (lock_out, (zoe,)), (unlock, (zoe,))):
        with pytest.raises(Forbidden):
            do("doctor", verb, *arguments)
