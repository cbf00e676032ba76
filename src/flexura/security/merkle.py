"""The Merkle tree of RFC 6962, grown leaf by leaf: a log of n entries is summed up by its log2(n) peaks.

Hashes are 32 bytes of SHA-256. Leaves and inner nodes are hashed with different prefixes, so that no entry can be
passed off as a subtree (RFC 6962 section 2.1).
"""

import hashlib
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Frontier:
    """A tree of `size` leaves as the roots of its full subtrees, largest first: one per set bit of the size."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()


def hash_leaf(content: bytes) -> bytes:
    """Hash one entry.

    Parameters
    ----------
    content : bytes
        The entry as it is stored.

    Returns
    -------
    bytes
        32 bytes.
    """
    return hashlib.sha256(b"\x00" + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash an inner node from its two children of 32 bytes each; gives 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(frontier: Frontier, leaf: bytes) -> Frontier:
    """Add one leaf.

    Parameters
    ----------
    frontier : Frontier
        The tree so far.
    leaf : bytes
        From `hash_leaf`.

    Returns
    -------
    Frontier
        One leaf larger.
    """
    peaks, merged = list(frontier.peaks), leaf
    size = frontier.size
    while size & 1:  # two full subtrees of one size become one
        merged = hash_node(peaks.pop(), merged)
        size >>= 1
    return Frontier(frontier.size + 1, (*peaks, merged))


def root(frontier: Frontier) -> bytes:
    """Give the root of the tree.

    Parameters
    ----------
    frontier : Frontier
        Any size.

    Returns
    -------
    bytes
        32 bytes; SHA-256 of nothing for an empty tree.

    References
    ----------
    RFC 6962 section 2.1, the Merkle tree hash.

    Examples
    --------
    >>> root(grow(Frontier(), hash_leaf(b""))).hex()[:16]
    '6e340b9cffb37a98'
    """
    if not frontier.peaks:
        return EMPTY_ROOT
    *others, summed = frontier.peaks
    for peak in reversed(others):
        summed = hash_node(peak, summed)
    return summed
