"""Options that choose what is measured on a photo before the answer, and what is changed before the network looks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import click

from flexura.errors import UsageError
from flexura.records import PREPARATION_STEPS
from flexura.settings import Settings, parse_corrections, parse_steps

Command = TypeVar("Command", bound=Callable[..., Any])


def measuring_options(command: Command) -> Command:
    """Add --preprocess and --no-preprocess to a command.

    Parameters
    ----------
    command : Command
        The function of a click command.

    Returns
    -------
    Command
        The same function.
    """
    known = ",".join(PREPARATION_STEPS)
    options = (
        click.option("--preprocess", metavar="STEPS", help=f"Measure only these of {known}.  [default: all]"),
        click.option("--no-preprocess", is_flag=True, help="Measure none of them."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def preparation_options(command: Command) -> Command:
    """Add --correct to those of `measuring_options`.

    Parameters
    ----------
    command : Command
        The function of a click command.

    Returns
    -------
    Command
        The same function.
    """
    words = "Let these of the steps change the picture before the network looks; none is known to help."
    return measuring_options(click.option("--correct", metavar="STEPS", help=words)(command))


def with_preparation(settings: Settings, options: Mapping[str, Any]) -> Settings:
    """Let a command's options win over the environment's choice of steps.

    Parameters
    ----------
    settings : Settings
        Of the environment.
    options : Mapping[str, Any]
        All options of the command; others are left alone.

    Returns
    -------
    Settings
        With `preprocess` and `correct` as the options say.

    Raises
    ------
    UsageError
        When a name is no step, or both --preprocess and --no-preprocess are given.
    """
    steps, none, corrections = (options.get(name) for name in ("preprocess", "no_preprocess", "correct"))
    if steps is not None and none:
        raise UsageError("--preprocess and --no-preprocess are both given; give one of them.")
    if none:
        settings = replace(settings, preprocess=(), correct=())
    if steps is not None:
        settings = replace(settings, preprocess=_parsed("--preprocess", parse_steps, steps))
    if corrections is not None:
        settings = replace(settings, correct=_parsed("--correct", parse_corrections, corrections))
    return settings


def _parsed(option: str, parse: Callable[[str], tuple[str, ...]], text: str) -> tuple[str, ...]:
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}.") from error
