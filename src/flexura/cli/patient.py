"""`assess --patient`: all photos of one patient, of one day or more, into one answer on the whole body.

A folder says by its names what a table says in its columns: subfolders are days (2026-03-02), photos are named by
their site (left_forearm.jpg, left_forearm-2.jpg), and context.json or .toml tells the rest, of all or of one day.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from flexura.cli.context import parse_context
from flexura.cli.manifest import Listed, joined, read_photo_table
from flexura.cli.outcome import (
    DONE,
    Outputs,
    print_document,
    read_content,
    refuse_error,
    refuse_quality,
    worst,
    write_output,
)
from flexura.clinical.context import read_context
from flexura.clinical.sites import SITES, strip_laterality
from flexura.errors import ContextError, FileUnreadable, ManifestError
from flexura.records import PatientContext, Reason
from flexura.settings import Settings

if TYPE_CHECKING:
    from flexura.decision.whole.document import PhotoNote
    from flexura.workflow import AssessedPatient, Outcome

_CONTEXT_FILES: Final = frozenset({"context.json", "context.toml"})
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REPEAT: Final = re.compile(r"-[0-9]+$")
_NO_PLACE: Final = Reason(
    "site_unknown", "Its site was not told or names no part of the body, so it has no place in the scores."
)
_NO_AREA: Final = Reason("area_unknown", "Too little skin is seen to measure the affected share of it.")


def assess_one_patient(source: Path, shared: Mapping[str, Any], *, outputs: Outputs, settings: Settings) -> int:
    """Assess a patient and print the answer.

    Parameters
    ----------
    source : Path
        A folder or a table.
    shared : Mapping[str, Any]
        Context fields of all photos, unchecked.
    outputs : Outputs
        JSON or text, and the report.
    settings : Settings
        Of the command.

    Returns
    -------
    int
        Exit status: the worst of the photos.

    Raises
    ------
    FileUnreadable, ManifestError, ContextError
        When the folder or table does not tell what it must.
    """
    photos = list_visits(source, shared)
    if outputs.report is not None and outputs.report.resolve() in {photo.path.resolve() for photo in photos}:
        raise ManifestError("--report would write over one of the photos; choose another name.")
    from flexura.settings import build_predictor, intake_limits, open_reader, plan_assessment
    from flexura.workflow import assess_patient

    settings = replace(settings, threads=1)
    predictor, max_bytes = build_predictor(settings), intake_limits(settings).max_bytes
    found = assess_patient(
        [(partial(read_content, photo.path, max_bytes), photo.context) for photo in photos],
        predictor=predictor,
        open_reader=partial(open_reader, settings),
        preparation=plan_assessment(settings),
    )
    from flexura.decision.whole.document import PatientReading, to_patient_document
    from flexura.report.patient import render_patient, write_patient

    notes, statuses = _notes(found, photos, debug=settings.debug)
    patient = PatientReading(notes, found.visits, found.changes, predictor.bundle.info, found.sides)
    if outputs.as_json:
        print_document(to_patient_document(patient))
    else:
        click.echo(write_patient(patient))
    if outputs.report is not None:
        page = render_patient(patient, written_at=datetime.now().astimezone())
        write_output(outputs.report, page.encode("utf-8"))
    return worst([DONE, *statuses])


def list_visits(source: Path, shared: Mapping[str, Any]) -> tuple[Listed, ...]:
    """List the photos of one patient.

    Parameters
    ----------
    source : Path
        A folder as above, or a CSV with columns file, site, captured_at and any other field of the context.
    shared : Mapping[str, Any]
        Context fields of all photos, unchecked.

    Returns
    -------
    tuple[Listed, ...]
        At least one; all of one visit tell the same but for the site.

    Raises
    ------
    FileUnreadable
        When the source or a context file cannot be opened.
    ManifestError
        When there is no photo, a name holds no day or site, or photos of one visit tell different things.
    ContextError
        When a context field is impossible or told twice.
    """
    photos = _list_folder(source, shared) if source.is_dir() else list(read_photo_table(source, shared))
    if not photos:
        raise ManifestError("There is no photo to assess in the folder or table.")
    visits: dict[object, PatientContext] = {}
    for photo in photos:
        told = replace(photo.context, site=None)
        if visits.setdefault(told.captured_on, told) != told:
            raise ManifestError("Photos of one visit tell different things of the patient; only their site may differ.")
    if len(visits) > 1 and None in visits:
        raise ManifestError("Some photos have a day of capture and others none; give every photo its day.")
    return tuple(photos)


def _list_folder(folder: Path, shared: Mapping[str, Any]) -> list[Listed]:
    try:
        entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise FileUnreadable("A folder cannot be read; check its rights.") from error
    fields = joined(shared, _context_in(entries))
    photos = []
    for path in entries:
        if path.is_dir():
            if not _DAY.fullmatch(path.name):
                raise ManifestError("A subfolder is not named by its day; name it such as 2026-03-02.")
            photos += _list_folder(path, joined(fields, {"captured_at": path.name}))
        elif path.name not in _CONTEXT_FILES:
            site = _site_of(path)
            photos.append(Listed(path.name, path, read_context(joined(fields, {"site": site}))))
    return photos


def _context_in(entries: Sequence[Path]) -> Mapping[str, Any]:
    found = [path for path in entries if path.name in _CONTEXT_FILES]
    if len(found) > 1:
        raise ContextError("A folder holds context.json and context.toml; keep one.")
    return parse_context(found[0]) if found else {}


def _site_of(path: Path) -> str:
    site = _REPEAT.sub("", path.stem.lower())
    if strip_laterality(site) not in SITES:
        raise ManifestError("A photo is not named by its site; name it such as left_forearm.jpg or left_forearm-2.jpg.")
    return site


def _notes(
    found: "AssessedPatient", photos: Sequence[Listed], *, debug: bool
) -> tuple[tuple["PhotoNote", ...], list[int]]:
    from flexura.decision.red_flags.raised import told_flags
    from flexura.decision.whole.document import PhotoNote
    from flexura.workflow import AssessedPhoto

    notes, statuses = [], []
    for outcome, number, used, photo in zip(found.outcomes, found.visit_numbers, found.used, photos, strict=True):
        answer = outcome.assessment if isinstance(outcome, AssessedPhoto) else None
        reasons, status = _reasons(outcome, used=used, debug=debug)
        notes.append(PhotoNote(number, photo.context.site, answer, used, reasons, told_flags(photo.context)))
        statuses.append(status)
    return tuple(notes), statuses


def _reasons(outcome: "Outcome", *, used: bool, debug: bool) -> tuple[tuple[Reason, ...], int]:
    from flexura.workflow import AssessedPhoto, CheckedPhoto

    if isinstance(outcome, AssessedPhoto):
        unmeasured = outcome.assessment.area.lesion_fraction_of_skin is None
        return (() if used else (_NO_AREA if unmeasured else _NO_PLACE,)), DONE
    if isinstance(outcome, CheckedPhoto):
        refusal = refuse_quality(outcome.quality, sha256=outcome.photo.source.sha256)
    else:
        refusal = refuse_error(outcome, debug=debug)
    return refusal.reasons, refusal.exit_status
