"""The master keys: 256 random bits each, one current, earlier ones kept until nothing is wrapped by them.

This program holds them (`KeyRing`) or a token does (`hsm.py`); `MasterKeys` is what both can do. A held key is known
by its fingerprint, so text, file and database cannot disagree about its name. `keyfile` keeps the text on disk.
Nothing here is a default: without a key of its own a clinic does not start.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flexura.errors import KeyMissing, KeyUnfit

KEY_BYTES: Final = 32

# Of 32 random bytes, fewer than 20 differ with a probability under 1e-8; typed and patterned keys have fewer.
_MIN_DISTINCT_BYTES: Final = 20
_FINGERPRINT_PREFIX: Final = b"flexura master key\0"

# `os.urandom`, or fixed bytes in a test.
Randomness = Callable[[int], bytes]


class MasterKey(Protocol):
    """AES-256-GCM under one master key, wherever it is; what does not open is `InvalidTag`, as cryptography says it."""

    @property
    def id(self) -> str:
        """What wrapped data keys call it: 16 hexadecimal digits."""

    def encrypt(self, nonce: bytes, plaintext: bytes, bound: bytes, /) -> bytes:
        """Encrypt, bound to associated data; 16 bytes longer."""

    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes, /) -> bytes:
        """Undo `encrypt`."""


class MasterKeys(Protocol):
    """The current master key, which wraps, and earlier ones, which only unwrap."""

    @property
    def current(self) -> MasterKey:
        """The key that wraps."""

    def find(self, key_id: str, /) -> MasterKey:
        """Give the key of this id, or raise `KeyMissing`."""


@dataclass(frozen=True)
class HeldKey:
    """A master key in this program's memory; `id` is its fingerprint."""

    id: str
    secret: bytes = field(repr=False)

    def encrypt(self, nonce: bytes, plaintext: bytes, bound: bytes) -> bytes:
        """Encrypt, bound to associated data."""
        return AESGCM(self.secret).encrypt(nonce, plaintext, bound)

    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Undo `encrypt`."""
        return AESGCM(self.secret).decrypt(nonce, sealed, bound)


@dataclass(frozen=True)
class KeyRing:
    """The master keys of a file or of the environment."""

    current: HeldKey
    earlier: tuple[HeldKey, ...] = ()

    def find(self, key_id: str) -> HeldKey:
        """Give the key of this fingerprint, or raise `KeyMissing`."""
        for key in (self.current, *self.earlier):
            if key.id == key_id:
                return key
        raise KeyMissing(f"Master key {key_id} is needed and not on the ring; add its line to the key file.")


@dataclass(frozen=True)
class MovingKeys:
    """The master keys of a clinic on its way from one place to another: those of the place before only unwrap."""

    place: MasterKeys
    before: MasterKeys

    @property
    def current(self) -> MasterKey:
        """The key that wraps."""
        return self.place.current

    def find(self, key_id: str) -> MasterKey:
        """Give the key of this id, wherever it is, or raise `KeyMissing`."""
        try:
            return self.place.find(key_id)
        except KeyMissing:
            return self.before.find(key_id)


def make_key(secret: bytes) -> HeldKey:
    """Take 32 random bytes as a master key.

    Parameters
    ----------
    secret : bytes
        32 bytes from a cryptographic source.

    Returns
    -------
    HeldKey
        With the fingerprint of the secret as its id.

    Raises
    ------
    KeyUnfit
        When the length is wrong, or the bytes are typed text, a pattern or too few different ones.

    Examples
    --------
    >>> import hashlib
    >>> make_key(hashlib.sha256(b"an example").digest()).id
    'c93f1d1a4dc40fd6'
    """
    if len(secret) != KEY_BYTES:
        raise KeyUnfit(f"A master key has {KEY_BYTES} bytes, this one {len(secret)}; make one with `admin key create`.")
    steps = {(after - before) % 256 for before, after in pairwise(secret)}
    if len(set(secret)) < _MIN_DISTINCT_BYTES or len(steps) == 1 or all(32 <= byte < 127 for byte in secret):
        raise KeyUnfit("This master key is no random one: text, a pattern or a placeholder; use `admin key create`.")
    return HeldKey(hashlib.sha256(_FINGERPRINT_PREFIX + secret).hexdigest()[:16], secret)


def parse_keys(text: str) -> KeyRing:
    """Read master keys from text: one a line or word in Base64, the current one first; `#` begins a comment.

    Parameters
    ----------
    text : str
        The content of a key file or of an environment variable.

    Returns
    -------
    KeyRing
        At least one key.

    Raises
    ------
    KeyMissing
        When the text holds no key.
    KeyUnfit
        When a word is no Base64 of a fit key, or a key stands there twice.
    """
    words = [word for line in text.splitlines() for word in line.partition("#")[0].split()]
    if not words:
        raise KeyMissing("There is no master key; make one with `flexura admin key create`.")
    keys = tuple(make_key(_decode(word)) for word in words)
    if len({key.id for key in keys}) < len(keys):
        raise KeyUnfit("A master key stands on the ring twice; remove one of the lines.")
    return KeyRing(keys[0], keys[1:])


def _decode(word: str) -> bytes:
    try:
        return base64.b64decode(word, validate=True)
    except binascii.Error:
        # Not `from`: the cause would carry the secret's text into a traceback.
        raise KeyUnfit("A master key is no Base64; make one with `flexura admin key create`.") from None


def write_keys(ring: KeyRing) -> str:
    """Write master keys as the text that `parse_keys` reads.

    Parameters
    ----------
    ring : KeyRing
        The current key becomes the first line.

    Returns
    -------
    str
        A secret.
    """
    head = "# flexura master keys, the current one first. Whoever has these can read everything.\n"
    return head + "".join(f"{base64.b64encode(key.secret).decode()}\n" for key in (ring.current, *ring.earlier))


def add_key(ring: KeyRing, secret: bytes) -> KeyRing:
    """Make a new key the current one; the others stay to unwrap what they wrapped.

    Parameters
    ----------
    ring : KeyRing
        The keys so far.
    secret : bytes
        32 random bytes.

    Returns
    -------
    KeyRing
        One key longer.

    Raises
    ------
    KeyUnfit
        When the secret is no fit key.
    """
    return KeyRing(make_key(secret), (ring.current, *ring.earlier))
