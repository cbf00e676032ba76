"""Master keys: fingerprints, text and file; a clinic does not start on a missing, weak or open key."""

import base64
import hashlib
import os
from pathlib import Path

import pytest

from flexura.errors import KeyMissing, KeyUnfit, OutputUnwritable
from flexura.security.keyfile import create_key_file, read_key_file, replace_key_file
from flexura.security.keys import KeyRing, MovingKeys, add_key, make_key, parse_keys, write_keys

FIRST = hashlib.sha256(b"first").digest()
SECOND = hashlib.sha256(b"second").digest()
RING = KeyRing(make_key(SECOND), (make_key(FIRST),))

WEAK = {
    "empty": b"",
    "short": FIRST[:31],
    "long": FIRST + b"\0",
    "zeros": bytes(32),
    "counting": bytes(range(32)),
    "counting down": bytes(range(200, 168, -1)),
    "typed": b"correct horse battery staple 123",
    "repeated": FIRST[:8] * 4,
}


def _word(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


@pytest.mark.parametrize("secret", WEAK.values(), ids=WEAK)
def test_weak_keys_are_refused(secret):
    with pytest.raises(KeyUnfit):
        make_key(secret)


def test_random_keys_are_taken():
    assert len({make_key(os.urandom(32)).id for _ in range(1000)}) == 1000


def test_text_and_ring_say_the_same():
    assert parse_keys(write_keys(RING)) == RING
    assert parse_keys(f"{_word(SECOND)} {_word(FIRST)}") == RING


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n"])
def test_no_key_is_a_missing_key(text):
    with pytest.raises(KeyMissing):
        parse_keys(text)


@pytest.mark.parametrize("text", ["change-me", "secret", _word(FIRST) + "\n" + _word(FIRST), _word(bytes(32))])
def test_placeholders_doubles_and_zeros_are_unfit_and_not_repeated_in_the_message(text):
    with pytest.raises(KeyUnfit) as caught:
        parse_keys(text)
    assert text not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_new_key_wraps_and_the_others_stay():
    ring = add_key(KeyRing(make_key(FIRST)), SECOND)
    assert ring == RING
    assert ring.find(make_key(FIRST).id).secret == FIRST


def test_a_key_that_is_not_on_the_ring_is_named():
    with pytest.raises(KeyMissing, match=make_key(SECOND).id):
        KeyRing(make_key(FIRST)).find(make_key(SECOND).id)


def test_while_a_clinic_moves_the_keys_of_the_place_before_only_unwrap():
    moving = MovingKeys(KeyRing(make_key(SECOND)), KeyRing(make_key(FIRST)))
    assert moving.current.id == make_key(SECOND).id
    assert {moving.find(make_key(secret).id).id for secret in (FIRST, SECOND)} == {
        key.id for key in (RING.current, *RING.earlier)
    }
    with pytest.raises(KeyMissing):
        moving.find("0" * 16)


def test_secrets_hide_themselves():
    assert _word(FIRST) not in repr(RING)
    assert str(FIRST) not in repr(RING)


def test_a_created_file_is_its_owners_only_and_reads_back(tmp_path: Path):
    path = tmp_path / "keys"
    create_key_file(path, RING)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key_file(path) == RING


def test_an_existing_file_is_never_overwritten(tmp_path: Path):
    path = tmp_path / "keys"
    path.write_text("precious")
    with pytest.raises(OutputUnwritable):
        create_key_file(path, RING)
    assert path.read_text() == "precious"


def test_a_file_is_replaced_in_one_step_and_nothing_is_left_over(tmp_path: Path):
    path = tmp_path / "keys"
    create_key_file(path, KeyRing(make_key(FIRST)))
    replace_key_file(path, RING)
    assert read_key_file(path) == RING
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(OutputUnwritable):
        replace_key_file(tmp_path / "nowhere" / "keys", RING)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666, 0o610])
def test_a_file_that_others_can_touch_is_refused(tmp_path: Path, mode: int):
    path = tmp_path / "keys"
    create_key_file(path, RING)
    path.chmod(mode)
    with pytest.raises(KeyUnfit, match="600"):
        read_key_file(path)


def test_a_missing_file_and_an_empty_one_are_missing_keys(tmp_path: Path):
    path = tmp_path / "keys"
    with pytest.raises(KeyMissing):
        read_key_file(path)
    path.touch(0o600)
    with pytest.raises(KeyMissing):
        read_key_file(path)


def test_a_device_is_no_key_file():
    with pytest.raises(KeyUnfit):
        read_key_file(Path("/dev/zero"))
