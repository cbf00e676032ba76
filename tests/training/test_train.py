import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from flexura.errors import BundleMissing, ManifestError, RecipeError
from flexura.model.checkpoint import CheckpointInfo, load_checkpoint
from flexura.training import learn as learning
from flexura.training.datasets import manifest_sha256, read_manifest
from flexura.training.teacher import SALIENCY_SIDE, TEACHER_WIDTH
from flexura.training.train import train

# The four stages in small: fresh views, and kept ones before and after the attention.
RECIPE = """
name = "test"
seed = 5
network_side = 64
layer4_blocks = 1
[data]
train_folds = [0, 1]
watch_folds = [2]
unseen_sources = ["home"]
least_photos = 1
scin = ""
[optimiser]
epochs = 2
batch = 3
[[stages]]
name = "general"
side = 64
watch_every = 1
[[stages]]
name = "eczema"
side = 64
[stages.loss]
family = 0.5
subtype = 0.5
keep = 0.5
weighting = "learned"
[[stages]]
name = "severity"
side = 64
photos = "all"
teach = ["attention", "heads"]
kept_views = 2
view_strength = 0.3
[stages.loss]
teacher = 0
signs_without_lesion = 0.1
iga_off_signs = 0.1
severity_out_of_order = 0.1
healthy_with_lesion = 0.1
[[stages]]
name = "differential"
side = 64
teach = ["fusion", "heads"]
kept_views = 1
[stages.loss]
teacher = 0
"""
STAGES = ("general", "eczema", "severity", "differential")


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


def _weights(path: Path) -> dict[str, torch.Tensor]:
    return load_checkpoint(path)[0].state_dict()


def _changed(run: Path, number: int) -> set[str]:
    """Tensors that a stage has moved."""
    names = ("00-start", *(f"{place:02d}-{name}" for place, name in enumerate(STAGES, start=1)))
    before, after = (_weights(run / f"{names[place]}.safetensors") for place in (number - 1, number))
    return {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}


def test_checkpoint_tells_where_it_comes_from(run: Path, recipe: Path, data_folder: Path) -> None:
    network, info = load_checkpoint(run / "network.safetensors")
    assert isinstance(info, CheckpointInfo)
    assert (info.recipe_name, info.seed, info.side, info.train_folds) == ("test", 5, 64, (0, 1))
    assert info.unseen_sources == ("home",)
    assert info.manifest_sha256 == manifest_sha256(data_folder)
    assert (run / "recipe.toml").read_bytes() == recipe.read_bytes()
    assert not network.training
    environment = json.loads((run / "environment.json").read_text())
    assert environment["recipe"]["stages"][0]["optimiser"]["batch"] == 3
    assert environment["computed_in"] in ("float32", "bfloat16")


def test_log_and_curves_follow_every_stage(run: Path) -> None:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["epoch"]) for line in lines] == [(name, epoch) for name in STAGES for epoch in (1, 2)]
    assert {"diagnosis", "signs", "iga", "maps", "overlap", "area", "teacher"} == set(lines[0]["loss"])
    assert {"family", "subtype", "keep"} <= set(lines[2]["loss"])
    assert {"signs_without_lesion", "healthy_with_lesion"} <= set(lines[4]["loss"])
    assert set(lines[6]["loss"]) == {"diagnosis", "signs", "iga"}  # kept views hold no maps any more
    # Fold 2 has six photos, half of them from the source kept out, which has three in every fold.
    assert (lines[-1]["watch"]["photos"], lines[-1]["unseen"]["photos"]) == (3, 15)
    assert list((run / "curves").glob("events.*"))


def test_each_stage_moves_what_it_teaches_and_nothing_else(run: Path) -> None:
    for number in (1, 2):
        changed = _changed(run, number)
        assert {name.split(".")[0] for name in changed} == {"backbone", "attention", "fusion", "heads"}
        backbone = {name for name in changed if name.startswith("backbone")}
        assert all(name.startswith(("backbone.layer3", "backbone.layer4")) for name in backbone)
        # Without pretrained weights no statistics are fitted, and learning never moves them.
        assert not any("running" in name for name in changed)
    assert {name.split(".")[0] for name in _changed(run, 3)} == {"attention", "heads"}
    last = _changed(run, 4)
    assert {name.split(".")[0] for name in last} == {"fusion", "heads"}
    # Findings were brought to unit scale by the views.
    assert {"fusion.from_findings.centre", "fusion.from_findings.spread"} <= last


