"""The verb `data`: bring a set of photos into a data folder for training, and audit its folds for leaks."""

from dataclasses import replace
from pathlib import Path

import click

_IMPORT_HELP = """Write photos.csv of a data folder from a set as published, or from your own photos.

SET is csv or folder (your own, docs/data.md), reviewed (an export of `flexura admin export-research`), scin,
fitzpatrick17k, pad_ufes_20, skindisnet, dermacon_in, passion, sd198, ddi or ham10000. Photos stay in
FOLDER; the data folder links to it."""

_IMPORT_EXAMPLE = """\b
Example:
  flexura data import csv clinic_photos --out DATA"""

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.group(help="Import photos for training, and audit them.", epilog=_IMPORT_EXAMPLE, no_args_is_help=True)
def data() -> None:
    """Work on data folders."""


@data.command(
    "import",
    help=_IMPORT_HELP,
    short_help="Write photos.csv from a set of photos.",
    epilog=_IMPORT_EXAMPLE,
    no_args_is_help=True,
)
@click.argument("photo_set", metavar="SET")
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The data folder.")
@click.option("--name", help="Name of the set in the data folder.  [default: SET]")
@click.option("--labels", type=click.Path(path_type=Path, dir_okay=False), help="CSV of label and code.")
@click.option("--leave-out", multiple=True, metavar="CODE", help="A diagnosis to leave out; may be repeated.")
@click.option("--min-groups", type=click.IntRange(min=1), default=5, show_default=True, help="Least patients per code.")
@click.option("--skip-missing", is_flag=True, help="Leave out rows whose photo is not there.")
def import_photos(
    photo_set: str,
    folder: Path,
    *,
    out: Path,
    name: str | None,
    labels: Path | None,
    **choices: object,
) -> None:
    """Import a set of photos."""
    from flexura.training.imports import ImportChoices, import_set, read_label_codes
    from flexura.training.sets.every import set_named

    wanted = set_named(photo_set)
    chosen = ImportChoices(labels=read_label_codes(labels) if labels else {}, **choices)  # type: ignore[arg-type]  # click
    done = import_set(
        replace(wanted, name=name or wanted.name),
        folder,
        out,
        choices=chosen,
        say=lambda line: click.echo(line, err=True),
    )
    for code, count in sorted(done.photos.items()):
        click.echo(f"{code:<28}{count}")
    click.echo(f"{sum(done.photos.values())} photos in {done.groups} groups; {wanted.title}, licence: {wanted.licence}")
    if done.missing:
        click.echo(f"{done.missing} photos of the table are not in the folder", err=True)
    for label, count in sorted(done.left_out.items()):
        click.echo(f"left out, no code or not wanted: {label!r} ({count})", err=True)


_AUDIT_EXAMPLE = """\b
Example:
  flexura data audit DATA"""


@data.command(help="Find near-duplicates in different folds; exit status 2 if there are.", epilog=_AUDIT_EXAMPLE)
@click.argument("folder", metavar="DATA", type=_FOLDER)
@click.option("--teacher", type=click.Path(path_type=Path, dir_okay=False), help="Embeddings of scripts/teacher.")
def audit(folder: Path, *, teacher: Path | None) -> None:
    """Audit a data folder."""
    from flexura.training.datasets import read_manifest
    from flexura.training.leakage import find_leaks, read_allowed, refuse_leaks, teacher_embeddings

    photos = read_manifest(folder, teacher=teacher)
    leaks = find_leaks(photos, embeddings=teacher_embeddings(photos))
    for leak in leaks:
        click.echo(f"{leak.first}\t{leak.second}\tbits {leak.bits:.0f}\tcosine {leak.cosine:.3f}")
    allowed = read_allowed(folder)
    refuse_leaks(leaks, allowed)
    click.echo(f"{len(photos)} photos, no near-duplicates in different folds ({len(leaks)} allowed pairs)")
