"""What `serve` refuses to start with; tests/service/test_walk.py runs it."""

import base64

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
