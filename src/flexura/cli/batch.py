"""The verb `batch`: a folder or a manifest in, one line per photo out, several photos at a time."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli.manifest import Listed, list_photos
from flexura.cli.outcome import DONE, Place, read_content, refusal_document, refuse_error, refuse_quality, worst
from flexura.cli.preparation import preparation_options, with_preparation
from flexura.cli.progress import followed
from flexura.cli.results import Json, Results, choose_format
from flexura.records import PatientContext
from flexura.settings import Settings

if TYPE_CHECKING:
    from flexura.inference.predictor import Predictor
    from flexura.workflow import Outcome

_HELP = """Assess the photos of a folder and its subfolders, or of a manifest, several at a time.

A manifest is a CSV with a column file, relative to it; its other columns are fields of the patient context. The
results name each photo by this path: .jsonl holds whole documents, .csv the main figures."""

_EXAMPLE = """\b
Example:
  flexura batch photos --out results.jsonl
  flexura batch patients.csv --out results.csv --resume"""

# A photo, and its place among all of the batch.
_Placed = tuple[Place, Listed]


@dataclass(frozen=True)
class Work:
    """What is left to assess, and how."""

    left: Sequence[_Placed]
    of: int
    predictor: "Predictor"
    workers: int | None
    settings: Settings


@click.command(help=_HELP, short_help="Assess a folder or a list of photos.", epilog=_EXAMPLE, no_args_is_help=True)
@click.argument("source", metavar="FOLDER|MANIFEST.csv", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="OUT.jsonl|.csv", help="The results.")
@click.option("--resume", is_flag=True, help="Go on in OUT; the exit status is that of the photos left.")
@click.option("--workers", type=click.IntRange(min=1), help="Photos at a time.  [default: FLEXURA_THREADS, or CPUs]")
@click.option("--bundle", type=click.Path(path_type=Path), metavar="DIR", help="Model bundle to answer with.")
@preparation_options
@click.pass_context
def batch(ctx: click.Context, /, source: Path, **options: Any) -> None:
    """Assess a folder or a manifest."""
    out: Path = options["out"]
    choose_format(out)
    photos = list_photos(source, leave_out=out)
    settings: Settings = with_preparation(ctx.obj, options)
    workers = options["workers"] or settings.threads
    # The engine takes one thread for each photo: the workers fill the CPUs.
    settings = replace(settings, bundle=options["bundle"] or settings.bundle, threads=1)
    # The engine loads here, not with the command line: `--help` must not wait for it.
    from flexura.settings import build_predictor

    predictor = build_predictor(settings)
    with Results(out, resume=options["resume"]) as results:
        places = (Place(index, len(photos)) for index in range(1, len(photos) + 1))
        left = [placed for placed in zip(places, photos, strict=True) if placed[1].file not in results.done]
        statuses = _assess(Work(left, len(photos), predictor, workers, settings), results)
    refused = sum(status != DONE for status in statuses)
    click.echo(f"Wrote {out}: {len(statuses)} photos, {refused} of them refused", err=True)
    ctx.exit(worst([DONE, *statuses]))


def _assess(work: Work, results: Results) -> list[int]:
    """Write every photo's line as soon as it is known, and give their exit statuses."""
    statuses = []
    # Closed, so that a stop leaves no decoder's process behind.
    with closing(_outcomes(work)) as outcomes:
        shown = followed(outcomes, work.of, done=work.of - len(work.left))
        for (place, photo), outcome in zip(work.left, shown, strict=True):
            document, status = _document(outcome, place, photo.context, debug=work.settings.debug)
            results.write(photo.file, document)
            statuses.append(status)
    return statuses


def _outcomes(work: Work) -> "Generator[Outcome, None, None]":
    from flexura.settings import intake_limits, open_reader, plan_assessment
    from flexura.workflow import assess_photos

    max_bytes = intake_limits(work.settings).max_bytes
    return assess_photos(
        ((partial(read_content, photo.path, max_bytes), photo.context) for _, photo in work.left),
        predictor=work.predictor,
        workers=work.workers,
        open_reader=partial(open_reader, work.settings),
        preparation=plan_assessment(work.settings),
    )


def _document(outcome: "Outcome", place: Place, context: PatientContext, *, debug: bool) -> tuple[Json, int]:
    """One photo's document and exit status, as `assess` prints them."""
    from flexura.decision.document import to_document
    from flexura.decision.red_flags.raised import told_flags
    from flexura.workflow import AssessedPhoto, CheckedPhoto

    if isinstance(outcome, AssessedPhoto):
        return to_document(outcome.assessment), DONE
    if isinstance(outcome, CheckedPhoto):
        refusal = refuse_quality(outcome.quality, sha256=outcome.photo.source.sha256)
    else:
        refusal = refuse_error(outcome, debug=debug)
    refusal = replace(refusal, red_flags=told_flags(context))
    return refusal_document(refusal, place), refusal.exit_status
