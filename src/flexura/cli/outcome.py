"""What becomes of one photo on the command line: its place, its refusal, and what is printed where.

Answers go to standard output, refusals too under --json ("flexura.refusal/1"), everything else to standard
error. A photo is named by its place in the command, never by its file's name, which may hold a patient's.
"""

import json
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from flexura.errors import FileUnreadable, FlexuraError, InputRefused, OutputUnwritable
from flexura.records import QualityReport, Reason, Recommendation
from flexura.report.text import write_flags, write_quality, write_reasons

REFUSAL_SCHEMA: Final = "flexura.refusal/1"
DONE: Final = 0

# Our own fault weighs most, then what keeps every photo from its answer, then what is wrong with one photo.
_WORST_FIRST: Final = (1, 4, 3, 2, 0)


@dataclass(frozen=True)
class Outputs:
    """Where answers go besides standard output."""

    as_json: bool
    report: Path | None
    overlay: Path | None
    fhir: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Those that are written, without their photos' numbers."""
        return tuple(path for path in (self.report, self.overlay, self.fhir) if path is not None)


@dataclass(frozen=True)
class Place:
    """A photo's place in the command, counted from 1."""

    index: int
    of: int

    @property
    def words(self) -> str:
        """The place for people, such as "Photo 2 of 3"."""
        return f"Photo {self.index} of {self.of}"

    def numbered(self, path: Path) -> Path:
        """The path for this photo's own output: among several photos, its number stands before the suffix."""
        return path if self.of == 1 else path.with_name(f"{path.stem}-{self.index}{path.suffix}")


@dataclass(frozen=True)
class Refusal:
    """Why one photo has no answer; `quality` where it was read and failed the gate; red flags of what was told."""

    reasons: tuple[Reason, ...]
    exit_status: int
    quality: QualityReport | None = None
    sha256: str | None = None
    red_flags: tuple[Recommendation, ...] = field(default=(), repr=False)


def read_content(path: Path, max_bytes: int) -> bytes:
    """Read a photo file, and of an oversized one no more than shows that it is too large.

    Parameters
    ----------
    path : Path
        As the user gave it.
    max_bytes : int
        The limit of `IntakeLimits`.

    Returns
    -------
    bytes
        At most `max_bytes` + 1 bytes.

    Raises
    ------
    FileUnreadable
        When the file does not exist, is a folder or may not be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        message = "The file cannot be opened: it does not exist, is a folder, or you may not read it."
        raise FileUnreadable(message) from error


def refuse_error(error: Exception, *, debug: bool) -> Refusal:
    """Turn the error that one photo ended with into its refusal, so that the other photos go on.

    Parameters
    ----------
    error : Exception
        A `FlexuraError`, or anything else: a fault of our own.
    debug : bool
        Whether a fault of our own shows its traceback on standard error.

    Returns
    -------
    Refusal
        With one reason.
    """
    if isinstance(error, FlexuraError):
        return Refusal((Reason(error.code, str(error)),), error.exit_status)
    return Refusal((Reason(FlexuraError.code, explain_fault(error, debug=debug)),), FlexuraError.exit_status)


def refuse_quality(quality: QualityReport, *, sha256: str) -> Refusal:
    """Turn failed quality checks into a refusal.

    Parameters
    ----------
    quality : QualityReport
        With at least one failed gating check.
    sha256 : str
        Of the photo's file.

    Returns
    -------
    Refusal
        With one reason per failed gating check.
    """
    reasons = tuple(Reason(check.reason, check.advice) for check in quality.checks if check.gating and not check.passed)
    return Refusal(reasons, InputRefused.exit_status, quality, sha256)


def explain_fault(error: Exception, *, debug: bool) -> str:
    """Say plainly that the program itself failed; the error's own words may hold patient data and stay out.

    Parameters
    ----------
    error : Exception
        The unexpected error.
    debug : bool
        Whether to show the traceback on standard error.

    Returns
    -------
    str
        One sentence, and what to do.
    """
    if debug:
        click.echo("".join(traceback.format_exception(error)), err=True)
    return (
        f"This is a fault of flexura itself ({type(error).__name__}), not of your photo or command. "
        "FLEXURA_DEBUG=1 shows where it happened; please report it."
    )


def refusal_document(refusal: Refusal, place: Place) -> dict[str, object]:
    """Turn a refusal into its JSON document.

    Parameters
    ----------
    refusal : Refusal
        Why there is no answer.
    place : Place
        Which photo.

    Returns
    -------
    dict[str, object]
        The document "flexura.refusal/1".
    """
    return {
        "schema": REFUSAL_SCHEMA,
        "photo": {"index": place.index, "of": place.of, "sha256": refusal.sha256},
        "reasons": [{"code": reason.code, "message": reason.message} for reason in refusal.reasons],
        "quality": None if refusal.quality is None else quality_document(refusal.quality),
        "red_flags": [vars(flag).copy() for flag in refusal.red_flags],
    }


def quality_document(quality: QualityReport) -> dict[str, object]:
    """Turn quality checks into the form they have in the assessment document.

    Parameters
    ----------
    quality : QualityReport
        All checks of one photo.

    Returns
    -------
    dict[str, object]
        Whether accepted, and every check.
    """
    kept = ("name", "value", "threshold", "bound", "unit", "passed", "gating", "reason")
    checks = [{name: getattr(check, name) for name in kept} for check in quality.checks]
    return {"accepted": quality.accepted, "checks": checks}


def show_refusal(
    refusal: Refusal, place: Place, *, as_json: bool, also: Mapping[str, object] = MappingProxyType({})
) -> int:
    """Print a refusal.

    Parameters
    ----------
    refusal : Refusal
        Why there is no answer.
    place : Place
        Which photo.
    as_json : bool
        Whether standard output takes documents.
    also : Mapping[str, object]
        What the document says besides.

    Returns
    -------
    int
        The photo's exit status.
    """
    codes = ", ".join(reason.code for reason in refusal.reasons)
    if as_json:
        print_document(refusal_document(refusal, place) | dict(also))
        click.echo(f"{place.words}: refused ({codes})", err=True)
        return refusal.exit_status
    if place.of > 1:
        click.echo(f"{place.words}: refused ({codes})\n")
    if refusal.red_flags:
        click.echo(write_flags(refusal.red_flags))
    click.echo(f"{place.words} was refused:\n{write_reasons(refusal.reasons)}", err=True)
    if refusal.quality is not None:
        click.echo(f"\n{write_quality(refusal.quality)}", err=True)
    return refusal.exit_status


def print_document(document: Mapping[str, object]) -> None:
    """Print one JSON document on one line of standard output.

    Parameters
    ----------
    document : Mapping[str, object]
        Free of NaN and infinity.
    """
    click.echo(json.dumps(document, allow_nan=False))


def worst(statuses: Iterable[int]) -> int:
    """Choose the exit status of a command from those of its photos.

    Parameters
    ----------
    statuses : Iterable[int]
        Each 0 to 4.

    Returns
    -------
    int
        The worst of them: 1, then 4, 3, 2, 0.

    Examples
    --------
    >>> worst([0, 3, 0])
    3
    """
    return min(statuses, key=_WORST_FIRST.index)


def write_output(path: Path, content: bytes) -> None:
    """Write a file that was asked for, and say so on standard error.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing.
    content : bytes
        The whole file.

    Raises
    ------
    OutputUnwritable
        When it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise OutputUnwritable("An output file cannot be written; check the folder, its rights and space.") from error
    click.echo(f"Wrote {path}", err=True)
