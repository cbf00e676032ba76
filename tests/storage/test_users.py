"""Signing in and being recognised, with everything that must not work."""

from datetime import timedelta

import pytest
from pyotp import TOTP
from sqlalchemy import select

from flexura.errors import (
    Forbidden,
    NotAuthenticated,
    NotStored,
    PasswordUnfit,
    StoreConflict,
    TokenUnfit,
    TooManyAttempts,
)
from flexura.security.passwords import HashCost
from flexura.storage.auditlog import search
from flexura.storage.credentials import Credentials, sign_in
from flexura.storage.database import begin
from flexura.storage.people import lock_out
from flexura.storage.tables import METADATA
from flexura.storage.users import (
    add_token,
    add_user,
    find_user,
    recognise_session,
    recognise_token,
    require_codes,
    revoke_token,
    sign_out,
)

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
PASSWORD = "seven green ladders"
SHOWN = Credentials("clinic", "maria", PASSWORD, address="192.0.2.7")


@pytest.fixture
def user(do):
    return do("admin", add_user, "maria", "clinician", PASSWORD, cost=CHEAP)


def _sign_in(store, **changes):
    return sign_in(store, Credentials(**vars(SHOWN) | changes), cost=CHEAP)


def test_who_signs_in_is_recognised(store, user):
    issued = _sign_in(store)
    actor, session = recognise_session(store, issued.secret, address="192.0.2.7")
    assert (actor.tenant, actor.user, actor.role, actor.address) == ("clinic", user, "clinician", "192.0.2.7")
    assert session.second_factor_at is None
    with begin(store.engine) as connection:
        (event,) = search(connection, "clinic", user=user)
    assert (event.verb, event.outcome) == ("session.open", "success")


def test_there_is_no_default_account(store):
    for name in ("admin", "root", "flexura", ""):
        with pytest.raises(NotAuthenticated):
            _sign_in(store, name=name, password="admin", address=None)


WRONG = [{"password": "seven red ladders"}, {"name": "nobody"}, {"password": ""}]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_not_said_and_is_on_record(store, user, wrong):
    with pytest.raises(NotAuthenticated, match=r"^Name, password or second factor is wrong\.$"):
        _sign_in(store, **wrong)
    with begin(store.engine) as connection:
        refused = [event for event in search(connection, "clinic") if event.verb == "session.open"]
    assert [event.outcome for event in refused] == ["refused"]


def test_an_unknown_tenant_is_the_same_answer(store, user):
    with pytest.raises(NotAuthenticated, match=r"^Name, password or second factor is wrong\.$"):
        _sign_in(store, tenant="practice")


def test_guessing_is_slowed_down_per_user_and_per_address(store, user, clock):
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            _sign_in(store, password="a wrong password")
    with pytest.raises(TooManyAttempts):
        _sign_in(store, address="203.0.113.1")  # the same user from elsewhere, even with the right password
    with pytest.raises(TooManyAttempts):
        _sign_in(store, name="another")  # another user from the same address
    clock.move(seconds=1)
    assert _sign_in(store)
    with pytest.raises(NotAuthenticated):  # a success takes the count back
        _sign_in(store, password="a wrong password")


def test_a_second_factor_is_asked_for_and_counts_once(store, do, user, clock):
    code = TOTP(do("admin", require_codes, user))
    for wrong in (None, "", "000000"):
        with pytest.raises(NotAuthenticated):
            _sign_in(store, code=wrong)
    issued = _sign_in(store, code=code.at(clock.now))
    assert recognise_session(store, issued.secret)[1].second_factor_at == clock.now
    with pytest.raises(NotAuthenticated):
        _sign_in(store, code=code.at(clock.now))
    clock.move(seconds=30)
    assert _sign_in(store, code=code.at(clock.now))


def test_a_session_ends_when_idle_when_old_and_when_signed_out(store, do, user, clock):
    issued = _sign_in(store)
    clock.move(minutes=14)
    actor, session = recognise_session(store, issued.secret)
    clock.move(minutes=14)
    recognise_session(store, issued.secret)
    do(actor, sign_out, session.id)
    with pytest.raises(NotAuthenticated):
        recognise_session(store, issued.secret)
    other = _sign_in(store)
    clock.move(minutes=15)
    with pytest.raises(NotAuthenticated):
        recognise_session(store, other.secret)


