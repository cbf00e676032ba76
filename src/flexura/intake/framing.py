"""Where skin is in a picture, and in how many pieces.

Pure measurement by colour and coherence alone: wood, sand and fur of skin's colour pass for skin.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from flexura.records import BoolArray, FloatArray
from flexura.skin import skin_coloured

_LARGE_PIECE = 0.05  # share of the photo; what is smaller is a finger's tip, a reflection or a button


@dataclass(frozen=True)
class SkinPieces:
    """Connected pieces of skin: the largest one's share of the photo (0-1), and how many are above 5 %."""

    largest_share: float
    large_count: int


def skin_map(lab: FloatArray) -> BoolArray:
    """Mark where the colour is plausible for skin, healthy or inflamed, of any tone.

    A test of colour and coherence alone: wood, sand and fur of skin's colour pass.

    Parameters
    ----------
    lab : FloatArray
        CIELAB (D65), (H, W, 3).

    Returns
    -------
    BoolArray
        (H, W).
    """
    inside = skin_coloured(lab)
    # Skin hangs together: what is narrower than three pixels of 112 is grain, grass or print.
    return np.asarray(cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.bool_)


def skin_pieces(skin: BoolArray) -> SkinPieces:
    """Count the connected pieces of skin.

    Parameters
    ----------
    skin : BoolArray
        (H, W), from `skin_map`.

    Returns
    -------
    SkinPieces
        Of pixels that share an edge.

    Examples
    --------
    >>> skin = np.zeros((10, 10), bool)
    >>> skin[:, :4], skin[:6, 6:] = True, True
    >>> skin_pieces(skin)
    SkinPieces(largest_share=0.4, large_count=2)
    """
    _, _, statistics, _ = cv2.connectedComponentsWithStats(skin.astype(np.uint8), connectivity=4)
    shares = statistics[1:, cv2.CC_STAT_AREA] / skin.size  # the first component is what is no skin
    return SkinPieces(float(shares.max(initial=0.0)), int((shares > _LARGE_PIECE).sum()))
