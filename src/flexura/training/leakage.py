"""Leakage between splits: near-duplicates of a photo that is measured on, among those that are trained on.

Two ways to see one: the perceptual hash, for copies, and embeddings, for the same lesion photographed again. Pairs
that someone has looked at and found harmless stand in `allowed_pairs.csv` of the data folder (columns first, second,
why).
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flexura.errors import LeakageError
from flexura.records import FloatArray
from flexura.training.datasets import LabelledPhoto, read_table
from flexura.training.near_duplicates import close_pairs, hash_photo

ALLOWED_PAIRS = "allowed_pairs.csv"
_NAMED = 10


@dataclass(frozen=True)
class LeakageConfig:
    """From where on two photos are one; measured in docs/data.md."""

    # Bits of 128 that two hashes differ in, at most.
    bits: int = 14
    # Cosine of two embeddings, at least; 2 looks at no embeddings.
    cosine: float = 0.99


@dataclass(frozen=True)
class Leak:
    """Two photos of different splits that are near-duplicates, and how near; NaN where it was not measured."""

    first: str
    second: str
    bits: float
    cosine: float


def fold_of(photo: LabelledPhoto) -> str:
    """The split that an audit goes by where none is given: the fold."""
    return str(photo.fold)


def find_leaks(
    photos: Sequence[LabelledPhoto],
    *,
    split_of: Callable[[LabelledPhoto], str] = fold_of,
    embeddings: FloatArray | None = None,
    config: LeakageConfig | None = None,
) -> list[Leak]:
    """Find near-duplicates across splits.

    Parameters
    ----------
    photos : sequence of LabelledPhoto
        All that train or are measured on, N.
    split_of : callable
        Name of the split of a photo, such as "train" or "watched".
    embeddings : FloatArray, optional
        (N, D), of a network or a teacher; a row of NaN is unknown.
    config : LeakageConfig, optional
        The defaults if left out.

    Returns
    -------
    list of Leak
        The nearest by hash first.
    """
    config = config or LeakageConfig()
    splits = [split_of(photo) for photo in photos]
    found: dict[tuple[int, int], Leak] = {}
    if photos:
        hashes = np.stack([hash_photo(photo.pixels) for photo in photos])
        for one, other, bits in close_pairs(hashes, bits=config.bits):
            if splits[one] != splits[other]:
                found[one, other] = Leak(photos[one].file, photos[other].file, bits, math.nan)
    for one, other, cosine in _close_embeddings(embeddings, config.cosine) if embeddings is not None else []:
        if splits[one] != splits[other]:
            by_hash = found[one, other].bits if (one, other) in found else math.nan
            found[one, other] = Leak(photos[one].file, photos[other].file, by_hash, cosine)
    return sorted(found.values(), key=lambda leak: (math.isnan(leak.bits), leak.bits, -leak.cosine, leak.first))


def _close_embeddings(embeddings: FloatArray, cosine: float) -> list[tuple[int, int, float]]:
    length = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = np.nan_to_num(embeddings / np.maximum(length, 1e-12))
    pairs = []
    for one in range(len(unit) - 1):
        near = unit[one + 1 :] @ unit[one]
        pairs += [(one, one + 1 + int(step), float(near[step])) for step in np.flatnonzero(near >= cosine)]
    return pairs


def teacher_embeddings(photos: Sequence[LabelledPhoto]) -> FloatArray | None:
    """The teacher's features of photos (N, D), NaN where a photo has none; None where none has any."""
    width = next((len(photo.teacher) for photo in photos if photo.teacher is not None), 0)
    if not width:
        return None
    unknown = np.full(width, np.nan, np.float32)
    return np.stack([unknown if photo.teacher is None else photo.teacher for photo in photos])


def read_allowed(data: Path) -> frozenset[frozenset[str]]:
    """Read the pairs of files that a data folder allows.

    Parameters
    ----------
    data : Path
        The data folder.

    Returns
    -------
    frozenset of frozenset of str
        Empty where it has no `allowed_pairs.csv`.

    Raises
    ------
    ManifestError
        If the table lacks a column.
    """
    table = data / ALLOWED_PAIRS
    rows = read_table(table, ("first", "second", "why")) if table.is_file() else []
    return frozenset(frozenset((row["first"], row["second"])) for row in rows)


def refuse_leaks(leaks: Sequence[Leak], allowed: Collection[frozenset[str]] = frozenset()) -> None:
    """Stop where near-duplicates lie in different splits.

    Parameters
    ----------
    leaks : sequence of Leak
        Of `find_leaks`.
    allowed : collection of frozenset of str
        Pairs of files that someone has looked at.

    Raises
    ------
    LeakageError
        If any pair is not allowed; names ten of them.
    """
    real = [leak for leak in leaks if frozenset((leak.first, leak.second)) not in allowed]
    if real:
        named = "; ".join(f"{leak.first} and {leak.second}" for leak in real[:_NAMED])
        raise LeakageError(
            f"{len(real)} pairs of photos in different splits are near-duplicates: {named}. Give both one group and "
            f"fold, take one out, or write the pair into {ALLOWED_PAIRS} (first, second, why)"
        )


def audit(
    photos: Sequence[LabelledPhoto],
    data: Path,
    *,
    split_of: Callable[[LabelledPhoto], str] = fold_of,
    config: LeakageConfig | None = None,
) -> None:
    """Stop a training before it starts where its splits leak; embeddings are the teacher's where photos have them.

    Parameters
    ----------
    photos : sequence of LabelledPhoto
        All that train or are measured on.
    data : Path
        Their data folder.
    split_of : callable
        Name of the split of a photo.
    config : LeakageConfig, optional
        The defaults if left out.

    Raises
    ------
    LeakageError
        If near-duplicates lie in different splits and the data folder does not allow them.
    """
    leaks = find_leaks(photos, split_of=split_of, embeddings=teacher_embeddings(photos), config=config)
    refuse_leaks(leaks, read_allowed(data))
