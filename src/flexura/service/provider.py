"""The identity provider, asked over the network: where it takes sign-ins, a code for an ID token, its public keys.

The service calls nobody else. Redirects are not followed, answers are small or refused, and patience is short.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from http.client import HTTPException
from threading import Lock
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote_plus, urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from flexura.errors import NotAuthenticated, ProviderUnavailable
from flexura.security.openid import Identity, Provider, Registration, exchange_form, read_id_token, read_provider

_PATIENCE_S: Final = 5.0
_MOST_BYTES: Final = 256 * 1024
_AWAY: Final = "The identity provider does not answer as it should."


class _NoRedirect(HTTPRedirectHandler):
    """A provider's endpoints answer themselves; a redirect would carry code and secret elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: the redirect then counts as an error."""


def _make_opener() -> OpenerDirector:
    return build_opener(_NoRedirect, ProxyHandler({}))


@dataclass
class IdentityProvider:
    """One provider; many threads may call it. Its own description is asked for once, its keys at each sign-in."""

    registration: Registration
    _opener: OpenerDirector = field(default_factory=_make_opener, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _found: Provider | None = None

    def find(self) -> Provider:
        """Give the provider's addresses.

        Returns
        -------
        Provider

        Raises
        ------
        ProviderUnavailable
            When it cannot be reached or describes another issuer.
        """
        with self._lock:
            if self._found is None:
                at = self.registration.issuer.rstrip("/") + "/.well-known/openid-configuration"
                self._found = read_provider(self._ask(Request(at)), self.registration)
            return self._found

    def identify(self, code: str, secret: str, *, now: datetime) -> Identity:
        """Turn a code into whom it stands for.

        Parameters
        ----------
        code : str
            From `read_code`.
        secret : str
            Of the sign-in.
        now : datetime
            With its zone.

        Returns
        -------
        Identity

        Raises
        ------
        NotAuthenticated
            When the provider does not know the code, or its token is not valid here.
        ProviderUnavailable
            When it cannot be reached.
        """
        provider = self.find()
        form = urlencode(exchange_form(self.registration, secret, code)).encode()
        answer = self._ask(Request(provider.token, form, self._show_who_asks()))
        keys = self._ask(Request(provider.keys))
        return read_id_token(str(answer.get("id_token", "")), keys, self.registration, secret=secret, now=now)

    def _show_who_asks(self) -> dict[str, str]:
        """HTTP Basic of both parts encoded as in a form (RFC 6749, 2.3.1)."""
        if self.registration.secret is None:
            return {}
        pair = f"{quote_plus(self.registration.client)}:{quote_plus(self.registration.secret)}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def _ask(self, request: Request) -> Mapping[str, Any]:
        request.add_header("Accept", "application/json")
        try:
            with self._opener.open(request, timeout=_PATIENCE_S) as answer:
                content = answer.read(_MOST_BYTES + 1)
        except HTTPError as error:
            with error:
                if request.data is not None and error.code == HTTPStatus.BAD_REQUEST:
                    raise NotAuthenticated("The identity provider does not know this sign-in.") from error
            raise ProviderUnavailable(_AWAY) from error
        except (OSError, HTTPException) as error:
            raise ProviderUnavailable(_AWAY) from error
        try:
            told = json.loads(content) if len(content) <= _MOST_BYTES else None
        except ValueError as error:
            raise ProviderUnavailable(_AWAY) from error
        if not isinstance(told, dict):
            raise ProviderUnavailable(_AWAY)
        return told
