"""Text in photos is found where it stands, upright and turned; no tesseract, no export."""

import cv2
import numpy as np
import pytest

from flexura.errors import DependencyMissing
from flexura.research.release import blacken, may_show_a_face
from flexura.research.text import TextReader, find_reader

PAPER = np.full((300, 500, 3), (200, 160, 140), np.uint8)
TEXT_BOX = (60, 125, 330, 35)  # of the drawn text: left, top, width, height


def _written() -> np.ndarray:
    return cv2.putText(PAPER.copy(), "DOE JANE 4711", (60, 155), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (255, 255, 255), 2)


def test_text_is_found_where_it_stands():
    left, top, _, height = TEXT_BOX
    masked = blacken(_written(), find_reader().find(_written()))
    assert not masked[top + 5 : top + height - 5, left + 5 : left + 60].any()
    assert (masked != _written()).any(axis=2).sum() < 0.3 * masked.shape[0] * masked.shape[1]


def test_turned_text_is_found_too():
    turned = cv2.rotate(_written(), cv2.ROTATE_90_COUNTERCLOCKWISE)
    boxes = find_reader().find(turned)
    assert boxes
    masked = blacken(turned, boxes)
    centre = masked[500 - 60 - 55 : 500 - 60, 130:150]
    assert not centre.any()


def test_an_empty_photo_has_none():
    assert find_reader().find(PAPER) == ()


def test_without_tesseract_nothing_leaves(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(DependencyMissing, match="tesseract-ocr"):
        find_reader()
    with pytest.raises(DependencyMissing):
        TextReader("/nonexistent/tesseract").find(PAPER)


@pytest.mark.parametrize(
    ("site", "face"),
    [
        ("face", True),
        ("neck", True),
        ("eyelid", True),
        ("whole_body", True),
        (None, True),
        ("left_forearm", False),
        ("nail", False),
    ],
)
def test_where_eyes_may_be(site, face):
    assert may_show_a_face(site) is face


def test_boxes_beyond_the_photo_are_cut():
    assert blacken(PAPER, [(-5, -5, 10, 10), (490, 290, 99, 99)]).sum() == PAPER.sum() - 125 * 500
