"""Passkeys on both databases: registered, used and removed, with every answer that must open nothing."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from pyotp import TOTP
from sqlalchemy import select, update

from flexura.errors import (
    Forbidden,
    LockoutRefused,
    NotAuthenticated,
    NotStored,
    PasskeyUnfit,
    StoreConflict,
    TooManyAttempts,
    Undecipherable,
)
from flexura.security.openid import Identity
from flexura.security.passkeys import Answer, RelyingParty, identify
from flexura.security.passwords import HashCost
from flexura.storage import passkeys
from flexura.storage.auditlog import search
from flexura.storage.credentials import Credentials, ask_passkey, sign_in
from flexura.storage.database import begin
from flexura.storage.identities import link_user, sign_in_by_identity
from flexura.storage.people import list_users, lock_out, reset_second_factor
from flexura.storage.tables import CHALLENGES, PASSKEYS
from flexura.storage.users import add_user, recognise_session, require_codes

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
PASSWORD = "seven green ladders"
US = RelyingParty("clinic.test", "https://clinic.test")
SHOWN = Credentials("clinic", "maria", PASSWORD, address="192.0.2.7")


@pytest.fixture
def user(do):
    return do("admin", add_user, "maria", "clinician", PASSWORD, cost=CHEAP)


@pytest.fixture
def key(make_authenticator):
    return make_authenticator()


class Door:
    """Signs in and registers, as a browser does."""

    def __init__(self, store):
        self.store = store

    def sign_in(self, **shown):
        return sign_in(self.store, replace(SHOWN, **shown), cost=CHEAP)

    def ask(self, **shown):
        return ask_passkey(self.store, replace(SHOWN, **shown), US, cost=CHEAP)

    def use(self, authenticator, *, name="maria", **changes):
        answer = Answer(US, authenticator.use(self.ask(name=name), **changes))
        return self.sign_in(name=name, passkey=answer)

    def enter(self, issued):
        return recognise_session(self.store, issued.secret, address="192.0.2.7")

    def register(self, issued, key, *, name="ring", **changes):
        actor, session = self.enter(issued)
        with self.store.visit(actor) as visit:
            asked = passkeys.ask_to_register(visit, US, session)
        answer = Answer(US, key.register(asked, **changes))
        return passkeys.add_passkey(self.store, actor, answer, name=name, session=session)


@pytest.fixture
def door(store):
    return Door(store)


@pytest.fixture
def registered(door, user, key):
    return door.register(door.sign_in(), key)


def _events(store, verb):
    with begin(store.engine) as connection:
        return [(event.entity, event.outcome) for event in search(connection, "clinic") if event.verb == verb]


def test_a_passkey_opens_a_session_with_a_second_factor_and_stands_in_the_log(store, door, user, key, clock):
    issued = door.sign_in()
    made = door.register(issued, key)
    assert made == identify(key.credential)
    clock.move(days=1)
    actor, session = door.enter(door.use(key))
    assert (actor.user, session.second_factor_at) == (user, clock.now)
    with store.visit(actor) as visit:
        (kept,) = passkeys.list_passkeys(visit)
    assert (kept.id, kept.name, kept.used_at) == (made, "ring", clock.now)
    assert kept.created_at == clock.now - timedelta(days=1)
    assert _events(store, "passkey.add") == [(f"passkeys/{made}", "success")]
    assert _events(store, "passkey.ask") == [(f"users/{user}", "success")]
    assert _events(store, "passkey.use") == [(f"passkeys/{made}", "success")]
    assert _events(store, "session.open")[-1] == (f"users/{user}", "success")


def test_who_has_a_passkey_is_asked_for_a_second_factor(door, registered):
    for wrong in ({}, {"code": "123456"}, {"password": "seven red ladders"}):
        with pytest.raises(NotAuthenticated, match=r"^Name, password or second factor is wrong\.$"):
            door.sign_in(**wrong)


def test_code_and_passkey_stand_side_by_side(door, do, user, key, clock):
    code = TOTP(do("admin", require_codes, user))
    door.register(door.sign_in(code=code.at(clock.now)), key)
    clock.move(seconds=30)
    assert door.sign_in(code=code.at(clock.now))
    assert door.use(key)


def test_nobody_is_asked_for_a_passkey_without_the_right_password_or_without_one(store, door, user, registered, do):
    do("admin", add_user, "eve", "nurse", PASSWORD, cost=CHEAP)
    for wrong in ({"password": "seven red ladders"}, {"name": "nobody"}, {"name": "eve"}, {"tenant": "practice"}):
        with pytest.raises(NotAuthenticated, match=r"^Name, password or second factor is wrong\.$"):
            door.ask(**wrong)
    assert [outcome for _, outcome in _events(store, "passkey.ask")] == ["refused"] * 3  # no log of a stranger's tenant


WRONG = [
    {"origin": "https://clinic.test.evil.test"},
    {"host": "evil.test"},
    {"challenge": "b3RoZXI"},
    {"flags": 0x04},
    {"counter": 1},
    {"handle": b"another"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_answer_opens_nothing_and_is_on_record(store, door, user, registered, key, wrong):
    with pytest.raises(NotAuthenticated, match=r"^Name, password or second factor is wrong\.$"):
        door.use(key, **wrong)
    assert (f"passkeys/{registered}", "refused") in _events(store, "passkey.use")
    assert _events(store, "session.open")[-1] == (f"users/{user}", "refused")


def test_a_signature_by_another_key_opens_nothing(door, registered, key, make_authenticator):
    with pytest.raises(NotAuthenticated):
        door.use(key, key=make_authenticator().key)


def test_a_counter_that_went_back_is_refused_named_in_the_log_and_told(store, door, registered, key, caplog):
    door.use(key)
    with pytest.raises(NotAuthenticated):
        door.use(key, counter=2)
    assert _events(store, "passkey.use")[-2:] == [
        (f"passkeys/{registered}", "refused"),
        (f"counters/{registered}", "refused"),
    ]
    assert "went back" in caplog.text
    assert registered not in caplog.text
    caplog.clear()
    stranger = replace(key, counter=0, key=type(key)().key)
    with pytest.raises(NotAuthenticated):  # who cannot sign raises no alarm
        door.use(stranger)
    assert not caplog.text
    assert door.use(replace(key, counter=7))


def test_an_authenticator_that_does_not_count_is_good(door, user, make_authenticator):
    key = make_authenticator(step=0)
    door.register(door.sign_in(), key)
    assert door.use(key)
    assert door.use(key)


def test_an_answer_counts_once_even_a_wrong_one(door, registered, key):
    asked = door.ask()
    answer = Answer(US, key.use(asked))
    door.sign_in(passkey=answer)
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=answer)
    asked = door.ask()
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=Answer(US, key.use(asked, host="evil.test")))
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=Answer(US, key.use(asked)))


def test_a_challenge_is_good_for_five_minutes_and_then_forgotten(store, door, registered, key, clock):
    asked = door.ask()
    clock.move(minutes=4, seconds=59)
    assert door.sign_in(passkey=Answer(US, key.use(asked)))
    asked = door.ask()
    clock.move(minutes=5)
    door.ask()
    with begin(store.engine) as connection:
        assert len(connection.execute(select(CHALLENGES)).all()) == 1
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=Answer(US, key.use(asked)))
    asked = door.ask()
    clock.move(minutes=-1)  # set back: no longer life
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=Answer(US, key.use(asked)))


def test_anothers_passkey_and_anothers_challenge_open_nothing(door, do, registered, key, make_authenticator):
    do("admin", add_user, "eve", "clinician", PASSWORD, cost=CHEAP)
    hers = make_authenticator()
    door.register(door.sign_in(name="eve"), hers)
    for shown in (hers.use(door.ask()), key.use(door.ask(name="eve"))):
        with pytest.raises(NotAuthenticated):
            door.sign_in(passkey=Answer(US, shown))
    assert door.use(hers, name="eve")


def test_a_challenge_to_register_does_not_sign_in_and_the_other_way_round(store, door, user, key, make_authenticator):
    door.register(door.sign_in(), key)
    actor, session = door.enter(door.use(key))
    asked = {"rp": {"id": "clinic.test"}, "challenge": door.ask()["challenge"]}
    answer = Answer(US, make_authenticator().register(asked))
    with pytest.raises(PasskeyUnfit):
        passkeys.add_passkey(store, actor, answer, name="x", session=session)
    with store.visit(actor) as visit:
        asked = passkeys.ask_to_register(visit, US, session)
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=Answer(US, key.use({"rpId": "clinic.test", "challenge": asked["challenge"]})))


@pytest.mark.parametrize("wrong", [*WRONG[:3], {"flags": 0x40}], ids=str)
def test_what_answers_another_question_is_not_kept(store, door, user, key, wrong):
    issued = door.sign_in()
    with pytest.raises(PasskeyUnfit):
        door.register(issued, key, packed=True, **wrong)
    assert _events(store, "passkey.add")[-1][1] == "failed"
    assert door.sign_in()


def test_a_registration_counts_once_and_in_its_own_session(store, door, do, user, key):
    (actor, session), (_, other) = door.enter(door.sign_in()), door.enter(door.sign_in())
    with store.visit(actor) as visit:
        answer = Answer(US, key.register(passkeys.ask_to_register(visit, US, session)))
    with pytest.raises(PasskeyUnfit):
        passkeys.add_passkey(store, actor, answer, name="x", session=other)
    with pytest.raises(PasskeyUnfit):
        passkeys.add_passkey(store, actor, answer, name="x", session=session)
    assert not has_factor(store, user)


def has_factor(store, user):
    with begin(store.engine) as connection:
        return passkeys.has_second_factor(connection, user)


def test_one_authenticator_is_registered_once(door, do, registered, key):
    do("admin", add_user, "eve", "clinician", PASSWORD, cost=CHEAP)
    for issued in (door.use(key), door.sign_in(name="eve")):
        with pytest.raises(StoreConflict):
            door.register(issued, key)


def test_a_user_has_twenty_at_most(door, user, key, make_authenticator, monkeypatch):
    monkeypatch.setattr(passkeys, "_MOST", 1)
    door.register(door.sign_in(), key)
    with pytest.raises(StoreConflict):
        door.register(door.use(key), make_authenticator())


def test_second_factors_change_only_soon_after_one_was_shown(store, door, do, user, key, clock):
    issued = door.sign_in()
    clock.move(minutes=5, seconds=1)
    with pytest.raises(NotAuthenticated, match="sign in again"):
        door.register(issued, key)
    issued = door.sign_in()
    made = door.register(issued, key)
    actor, session = door.enter(issued)  # opened without the factor that there is now
    with pytest.raises(NotAuthenticated, match="sign in again"):
        do(actor, passkeys.remove_passkey, made, session=session)
    with pytest.raises(NotAuthenticated, match="sign in again"):
        door.register(issued, key)
    do("admin", require_codes, user)
    actor, session = door.enter(door.use(key))
    clock.move(minutes=5)
    do(actor, passkeys.remove_passkey, made, session=session)


def test_the_last_second_factor_stays(store, door, do, registered, key):
    actor, session = door.enter(door.use(key))
    with pytest.raises(LockoutRefused):
        do(actor, passkeys.remove_passkey, registered, session=session)
    second = door.register(door.use(key), type(key)(), name="drawer")
    do(actor, passkeys.remove_passkey, registered, session=session)
    with pytest.raises(LockoutRefused):
        do(actor, passkeys.remove_passkey, second, session=session)
    with pytest.raises(NotAuthenticated):
        door.use(key)
    assert _events(store, "passkey.remove") == [
        (f"passkeys/{registered}", "failed"),
        (f"passkeys/{registered}", "success"),
        (f"passkeys/{second}", "failed"),
    ]


def _at_once(*acts):
    """Run acts in threads of their own; gives what each raised, or None."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [ended.exception() for ended in [pool.submit(act) for act in acts]]


