import json
from pathlib import Path

import pytest
import torch

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import RecipeError
from flexura.features import FEATURE_NAMES
from flexura.model.backbone import FixedBatchNorm
from flexura.model.checkpoint import CheckpointInfo, load_checkpoint
from flexura.model.network import Network, NetworkConfig
from flexura.training import train as training
from flexura.training.datasets import CODES, manifest_sha256
from flexura.training.train import fit_fixed_statistics, train

RECIPE = """
name = "test"
seed = 5
train_side = 64
network_side = 64
layer4_blocks = 1
[data]
train_folds = [0, 1]
watch_folds = [2]
unseen_sources = ["home"]
scin = ""
[optimiser]
epochs = 2
batch = 3
[finish]
epochs = 1
views = 1
"""


class Interrupted(Exception):
    pass


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "test.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(recipe: Path, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing interrupted."""
    out = tmp_path_factory.mktemp("run")
    train(recipe, data=data_folder, out=out, resume=False, say=lambda _: None)
    return out


def test_checkpoint_tells_where_it_comes_from(run: Path, recipe: Path, data_folder: Path) -> None:
    network, info = load_checkpoint(run / "network.safetensors")
    assert isinstance(info, CheckpointInfo)
    assert (info.recipe_name, info.seed, info.side, info.train_folds) == ("test", 5, 64, (0, 1))
    assert info.unseen_sources == ("home",)
    assert info.manifest_sha256 == manifest_sha256(data_folder)
    assert (run / "recipe.toml").read_bytes() == recipe.read_bytes()
    assert not network.training
    assert json.loads((run / "environment.json").read_text())["recipe"]["optimiser"]["batch"] == 3


def test_log_watches_the_fold_and_the_source_kept_out(run: Path) -> None:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [line.get("epoch", line.get("stage")) for line in lines] == [1, 2, "finish"]
    assert set(lines[0]["loss"]) == {"diagnosis", "signs", "iga", "maps", "area", "teacher"}
    # Fold 2 has six photos, half of them from the source kept out, which has three in every fold.
    assert (lines[-1]["watch"]["photos"], lines[-1]["unseen"]["photos"]) == (3, 15)


def test_learning_moves_what_it_should_and_nothing_else(run: Path) -> None:
    network, _ = load_checkpoint(run / "network.safetensors")
    torch.manual_seed(5)
    start = Network(NetworkConfig(len(CODES), len(CONTEXT_NAMES), len(FEATURE_NAMES), layer4_blocks=1)).state_dict()
    changed = {name for name, tensor in network.state_dict().items() if not torch.equal(tensor, start[name])}
    assert {name.split(".")[0] for name in changed} == {"backbone", "attention", "fusion", "heads"}
    backbone = {name for name in changed if name.startswith("backbone")}
    assert all(name.startswith(("backbone.layer3", "backbone.layer4")) for name in backbone)
    # Without pretrained weights no statistics are fitted, and learning never moves them.
    assert not any("running" in name for name in changed)


def test_a_run_goes_on_where_it_was_interrupted(
    run: Path, recipe: Path, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SAVE_EVERY_S", 0)

    def interrupt(line: str) -> None:
        if '"epoch": 1' in line:
            raise Interrupted

    with pytest.raises(Interrupted):
        train(recipe, data=data_folder, out=tmp_path, resume=False, say=interrupt)
    assert not (tmp_path / "network.safetensors").exists()
    said: list[str] = []
    train(recipe, data=data_folder, out=tmp_path, resume=True, say=said.append)
    assert any(line.startswith("resumed at step") for line in said)
    assert not any('"epoch": 1' in line for line in said)
    whole, _ = load_checkpoint(run / "network.safetensors")
    resumed, _ = load_checkpoint(tmp_path / "network.safetensors")
    for (name, one), other in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, other), name


def test_a_run_is_never_overwritten_nor_continued_by_another_recipe(
    run: Path, recipe: Path, data_folder: Path, tmp_path: Path
) -> None:
    before = (run / "network.safetensors").read_bytes()
    with pytest.raises(RecipeError, match="--resume"):
        train(recipe, data=data_folder, out=run, resume=False)
    other = tmp_path / "test.toml"
    other.write_text(RECIPE.replace("seed = 5", "seed = 6"), encoding="utf-8")
    with pytest.raises(RecipeError, match="another recipe"):
        train(other, data=data_folder, out=run, resume=True)
    assert (run / "network.safetensors").read_bytes() == before


def test_fourth_stage_gets_the_statistics_of_the_photos_and_the_rest_keeps_its_own() -> None:
    torch.manual_seed(0)
    network = Network(NetworkConfig(3, 2, 2, layer4_blocks=1))
    pixels = torch.randint(0, 256, (4, 64, 64, 3), dtype=torch.uint8)
    before = {name: tensor.clone() for name, tensor in network.backbone.state_dict().items()}
    fit_fixed_statistics(network, pixels)
    after = network.backbone.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before if not name.startswith("layer4"))
    with torch.no_grad():
        x = network.input_layers(pixels)
        backbone = network.backbone
        x = backbone.pool(torch.relu(backbone.bn1(backbone.conv1(backbone.bn0(x)))))
        third = backbone.layer3(backbone.layer2(backbone.layer1(x)))
    first = network.backbone.layer4[0].bn1
    assert isinstance(first, FixedBatchNorm)
    assert torch.allclose(first.running_mean, third.mean((0, 2, 3)), atol=1e-5)  # type: ignore[arg-type]
    assert not first.training
