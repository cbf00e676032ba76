"""A hospital's own photos: a CSV beside them, or a folder per diagnosis.

The CSV has a column `file`, relative to itself, and `code` or, with a table of labels, `label`. Optional: `patient`,
`source`, `fold` (0-4), `skin_type` (Fitzpatrick 1-6) and the columns of a reading: `site`, `area_percent`, `iga` and
the six signs.
"""

from collections.abc import Mapping
from pathlib import Path

from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import ManifestError
from flexura.records import SIGN_NAMES
from flexura.training.sets.layout import Found, Listing, PhotoSet, find_in_folders, read_rows, read_skin_type

READING_COLUMNS = ("site", "area_percent", "iga", *SIGN_NAMES)
_OPTIONAL = frozenset({"patient", "source", "fold", "skin_type", *READING_COLUMNS})


def find_in_csv(folder: Path) -> Listing:
    """List the rows of the one CSV at the top of a folder.

    Parameters
    ----------
    folder : Path
        Holds the CSV; the photos lie where it says.

    Returns
    -------
    Listing
        In the table's order.

    Raises
    ------
    ManifestError
        If there is no CSV or several, a column is missing or unknown, or a file leads out of the folder or is named
        twice.
    """
    tables = sorted(folder.glob("*.csv"))
    if len(tables) != 1:
        raise ManifestError(f"the folder holds {len(tables)} CSV files at its top; exactly one is expected")
    rows = read_rows(tables[0], ["file"])
    label = "code" if "code" in rows[0] else "label"
    if label not in rows[0]:
        raise ManifestError(f"{tables[0].name} lacks a column code (or label, with a table of labels)")
    unknown = sorted(set(rows[0]) - _OPTIONAL - {"file", "code", "label"})
    if unknown:
        raise ManifestError(
            f"unknown columns {', '.join(unknown)}; known: file, code, label, {', '.join(sorted(_OPTIONAL))}"
        )
    _check_files([row["file"].strip() for row in rows])
    found = [_found(row, label) for row in rows]
    there = tuple(photo for photo in found if (folder / photo.file).is_file())
    return Listing(there, missing=len(found) - len(there))


def _check_files(files: list[str]) -> None:
    seen: set[str] = set()
    for number, file in enumerate(files, 2):
        if not file or Path(file).is_absolute() or ".." in Path(file).parts:
            raise ManifestError(f"row {number}: the file must be a path below the folder of the CSV")
        if file in seen:
            raise ManifestError(f"row {number}: this file stands in an earlier row too")
        seen.add(file)


def _found(row: Mapping[str, str], label: str) -> Found:
    reading = {name: row[name].strip() for name in READING_COLUMNS if row.get(name, "").strip()}
    return Found(
        file=row["file"].strip(),
        label=row[label].strip(),
        group=row.get("patient", "").strip(),
        skin_type=read_skin_type(row.get("skin_type", "")),
        source=row.get("source", "").strip(),
        fold=row.get("fold", "").strip(),
        reading=reading,
    )


# A label that is a code means itself; anything else needs a table of labels.
_CODES: dict[str, str | None] = {row.code: row.code for row in TAXONOMY}

OWN_CSV = PhotoSet("csv", "own photos with a CSV", "yours", "docs/data.md", find_in_csv, _CODES)
OWN_FOLDER = PhotoSet("folder", "own photos, a folder per diagnosis", "yours", "docs/data.md", find_in_folders, _CODES)
