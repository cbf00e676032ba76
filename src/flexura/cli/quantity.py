"""The verb `quantity`: how much of a topical corticosteroid whole parts of the body take; no photo, no model."""

import json
from collections import Counter

import click

from flexura.decision.guidance.quantities import (
    CHILD_EMOLLIENT_GRAMS_PER_WEEK,
    GRAMS_PER_UNIT,
    PART_WORDS,
    PARTS,
    quantity,
)

_CHILD_BELOW_YEARS = 12

_EXAMPLE = """\b
Example (a child of 4, face and both arms, once a day for a week):
  flexura quantity --age 4 --part face_neck --part arm_hand --part arm_hand"""


@click.command(
    "quantity",
    help="Fingertip units and grams of a topical corticosteroid for whole parts of the body. Give --part once for each "
    "part. Measured amounts, no prescription; docs/guidance.md has sources and those of emollients.",
    short_help="Fingertip units and grams by age and part of the body.",
    epilog=_EXAMPLE,
    no_args_is_help=True,
)
@click.option("--age", type=float, required=True, metavar="YEARS", help="0.25 to 120.")
@click.option("--part", "parts", multiple=True, required=True, type=click.Choice(PARTS))
@click.option("--per-day", type=int, default=1, show_default=True, help="Applications a day, 1 or 2.")
@click.option("--days", type=int, default=7, show_default=True, help="1 to 28.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def quantity_of(age: float, parts: tuple[str, ...], per_day: int, days: int, *, as_json: bool) -> None:
    """Compute fingertip units and grams."""
    counted = {part: count for part in PARTS if (count := Counter(parts)[part])}
    found = quantity(age, counted, applications_per_day=per_day, days=days)
    if as_json:
        amounts = {name: float(getattr(found, name)) for name in ("units", "grams", "course_grams")}
        click.echo(json.dumps({"age_row": found.age_row, **amounts}))
        return
    named = ", ".join(f"{count} x {PART_WORDS[part]}" for part, count in counted.items())
    click.echo(f"{named}, {found.age_row}")
    click.echo(f"  an application   {found.units:f} fingertip units of {GRAMS_PER_UNIT} g, {found.grams:f} g")
    click.echo(f"  {days} days, {per_day} a day  {found.course_grams:f} g")
    if age < _CHILD_BELOW_YEARS:
        low, high = CHILD_EMOLLIENT_GRAMS_PER_WEEK
        click.echo(f"  emollient beside it  {low} to {high} g a week under 12 years (NICE CG57)")
