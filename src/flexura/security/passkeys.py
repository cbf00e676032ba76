"""Passkeys and security keys (WebAuthn): what an authenticator is asked, and what is believed of its answer.

The library `webauthn` holds an answer against the clinic's host and origin, the challenge and the public key. The
counter is judged apart, once the signature is known to be right. Attestation is not asked for: which make a key is of
does not matter. An answer is the JSON form of a browser's PublicKeyCredential.
"""

import hashlib
import ipaddress
import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from flexura.errors import PasskeyUnfit, SettingsError
from flexura.security.keys import Randomness
from flexura.security.openid import is_origin

# Web Authentication Level 3, 15.1: five minutes at least, for who needs longer.
CHALLENGE_LASTS: Final = timedelta(minutes=5)
_CHALLENGE_BYTES: Final = 32
_MOST_CREDENTIAL_BYTES: Final = 1023  # Web Authentication Level 3, 7.1, step 25
_USUAL_PORTS: Final = {"https": 443, "http": 80}
_PREFERRED: Final = UserVerificationRequirement.PREFERRED
# What the library raises on bytes that are no answer, beside its own.
_MALFORMED: Final = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
_UNPROVED: Final = (WebAuthnException, InvalidSignature, UnsupportedAlgorithm, *_MALFORMED)
_UNFIT: Final = "The authenticator's answer is not valid here; ask it again."


@dataclass(frozen=True)
class RelyingParty:
    """The clinic as authenticators know it: the host to which a passkey is bound, and the address of its pages."""

    host: str
    origin: str


@dataclass(frozen=True)
class Answer:
    """What an authenticator answered to the clinic; nothing of it is believed yet."""

    party: RelyingParty
    document: Mapping[str, Any] = field(repr=False)

    @property
    def credential(self) -> bytes:
        """The id of the credential that is said to answer; empty where none is said."""
        return _decode(self.document.get("rawId"))

    @property
    def challenge(self) -> bytes:
        """The challenge that is said to be answered; empty where none is said."""
        try:
            told = json.loads(_decode(self.document["response"]["clientDataJSON"]))
            return _decode(told["challenge"])
        except _MALFORMED:
            return b""

    @property
    def handle(self) -> bytes | None:
        """The user whose passkey this is said to be, by what the authenticator keeps; `None` where it keeps nothing."""
        response = self.document.get("response")
        told = response.get("userHandle") if isinstance(response, dict) else None
        return None if told is None else _decode(told)


@dataclass(frozen=True)
class Passkey:
    """What proves that an authenticator is the one that was registered, and how often it says it has been used."""

    credential: bytes
    public_key: bytes
    counter: int


