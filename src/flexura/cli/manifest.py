"""What `batch` assesses: the files of a folder, or the rows of a manifest with what is known of each patient.

A photo is named by its path relative to the folder, or as the manifest writes it; messages name it by its row.
"""

import csv
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NoReturn

from flexura.cli.context import once_each
from flexura.clinical.context import read_context
from flexura.clinical.schema import FIELDS, Kind
from flexura.errors import ContextError, FileUnreadable, ManifestError
from flexura.records import PatientContext

FILE_COLUMN: Final = "file"
_LONGEST_NAME_SHOWN = 40


@dataclass(frozen=True)
class Listed:
    """One photo to assess: its name in the results, where it is, and what is known of its patient."""

    file: str
    path: Path
    context: PatientContext


def list_photos(source: Path, *, leave_out: Path) -> tuple[Listed, ...]:
    """List the photos of a folder or of a manifest.

    Parameters
    ----------
    source : Path
        A folder, which is searched with its subfolders for all files whose names (and whose folders' names) begin
        with no dot, sorted by path; or a CSV file.
    leave_out : Path
        The file of results, which may lie in the folder.

    Returns
    -------
    tuple[Listed, ...]
        At least one.

    Raises
    ------
    FileUnreadable
        When source is neither, or a folder below it may not be read.
    ManifestError
        When there is no photo, or the manifest is malformed or has an unknown column.
    ContextError
        When a context field of the manifest is impossible.
    """
    photos = _list_folder(source, leave_out) if source.is_dir() else read_photo_table(source)
    if not photos:
        raise ManifestError("There is no photo to assess in the folder or manifest.")
    return photos


def _list_folder(folder: Path, leave_out: Path) -> tuple[Listed, ...]:
    found: list[Path] = []
    for place, below, names in os.walk(folder, onerror=_refuse_folder):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    results = leave_out.resolve()
    files = sorted(path.relative_to(folder) for path in found if path.is_file() and path.resolve() != results)
    return tuple(Listed(path.as_posix(), folder / path, PatientContext()) for path in files)


def _refuse_folder(error: OSError) -> NoReturn:
    raise FileUnreadable("A folder cannot be read; check its rights.") from error


def read_photo_table(manifest: Path, shared: Mapping[str, Any] = MappingProxyType({})) -> tuple[Listed, ...]:
    """Read a manifest: a CSV with a column `file` and any fields of the patient context.

    Parameters
    ----------
    manifest : Path
        UTF-8 CSV; files are relative to its folder, and an empty cell is unknown. Words, sites, days and items of
        a list are separated by ";", with "none" for an empty list; `itch_history` and `treatments` are JSON.
    shared : Mapping[str, Any]
        Fields that every row has, for `read_context`.

    Returns
    -------
    tuple[Listed, ...]
        In the order of the rows.

    Raises
    ------
    FileUnreadable
        When the manifest cannot be opened.
    ManifestError
        When it is no such table: a column is missing, unknown or there twice, a row is too long or too short,
        names no file, or a file that an earlier row names.
    ContextError
        When a context field is impossible.
    """
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as lines:
            header, *rows = csv.reader(lines, strict=True)
    except OSError as error:
        message = "The folder or manifest cannot be opened: it does not exist, or you may not read it."
        raise FileUnreadable(message) from error
    except (ValueError, csv.Error) as error:  # an empty file, text that is not UTF-8, a quote without end
        raise ManifestError("The manifest is no CSV in UTF-8 with a header; expected a column file.") from error
    _require_columns(header)
    listed: dict[str, Listed] = {}
    for number, cells in enumerate(rows, start=1):
        if not cells:  # an empty line
            continue
        photo = _read_row(manifest.parent, header, cells, number, shared)
        if photo.file in listed:
            raise ManifestError(f"Row {number} of the manifest names a file that an earlier row names; keep one.")
        listed[photo.file] = photo
    return tuple(listed.values())


def _require_columns(header: Sequence[str]) -> None:
    if FILE_COLUMN not in header:
        raise ManifestError("The manifest has no column file, which names each photo relative to the manifest.")
    for name in header:
        if header.count(name) > 1:
            raise ManifestError(f"The column {name!r:.{_LONGEST_NAME_SHOWN}} is there twice; keep one.")
        if name != FILE_COLUMN and name not in FIELDS:
            shown = f"{name!r:.{_LONGEST_NAME_SHOWN}}"
            known = ", ".join(sorted(FIELDS))
            raise ManifestError(f"Unknown column {shown} in the manifest; expected file and any of {known}.")


def _read_row(
    folder: Path, header: Sequence[str], cells: Sequence[str], number: int, shared: Mapping[str, Any]
) -> Listed:
    if len(cells) != len(header):
        raise ManifestError(f"Row {number} of the manifest has {len(cells)} cells, expected {len(header)}.")
    row = dict(zip(header, cells, strict=True))
    file = row.pop(FILE_COLUMN)
    if not file:
        raise ManifestError(f"Row {number} of the manifest names no file.")
    try:
        told = {name: _read_cell(name, cell.strip()) for name, cell in row.items() if cell.strip()}
        return Listed(file, folder / file, read_context(joined(shared, told)))
    except ContextError as error:
        raise ContextError(f"row {number} of the manifest: {error}") from error


def joined(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Join the fields of all photos with those of one; none may be told twice.

    Parameters
    ----------
    shared : Mapping[str, Any]
        Of all photos.
    own : Mapping[str, Any]
        Of one.

    Returns
    -------
    dict[str, Any]
        For `read_context`.

    Raises
    ------
    ContextError
        When a field is on both sides.
    """
    twice = sorted(set(shared) & set(own))
    if twice:
        raise ContextError(f"{', '.join(twice):.80} is told for all photos and again for one; tell it once")
    return {**shared, **own}


def _read_cell(name: str, cell: str) -> object:
    field = FIELDS[name]
    if cell == "unknown":
        return None
    try:
        return _CELLS[field.kind](cell)
    except (ValueError, RecursionError) as error:
        raise ContextError(f"{name} must be {field.expected}") from error


def _split(cell: str) -> list[str]:
    """The parts of a list; an empty cell is unknown, so that the empty list has a word."""
    return [] if cell == "none" else [part.strip() for part in cell.split(";")]


def _split_numbers(cell: str) -> list[int]:
    return [int(part) for part in _split(cell)]


def _parse_json(cell: str) -> object:
    return json.loads(cell, object_pairs_hook=once_each)


# How a cell's text becomes the value that `read_context` takes.
_CELLS: Final[Mapping[Kind, Callable[[str], object]]] = {
    "number": float,
    "whole number": float,
    "word": str,
    "words": _split,
    "site": str,
    "sites": _split,
    "day": str,
    "time": str,
    "zone": str,
    "days": _split,
    "itch scores": _parse_json,
    "items": _split_numbers,
    "treatments": _parse_json,
}
