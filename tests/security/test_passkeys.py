"""Passkeys without browser and store: what is asked, and every answer that must not be believed."""

import copy
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.errors import PasskeyUnfit, SettingsError
from flexura.security.passkeys import (
    Answer,
    Passkey,
    RelyingParty,
    ask_registration,
    ask_use,
    identify,
    make_challenge,
    may_be_copied,
    name_party,
    verify_registration,
    verify_use,
)

US = RelyingParty("clinic.test", "https://clinic.test")
CHALLENGE, OTHER = b"c" * 32, b"o" * 32
USER = "4f1c0a7be2d84f6b9a3d5c7e8f901234"


def _b64(content):
    return urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text):
    return urlsafe_b64decode(f"{text}===")


@pytest.fixture(scope="module")
def asked():
    return ask_registration(US, CHALLENGE, user=USER, name="maria", known=[b"known"])


@pytest.fixture(scope="module")
def question():
    return ask_use(US, CHALLENGE, known=[b"known"])


@pytest.fixture
def key(make_authenticator):
    return make_authenticator()


@pytest.fixture
def passkey(key, asked):
    return verify_registration(Answer(US, key.register(asked)), CHALLENGE)


def test_a_browser_is_asked_for_an_authenticator_that_is_not_there_yet(asked):
    assert asked["rp"] == {"name": "flexura", "id": "clinic.test"}
    assert (_bytes(asked["user"]["id"]).decode(), asked["user"]["name"]) == (USER, "maria")
    assert _bytes(asked["challenge"]) == CHALLENGE
    assert [_bytes(each["id"]) for each in asked["excludeCredentials"]] == [b"known"]
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"
    assert (asked["attestation"], asked["timeout"]) == ("none", 300_000)
    assert {each["alg"] for each in asked["pubKeyCredParams"]} == {-8, -7, -257}


def test_a_browser_is_asked_for_one_of_the_users_own(question):
    assert (question["rpId"], question["userVerification"], question["timeout"]) == (
        "clinic.test", "preferred", 300_000
    )  # fmt: skip
    assert [_bytes(each["id"]) for each in question["allowCredentials"]] == [b"known"]
    assert _bytes(question["challenge"]) == CHALLENGE


