"""A checkpoint gives back the very network and its origin, or says why it cannot."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from flexura.errors import BundleMismatch, BundleMissing
from flexura.model.checkpoint import FORMAT, CheckpointInfo, load_checkpoint, save_checkpoint
from flexura.model.network import Network, NetworkConfig

CONFIG = NetworkConfig(codes=2, context_features=3, findings=2, layer4_blocks=0, embedding=8, map_width=4)
INFO = CheckpointInfo(
    codes=("atopic_dermatitis", "psoriasis"),
    context_names=("age", "is_female", "itches"),
    preprocessing_version="squeeze-1",
    recipe_name="test",
    recipe_sha256="ab" * 32,
    manifest_sha256="cd" * 32,
    seed=11,
    side=64,
    train_folds=(0, 1, 2),
    calibration_one_in=8,
    unseen_sources=(),
)


@pytest.fixture(scope="module")
def trained() -> Network:
    torch.manual_seed(11)
    return Network(CONFIG)


@pytest.fixture(scope="module")
def checkpoint(trained: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "last.safetensors"
    save_checkpoint(path, trained, INFO)
    return path


def write(path: Path, **metadata: str) -> Path:
    """A safetensors file of one tensor that says of itself what a checkpoint says, except for what is given."""
    described = {"format": FORMAT, "config": json.dumps(asdict(CONFIG)), "info": json.dumps(asdict(INFO))}
    save_file({"heads.diagnosis.bias": torch.zeros(2)}, path, described | metadata)
    return path


def test_round_trip(trained: Network, checkpoint: Path, pixels: Tensor) -> None:
    network, info = load_checkpoint(checkpoint)
    assert info == INFO
    assert network.config == CONFIG
    assert not network.training
    weights = trained.state_dict()
    assert network.state_dict().keys() == weights.keys()
    assert all(torch.equal(tensor, weights[name]) for name, tensor in network.state_dict().items())
    context, findings = torch.zeros(3, 3), torch.zeros(3, 2)
    with torch.no_grad():
        read, kept = (
            each.eval().answer(each.look(pixels).pooled, context, findings).diagnosis for each in (network, trained)
        )
    assert torch.equal(read, kept)


def test_saving_replaces_the_older_checkpoint_and_leaves_no_part(trained: Network, tmp_path: Path) -> None:
    path = tmp_path / "last.safetensors"
    for seed in (1, 2):
        save_checkpoint(path, trained, replace(INFO, seed=seed))
    assert load_checkpoint(path)[1].seed == 2
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_without_its_weights_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="flexura train") as caught:
        load_checkpoint(tmp_path / "none.safetensors")
    assert caught.value.code == "bundle_missing"


def test_what_is_no_safetensors_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pickle.pt"
    path.write_bytes(b"\x80\x02}q\x00." * 20)
    with pytest.raises(BundleMismatch, match="no safetensors file") as caught:
        load_checkpoint(path)
    assert caught.value.code == "bundle_mismatch"


def test_a_checkpoint_that_was_cut_off_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    path.write_bytes(checkpoint.read_bytes()[:100_000])
    with pytest.raises(BundleMismatch, match="only a part"):
        load_checkpoint(path)


def test_weights_without_a_description_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "backbone.safetensors"
    save_file({"conv1.weight": torch.zeros(1)}, path)
    with pytest.raises(BundleMismatch, match="None"):
        load_checkpoint(path)


def test_another_format_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BundleMismatch, match=r"flexura\.checkpoint/2"):
        load_checkpoint(write(tmp_path / "new.safetensors", format="flexura.checkpoint/2"))


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("config", json.dumps(asdict(CONFIG))),  # a good description, but of far more weights than there are
        ("config", json.dumps(asdict(CONFIG) | {"layers": 3})),
        ("config", "{}"),
        ("config", "{"),
        ("info", "7"),
    ],
)
def test_weights_and_description_that_do_not_fit_are_refused(tmp_path: Path, part: str, content: str) -> None:
    with pytest.raises(BundleMismatch, match="do not fit"):
        load_checkpoint(write(tmp_path / "odd.safetensors", **{part: content}))


def test_info_is_checked_too_where_the_weights_fit(trained: Network, tmp_path: Path) -> None:
    described = {"format": FORMAT, "config": json.dumps(asdict(CONFIG)), "info": json.dumps({"seed": 11})}
    save_file(trained.state_dict(), tmp_path / "odd.safetensors", described)
    with pytest.raises(BundleMismatch, match="do not fit"):
        load_checkpoint(tmp_path / "odd.safetensors")
