"""Where the service may listen, and that it speaks modern TLS there."""

import ssl
import subprocess
import threading
import time
from contextlib import contextmanager

import httpx2
import pytest

from flexura.errors import FileUnreadable, SettingsError
from flexura.service.server import Address, is_loopback, make_server


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@contextmanager
def _running(server):
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "clinic.example", ""])
def test_plain_http_never_leaves_this_machine(app, host):
    with pytest.raises(SettingsError, match="encrypted only"):
        make_server(app, Address(host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_this_machine(host):
    assert is_loopback(host)


def test_a_certificate_needs_its_key(app, pair, tmp_path):
    for alone in (Address(certificate=pair[0]), Address(key=pair[1])):
        with pytest.raises(SettingsError, match="its key"):
            make_server(app, alone)
    (tmp_path / "junk.pem").write_text("no key")
    for unfit in (tmp_path / "junk.pem", tmp_path / "missing.pem"):
        with pytest.raises(FileUnreadable):
            make_server(app, Address(certificate=pair[0], key=unfit))


def test_it_speaks_tls_1_2_and_newer_only(app, pair):
    server = make_server(app, Address("0.0.0.0", 0, *pair))
    assert server.config.ssl.minimum_version is ssl.TLSVersion.TLSv1_2
    trust = ssl.create_default_context(cafile=pair[0])
    with _running(server) as port, httpx2.Client(verify=trust) as http:
        answer = http.get(f"https://127.0.0.1:{port}/api/v1/health")
        assert answer.json() == {"status": "alive"}
        assert "server" not in answer.headers
