"""What the tests' bundle leans on: the picture, as it was built; contexts of the folder; the command twice in a row."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from flexura.cli.root import verbs
from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import ManifestError
from flexura.features import FEATURE_NAMES
from flexura.training.datasets import read_manifest
from flexura.training.importance import measure_importance, value_groups


@pytest.fixture
def told(data_folder, tmp_path):
    """The folder's photos with contexts."""
    folder = Path(shutil.copytree(data_folder, tmp_path / "told"))
    lines = [
        {"file": photo.file, "context": {"age_years": 20 + number, "itch": number % 2}}
        for number, photo in enumerate(read_manifest(data_folder))
    ]
    (folder / "contexts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_every_value_is_in_one_group():
    groups = value_groups(3)
    columns = sorted(column for each in groups.values() for column in each)
    assert columns == list(range(len(CONTEXT_NAMES) + len(FEATURE_NAMES) + 3))
    assert {"context: age_years", "context: symptoms", "findings: colour", "picture"} <= groups.keys()


def test_the_bundle_that_looks_at_the_picture_alone_leans_on_nothing_else(tiny_bundle, told):
    found = {each.name: each for each in measure_importance(tiny_bundle, told)}
    assert found["picture"].rise.estimate != 0
    assert found["context: age_years"].known == 30
    assert found["context: age_years"].rise.estimate == found["findings: colour"].rise.estimate == 0
    assert (found["context: site"].known, found["context: site"].rise) == (0, None)


def test_contexts_that_cannot_be_read_are_refused(tiny_bundle, told):
    (told / "contexts.jsonl").write_text("no json\n")
    with pytest.raises(ManifestError, match="contexts"):
        measure_importance(tiny_bundle, told)


def test_the_command_writes_what_the_next_one_compares_with(tiny_bundle, told, tmp_path):
    def run(*more):
        words = ("model", "importance", "--bundle", tiny_bundle, "--data", told, *more)
        return CliRunner().invoke(verbs, [str(each) for each in words], catch_exceptions=False)

    first = run("--out", tmp_path / "march.json")
    assert (first.exit_code, "context: age_years" in first.stdout, "was" in first.stdout) == (0, True, False)
    again = run("--previous", tmp_path / "march.json", "--out", tmp_path / "june.json")
    assert "was" in again.stdout
    assert "CHANGED" not in again.stdout
    changes = json.loads((tmp_path / "june.json").read_text())["changes"]
    assert changes
    assert not any(each["changed"] for each in changes)
    (tmp_path / "other.json").write_text("{}")
    refused = run("--previous", tmp_path / "other.json")
    assert (refused.exit_code, "file_unreadable" in refused.stderr) == (2, True)
