"""Scores of signs and areas that a person graded: EASI, SCORAD and its kin, TIS, SASSAD, vIGA-AD, body surface."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar, get_args

import click

from flexura.cli.score.shown import as_json_option, exact, show
from flexura.decision.bands import EASI_BANDS, SCORAD_BANDS
from flexura.decision.scores import (
    EASI_REGIONS,
    EASI_SIGNS,
    SASSAD_SIGNS,
    SASSAD_SITES,
    SURFACES,
    TIS_SIGNS,
    RegionSigns,
    body_surface,
    easi,
    easi_area_score,
    handprints,
    objective_scorad,
    po_scorad,
    sassad,
    scorad,
    tis,
    viga_ad,
)
from flexura.decision.scores.surface import Chart
from flexura.errors import UsageError
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


_PO_SCORAD_EXAMPLE = """\b
Example:
  flexura score po-scorad --extent 20 --erythema 2 --oedema-papulation 2 --excoriation 2 \\
                          --lichenification 1 --oozing-crusting 1 --dryness 1 --itch 5 --sleep-loss 3"""

_TIS_EXAMPLE = """\b
Example:
  flexura score tis --erythema 2 --oedema-papulation 1 --excoriation 2"""

_SASSAD_EXAMPLE = """\b
Example:
  flexura score sassad --arms 1 0 1 2 0 1 --hands 0 0 0 1 1 0 --legs 1 0 1 2 0 1 \\
                       --feet 0 0 0 0 0 0 --head-neck 1 0 0 1 0 0 --trunk 0 0 0 1 0 0"""

_VIGA_EXAMPLE = """\b
Example:
  flexura score viga-ad 3"""

_BSA_EXAMPLE = """\b
Examples:
  flexura score bsa --age 6 --head-neck 10 --arms 25 --front-trunk 0 --back-trunk 5 --genitals 0 --legs 30
  flexura score bsa --handprints 4.5"""


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _region_options(command: Command) -> Command:
    for region in reversed(EASI_REGIONS):
        name, words = _flag(region), REGION_WORDS[region].capitalize()
        command = click.option(name, region, nargs=5, type=exact, metavar="E I EX L AREA", help=f"{words}.")(command)
    return command


def _sign_options(command: Command) -> Command:
    for sign in reversed(SIGN_NAMES):
        command = click.option(_flag(sign), sign, type=exact, metavar="0-3")(command)
    return command


def _scorad_options(command: Command) -> Command:
    for option in (
        as_json_option,
        click.option("--bands", type=click.Choice(tuple(SCORAD_BANDS)), default="etfad_classic", show_default=True),
        click.option(
            "--sleep-loss", type=exact, metavar="0-10", help="By the sheet: SCORAD takes the mean of three days."
        ),
        click.option("--itch", type=exact, metavar="0-10", help="By the sheet: SCORAD takes the mean of three days."),
    ):
        command = option(command)
    command = _sign_options(command)
    extent = "Affected body surface in percent; score bsa gives it."
    return click.option("--extent", type=exact, metavar="0-100", help=extent)(command)


@click.command(
    "easi",
    help="EASI, 0 to 72. Give each region its erythema, oedema/papulation, excoriation and lichenification, "
    "0 to 3, and its affected area in percent. A region that is left out is unknown, and so is the score.",
    epilog=_EASI_EXAMPLE,
    no_args_is_help=True,
)
@click.option("--age", type=exact, metavar="YEARS", help="The weights change with the eighth birthday.")
@_region_options
@click.option("--bands", type=click.Choice(tuple(EASI_BANDS)), default="leshem_2015", show_default=True)
@as_json_option
def score_easi(age: Decimal | None, **options: Any) -> None:
    """Compute EASI."""
    regions = {region: _region_signs(options[region]) for region in EASI_REGIONS if options[region] is not None}
    show({"easi": easi(regions, age, bands=options["bands"])}, as_json=options["as_json"])


@click.command(
    "scorad",
    help="SCORAD, 0 to 103, and objective SCORAD, 0 to 83. What is left out is unknown, and so is the score.",
    epilog=_SCORAD_EXAMPLE,
    no_args_is_help=True,
)
@_scorad_options
def score_scorad(extent: Decimal | None, **options: Any) -> None:
    """Compute SCORAD and objective SCORAD."""
    signs = {sign: options[sign] for sign in SIGN_NAMES}
    whole = scorad(extent, signs, itch=options["itch"], sleep_loss=options["sleep_loss"], bands=options["bands"])
    show({"scorad": whole, "objective_scorad": objective_scorad(extent, signs)}, as_json=options["as_json"])


@click.command(
    "po-scorad",
    help="Patient-Oriented SCORAD, 0 to 103: the formula of SCORAD on what patients read on their own skin. What "
    "is left out is unknown, and so is the score.",
    epilog=_PO_SCORAD_EXAMPLE,
    no_args_is_help=True,
)
@_scorad_options
def score_po_scorad(extent: Decimal | None, **options: Any) -> None:
    """Compute PO-SCORAD."""
    signs = {sign: options[sign] for sign in SIGN_NAMES}
    whole = po_scorad(extent, signs, itch=options["itch"], sleep_loss=options["sleep_loss"], bands=options["bands"])
    show({"po_scorad": whole}, as_json=options["as_json"])


@click.command(
    "tis",
    help="Three Item Severity score, 0 to 9: three signs of one representative area. A sign that is left out is "
    "unknown, and so is the score.",
    epilog=_TIS_EXAMPLE,
    no_args_is_help=True,
)
@click.option("--erythema", type=exact, metavar="0-3")
@click.option("--oedema-papulation", type=exact, metavar="0-3")
@click.option("--excoriation", type=exact, metavar="0-3")
@as_json_option
def score_tis(*, as_json: bool, **signs: Decimal | None) -> None:
    """Compute TIS."""
    show({"tis": tis({sign: signs[sign] for sign in TIS_SIGNS})}, as_json=as_json)


def _sassad_options(command: Command) -> Command:
    for site in reversed(SASSAD_SITES):
        command = click.option(_flag(site), site, nargs=6, type=exact, metavar="E EX SC D C L")(command)
    return command


@click.command(
    "sassad",
    help="Six Area, Six Sign score, 0 to 108. Give each site its erythema, exudation, excoriation, dryness, "
    "cracking and lichenification, 0 to 3. A site that is left out is unknown, and so is the score.",
    epilog=_SASSAD_EXAMPLE,
    no_args_is_help=True,
)
@_sassad_options
@as_json_option
def score_sassad(*, as_json: bool, **sites: tuple[Decimal, ...] | None) -> None:
    """Compute SASSAD."""
    graded = {site: dict(zip(SASSAD_SIGNS, given, strict=True)) for site, given in sites.items() if given is not None}
    show({"sassad": sassad(graded)}, as_json=as_json)


@click.command(
    "viga-ad",
    help="Validated Investigator Global Assessment, 0 to 4. Choose the grade by its published descriptions; their "
    "licence (CC BY-ND) does not let us repeat them in other words.",
    epilog=_VIGA_EXAMPLE,
    no_args_is_help=True,
)
@click.argument("grade", type=exact, metavar="0-4")
@as_json_option
def score_viga_ad(grade: Decimal, *, as_json: bool) -> None:
    """Name a vIGA-AD grade."""
    show({"viga_ad": viga_ad(grade)}, as_json=as_json)


def _surface_options(command: Command) -> Command:
    for surface in reversed(SURFACES):
        command = click.option(_flag(surface), surface, type=exact, metavar="0-100")(command)
    return command


@click.command(
    "bsa",
    help="Affected body surface, 0 to 100 %. Give the affected percent of each surface, both sides together, and the "
    "age; or count the patient's own handprints. What is left out is unknown, and so is the sum.",
    epilog=_BSA_EXAMPLE,
    no_args_is_help=True,
)
@click.option("--age", type=exact, metavar="YEARS", help="A child's head is larger and its legs are smaller.")
@_surface_options
@click.option("--chart", type=click.Choice(get_args(Chart)), default="lund_browder", show_default=True)
@click.option("--handprints", "prints", type=exact, metavar="COUNT", help="Palm with fingers, 1 % each.")
@as_json_option
def score_bsa(*, age: Decimal | None, chart: Chart, prints: Decimal | None, as_json: bool, **parts: Any) -> None:
    """Compute the affected body surface."""
    told = {name: parts[name] for name in SURFACES}
    if prints is None:
        show({"bsa": body_surface(told, age, chart=chart)}, as_json=as_json)
        return
    if any(part is not None for part in told.values()):
        raise UsageError("Give --handprints or the affected percent of surfaces, not both.")
    show({"bsa": handprints(prints, age)}, as_json=as_json)


def _region_signs(given: tuple[Decimal, ...]) -> RegionSigns:
    signs = dict(zip(EASI_SIGNS, given[: len(EASI_SIGNS)], strict=True))
    return RegionSigns(**signs, area_score=easi_area_score(given[-1]))