def test_two_removals_at_once_leave_one(door, do, registered, key):
    second = door.register(door.use(key), type(key)(), name="drawer")
    actor, session = door.enter(door.use(key))
    acts = [partial(do, actor, passkeys.remove_passkey, each, session=session) for each in (registered, second)]
    assert sorted(type(each).__name__ for each in _at_once(*acts)) == ["LockoutRefused", "NoneType"]


def test_one_answer_twice_at_once_counts_once(door, registered, key):
    answer = Answer(US, key.use(door.ask()))
    ended = _at_once(*[partial(door.sign_in, passkey=answer)] * 2)
    assert sorted(type(each).__name__ for each in ended) == ["NoneType", "NotAuthenticated"]


def test_nobody_removes_anothers_passkey(door, do, registered, key):
    do("admin", add_user, "eve", "clinician", PASSWORD, cost=CHEAP)
    actor, session = door.enter(door.sign_in(name="eve"))
    with pytest.raises(NotStored):
        do(actor, passkeys.remove_passkey, registered, session=session)
    assert door.use(key)


def test_guessing_is_slowed_down_as_for_codes(door, registered, key, clock):
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            door.use(key, host="evil.test")
    for act in (door.ask, lambda: door.sign_in(passkey=Answer(US, {}))):
        with pytest.raises(TooManyAttempts):
            act()
    clock.move(seconds=1)
    assert door.use(key)
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            door.ask(password="seven red ladders")
    with pytest.raises(TooManyAttempts):
        door.ask()


