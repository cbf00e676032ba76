"""`check`: what intake says of a file; no model is asked for and nothing is scored."""

import json

import pytest


@pytest.fixture
def no_bundle(run, monkeypatch, tmp_path):
    monkeypatch.setenv("FLEXURA_BUNDLE", str(tmp_path))
    return run


def test_a_good_photo_is_accepted_without_any_model(no_bundle, photo_file):
    result = no_bundle("check", photo_file)
    assert result.exit_code == 0
    assert result.stdout.startswith("Photo 1 of 1: accepted\nJPEG, 512 x 384 px upright")
    assert "sharpness" in result.stdout
    assert "Most likely" not in result.stdout


def test_every_file_gets_its_verdict(no_bundle, photo_file, text_file, grey_file):
    result = no_bundle("check", photo_file, text_file, grey_file)
    assert result.exit_code == 3
    assert "Photo 1 of 3: accepted" in result.stdout
    assert "Photo 2 of 3: refused (not_an_image)" in result.stdout
    assert "Photo 3 of 3: refused" in result.stdout
    assert "FAILED: not_enough_skin" in result.stdout


def test_json_has_one_document_per_file(no_bundle, photo_file, text_file):
    result = no_bundle("check", photo_file, text_file, "--json")
    good, bad = (json.loads(line) for line in result.stdout.splitlines())
    assert good["schema"] == "flexura.check/1"
    assert good["photo"]["format"] == "JPEG"
    assert good["quality"]["accepted"] is True
    assert bad["schema"] == "flexura.refusal/1"


def test_a_fault_of_our_own_is_status_1(no_bundle, photo_file, monkeypatch):
    from flexura import workflow

    monkeypatch.setattr(workflow, "check_quality", lambda *_: 1 / 0)
    result = no_bundle("check", photo_file)
    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr
