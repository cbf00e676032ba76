"""Photos with what is known of each: code, fold, readings, outline, teacher; and batches of them.

A missing reading, outline or context is a normal case: its label is NaN and its loss is masked.
Where several readers weighted their diagnoses, `labels.csv` holds their weights (file, code, weight).
Maps are float32 at stride 8, lesion then skin, NaN where unknown.
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np

from flexura.clinical.context import CONTEXT_NAMES
from flexura.clinical.sites import SITES, ZONES
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import InputRefused, ManifestError
from flexura.intake.read import IntakeLimits, read_photo
from flexura.records import SIGN_NAMES, FloatArray, UInt8Array

CODES = tuple(row.code for row in TAXONOMY)
# Code and source of rendered photos: they have no diagnosis.
RENDERED = "rendered"
_COLUMNS = ("file", "code", "source", "group", "fold")
# Beside 0 for background. Unaffected: no lesion, and whether it is skin nobody said.
OUTLINE_UNAFFECTED, OUTLINE_SKIN, OUTLINE_LESION = 64, 128, 255
# Training photos may be smaller than what the clinic's intake accepts.
_TRAINING_LIMITS = IntakeLimits(min_side_px=64)


@dataclass(frozen=True)
class Reading:
    """Mean of the readings of one photo; NaN where no reading says it."""

    signs: FloatArray  # (6,) grades 0-3
    iga: float  # 0-4
    area_fraction: float  # of the visible skin
    site: str | None


@dataclass(frozen=True)
class LabelledPhoto:
    """One photo of a manifest with everything known of it."""

    file: str
    code: str
    source: str
    group: str
    fold: int
    pixels: UInt8Array = field(repr=False)
    reading: Reading | None = None
    outline: UInt8Array | None = field(default=None, repr=False)
    teacher: FloatArray | None = field(default=None, repr=False)
    saliency: UInt8Array | None = field(default=None, repr=False)
    skin_type: int | None = None
    # The readers' weight of each code (T,), above 0 in all and 1 at most; None where one reader said one code.
    code_weights: FloatArray | None = field(default=None, repr=False)

    @property
    def label(self) -> int:
        """Index of the code in the taxonomy."""
        return CODES.index(self.code)

    @property
    def target(self) -> FloatArray:
        """Distribution over the codes (T,): the readers' weights, or all on the one code."""
        if self.code_weights is not None:
            return np.asarray(self.code_weights / self.code_weights.sum(), np.float32)
        return np.asarray(np.eye(len(CODES), dtype=np.float32)[self.label], np.float32)


def manifest_sha256(folder: Path) -> str:
    """Hash of the tables that decide what is trained on and tested on."""
    digest = hashlib.sha256()
    for name in ("photos.csv", "readings.csv", "labels.csv"):
        if (folder / name).is_file():
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def kept_for_calibration(photo: LabelledPhoto, *, folds: Sequence[int], one_in: int) -> bool:
    """Whether a photo of the training folds is kept out of training, by a hash of its group."""
    if one_in == 0 or photo.fold not in folds:
        return False
    return int(hashlib.sha256(photo.group.encode()).hexdigest(), 16) % one_in == 0


def read_manifest(folder: Path, *, teacher: Path | None = None) -> list[LabelledPhoto]:
    """Read `photos.csv`, `readings.csv`, `labels.csv`, `outlines/` and the photos themselves.

    Parameters
    ----------
    folder : Path
        Holds `photos.csv` (file, code, source, group, fold), `photos/`, and, where there are
        any, `readings.csv`, `labels.csv` (file, code, weight) and `outlines/`.
    teacher : Path, optional
        A file of `flexura.training.teacher`.

    Returns
    -------
    list[LabelledPhoto]
        In the table's order.

    Raises
    ------
    ManifestError
        If a column or photo is missing, a code is unknown, a group lies in two folds, a weight is no weight, or the
        teacher's file cannot be read or is of other photos.
    """
    rows = read_table(folder / "photos.csv", _COLUMNS)
    check_rows(rows)
    readings = _read_readings(folder / "readings.csv")
    weights = _read_weights(folder / "labels.csv")
    teachings = _read_teacher(teacher) if teacher else {}
    if teacher and not any(row["file"] in teachings for row in rows):
        raise ManifestError(f"the teacher's file {teacher.name} is of other photos; write it anew with scripts/teacher")
    photos = [_labelled(folder, row, readings=readings, teachings=teachings) for row in rows]
    return [replace(photo, code_weights=weights.get(photo.file)) for photo in photos]


def read_training_photo(path: Path, *, longest_side: int = 512) -> UInt8Array:
    """Read a photo's pixels, sRGB uint8 (H, W, 3); OSError and InputRefused say why it cannot be read."""
    return read_photo(path.read_bytes(), limits=_TRAINING_LIMITS, longest_side=longest_side).pixels


def _labelled(
    folder: Path,
    row: dict[str, str],
    *,
    readings: dict[str, Reading],
    teachings: dict[str, tuple[FloatArray, UInt8Array]],
) -> LabelledPhoto:
    try:
        pixels = read_training_photo(folder / "photos" / row["file"])
    except (OSError, InputRefused) as error:
        raise ManifestError(f"a photo of the manifest cannot be read: {error}") from error
    outline_path = outline_file(folder, row["file"])
    outline = cv2.imread(str(outline_path), cv2.IMREAD_GRAYSCALE) if outline_path.is_file() else None
    features, saliency = teachings.get(row["file"], (None, None))
    skin_type = row.get("skin_type") or ""
    return LabelledPhoto(
        file=row["file"],
        code=row["code"],
        source=row["source"],
        group=row["group"],
        fold=int(row["fold"]),
        pixels=pixels,
        reading=readings.get(row["file"]),
        outline=None if outline is None else outline.astype(np.uint8),
        teacher=features,
        saliency=saliency,
        skin_type=int(skin_type) if skin_type in set("123456") else None,
    )


def read_table(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read a table of a data folder.

    Parameters
    ----------
    path : Path
        A CSV in UTF-8.
    columns : sequence of str
        Which must be there.

    Returns
    -------
    list of dict

    Raises
    ------
    ManifestError
        If there is no table, it is empty or lacks a column.
    """
    try:
        with path.open(newline="", encoding="utf-8") as opened:
            rows = list(csv.DictReader(opened))
    except OSError as error:
        raise ManifestError(f"no table {path.name} in the data folder") from error
    missing = [name for name in columns if not rows or name not in rows[0]]
    if missing:
        raise ManifestError(f"{path.name} lacks the columns {', '.join(missing)} or is empty")
    return rows


def check_rows(rows: Sequence[dict[str, str]]) -> None:
    """Refuse rows of photos.csv that cannot be trained on.

    Parameters
    ----------
    rows : sequence of dict
        With code, group and fold.

    Raises
    ------
    ManifestError
        If a code is unknown or a group lies in two folds.
    """
    unknown = sorted({row["code"] for row in rows} - set(CODES))
    if unknown:
        raise ManifestError(f"codes not in the taxonomy: {', '.join(unknown)}")
    folds: dict[str, set[str]] = {}
    for row in rows:
        folds.setdefault(row["group"], set()).add(row["fold"])
    split = sum(len(of_group) > 1 for of_group in folds.values())
    if split:
        raise ManifestError(f"{split} groups (patients) lie in more than one fold; a group must stay in one")


def _read_weights(path: Path) -> dict[str, FloatArray]:
    """The readers' weights of each photo (T,)."""
    weights: dict[str, FloatArray] = {}
    for row in read_table(path, ("file", "code", "weight")) if path.is_file() else []:
        if row["code"] not in CODES:
            raise ManifestError(f"codes not in the taxonomy: {row['code']}")
        try:
            weight = float(row["weight"])
        except ValueError as error:
            raise ManifestError("a weight of labels.csv is no number") from error
        if not 0 < weight <= 1:
            raise ManifestError("a weight of labels.csv is not above 0 and 1 at most")
        weights.setdefault(row["file"], np.zeros(len(CODES), np.float32))[CODES.index(row["code"])] += weight
    return weights


def _read_readings(path: Path) -> dict[str, Reading]:
    if not path.is_file():
        return {}
    by_file: dict[str, list[dict[str, str]]] = {}
    for row in read_table(path, ("file", "usable", "site", "area_percent", "iga", *SIGN_NAMES)):
        if row["usable"] == "1":
            by_file.setdefault(row["file"], []).append(row)
    return {file: _mean_reading(rows) for file, rows in by_file.items()}


def _mean_reading(rows: list[dict[str, str]]) -> Reading:
    def mean(name: str) -> float:
        numbers = [float(row[name]) for row in rows if row[name] != ""]
        return float(np.mean(numbers)) if numbers else float("nan")

    site = rows[0]["site"]
    return Reading(
        signs=np.array([mean(name) for name in SIGN_NAMES], np.float32),
        iga=mean("iga"),
        area_fraction=mean("area_percent") / 100,
        site=site if site in SITES else None,
    )


def _read_teacher(path: Path) -> dict[str, tuple[FloatArray, UInt8Array]]:
    try:
        with np.load(path) as stored:
            columns = zip(stored["files"], stored["features"], stored["saliency"], strict=True)
            return {str(file): (features, saliency) for file, features, saliency in columns}
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ManifestError(f"the teacher's file {path} cannot be read; write it with scripts/teacher") from error


def own_context(photo: LabelledPhoto) -> FloatArray:
    """What the readings and the source themselves tell of a photo's context (F,), NaN elsewhere."""
    values = np.full(len(CONTEXT_NAMES), np.nan, np.float32)
    if photo.skin_type is not None:
        values[CONTEXT_NAMES.index("skin_type")] = (photo.skin_type - 3.5) / 2.5
    zone = SITES[photo.reading.site].zone if photo.reading and photo.reading.site else None
    if zone is not None:
        for other in ZONES:
            values[CONTEXT_NAMES.index(f"site_{other}")] = float(other == zone)
    return values


def outline_maps(photo: LabelledPhoto) -> FloatArray | None:
    """Lesion and skin of a photo's outline, float32 (H, W, 2), NaN where unknown, or None where it has none."""
    if photo.outline is None:
        return None
    lesion = photo.outline == OUTLINE_LESION
    skin = (lesion | (photo.outline == OUTLINE_SKIN)).astype(np.float32)
    skin[photo.outline == OUTLINE_UNAFFECTED] = np.nan
    return np.stack([lesion.astype(np.float32), skin], -1)


def outline_file(folder: Path, file: str) -> Path:
    """Where a data folder keeps the outline of a photo of its manifest."""
    return folder / "outlines" / (file.replace("/", "__").rsplit(".", 1)[0] + ".png")


def read_rendered(folder: Path) -> list[LabelledPhoto]:
    """Rendered photos written by `flexura synth`, with their true signs and masks.

    Parameters
    ----------
    folder : Path
        Holds `truth.csv`.

    Returns
    -------
    list[LabelledPhoto]
        Without a diagnosis.

    Raises
    ------
    ManifestError
        If the folder holds no `truth.csv` with the columns of `flexura.synthesis`.
    """
    rows = read_table(folder / "truth.csv", ("file", "mask", "area_fraction", *SIGN_NAMES))
    photos = []
    for row in rows:
        pixels = read_training_photo(folder / row["file"])
        mask = np.asarray(cv2.imread(str(folder / row["mask"]), cv2.IMREAD_GRAYSCALE), np.uint8)
        signs = np.array([float(row[name]) for name in SIGN_NAMES], np.float32)
        reading = Reading(signs, float("nan"), float(row["area_fraction"]), None)
        photos.append(LabelledPhoto(row["file"], RENDERED, RENDERED, row["file"], -1, pixels, reading, mask))
    return photos
