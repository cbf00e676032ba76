"""The walk through of docs/api.md, line by line, against the real server of `flexura serve` on loopback."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from string import Template

import httpx2
import pytest
from click.testing import CliRunner

from flexura.cli.root import verbs

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
MAKE_TOKEN = next(line for line in PAGE.splitlines() if line.startswith("flexura admin token add"))
START_S = 60


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def served(tmp_path, tiny_bundle, monkeypatch):
    """Variables of the page: where `flexura serve` listens, and maria's token."""
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "clinic"))
    monkeypatch.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("FLEXURA_BUNDLE", str(tiny_bundle))
    monkeypatch.setenv("FLEXURA_THREADS", "1")

    def run(*command):
        result = CliRunner().invoke(verbs, command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    run("admin", "key", "create")
    run("admin", "user", "add", "maria", "--role", "clinician", "--no-codes", "--password", "seven green ladders")
    token = run(*shlex.split(MAKE_TOKEN)[1:])
    port = _free_port()
    command = [sys.executable, "-c", "from flexura.cli import main; main()", "serve", "--port", str(port)]
    with subprocess.Popen([*command, "--assessors", "1"], stderr=subprocess.PIPE, env=os.environ) as process:
        api = f"http://127.0.0.1:{port}/api/v1"
        _wait(api, process)
        yield {"API": api, "TOKEN": token}
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[1].decode()
    assert said.startswith("Decision support for research and clinicians; not a medical device.\nListening on http://")
    assert ("Traceback" in said, process.returncode) == (False, 0)


def _wait(api, process):
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            return httpx2.get(f"{api}/health")
        except httpx2.ConnectError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate()[1])


def _curl(command, files):
    """Send what curl would send: of its options, those that the page uses."""
    _, silent, *words = shlex.split(command)
    assert silent == "-s"
    method, content, headers, url = None, None, {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-d":
            content = words.pop(0).encode()
        elif word == "--data-binary":
            content = files[words.pop(0).removeprefix("@")]
        else:
            assert url is None, word
            url = word
    return httpx2.request(method or ("POST" if content else "GET"), url, headers=headers, content=content, timeout=60)


def test_every_line_of_the_walk_works_as_it_stands(served, skin_photo):
    answers = {}
    for line in LINES:
        variable, command = re.fullmatch(r"(?:(\w+)=\$\()?(curl .*?)\)?", line).groups()
        answer = _curl(Template(command).substitute(served), {"arm.jpg": skin_photo})
        assert answer.status_code in {200, 201, 202}, (line, answer.text)
        answers[line] = answer.json()
        if variable:
            served[variable] = answer.json()["id"]
    assert len(answers) == len(LINES) == 11
    export = answers[LINES[-1]]
    (case,) = export["cases"]
    assert (export["patient"]["name"], len(case["photos"])) == ("Jane Doe", 1)
    assert case["assessments"][0]["document"]["assessment"]["model"]["name"] == "flexura-tiny"
    assert case["reviews"][0]["document"]["diagnosis"] == "contact_dermatitis"
    assert case["outcomes"][0]["document"]["note"] == "Healed without the bracelet"
    assert json.dumps(answers[LINES[0]]) == '{"status": "ready", "model": "flexura-tiny test"}'