def test_a_run_goes_on_bit_by_bit_where_it_was_interrupted(
    run: Path, recipe: Path, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "SAVE_EVERY_S", 0)
    said: list[str] = []

    def interrupt(line: str) -> None:
        # Once in a stage of fresh views, then in one of kept views.
        said.append(line)
        if '"epoch": 2' in line and any(f'"{name}"' in line for name in ("general", "severity")):
            raise Interrupted

    for _ in range(2):
        with pytest.raises(Interrupted):
            train(recipe, data=data_folder, out=tmp_path, resume=(tmp_path / "recipe.toml").exists(), say=interrupt)
        assert not (tmp_path / "network.safetensors").exists()
    train(recipe, data=data_folder, out=tmp_path, resume=True, say=said.append)
    assert sum(line.startswith("resumed stage") for line in said) == 2
    resumed = _weights(tmp_path / "network.safetensors")
    for name, tensor in _weights(run / "network.safetensors").items():
        assert torch.equal(tensor, resumed[name]), name


def test_a_stage_runs_alone_from_the_one_before_it(run: Path, recipe: Path, data_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="run stage 'eczema' first"):
        train(recipe, data=data_folder, out=tmp_path, resume=False, stage="severity", say=lambda _: None)
    before = tmp_path / "02-eczema.safetensors"
    before.write_bytes((run / before.name).read_bytes())
    (path,) = train(recipe, data=data_folder, out=tmp_path, resume=True, stage="severity", say=lambda _: None)
    assert path.name == "03-severity.safetensors"
    alone = _weights(path)
    assert all(torch.equal(tensor, alone[name]) for name, tensor in _weights(run / path.name).items())
    assert not (tmp_path / "network.safetensors").exists()
    with pytest.raises(RecipeError, match="no stage 'severe'; it has general, eczema"):
        train(recipe, data=data_folder, out=tmp_path, resume=True, stage="severe")


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


