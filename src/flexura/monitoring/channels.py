"""What is watched of every answer: one table from which drift is measured.

Documents come in as `batch` and the store hold them ("flexura.assessment/1" and "flexura.refusal/1"), columns go out,
one value per case; numbers are NaN and words "unknown" where nobody knows. Nothing here identifies anybody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from flexura.monitoring.arrays import Array

Document = Mapping[str, Any]
Columns = Mapping[str, Array]

UNKNOWN: Final = "unknown"
REFUSAL: Final = "flexura.refusal/1"


@dataclass(frozen=True)
class Channel:
    """One watched value: its kind of cause, where it stands in the document, and whether it is a number or a word."""

    name: str
    group: Literal["input", "quality", "prediction", "context"]
    path: tuple[str, ...]
    numeric: bool = True


def _quality(name: str) -> Channel:
    return Channel(f"quality.{name}", "quality", ("quality", "checks", name, "value"))


def _feature(name: str) -> Channel:
    return Channel(f"features.{name}", "input", ("features", name, "value"))


# Few, so that power is not spent on doubles: of each property of photo, answer and patient the most direct reading.
CHANNELS: Final[tuple[Channel, ...]] = (
    *map(_feature, ("skin_ita", "skin_hue", "skin_lightness", "lesion_skin_share", "delta_erythema_index")),
    *map(_feature, ("lesion_gabor_4px", "border_sharpness")),
    *map(_quality, ("sharpness", "exposure_dark", "contrast", "colour_cast", "noise", "compression")),
    Channel("photo.format", "input", ("photo", "format"), numeric=False),
    Channel("refused", "quality", ("schema",), numeric=False),
    Channel("diagnosis", "prediction", ("diagnosis", "ranking", "0", "code"), numeric=False),
    Channel("confidence", "prediction", ("confidence", "score")),
    Channel("uncertainty", "prediction", ("uncertainty", "total")),
    Channel("out_of_distribution", "prediction", ("uncertainty", "out_of_distribution", "score")),
    Channel("severity.iga", "prediction", ("severity", "iga", "expected")),
    Channel("area", "prediction", ("area", "lesion_fraction_of_skin")),
    Channel("photo.site", "context", ("photo", "site"), numeric=False),
    Channel("context.age_years", "context", ("context", "age_years")),
    Channel("context.itch", "context", ("context", "itch")),
)


def read_columns(documents: Sequence[Document]) -> dict[str, Array]:
    """Read every channel of every case.

    Parameters
    ----------
    documents : Sequence[Document]
        Of assessments and refusals; `context` may stand beside what `batch` writes.

    Returns
    -------
    dict[str, array (N,)]
        By channel name: float64 with NaN, or words with "unknown".
    """
    return {
        channel.name: np.array([_value(document, channel) for document in documents], float if channel.numeric else str)
        for channel in CHANNELS
    }


def find(document: Any, path: Sequence[str]) -> Any:
    """Follow a path into a document; lists are entered by place, or by the `name` of their rows.

    Parameters
    ----------
    document : Any
        JSON-like.
    path : Sequence[str]
        Keys, from the outside in.

    Returns
    -------
    Any
        `None` where the path ends early.

    Examples
    --------
    >>> find({"checks": [{"name": "noise", "value": 0.6}]}, ("checks", "noise", "value"))
    0.6
    """
    for key in path:
        if isinstance(document, Mapping):
            document = document.get(key)
        elif isinstance(document, list) and key.isdecimal():
            document = document[int(key)] if int(key) < len(document) else None
        elif isinstance(document, list):
            document = next((row for row in document if row.get("name") == key), None)
        else:
            return None
    return document


def _value(document: Document, channel: Channel) -> float | str:
    found = find(document, channel.path)
    if channel.numeric:
        return float("nan") if found is None else float(found)
    return UNKNOWN if found is None else str(found)
