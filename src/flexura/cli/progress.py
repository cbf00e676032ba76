"""A line on standard error that counts photos, when people wait for more than two seconds."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from flexura.cli.outcome import Place

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
    visible = sys.stderr.isatty() and not sys.stdout.isatty()
    start, shown = time.monotonic(), False
    for index, path in enumerate(paths, start=1):
        if visible and time.monotonic() - start > _PATIENCE_S:
            click.echo(f"\rphoto {index} of {len(paths)}", err=True, nl=False)
            shown = True
        yield Place(index, len(paths)), path
    if shown:
        click.echo(err=True)