def test_the_teacher_is_read_from_the_run_folder(data_folder: Path, tmp_path: Path) -> None:
    path = _one_stage(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[data]", '[data]\nteacher = "teacher.npz"'), encoding="utf-8")
    out = tmp_path / "run"
    with pytest.raises(ManifestError, match=r"teacher.npz cannot be read"):
        train(path, data=data_folder, out=out, resume=False, say=lambda _: None)
    files = np.array([photo.file for photo in read_manifest(data_folder)])
    features = np.random.default_rng(3).normal(size=(len(files), TEACHER_WIDTH)).astype(np.float32)
    saliency = np.zeros((len(files), SALIENCY_SIDE, SALIENCY_SIDE), np.uint8)
    np.savez_compressed(out / "teacher.npz", files=files, features=features, saliency=saliency)
    train(path, data=data_folder, out=out, resume=False, say=lambda _: None)
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    # One minus a cosine with standardised noise: near 1, and not the 0 of photos without a teacher.
    assert 0.8 < lines[0]["loss"]["teacher"] < 1.2


def _one_stage(folder: Path, *, more: str = "", seed: int = 5) -> Path:
    """The first stage alone."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "one.toml"
    text = RECIPE.split('[[stages]]\nname = "eczema"', maxsplit=1)[0].replace("seed = 5", f"seed = {seed}")
    path.write_text(text + more, encoding="utf-8")
    return path


def test_members_train_from_seeds_of_their_own_in_folders_of_their_own(data_folder: Path, tmp_path: Path) -> None:
    recipe = _one_stage(tmp_path)
    recipe.write_text("members = 2\n" + recipe.read_text(encoding="utf-8"), encoding="utf-8")
    trained = train(recipe, data=data_folder, out=tmp_path / "both", resume=False, say=lambda _: None)
    assert trained == tuple(tmp_path / "both" / f"member-{n}" / "network.safetensors" for n in (1, 2))
    assert [load_checkpoint(path)[1].seed for path in trained] == [5, 6]
    (alone,) = train(
        _one_stage(tmp_path / "six", seed=6), data=data_folder, out=tmp_path / "6", resume=False, say=lambda _: None
    )
    second, other = _weights(trained[1]), _weights(alone)
    assert all(torch.equal(second[name], other[name]) for name in second)
    assert not torch.equal(second["heads.diagnosis.weight"], _weights(trained[0])["heads.diagnosis.weight"])


def test_a_trained_network_teaches_another(run: Path, data_folder: Path, tmp_path: Path) -> None:
    def learn_from(name: str, answers_of: str) -> tuple[dict[str, torch.Tensor], set[str]]:
        more = f'answers_of = "{answers_of}"\n[stages.loss]\nkeep = 1.0\nkeep_grades = 1.0\nkeep_maps = 1.0\n'
        recipe = _one_stage(tmp_path / name, more=more)
        start = f'start = "{run / "01-general.safetensors"}"\n'
        recipe.write_text(start + recipe.read_text(encoding="utf-8"), encoding="utf-8")
        out = tmp_path / name / "run"
        train(recipe, data=data_folder, out=out, resume=False, say=lambda _: None)
        line = json.loads((out / "log.jsonl").read_text().splitlines()[0])
        return _weights(out / "network.safetensors"), set(line["loss"])

    alone, losses = learn_from("alone", "")
    assert {"keep", "keep_grades", "keep_maps"} <= losses
    # What a run starts from teaches as what a stage starts from; another network teaches something else.
    same, _ = learn_from("same", str(run / "01-general.safetensors"))
    other, _ = learn_from("other", str(run / "02-eczema.safetensors"))
    assert all(torch.equal(tensor, same[name]) for name, tensor in alone.items())
    assert not all(torch.equal(tensor, other[name]) for name, tensor in alone.items())
    with pytest.raises(BundleMissing):
        learn_from("none", "none.safetensors")


def test_the_best_weights_go_on_where_a_stage_ends_early(data_folder: Path, tmp_path: Path) -> None:
    # At a rate of 0 no look is better than the first.
    more = "[stages.optimiser]\nepochs = 9\nbackbone_lr = 0.0\nlayer4_lr = 0.0\nhead_lr = 0.0\n"
    more += '[stages.stop]\nmetric = "watch.top1"\ndirection = "max"\npatience = 2\n'
    out = tmp_path / "run"
    train(_one_stage(tmp_path, more=more), data=data_folder, out=out, resume=False, say=lambda _: None)
    lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    start, end = _weights(out / "00-start.safetensors"), _weights(out / "network.safetensors")
    assert all(torch.equal(tensor, end[name]) for name, tensor in start.items())


def _start_two(recipe: Path, data: Path, out: Path, *, restarts: int = 0) -> subprocess.Popen[str]:
    """The command line in two processes that share every batch."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    flexura = ["--no-python", sys.executable, "-c", "from flexura.cli import main; main()"]
    verb = ["train", str(recipe), "--data", str(data), "--out", str(out), "--resume"]
    return subprocess.Popen(
        [*torchrun, "--max-restarts", str(restarts), *flexura, *verb],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


# Dropout draws by process, so it is compared without: what stands behind it learns nothing here.
UNDROPPED = """teach = ["attention", "layer4"]
[stages.loss]
diagnosis = 0.0
signs = 0.0
iga = 0.0
"""


@pytest.mark.slow
def test_two_processes_find_what_one_finds(data_folder: Path, tmp_path: Path) -> None:
    recipe = _one_stage(tmp_path, more=UNDROPPED)
    train(recipe, data=data_folder, out=tmp_path / "one", resume=False, say=lambda _: None)
    running = _start_two(recipe, data_folder, tmp_path / "two")
    _, said = running.communicate(timeout=280)
    assert running.returncode == 0, said
    one, two = (_weights(tmp_path / name / "network.safetensors") for name in ("one", "two"))
    start = _weights(tmp_path / "one" / "00-start.safetensors")
    assert any(not torch.equal(tensor, start[name]) for name, tensor in one.items())
    for name, tensor in one.items():
        assert torch.allclose(tensor.float(), two[name].float(), atol=2e-5), name
    lines = [json.loads((tmp_path / name / "log.jsonl").read_text().splitlines()[0]) for name in ("one", "two")]
    assert lines[0]["loss"]["maps"] == pytest.approx(lines[1]["loss"]["maps"], abs=2e-4)


@pytest.mark.slow
def test_a_killed_process_is_started_again_and_the_run_goes_on(data_folder: Path, tmp_path: Path) -> None:
    recipe, out = _one_stage(tmp_path, more=UNDROPPED + "[stages.optimiser]\nepochs = 12\n"), tmp_path / "run"
    running = _start_two(recipe, data_folder, out, restarts=2)
    log = out / "log.jsonl"
    deadline = time.monotonic() + 200
    while not (log.is_file() and log.read_text().count("\n") >= 2):
        assert running.poll() is None, "ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed = [int(pid) for pid in _children_of(running.pid)]
    os.kill(killed[-1], signal.SIGKILL)
    _, said = running.communicate(timeout=280)
    assert running.returncode == 0, said
    epochs = [json.loads(line)["epoch"] for line in log.read_text().splitlines()]
    assert epochs == sorted(epochs)  # it did not begin anew
    assert epochs[-1] == 12
    train(recipe, data=data_folder, out=tmp_path / "whole", resume=False, say=lambda _: None)
    resumed, whole = (_weights(tmp_path / name / "network.safetensors") for name in ("run", "whole"))
    for name, tensor in whole.items():
        assert torch.allclose(tensor.float(), resumed[name].float(), atol=1e-4), name


def _children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
