"""What all calculators of the command line share: numbers as they were typed, and how a result is shown."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

import click

from flexura.decision.scores import ScoreResult

Command = TypeVar("Command", bound=Callable[..., Any])

# Scores whose name is no abbreviation in capitals.
_WORDS: Final = {
    "objective_scorad": "objective SCORAD",
    "po_scorad": "PO-SCORAD",
    "viga_ad": "vIGA-AD",
    "itch_nrs": "Itch NRS",
}

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def exact(text: str) -> Decimal:
    """Take a decimal number as it was typed: 0.1 is a tenth.

    Parameters
    ----------
    text : str
        As it was typed.

    Returns
    -------
    Decimal

    Raises
    ------
    ValueError
        If it is no number.
    """
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a number") from error


def exact_or_unknown(text: str) -> Decimal | str:
    """Take a number as it was typed, or a dash for an answer that was not given.

    Parameters
    ----------
    text : str
        As it was typed.

    Returns
    -------
    Decimal or str
        The dash stays: click takes `None` for nothing typed.

    Raises
    ------
    ValueError
        If it is neither.
    """
    return text if text == "-" else exact(text)


def show(results: Mapping[str, ScoreResult], *, as_json: bool) -> None:
    """Print results.

    Parameters
    ----------
    results : mapping of str to ScoreResult
        By name, as JSON names them.
    as_json : bool
        One document instead of text.
    """
    if as_json:
        click.echo(json.dumps({name: _document(result) for name, result in results.items()}))
        return
    for name, result in results.items():
        found = f"unknown, missing: {', '.join(result.unknown)}"
        if result.value is not None:
            found = f"{result.value:f}" + (f" ({result.band})" if result.band else "")
        click.echo(f"{_WORDS.get(name, name.upper())}: {found}")
        click.echo(f"  range and formula  {result.formula}")
        click.echo(f"  bands  {result.scheme or 'none published'}\n  source  {result.source}")


def _document(result: ScoreResult) -> dict[str, object]:
    return {
        "value": None if result.value is None else float(result.value),
        "band": result.band,
        "scheme": result.scheme or None,
        "formula": result.formula,
        "source": result.source,
        "unknown": list(result.unknown),
    }
