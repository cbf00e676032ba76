"""Passwords: argon2id, fit or refused, never in sight. The cost is tiny here; the real one is checked once."""

import argon2
import pytest

from flexura.errors import PasswordUnfit
from flexura.security.passwords import HashCost, hash_password, is_outdated, verify_password, waste_time

CHEAP = HashCost(passes=1, memory_kib=64, lanes=1)
PASSWORD = "seven green ladders"


def test_the_right_password_and_no_other():
    hashed = hash_password(PASSWORD, CHEAP)
    assert verify_password(PASSWORD, hashed, CHEAP)
    for wrong in ("", PASSWORD + " ", PASSWORD[:-1], PASSWORD.upper()):
        assert not verify_password(wrong, hashed, CHEAP)


def test_two_hashes_of_one_password_differ():
    assert hash_password(PASSWORD, CHEAP) != hash_password(PASSWORD, CHEAP)


def test_the_real_cost_is_the_one_of_rfc_9106():
    parameters = argon2.extract_parameters(hash_password(PASSWORD))
    assert (parameters.type, parameters.version) == (argon2.Type.ID, 19)
    assert (parameters.time_cost, parameters.memory_cost, parameters.parallelism) == (3, 65536, 4)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)


def test_a_hash_of_another_cost_is_outdated():
    assert is_outdated(hash_password(PASSWORD, CHEAP))
    assert not is_outdated(hash_password(PASSWORD, CHEAP), CHEAP)


@pytest.mark.parametrize("hashed", ["", "x", "$argon2id$v=19$m=64,t=1,p=1$AAAA", "disabled"])
def test_what_is_no_hash_opens_nothing(hashed):
    assert not verify_password(PASSWORD, hashed, CHEAP)


def test_two_ways_of_typing_one_letter_are_one():
    hashed = hash_password("Z\u00fcge fahren nachts", CHEAP)
    assert verify_password("Zu\u0308ge fahren nachts", hashed, CHEAP)


@pytest.mark.parametrize(
    "password",
    ["", "short", "x" * 11, "x" * 257, "aaaaaaaaaaaaaaaa", "abababababababab", "password1234", "Password!Password!"],
)
def test_unfit_passwords_are_refused_and_not_repeated(password):
    with pytest.raises(PasswordUnfit) as caught:
        hash_password(password, CHEAP)
    assert not password or password not in str(caught.value)


def test_a_users_own_name_is_no_password():
    with pytest.raises(PasswordUnfit):
        hash_password("maria.schmidt2026", CHEAP, user_name="maria.schmidt")
    assert hash_password("maria.schmidt owns seven ladders", CHEAP, user_name="maria.schmidt")


def test_an_unknown_user_costs_a_hash_too(monkeypatch):
    made = []
    monkeypatch.setattr(argon2.PasswordHasher, "hash", lambda self, password: made.append(self.memory_cost))
    waste_time(CHEAP)
    assert made == [64]