def test_an_administrator_resets_a_lost_second_factor(store, door, do, user, registered, key):
    issued, waiting = door.use(key), door.ask()
    name, secret = do("admin", reset_second_factor, user)
    assert name == "maria"
    for refused in (lambda: door.enter(issued), door.sign_in, door.ask):
        with pytest.raises(NotAuthenticated):
            refused()
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=Answer(US, key.use(waiting)))
    assert door.sign_in(code=TOTP(secret).at(store.clock()))
    assert _events(store, "passkey.remove") == [(f"passkeys/{registered}", "success")]


def test_nobody_else_resets_and_nobody_their_own(store, door, do, user, registered):
    chief = do("admin", add_user, "chief", "administrator", PASSWORD, cost=CHEAP)
    actor, _ = door.enter(door.sign_in(name="chief"))
    drawn = []

    def draw(count):
        drawn.append(count)
        return os.urandom(count)

    with pytest.raises(LockoutRefused), replace(store, randomness=draw).visit(actor) as visit:
        reset_second_factor(visit, chief)
    assert drawn == [16]  # the id of the event that says so, and no secret
    assert _events(store, "user.manage")[-1] == (f"users/{chief}", "failed")
    with pytest.raises(NotStored):
        do("admin", reset_second_factor, "nobody")
    for other in ("doctor", "nurse", "auditor", "researcher"):
        with pytest.raises(Forbidden):
            do(other, reset_second_factor, user)
    (maria,) = [person for person in do("admin", list_users) if person.name == "maria"]
    assert (maria.codes, maria.passkeys) == (False, 1)


