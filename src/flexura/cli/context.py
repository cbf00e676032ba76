"""What is known of the patient, from single options or from a JSON or TOML file."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from flexura.clinical.context import read_context
from flexura.errors import ContextError, FileUnreadable
from flexura.records import PatientContext, Sex

Command = TypeVar("Command", bound=Callable[..., Any])

_FIELDS = ("age_years", "sex", "itch", "sleep_loss", "site", "skin_type", "duration_days")


def context_options(command: Command) -> Command:
    """Add --context and one option per field to a command.

    Parameters
    ----------
    command : Command
        The function of a click command.

    Returns
    -------
    Command
        The same function.
    """
    options = (
        click.option("--context", "context_file", type=click.Path(path_type=Path), help="JSON or TOML file of these:"),
        click.option("--age", "age_years", type=float, metavar="YEARS", help="Age in years."),
        click.option("--sex", type=click.Choice(get_args(Sex))),
        click.option("--itch", type=float, metavar="0-10", help="Worst itch of the last three days."),
        click.option("--sleep-loss", type=float, metavar="0-10", help="Worst sleep loss of the last three days."),
        click.option("--site", metavar="SITE", help="Body site, such as left_forearm."),
        click.option("--skin-type", type=int, metavar="1-6", help="Fitzpatrick skin type."),
        click.option("--duration-days", type=float, metavar="DAYS", help="How long this episode has lasted."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def gather_context(context_file: Path | None, given: Mapping[str, Any]) -> PatientContext:
    """Read the patient context from the file or from the options, never from both.

    Parameters
    ----------
    context_file : Path | None
        JSON or TOML (by its suffix .toml).
    given : Mapping[str, Any]
        All options of the command; those that are no context field are left alone.

    Returns
    -------
    PatientContext
        Checked.

    Raises
    ------
    ContextError
        When a field is unknown or impossible, the file is malformed, or fields come from both sides.
    FileUnreadable
        When the file cannot be opened.
    """
    return read_context(gather_fields(context_file, given))


def gather_fields(context_file: Path | None, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Gather the context's fields from the file or from the options, unchecked, never from both.

    Parameters
    ----------
    context_file : Path | None
        JSON or TOML (by its suffix .toml).
    given : Mapping[str, Any]
        All options of the command; those that are no context field are left alone.

    Returns
    -------
    Mapping[str, Any]
        For `read_context`.

    Raises
    ------
    ContextError
        When the file is malformed, or fields come from both sides.
    FileUnreadable
        When the file cannot be opened.
    """
    typed = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    if context_file is None:
        return typed
    if typed:
        options = ", ".join(typed)
        raise ContextError(f"{options} given beside --context; put every field in the file or none.")
    return parse_context(context_file)


def parse_context(path: Path) -> Mapping[str, Any]:
    """Read the fields of a context file, unchecked.

    Parameters
    ----------
    path : Path
        JSON or TOML (by its suffix .toml).

    Returns
    -------
    Mapping[str, Any]
        For `read_context`.

    Raises
    ------
    ContextError
        When the file holds no object of fields.
    FileUnreadable
        When the file cannot be opened.
    """
    try:
        text = path.read_text(encoding="utf-8")
        in_toml = path.suffix.lower() == ".toml"
        fields = tomllib.loads(text) if in_toml else json.loads(text, object_pairs_hook=once_each)
    except OSError as error:
        raise FileUnreadable("The context file cannot be opened; check the path and its rights.") from error
    except (ValueError, RecursionError) as error:  # both parsers' errors, text that is not UTF-8, endless nesting
        raise ContextError("The context file is not valid JSON or TOML in UTF-8 (TOML by its suffix).") from error
    if not isinstance(fields, dict):
        raise ContextError('The context file must hold one object of fields, such as {"age_years": 6}.')
    return fields


def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a field that is given twice, of which JSON would silently keep the last; TOML refuses it itself.

    Parameters
    ----------
    pairs : list[tuple[str, Any]]
        The fields of one JSON object, as `object_pairs_hook` gets them.

    Returns
    -------
    dict[str, Any]
        The same.

    Raises
    ------
    ContextError
        If a field is given twice.
    """
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ContextError(f"{name!r:.40} is given twice in one JSON object; give it once.")
        fields[name] = value
    return fields
