"""Master keys in a token of SoftHSM: what they wrap, what they keep to themselves, and what happens without them."""

import os
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, TokenFlag

from flexura.errors import (
    HsmPinRefused,
    HsmUnavailable,
    HsmUnfit,
    KeyMissing,
    KeyUnfit,
    OutputUnwritable,
    Undecipherable,
)
from flexura.security import hsm
from flexura.security.encryption import Owner, make_data_key, unwrap, wrap
from flexura.security.hsm import HsmKeys, check_tries, open_hsm
from flexura.security.hsmaddress import parse_address
from flexura.security.keys import KeyRing, MovingKeys, make_key

KEY = make_data_key(Owner("clinic", "patient-1"), 1, randomness=os.urandom)


@pytest.fixture
def keys(token) -> HsmKeys:
    """As a process opens them, with one key made."""
    opened = open_hsm(parse_address(token.uri))
    opened.create_first(randomness=lambda count: b"\xab" * count)
    return opened


def _wrap(keys, key=KEY):
    return wrap(key, keys.current, randomness=os.urandom)


def test_a_data_key_is_wrapped_in_the_token_in_the_form_of_the_key_file(keys):
    wrapped = _wrap(keys)
    assert unwrap(wrapped, keys) == KEY
    assert wrapped.master == "0001" + "ab" * 6
    assert len(wrapped.sealed) == len(_wrap(KeyRing(make_key(os.urandom(32)))).sealed) == 65
    assert KEY.secret not in wrapped.sealed


def test_the_key_never_leaves_the_token(keys, token):
    library = pkcs11.lib(token.uri.partition("module-path=")[2].partition("&")[0])
    session = library.get_token(token_label=token.label).open()  # the process is logged in already
    (key,) = session.get_objects({Attribute.LABEL: "flexura"})
    with pytest.raises(pkcs11.AttributeSensitive):
        key[Attribute.VALUE]
    told = [Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.EXTRACTABLE, Attribute.NEVER_EXTRACTABLE]
    assert [key[name] for name in told] == [True, True, False, True]
    others = [Attribute.WRAP, Attribute.UNWRAP, Attribute.SIGN, Attribute.DERIVE]
    assert [key[name] for name in others] == [False] * 4
    assert (key[Attribute.VALUE_LEN], key[Attribute.PRIVATE]) == (32, True)


@pytest.mark.parametrize(
    "change", [{"owner": Owner("clinic", "patient-2")}, {"owner": Owner("x", "patient-1")}, {"version": 2}]
)
def test_a_wrapped_key_cannot_be_given_to_another(keys, change):
    with pytest.raises(Undecipherable):
        unwrap(replace(_wrap(keys), **change), keys)


@pytest.mark.parametrize("place", [0, 4, 5, 20, 64])
def test_a_changed_bit_or_a_cut_does_not_open_and_the_token_stays(keys, place):
    wrapped = _wrap(keys)
    changed = bytearray(wrapped.sealed)
    changed[place] ^= 1
    for sealed in (bytes(changed), wrapped.sealed[:place]):
        with pytest.raises(Undecipherable):
            unwrap(replace(wrapped, sealed=sealed), keys)
    assert unwrap(wrapped, keys) == KEY


def test_a_wrong_tag_costs_no_new_connection(keys, monkeypatch):
    wrapped = _wrap(keys)
    monkeypatch.setattr(HsmKeys, "_log_in", None)
    with pytest.raises(Undecipherable):
        unwrap(replace(wrapped, sealed=wrapped.sealed[:-1] + bytes([wrapped.sealed[-1] ^ 1])), keys)


def test_a_next_key_wraps_and_the_one_before_unwraps_in_every_process(keys, token):
    old, elsewhere = _wrap(keys), HsmKeys(parse_address(token.uri))
    assert unwrap(old, elsewhere) == KEY
    made = keys.create(keys.name_next(randomness=os.urandom))
    assert made.id.startswith("0002")
    assert keys.current == made
    assert elsewhere.current.id == made.id  # made by another, seen at once
    assert _wrap(elsewhere).master == made.id
    assert unwrap(_wrap(keys), elsewhere) == unwrap(old, elsewhere) == KEY


