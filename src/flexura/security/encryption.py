"""Envelope encryption with AES-256-GCM: a data key per patient, wrapped by a master key.

Each ciphertext is bound to its place (tenant, subject, field, key version) as associated data: moved, cut or
changed, it does not open, and every failure is the same `Undecipherable`. Deleting a wrapped data key makes all
copies of its subject unreadable. Layout: format (1 byte), key version (4), nonce (12), ciphertext, tag (16).
"""

import hmac
import struct
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from flexura.errors import Undecipherable
from flexura.security.keys import KEY_BYTES, MasterKey, MasterKeys, Randomness

_FORMAT: Final = 1
_HEAD: Final = struct.Struct(">BI")
# 96 random bits; NIST SP 800-38D 8.3 allows 2^32 messages under one key with them, far more than a patient has.
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


@dataclass(frozen=True)
class Owner:
    """Whose data a key encrypts: one subject (a patient, or the tenant's own records) of one tenant."""

    tenant: str
    subject: str


@dataclass(frozen=True)
class DataKey:
    """The key of one subject; `version` counts from 1."""

    owner: Owner
    version: int
    secret: bytes = field(repr=False)

    @cached_property
    def _fields(self) -> AESGCM:
        return AESGCM(derive(self, "fields"))

    @cached_property
    def _contents(self) -> AESGCM:
        return AESGCM(derive(self, "contents"))


@dataclass(frozen=True)
class WrappedKey:
    """A data key as it may be stored: encrypted by the master key of that id."""

    owner: Owner
    version: int
    master: str
    sealed: bytes = field(repr=False)


def make_data_key(owner: Owner, version: int, *, randomness: Randomness) -> DataKey:
    """Make a fresh data key.

    Parameters
    ----------
    owner : Owner
        Whose it is.
    version : int
        From 1 up; a key's successor has the next one.
    randomness : Randomness
        Gives that many random bytes (`os.urandom`).

    Returns
    -------
    DataKey
        32 new random bytes.
    """
    return DataKey(owner, version, randomness(KEY_BYTES))


def derive(key: DataKey, purpose: str) -> bytes:
    """Derive the 32 bytes that serve one purpose only, so that no two algorithms share a key.

    Parameters
    ----------
    key : DataKey
        The subject's key.
    purpose : str
        Such as "index" or "signatures".

    Returns
    -------
    bytes
        32 bytes, the same for the same key and purpose.

    References
    ----------
    RFC 5869, HKDF (its expansion: the secret is uniformly random already).
    """
    return HKDFExpand(SHA256(), KEY_BYTES, _join("flexura", "derive", purpose)).derive(key.secret)


def encrypt(key: DataKey, field: str, plaintext: bytes, *, randomness: Randomness) -> bytes:
    """Encrypt one field.

    Parameters
    ----------
    key : DataKey
        The subject's key.
    field : str
        Where the ciphertext will stand: table, column and row. Only there does it open.
    plaintext : bytes
        Any length.
    randomness : Randomness
        Gives the nonce.

    Returns
    -------
    bytes
        33 bytes longer than the plaintext.

    References
    ----------
    NIST SP 800-38D, doi:10.6028/NIST.SP.800-38D.
    """
    nonce = randomness(_NONCE_BYTES)
    sealed = key._fields.encrypt(nonce, plaintext, _place(key, field))
    return _HEAD.pack(_FORMAT, key.version) + nonce + sealed


def decrypt(key: DataKey, field: str, sealed: bytes) -> bytes:
    """Decrypt one field.

    Parameters
    ----------
    key : DataKey
        The subject's key.
    field : str
        Where the ciphertext stands.
    sealed : bytes
        What `encrypt` gave for this place and key.

    Returns
    -------
    bytes
        The plaintext.

    Raises
    ------
    Undecipherable
        Whatever is wrong: another place, key or key version, a changed or missing byte.
    """
    return _open(key._fields, key.version, sealed, _place(key, field))


