"""Options that choose what is measured on a photo before the answer, and what is changed before the network looks."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import click

from flexura.errors import UsageError
from flexura.records import PREPARATION_STEPS
from flexura.settings import Settings, parse_card_mm, parse_corrections, parse_steps

Command = TypeVar("Command", bound=Callable[..., Any])
Parsed = TypeVar("Parsed")


def measuring_options(command: Command) -> Command:
    """Add --preprocess, --no-preprocess and --colour-card to a command.

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
        click.option("--colour-card", metavar="MM", help="Left edge of its rows' first patch to that of the sixth."),
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
    """Let a command's options win over what the environment says of preparation.

    Parameters
    ----------
    settings : Settings
        Of the environment.
    options : Mapping[str, Any]
        All options of the command; others are left alone.

    Returns
    -------
    Settings
        With `preprocess`, `correct` and `colour_card_mm` as the options say.

    Raises
    ------
    UsageError
        When a name is no step, a length impossible, or both --preprocess and --no-preprocess are given.
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
    if options.get("colour_card") is not None:
        length_mm = _parsed("--colour-card", parse_card_mm, options["colour_card"])
        settings = replace(settings, colour_card_mm=length_mm)
    return settings


def _parsed(option: str, parse: Callable[[str], Parsed], text: str) -> Parsed:
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}.") from error
