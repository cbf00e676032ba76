"""Passkeys of people: registered, listed, removed, and asked for at sign-in; a token has none."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from flexura.errors import Forbidden, RequestUnfit
from flexura.security.passkeys import Answer, RelyingParty
from flexura.security.sessions import Session
from flexura.service.auth import Asking, Caller, address_of
from flexura.service.clinic import Clinic, Wired
from flexura.service.factors import MadePasskey, NewPasskey, Passkey, PasskeyId, PasskeyOptions, Passkeys
from flexura.service.forms import NameAndPassword
from flexura.storage import credentials, passkeys


def read_answer(document: Mapping[str, Any], clinic: Clinic) -> Answer:
    """Take what an authenticator answered, to the clinic; it is judged later.

    Parameters
    ----------
    document : Mapping[str, Any]
        PublicKeyCredential.toJSON().
    clinic : Clinic
        The service.

    Returns
    -------
    Answer

    Raises
    ------
    RequestUnfit
        When this clinic has no passkeys.
    """
    return Answer(_party_of(clinic), document)


def ask_passkey(form: NameAndPassword, request: Request, clinic: Wired) -> PasskeyOptions:
    """Ask for a passkey of whoever shows the right name and password; its answer goes to the sign-in."""
    party = _party_of(clinic)
    shown = credentials.Credentials(form.tenant, form.name, form.password, address=address_of(request))
    return PasskeyOptions(options=credentials.ask_passkey(clinic.store, shown, party, cost=clinic.hash_cost))


def list_passkeys(caller: Asking, clinic: Wired) -> Passkeys:
    """List the passkeys of who asks."""
    with clinic.store.visit(caller.actor) as visit:
        return Passkeys(items=[Passkey(**vars(row)) for row in passkeys.list_passkeys(visit)])


def ask_new_passkey(caller: Asking, clinic: Wired) -> PasskeyOptions:
    """Ask for a passkey to register; at most five minutes after signing in."""
    party, session = _party_of(clinic), session_of(caller)
    with clinic.store.visit(caller.actor) as visit:
        return PasskeyOptions(options=passkeys.ask_to_register(visit, party, session))


def add_passkey(form: NewPasskey, caller: Asking, clinic: Wired) -> MadePasskey:
    """Keep a passkey; from now on a second factor is asked for at sign-in."""
    answer = read_answer(form.answer, clinic)
    made = passkeys.add_passkey(clinic.store, caller.actor, answer, name=form.name, session=session_of(caller))
    return MadePasskey(id=made)


def remove_passkey(passkey: PasskeyId, caller: Asking, clinic: Wired) -> None:
    """Remove a passkey, unless it is the last second factor; at most five minutes after signing in."""
    with clinic.store.visit(caller.actor) as visit:
        passkeys.remove_passkey(visit, passkey, session=session_of(caller))


def session_of(caller: Caller) -> Session:
    """Give the session of a person.

    Parameters
    ----------
    caller : Caller
        Who asks.

    Returns
    -------
    Session

    Raises
    ------
    Forbidden
        For a token, which has no second factor.
    """
    if caller.session is None:
        raise Forbidden("A token has no second factor; a person signs in.")
    return caller.session


def _party_of(clinic: Clinic) -> RelyingParty:
    if clinic.party is None:
        raise RequestUnfit("This clinic has no passkeys: FLEXURA_ORIGIN does not name its host.")
    return clinic.party
