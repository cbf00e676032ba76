"""What each part of the training protocol brings: one stage trained anew with one part changed, from a finished run.

    python benchmarks/protocol_ablation.py RUN DATA OUT [--stages severity,differential] [--rows 'as it is,one view']
        [--epochs 6] [--side 160]

RUN is a run folder of `flexura train` with its checkpoints and teacher. A row starts from RUN's checkpoint before its
stage, as RUN's own stage did, so a row is compared with the first row of its stage, where nothing is changed. The
general stage takes long and is shortened by --epochs and --side, its first row too. Judged after the stage on the
photos that the recipe keeps for calibration, without context. One row is one draw, and the interval of top-1 on 186
photos is .14 wide. OUT keeps every row's run folder, with links to RUN's checkpoints; a stopped command goes on
where it was.
"""

import argparse
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flexura.model.checkpoint import load_checkpoint
from flexura.training.arrange import arrange, beside
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.predictions import watch
from flexura.training.recipe import read_recipe
from flexura.training.train import train

# Stage, what the row is called, and the keys that differ, by table of the stage ("" is the stage itself).
Row = tuple[str, str, dict[str, dict[str, Any]]]
ROWS: list[Row] = [
    ("general", "as it is", {}),
    ("general", "without teacher", {"loss": {"teacher": 0.0}}),
    ("general", "without the source's own codes", {"loss": {"source_weight": 0.0}}),
    ("general", "focal loss, gamma 2", {"loss": {"focal_gamma": 2.0}}),
    ("general", "weighted by code", {"loss": {"class_weight_power": 0.5}}),
    ("general", "without label smoothing", {"loss": {"label_smoothing": 0.0}}),
    ("general", "learned task weights", {"loss": {"weighting": "learned"}}),
    ("general", "diagnosis alone", {"loss": {"signs": 0.0, "iga": 0.0, "maps": 0.0, "area": 0.0}}),
    ("general", "without saliency", {"loss": {"saliency_trust": 0.0}}),
    ("general", "drawn as they come", {"sampling": {"balance_power": 0.0}}),
    ("general", "without patches of healthy skin", {"sampling": {"healthy_share": 0.0}}),
    ("general", "with mixup", {"sampling": {"mixup_share": 0.25}}),
    ("general", "with change of skin tone", {"augment": {"tone_ita_degrees": 20.0}}),
    ("general", "with crops that keep the lesion", {"augment": {"lesion_kept": 0.5}}),
    ("general", "gentle views", {"": {"view_strength": 0.4}}),
    ("general", "without averaged weights", {"optimiser": {"average_decay": 0.0}}),
    ("general", "without warm-up", {"optimiser": {"warmup_fraction": 0.0}}),
    ("general", "without clipping", {"optimiser": {"clip_norm": 1e9}}),
    ("eczema", "as it is", {}),
    ("eczema", "without eczema or not", {"loss": {"family": 0.0}}),
    ("eczema", "without which eczema", {"loss": {"subtype": 0.0}}),
    ("eczema", "without answers as before", {"loss": {"keep": 0.0}}),
    ("eczema", "the family's photos alone", {"": {"photos": "eczema"}}),
    ("severity", "as it is", {}),
    (
        "severity",
        "without consistency",
        {
            "loss": {
                "signs_without_lesion": 0.0,
                "iga_off_signs": 0.0,
                "severity_out_of_order": 0.0,
                "healthy_with_lesion": 0.0,
            }
        },
    ),
    ("severity", "without answers as before", {"loss": {"keep": 0.0}}),
    ("severity", "hard views", {"": {"view_strength": 1.0}}),
    ("severity", "one view", {"": {"kept_views": 1}}),
    ("severity", "the maps alone", {"": {"teach": ["attention"]}, "loss": {"signs": 0.0, "iga": 0.0}}),
    ("differential", "as it is", {}),
    ("differential", "without contexts", {"sampling": {"context_share": 0.0}}),
    ("differential", "without findings", {"sampling": {"findings_share": 0.0}}),
    ("differential", "with label smoothing", {"loss": {"label_smoothing": 0.1}}),
    ("differential", "hard views", {"": {"view_strength": 1.0}}),
    ("differential", "one view", {"": {"kept_views": 1}}),
    ("differential", "8 epochs", {"optimiser": {"epochs": 8}}),
    ("differential", "a third of the rate", {"optimiser": {"head_lr": 3e-4}}),
    ("differential", "signs twice as heavy", {"loss": {"signs": 1.0, "iga": 0.5}}),
]


