import cv2
import numpy as np
import pytest

from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.training.near_duplicates import close_pairs, hash_photo, join_pairs


@pytest.fixture(scope="module")
def skin() -> np.ndarray:
    return render(SkinSpec(3, 4, (2, 1, 0, 1, 0, 1), 0.3, size=(120, 160))).pixels


def _apart(first: np.ndarray, second: np.ndarray) -> int:
    pairs = close_pairs(np.stack([hash_photo(first), hash_photo(second)]), bits=128)
    assert [pair[:2] for pair in pairs] == [(0, 1)]
    return pairs[0][2]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_all_eight_orientations_of_a_photo_are_the_photo(skin: np.ndarray, turns: int, mirrored: bool) -> None:
    turned = np.rot90(skin[:, ::-1] if mirrored else skin, turns)
    assert _apart(skin, np.ascontiguousarray(turned)) <= 4


def test_copies_are_near_and_another_skin_is_far(skin: np.ndarray) -> None:
    _, encoded = cv2.imencode(".jpg", skin, [cv2.IMWRITE_JPEG_QUALITY, 30])
    copies = {
        "compressed": cv2.imdecode(encoded, cv2.IMREAD_COLOR),
        "resized": cv2.resize(skin, (53, 40), interpolation=cv2.INTER_AREA),
        "dark": (skin * 0.75).astype(np.uint8),
    }
    near = {name: _apart(skin, np.asarray(copy, np.uint8)) for name, copy in copies.items()}
    other = render(SkinSpec(4, 4, (2, 1, 0, 1, 0, 1), 0.3, size=(120, 160))).pixels
    assert max(near.values()) < _apart(skin, other), near


def test_distances_are_counted_bit_by_bit() -> None:
    hashes = np.full((3, 8, 2), 2**64 - 1, np.uint64)
    hashes[0, 0], hashes[0, 1:] = (0, 0), 2**63
    hashes[1, :], hashes[2, :] = (0b111, 0), (0b111, 0b1)
    assert close_pairs(hashes, bits=3) == [(0, 1, 3), (1, 2, 1)]
    assert close_pairs(hashes, bits=0) == []


def test_pairs_that_hang_together_are_one_group() -> None:
    assert join_pairs(6, [(4, 5), (1, 2), (2, 4)]) == [0, 1, 1, 3, 1, 1]
    assert join_pairs(0, []) == []
