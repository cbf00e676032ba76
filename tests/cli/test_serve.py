"""What `serve` refuses to start with; tests/service/test_walk.py runs it."""

import base64
import os
import signal
import socket
import ssl
import subprocess
import sys
import time

import httpx2
import pytest


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """No setting of a clinic but those that a test makes."""
    for name in ("FLEXURA_DATABASE", "FLEXURA_DATA_DIR", "FLEXURA_MASTER_KEY", "FLEXURA_MASTER_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def _refused(result, status, code):
    return (result.exit_code, f"[{code}]" in result.stderr, "Listening" in result.stderr) == (status, True, False)


def test_it_does_not_start_without_folder_or_key(environment, run, tmp_path):
    assert _refused(run("serve"), 2, "settings_invalid")
    assert _refused(run("serve", "--data-dir", tmp_path / "clinic"), 4, "key_missing")


@pytest.mark.parametrize("key", [bytes(32), bytes(range(32)), b"changeme" * 4])
def test_it_does_not_start_with_a_default_key(environment, run, tmp_path, key):
    environment.setenv("FLEXURA_MASTER_KEY", base64.b64encode(key).decode())
    assert _refused(run("serve", "--data-dir", tmp_path / "clinic"), 4, "key_unfit")


def test_it_does_not_start_in_plain_http_off_loopback(environment, run, tmp_path):
    environment.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    assert run("admin", "key", "create").exit_code == 0
    assert _refused(run("serve", "--data-dir", tmp_path / "clinic", "--host", "0.0.0.0"), 2, "settings_invalid")


@pytest.mark.parametrize("option", [("--data-dir", "clinic"), ("--host", "0.0.0.0")])
def test_a_demo_keeps_nothing_and_stays_on_this_machine(environment, run, option):
    result = run("serve", "--demo", *option)
    assert (result.exit_code, "Listening" in result.stderr) == (2, False)
    assert "A demo keeps no data" in result.stderr


@pytest.mark.parametrize("options", [("--tls-own",), ("--tls-own", "--tls-certificate", "c.pem", "--tls-key", "k.pem")])
def test_its_own_certificate_needs_a_folder_and_takes_no_other(environment, run, tmp_path, options):
    where = ("--data-dir", tmp_path / "clinic") if len(options) > 1 else ()
    result = run("serve", *where, *options)
    assert (result.exit_code, "Listening" in result.stderr, "--tls-own" in result.stderr) == (2, False, True)


@pytest.mark.slow
def test_it_serves_off_loopback_with_a_certificate_of_its_own(environment, run, tmp_path, tiny_bundle):
    environment.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    assert run("admin", "key", "create").exit_code == 0
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-c", "from flexura.cli import main; main()", "serve", "--data-dir", tmp_path / "clinic"]
    command += ["--host", "0.0.0.0", "--port", str(port), "--tls-own", "--assessors", "1", "--workers", "0"]
    settings = os.environ | {"FLEXURA_BUNDLE": str(tiny_bundle), "FLEXURA_THREADS": "1", "FLEXURA_DEVICE": "cpu"}
    with subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True) as process:
        said = [process.stderr.readline() for _ in range(5)]
        trust = ssl.create_default_context(cafile=tmp_path / "clinic/tls/certificate.pem")
        with httpx2.Client(verify=trust) as http:
            answer = _ask(http, f"https://127.0.0.1:{port}/api/v1/health")
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert (answer.json(), "strict-transport-security" in answer.headers) == ({"status": "alive"}, True)
    assert said[0].startswith(f"Own certificate {tmp_path}/clinic/tls/certificate.pem, SHA-256 ")
    assert said[2] == f"Listening on https://0.0.0.0:{port}/api/v1\n"
    assert said[3] == "Working with flexura-tiny test on the CPU\n"
    # A log gets no link: tests/e2e/test_setup.py looks at a terminal.
    assert said[4] == "Nobody can sign in yet: flexura admin user add NAME --role administrator\n"


def _ask(http, address):
    end = time.monotonic() + 60
    while True:
        try:
            return http.get(address)
        except httpx2.ConnectError:
            assert time.monotonic() < end
            time.sleep(0.1)
