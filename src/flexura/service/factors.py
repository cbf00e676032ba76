"""What requests and answers about second factors look like; as `forms`.

What a browser and an authenticator say to each other is WebAuthn's own JSON: it is passed on as it is, judged whole.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from flexura.service.forms import PLAIN, Form

_ID = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
_OPTIONS = {"challenge": "YmFzZTY0dXJs", "rpId": "clinic.test", "timeout": 300000, "userVerification": "preferred"}
_RESPONSE = {"clientDataJSON": "YmFzZTY0dXJs", "attestationObject": "YmFzZTY0dXJs"}
_ANSWER = {"id": "YmFzZTY0dXJs", "rawId": "YmFzZTY0dXJs", "type": "public-key", "response": _RESPONSE}

PasskeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(examples=[_ID])]
_Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=PLAIN),
    Field(examples=["Key on my ring"]),
]


class PasskeyOptions(Form):
    """What a browser passes on to an authenticator: PublicKeyCredentialCreationOptionsJSON or ...RequestOptionsJSON."""

    options: Annotated[dict[str, Any], Field(examples=[_OPTIONS])]


class NewPasskey(Form):
    """A passkey as its user calls it, and PublicKeyCredential.toJSON() of what the authenticator answered."""

    name: _Name
    answer: Annotated[dict[str, Any], Field(examples=[_ANSWER])]


class MadePasskey(Form):
    """The id of a passkey that is good from now on."""

    id: PasskeyId


class Passkey(Form):
    """A passkey; `used_at` is null until it is used."""

    id: PasskeyId
    name: _Name
    created_at: datetime
    used_at: datetime | None


class Passkeys(Form):
    """The passkeys of who asks, oldest first; one that is the last second factor is not removed."""

    items: list[Passkey]


class MadeCode(Form):
    """A new second factor; `code_uri` is for the authenticator app and holds its secret, told once."""

    code_uri: str
