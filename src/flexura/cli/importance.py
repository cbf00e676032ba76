"""The verb `model importance`: what a bundle leans on in reviewed cases, and what has changed since the last time."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from flexura.cli.outcome import write_output
from flexura.cli.training import needing_training_packages
from flexura.errors import FileUnreadable
from flexura.settings import Settings, open_bundle

if TYPE_CHECKING:
    from flexura.monitoring.importance import Importance

SCHEMA: Final = "flexura.importance/1"

_HELP = """Say how much worse the answers get when a kind of value is exchanged between patients.

In nats of the labels' negative log-likelihood, with 95 % intervals over patients: context by question, findings by
family, the picture. With --previous (what --out wrote the last time) changes beyond the intervals are marked."""

_EXAMPLE = """\b
Example:
  flexura model importance --data DATA --previous march.json --out june.json"""

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(help=_HELP, short_help="Say what a bundle leans on, and what changed.", epilog=_EXAMPLE)
@click.option("--bundle", type=click.Path(path_type=Path), metavar="DIR", help="Other than the one in force.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder with photos.csv.")
@click.option("--previous", type=_FILE, help="What --out wrote for an earlier time.")
@click.option("--out", type=_FILE, help="Write it as JSON, for the next time.")
@click.pass_obj
def importance(settings: Settings, /, bundle: Path | None, data: Path, previous: Path | None, out: Path | None) -> None:
    """Say what a bundle leans on."""
    with needing_training_packages():
        from flexura.monitoring.importance import compare_importance
        from flexura.training.importance import measure_importance
    before = _read_previous(previous) if previous else ()
    folder = bundle or open_bundle(settings).look.parent
    found = measure_importance(folder, data)
    changes = compare_importance(before, found)
    if out is not None:
        told = {"schema": SCHEMA, "importance": [asdict(each) for each in found]}
        write_output(out, f"{json.dumps(told | {'changes': [asdict(each) for each in changes]})}\n".encode())
    was = {each.name: each for each in changes}
    for row in found:
        shown = (
            f"{row.rise.estimate:+.3f} [{row.rise.low:+.3f}, {row.rise.high:+.3f}]" if row.rise else "too rarely known"
        )
        change = was.get(row.name)
        earlier = f"  was {change.before.estimate:+.3f}{', CHANGED' if change.changed else ''}" if change else ""
        click.echo(f"{row.name:<28}{row.known:>6} known  {shown}{earlier}")


def _read_previous(path: Path) -> "Sequence[Importance]":
    from flexura.monitoring.importance import Importance
    from flexura.monitoring.intervals import Interval

    def read(row: dict[str, Any]) -> Importance:
        return Importance(row["name"], row["known"], Interval(**row["rise"]) if row["rise"] else None)

    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise ValueError("another document")
        return tuple(map(read, told["importance"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileUnreadable("The earlier importance cannot be read; give what --out wrote.") from error
