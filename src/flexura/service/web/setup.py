"""The first start in a browser: the page behind the link of `flexura serve` makes the first administrator.

The link's secret stands behind its #, which browsers send nowhere: the page's script, or a hand, puts it into the form.
A one-time code shows that the user's app holds the second factor before anything is made.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from fastapi import Request, Response
from pydantic import Field

from flexura.errors import (
    FlexuraError,
    NotAuthenticated,
    NotStored,
    PasswordUnfit,
    RequestUnfit,
    StoreConflict,
    TooManyAttempts,
)
from flexura.security.codes import make_code_secret, matching_step, provisioning_uri
from flexura.service import session
from flexura.service.auth import address_of
from flexura.service.clinic import Clinic, Wired
from flexura.service.forms import NewUser, SignIn
from flexura.service.problems import STATUSES
from flexura.service.web.arrival import TENANT
from flexura.service.web.frame import check_site, fill, go, show
from flexura.service.web.qr import draw_qr
from flexura.storage.setup import Founder, has_users, make_first_administrator

_BASE32: Final = r"^[A-Z2-7]{32}$"
# What is said of an error, by key of the texts.
_SAID: Final[Mapping[type[FlexuraError], str]] = MappingProxyType(
    {
        NotAuthenticated: "set_up_over",
        TooManyAttempts: "set_up_haste",
        PasswordUnfit: "set_up_weak",
        StoreConflict: "set_up_unfit",
        RequestUnfit: "set_up_unfit",
    }
)


class SetUp(NewUser):
    """What the page asks: a new user's name and password, twice, the link's secret, and the app's secret and code."""

    role: Literal["administrator"] = "administrator"
    again: Annotated[str, Field(max_length=256)]
    link: Annotated[str, Field(max_length=128)]
    code_secret: Annotated[str, Field(pattern=_BASE32)]
    code: Annotated[str, Field(max_length=16)]


def ask_set_up(request: Request, clinic: Wired) -> Response:
    """Ask who is to be the first administrator.

    Parameters
    ----------
    request : Request
        Anybody's.
    clinic : Wired
        The service.

    Returns
    -------
    Response

    Raises
    ------
    NotStored
        Once there is a user.
    """
    if has_users(clinic.store):
        raise NotStored("There is nothing at this address.")
    return _show(request, clinic)


def set_up(request: Request, clinic: Wired) -> Response:
    """Make the first administrator, who is then signed in; what is refused is said on the page."""
    check_site(request)
    try:
        form: SetUp = fill(SetUp, request)
        fault = _find_fault(form, clinic)
        if fault:
            return _show(request, clinic, http_status=STATUSES[RequestUnfit], said=fault)
        shown = form.model_dump(include={"name", "password", "link", "code_secret"})
        founder = Founder(TENANT, address=address_of(request), **shown)
        make_first_administrator(clinic.store, founder, cost=clinic.hash_cost)
    except tuple(_SAID) as error:
        return _show(request, clinic, http_status=STATUSES[type(error)], said=_SAID[type(error)])
    answer = go("/users")
    session.sign_in(SignIn(name=form.name, password=form.password, code=form.code), request, answer, clinic)
    return answer


def _find_fault(form: SetUp, clinic: Clinic) -> str | None:
    """The key of a text. A code is only looked at here: the sign-in that follows uses it up."""
    if form.password != form.again:
        return "set_up_differ"
    return None if matching_step(form.code_secret, form.code, now=clinic.store.clock()) else "set_up_code"


def _show(request: Request, clinic: Clinic, *, http_status: int = 200, said: str | None = None) -> Response:
    """The app's secret stays as it was shown, so that a refusal asks for no second enrolment."""
    typed: dict[str, Any] = getattr(request.state, "form", {})
    secret = typed.get("code_secret", "")
    if not re.match(_BASE32, secret):
        secret = make_code_secret(randomness=clinic.store.randomness)
    uri = provisioning_uri(secret, typed.get("name", "administrator"))
    shown = {"said": said, "typed": typed, "secret": secret, "uri": uri, "qr": draw_qr(uri)}
    return show(request, "set_up.html", http_status=http_status, **shown)
