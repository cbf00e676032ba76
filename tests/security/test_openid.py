"""OpenID Connect without a network: what is asked for, and every token that must not be believed."""

import base64
import hashlib
import hmac
import json
import os
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flexura.errors import NotAuthenticated, ProviderUnavailable, SettingsError
from flexura.security.openid import (
    Provider,
    authorization_address,
    exchange_form,
    make_login_secret,
    read_code,
    read_id_token,
    read_provider,
    register,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
T = int(NOON.timestamp())
ISSUER = "https://id.clinic.test/realm"
US = register(ISSUER, "flexura", origin="https://flexura.clinic.test", secret="hush")
THERE = Provider(f"{ISSUER}/authorize", f"{ISSUER}/token", f"{ISSUER}/keys")
LOGIN = make_login_secret(randomness=os.urandom)


def _asked(secret=LOGIN):
    query = urlsplit(authorization_address(THERE, US, secret)).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def _b64(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def keys(key):
    public = key.public_key().public_numbers()
    return {"keys": [{"kty": "RSA", "kid": "a", "n": _b64(public.n.to_bytes(256, "big")), "e": "AQAB"}]}


def _claims(**changes):
    claims = {"iss": ISSUER, "aud": "flexura", "sub": "248289761001", "nonce": _asked()["nonce"]}
    claims |= {"iat": T, "exp": T + 300, "auth_time": T - 60, "amr": ["pwd"]} | changes
    return {name: value for name, value in claims.items() if value is not None}


def _token(claims, sign, **header):
    text = ".".join(_b64(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "a", **header}, claims))
    return f"{text}.{_b64(sign(text.encode()))}"


@pytest.fixture(scope="module")
def rs256(key):
    return lambda text: key.sign(text, padding.PKCS1v15(), SHA256())


def _read(token, keys, *, secret=LOGIN, now=NOON):
    return read_id_token(token, keys, US, secret=secret, now=now)


def test_a_sign_in_asks_for_a_code_with_state_nonce_and_pkce():
    asked = _asked()
    assert (asked["response_type"], asked["scope"], asked["client_id"]) == ("code", "openid", "flexura")
    assert asked["redirect_uri"] == "https://flexura.clinic.test/sign-in/openid/back"
    verifier = exchange_form(US, LOGIN, "c")["code_verifier"]
    assert 43 <= len(verifier) <= 128  # RFC 7636, section 4.1
    assert asked["code_challenge"] == _b64(hashlib.sha256(verifier.encode()).digest())
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], verifier, LOGIN}) == 4


def test_two_sign_ins_share_nothing_and_the_address_keeps_a_query_of_its_own():
    other = _asked(make_login_secret(randomness=os.urandom))
    assert not {other[name] for name in ("state", "nonce", "code_challenge")} & set(_asked().values())
    there = Provider(f"{ISSUER}/authorize?kc=1", THERE.token, THERE.keys)
    assert authorization_address(there, US, LOGIN).startswith(f"{ISSUER}/authorize?kc=1&response_type=code")


def test_the_clients_secret_does_not_show_itself():
    assert "hush" not in repr(US)


BAD_SETTINGS = [
    ("http://id.clinic.test", "https://flexura.clinic.test"),
    (f"{ISSUER}?x=1", "https://flexura.clinic.test"),
    ("ftp://id.clinic.test", "https://flexura.clinic.test"),
    (ISSUER, "http://flexura.clinic.test"),
    (ISSUER, "https://flexura.clinic.test/"),
    (ISSUER, "https://a@flexura.clinic.test"),
    (ISSUER, "flexura.clinic.test"),
]


@pytest.mark.parametrize(("issuer", "origin"), BAD_SETTINGS)
def test_plain_or_odd_addresses_are_refused(issuer, origin):
    with pytest.raises(SettingsError):
        register(issuer, "flexura", origin=origin)


def _metadata(**changes):
    at = {"authorization_endpoint": THERE.authorization, "token_endpoint": THERE.token, "jwks_uri": THERE.keys}
    return {"issuer": ISSUER, **at} | changes


def test_a_provider_is_described_by_its_own_issuer():
    assert read_provider(_metadata(), US) == THERE


BAD_METADATA = [{"issuer": "https://evil.test"}, {"issuer": ISSUER + "/"}, {"jwks_uri": None}]


