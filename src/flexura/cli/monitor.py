"""The verb `monitor`: answers of the clinic's store, or of `batch`, in; signals out, and whether to train again."""

import csv
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli.console import console_actor, tenant_option
from flexura.cli.outcome import write_output
from flexura.cli.watched import plain, show_watched
from flexura.errors import FileUnreadable
from flexura.settings import Settings, open_store

if TYPE_CHECKING:
    from flexura.monitoring.answers import Answer
    from flexura.monitoring.watch import Watched

_HELP = """Say how answers go, and whether the model is due to be trained again; a person decides.

Without RESULTS: of the clinic's store, the last --days against as many days before. With RESULTS, the JSON lines of
`flexura batch`: against --reference (results of an earlier time) and --reviews (CSV: file, diagnosis, optionally
patient). Only counts and figures come out, of no patient. Exit status 0 whatever is found."""

_EXAMPLE = """\b
Example:
  flexura monitor --days 90 --out report.json
  flexura monitor march.jsonl --reference january.jsonl --reviews reviews.csv"""

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(help=_HELP, short_help="Watch accuracy, times, drift, outcomes; say if to retrain.", epilog=_EXAMPLE)
@click.argument("results", type=_FILE, required=False)
@click.option("--reference", type=_FILE, help="Results of the time to compare with.")
@click.option("--reviews", type=_FILE, help="What clinicians said.")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="Of the store.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last one.  [default: tomorrow]")
@click.option("--window", type=click.IntRange(min=40), default=100, show_default=True, help="Cases per window.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--out", type=_FILE, help="Write the JSON document here, too.")
@tenant_option
@click.pass_obj
def monitor(
    settings: Settings, /, results: Path | None, window: int, out: Path | None, *, as_json: bool, **options: Any
) -> None:
    """Watch how answers go."""
    if results is None and (options["reference"] or options["reviews"]):
        raise click.UsageError("--reference and --reviews go with RESULTS; the store has its own.")
    if results is None:
        found = _watch_store(settings, options, window)
    else:
        found = _watch_results(results, options["reference"], options["reviews"], window)
    document = json.dumps({"schema": "flexura.monitoring/2", **plain(found)}, allow_nan=False)
    if out is not None:
        write_output(out, f"{document}\n".encode())
    if as_json:
        click.echo(document)
    else:
        show_watched(found)


def _watch_store(settings: Settings, options: dict[str, Any], window: int) -> "Watched":
    store = open_store(settings)
    from flexura.monitoring.watch import watch
    from flexura.storage.signals import read_sides

    until: date = options["until"].date() if options["until"] else store.clock().date() + timedelta(days=1)
    sides = read_sides(store, console_actor(options["tenant"]), until=until, days=options["days"])
    return watch(sides.now, sides.before, window=window, queue=sides.queue, refused=sides.refused)


def _watch_results(results: Path, reference: Path | None, reviews: Path | None, window: int) -> "Watched":
    from flexura.monitoring.answers import Answer, Judgement
    from flexura.monitoring.watch import watch

    said = _read_reviews(reviews) if reviews else {}
    answers = []
    for number, document in enumerate(_read_results(results)):
        diagnosis, patient = said.get(str(document.get("file")), (None, str(number)))
        judged = (Judgement("reviews", agrees=False, diagnosis=diagnosis),) if diagnosis else ()
        answers.append(Answer(document, patient, judgements=judged))
    return watch(answers, _without_reviews(reference) if reference else (), window=window)


def _without_reviews(reference: Path) -> "Sequence[Answer]":
    from flexura.monitoring.answers import Answer

    return [Answer(document, str(number)) for number, document in enumerate(_read_results(reference))]


def _read_results(path: Path) -> list[dict[str, Any]]:
    try:
        documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError) as error:
        raise FileUnreadable("The results cannot be read; give the JSON lines of `flexura batch`.") from error
    if not documents or not all(isinstance(each, dict) and "schema" in each for each in documents):
        raise FileUnreadable("The file holds no results; give the JSON lines of `flexura batch`.")
    return documents


def _read_reviews(path: Path) -> dict[str, tuple[str, str]]:
    """Diagnosis and patient by file; a photo without a patient is a patient of its own."""
    from flexura.decision.taxonomy import TAXONOMY

    try:
        with path.open(encoding="utf-8", newline="") as lines:
            said = {row["file"]: (row["diagnosis"], row.get("patient") or row["file"]) for row in csv.DictReader(lines)}
    except (OSError, ValueError, KeyError) as error:
        raise FileUnreadable("The reviews cannot be read; a CSV with the columns file and diagnosis.") from error
    unknown = {code for code, _ in said.values()} - {row.code for row in TAXONOMY}
    if unknown:
        raise FileUnreadable(f"The reviews hold {len(unknown)} diagnoses that are no codes of the taxonomy.")
    return said
