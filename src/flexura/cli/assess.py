"""The verb `assess`: photos in, one answer each out; a photo that fails does not stop the others."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

from flexura.cli.context import context_options, gather_context, gather_fields
from flexura.cli.outcome import (
    DONE,
    Outputs,
    Place,
    Refusal,
    print_document,
    read_content,
    refuse_error,
    refuse_quality,
    show_refusal,
    worst,
    write_output,
)
from flexura.cli.preparation import preparation_options, with_preparation
from flexura.cli.progress import counted
from flexura.errors import UsageError
from flexura.records import PatientContext, UInt8Array
from flexura.settings import Settings

if TYPE_CHECKING:
    from flexura.inference.predictor import Predictor
    from flexura.intake.isolated import IsolatedReader
    from flexura.preprocessing.prepare import PreparationConfig
    from flexura.workflow import AssessedPhoto

_HELP = "Assess photos: diagnosis, eczema or not, signs, area, and how far to trust the answer."

_EXAMPLE = """\b
Example:
  flexura assess arm.jpg --age 34 --sex female --itch 7 --site left_forearm --report answer.html
  flexura assess --patient visits --context patient.json --report patient.html
With several photos, the files of --report, --overlay and --fhir are numbered: answer-1.html, answer-2.html."""


@dataclass(frozen=True)
class Desk:
    """What every photo of one command shares."""

    reader: "IsolatedReader"
    predictor: "Predictor"
    context: PatientContext
    preparation: "PreparationConfig | None"
    outputs: Outputs
    debug: bool


@click.command(
    help=_HELP,
    short_help="Assess photos: diagnosis, signs, area, and how far to trust it.",
    epilog=_EXAMPLE,
    no_args_is_help=True,
)
@click.argument("photos", nargs=-1, metavar="PHOTO...", type=click.Path(path_type=Path))
@context_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document per photo and line.")
@click.option("--report", type=click.Path(path_type=Path), metavar="OUT.html", help="Write a self-contained page.")
@click.option("--overlay", type=click.Path(path_type=Path), metavar="OUT.png", help="Draw what the model saw.")
@click.option("--fhir", type=click.Path(path_type=Path), metavar="OUT.json", help="Write a FHIR R4 Bundle.")
@click.option("--patient", type=click.Path(path_type=Path), metavar="FOLDER|.csv", help="Photos of one patient.")
@click.option("--bundle", type=click.Path(path_type=Path), metavar="DIR", help="Model bundle to answer with.")
@preparation_options
@click.pass_context
def assess(ctx: click.Context, /, photos: tuple[Path, ...], **options: Any) -> None:
    """Assess photos."""
    outputs = Outputs(options["as_json"], options["report"], options["overlay"], options["fhir"])
    settings: Settings = with_preparation(ctx.obj, options)
    settings = replace(settings, bundle=options["bundle"] or settings.bundle)
    if options["patient"] is not None:
        if photos or outputs.overlay is not None or outputs.fhir is not None:
            raise UsageError("--patient takes all photos from its folder or table, and neither --overlay nor --fhir.")
        from flexura.cli.patient import assess_one_patient

        fields = gather_fields(options["context_file"], options)
        ctx.exit(assess_one_patient(options["patient"], fields, outputs=outputs, settings=settings))
    if not photos:
        raise UsageError("Name at least one photo, or the folder or table of one --patient.")
    _protect(photos, outputs)
    context = gather_context(options["context_file"], options)
    # The engine and the codecs load here, not with the command line: `--help` must not wait for them.
    from flexura.intake.quality import build_colour_tables
    from flexura.settings import build_predictor, open_reader, plan_assessment

    # The reader's process starts, and OpenCV builds its tables of CIELAB (160 ms), while the network loads.
    reader = ctx.with_resource(open_reader(settings))
    Thread(target=build_colour_tables).start()
    plan = plan_assessment(settings)
    desk = Desk(reader, build_predictor(settings), context, plan, outputs, settings.debug)
    ctx.exit(worst(_assess_one(path, place, desk=desk) for place, path in counted(photos)))


def _protect(photos: tuple[Path, ...], outputs: Outputs) -> None:
    """Refuse to write over a photo, and to write a picture under a name of another format."""
    if outputs.overlay is not None and outputs.overlay.suffix.lower() != ".png":
        raise UsageError("--overlay writes PNG; give it a name that ends in .png.")
    places = [Place(index + 1, len(photos)) for index in range(len(photos))]
    written = {place.numbered(path).resolve() for place in places for path in outputs.files}
    if written & {photo.resolve() for photo in photos}:
        raise UsageError("--report, --overlay or --fhir would write over one of the photos; choose another name.")


def _assess_one(path: Path, place: Place, *, desk: Desk) -> int:
    try:
        return _answer(path, place, desk=desk)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever one photo does, the next one gets its answer
        return _refuse(refuse_error(error, debug=desk.debug), place, desk=desk)


def _answer(path: Path, place: Place, *, desk: Desk) -> int:
    from flexura.workflow import AssessedPhoto, Intake, assess_photo

    content = read_content(path, desk.reader.limits.max_bytes)
    intake = Intake(desk.reader.read)
    outcome = assess_photo(content, desk.context, predictor=desk.predictor, intake=intake, preparation=desk.preparation)
    if not isinstance(outcome, AssessedPhoto):
        return _refuse(refuse_quality(outcome.quality, sha256=outcome.photo.source.sha256), place, desk=desk)
    _print_answer(outcome, place, as_json=desk.outputs.as_json)
    _write_files(outcome, place, desk=desk)
    return DONE


def _refuse(refusal: Refusal, place: Place, *, desk: Desk) -> int:
    from flexura.decision.red_flags.raised import told_flags

    flagged = replace(refusal, red_flags=told_flags(desk.context))
    return show_refusal(flagged, place, as_json=desk.outputs.as_json)


def _print_answer(outcome: "AssessedPhoto", place: Place, *, as_json: bool) -> None:
    from flexura.decision.document import to_document
    from flexura.report.text import write_answer

    if as_json:
        print_document(to_document(outcome.assessment))
        return
    heading = f"{place.words}\n\n" if place.of > 1 else ""
    click.echo(f"{heading}{write_answer(outcome.assessment)}" + ("\n" if place.index < place.of else ""))


def _write_files(outcome: "AssessedPhoto", place: Place, *, desk: Desk) -> None:
    outputs = desk.outputs
    if outputs.fhir is not None:
        write_output(place.numbered(outputs.fhir), _fhir(outcome, context=desk.context).encode("utf-8"))
    if outputs.overlay is None and outputs.report is None:
        return
    from flexura.report.overlay import add_legend, draw_overlay, encode_png

    overlay = draw_overlay(outcome.photo, outcome.prediction, reading=outcome.reading)
    if outputs.overlay is not None:
        write_output(place.numbered(outputs.overlay), encode_png(add_legend(overlay, outcome.prediction)))
    if outputs.report is not None:
        write_output(place.numbered(outputs.report), _report(outcome, overlay, context=desk.context).encode("utf-8"))


def _fhir(outcome: "AssessedPhoto", *, context: PatientContext) -> str:
    from flexura.decision.document import to_document
    from flexura.report.fhir.bundle import About, to_fhir

    now = datetime.now().astimezone()
    # Nobody has stored this answer: it is named by its photo and the time.
    about = About(f"{outcome.assessment.photo.sha256}/{now.isoformat()}", now, sex=context.sex)
    return json.dumps(to_fhir(to_document(outcome.assessment), about), indent=1, allow_nan=False) + "\n"


def _report(outcome: "AssessedPhoto", overlay: UInt8Array, *, context: PatientContext) -> str:
    from flexura.report.html import render_report

    now = datetime.now().astimezone()
    return render_report(outcome.assessment, photo=outcome.photo, overlay=overlay, context=context, written_at=now)
