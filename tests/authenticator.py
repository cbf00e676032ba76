"""A security key in software to test with: its bytes are made by hand from Web Authentication Level 3, 6.1 and 6.5.

ES256 on P-256, attestation `none` or `packed` by the key itself. It signs whatever it is told to, so that a test can
say one thing wrong and sign it all the same; `changes` are what a browser or a thief would write instead.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

TOUCHED, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One credential; `counter` is what it has counted, `step` by how much it counts on."""

    origin: str = "https://clinic.test"
    counter: int = 0
    step: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = field(default_factory=lambda: os.urandom(32))

    def register(self, options: dict[str, Any], *, packed: bool = False, **changes: Any) -> dict[str, Any]:
        """Answer PublicKeyCredentialCreationOptionsJSON."""
        client = self._client("webauthn.create", options, changes)
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(public)
        told = self._told(options["rp"]["id"], TOUCHED | ATTESTED, changes) + attested
        statement = {"alg": -7, "sig": self._sign(told, client, changes)} if packed else {}
        whole = {"fmt": "packed" if packed else "none", "attStmt": statement, "authData": told}
        return self._credential({"clientDataJSON": _b64(client), "attestationObject": _b64(cbor2.dumps(whole))})

    def use(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Answer PublicKeyCredentialRequestOptionsJSON."""
        client = self._client("webauthn.get", options, changes)
        told = self._told(options["rpId"], TOUCHED | VERIFIED, changes)
        response = {"clientDataJSON": _b64(client), "authenticatorData": _b64(told)}
        response["signature"] = _b64(self._sign(told, client, changes))
        if "handle" in changes:
            response["userHandle"] = _b64(changes["handle"])
        return self._credential(response)

    def _client(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(told | {name: changes[name] for name in told if name in changes}).encode()

    def _told(self, host: str, flags: int, changes: dict[str, Any]) -> bytes:
        self.counter = changes.get("counter", self.counter + self.step)
        hashed = hashlib.sha256(changes.get("host", host).encode()).digest()
        return hashed + bytes([changes.get("flags", flags)]) + self.counter.to_bytes(4, "big")

    def _sign(self, told: bytes, client: bytes, changes: dict[str, Any]) -> bytes:
        key = changes.get("key", self.key)
        return key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        named = _b64(self.credential)
        return {"id": named, "rawId": named, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