@pytest.mark.parametrize("wrong", [*BAD_METADATA, {"token_endpoint": "http://x.test"}])
def test_another_issuers_description_or_a_plain_address_is_refused(wrong):
    with pytest.raises(ProviderUnavailable):
        read_provider(_metadata(**wrong), US)


def test_a_code_is_taken_from_the_answer_to_this_browser():
    state = _asked()["state"]
    assert read_code({"code": "c", "state": state, "iss": ISSUER}, US, LOGIN) == "c"
    assert read_code({"code": "c", "state": state}, US, LOGIN) == "c"


BAD_ANSWERS = [{"state": "x"}, {"state": ""}, {"state": "ä"}, {"code": ""}, {"iss": "https://evil.test"}]


@pytest.mark.parametrize("wrong", [*BAD_ANSWERS, {"error": "access_denied", "code": ""}])
def test_an_answer_that_this_browser_did_not_ask_for_is_refused(wrong):
    with pytest.raises(NotAuthenticated):
        read_code({"code": "c", "state": _asked()["state"], "iss": ISSUER} | wrong, US, LOGIN)


def test_an_answer_to_no_sign_in_is_refused_even_with_the_state_of_an_empty_secret():
    with pytest.raises(NotAuthenticated):
        read_code({"code": "c", "state": _asked("")["state"]}, US, "")


def test_a_right_token_names_its_subject_and_when_who_it_is_was_asked(keys, rs256):
    found = _read(_token(_claims(), rs256), keys)
    assert (found.issuer, found.subject, found.second_factor) == (ISSUER, "248289761001", False)
    assert found.at == NOON - timedelta(seconds=60)
    assert _read(_token(_claims(amr=["pwd", "mfa"]), rs256), keys).second_factor
    assert _read(_token(_claims(aud=["flexura", "other"], azp="flexura"), rs256), keys)


BAD_CLAIMS = {
    "another issuer": {"iss": "https://evil.test"},
    "another audience": {"aud": "other"},
    "several audiences, nobody named": {"aud": ["flexura", "other"]},
    "another party": {"azp": "other"},
    "over": {"exp": T - 61},
    "no end": {"exp": None},
    "an end that is none": {"exp": "never"},
    "from the future": {"iat": T + 61},
    "no beginning": {"iat": None},
    "not yet": {"nbf": T + 61},
    "of another sign-in": {"nonce": "x"},
    "of no sign-in": {"nonce": None},
    "of nobody": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is none": {"sub": 7},
    "too long a subject": {"sub": "7" * 256},
    "asked yesterday": {"auth_time": T - 24 * 3600},
    "asked tomorrow": {"auth_time": T + 24 * 3600},
    "never asked": {"auth_time": None},
    "asked at no time": {"auth_time": 10**30},
}


@pytest.mark.parametrize("wrong", BAD_CLAIMS.values(), ids=BAD_CLAIMS)
def test_a_signed_token_that_is_not_for_this_sign_in_is_refused(keys, rs256, wrong):
    with pytest.raises(NotAuthenticated, match="not valid here"):
        _read(_token(_claims(**wrong), rs256), keys)


def test_a_token_is_good_for_one_browser_and_not_for_ever(keys, rs256):
    token = _token(_claims(), rs256)
    with pytest.raises(NotAuthenticated):
        _read(token, keys, secret=make_login_secret(randomness=os.urandom))
    with pytest.raises(NotAuthenticated):
        _read(token, keys, now=NOON + timedelta(minutes=6, seconds=1))


def test_signatures_that_prove_nothing_are_refused(keys, key, rs256):
    stranger = rsa.generate_private_key(65537, 2048)
    # HMAC with the public key as its secret, which everybody has (RFC 8725, section 2.1).
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for token in (
        _token(_claims(), lambda text: stranger.sign(text, padding.PKCS1v15(), SHA256())),
        _token(_claims(), lambda text: b"", alg="none"),
        _token(_claims(), lambda text: hmac.digest(pem, text, "sha256"), alg="HS256"),
        _token(_claims(), rs256, kid="b"),
        _token(_claims(), lambda text: rs256(text)[:-1]),
        "",
        "a.b.c",
    ):
        with pytest.raises(NotAuthenticated):
            _read(token, keys)


@pytest.mark.parametrize("odd", [{}, {"keys": []}, {"keys": "none"}, {"keys": [{"kty": "RSA"}]}, {"keys": [7]}])
def test_keys_that_are_none_open_nothing(rs256, odd):
    with pytest.raises(NotAuthenticated):
        _read(_token(_claims(), rs256), odd)
