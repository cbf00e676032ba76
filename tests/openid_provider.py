"""An identity provider to test with: a process of its own, real RS256 tokens, none of the service's libraries.

Run as `python openid_provider.py PORT [NOW]`; NOW in seconds since 1970 stands still. It knows one client, checks
secret, redirect and PKCE, and takes each code once. At /authorize a person types a subject; `amr` and `key` may be
posted too.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, SECRET = "flexura", "s:cret/of the clinic"
KEYS: dict[str, rsa.RSAPrivateKey] = {}
CODES: dict[str, dict[str, str]] = {}
PAGE = """<!DOCTYPE html><html lang="en"><title>Provider</title><link rel="icon" href="data:,">
<main><h1>Provider</h1><form method="post">{hidden}
<label for="subject">Account</label><input id="subject" name="subject"><button>Allow</button></form></main></html>"""


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _sign(claims: dict[str, object], key: str) -> str:
    parts = [{"alg": "RS256", "kid": "right"}, claims]
    text = ".".join(_b64(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_b64(KEYS[key].sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


def _number(value: int) -> str:
    return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Provider(BaseHTTPRequestHandler):
    """The four endpoints that the code flow needs."""

    issuer = ""
    now: int | None = None

    def log_message(self, *_):
        pass

    def _answer(self, status, body, kind="application/json", **headers):
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            at = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            self._answer(200, {"issuer": self.issuer, **{name: self.issuer + path for name, path in at.items()}})
        elif parts.path == "/keys":
            public = KEYS["right"].public_key().public_numbers()
            key = {"kty": "RSA", "kid": "right", "use": "sig", "n": _number(public.n), "e": _number(public.e)}
            self._answer(200, {"keys": [key]})
        elif parts.path == "/authorize" and asked.get("client_id") == CLIENT:
            hidden = "".join(f'<input type="hidden" name="{name}" value="{text}">' for name, text in asked.items())
            self._answer(200, PAGE.format(hidden=hidden), "text/html")
        else:
            self._answer(404, {})

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(text).items()}
        if self.path.startswith("/authorize"):
            code = secrets.token_urlsafe()
            CODES[code] = form
            told = {"code": code, "state": form["state"], "iss": self.issuer}
            if form["subject"] == "nobody":
                told = {"error": "access_denied", "state": form["state"]}
            self._answer(303, "", Location=f"{form['redirect_uri']}?{urlencode(told)}")
        else:
            self._exchange(form)

    def _exchange(self, form):
        asked = CODES.pop(form.get("code", ""), None)
        shown = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if shown != f"{CLIENT}:s%3Acret%2Fof+the+clinic":
            self._answer(401, {"error": "invalid_client"})
            return
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or (asked["code_challenge"], asked["code_challenge_method"]) != (challenge, "S256")
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            self._answer(400, {"error": "invalid_grant"})
            return
        now = int(time.time()) if self.now is None else self.now
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": asked["subject"], "nonce": asked["nonce"]}
        claims |= {"iat": now, "auth_time": now, "exp": now + 300, "amr": asked.get("amr", "pwd").split()}
        self._answer(200, {"id_token": _sign(claims, asked.get("key", "right")), "access_token": "unused"})


if __name__ == "__main__":
    KEYS.update({name: rsa.generate_private_key(65537, 2048) for name in ("right", "stranger")})
    port, *now = map(int, sys.argv[1:])
    # By name: for a browser another site than 127.0.0.1, where the service under test is.
    Provider.issuer, Provider.now = f"http://localhost:{port}", now[0] if now else None
    ThreadingHTTPServer(("127.0.0.1", port), Provider).serve_forever()
