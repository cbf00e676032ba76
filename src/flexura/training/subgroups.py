"""How a model answers in each subgroup of photos and for each diagnosis, and which groups of diagnoses it confuses.

Skin types and sites "of the reading" are those of a photo's first reading, and known of photos that were read only; the
source's own skin types are a group of their own beside them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from flexura.decision.calibration import Array
from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import MetricUndefined
from flexura.monitoring import metrics
from flexura.monitoring.intervals import bootstrap_interval
from flexura.training.datasets import CODES, LabelledPhoto, read_table
from flexura.training.predictions import ECZEMA

FEWEST_OF_A_GROUP: Final = 20
GROUPS: Final = tuple(dict.fromkeys(row.group for row in TAXONOMY))
_GROUP_OF: Final = np.array([GROUPS.index(row.group) for row in TAXONOMY])
_UNREAD: Final = frozenset({"", "unknown"})

Row: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Subgroup:
    """Photos, by their places: `by` what they were put together ("skin_type_read", ...), and the name they share."""

    by: str
    name: str
    places: tuple[int, ...]

    @property
    def title(self) -> str:
        """What tables call it."""
        whole = {
            "all": "all",
            "source": f"source: {self.name}",
            "skin_type_told": f"skin type {self.name}, of the source",
            "skin_type_read": f"skin type {self.name}, of the reading",
            "site": f"site: {self.name}",
        }
        return whole[self.by]


def first_readings(data: Path) -> dict[str, dict[str, str]]:
    """Take the first reading of each photo of a data folder that was read.

    Parameters
    ----------
    data : Path
        Folder, with or without `readings.csv`.

    Returns
    -------
    dict[str, dict[str, str]]
        Rows by the photo's file; none where nothing was read.

    Raises
    ------
    ManifestError
        If `readings.csv` is there and empty, or names no files.
    """
    path = data / "readings.csv"
    rows = read_table(path, ("file",)) if path.is_file() else []
    return {row["file"]: row for row in reversed(rows)}


def subgroups(photos: Sequence[LabelledPhoto], readings: Mapping[str, Mapping[str, str]]) -> tuple[Subgroup, ...]:
    """Put photos together by source, skin type and site.

    Parameters
    ----------
    photos : Sequence[LabelledPhoto]
        In any order.
    readings : Mapping[str, Mapping[str, str]]
        Of `first_readings`.

    Returns
    -------
    tuple[Subgroup, ...]
        All photos first, then each group of 20 photos at least, by title.
    """
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, photo in enumerate(photos):
        read = readings.get(photo.file, {})
        told = {"source": photo.source, "skin_type_told": _pair(photo.skin_type)}
        told |= {"skin_type_read": _pair(read.get("fitzpatrick")), "site": _site(read.get("site"))}
        for by, name in told.items():
            if name:
                places[by, name].append(place)
    found = [Subgroup(by, name, tuple(of_name)) for (by, name), of_name in places.items()]
    kept = sorted((each for each in found if len(each.places) >= FEWEST_OF_A_GROUP), key=lambda each: each.title)
    return (Subgroup("all", "", tuple(range(len(photos)))), *kept)


def _pair(skin_type: int | str | None) -> str:
    """Fitzpatrick types two by two: "1-2", "3-4" or "5-6"."""
    if skin_type is None or skin_type == "":
        return ""
    low = int(skin_type) - (int(skin_type) + 1) % 2
    return f"{low}-{low + 1}"


def _site(site: str | None) -> str:
    return "" if site is None or site in _UNREAD else site.replace("_", " ")


def subgroup_figures(
    probabilities: Array, photos: Sequence[LabelledPhoto], groups: Sequence[Subgroup]
) -> dict[str, Row]:
    """Measure each subgroup.

    Parameters
    ----------
    probabilities : Array
        (N, T), calibrated.
    photos : Sequence[LabelledPhoto]
        N of them.
    groups : Sequence[Subgroup]
        Of these photos.

    Returns
    -------
    dict[str, Row]
        By title: accuracies, the first with a 95 % interval, patients resampled; the eczema family's AUC and the photos
        of eczema that it rests on; the expected calibration error. What these photos give no value is None.
    """
    truth, patients = np.array([photo.label for photo in photos]), np.array([photo.group for photo in photos])
    found: dict[str, Row] = {}
    for group in groups:
        rows = np.array(group.places)
        own, said = truth[rows], probabilities[rows]
        found[group.title] = {
            "by": group.by,
            "name": group.name,
            "photos": len(rows),
            "top1": metrics.top_k_accuracy(said, own, k=1),
            "interval": _interval(said, own, patients[rows]),
            "top3": metrics.top_k_accuracy(said, own, k=3),
            "eczema_photos": int(ECZEMA[own].sum()),
            "eczema_auc": _auc(said, own),
            "calibration_error": metrics.expected_calibration_error(said, own),
        }
    return found


def _interval(said: Array, truth: Array, patients: Array) -> dict[str, float] | None:
    try:
        interval = bootstrap_interval(partial(_first_right, said, truth), patients, seed=0)
    except MetricUndefined:
        return None
    return {"low": interval.low, "high": interval.high}


def _first_right(said: Array, truth: Array, rows: Array) -> float:
    return metrics.top_k_accuracy(said[rows], truth[rows], k=1)


def _auc(said: Array, truth: Array) -> float | None:
    try:
        return metrics.roc_auc(said[:, ECZEMA].sum(1), ECZEMA[truth])
    except MetricUndefined:
        return None


def code_figures(probabilities: Array, truth: Array) -> dict[str, Row]:
    """Count, for each diagnosis among the photos, how often it is found and what is said instead.

    Parameters
    ----------
    probabilities : Array
        (N, T).
    truth : Array
        (N,) of int, true codes.

    Returns
    -------
    dict[str, Row]
        By code: photos, found first, among the first three, how often it is said of any photo, and the codes most often
        said instead, two at most.
    """
    said, three = probabilities.argmax(1), np.argsort(-probabilities, axis=1)[:, :3]
    found: dict[str, Row] = {}
    for label in np.unique(truth):
        own = truth == label
        wrong = Counter(CODES[other] for other in said[own] if other != label).most_common(2)
        found[CODES[label]] = {
            "photos": int(own.sum()),
            "first": int((said[own] == label).sum()),
            "among three": int((three[own] == label).any(1).sum()),
            "said": int((said == label).sum()),
            "instead": dict(wrong),
        }
    return found


def group_confusion(probabilities: Array, truth: Array) -> dict[str, dict[str, int]]:
    """Count photos by true group of diagnoses and, within it, by the group of the first answer.

    Parameters
    ----------
    probabilities : Array
        (N, T).
    truth : Array
        (N,) of int, true codes.

    Returns
    -------
    dict[str, dict[str, int]]
        All groups of the taxonomy, in its order.
    """
    own, said = _GROUP_OF[truth], _GROUP_OF[probabilities.argmax(1)]
    return {
        name: {other: int(((own == row) & (said == column)).sum()) for column, other in enumerate(GROUPS)}
        for row, name in enumerate(GROUPS)
    }