def encrypt_content(key: DataKey, content: bytes) -> tuple[str, bytes]:
    """Encrypt a whole file and name it by its content; the same content gives the same bytes.

    Name and nonce are a keyed hash of the content: two uploads of one photo are one object, and
    nobody without the key can tell which photo it is, or that two patients share it.

    Parameters
    ----------
    key : DataKey
        The patient's key.
    content : bytes
        The file.

    Returns
    -------
    tuple[str, bytes]
        The name, 64 hexadecimal digits, and the ciphertext, 33 bytes longer than the content.
    """
    name = _name(key, content)
    nonce = bytes.fromhex(name)[:_NONCE_BYTES]
    sealed = key._contents.encrypt(nonce, content, _place(key, name))
    return name, _HEAD.pack(_FORMAT, key.version) + nonce + sealed


def decrypt_content(key: DataKey, name: str, sealed: bytes) -> bytes:
    """Decrypt a whole file.

    Parameters
    ----------
    key : DataKey
        The patient's key.
    name : str
        The name that `encrypt_content` gave.
    sealed : bytes
        The ciphertext.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    Undecipherable
        When it is not the ciphertext of that name under this key.
    """
    content = _open(key._contents, key.version, sealed, _place(key, name))
    if not hmac.compare_digest(_name(key, content), name):
        raise Undecipherable("A stored content does not open.")
    return content


def wrap(key: DataKey, master: MasterKey, *, randomness: Randomness) -> WrappedKey:
    """Encrypt a data key under a master key.

    Parameters
    ----------
    key : DataKey
        The subject's key.
    master : MasterKey
        The current master key.
    randomness : Randomness
        Gives the nonce.

    Returns
    -------
    WrappedKey
        Bound to owner, version and master key.
    """
    nonce = randomness(_NONCE_BYTES)
    sealed = master.encrypt(nonce, key.secret, _wrapping(key.owner, key.version, master.id))
    return WrappedKey(key.owner, key.version, master.id, _HEAD.pack(_FORMAT, key.version) + nonce + sealed)


def unwrap(wrapped: WrappedKey, keys: MasterKeys) -> DataKey:
    """Decrypt a data key with the master key that wrapped it.

    Parameters
    ----------
    wrapped : WrappedKey
        As it was stored.
    keys : MasterKeys
        That master key is among them.

    Returns
    -------
    DataKey

    Raises
    ------
    KeyMissing
        When its master key is not among them.
    Undecipherable
        When owner, version or bytes are not those that were wrapped.
    """
    master = keys.find(wrapped.master)
    bound = _wrapping(wrapped.owner, wrapped.version, wrapped.master)
    secret = _open(master, wrapped.version, wrapped.sealed, bound)
    return DataKey(wrapped.owner, wrapped.version, secret)


def _open(cipher: AESGCM | MasterKey, version: int, sealed: bytes, bound: bytes) -> bytes:
    head = _HEAD.pack(_FORMAT, version)
    body = sealed[len(head) :]
    if not sealed.startswith(head) or len(body) < _NONCE_BYTES + _TAG_BYTES:
        raise Undecipherable("A stored content does not open.")
    try:
        return cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], bound)
    except InvalidTag:
        # One failure for all causes: which one it was would help only an intruder.
        raise Undecipherable("A stored content does not open.") from None


def _name(key: DataKey, content: bytes) -> str:
    return hmac.digest(derive(key, "names"), content, "sha256").hex()


def _place(key: DataKey, field: str) -> bytes:
    return _join("flexura", "field", key.owner.tenant, key.owner.subject, field, str(key.version))


def _wrapping(owner: Owner, version: int, master: str) -> bytes:
    return _join("flexura", "wrap", owner.tenant, owner.subject, str(version), master)


def _join(*parts: str) -> bytes:
    """Each part after its length: no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(struct.pack(">I", len(part)) + part for part in encoded)
