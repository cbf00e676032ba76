"""Where skin is, and in how many pieces: maps of a few pixels, worked out by hand."""

import numpy as np
import pytest

from flexura.intake.framing import skin_map, skin_pieces


def test_the_skin_map_by_hand():
    colours = [[60, 15, 18], [60, -15, 18], [60, 15, -18], [60, 1, 1], [60, 45, 45], [2, 3, 3]]
    lab = np.array(colours, np.float32).repeat(4, axis=0)[None].repeat(4, axis=0)
    assert skin_map(lab)[1].tolist() == [True] * 4 + [False] * 20


def test_specks_of_skin_colour_are_no_skin():
    lab = np.zeros((30, 30, 3), np.float32)
    lab[::2] = 60, 15, 18
    assert not skin_map(lab).any()


def test_pieces_of_skin_by_hand():
    skin = np.zeros((20, 20), np.bool_)
    assert skin_pieces(skin).largest_share == 0
    assert skin_pieces(skin).large_count == 0
    skin[:8, :10] = True  # 80 of 400 pixels
    skin[10:15, :5] = True  # 25
    skin[18:, 18:] = True  # 4: too small to count
    pieces = skin_pieces(skin)
    assert pieces.largest_share == pytest.approx(0.2)
    assert pieces.large_count == 2


def test_pieces_that_touch_at_a_corner_are_two():
    skin = np.zeros((10, 10), np.bool_)
    skin[:5, :5] = skin[5:, 5:] = True
    assert skin_pieces(skin).large_count == 2
