"""Near-duplicates of photos: a perceptual hash that compression, size, brightness and mirrors leave alone.

A hash is 128 signs of a photo's lowest spatial frequencies against their median. Every photo is hashed in the 8
orientations of a square, and the smallest distance counts. A crop of 5 % moves half of the hashes further than copies
lie: crops are found by embeddings (see `leakage`). Pixels are sRGB uint8 (H, W, 3).
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from flexura.records import UInt8Array

UInt64Array = npt.NDArray[np.uint64]

# Side of the grid that is transformed, and of its lowest frequencies that are kept but for the mean.
_GRID, _FREQUENCIES, _BITS = 32, 12, 128


def hash_photo(pixels: UInt8Array) -> UInt64Array:
    """Hash a photo in its eight orientations.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).

    Returns
    -------
    UInt64Array
        (8, 2), 128 bits per orientation; the first is as photographed.

    References
    ----------
    Perceptual hash by the discrete cosine transform: Zauner, Implementation and Benchmarking of Perceptual Image Hash
    Functions, 2010 (phash.org). 128 bits and eight orientations are ours.

    Examples
    --------
    >>> noise = np.random.default_rng(0).integers(0, 255, (8, 8, 1), np.uint8)
    >>> photo = cv2.resize(np.tile(noise, 3), (64, 64))
    >>> mirrored = hash_photo(photo[:, ::-1])
    >>> int(np.bitwise_count(hash_photo(photo)[0] ^ mirrored[4]).sum())
    0
    """
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_GRID, _GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
    turned = [np.rot90(side, turns) for side in (small, small[:, ::-1]) for turns in range(4)]
    return np.stack([_bits(view) for view in turned])


def _bits(grid: npt.NDArray[np.float32]) -> UInt64Array:
    low = cv2.dct(np.ascontiguousarray(grid))[:_FREQUENCIES, :_FREQUENCIES].ravel()[1 : _BITS + 1]
    return np.packbits(low > np.median(low)).view(np.uint64)


def close_pairs(hashes: UInt64Array, *, bits: int) -> list[tuple[int, int, int]]:
    """Find all pairs of photos whose hashes differ in few bits in some orientation.

    Parameters
    ----------
    hashes : UInt64Array
        (N, 8, 2) of `hash_photo`.
    bits : int
        Largest distance, 0-128.

    Returns
    -------
    list of (int, int, int)
        First photo, second photo, distance in bits; the first is below the second. Sorted by both.
    """
    pairs = []
    for first in range(len(hashes) - 1):
        others = hashes[first + 1 :, 0]
        apart = np.bitwise_count(others[:, None, :] ^ hashes[first][None]).sum(-1, dtype=np.int64).min(1)
        pairs += [(first, first + 1 + int(step), int(apart[step])) for step in np.flatnonzero(apart <= bits)]
    return pairs


def join_pairs(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Join pairs to groups: whatever hangs together by pairs is one group.

    Parameters
    ----------
    count : int
        How many there are, N.
    pairs : sequence of (int, int)
        Each below `count`.

    Returns
    -------
    list of int
        (N,), the smallest member of each one's group.

    Examples
    --------
    >>> join_pairs(5, [(0, 3), (3, 4)])
    [0, 1, 2, 0, 0]
    """
    parent = list(range(count))

    def root(member: int) -> int:
        while parent[member] != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return [root(member) for member in range(count)]
