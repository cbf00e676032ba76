"""Master keys that stay in a PKCS#11 token (an HSM): it wraps and unwraps data keys itself. Needs the extra `hsm`.

All AES keys of one label belong together. Their CKA_ID, eight bytes, names them: two that count, six random ones; the
highest is the current one. A token lets a process log in once, and python-pkcs11 promises the module that one thread
calls it: so a process has one connection, which one thread at a time uses. A token that was lost, and a process that
was forked, get a new connection with the next use.
"""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import pkcs11
from cryptography.exceptions import InvalidTag
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass, Session, TokenFlag
from pkcs11 import exceptions as faults

from flexura.errors import HsmPinRefused, HsmUnavailable, HsmUnfit, KeyMissing, KeyUnfit, OutputUnwritable
from flexura.security.hsmaddress import HsmAddress
from flexura.security.keyfile import read_private
from flexura.security.keys import KEY_BYTES, Randomness

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib

_Handle: TypeAlias = Any  # of a key; python-pkcs11 declares its keys without what they can do
_ID_BYTES: Final = 8
_COUNT_DIGITS: Final = 4  # of an id's 16
_PATIENCE_S: Final = 5.0  # for the threads before; a token that hangs must not take all of the service with it
_FIT: Final = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.VALUE_LEN: KEY_BYTES}
_LAST_TRY: Final = TokenFlag.USER_PIN_FINAL_TRY | TokenFlag.USER_PIN_LOCKED
_PIN_FAULTS: Final = (
    *(faults.PinIncorrect, faults.PinInvalid, faults.PinLenRange, faults.PinLocked, faults.PinExpired),
    faults.UserPinNotInitialized,
)
# What tokens say of a wrong tag: SoftHSM a general error, others one of these.
_TAG_FAULTS: Final = (
    *(faults.EncryptedDataInvalid, faults.EncryptedDataLenRange, faults.DataInvalid, faults.DataLenRange),
    *(faults.GeneralError, faults.FunctionFailed),
)
_NO_KEY: Final = "There is no such key in the token; make one with `flexura admin key create`."

_Done = TypeVar("_Done")


class _Module:
    """A PKCS#11 module in this process, for one thread at a time; what came of an earlier `epoch` is void."""

    def __init__(self, path: Path) -> None:
        self.epoch = 0
        self._path, self._lock = str(path), threading.Lock()
        self._library: lib | None = None
        os.register_at_fork(after_in_child=self._leave_parent)

    def _leave_parent(self) -> None:
        self._lock = threading.Lock()  # a thread of the parent may hold the other for ever
        self.drop()

    def drop(self) -> None:
        """Begin anew with the next use."""
        self.epoch += 1
        self._library = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the other threads out."""
        lock = self._lock
        if not lock.acquire(timeout=_PATIENCE_S):
            raise HsmUnavailable("The token with the master keys does not answer in time.")
        try:
            yield
        finally:
            lock.release()

    def library(self) -> "lib":
        """Give the module, started."""
        if self._library is None:
            self._check()
            library = pkcs11.lib(self._path)
            if self.epoch:  # some see a token that came back, and all a fork, only after a new start
                with suppress(faults.PKCS11Error):
                    library.finalize()
                library.initialize()
            self._library = library
        return self._library

    def _check(self) -> None:
        try:
            ctypes.CDLL(self._path).C_GetFunctionList  # noqa: B018  # asks whether it is there
        except (OSError, AttributeError) as error:
            raise HsmUnfit("The PKCS#11 module cannot be loaded; `module-path` must name the token's own.") from error


_module = cache(_Module)


@dataclass(frozen=True)
class HsmKey:
    """A master key in a token; `id` is its CKA_ID."""

    id: str
    keys: "HsmKeys"

    def encrypt(self, nonce: bytes, plaintext: bytes, bound: bytes) -> bytes:
        """Let the token encrypt, bound to associated data."""
        how = GCMParams(nonce, bound)

        def work(session: Session) -> bytes:
            key = self.keys.look_up(session, self.id)
            return bytes(key.encrypt(plaintext, mechanism=Mechanism.AES_GCM, mechanism_param=how))

        return self.keys.run(work)

    def decrypt(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Undo `encrypt`."""
        how = GCMParams(nonce, bound)

        def work(session: Session) -> bytes:
            key = self.keys.look_up(session, self.id)
            try:
                return bytes(key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=how))
            except _TAG_FAULTS as error:
                key[Attribute.ID]  # raises where it is the token that is at fault
                raise InvalidTag from error

        return self.keys.run(work)


