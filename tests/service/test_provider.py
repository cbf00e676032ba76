"""What an identity provider may answer: little, itself, soon."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from flexura.errors import NotAuthenticated, ProviderUnavailable
from flexura.security.openid import register
from flexura.service import provider
from flexura.service.provider import IdentityProvider

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Odd(BaseHTTPRequestHandler):
    """Answers as it is told; None closes without a word."""

    answers: ClassVar[dict[str, tuple[int, bytes] | None]] = {}
    asked: ClassVar[list[str]] = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.asked.append(self.path)
        told = self.answers.get(self.path)
        if told is not None:
            self.send_response(told[0])
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(told[1])

    def do_POST(self):
        self.do_GET()


@pytest.fixture
def odd() -> Iterator[tuple[IdentityProvider, type[Odd]]]:
    Odd.answers, Odd.asked = {}, []
    with HTTPServer(("127.0.0.1", 0), Odd) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        issuer = f"http://127.0.0.1:{server.server_port}"
        at = {"authorization_endpoint": "/a", "token_endpoint": "/t", "jwks_uri": "/k"}
        whole = {"issuer": issuer, **{name: issuer + path for name, path in at.items()}}
        Odd.answers = {"/.well-known/openid-configuration": (200, json.dumps(whole).encode())}
        yield IdentityProvider(register(issuer, "flexura", origin="https://clinic.test")), Odd
        server.shutdown()


@pytest.mark.parametrize(
    "answer", [None, (302, b""), (404, b"{}"), (500, b"{}"), (200, b"no json"), (200, b"[]"), (200, b"\xff")]
)
def test_a_description_that_is_none_is_a_provider_that_is_away(odd, answer):
    asked, server = odd
    server.answers["/.well-known/openid-configuration"] = answer
    with pytest.raises(ProviderUnavailable):
        asked.find()
    assert "/elsewhere" not in server.asked


def test_a_description_is_asked_for_once_and_an_endless_one_is_not_read(odd, monkeypatch):
    asked, server = odd
    assert asked.find() == asked.find()
    assert len(server.asked) == 1
    monkeypatch.setattr(provider, "_MOST_BYTES", 10)
    with pytest.raises(ProviderUnavailable):
        IdentityProvider(asked.registration).find()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, b"{}"), NotAuthenticated),
        ((401, b"{}"), ProviderUnavailable),
        ((307, b""), ProviderUnavailable),
        (None, ProviderUnavailable),
        ((200, b"{}"), NotAuthenticated),
        ((200, b'{"id_token": 7}'), NotAuthenticated),
    ],
)
def test_no_token_is_a_refusal_and_no_answer_is_not(odd, answer, error):
    asked, server = odd
    server.answers |= {"/t": answer, "/k": (200, b'{"keys": []}')}
    with pytest.raises(error):
        asked.identify("code", "secret", now=NOON)
    assert "/elsewhere" not in server.asked


def test_who_does_not_answer_in_time_is_away(monkeypatch):
    monkeypatch.setattr(provider, "_PATIENCE_S", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable):
            IdentityProvider(register(issuer, "flexura", origin="https://clinic.test")).find()