def changed(recipe: Mapping[str, Any], stage: str, change: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A recipe's table with some keys of one stage changed."""
    stages = []
    for each in recipe["stages"]:
        of_row = change if each["name"] == stage else {}
        tables = {name: each.get(name, {}) | keys for name, keys in of_row.items() if name}
        stages.append(each | of_row.get("", {}) | tables)
    return {**recipe, "stages": stages}


def toml(table: Mapping[str, Any], *, above: str = "") -> str:
    """A table as TOML; lists of tables and numbers, texts and lists of them are what recipes hold."""
    plain, below = [], []
    for name, value in table.items():
        if isinstance(value, Mapping):
            below.append(f"\n[{above}{name}]\n{toml(value, above=f'{above}{name}.')}")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            below += [f"\n[[{above}{name}]]\n{toml(each, above=f'{above}{name}.')}" for each in value]
        else:
            plain.append(f"{name} = {json.dumps(value)}\n")
    return "".join(plain + below)


def run_row(row: Row, run: Path, data: Path, out: Path, shorter: Mapping[str, Mapping[str, Any]]) -> Path:
    """Train a row's stage in a folder of its own and return the checkpoint after it."""
    stage, name, change = row
    recipe = tomllib.loads((run / "recipe.toml").read_text(encoding="utf-8")) | {"members": 1}
    if stage == "general":
        recipe = changed(recipe, stage, shorter)
    folder = out / f"{stage}-{name.replace(' ', '-').replace(',', '')}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "row.toml").write_text(toml(changed(recipe, stage, change)), encoding="utf-8")
    before = [each["name"] for each in recipe["stages"]].index(stage)
    for kept in [*sorted(run.glob("[0-9][0-9]-*.safetensors"))[: before + 1], *run.glob("teacher.npz")]:
        if not (folder / kept.name).exists():
            (folder / kept.name).symlink_to(kept.resolve())
    (trained,) = train(folder / "row.toml", data=data, out=folder, resume=True, stage=stage)
    return trained


def judged(checkpoint: Path, photos: list[LabelledPhoto]) -> dict[str, Any]:
    """The figures of a checkpoint."""
    network, info = load_checkpoint(checkpoint)
    return watch(network, photos, side=info.side)


def line(row: Row, figures: Mapping[str, Any]) -> str:
    """One row of the table."""
    names = ("top1", "top3", "eczema_auc", "signs_kappa", "map_lesion_iou")
    values = (figures.get(name) for name in names)
    return " | ".join(["", row[0], row[1], *("" if each is None else f"{each:.3f}" for each in values), ""]).strip()


def main() -> None:
    """Run the rows that are not there yet and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for place in ("run", "data", "out"):
        parser.add_argument(place, type=Path)
    parser.add_argument("--stages", default="eczema,severity,differential")
    parser.add_argument("--rows", default="", help="those of these names alone")
    parser.add_argument("--epochs", type=int, default=6, help="of the general stage")
    parser.add_argument("--side", type=int, default=160, help="of the general stage's views, in pixels")
    asked = parser.parse_args()
    recipe, _ = read_recipe(asked.run / "recipe.toml")
    photos = read_manifest(asked.data, teacher=beside(asked.run, recipe.data.teacher))
    kept = arrange(photos, recipe, asked.data).watched["calibration"]
    shorter = {"": {"side": asked.side}, "optimiser": {"epochs": asked.epochs}}
    print("| stage | row | top-1 | top-3 | AUC | signs | lesion IoU |\n| --- | --- | --- | --- | --- | --- | --- |")
    for row in ROWS:
        if row[0] in asked.stages.split(",") and (not asked.rows or row[1] in asked.rows.split(",")):
            checkpoint = run_row(row, asked.run, asked.data, asked.out, shorter)
            print(line(row, judged(checkpoint, kept)), flush=True)


if __name__ == "__main__":
    main()