def test_a_first_key_is_never_made_over_another(keys):
    with pytest.raises(OutputUnwritable):
        keys.create_first(randomness=os.urandom)


def test_a_key_that_was_made_is_not_made_twice(keys):
    """As when the connection breaks after the making."""
    keys.create(keys.current.id)
    assert len(keys.run(lambda session: list(session.get_objects({Attribute.LABEL: "flexura"})))) == 1


def test_a_token_without_the_key_says_so(token):
    keys = open_hsm(parse_address(token.uri))
    for ask in (lambda: keys.current, lambda: keys.find("0001" + "00" * 6)):
        with pytest.raises(KeyMissing, match="admin key create"):
            ask()


def test_a_key_that_is_not_among_them_is_named(keys):
    with pytest.raises(KeyMissing, match="0007"):
        keys.find("0007" + "00" * 6)


@pytest.mark.parametrize(
    ("bits", "changed", "key_id"),
    [
        (256, {Attribute.EXTRACTABLE: True}, b"\0\1abcdef"),
        (256, {Attribute.SENSITIVE: False}, b"\0\1abcdef"),
        (128, {}, b"\0\1abcdef"),
        (256, {}, b"\1"),
    ],
)
def test_a_key_that_could_leave_or_is_not_ours_is_refused(token, bits, changed, key_id):
    keys = open_hsm(parse_address(token.uri))
    template = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False} | changed
    can = MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT
    with pytest.raises(KeyMissing):
        keys.current  # noqa: B018  # logs in
    with keys._log_in(to_write=True) as session:
        session.generate_key(
            KeyType.AES, bits, id=key_id, label="flexura", store=True, capabilities=can, template=template
        )
    with pytest.raises(KeyUnfit):
        keys.current  # noqa: B018


def test_keys_of_another_label_are_not_ours(keys, token):
    other = open_hsm(parse_address(token.uri.replace("object=flexura", "object=other")))
    with pytest.raises(KeyMissing):
        unwrap(_wrap(keys), other)
    assert unwrap(_wrap(keys), keys) == KEY


def test_a_clinic_moves_from_a_file_into_the_token(keys):
    ring = KeyRing(make_key(os.urandom(32)))
    moving = MovingKeys(keys, ring)
    assert unwrap(_wrap(ring), moving) == KEY
    assert unwrap(_wrap(moving), keys) == KEY
    with pytest.raises(KeyMissing):
        unwrap(_wrap(moving), ring)


@pytest.mark.parametrize("module", ["/nowhere/p11.so", "/etc/hostname", "libm.so.6"])
def test_a_module_that_is_none_is_unfit(token, module):
    address = replace(parse_address(token.uri), module=Path(module))
    with pytest.raises(HsmUnfit, match="module-path"):
        HsmKeys(address).current  # noqa: B018


def test_a_token_that_is_not_there_is_unavailable(token):
    with pytest.raises(HsmUnavailable):
        open_hsm(replace(parse_address(token.uri), token="another")).current  # noqa: B018


def test_two_tokens_of_one_label_are_no_choice(token):
    second = ["softhsm2-util", "--init-token", "--free", "--label", token.label, "--pin", "1234", "--so-pin", "5678"]
    subprocess.run(second, check=True, capture_output=True, timeout=60)
    with pytest.raises(HsmUnfit, match="More than one"):
        open_hsm(parse_address(token.uri)).current  # noqa: B018


def test_a_wrong_pin_is_asked_once(token):
    token.pin_file.write_text("hush-0815")
    keys = open_hsm(parse_address(token.uri))
    with pytest.raises(HsmPinRefused) as caught:
        keys.current  # noqa: B018
    assert "hush" not in f"{caught.value} {caught.value.__cause__}"
    with pytest.raises(HsmPinRefused, match="not asked again"):
        keys.current  # noqa: B018
    token.pin_file.write_text(token.pin)
    assert keys.create_first(randomness=os.urandom)