def test_a_challenge_is_256_random_bits():
    assert make_challenge(randomness=lambda count: bytes(range(count))) == bytes(range(32))
    assert identify(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1


@pytest.mark.parametrize("packed", [False, True], ids=["none", "packed"])
def test_what_was_registered_is_believed_when_used(key, asked, question, packed):
    answer = Answer(US, key.register(asked, packed=packed))
    assert (answer.credential, answer.challenge) == (key.credential, CHALLENGE)
    passkey = verify_registration(answer, CHALLENGE)
    assert (passkey.credential, passkey.counter) == (key.credential, 1)
    used = Answer(US, key.use(question, handle=USER.encode()))
    assert verify_use(used, CHALLENGE, passkey=passkey, user=USER) == 2


WRONG = [
    {"origin": "https://clinic.test.evil.test"},
    {"origin": "http://clinic.test"},
    {"host": "evil.test"},
    {"challenge": _b64(OTHER)},
    {"type": "webauthn.swap"},
    {"flags": 0x44},  # verified, attested, never touched
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_answers_another_question_is_not_registered(key, asked, wrong):
    with pytest.raises(PasskeyUnfit):
        verify_registration(Answer(US, key.register(asked, packed=True, **wrong)), CHALLENGE)


def test_a_statement_that_another_key_signed_is_not_registered(key, asked, make_authenticator):
    with pytest.raises(PasskeyUnfit):
        verify_registration(Answer(US, key.register(asked, packed=True, key=make_authenticator().key)), CHALLENGE)


@pytest.mark.parametrize("wrong", [*WRONG[:-1], {"flags": 0x04}, {"handle": b"another"}], ids=str)
def test_what_answers_another_question_is_no_use(key, question, passkey, wrong):
    with pytest.raises(PasskeyUnfit):
        verify_use(Answer(US, key.use(question, **wrong)), CHALLENGE, passkey=passkey, user=USER)


def test_another_signature_another_key_and_another_credential_are_no_use(key, question, passkey, make_authenticator):
    stranger = make_authenticator()
    for answer in (key.use(question, key=stranger.key), stranger.use(question)):
        with pytest.raises(PasskeyUnfit):
            verify_use(Answer(US, answer), CHALLENGE, passkey=passkey, user=USER)
    renamed = replace(passkey, credential=b"another")
    with pytest.raises(PasskeyUnfit):  # the right key under another name
        verify_use(Answer(US, key.use(question)), CHALLENGE, passkey=renamed, user=USER)


@pytest.mark.parametrize(
    ("stored", "told", "copied"),
    [(0, 0, False), (0, 1, False), (7, 8, False), (7, 7, True), (7, 6, True), (7, 0, True)],
)
def test_a_counter_that_does_not_go_on_may_be_a_copys(stored, told, copied):
    assert may_be_copied(Passkey(b"", b"", stored), told) is copied


def _spoil(document, place, value):
    spoiled = copy.deepcopy(document)
    inner = spoiled
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return spoiled


PLACES = [("rawId",), ("id",), ("type",), ("response",), ("response", "clientDataJSON")]
UNFIT = [None, 7, "", "é", "a", [], {}, _b64(b"[" * 100_000), _b64(b'{"challenge": 7}'), _b64(b"\xff"), _b64(b"{}")]


@pytest.mark.parametrize("value", UNFIT, ids=lambda value: str(value)[:20])
def test_what_is_no_answer_is_unfit_and_nothing_else(key, asked, question, passkey, value):
    for place in [*PLACES, ("response", "attestationObject")]:
        with pytest.raises(PasskeyUnfit):
            verify_registration(_touch(Answer(US, _spoil(key.register(asked), place, value))), CHALLENGE)
    for place in [*PLACES, ("response", "authenticatorData"), ("response", "signature"), ("response", "userHandle")]:
        if (place, value) == (("response", "userHandle"), None):
            continue  # as where there is none
        answer = _touch(Answer(US, _spoil(key.use(question), place, value)))
        with pytest.raises(PasskeyUnfit):
            verify_use(answer, CHALLENGE, passkey=passkey, user=USER)


def _touch(answer):
    """Read what is read before anything is verified."""
    assert isinstance(answer.credential + answer.challenge + (answer.handle or b""), bytes)
    return answer


@given(st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255)), min_size=1, max_size=4))
def test_spoiled_bytes_are_unfit_and_nothing_else(make_authenticator, spoilt):
    asked = ask_registration(US, CHALLENGE, user=USER, name="maria", known=[])
    answer = make_authenticator().register(asked, packed=True)
    content = bytearray(_bytes(answer["response"]["attestationObject"]))
    for place, value in spoilt:
        content[place % len(content)] = value
    spoiled = Answer(US, _spoil(answer, ("response", "attestationObject"), _b64(bytes(content))))
    with suppress(PasskeyUnfit):
        verify_registration(spoiled, CHALLENGE)


@pytest.mark.parametrize(
    ("origin", "party"),
    [
        ("https://clinic.test", RelyingParty("clinic.test", "https://clinic.test")),
        ("https://Clinic.test:443", RelyingParty("clinic.test", "https://clinic.test")),
        ("https://clinic.test:8443", RelyingParty("clinic.test", "https://clinic.test:8443")),
        ("http://localhost:8443", RelyingParty("localhost", "http://localhost:8443")),
        ("http://127.0.0.1:8443", None),
        ("https://[2001:db8::1]", None),
    ],
)
def test_the_clinic_is_known_by_its_host_name(origin, party):
    assert name_party(origin) == party


@pytest.mark.parametrize("origin", ["", "clinic.test", "http://clinic.test", "https://clinic.test/", "https://a@b"])
def test_what_is_no_origin_is_a_setting_to_correct(origin):
    with pytest.raises(SettingsError):
        name_party(origin)


def test_an_answer_hides_itself():
    assert json.dumps("secret") not in repr(Answer(US, {"rawId": "secret"}))
