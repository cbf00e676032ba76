"""The verbs `train` and `evaluate`, which need the extra "train"; nothing else of flexura does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from flexura.errors import DependencyMissing

_TRAIN_EXAMPLE = """\b
Example:
  flexura train recipes/main.toml --data ../shared/data --out runs/main --resume"""

_EVALUATE_EXAMPLE = """\b
Example:
  flexura evaluate runs/main/member-1/network.safetensors --data ../shared/data --out runs/main/evaluation
  flexura evaluate runs/main/bundle --data ../shared/data --out measured --unseen runs/other/evaluation.json"""

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(help="Train a network from a recipe.", epilog=_TRAIN_EXAMPLE, no_args_is_help=True)
@click.argument("recipe", type=_FILE)
@click.option("--data", type=_FOLDER, required=True, help="Folder with photos.csv.")
@click.option("--out", type=_FOLDER, help="Folder of the run.  [default: runs/ and the recipe's name]")
@click.option("--resume", is_flag=True, help="Go on where the run stopped.")
@click.option("--stage", help="Run this stage alone, from the weights of the one before it.")
def train(recipe: Path, *, data: Path, out: Path | None, resume: bool, stage: str | None) -> None:
    """Train a network."""
    with needing_training_packages():
        from flexura.training.train import train as run
    run(recipe, data=data, out=out or Path("runs") / recipe.stem, resume=resume, stage=stage)


@click.command(
    help="Measure a network on photos that it has not seen; of a bundle, write its card.json and tables.md too.",
    epilog=_EVALUATE_EXAMPLE,
    no_args_is_help=True,
)
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--data", type=_FOLDER, required=True, help="Folder with photos.csv.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the figures.")
@click.option(
    "--unseen",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="For the card of a bundle: evaluation.json of a network that was trained without some sources, "
    "or an earlier card whose figures of such sources go on.",
)
def evaluate(model: Path, *, data: Path, out: Path, unseen: Path | None) -> None:
    """Measure a trained network."""
    if unseen and not model.is_dir():
        raise click.UsageError("--unseen goes on the card of a bundle, and only a bundle has one.")
    with needing_training_packages():
        from flexura.training.evaluate import evaluate as run
    for line in _lines(run(model, data, out, unseen=unseen)):
        click.echo(line)


def _lines(figures: Mapping[str, object], *, above: str = "") -> Iterator[str]:
    """One line per figure, named by its place in `evaluation.json`."""
    for name, value in figures.items():
        place = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _lines(value, above=f"{place} · ")
        else:
            yield f"{place:<60} {value:.3f}" if isinstance(value, float) else f"{place:<60} {value}"


@contextmanager
def needing_training_packages() -> Iterator[None]:
    """Import the training's modules in it: a missing package is named with the way to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise _explain(error) from error


def _explain(error: ModuleNotFoundError) -> Exception:
    """A missing package of the extra is the user's to install; a missing module of ours is our own fault."""
    if error.name is None or error.name.partition(".")[0] == "flexura":
        return error
    return DependencyMissing(
        f"This verb needs the package {error.name.partition('.')[0]}: pip install 'flexura[train]'. "
        "On Linux add --extra-index-url https://download.pytorch.org/whl/cpu for PyTorch without CUDA."
    )