@pytest.mark.parametrize("flag", [TokenFlag.USER_PIN_FINAL_TRY, TokenFlag.USER_PIN_LOCKED])
def test_a_token_that_is_about_to_lock_itself_is_left_alone(flag):
    with pytest.raises(HsmPinRefused, match="own tool"):
        check_tries(flag | TokenFlag.TOKEN_INITIALIZED)


@pytest.mark.parametrize("mode", [0o644, 0o660])
def test_a_pin_that_others_can_read_is_refused(token, mode):
    token.pin_file.chmod(mode)
    with pytest.raises(KeyUnfit, match="PIN"):
        open_hsm(parse_address(token.uri)).current  # noqa: B018


def test_without_the_file_of_the_pin_that_is_said(token):
    token.pin_file.unlink()
    with pytest.raises(KeyMissing, match="pin-source"):
        open_hsm(parse_address(token.uri)).current  # noqa: B018


def test_a_token_that_is_lost_is_unavailable_until_it_comes_back(keys, token):
    wrapped = _wrap(keys)
    for _ in range(2):
        token.lose()
        for ask in (lambda: keys.current, lambda: unwrap(wrapped, keys), lambda: keys.find("0003" + "00" * 6)):
            with pytest.raises(HsmUnavailable):
                ask()
        token.put_back()
        assert unwrap(wrapped, keys) == KEY
        assert _wrap(keys).master == wrapped.master


def test_a_session_that_was_ended_is_opened_anew(keys, token):
    wrapped = _wrap(keys)
    keys.run(lambda session: session.close())  # logs out, as a token does that was reset
    assert unwrap(wrapped, keys) == KEY


def test_two_labels_share_one_login_and_survive_each_others_loss(keys, token):
    other = open_hsm(parse_address(token.uri.replace("object=flexura", "object=other")))
    other.create_first(randomness=os.urandom)
    ours, theirs = _wrap(keys), _wrap(other)
    token.lose()
    with pytest.raises(HsmUnavailable):
        unwrap(ours, keys)
    token.put_back()
    for _ in range(2):
        assert unwrap(ours, keys) == unwrap(theirs, other) == KEY


def test_many_threads_use_one_connection_one_at_a_time(keys):
    made = [make_data_key(Owner("clinic", f"patient-{number}"), 1, randomness=os.urandom) for number in range(8)]

    def work(number):
        for _ in range(25):
            assert unwrap(_wrap(keys, made[number]), keys) == made[number]
        return number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == list(range(8))


def test_a_token_that_hangs_does_not_hold_every_thread(keys, monkeypatch):
    wrapped, entered, leave = _wrap(keys), threading.Event(), threading.Event()
    monkeypatch.setattr(hsm, "_PATIENCE_S", 0.05)
    hanging = threading.Thread(target=keys.run, args=(lambda _: (entered.set(), leave.wait(30)),))
    hanging.start()
    entered.wait(30)
    with pytest.raises(HsmUnavailable, match="in time"):
        unwrap(wrapped, keys)
    leave.set()
    hanging.join()
    assert unwrap(wrapped, keys) == KEY


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # that it has threads is the point
def test_a_forked_process_has_a_connection_of_its_own(keys):
    """Also where a thread of the parent was in the token at that moment."""
    wrapped, entered, leave = _wrap(keys), threading.Event(), threading.Event()
    busy = threading.Thread(target=keys.run, args=(lambda _: (entered.set(), leave.wait(30)),))
    busy.start()
    entered.wait(30)
    children = [_fork(lambda: unwrap(wrapped, keys) == KEY and _wrap(keys).master == wrapped.master) for _ in range(3)]
    leave.set()
    busy.join()
    assert unwrap(wrapped, keys) == KEY
    assert Counter(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children) == {0: 3}
    assert unwrap(wrapped, keys) == KEY


def _fork(work):
    child = os.fork()
    if child == 0:
        status = 2
        try:
            status = 0 if work() else 1
        finally:
            os._exit(status)
    return child


def test_nothing_shows_the_pin(keys, token):
    for shown in (repr(keys), repr(keys.current), repr(parse_address(token.uri)), token.uri):
        assert token.pin not in shown