def test_nobody_signs_another_out(store, do, user, actors):
    issued = _sign_in(store)
    do("nurse", sign_out, issued.record.id)
    assert recognise_session(store, issued.secret)


def test_a_disabled_user_is_out_at_once(store, do, user):
    session = _sign_in(store)
    token = do("admin", add_token, user, frozenset({"case.read"}), lasts=timedelta(days=1))
    do("admin", lock_out, user)
    with pytest.raises(NotAuthenticated):
        recognise_session(store, session.secret)
    with pytest.raises(NotAuthenticated):
        recognise_token(store, token.secret, "case.read")
    with pytest.raises(NotAuthenticated):
        _sign_in(store)
    with pytest.raises(NotStored):
        do("admin", lock_out, "nobody")


def test_a_token_acts_for_its_user_within_its_scopes_until_its_end(store, do, user, clock):
    token = do("admin", add_token, user, frozenset({"case.read"}), lasts=timedelta(days=1))
    actor = recognise_token(store, token.secret, "case.read", address="192.0.2.9")
    assert (actor.user, actor.role, actor.scopes) == (user, "clinician", frozenset({"case.read"}))
    with pytest.raises(Forbidden):
        recognise_token(store, token.secret, "case.create")
    do("admin", revoke_token, token.record.id)
    with pytest.raises(NotAuthenticated):
        recognise_token(store, token.secret, "case.read")
    later = do("admin", add_token, user, frozenset({"case.read"}), lasts=timedelta(days=1))
    clock.move(days=1)
    with pytest.raises(NotAuthenticated):
        recognise_token(store, later.secret, "case.read")


@pytest.mark.parametrize("secret", ["", "fs_", "fs_" + "A" * 43])
def test_an_unknown_secret_is_nobodys(store, secret):
    with pytest.raises(NotAuthenticated):
        recognise_session(store, secret)
    with pytest.raises(NotAuthenticated):
        recognise_token(store, secret, "case.read")


def test_only_administrators_manage_users(do, user):
    for actor in ("doctor", "nurse", "auditor", "researcher", "worker"):
        with pytest.raises(Forbidden):
            do(actor, add_user, "eve", "administrator", PASSWORD, cost=CHEAP)
        with pytest.raises(Forbidden):
            do(actor, lock_out, user)


def test_unfit_users_and_tokens_are_refused(do, user):
    unfit = [("", "nurse"), ("x" * 129, "nurse"), ("a\nb", "nurse")]
    for name, role in [*unfit, *(("eve", role) for role in ("worker", "device", "root"))]:
        with pytest.raises(StoreConflict):
            do("admin", add_user, name, role, PASSWORD, cost=CHEAP)
    with pytest.raises(StoreConflict):
        do("admin", add_user, "maria", "nurse", PASSWORD, cost=CHEAP)
    with pytest.raises(PasswordUnfit):
        do("admin", add_user, "eve", "nurse", "short", cost=CHEAP)
    with pytest.raises(TokenUnfit):
        do("admin", add_token, user, frozenset(), lasts=timedelta(days=1))
    with pytest.raises(NotStored):
        do("admin", add_token, "nobody", frozenset({"case.read"}), lasts=timedelta(days=1))


def test_no_secret_is_stored_or_shown(store, do, user):
    code_secret = do("admin", require_codes, user)
    token = do("admin", add_token, user, frozenset({"case.read"}), lasts=timedelta(days=1))
    with begin(store.engine) as connection:
        dump = " ".join(
            repr(tuple(row)) for table in METADATA.sorted_tables for row in connection.execute(select(table))
        )
    for secret in (PASSWORD, code_secret, token.secret):
        assert secret not in dump
    assert repr(SHOWN) == "Credentials(...)"


def test_a_hash_of_an_older_cost_is_made_anew(store, user):
    from flexura.storage.tables import USERS

    dearer = HashCost(passes=2, memory_kib=64, lanes=1)
    sign_in(store, SHOWN, cost=dearer)
    with begin(store.engine) as connection:
        assert "t=2" in connection.scalar(select(USERS.c.password))
    assert sign_in(store, SHOWN, cost=dearer)


def test_a_user_is_found_by_an_administrator_alone(do):
    added = do("admin", add_user, "maria", "clinician", PASSWORD, cost=CHEAP)
    assert do("admin", find_user, "maria") == added
    with pytest.raises(NotStored):
        do("admin", find_user, "nobody")
    with pytest.raises(Forbidden):
        do("doctor", find_user, "maria")
