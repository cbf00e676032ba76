"""Import of a set of photos into a data folder: photos.csv, and readings.csv, labels.csv, outlines/ where it has them.

Photos stay where they are: `photos/NAME` of the data folder links to the set's folder. Messages name rows, never files.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from flexura.clinical.outlines import parse_outline
from flexura.errors import InputRefused, ManifestError, OutputUnwritable
from flexura.records import SIGN_NAMES
from flexura.training.datasets import (
    CODES,
    OUTLINE_LESION,
    OUTLINE_UNAFFECTED,
    check_rows,
    outline_file,
    read_table,
    read_training_photo,
)
from flexura.training.folds import FOLDS, deal_folds
from flexura.training.near_duplicates import UInt64Array, close_pairs, hash_photo, join_pairs
from flexura.training.sets.layout import LEFT_OUT, Found, PhotoSet, read_rows

PHOTO_COLUMNS = ("file", "code", "label_as_given", "source", "group", "fold", "skin_type", "licence")
_READING_COLUMNS = ("file", "reading", "usable", "site", "area_percent", "iga", *SIGN_NAMES)
CONTEXTS_FILE = "contexts.jsonl"
_LABEL_COLUMNS = ("file", "code", "weight")
# Photos of a set without patients that are this close are one group; see `leakage` for the measurement.
SAME_GROUP_BITS = 14
_HASHED_SIDE_PX = 128


@dataclass(frozen=True)
class ImportChoices:
    """What the person who imports may decide."""

    # Label -> code, None to leave it out; added to the set's own table and above it.
    labels: Mapping[str, str | None] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()  # codes
    # A code needs so many groups (patients, lesions, near-duplicates), or its folds cannot all hold one.
    min_groups: int = FOLDS
    skip_missing: bool = False


@dataclass(frozen=True)
class Imported:
    """What came in."""

    photos: Mapping[str, int]  # per code
    groups: int
    left_out: Mapping[str, int]  # per label: photos whose label has no code
    missing: int  # rows without a photo


def import_set(
    photo_set: PhotoSet,
    folder: Path,
    out: Path,
    *,
    choices: ImportChoices | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Write the tables of a data folder from a set as published.

    Parameters
    ----------
    photo_set : PhotoSet
        Of `flexura.training.sets`.
    folder : Path
        The set.
    out : Path
        Data folder; sets that were imported into it before stay as they are.
    choices : ImportChoices, optional
        The defaults if left out.
    say : callable
        Takes one line of progress.

    Returns
    -------
    Imported

    Raises
    ------
    ManifestError
        If the set is not as published, a label is unknown, a photo is missing or cannot be read, a code has too few
        groups, a patient lies in two folds, or the data folder has this set already.
    OutputUnwritable
        If the data folder cannot be written.
    """
    choices = choices or ImportChoices()
    listing = photo_set.find(folder)
    if listing.missing and not choices.skip_missing:
        raise ManifestError(
            f"{listing.missing} photos of the table are not in the folder; fetch them, or leave them out with "
            "--skip-missing"
        )
    meaning = {**photo_set.labels, **choices.labels}
    kept, left_out = _code(listing.photos, meaning, photo_set=photo_set, leave_out=choices.leave_out)
    groups = _group(kept, folder, name=photo_set.name, say=say)
    _require_groups(kept, groups, meaning, least=choices.min_groups)
    rows = _photo_rows(kept, groups, meaning, photo_set=photo_set)
    before = read_table(out / "photos.csv", ("file",)) if (out / "photos.csv").is_file() else []
    if any(row["file"].startswith(f"{photo_set.name}/") for row in before):
        raise ManifestError(f"the data folder has {photo_set.name} already; give a new folder")
    check_rows([*before, *rows])
    _write_all(out, folder, rows=rows, kept=kept, meaning=meaning, photo_set=photo_set)
    return Imported(Counter(row["code"] for row in rows), len(set(groups)), left_out, listing.missing)


def read_label_codes(table: Path) -> dict[str, str | None]:
    """Read a table of labels: columns `label` and `code`; an empty code leaves the label out.

    Parameters
    ----------
    table : Path
        A CSV in UTF-8.

    Returns
    -------
    dict of str to str or None

    Raises
    ------
    ManifestError
        If it cannot be read, lacks a column or holds an unknown code.
    """
    codes = {row["label"].strip(): row["code"].strip() or None for row in read_rows(table, ["label", "code"])}
    _require_known(code for code in codes.values() if code)
    return codes


def _require_known(codes: Iterable[str]) -> None:
    unknown = sorted(set(codes) - set(CODES))
    if unknown:
        raise ManifestError(f"codes not in the taxonomy: {', '.join(unknown)}")


def _code(
    photos: Sequence[Found], meaning: Mapping[str, str | None], *, photo_set: PhotoSet, leave_out: Sequence[str]
) -> tuple[list[Found], Counter[str]]:
    """Photos whose label has a code, and how many of each label have none."""
    _require_known(leave_out)
    unknown = sorted({photo.label for photo in photos} - set(meaning))
    if unknown and not photo_set.open_labels:
        shown = ", ".join(repr(label) for label in unknown[:10])
        raise ManifestError(f"{len(unknown)} labels have no code: {shown}; give a table of labels with --labels")
    kept = [photo for photo in photos if meaning.get(photo.label, LEFT_OUT) and meaning[photo.label] not in leave_out]
    if not kept:
        raise ManifestError("no photo has a label with a code")
    names = {id(photo) for photo in kept}
    return kept, Counter(photo.label for photo in photos if id(photo) not in names)


