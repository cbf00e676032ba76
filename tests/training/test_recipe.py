import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from flexura.errors import RecipeError
from flexura.training import recipe
from flexura.training.recipe import Recipe, read_recipe

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))
STAGE = '\n[[stages]]\nname = "general"\n'


def _read(folder: Path, text: str) -> Recipe:
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    return read_recipe(folder / "recipe.toml")[0]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_of_the_repository_leave_the_test_fold_alone(path: Path) -> None:
    recipe, sha256 = read_recipe(path)
    assert recipe.name == path.stem
    assert 4 not in recipe.data.train_folds + recipe.data.watch_folds
    names = [stage.name for stage in recipe.stages]
    assert names == (["differential"] if path.stem == "own" else ["general", "eczema", "severity", "differential"])
    assert len(sha256) == 64


def test_settings_arrive_with_their_types(tmp_path: Path) -> None:
    recipe = _read(tmp_path, 'name = "own"\nseed = 3\n[data]\ntrain_folds = [1, 2]\n[optimiser]\nhead_lr = 0.5' + STAGE)
    assert (recipe.name, recipe.seed, recipe.data.train_folds) == ("own", 3, (1, 2))
    assert recipe.stages[0].optimiser.head_lr == 0.5
    assert recipe.stages[0].optimiser.backbone_lr == 1e-4


def test_a_stage_changes_shared_settings_key_by_key(tmp_path: Path) -> None:
    text = (
        'name = "own"\n[loss]\nsigns = 2.0\niga = 3.0'
        + STAGE
        + "[stages.loss]\niga = 0.5"
        + STAGE.replace("gen", "sev")
    )
    general, several = _read(tmp_path, text).stages
    assert (general.loss.signs, general.loss.iga) == (2.0, 0.5)
    assert (several.loss.signs, several.loss.iga) == (2.0, 3.0)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name = ", "cannot be read"),
        ("seed = 1" + STAGE, "name"),
        ('name = "a"\nfocus = 1' + STAGE, "'focus'"),
        ('name = "a"', "no stage"),
        ('name = "a"' + STAGE + STAGE, "same name"),
        ('name = "a"\n[loss]\nsings = 1.0' + STAGE, "'sings' in [loss]"),
        ('name = "a"' + STAGE + "[stages.loss]\nsings = 1.0", "'sings' in [loss] of stage 'general'"),
        ('name = "a"\n[optimiser]\nepochs = "ten"' + STAGE, "epochs in [optimiser] must be a number"),
        ('name = "a"\nstart = 3' + STAGE, "start in the recipe must be a text"),
        ('name = "a"' + STAGE + "[stages.optimiser]\nepochs = 0", "1 or more"),
        ('name = "a"' + STAGE + "[stages.optimiser]\nbatch = 4\naccumulate = 5", "batch of 4 into 5 parts"),
        ('name = "a"' + STAGE + "side = 225", "multiple of 32"),
        ('name = "a"\nnetwork_side = 32' + STAGE, "multiple of 32"),
        ('name = "a"' + STAGE + 'teach = ["layer1"]', "unknown: layer1"),
        ('name = "a"' + STAGE + "teach = []", "must name parts"),
        ('name = "a"' + STAGE + "kept_views = 2", "keeps views"),
        ('name = "a"' + STAGE + 'answers_of = "shipped"', "needs a keep loss"),
        ('name = "a"' + STAGE + "[stages.loss]\nkeep_temperature = 0", "more than 0"),
        ('name = "a"' + STAGE + 'photos = "some"', "one of all, eczema, graded"),
        ('name = "a"' + STAGE + '[stages.loss]\nweighting = "guessed"', "one of fixed, learned"),
        ('name = "a"' + STAGE + '[stages.optimiser]\nprecision = "int8"', "one of auto, float32"),
        # Which way is better is never guessed (keras #15138).
        ('name = "a"' + STAGE + '[stages.stop]\nmetric = "watch.top1"', "give one of max, min"),
        ('name = "a"\n[data]\naudit = 1' + STAGE, "audit in [data] must be true or false"),
        ('name = "a"\n[data]\ntrain_folds = [0, 3]\nwatch_folds = [3]' + STAGE, "[3] are both"),
    ],
)
def test_impossible_recipes_are_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RecipeError) as refused:
        _read(tmp_path, text)
    assert named in str(refused.value)


def test_missing_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError):
        read_recipe(tmp_path / "none.toml")


def test_every_key_of_a_recipe_is_read_by_the_training() -> None:
    read = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(recipe.__file__).parent.glob("*.py") if path.stem != "recipe"
    )
    kinds = [kind for kind in vars(recipe).values() if isinstance(kind, type) and is_dataclass(kind)]
    keys = {key.name for kind in kinds for key in fields(kind)}
    assert "findings_share" in keys
    assert not [key for key in keys if not re.search(rf'\.{key}\b|"{key}"', read)]
