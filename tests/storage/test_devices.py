"""Machines that send photos, on both databases: admitted, known by title and certificate, locked out."""

import pytest
from sqlalchemy import select

from flexura.errors import Forbidden, NotAuthenticated, StoreConflict
from flexura.security.passwords import HashCost
from flexura.storage.auditlog import search
from flexura.storage.database import begin
from flexura.storage.devices import admit_device, recognise_device
from flexura.storage.people import list_users, lock_out, unlock
from flexura.storage.store import Actor
from flexura.storage.tables import DEVICES, USERS
from flexura.storage.tenants import create_tenant
from flexura.storage.users import add_user

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
SHOWN, OTHER = "ab" * 32, "cd" * 32


def _admit(do, title="CAMERA1", certificate=SHOWN, actor="admin"):
    return do(actor, admit_device, title, certificate, cost=CHEAP)


def test_a_device_acts_as_a_user_of_its_own_who_stands_among_the_users(store, do):
    user = _admit(do)
    assert recognise_device(store, "CAMERA1", SHOWN, address="192.0.2.9") == Actor(
        "clinic", user, "device", "192.0.2.9", "TREAT"
    )
    (person,) = do("admin", list_users)
    assert (person.id, person.name, person.role) == (user, "CAMERA1", "device")
    with begin(store.engine) as connection:
        (event, *_) = search(connection, "clinic")
    assert (event.verb, event.entity, event.outcome) == ("user.manage", f"users/{user}", "success")


def test_its_certificate_can_be_renewed_and_it_stays_the_same_user(store, do):
    user = _admit(do)
    assert _admit(do, certificate=OTHER) == user
    assert recognise_device(store, "CAMERA1", OTHER).user == user
    with pytest.raises(NotAuthenticated):
        recognise_device(store, "CAMERA1", SHOWN)


@pytest.mark.parametrize(("kept", "shown"), [(SHOWN, OTHER), (SHOWN, None), (None, SHOWN), (SHOWN, "")])
def test_just_the_certificate_that_it_was_admitted_with_is_good(store, do, kept, shown):
    _admit(do, certificate=kept)
    assert recognise_device(store, "CAMERA1", kept)
    with pytest.raises(NotAuthenticated):
        recognise_device(store, "CAMERA1", shown)
    with pytest.raises(NotAuthenticated):
        recognise_device(store, "camera1", kept)


def test_who_is_locked_out_is_nobody_until_unlocked(store, do):
    user = _admit(do)
    do("admin", lock_out, user)
    with pytest.raises(NotAuthenticated):
        recognise_device(store, "CAMERA1", SHOWN)
    do("admin", unlock, user)
    assert recognise_device(store, "CAMERA1", SHOWN).user == user


@pytest.mark.parametrize("title", ["", " ", " A", "A ", "A" * 17, "A\\B", "A\n", "Ä"])
def test_a_title_that_is_none_is_refused(store, do, title):
    with pytest.raises(StoreConflict):
        _admit(do, title)
    with begin(store.engine) as connection:
        assert connection.execute(select(DEVICES)).all() == []


def test_a_users_name_and_another_tenants_title_are_taken(store, do):
    create_tenant(store, "practice")
    do("admin", add_user, "maria", "nurse", "seven green ladders", cost=CHEAP)
    with pytest.raises(StoreConflict):
        _admit(do, "maria")
    _admit(do)
    with pytest.raises(StoreConflict):
        _admit(do, actor=Actor("practice", "admin", "administrator"))
    assert recognise_device(store, "CAMERA1", SHOWN).tenant == "clinic"


def test_only_an_administrator_admits(store, do):
    for actor in ("doctor", "nurse", "auditor", "researcher", "worker"):
        with pytest.raises(Forbidden):
            _admit(do, actor=actor)
    with begin(store.engine) as connection:
        assert connection.execute(select(USERS)).all() == []
