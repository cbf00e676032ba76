"""What was measured of a bundle, whole and by subgroup, for people: `card.json` beside it, where somebody wrote one.

The figures are copies of docs/evidence.md and the README; no part of an answer depends on them.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from flexura.errors import BundleMismatch
from flexura.inference.bundle import Bundle

CARD_FILE: Final = "card.json"
FORMAT: Final = "flexura.card/1"

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """One figure by its name, with a 95 % interval where one was measured."""

    name: str
    value: float
    interval: Bounds | None = None


@dataclass(frozen=True)
class Group:
    """Figures of the photos of one group: `by` what it was made ("skin_type_read", ...), and its name there.

    `top1` has a 95 % interval, patients resampled; `eczema_auc` rests on `eczema_photos`.
    """

    by: str
    name: str
    photos: int
    top1: float
    interval: Bounds
    top3: float
    eczema_photos: int
    eczema_auc: float
    calibration_error: float


@dataclass(frozen=True)
class ToneSets:
    """How often 90 % prediction sets hold the truth for photos of one group of tones, and how many codes they have."""

    name: str
    photos: int
    coverage: float
    mean_set: float


@dataclass(frozen=True)
class Card:
    """All figures: of `photos` that trained nothing, of sources that no training saw, by group; and what is not known.

    `unseen_network` says in English which network looked at the unseen sources: the shipped one may have seen them.
    `not_known` names what the photos do not tell, so that no group is made by it.
    """

    photos: int
    figures: tuple[Figure, ...]
    unseen_photos: int
    unseen_network: str
    unseen_figures: tuple[Figure, ...]
    groups: tuple[Group, ...]
    tones: tuple[ToneSets, ...]
    not_known: tuple[str, ...]


def read_card(bundle: Bundle) -> Card | None:
    """Read the card beside a bundle.

    Parameters
    ----------
    bundle : Bundle
        Verified.

    Returns
    -------
    Card | None
        `None` where nobody wrote one.

    Raises
    ------
    BundleMismatch
        When the card is of another model, or is no card.
    """
    path = bundle.look.with_name(CARD_FILE)
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        known = (told["format"], told["model"]["name"], told["model"]["version"])
        card = _parse(told)
    except (ValueError, TypeError, KeyError) as error:
        raise BundleMismatch(f"{CARD_FILE} beside the bundle is no card ({FORMAT}); remove it") from error
    if known != (FORMAT, bundle.info.name, bundle.info.version):
        raise BundleMismatch(f"{CARD_FILE} is of {known[1]} {known[2]}, the bundle is another; remove it")
    return card


def _parse(told: dict[str, Any]) -> Card:
    unseen = told["unseen_sources"]
    return Card(
        photos=told["photos"],
        figures=tuple(map(_figure, told["figures"])),
        unseen_photos=unseen["photos"],
        unseen_network=unseen["network"],
        unseen_figures=tuple(map(_figure, unseen["figures"])),
        groups=tuple(Group(**{**row, "interval": _bounds(row["interval"])}) for row in told["groups"]),
        tones=tuple(ToneSets(**row) for row in told["tones"]),
        not_known=tuple(told["not_known"]),
    )


def _figure(row: dict[str, Any]) -> Figure:
    interval = row.get("interval")
    return Figure(row["name"], row["value"], None if interval is None else _bounds(interval))


def _bounds(interval: list[float]) -> Bounds:
    low, high = interval
    return (low, high)
