"""What was measured of a bundle, whole and by subgroup, for people: `card.json` beside it, where there is one.

`flexura evaluate` writes it; docs/evidence.md and the README say the same figures. No part of an answer depends on it.
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

    `top1` has a 95 % interval, patients resampled, where the photos are of two patients at least; `eczema_auc` rests on
    `eczema_photos`, and is None without any, or with nothing else.
    """

    by: str
    name: str
    photos: int
    top1: float
    interval: Bounds | None
    top3: float
    eczema_photos: int
    eczema_auc: float | None
    calibration_error: float


@dataclass(frozen=True)
class ToneSets:
    """How often 90 % prediction sets hold the truth for photos of one group of tones, and how many codes they have."""

    name: str
    photos: int
    coverage: float
    mean_set: float


@dataclass(frozen=True)
class Unseen:
    """Figures of photos of sources that a training never saw.

    `network` says in English which one looked at them: the bundle's own may have seen them.
    """

    photos: int
    network: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Card:
    """All figures: of `photos` that trained nothing, of unseen sources where that was measured, and by group.

    `not_known` names what the photos do not tell, so that no group is made by it.
    """

    photos: int
    figures: tuple[Figure, ...]
    unseen: Unseen | None
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
    return Card(
        photos=told["photos"],
        figures=tuple(map(_figure, told["figures"])),
        unseen=None if told["unseen_sources"] is None else _unseen(told["unseen_sources"]),
        groups=tuple(Group(**{**row, "interval": _bounds(row["interval"])}) for row in told["groups"]),
        tones=tuple(ToneSets(**row) for row in told["tones"]),
        not_known=tuple(told["not_known"]),
    )


def _unseen(told: dict[str, Any]) -> Unseen:
    return Unseen(told["photos"], told["network"], tuple(map(_figure, told["figures"])))


def _figure(row: dict[str, Any]) -> Figure:
    return Figure(row["name"], row["value"], _bounds(row.get("interval")))


def _bounds(interval: list[float] | None) -> Bounds | None:
    if interval is None:
        return None
    low, high = interval
    return (low, high)
