"""The verb `model`: which bundles are there, what they are for, and whether their files are whole."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flexura.errors import FlexuraError, SomethingMissing
from flexura.settings import Settings, open_bundle

if TYPE_CHECKING:
    from flexura.inference.bundle import Bundle

_EXAMPLE = """\b
Example:
  flexura model show
  flexura model verify --bundle runs/main/bundle"""


@click.group(help="List, show and verify model bundles.", epilog=_EXAMPLE, no_args_is_help=True)
def model() -> None:
    """Look at model bundles."""
