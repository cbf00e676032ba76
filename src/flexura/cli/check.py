"""The verb `check`: can these photos be used? Reads and judges them; scores nothing and needs no model.

A DICOM file is also held against the standard; faults there are shown and refuse nothing.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli.outcome import (
    DONE,
    Place,
    print_document,
    quality_document,
    read_content,
    refuse_error,
    show_refusal,
    worst,
)
from flexura.cli.preparation import measuring_options, with_preparation
from flexura.cli.progress import counted
from flexura.errors import InputRefused
from flexura.records import Capture, Photo
from flexura.report.conformance import write_conformance
from flexura.report.text import write_quality, write_steps
from flexura.report.wording import plain

if TYPE_CHECKING:
    from flexura.intake.conformance.report import ConformanceReport
    from flexura.intake.isolated import IsolatedReader
    from flexura.preprocessing.prepare import PreparationConfig
    from flexura.workflow import CheckedPhoto

_HELP = "Check photo files: format, size, orientation, colour, quality; of DICOM conformance too. Nothing is scored."

_EXAMPLE = """\b
Example:
  flexura check arm.jpg leg.heic"""


@click.command(
    help=_HELP,
    short_help="Check photo files: format, quality. Nothing is scored.",
    epilog=_EXAMPLE,
    no_args_is_help=True,
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document per file and line.")
@measuring_options
@click.pass_context
def check(ctx: click.Context, /, files: tuple[Path, ...], *, as_json: bool, **options: Any) -> None:
    """Check photo files."""
    settings = with_preparation(ctx.obj, options)
    from flexura.settings import open_reader, plan_check

    plan = plan_check(settings)
    reader = ctx.with_resource(open_reader(settings))
    desk = _Desk(reader, plan, as_json=as_json, debug=settings.debug)
    ctx.exit(worst(_check_one(path, place, desk=desk) for place, path in counted(files)))


@dataclass(frozen=True)
class _Desk:
    """What every file of one command shares."""

    reader: "IsolatedReader"
    preparation: "PreparationConfig | None"
    as_json: bool
    debug: bool


def _check_one(path: Path, place: Place, *, desk: _Desk) -> int:
    from flexura.workflow import Intake, check_photo

    conformance, as_json = None, desk.as_json
    try:
        content = read_content(path, desk.reader.limits.max_bytes)
        conformance = _conformance(content, desk.reader)
        checked = check_photo(content, intake=Intake(desk.reader.read), preparation=desk.preparation)
    except Exception as error:  # noqa: BLE001  # whatever one file does, the next one gets its answer
        refusal = refuse_error(error, debug=desk.debug)
        status = show_refusal(refusal, place, as_json=as_json, also=_document_of(conformance))
        if conformance and not as_json:
            click.echo(write_conformance(conformance))
        return status
    if as_json:
        print_document(_document(checked, place) | _document_of(conformance))
    else:
        verdict = "accepted" if checked.quality.accepted else "refused"
        end = "\n" if place.index < place.of else ""
        parts = [f"{place.words}: {verdict}", _describe(checked.photo), write_quality(checked.quality)]
        parts += [write_steps(checked.preprocessing), write_conformance(conformance) if conformance else ""]
        click.echo("\n".join(part for part in parts if part) + end)
    return DONE if checked.quality.accepted else InputRefused.exit_status


def _conformance(content: bytes, reader: "IsolatedReader") -> "ConformanceReport | None":
    """Hold a DICOM file against the standard, whether or not its picture can be used."""
    from flexura.intake.containers import recognise

    return reader.check_conformance(content) if recognise(content) == "DICOM" else None


def _document_of(report: "ConformanceReport | None") -> dict[str, object]:
    if report is None:
        return {}
    return {
        "conformance": {
            "object": report.iod,
            "clause": report.clause,
            "transfer_syntax": report.transfer_syntax,
            "conforms": report.conforms,
            "rows": [asdict(row) for row in report.rows],
        }
    }


def _describe(photo: Photo) -> str:
    source = photo.source
    taken = f", taken {source.captured_at}" if source.captured_at else ""
    camera = _describe_capture(source.capture)
    return (
        f"{source.format}, {source.width} x {source.height} px upright, EXIF orientation {source.orientation_applied}, "
        f"colours {source.colour_profile}{taken}" + (f"\n{camera}" if camera else "")
    )


def _describe_capture(capture: Capture) -> str:
    """Camera and exposure as photographers write them, and the body site; nothing of what the file does not say."""
    flash = {None: None, True: "flash", False: "no flash"}[capture.flash_fired]
    parts = (
        " ".join(name for name in (capture.camera_make, capture.camera_model) if name),
        _exposure_time(capture.exposure_time_s),
        capture.f_number and f"f/{capture.f_number:.3g}",
        capture.iso_speed and f"ISO {capture.iso_speed:.0f}",
        capture.focal_length_mm and f"{capture.focal_length_mm:.3g} mm",
        flash,
        _body_site(capture),
    )
    return ", ".join(part for part in parts if part)


def _body_site(capture: Capture) -> str | None:
    if capture.body_site is None:
        return None
    side = f"{capture.laterality} " if capture.laterality in ("left", "right") else ""
    return f"of the {side}{plain(capture.body_site)}"


def _exposure_time(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return f"1/{1 / seconds:.0f} s" if seconds < 0.3 else f"{seconds:.2g} s"


def _document(checked: "CheckedPhoto", place: Place) -> dict[str, object]:
    source = checked.photo.source
    kept = ("sha256", "format", "width", "height", "orientation_applied", "colour_profile", "captured_at")
    described = {name: getattr(source, name) for name in kept} | {"capture": asdict(source.capture)}
    return {
        "schema": "flexura.check/1",
        "photo": {"index": place.index, "of": place.of} | described,
        "quality": quality_document(checked.quality),
        "preprocessing": [{"step": each.step, "parameters": dict(each.parameters)} for each in checked.preprocessing],
    }