def name_party(origin: str) -> RelyingParty | None:
    """Name the clinic to authenticators.

    Parameters
    ----------
    origin : str
        The service's address as browsers see it: scheme, host and port.

    Returns
    -------
    RelyingParty | None
        `None` where the host is an address of numbers, to which no browser binds a passkey.

    Raises
    ------
    SettingsError
        When it is no origin, or neither https nor on this machine.

    Examples
    --------
    >>> name_party("https://Clinic.test:443")
    RelyingParty(host='clinic.test', origin='https://clinic.test')
    """
    if not is_origin(origin):
        raise SettingsError("FLEXURA_ORIGIN must be https, host and port, without a path.")
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if _is_numeric(host):
        return None
    port = "" if parts.port in {None, _USUAL_PORTS[parts.scheme]} else f":{parts.port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def identify(content: bytes) -> str:
    """Give the id under which a credential or a challenge is stored: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def make_challenge(*, randomness: Randomness) -> bytes:
    """Make what an authenticator is to sign: 256 random bits."""
    return randomness(_CHALLENGE_BYTES)


def ask_registration(
    party: RelyingParty, challenge: bytes, *, user: str, name: str, known: Sequence[bytes]
) -> dict[str, Any]:
    """Write what a browser needs to register an authenticator.

    Parameters
    ----------
    party : RelyingParty
        The clinic.
    challenge : bytes
        From `make_challenge`.
    user : str
        The user's id, which the authenticator may keep.
    name : str
        The sign-in name, which it may show.
    known : Sequence[bytes]
        The user's credentials: an authenticator that has one is not registered twice.

    Returns
    -------
    dict[str, Any]
        PublicKeyCredentialCreationOptionsJSON.
    """
    options = generate_registration_options(
        rp_id=party.host,
        rp_name="flexura",
        user_id=user.encode(),
        user_name=name,
        challenge=challenge,
        timeout=_timeout_ms(),
        # The name is typed, so that nothing need be kept in an authenticator's few places.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=_PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return options_to_json_dict(options)


def ask_use(party: RelyingParty, challenge: bytes, *, known: Sequence[bytes]) -> dict[str, Any]:
    """Write what a browser needs to ask one of a user's authenticators.

    Parameters
    ----------
    party : RelyingParty
        The clinic.
    challenge : bytes
        From `make_challenge`.
    known : Sequence[bytes]
        The user's credentials.

    Returns
    -------
    dict[str, Any]
        PublicKeyCredentialRequestOptionsJSON.
    """
    options = generate_authentication_options(
        rp_id=party.host,
        challenge=challenge,
        timeout=_timeout_ms(),
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        user_verification=_PREFERRED,
    )
    return options_to_json_dict(options)


def verify_registration(answer: Answer, challenge: bytes) -> Passkey:
    """Believe an authenticator that is registered, or not.

    Parameters
    ----------
    answer : Answer
        To `ask_registration`.
    challenge : bytes
        The one that was asked, spent for this answer.

    Returns
    -------
    Passkey

    Raises
    ------
    PasskeyUnfit
        When it answers another challenge, for another host or page, without a touch, or not in the form.

    References
    ----------
    Web Authentication Level 3, section 7.1.
    """
    try:
        found = verify_registration_response(
            credential=dict(answer.document),
            expected_challenge=challenge,
            expected_rp_id=answer.party.host,
            expected_origin=answer.party.origin,
        )
    except _UNPROVED as error:
        raise PasskeyUnfit(_UNFIT) from error
    if len(found.credential_id) > _MOST_CREDENTIAL_BYTES or found.credential_id != answer.credential:
        raise PasskeyUnfit(_UNFIT)
    return Passkey(found.credential_id, found.credential_public_key, found.sign_count)


def verify_use(answer: Answer, challenge: bytes, *, passkey: Passkey, user: str) -> int:
    """Believe that a registered authenticator was used, or not.

    Parameters
    ----------
    answer : Answer
        To `ask_use`.
    challenge : bytes
        The one that was asked, spent for this answer.
    passkey : Passkey
        As stored under the credential that answers.
    user : str
        Whose it is.

    Returns
    -------
    int
        What the authenticator counts, for `may_be_copied` and to be stored.

    Raises
    ------
    PasskeyUnfit
        When it answers another challenge, for another host, page or user, without a touch, or with another key.

    References
    ----------
    Web Authentication Level 3, sections 7.2 and 6.1.1.
    """
    try:
        found = verify_authentication_response(
            credential=dict(answer.document),
            expected_challenge=challenge,
            expected_rp_id=answer.party.host,
            expected_origin=answer.party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # or a forged answer would pass for a copied key
        )
    except _UNPROVED as error:
        raise PasskeyUnfit(_UNFIT) from error
    if found.credential_id != passkey.credential or answer.handle not in {None, user.encode()}:
        raise PasskeyUnfit(_UNFIT)
    return found.new_sign_count


def may_be_copied(passkey: Passkey, counter: int) -> bool:
    """Tell whether a counter is not above the stored one, as when two authenticators hold the same key.

    Parameters
    ----------
    passkey : Passkey
        As stored.
    counter : int
        From `verify_use`.

    Returns
    -------
    bool
        False for an authenticator that does not count: both are 0.
    """
    return max(counter, passkey.counter) > 0 and counter <= passkey.counter


def _timeout_ms() -> int:
    return int(CHALLENGE_LASTS.total_seconds() * 1000)


def _is_numeric(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _decode(text: object) -> bytes:
    """Base64url without padding; nothing where it is none."""
    try:
        return urlsafe_b64decode(f"{text}===") if isinstance(text, str) else b""
    except ValueError:
        return b""
