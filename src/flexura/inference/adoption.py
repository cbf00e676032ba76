"""Which bundle answers at a clinic: adopted bundles, which are never changed, and a log, which is only added to.

The last line of `adopted.jsonl` names the bundle in force by the SHA-256 of its description, which holds its graphs'
hashes. Going back adds a line too. Without a line the shipped bundle is in force.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from flexura.errors import BundleMismatch, OutputUnwritable, StoreConflict
from flexura.inference.bundle import DESCRIPTION_FILE, SHIPPED, load_bundle, sha256_of

LOG_FILE: Final = "adopted.jsonl"
COMPARISON: Final = "flexura.comparison/1"


@dataclass(frozen=True)
class Adoption:
    """One line of the log: what came into force when and by whom, in place of what, on which comparison (SHA-256)."""

    at: str
    by: str
    action: Literal["adopt", "rollback"]
    bundle: str
    version: str
    replaces: str
    comparison: str | None


def identify(bundle: Path | None) -> str:
    """Give the name of a bundle: the SHA-256 of its description.

    Parameters
    ----------
    bundle : Path | None
        Its folder; the shipped one if `None`.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    BundleMissing
        When it, or a file of it, is not there.
    BundleMismatch
        When a file of it is not what it promises.
    """
    load_bundle(bundle)
    return sha256_of((bundle or SHIPPED) / DESCRIPTION_FILE)


def read_log(folder: Path) -> tuple[Adoption, ...]:
    """Read what was adopted, oldest first.

    Parameters
    ----------
    folder : Path
        Of adopted bundles; need not be there.

    Returns
    -------
    tuple[Adoption, ...]

    Raises
    ------
    BundleMismatch
        When the log cannot be read.
    """
    path = folder / LOG_FILE
    if not path.is_file():
        return ()
    try:
        return tuple(Adoption(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError, TypeError) as error:
        raise BundleMismatch(f"{LOG_FILE} cannot be read; bring it back from a backup") from error


def find_in_force(folder: Path) -> Path | None:
    """Find the bundle in force.

    Parameters
    ----------
    folder : Path
        Of adopted bundles.

    Returns
    -------
    Path | None
        Its folder; `None` for the shipped one.

    Raises
    ------
    BundleMismatch
        When what lies there is not what was adopted.
    """
    log = read_log(folder)
    return _place(folder, log[-1].bundle) if log else None


def check_comparison(report: Mapping[str, Any], current: str, candidate: str) -> None:
    """Check that a comparison lets one bundle replace another.

    Parameters
    ----------
    report : Mapping[str, Any]
        As `flexura model compare --out` wrote it.
    current : str
        The name of the bundle in force.
    candidate : str
        The name of the one that shall replace it.

    Raises
    ------
    StoreConflict
        When it is no comparison, of other bundles, or gave reasons against it.
    """
    if report.get("schema") != COMPARISON:
        raise StoreConflict("This is no comparison; give the file of flexura model compare --out.")
    if (report.get("current"), report.get("candidate")) != (current, candidate):
        raise StoreConflict("The comparison is of other bundles; compare this one with the one in force.")
    if report.get("reasons") != []:
        raise StoreConflict("The comparison gave reasons against this bundle; it stays refused.")


def keep(folder: Path, bundle: Path | None) -> str:
    """Copy a bundle into the folder of adopted ones; it is not in force by that.

    Parameters
    ----------
    folder : Path
        Of adopted bundles.
    bundle : Path | None
        Its folder; the shipped one if `None`.

    Returns
    -------
    str
        Its name.

    Raises
    ------
    OutputUnwritable
        When it cannot be copied.
    """
    name = identify(bundle)
    place, part = folder / name, folder / f".{name}.part"
    try:
        if not place.is_dir():
            shutil.rmtree(part, ignore_errors=True)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copytree(bundle or SHIPPED, part)
            part.rename(place)
    except OSError as error:
        raise OutputUnwritable("The bundle cannot be copied; check the data folder, its rights and space.") from error
    _place(folder, name)
    return name


def plan_adoption(folder: Path, name: str, *, by: str, now: datetime, comparison: str) -> Adoption:
    """Say what adopting a kept bundle will write, and keep the one in force to go back to.

    Parameters
    ----------
    folder : Path
        Of adopted bundles.
    name : str
        Of a kept bundle.
    by : str
        The user's id.
    now : datetime
        With its zone.
    comparison : str
        SHA-256 of the comparison's file.

    Returns
    -------
    Adoption

    Raises
    ------
    StoreConflict
        When it is in force already.
    """
    current = keep(folder, find_in_force(folder))
    if name == current:
        raise StoreConflict("This bundle is in force already.")
    version = load_bundle(_place(folder, name)).info.version
    return Adoption(now.isoformat(), by, "adopt", name, version, current, comparison)


def plan_rollback(folder: Path, *, by: str, now: datetime) -> Adoption:
    """Say what going back will write: the bundle that the one in force replaced.

    Parameters
    ----------
    folder : Path
        Of adopted bundles.
    by : str
        The user's id.
    now : datetime
        With its zone.

    Returns
    -------
    Adoption
        Going back twice goes back two adoptions.

    Raises
    ------
    StoreConflict
        When nothing was adopted that could be undone.
    """
    undone: list[Adoption] = []
    for line in read_log(folder):
        if line.action == "adopt":
            undone.append(line)
        else:
            undone.pop()
    if not undone:
        raise StoreConflict("No adopted bundle is in force; there is nothing to go back to.")
    back = undone[-1].replaces
    version = load_bundle(_place(folder, back)).info.version
    return Adoption(now.isoformat(), by, "rollback", back, version, undone[-1].bundle, None)


def put_in_force(folder: Path, adoption: Adoption) -> None:
    """Add a line to the log, so that it survives a power cut; services that start from now on answer with it.

    Parameters
    ----------
    folder : Path
        Of adopted bundles.
    adoption : Adoption
        As it was planned.

    Raises
    ------
    OutputUnwritable
        When it cannot be written.
    """
    lines = [json.dumps(asdict(each)) + "\n" for each in (*read_log(folder), adoption)]
    try:
        with (folder / f".{LOG_FILE}").open("w", encoding="utf-8") as log:
            log.writelines(lines)
            log.flush()
            os.fsync(log.fileno())
        (folder / f".{LOG_FILE}").replace(folder / LOG_FILE)
    except OSError as error:
        raise OutputUnwritable("The log of adopted bundles cannot be written; nothing has changed.") from error


def _place(folder: Path, name: str) -> Path:
    """Folder of an adopted bundle, whose description is what was adopted."""
    description = folder / name / DESCRIPTION_FILE
    if not description.is_file() or sha256_of(description) != name:
        raise BundleMismatch("an adopted bundle is gone or changed; bring it back from a copy, or go back")
    return description.parent
