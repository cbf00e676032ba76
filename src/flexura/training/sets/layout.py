"""How a set of photos lies on disk: a table with a row per photo, or a folder per label.

Nothing is copied or decoded here; a set is listed as its owner publishes it. What its labels mean is a table of each
set.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flexura.errors import ManifestError

# The formats of `flexura.intake`; DICOM often has no suffix and then needs the table of a hospital's own CSV.
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".heic", ".mpo", ".dcm"})

# The code of a label that is left out on purpose.
LEFT_OUT = None


@dataclass(frozen=True)
class Found:
    """One photo of a set, in the set's own words; empty is unknown."""

    file: str  # relative to the set's folder
    label: str
    group: str = ""  # patient, case or lesion
    skin_type: str = ""  # Fitzpatrick 1-6
    source: str = ""  # camera or clinic, where the table tells
    fold: str = ""
    # The readers' weight of each label, 0-1, where several read the case.
    weights: Mapping[str, float] = field(default_factory=dict)
    # Columns of readings.csv.
    reading: Mapping[str, str] = field(default_factory=dict)
    # What was told of the patient, as `clinical.schema` has it.
    context: Mapping[str, object] = field(default_factory=dict, repr=False)
    # Affected skin as somebody drew it (`clinical.outlines`).
    outline: str = field(default="", repr=False)


@dataclass(frozen=True)
class Listing:
    """What a folder holds of a set, and how many rows of its table name a photo that is not there."""

    photos: tuple[Found, ...]
    missing: int = 0


@dataclass(frozen=True)
class PhotoSet:
    """A set: what it is, how to list it, and the code of each of its labels (None: left out on purpose)."""

    name: str
    title: str
    licence: str
    address: str
    find: Callable[[Path], Listing]
    labels: Mapping[str, str | None]
    # Whether a label that is not in the table is left out instead of refused: readers typed what they liked.
    open_labels: bool = False


def labelled(code: str | None, *labels: str) -> dict[str, str | None]:
    """Give labels one code, for the table of a set."""
    return dict.fromkeys(labels, code)


@dataclass(frozen=True)
class TableLayout:
    """A set with a table: which columns say what.

    Parameters
    ----------
    tables : tuple of str
        Names that the table has in its releases; the first one found counts.
    file : str
        Column of the photo's name, with or without suffix; the photo may lie anywhere below the folder.
    label : str
        Column of the label; empty: the folder that the photo lies in.
    group : str
        Column of patient or lesion; empty: the set tells none.
    skin_type : str
        Column of the Fitzpatrick type; empty: the set tells none.
    left_out : tuple of str
        Folders that hold no photos of their own, such as augmented copies.
    photo_key : callable
        From a photo's stem to the value of `file`; a row has several photos where it is not the stem itself.
    """

    tables: tuple[str, ...]
    file: str
    label: str = ""
    group: str = ""
    skin_type: str = ""
    left_out: tuple[str, ...] = ()
    photo_key: Callable[[str], str] = str

    def find(self, folder: Path) -> Listing:
        """List the photos of the table's rows.

        Parameters
        ----------
        folder : Path
            The set as published.

        Returns
        -------
        Listing
            In the table's order.

        Raises
        ------
        ManifestError
            If the table or a column is missing, or two photos have the name of one row.
        """
        table = find_table(folder, self.tables)
        rows = read_rows(table, [name for name in (self.file, self.label, self.group, self.skin_type) if name])
        photos = self._photos(folder)
        listed: list[Found] = []
        missing = 0
        for number, row in enumerate(rows, 2):
            files = photos.get(Path(row[self.file].strip()).stem, [])
            if len(files) > 1 and self.photo_key is str:
                raise ManifestError(f"row {number} of {table.name} names a photo that lies in the folder twice")
            missing += not files
            listed += [self._found(file, row) for file in files]
        return Listing(tuple(listed), missing)

    def _photos(self, folder: Path) -> dict[str, list[Path]]:
        photos: dict[str, list[Path]] = {}
        for path in list_photos(folder):
            if not set(path.parts) & set(self.left_out):
                photos.setdefault(self.photo_key(path.stem), []).append(path)
        return photos

    def _found(self, file: Path, row: Mapping[str, str]) -> Found:
        return Found(
            file=file.as_posix(),
            label=row[self.label].strip() if self.label else file.parent.name,
            group=row[self.group].strip() if self.group else "",
            skin_type=read_skin_type(row[self.skin_type]) if self.skin_type else "",
        )


def find_in_folders(folder: Path) -> Listing:
    """List the photos of a set that has one folder per label, at any depth.

    Parameters
    ----------
    folder : Path
        Of the set.

    Returns
    -------
    Listing
        Sorted by path; each photo's label is the name of the folder it lies in.

    Raises
    ------
    ManifestError
        If no subfolder holds a photo.
    """
    photos = tuple(Found(path.as_posix(), path.parent.name) for path in list_photos(folder) if len(path.parts) > 1)
    if not photos:
        raise ManifestError("no subfolder holds photos; a folder per diagnosis is expected")
    return Listing(photos)


def list_photos(folder: Path) -> Iterator[Path]:
    """Paths of the photos below a folder, relative to it, sorted; names that begin with a dot are left out."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in place.parts):
            yield place


def find_table(folder: Path, names: Sequence[str]) -> Path:
    """Find a table of a set by its names, in the folder or below.

    Parameters
    ----------
    folder : Path
        Of the set.
    names : sequence of str
        That the table may have; the first that is there counts.

    Returns
    -------
    Path

    Raises
    ------
    ManifestError
        If there is none.
    """
    for name in names:
        found = sorted(folder.rglob(name))
        if found:
            return found[0]
    raise ManifestError(f"the folder holds no {' or '.join(names)}; give the folder of the set as published")


def read_rows(table: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a table, separated by commas or tabs.

    Parameters
    ----------
    table : Path
        UTF-8.
    columns : sequence of str
        Which must be there.

    Returns
    -------
    list of dict
        A dict per row; a cell that is not there is empty.

    Raises
    ------
    ManifestError
        If the table cannot be read, is empty or lacks a column.
    """
    try:
        with table.open(newline="", encoding="utf-8-sig") as opened:
            head = opened.readline()
            opened.seek(0)
            reader = csv.DictReader(opened, delimiter="\t" if "\t" in head else ",", restval="")
            rows = [{key: value or "" for key, value in row.items() if key} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"{table.name} cannot be read as a table in UTF-8") from error
    lacking = [name for name in columns if not rows or name not in rows[0]]
    if lacking:
        raise ManifestError(f"{table.name} lacks the columns {', '.join(lacking)} or is empty")
    return rows


def read_skin_type(text: str) -> str:
    """Read a Fitzpatrick type as sets write it; anything but one type of six is unknown.

    Parameters
    ----------
    text : str
        Such as "3", "3.0" or "FST3".

    Returns
    -------
    str
        "1" to "6", or empty.

    References
    ----------
    Fitzpatrick 1988, doi:10.1001/archderm.1988.01670060015008.

    Examples
    --------
    >>> read_skin_type("FST3"), read_skin_type("2.0"), read_skin_type("-1"), read_skin_type("34")
    ('3', '2', '', '')
    """
    digits = text.strip().upper().removeprefix("FST").strip().removesuffix(".0")
    return digits if digits in set("123456") else ""
