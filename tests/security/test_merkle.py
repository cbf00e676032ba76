"""The tree of RFC 6962: the published test values, and a plain recursive reading of the definition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.security.merkle import EMPTY_ROOT, Frontier, grow, hash_leaf, hash_node, root

# Inputs and roots of the reference implementation's tests (google/certificate-transparency, merkle tree tests).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def _grown(contents: list[bytes]) -> Frontier:
    frontier = Frontier()
    for content in contents:
        frontier = grow(frontier, hash_leaf(content))
    return frontier


def _defined(contents: list[bytes]) -> bytes:
    """Section 2.1 word for word: split at the largest power of two below n."""
    if not contents:
        return hashlib.sha256(b"").digest()
    if len(contents) == 1:
        return hashlib.sha256(b"\0" + contents[0]).digest()
    split = 1 << (len(contents) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _defined(contents[:split]) + _defined(contents[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots(size):
    assert root(_grown([bytes.fromhex(text) for text in INPUTS[:size]])).hex() == ROOTS[size - 1]


def test_an_empty_tree():
    assert root(Frontier()) == EMPTY_ROOT == hashlib.sha256(b"").digest()


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_growing_gives_what_the_definition_gives(contents):
    frontier = _grown(contents)
    assert root(frontier) == _defined(contents)
    assert frontier.size == len(contents)
    assert len(frontier.peaks) == len(contents).bit_count()


def test_an_entry_cannot_pass_for_a_subtree():
    left, right = hash_leaf(b"a"), hash_leaf(b"b")
    assert hash_leaf(left + right) != hash_node(left, right)
