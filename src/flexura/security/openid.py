"""Signing in at an identity provider (OpenID Connect, code flow with PKCE): what is sent to it, and what is believed.

The network is the service's. For the time of a sign-in the browser holds one random secret; state, nonce and PKCE
verifier are derived from it, so that an answer is good only in the browser that asked. Every doubt about an answer is
`NotAuthenticated`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from flexura.errors import NotAuthenticated, ProviderUnavailable, SettingsError
from flexura.security.keys import Randomness
from flexura.security.sessions import ABSOLUTE_LIMIT

RETURN_PATH: Final = "/sign-in/openid/back"
_SECRET_BYTES: Final = 32
# Signatures with a public key: none that is made with what both sides know, and never "none" (RFC 8725, 3.1).
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
_LEEWAY: Final = timedelta(seconds=60)  # between the provider's clock and ours
_LONGEST_SUBJECT: Final = 255  # OpenID Connect Core 1.0, section 2
_MANY_FACTORS: Final = "mfa"  # RFC 8176, section 2
_REFUSED: Final = "The identity provider's answer is not valid here."


@dataclass(frozen=True)
class Registration:
    """How the provider knows the clinic; `secret` is `None` for a client that has PKCE alone."""

    issuer: str
    client: str
    return_to: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Provider:
    """Where the provider takes sign-ins and codes, and where its public keys are."""

    authorization: str
    token: str
    keys: str


@dataclass(frozen=True)
class Identity:
    """Whom the provider vouches for; `at` is when it last asked who it is, `second_factor` whether by more than one."""

    issuer: str
    subject: str
    at: datetime
    second_factor: bool


def register(issuer: str, client: str, *, origin: str, secret: str | None = None) -> Registration:
    """Check what the clinic's settings say of its identity provider.

    Parameters
    ----------
    issuer : str
        The provider's address, as it writes it itself.
    client : str
        The clinic's name at the provider.
    origin : str
        The service's address as browsers see it: scheme, host and port.
    secret : str | None
        The clinic's password at the provider.

    Returns
    -------
    Registration

    Raises
    ------
    SettingsError
        When an address is not https (or http on this machine), or has parts that it may not have.
    """
    parts = urlsplit(issuer)
    if not is_safe(issuer) or parts.query or parts.fragment or parts.username is not None:
        raise SettingsError("FLEXURA_OIDC_ISSUER must be an https address without query.")
    if not is_origin(origin):
        raise SettingsError("FLEXURA_ORIGIN must be https, host and port, without a path.")
    return Registration(issuer, client, origin + RETURN_PATH, secret)


def is_safe(address: str) -> bool:
    """Tell whether what is sent to an address is encrypted, or stays on this machine."""
    parts = urlsplit(address)
    return (parts.scheme == "https" and bool(parts.hostname)) or (
        parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    )


def is_origin(address: str) -> bool:
    """Tell whether an address is safe and no more than scheme, host and port."""
    parts = urlsplit(address)
    return is_safe(address) and address == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc


def read_provider(metadata: Mapping[str, Any], registration: Registration) -> Provider:
    """Read what a provider says of itself.

    Parameters
    ----------
    metadata : Mapping[str, Any]
        The document at /.well-known/openid-configuration.
    registration : Registration
        Names the issuer that it must be of.

    Returns
    -------
    Provider

    Raises
    ------
    ProviderUnavailable
        When it is another issuer's, or lacks an address that is encrypted.

    References
    ----------
    OpenID Connect Discovery 1.0, sections 3 and 4.3.
    """
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    found = [str(metadata.get(name, "")) for name in names]
    if metadata.get("issuer") != registration.issuer or not all(map(is_safe, found)):
        raise ProviderUnavailable("The identity provider's description is not of the issuer in the settings.")
    return Provider(*found)


def make_login_secret(*, randomness: Randomness) -> str:
    """Make what a browser holds for the time of one sign-in: 256 random bits."""
    return _encode(randomness(_SECRET_BYTES))


def authorization_address(provider: Provider, registration: Registration, secret: str) -> str:
    """Give the address at which a browser is to sign in.

    Parameters
    ----------
    provider : Provider
        Its address may have a query of its own.
    registration : Registration
        Who asks.
    secret : str
        From `make_login_secret`.

    Returns
    -------
    str
        It tells nothing from which the verifier can be found.

    References
    ----------
    OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636, PKCE with S256.
    """
    asked = {
        "response_type": "code",
        "scope": "openid",
        "client_id": registration.client,
        "redirect_uri": registration.return_to,
        "state": _derive(secret, "state"),
        "nonce": _derive(secret, "nonce"),
        "code_challenge": _encode(hashlib.sha256(_derive(secret, "verifier").encode()).digest()),
        "code_challenge_method": "S256",
        "max_age": int(ABSOLUTE_LIMIT.total_seconds()),
    }
    joint = "&" if urlsplit(provider.authorization).query else "?"
    return f"{provider.authorization}{joint}{urlencode(asked)}"


def read_code(answer: Mapping[str, str], registration: Registration, secret: str) -> str:
    """Read the code that the browser brings back.

    Parameters
    ----------
    answer : Mapping[str, str]
        The query of the address to which the provider sent it.
    registration : Registration
        Names the issuer.
    secret : str
        From the browser's cookie; empty if there is none.

    Returns
    -------
    str
        The code.

    Raises
    ------
    NotAuthenticated
        When this browser did not ask, the answer is another issuer's, or the provider refuses.

    References
    ----------
    RFC 9207: an answer may name its issuer.
    """
    wanted = _derive(secret, "state").encode()
    state, code = answer.get("state", ""), answer.get("code", "")
    if not secret or not code or not hmac.compare_digest(state.encode(), wanted):
        raise NotAuthenticated(_REFUSED)
    if answer.get("iss", registration.issuer) != registration.issuer:
        raise NotAuthenticated(_REFUSED)
    return code


def exchange_form(registration: Registration, secret: str, code: str) -> dict[str, str]:
    """Give the form that turns a code into an ID token.

    Parameters
    ----------
    registration : Registration
        Who asks.
    secret : str
        From `make_login_secret`.
    code : str
        From `read_code`.

    Returns
    -------
    dict[str, str]
        With the PKCE verifier; a secret of the client goes into a header.
    """
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": registration.return_to,
        "client_id": registration.client,
        "code_verifier": _derive(secret, "verifier"),
    }


def read_id_token(
    token: str, keys: Mapping[str, Any], registration: Registration, *, secret: str, now: datetime
) -> Identity:
    """Check an ID token and read whom it is about.

    Parameters
    ----------
    token : str
        As the provider's token endpoint gave it.
    keys : Mapping[str, Any]
        The provider's public keys, a JWK set.
    registration : Registration
        Issuer and audience that it must have.
    secret : str
        Of the sign-in that it must answer.
    now : datetime
        With its zone.

    Returns
    -------
    Identity

    Raises
    ------
    NotAuthenticated
        When signature, issuer, audience, times, nonce or subject are not what they must be; which is not said.

    References
    ----------
    OpenID Connect Core 1.0, section 3.1.3.7.
    """
    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=int(_LEEWAY.total_seconds()),
        iss={"essential": True, "value": registration.issuer},
        aud={"essential": True, "value": registration.client},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        auth_time={"essential": True},
        nonce={"essential": True, "value": _derive(secret, "nonce")},
    )
    try:
        public: Any = dict(keys)  # from the network: the import refuses what is no JWK set
        claims = jwt.decode(token, KeySet.import_key_set(public), algorithms=_ALGORITHMS).claims
        wanted.validate(claims)
        at = datetime.fromtimestamp(int(claims["auth_time"]), UTC)
    except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise NotAuthenticated(_REFUSED) from error
    if not _is_for(claims, registration.client) or not -_LEEWAY <= now - at <= ABSOLUTE_LIMIT + _LEEWAY:
        raise NotAuthenticated(_REFUSED)
    subject, methods = claims["sub"], claims.get("amr")
    if not 1 <= len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise NotAuthenticated(_REFUSED)
    many = isinstance(methods, list) and _MANY_FACTORS in methods
    return Identity(registration.issuer, subject, min(at, now), many)


def _is_for(claims: Mapping[str, Any], client: str) -> bool:
    """Of several audiences, or where it is named, the one that asked must be us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    return bool(claims.get("azp", None if several else client) == client)


def _derive(secret: str, purpose: str) -> str:
    return _encode(hmac.digest(secret.encode(), f"flexura openid {purpose}".encode(), "sha256"))


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
