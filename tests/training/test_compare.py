"""Two bundles on rendered photos: the same passes or lacks patients; a fold that was learned from is refused."""

import json
import shutil

import pytest
from click.testing import CliRunner

from flexura.cli.root import verbs
from flexura.errors import RecipeError
from flexura.inference.bundle import DESCRIPTION_FILE
from flexura.training.compare import compare_bundles
from flexura.training.datasets import read_manifest


@pytest.fixture(scope="module")
def fold(data_folder):
    return read_manifest(data_folder)[0].fold


def test_a_bundle_against_itself_differs_nowhere(tiny_bundle, data_folder, fold):
    verdict = compare_bundles(tiny_bundle, tiny_bundle, data_folder, fold=fold)
    assert not any(each.worse for each in verdict.subgroups)
    assert {each.kind for each in verdict.subgroups} >= {"diagnosis"}


def test_photos_that_the_candidate_learned_from_are_refused(tiny_bundle, data_folder, fold, tmp_path):
    learned = shutil.copytree(tiny_bundle, tmp_path / "learned")
    description = json.loads((learned / DESCRIPTION_FILE).read_text())
    description["origin"] = {"train_folds": [fold]}
    (learned / DESCRIPTION_FILE).write_text(json.dumps(description))
    with pytest.raises(RecipeError, match="trained on fold"):
        compare_bundles(tiny_bundle, learned, data_folder, fold=fold)
    with pytest.raises(RecipeError, match="no photos"):
        compare_bundles(tiny_bundle, tiny_bundle, data_folder, fold=99)


def test_the_command_says_why_and_leaves_with_status_2(tiny_bundle, data_folder, fold):
    arguments = ["model", "compare", tiny_bundle, tiny_bundle, "--data", data_folder, "--fold", fold]
    result = CliRunner().invoke(verbs, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 2
    assert "refused: fewer than 20 patients" in result.stdout