class HsmKeys:
    """The master keys of one label in a token; connects with the first use. `open_hsm` gives the process's only one.

    Parameters
    ----------
    address : HsmAddress
        Where they are. The PIN is read anew for every connection.
    """

    def __init__(self, address: HsmAddress) -> None:
        self._address, self._module = address, _module(address.module)
        self._session: Session | None = None
        self._epoch = -1
        self._known: dict[str, _Handle] = {}
        self._refused: str | None = None

    @property
    def current(self) -> HsmKey:
        """The newest key, as the token has it at this moment: another process may have made it."""
        return HsmKey(max(self.run(self._list)), self)

    def find(self, key_id: str) -> HsmKey:
        """Give the key of this id, or raise `KeyMissing`."""
        self.run(lambda session: self.look_up(session, key_id))
        return HsmKey(key_id, self)

    def create_first(self, *, randomness: Randomness) -> HsmKey:
        """Make the first key of this label in the token.

        Parameters
        ----------
        randomness : Randomness
            Gives the id's random part; the key itself is the token's own making.

        Returns
        -------
        HsmKey

        Raises
        ------
        OutputUnwritable
            When there is a key of this label already.
        HsmUnfit
            When the module cannot be loaded, or the token knows no AES-GCM.
        HsmPinRefused
            When the PIN is wrong, or one more wrong one would lock the token.
        HsmUnavailable
            When the token is not there or does not answer.
        """
        try:
            self.run(self._list)
        except KeyMissing:
            return self.create(_number(1, randomness))
        raise OutputUnwritable("The token has such a key; `flexura admin key rotate` makes its successor.")

    def name_next(self, *, randomness: Randomness) -> str:
        """Give the id of the current key's successor, which `create` makes.

        Parameters
        ----------
        randomness : Randomness
            Gives the id's random part.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        return _number(int(self.current.id[:_COUNT_DIGITS], 16) + 1, randomness)

    def create(self, key_id: str) -> HsmKey:
        """Make a key in the token, which never gives it out; if its id is the highest, it is the current one.

        Parameters
        ----------
        key_id : str
            From `name_next`.

        Returns
        -------
        HsmKey
        """

        def work(session: Session) -> None:
            with suppress(faults.NoSuchKey):
                if key_id in self._list(session):  # made, and then the connection broke
                    return
            with self._log_in(to_write=True) as writing:
                writing.generate_key(
                    KeyType.AES,
                    8 * KEY_BYTES,
                    id=bytes.fromhex(key_id),
                    label=self._address.key,
                    store=True,
                    capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                    template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
                )

        self.run(work)
        return HsmKey(key_id, self)

    def run(self, work: Callable[[Session], _Done]) -> _Done:
        """Do one thing in the token; once more on a new connection if the one there was is broken.

        Parameters
        ----------
        work : Callable[[Session], _Done]
            What to do.

        Returns
        -------
        _Done
            What came of it.

        Raises
        ------
        KeyMissing
            When there is no key of the label.
        HsmUnavailable
            When the token is not there or does not answer.
        """
        with self._module.alone():
            try:
                return work(self._connect())
            except faults.PKCS11Error:
                self._module.drop()
            try:
                return work(self._connect())
            except faults.NoSuchKey as error:
                raise KeyMissing(_NO_KEY) from error
            except faults.PKCS11Error as error:
                self._module.drop()
                raise HsmUnavailable("The token with the master keys is not there or does not answer.") from error

    def look_up(self, session: Session, key_id: str) -> _Handle:
        """Give the token's key of this id, or raise `KeyMissing`."""
        key = self._known.get(key_id) or self._list(session).get(key_id)
        if key is None:
            raise KeyMissing(f"Master key {key_id} is needed, and the token has none of this id and label.")
        return key

    def _list(self, session: Session) -> dict[str, _Handle]:
        """All keys of the label; none at all may be what a token that is lost says, and is tried again."""
        wanted = {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.AES,
            Attribute.LABEL: self._address.key,
        }
        keys = list(session.get_objects(wanted))
        if not keys:
            raise faults.NoSuchKey
        self._known = {_fit_id(key): key for key in keys}
        return self._known

    def _connect(self) -> Session:
        if self._session is None or self._epoch != self._module.epoch:
            self._known = {}
            self._session, self._epoch = self._log_in(to_write=False), self._module.epoch
        return self._session

    def _log_in(self, *, to_write: bool) -> Session:
        try:
            token = self._module.library().get_token(token_label=self._address.token)
        except faults.MultipleTokensReturned as error:
            raise HsmUnfit("More than one token has this label.") from error
        if Mechanism.AES_GCM not in token.slot.get_mechanisms():
            raise HsmUnfit("The token does not know AES-GCM.")
        pin = read_private(self._address.pin_file, "the token's PIN", advice="`pin-source` must name it").strip()
        check_tries(token.flags)
        if pin == self._refused:
            raise HsmPinRefused("The token has refused this PIN and is not asked again; correct its file.")
        try:
            return token.open(rw=to_write, user_pin=pin)
        except faults.UserAlreadyLoggedIn:  # this process is, for another label or to read
            return token.open(rw=to_write)
        except _PIN_FAULTS as error:
            self._refused = pin
            raise HsmPinRefused(
                "The token refuses the PIN; correct its file, before the token locks itself."
            ) from error


open_hsm = cache(HsmKeys)


def check_tries(flags: TokenFlag) -> None:
    """Refuse to log in where one more wrong PIN would lock the token: a service that is started again and again would.

    Parameters
    ----------
    flags : TokenFlag
        What the token says of itself.

    Raises
    ------
    HsmPinRefused
        When it is locked, or one wrong PIN away from it.
    """
    if flags & _LAST_TRY:
        raise HsmPinRefused("The token is locked, or one wrong PIN away from it: log in by its own tool first.")


def _number(count: int, randomness: Randomness) -> str:
    return f"{count:0{_COUNT_DIGITS}x}{randomness(_ID_BYTES - _COUNT_DIGITS // 2).hex()}"


def _fit_id(key: _Handle) -> str:
    """The id of a key that is fit: no copy of it can have left the token in the clear."""
    found = key.get_attributes([Attribute.ID, *_FIT])
    if len(found[Attribute.ID]) != _ID_BYTES or any(found[name] != value for name, value in _FIT.items()):
        raise KeyUnfit("A key of this label can leave the token, or was not made by `flexura admin key create`.")
    return bytes(found[Attribute.ID]).hex()
