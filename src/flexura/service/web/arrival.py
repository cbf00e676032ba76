"""Coming in by the clinic's identity provider: there, back again, and what is shown when it fails.

The browser carries a random secret of this one sign-in in a cookie that it also sends when the provider leads it back,
and, in another, the page of ours to which it then goes.
The session's own cookie is closed to other sites, and a redirect that one began would not send it: so the way back
ends on a page of ours, which goes on by itself.
"""

from typing import Final
from urllib.parse import quote, unquote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from flexura.errors import NotAuthenticated, ProviderUnavailable, RequestUnfit, TooManyAttempts
from flexura.security.openid import Identity, authorization_address, make_login_secret, read_code
from flexura.service.auth import address_of
from flexura.service.clinic import Clinic, Wired
from flexura.service.forms import SignIn
from flexura.service.provider import IdentityProvider
from flexura.service.session import keep_session
from flexura.service.web.back import find_way
from flexura.service.web.frame import HEADERS, show
from flexura.storage.identities import check_arrival, sign_in_by_identity
from flexura.storage.setup import has_users

COOKIE: Final = "__Host-flexura-login"
WAY_COOKIE: Final = "__Host-flexura-way"
_PATIENCE_S: Final = 600
# The pages serve the one clinic that the form of name and password serves too.
TENANT: Final[str] = SignIn.model_fields["tenant"].default


def show_sign_in(request: Request, way: str, *, http_status: int = 200, failed: str | None = None) -> Response:
    """Show the page where one signs in.

    Parameters
    ----------
    request : Request
        Whose clinic may have an identity provider.
    way : str
        Of `find_way`: where it leads afterwards.
    http_status : int
        HTTP's.
    failed : str | None
        The key of the text that says what did not work.

    Returns
    -------
    Response
    """
    clinic: Clinic = request.app.state.clinic
    ways = {"provider": clinic.provider is not None, "passkeys": clinic.party is not None}
    first = not has_users(clinic.store)
    return show(request, "sign_in.html", http_status=http_status, failed=failed, first=first, way=way, **ways)


def ask_provider(request: Request, clinic: Wired) -> Response:
    """Lead the browser to the identity provider.

    Parameters
    ----------
    request : Request
        Anybody's.
    clinic : Wired
        The service.

    Returns
    -------
    Response
        The only redirect to another host, whose address the provider's own description gives.
    """
    provider, way = _provider_of(clinic), find_way(request.query_params.get("next"))
    try:
        check_arrival(clinic.store, address=address_of(request))
        there = provider.find()
    except TooManyAttempts:
        return show_sign_in(request, way, http_status=429, failed="failed")
    except ProviderUnavailable:
        return show_sign_in(request, way, http_status=503, failed="provider_away")
    secret = make_login_secret(randomness=clinic.store.randomness)
    answer = RedirectResponse(authorization_address(there, provider.registration, secret), 303, HEADERS)
    for name, value in ((COOKIE, secret), (WAY_COOKIE, quote(way, safe=""))):
        answer.set_cookie(name, value, max_age=_PATIENCE_S, secure=True, httponly=True, samesite="lax")
    return answer


def come_back(request: Request, clinic: Wired) -> Response:
    """Let in whom the identity provider vouches for, if an administrator has linked the account to a user.

    Parameters
    ----------
    request : Request
        Its query holds the provider's answer, its cookies the secret of the sign-in and the way back.
    clinic : Wired
        The service.

    Returns
    -------
    Response
    """
    provider, address = _provider_of(clinic), address_of(request)
    way = find_way(unquote(request.cookies.get(WAY_COOKIE, "")))
    try:
        check_arrival(clinic.store, address=address)
        identity = _identify(request, clinic, provider)
        issued = sign_in_by_identity(clinic.store, TENANT, identity, address=address)
    except (NotAuthenticated, TooManyAttempts):
        answer = show_sign_in(request, way, http_status=401, failed="failed_provider")
    except ProviderUnavailable:
        answer = show_sign_in(request, way, http_status=503, failed="provider_away")
    else:
        answer = show(request, "signed_in.html", way=way)
        keep_session(answer, issued)
    for name in (COOKIE, WAY_COOKIE):
        answer.delete_cookie(name, secure=True, httponly=True, samesite="lax")
    return answer


def _identify(request: Request, clinic: Wired, provider: IdentityProvider) -> Identity | None:
    """None for an answer that is not valid: that somebody tried is put on record with the sign-in."""
    secret = request.cookies.get(COOKIE, "")
    try:
        code = read_code(request.query_params, provider.registration, secret)
        return provider.identify(code, secret, now=clinic.store.clock())
    except NotAuthenticated:
        return None


def _provider_of(clinic: Wired) -> IdentityProvider:
    if clinic.provider is None:
        raise RequestUnfit("This clinic has no identity provider.")
    return clinic.provider
