"""The quick test of colours before the exact one loses nothing."""

import cv2
import numpy as np
import pytest

from flexura.preprocessing.marks import _INK, _STAMP, _coloured


@pytest.mark.parametrize("colours", [_INK, _STAMP], ids=["ink", "stamp"])
def test_every_colour_of_the_sector_passes_the_quick_test(colours):
    # Every fifth level of each channel and the last: 52 ** 3 colours.
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(52, -1, 3)
    lab = cv2.cvtColor(cube, cv2.COLOR_RGB2LAB).astype(np.float32) - 128
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    wanted = (hue > colours.hue_degrees[0]) & (hue < colours.hue_degrees[1])
    wanted &= np.hypot(lab[..., 1], lab[..., 2]) > colours.least_chroma
    assert wanted.any()
    assert np.array_equal(_coloured(cube, colours), wanted)
