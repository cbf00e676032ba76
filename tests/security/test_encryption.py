"""What is encrypted opens in its own place only; all failures are one; a lost data key is the end of its data."""

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.errors import KeyMissing, Undecipherable
from flexura.security.encryption import (
    DataKey,
    Owner,
    decrypt,
    decrypt_content,
    derive,
    encrypt,
    encrypt_content,
    make_data_key,
    unwrap,
    wrap,
)
from flexura.security.keys import KeyRing, add_key, make_key

OWNER = Owner("clinic", "patient-1")
KEY = make_data_key(OWNER, 1, randomness=os.urandom)
FIELD = "patients.name/1"
NAME = b"Jane Doe"
RING = KeyRing(make_key(os.urandom(32)))

# The same secret bytes in another place: what an intruder gets who moves ciphertexts between rows.
OTHER_PLACES = {
    "another patient": (replace(KEY, owner=Owner("clinic", "patient-2")), FIELD),
    "another tenant": (replace(KEY, owner=Owner("practice", "patient-1")), FIELD),
    "another field": (KEY, "patients.mrn/1"),
    "another row": (KEY, "patients.name/2"),
    "parts shifted": (replace(KEY, owner=Owner("clinicp", "atient-1")), FIELD),
    "another key": (DataKey(OWNER, 1, os.urandom(32)), FIELD),
    "another key version": (replace(KEY, version=2), FIELD),
}


@given(plaintext=st.binary(max_size=300), field=st.text(max_size=20))
def test_what_was_encrypted_opens_in_its_place(plaintext, field):
    assert decrypt(KEY, field, encrypt(KEY, field, plaintext, randomness=os.urandom)) == plaintext


@pytest.mark.parametrize("place", OTHER_PLACES.values(), ids=OTHER_PLACES)
def test_it_opens_nowhere_else(place):
    sealed = encrypt(KEY, FIELD, NAME, randomness=os.urandom)
    with pytest.raises(Undecipherable):
        decrypt(*place, sealed)


def test_an_old_key_version_cannot_be_passed_off_as_the_new_one():
    old, new = KEY, make_data_key(OWNER, 2, randomness=os.urandom)
    replayed = bytearray(encrypt(old, FIELD, NAME, randomness=os.urandom))
    replayed[4] = 2  # the version in the head
    for key in (old, new):
        with pytest.raises(Undecipherable):
            decrypt(key, FIELD, bytes(replayed))


def test_a_flipped_bit_anywhere_is_noticed():
    sealed = encrypt(KEY, FIELD, NAME, randomness=os.urandom)
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Undecipherable):
            decrypt(KEY, FIELD, bytes(changed))


def test_a_cut_or_longer_ciphertext_is_noticed():
    sealed = encrypt(KEY, FIELD, NAME, randomness=os.urandom)
    for cut in (*(sealed[:length] for length in range(len(sealed))), sealed + b"\0"):
        with pytest.raises(Undecipherable):
            decrypt(KEY, FIELD, cut)


def test_all_failures_are_one():
    sealed = encrypt(KEY, FIELD, NAME, randomness=os.urandom)
    seen = set()
    for key, field, bytes_ in [(*place, sealed) for place in OTHER_PLACES.values()] + [(KEY, FIELD, sealed[:9])]:
        with pytest.raises(Undecipherable) as caught:
            decrypt(key, field, bytes_)
        seen.add((str(caught.value), caught.value.__cause__))
    assert len(seen) == 1


def test_the_same_field_never_looks_the_same_twice():
    assert len({encrypt(KEY, FIELD, NAME, randomness=os.urandom) for _ in range(100)}) == 100


def test_a_name_is_not_in_its_ciphertext():
    assert NAME not in encrypt(KEY, FIELD, NAME, randomness=os.urandom)


