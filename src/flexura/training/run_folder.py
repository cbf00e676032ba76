"""The folder of a run: the recipe's copy, one checkpoint per finished stage, the state of the one in progress, curves.

`recipe.toml`, `00-start.safetensors`, `01-NAME.safetensors` and so on, `state.pt`, `log.jsonl`,
`curves/` for TensorBoard, `environment.json`, and at the end `network.safetensors`.
"""

import json
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.utils.tensorboard import SummaryWriter

from flexura.errors import RecipeError
from flexura.training.processes import ALONE, Ranks
from flexura.training.recipe import Recipe


@dataclass
class RunFolder:
    """Where a run's files are, and its log; of several processes only the first one speaks and logs."""

    path: Path
    ranks: Ranks
    listener: Callable[[str], None]
    curves: SummaryWriter | None = field(repr=False)

    def say(self, line: str) -> None:
        """Tell how far the run is."""
        if self.ranks.leads:
            self.listener(line)

    def checkpoint(self, number: int, name: str) -> Path:
        """Weights after a stage, counted from 1; number 0 is what the run started from."""
        return self.path / f"{number:02d}-{name}.safetensors"

    @property
    def state(self) -> Path:
        """The stage in progress."""
        return self.path / "state.pt"

    @property
    def network(self) -> Path:
        """The trained network."""
        return self.path / "network.safetensors"

    def log(self, figures: Mapping[str, Any]) -> None:
        """Write a line of figures and say it."""
        if self.curves is None:
            return
        line = json.dumps(figures)
        with (self.path / "log.jsonl").open("a", encoding="utf-8") as opened:
            opened.write(line + "\n")
        for place, value in _numbers(figures):
            self.curves.add_scalar(f"{figures.get('stage', 'run')}/{place}", value, figures.get("epoch", 0))
        self.say(line)


def _numbers(figures: Mapping[str, Any], *, above: str = "") -> Iterator[tuple[str, float]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, above=f"{above}{name}/")
        elif isinstance(value, int | float) and name != "epoch":
            yield f"{above}{name}", float(value)


@contextmanager
def open_run(
    path: Path, recipe_path: Path, *, resume: bool, say: Callable[[str], None], ranks: Ranks = ALONE
) -> Iterator[RunFolder]:
    """Take a folder for a run of a recipe.

    Parameters
    ----------
    path : Path
        Made where it is missing.
    recipe_path : Path
        The recipe's file.
    resume : bool
        Go on with a run that is there.
    say : callable
        Takes one line of progress.
    ranks : Ranks
        Of the processes that share the run; the first one looks after the folder.

    Yields
    ------
    RunFolder
        Which is this recipe's.

    Raises
    ------
    RecipeError
        If the folder belongs to another recipe, or holds a run that is not to be resumed.
    """
    if not ranks.leads:
        yield RunFolder(path, ranks, say, None)
        return
    path.mkdir(parents=True, exist_ok=True)
    kept = path / "recipe.toml"
    if kept.is_file() and resume and kept.read_bytes() != recipe_path.read_bytes():
        raise RecipeError("this run folder belongs to another recipe; give a new folder")
    if (path / "00-start.safetensors").is_file() and not resume:
        raise RecipeError("this run folder holds a run; give --resume or a new folder")
    if not kept.is_file():
        shutil.copyfile(recipe_path, kept)
    with SummaryWriter(str(path / "curves")) as curves:
        yield RunFolder(path, ranks, say, curves)


def write_environment(path: Path, recipe: Recipe, *, computed_in: str) -> None:
    """Write what a run was computed with."""
    environment = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "computed_in": computed_in,
        "recipe": asdict(recipe),
    }
    path.write_text(json.dumps(environment, indent=2) + "\n", encoding="utf-8")
