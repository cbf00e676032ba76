"""One's own account: which second factors there are, and passkeys added and removed."""

import json
from typing import Any, Final

from fastapi import Request, Response

from flexura.errors import RequestUnfit
from flexura.service import passkeys
from flexura.service.auth import Asking
from flexura.service.clinic import Wired
from flexura.service.factors import NewPasskey, PasskeyId
from flexura.service.web.frame import fill, go, show
from flexura.storage.passkeys import describe_factors

_PATH: Final = "/account"


def show_account(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Show who one is, and one's second factors."""
    session = passkeys.session_of(caller)
    with clinic.store.visit(caller.actor) as visit:
        factors = describe_factors(visit, session)
    return show(request, "account.html", factors=factors, offered=clinic.party is not None)


def add_passkey(request: Request, caller: Asking, clinic: Wired) -> Response:
    """Keep the passkey that answered."""
    unfold(request, "answer")
    passkeys.add_passkey(fill(NewPasskey, request), caller, clinic)
    return go(_PATH)


def remove_passkey(passkey: PasskeyId, caller: Asking, clinic: Wired) -> Response:
    """Remove a passkey."""
    passkeys.remove_passkey(passkey, caller, clinic)
    return go(_PATH)


def unfold(request: Request, field: str) -> None:
    """Read a field of a page's form, if it is there, as the JSON that a script wrote into it.

    Parameters
    ----------
    request : Request
        Read by `read_form`; its form is replaced.
    field : str
        Its name.

    Raises
    ------
    RequestUnfit
        When it is no JSON.
    """
    typed: dict[str, Any] = request.state.form
    try:
        request.state.form = typed | {name: json.loads(text) for name, text in typed.items() if name == field}
    except (ValueError, RecursionError) as error:
        raise RequestUnfit("An authenticator's answer could not be read.") from error