def test_the_known_answer_of_the_format():
    """Recomputed with the library's primitives: format, version, nonce, and AES-256-GCM under the derived key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = DataKey(Owner("t", "p"), 3, bytes(range(32)))
    sealed = encrypt(key, "f", b"text", randomness=bytes)
    parts = (b"flexura", b"field", b"t", b"p", b"f", b"3")
    bound = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    body = AESGCM(derive(key, "fields")).encrypt(bytes(12), b"text", bound)
    assert sealed == b"\x01\x00\x00\x00\x03" + bytes(12) + body
    assert len(sealed) == 33 + len(b"text")


def test_purposes_do_not_share_a_key():
    purposes = ("fields", "contents", "names", "index", "signatures")
    assert len({derive(KEY, purpose) for purpose in purposes} | {KEY.secret}) == len(purposes) + 1


def test_the_same_content_is_the_same_object():
    assert encrypt_content(KEY, b"photo") == encrypt_content(KEY, b"photo")
    assert encrypt_content(KEY, b"photo")[0] != encrypt_content(KEY, b"photo2")[0]


def test_two_patients_photos_cannot_be_told_to_be_the_same():
    other = make_data_key(Owner("clinic", "patient-2"), 1, randomness=os.urandom)
    assert encrypt_content(KEY, b"photo")[0] != encrypt_content(other, b"photo")[0]


def test_a_content_opens_under_its_name_only():
    name, sealed = encrypt_content(KEY, b"photo")
    other, other_sealed = encrypt_content(KEY, b"another")
    assert decrypt_content(KEY, name, sealed) == b"photo"
    for wrong in ((other, sealed), (name, other_sealed), (name, sealed[:-1]), (name, b"")):
        with pytest.raises(Undecipherable):
            decrypt_content(KEY, *wrong)


def test_a_field_cannot_be_passed_off_as_a_content():
    name, _ = encrypt_content(KEY, b"photo")
    with pytest.raises(Undecipherable):
        decrypt_content(KEY, name, encrypt(KEY, name, b"photo", randomness=os.urandom))


def test_a_wrapped_key_opens_with_its_master_key():
    assert unwrap(wrap(KEY, RING.current, randomness=os.urandom), RING) == KEY


@pytest.mark.parametrize(
    "change", [{"owner": Owner("clinic", "patient-2")}, {"owner": Owner("x", "patient-1")}, {"version": 2}]
)
def test_a_wrapped_key_cannot_be_given_to_another(change):
    wrapped = replace(wrap(KEY, RING.current, randomness=os.urandom), **change)
    with pytest.raises(Undecipherable):
        unwrap(wrapped, RING)


def test_a_wrapped_key_cannot_be_claimed_by_another_master_key():
    ring = add_key(RING, os.urandom(32))
    wrapped = replace(wrap(KEY, RING.current, randomness=os.urandom), master=ring.current.id)
    with pytest.raises(Undecipherable):
        unwrap(wrapped, ring)


def test_rotation_changes_the_wrapping_and_nothing_else():
    sealed = encrypt(KEY, FIELD, NAME, randomness=os.urandom)
    ring = add_key(RING, os.urandom(32))
    wrapped = wrap(unwrap(wrap(KEY, RING.current, randomness=os.urandom), ring), ring.current, randomness=os.urandom)
    assert wrapped.master == ring.current.id
    alone = KeyRing(ring.current)  # the old master key is gone
    assert decrypt(unwrap(wrapped, alone), FIELD, sealed) == NAME


def test_without_the_master_key_nothing_opens():
    wrapped = wrap(KEY, RING.current, randomness=os.urandom)
    with pytest.raises(KeyMissing):
        unwrap(wrapped, KeyRing(make_key(os.urandom(32))))


def test_secrets_hide_themselves():
    wrapped = wrap(KEY, RING.current, randomness=os.urandom)
    for shown in (repr(KEY), repr(wrapped)):
        assert "secret" not in shown
        assert "sealed" not in shown
