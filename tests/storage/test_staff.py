"""The clinic's people: names for everybody who reads what they wrote, the list for administrators alone."""

import pytest

from flexura.errors import Forbidden
from flexura.security.passwords import HashCost
from flexura.storage.staff import list_members, read_names
from flexura.storage.store import Actor
from flexura.storage.users import add_user, disable_user, require_codes

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
ADMIN = Actor("clinic", "console", "administrator")


def test_members_are_listed_by_name_with_what_holds_for_them(store):
    with store.visit(ADMIN) as visit:
        zoe = add_user(visit, "zoe", "nurse", "seven green ladders", cost=CHEAP)
        add_user(visit, "abe", "auditor", "seven green ladders", cost=CHEAP)
        require_codes(visit, zoe)
        disable_user(visit, "abe")
        abe, listed = list_members(visit)
    assert (abe.name, abe.role, abe.codes) == ("abe", "auditor", False)
    assert (listed.id, listed.codes, listed.disabled_at) == (zoe, True, None)
    assert abe.disabled_at is not None


def test_names_are_read_by_id_also_of_who_left(store):
    with store.visit(ADMIN) as visit:
        abe = add_user(visit, "abe", "clinician", "seven green ladders", cost=CHEAP)
        disable_user(visit, "abe")
        assert read_names(visit) == {abe: "abe"}


def test_nobody_but_an_administrator_gets_the_list(store):
    with pytest.raises(Forbidden), store.visit(Actor("clinic", "x", "clinician")) as visit:
        list_members(visit)
