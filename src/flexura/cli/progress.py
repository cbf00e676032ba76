"""A line on standard error that counts photos, when people wait for more than two seconds."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import click

from flexura.cli.outcome import Place

T = TypeVar("T")

_PATIENCE_S = 2.0


def counted(paths: Sequence[Path]) -> Iterator[tuple[Place, Path]]:
    """Walk through photos and show how far the work has come.

    The line shows only where it disturbs nothing: on a terminal whose standard output goes elsewhere.

    Parameters
    ----------
    paths : Sequence[Path]
        Photos in the order of the command.

    Yields
    ------
    tuple[Place, Path]
        Each photo with its place.
    """
    places = ((Place(index, len(paths)), path) for index, path in enumerate(paths, start=1))
    yield from followed(places, len(paths), visible=sys.stderr.isatty() and not sys.stdout.isatty())


def followed(items: Iterable[T], of: int, *, done: int = 0, visible: bool | None = None) -> Iterator[T]:
    """Hand on what belongs to each photo and show how far the work has come.

    Parameters
    ----------
    items : Iterable[T]
        One item per photo.
    of : int
        How many photos there are, with those that are done.
    done : int
        How many were done before.
    visible : bool | None
        Whether the line may show; by default on a terminal.

    Yields
    ------
    T
        Each item.
    """
    visible = sys.stderr.isatty() if visible is None else visible
    start, shown = time.monotonic(), False
    for index, item in enumerate(items, start=done + 1):
        if visible and time.monotonic() - start > _PATIENCE_S:
            click.echo(f"\rphoto {index} of {of}", err=True, nl=False)
            shown = True
        yield item
    if shown:
        click.echo(err=True)
