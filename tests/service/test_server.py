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
    return _make_pair(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Another, which nobody here knows."""
    return _make_pair(tmp_path_factory.mktemp("stranger"))


def _make_pair(folder):
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


def test_clients_certificates_need_tls(app, pair):
    with pytest.raises(SettingsError, match="by TLS only"):
        make_server(app, Address(client_ca=pair[0]))


def test_with_mutual_tls_who_shows_no_certificate_or_a_strangers_gets_no_answer(app, pair, stranger):
    server = make_server(app, Address("127.0.0.1", 0, *pair, client_ca=pair[0]))
    with _running(server) as port:
        for shown, answered in ((None, False), (stranger, False), (pair, True)):
            trust = ssl.create_default_context(cafile=pair[0])
            if shown:
                trust.load_cert_chain(*shown)
            with httpx2.Client(verify=trust) as http:
                try:
                    status = http.get(f"https://127.0.0.1:{port}/api/v1/health").status_code
                except httpx2.TransportError:
                    status = None
            assert (status == 200) is answered


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"])
def test_openssl_gets_a_connection_by_tls_1_2_and_1_3_only(app, pair, version):
    server = make_server(app, Address("127.0.0.1", 0, *pair))
    with _running(server) as port:
        # At its lowest security level openssl itself would speak the old versions.
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-cipher", "ALL:@SECLEVEL=0"]
        spoken = subprocess.run(command, input=b"", capture_output=True, check=False, timeout=30)
    assert (spoken.returncode == 0) is (version in {"-tls1_2", "-tls1_3"})


def test_it_speaks_tls_1_2_and_newer_only(app, pair):
    server = make_server(app, Address("0.0.0.0", 0, *pair))
    assert server.config.ssl.minimum_version is ssl.TLSVersion.TLSv1_2
    trust = ssl.create_default_context(cafile=pair[0])
    with _running(server) as port, httpx2.Client(verify=trust) as http:
        answer = http.get(f"https://127.0.0.1:{port}/api/v1/health")
        assert answer.json() == {"status": "alive"}
        assert "server" not in answer.headers
