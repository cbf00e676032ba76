"""The file of results of `batch`: a line per photo, written as soon as it is known, so that a stop loses none.

JSON lines hold whole documents, CSV the main figures. A last line that a stop has torn is dropped on resuming.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

from flexura.cli.manifest import FILE_COLUMN
from flexura.cli.outcome import REFUSAL_SCHEMA
from flexura.errors import FileUnreadable, OutputUnwritable, UsageError

Json = Mapping[str, Any]

CSV_COLUMNS: Final = (
    FILE_COLUMN,
    "status",  # answered, abstained (answered, not to be relied on) or refused
    "code",
    "probability",
    "eczema_probability",
    "prediction_set",
    "iga",
    "lesion_fraction_of_skin",
    "lesion_fraction_low",
    "lesion_fraction_high",
    "red_flags",  # what cannot wait; the JSON lines say what to do
    "reasons",  # of abstaining or refusing
    "model",
)


def _json_line(file: str, document: Json) -> bytes:
    return (json.dumps({FILE_COLUMN: file, **document}, allow_nan=False) + "\n").encode("ascii")


def _csv_line(file: str, document: Json) -> bytes:
    row = _refused_row(document) if document["schema"] == REFUSAL_SCHEMA else _answered_row(document)
    return _write_cells([{FILE_COLUMN: file, **row}.get(column) for column in CSV_COLUMNS])


def _write_cells(cells: list[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", errors="surrogateescape")  # names of files are any bytes


def _refused_row(document: Json) -> dict[str, object]:
    return {
        "status": "refused",
        "red_flags": _topics(document["red_flags"]),
        "reasons": _codes(document["reasons"]),
    }


def _answered_row(document: Json) -> dict[str, object]:
    diagnosis, area, abstained = document["diagnosis"], document["area"], document["abstained"]
    first = diagnosis["ranking"][0]
    low, high = area["interval"] or (None, None)
    return {
        "status": "answered" if abstained is None else "abstained",
        "code": first["code"],
        "probability": first["probability"],
        "eczema_probability": diagnosis["is_eczema"]["probability"],
        "prediction_set": _set(diagnosis["prediction_set"]),
        "iga": document["severity"]["iga"]["expected"],
        "lesion_fraction_of_skin": area["lesion_fraction_of_skin"],
        "lesion_fraction_low": low,
        "lesion_fraction_high": high,
        "red_flags": _topics(line for line in document["recommendations"] if line["urgent"]),
        "reasons": "" if abstained is None else _codes(abstained["reasons"]),
        "model": f"{document['model']['name']} {document['model']['version']}",
    }


def _set(chosen: Json) -> str:
    """Empty where too few photos were held out to give one: every code is no set."""
    group = chosen["group"]
    return " ".join(chosen["codes"]) if group is None or group["cases"] >= group["cases_needed"] else ""


def _topics(flags: Iterable[Json]) -> str:
    return "; ".join(flag["topic"] for flag in flags)


def _codes(reasons: list[Json]) -> str:
    return " ".join(reason["code"] for reason in reasons)


def _files_of_json(content: bytes) -> set[str]:
    return {json.loads(line)[FILE_COLUMN] for line in content.splitlines()}


def _files_of_csv(content: bytes) -> set[str]:
    text = content.decode("utf-8", errors="surrogateescape")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if any(len(row) != len(CSV_COLUMNS) for row in rows):
        raise ValueError("other columns")
    return {row[0] for row in rows[1:]}


@dataclass(frozen=True)
class Format:
    """How results are written.

    `heading` stands above them, `opening` is how every such file begins, `line` writes one photo's document and
    `files` names the photos in what was written.
    """

    heading: bytes
    opening: bytes
    line: Callable[[str, Json], bytes]
    files: Callable[[bytes], set[str]]


_HEADING: Final = _write_cells([*CSV_COLUMNS])
FORMATS: Final = {
    ".jsonl": Format(b"", f'{{"{FILE_COLUMN}": "'.encode(), _json_line, _files_of_json),
    ".csv": Format(_HEADING, _HEADING, _csv_line, _files_of_csv),
}


def choose_format(path: Path) -> Format:
    """Choose the format by the name's suffix.

    Parameters
    ----------
    path : Path
        The file of results.

    Returns
    -------
    Format

    Raises
    ------
    UsageError
        When it is none of `FORMATS`.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError("--out writes JSON lines or CSV; give it a name that ends in .jsonl or .csv.")
    return FORMATS[path.suffix.lower()]


def _open(path: Path, *, resume: bool) -> BinaryIO:
    try:
        if not resume and path.exists():
            raise UsageError("The file of --out is there already; --resume goes on in it, or choose another name.")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab" if resume else "xb")
    except OSError as error:
        raise OutputUnwritable("--out cannot be written; check the folder, its rights and space.") from error


class Results:
    """The open file of results; a context manager.

    Parameters
    ----------
    path : Path
        Its suffix names the format; its folder is made where there is none.
    resume : bool
        Whether to go on in a file that is there.

    Attributes
    ----------
    done : frozenset[str]
        The files that have their results from before.

    Raises
    ------
    UsageError
        When the suffix is unknown, the file is there and not to be resumed, or holds something else.
    FileUnreadable, OutputUnwritable
        When it cannot be read or written.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self._format = choose_format(path)
        self.done: frozenset[str] = frozenset()
        kept = self._read_kept(path) if resume else b""
        self._file = _open(path, resume=resume)
        self._file.truncate(len(kept))
        if not kept:
            self._append(self._format.heading)

    def write(self, file: str, document: Json) -> None:
        """Append one photo's document, so that it is kept whatever happens next.

        Parameters
        ----------
        file : str
            The photo's name in the results.
        document : Json
            "flexura.assessment/1" or "flexura.refusal/1".

        Raises
        ------
        OutputUnwritable
            When there is no more space, for example.
        """
        self._append(self._format.line(file, document))

    def __enter__(self) -> "Results":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _append(self, line: bytes) -> None:
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            raise OutputUnwritable("--out cannot be written further; check its space, then --resume.") from error

    def _read_kept(self, path: Path) -> bytes:
        """Whole lines of an earlier run; sets `done`."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise FileUnreadable("The file of --out cannot be read; check its rights.") from error
        kept, opening = content[: content.rfind(b"\n") + 1], self._format.opening
        try:
            if content[: len(opening)] != opening[: len(content)]:
                raise ValueError("another beginning")
            self.done = frozenset(self._format.files(kept))
        except (ValueError, KeyError, TypeError, csv.Error) as error:
            raise UsageError("--resume: the file of --out holds no results of flexura batch.") from error
        return kept
