"""The verb `score`: clinical scores from signs that a person graded; no photo, no model."""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import click

from flexura.decision.bands import EASI_BANDS, SCORAD_BANDS
from flexura.decision.scores import (
    EASI_REGIONS,
    EASI_SIGNS,
    RegionSigns,
    ScoreResult,
    easi,
    easi_area_score,
    objective_scorad,
    scorad,
)
from flexura.records import SIGN_NAMES
from flexura.report.wording import REGION_WORDS

Command = TypeVar("Command", bound=Callable[..., Any])

_EASI_EXAMPLE = """\b
Example (an adult, all four regions):
  flexura score easi --age 30 --head-neck 1 1 0 0 8 --upper-limbs 2 2 1 1 25 \\
                     --trunk 1 1 1 0 12 --lower-limbs 2 1 2 1 35"""

_SCORAD_EXAMPLE = """\b
Example:
  flexura score scorad --extent 20 --erythema 2 --oedema-papulation 2 --excoriation 2 \\
                       --lichenification 1 --oozing-crusting 1 --dryness 1 --itch 5 --sleep-loss 3"""


def _exact(text: str) -> Decimal:
    """A decimal number taken as it was typed: 0.1 is a tenth."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a number") from error


def _region_options(command: Command) -> Command:
    for region in reversed(EASI_REGIONS):
        name, words = f"--{region.replace('_', '-')}", REGION_WORDS[region].capitalize()
        command = click.option(name, region, nargs=5, type=_exact, metavar="E I EX L AREA", help=f"{words}.")(command)
    return command


def _sign_options(command: Command) -> Command:
    for sign in reversed(SIGN_NAMES):
        command = click.option(f"--{sign.replace('_', '-')}", sign, type=_exact, metavar="0-3")(command)
    return command


@click.group(help="Compute clinical scores from signs that you graded; no photo.", no_args_is_help=True)
def score() -> None:
    """Compute clinical scores."""


@score.command(
    "easi",
    help="EASI, 0 to 72. Give each region its erythema, oedema/papulation, excoriation and lichenification, "
    "0 to 3, and its affected area in percent. A region that is left out is unknown, and so is the score.",
    epilog=_EASI_EXAMPLE,
    no_args_is_help=True,
)
@click.option("--age", type=_exact, metavar="YEARS", help="The weights change with the eighth birthday.")
@_region_options
@click.option("--bands", type=click.Choice(tuple(EASI_BANDS)), default="leshem_2015", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def score_easi(age: Decimal | None, **options: Any) -> None:
    """Compute EASI."""
    regions = {region: _region_signs(options[region]) for region in EASI_REGIONS if options[region] is not None}
    _show({"easi": easi(regions, age, bands=options["bands"])}, as_json=options["as_json"])


@score.command(
    "scorad",
    help="SCORAD, 0 to 103, and objective SCORAD, 0 to 83. What is left out is unknown, and so is the score.",
    epilog=_SCORAD_EXAMPLE,
    no_args_is_help=True,
)
@click.option("--extent", type=_exact, metavar="0-100", help="Affected body surface in percent, by the rule of nines.")
@_sign_options
@click.option("--itch", type=_exact, metavar="0-10", help="Mean of the last three days.")
@click.option("--sleep-loss", type=_exact, metavar="0-10", help="Mean of the last three days.")
@click.option("--bands", type=click.Choice(tuple(SCORAD_BANDS)), default="etfad_classic", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def score_scorad(extent: Decimal | None, **options: Any) -> None:
    """Compute SCORAD and objective SCORAD."""
    signs = {sign: options[sign] for sign in SIGN_NAMES}
    whole = scorad(extent, signs, itch=options["itch"], sleep_loss=options["sleep_loss"], bands=options["bands"])
    _show({"scorad": whole, "objective_scorad": objective_scorad(extent, signs)}, as_json=options["as_json"])


def _region_signs(given: tuple[Decimal, ...]) -> RegionSigns:
    signs = dict(zip(EASI_SIGNS, given[: len(EASI_SIGNS)], strict=True))
    return RegionSigns(**signs, area_score=easi_area_score(given[-1]))


def _show(results: dict[str, ScoreResult], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({name: _document(result) for name, result in results.items()}))
        return
    for name, result in results.items():
        words = name.replace("_", " ").replace("easi", "EASI").replace("scorad", "SCORAD")
        missing = f"unknown, missing: {', '.join(result.unknown)}"
        click.echo(f"{words}: {missing if result.value is None else f'{result.value} ({result.band})'}")
        click.echo(f"  range and formula  {result.formula}\n  bands  {result.scheme}\n  source  {result.source}")


def _document(result: ScoreResult) -> dict[str, object]:
    return {
        "value": None if result.value is None else float(result.value),
        "band": result.band,
        "scheme": result.scheme,
        "formula": result.formula,
        "source": result.source,
        "unknown": list(result.unknown),
    }
