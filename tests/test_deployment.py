"""The files of deploy/ and the steps of docs/deployment.md, run as processes from the first start to a restoring."""

import hashlib
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from flexura.cli.root import verbs

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
PASSWORD = "seven green ladders"
PROGRAM = [sys.executable, "-c", "from flexura.cli import main; main()"]


def _started(unit):
    """The command lines of a unit, in order; of a shell's line, what it executes."""
    lines = re.findall(r"^ExecStart=(.+)$", (DEPLOY / unit).read_text(), re.MULTILINE)
    return [shlex.split(line[line.index("/opt/flexura/bin/flexura") :].rstrip('"'))[1:] for line in lines]


def _contained():
    text = (DEPLOY / "Containerfile").read_text()
    return [json.loads(re.search(r"^CMD (.+)$", text, re.MULTILINE)[1])]


@pytest.mark.parametrize(
    "commands",
    [_started(unit.name) for unit in sorted(DEPLOY.glob("*.service"))] + [_contained()],
)
def test_every_command_line_is_one_that_flexura_takes(commands):
    assert commands
    for words in commands:
        command = verbs
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_container_copies_files_that_exist_and_asks_for_pinned_packages():
    text = (DEPLOY / "Containerfile").read_text()
    copied = [name for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for name in line.split()[:-1]]
    assert len(copied) > 5
    assert not [name for name in copied if not (ROOT / name).exists()]
    assert text.count("--require-hashes") == 2
    assert "USER flexura" in text


def test_the_list_of_parts_holds_what_the_service_installs_and_nothing_else():
    parts = json.loads((ROOT / "requirements" / "sbom.json").read_text())
    pins = re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "requirements" / "hsm.txt").read_text(), re.MULTILINE)
    assert parts["bomFormat"] == "CycloneDX"
    assert {(part["name"], part["version"]) for part in parts["components"]} == set(pins)
    assert len(pins) > 30


@pytest.fixture
def machine(tmp_path, tiny_bundle, monkeypatch):
    """Point the settings to a machine's folder; its keys come along."""
    monkeypatch.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("FLEXURA_BUNDLE", str(tiny_bundle))
    monkeypatch.setenv("FLEXURA_THREADS", "1")
    monkeypatch.delenv("FLEXURA_DATABASE", raising=False)

    def move_to(name):
        monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / name))
        return tmp_path / name

    return move_to


def _run(*words):
    result = CliRunner().invoke(verbs, words, input=f"{PASSWORD}\n{PASSWORD}\n", catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _first_start():
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines():
        _run(*shlex.split(line)[1:])
    verbs_wanted = ("patient.create", "case.create", "case.read", "photo.add", "photo.read")
    return _run("admin", "token", "add", "maria", *(word for verb in verbs_wanted for word in ("--for", verb))).strip()


def _serve(folder, token, work):
    """Start the unit's command line, work with it over HTTPS, and stop it as systemd does."""
    (words,) = _started("flexura.service")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    words[words.index("--port") + 1] = port
    with subprocess.Popen([*PROGRAM, *words], env=os.environ, stderr=subprocess.DEVNULL) as process:
        certificate, end = folder / "tls" / "certificate.pem", time.monotonic() + 60
        while not certificate.exists():
            assert time.monotonic() < end
            time.sleep(0.1)
        trust, headers = ssl.create_default_context(cafile=certificate), {"Authorization": f"Bearer {token}"}
        with httpx2.Client(verify=trust, base_url=f"https://127.0.0.1:{port}/api/v1", headers=headers) as http:
            _wait(http, end)
            made = work(http)
        process.send_signal(signal.SIGTERM)
        assert process.wait(75) == 0
    return made


def _wait(http, end):
    while True:
        try:
            return http.get("/ready")
        except httpx2.ConnectError:
            assert time.monotonic() < end
            time.sleep(0.1)


def _hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "photos").glob("??/*")}


@pytest.mark.slow
def test_from_the_first_start_to_a_restored_machine(machine, tmp_path, skin_photo):
    first = machine("first")
    token = _first_start()

    def upload(http):
        patient = http.post("/patients", json={"number": "MRN-1", "name": "Jane Doe"}).json()["id"]
        case = http.post(f"/patients/{patient}/cases", json={}).json()["id"]
        made = http.post(f"/cases/{case}/photos", content=skin_photo)
        assert made.status_code == 201, made.text
        return f"/cases/{case}/photos/{made.json()['id']}"

    photo = _serve(first, token, upload)
    upkeep, backup = _started("flexura-nightly.service")
    assert "Removed 0 files" in _run(*upkeep)
    assert backup[:2] == ["admin", "backup"]
    _run("admin", "backup", str(tmp_path / "backup"))
    second = machine("second")
    _run("admin", "restore", str(tmp_path / "backup"))
    assert len(_hashes(second)) == 1
    assert _hashes(second) == _hashes(first)
    _run("admin", "audit", "verify")
    assert _serve(second, token, lambda http: http.get(photo).content) == skin_photo
