from pathlib import Path

import pytest

from flexura.errors import RecipeError
from flexura.training.recipe import Recipe, read_recipe

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))


def _read(folder: Path, text: str) -> Recipe:
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    return read_recipe(folder / "recipe.toml")[0]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_of_the_repository_leave_the_test_fold_alone(path: Path) -> None:
    recipe, sha256 = read_recipe(path)
    assert recipe.name == path.stem
    assert 4 not in recipe.data.train_folds + recipe.data.watch_folds
    assert len(sha256) == 64


def test_settings_arrive_with_their_types(tmp_path: Path) -> None:
    recipe = _read(tmp_path, 'name = "own"\nseed = 3\n[data]\ntrain_folds = [1, 2]\n[optimiser]\nhead_lr = 0.5\n')
    assert (recipe.name, recipe.seed, recipe.data.train_folds) == ("own", 3, (1, 2))
    assert recipe.optimiser.head_lr == 0.5
    assert recipe.optimiser.backbone_lr == 1e-4


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name = ", "cannot be read"),
        ("seed = 1", "name"),
        ('name = "a"\nfocus = 1', "'focus'"),
        ('name = "a"\n[loss]\nsings = 1.0', "'sings' in [loss]"),
        ('name = "a"\n[optimiser]\nepochs = "ten"', "epochs in [optimiser] must be a number"),
        ('name = "a"\n[optimiser]\nepochs = 0', "1 or more"),
        ('name = "a"\ntrain_side = 225', "multiples of 32"),
        ('name = "a"\n[data]\ntrain_folds = [0, 3]\nwatch_folds = [3]', "[3] are both"),
    ],
)
def test_impossible_recipes_are_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(RecipeError) as refused:
        _read(tmp_path, text)
    assert named in str(refused.value)


def test_missing_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError):
        read_recipe(tmp_path / "none.toml")