def test_who_is_locked_out_uses_no_passkey(door, do, user, registered, key):
    asked = door.ask()
    do("admin", lock_out, user)
    with pytest.raises(NotAuthenticated):
        door.sign_in(passkey=Answer(US, key.use(asked)))


def test_who_has_a_passkey_needs_a_second_factor_of_the_provider_too(store, do, user, registered, clock):
    do("admin", link_user, user, issuer="https://id.test", subject="7")
    identity = Identity("https://id.test", "7", clock.now, second_factor=False)
    with pytest.raises(NotAuthenticated):
        sign_in_by_identity(store, "clinic", identity, address=None)
    assert sign_in_by_identity(store, "clinic", replace(identity, second_factor=True), address=None)


def test_whoever_writes_into_the_database_gives_nobody_another_key(
    store, door, do, registered, key, make_authenticator
):
    do("admin", add_user, "eve", "clinician", PASSWORD, cost=CHEAP)
    hers = make_authenticator()
    stolen = door.register(door.sign_in(name="eve"), hers)
    with begin(store.engine) as connection:
        maria = connection.scalar(select(PASSKEYS.c.user_id).where(PASSKEYS.c.id == registered))
        connection.execute(update(PASSKEYS).where(PASSKEYS.c.id == stolen).values(user_id=maria))
    with pytest.raises(Undecipherable):
        door.use(hers)
    with begin(store.engine) as connection:
        assert b"ring" not in connection.scalar(select(PASSKEYS.c.sealed).where(PASSKEYS.c.id == registered))