def _group(photos: Sequence[Found], folder: Path, *, name: str, say: Callable[[str], None]) -> list[str]:
    """Name of each photo's group: the set's own, or that of its near-duplicates where the set tells none."""
    alone = [number for number, photo in enumerate(photos) if not photo.group]
    if alone:
        say(f"comparing {len(alone)} photos whose patient is not told")
    hashes = [_hash(folder / photos[number].file, row=number + 1) for number in alone]
    pairs = close_pairs(np.stack(hashes), bits=SAME_GROUP_BITS) if alone else []
    first = join_pairs(len(alone), [(one, other) for one, other, _ in pairs])
    groups = [f"{name}:{photo.group}" for photo in photos]
    for place, number in enumerate(alone):
        groups[number] = f"{name}:{photos[alone[first[place]]].file}"
    return groups


def _hash(path: Path, *, row: int) -> UInt64Array:
    try:
        return hash_photo(read_training_photo(path, longest_side=_HASHED_SIDE_PX))
    except (OSError, InputRefused) as error:
        raise ManifestError(f"photo {row} of those with a code cannot be read: {error}") from error


def _require_groups(
    photos: Sequence[Found], groups: Sequence[str], meaning: Mapping[str, str | None], *, least: int
) -> None:
    of_code: dict[str, set[str]] = {}
    for photo, group in zip(photos, groups, strict=True):
        of_code.setdefault(str(meaning[photo.label]), set()).add(group)
    few = {code: len(found) for code, found in sorted(of_code.items()) if len(found) < least}
    if few:
        told = ", ".join(f"{code} ({number})" for code, number in few.items())
        raise ManifestError(
            f"too few patients or independent photos, {least} are needed: {told}; add photos, leave codes out with "
            "--leave-out CODE, or lower --min-groups"
        )


def _photo_rows(
    photos: Sequence[Found], groups: Sequence[str], meaning: Mapping[str, str | None], *, photo_set: PhotoSet
) -> list[dict[str, str]]:
    told = [photo.fold for photo in photos]
    if any(told) and not all(fold in map(str, range(FOLDS)) for fold in told):
        raise ManifestError(f"fold must be 0 to {FOLDS - 1} in every row, or in none")
    strata = [(group, f"{meaning[photo.label]} {photo.source}") for photo, group in zip(photos, groups, strict=True)]
    dealt = {} if all(told) else deal_folds(strata)
    return [
        {
            "file": f"{photo_set.name}/{photo.file}",
            "code": str(meaning[photo.label]),
            "label_as_given": photo.label,
            "source": photo.source or photo_set.name,
            "group": group,
            "fold": photo.fold or str(dealt[group]),
            "skin_type": photo.skin_type,
            "licence": photo_set.licence,
        }
        for photo, group in zip(photos, groups, strict=True)
    ]


def _soft_rows(photos: Sequence[Found], meaning: Mapping[str, str | None], name: str) -> list[dict[str, str]]:
    """One row per photo and code with the readers' weight of all labels of that code."""
    rows = []
    for photo in photos:
        weights: dict[str, float] = {}
        for label, weight in photo.weights.items():
            code = meaning.get(label)
            if code:
                weights[code] = weights.get(code, 0.0) + weight
        rows += [
            {"file": f"{name}/{photo.file}", "code": code, "weight": f"{weight:.4f}"}
            for code, weight in weights.items()
        ]
    return rows


def _reading_rows(photos: Sequence[Found], name: str) -> list[dict[str, str]]:
    return [
        {"file": f"{name}/{photo.file}", "reading": "1", "usable": "1", **photo.reading}
        for photo in photos
        if photo.reading
    ]


def _write_all(
    out: Path,
    folder: Path,
    *,
    rows: Sequence[Mapping[str, str]],
    kept: Sequence[Found],
    meaning: Mapping[str, str | None],
    photo_set: PhotoSet,
) -> None:
    link = out / "photos" / photo_set.name
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(folder.resolve(), target_is_directory=True)
        _append(out / "photos.csv", PHOTO_COLUMNS, rows)
        _append(out / "labels.csv", _LABEL_COLUMNS, _soft_rows(kept, meaning, photo_set.name))
        _append(out / "readings.csv", _READING_COLUMNS, _reading_rows(kept, photo_set.name))
        _append_contexts(out / CONTEXTS_FILE, kept, photo_set.name)
        _write_outlines(out, kept, photo_set.name)
    except OSError as error:
        raise OutputUnwritable("the data folder cannot be written; check its rights and free space") from error


def _append_contexts(path: Path, photos: Sequence[Found], name: str) -> None:
    told = [{"file": f"{name}/{photo.file}", "context": dict(photo.context)} for photo in photos if photo.context]
    if told:
        with path.open("a", encoding="utf-8") as opened:
            opened.writelines(json.dumps(each) + "\n" for each in told)


def _write_outlines(out: Path, photos: Sequence[Found], name: str) -> None:
    """Affected skin as somebody drew it; what of the rest is skin nobody said."""
    for photo in photos:
        if photo.outline:
            path = outline_file(out, f"{name}/{photo.file}")
            path.parent.mkdir(exist_ok=True)
            drawn = np.where(parse_outline(photo.outline), OUTLINE_LESION, OUTLINE_UNAFFECTED)
            path.write_bytes(cv2.imencode(".png", drawn.astype(np.uint8))[1].tobytes())


def _append(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Add rows to a table, under the columns that it has; a table without rows is not begun."""
    if not rows:
        return
    known = list(columns)
    if path.is_file():
        with path.open(newline="", encoding="utf-8") as opened:
            known = next(csv.reader(opened))
    with path.open("a", newline="", encoding="utf-8") as opened:
        table = csv.DictWriter(opened, known, restval="", extrasaction="ignore", lineterminator="\n")
        if opened.tell() == 0:
            table.writeheader()
        table.writerows(rows)
