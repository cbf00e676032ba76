"""Where skin lies in CIELAB (D65), healthy or inflamed, of any tone; intake and preprocessing look for skin by it.

Colour alone: wood, sand and fur of skin's colour pass, and what hangs together is the caller's business.
"""

import numpy as np

from flexura.records import BoolArray, FloatArray

# In the 642 outlined development photos the 2nd to 98th percentiles of skin are hue -42 to 87 degrees, chroma
# 2.7-46, lightness 6-89 over Fitzpatrick 1-6; the ten Monk swatches have hue 49-89 and chroma 3.8-28. Lightness and
# chroma are widened for very dark and sunlit skin; hue is kept to purple-red, orange, brown and sand: blues and
# greens are shadow or cloth.
HUE_DEGREES = (-20.0, 95.0)
CHROMA = (3.0, 55.0)
LIGHTNESS = (4.0, 98.0)


def skin_coloured(lab: FloatArray) -> BoolArray:
    """Mark where the colour is plausible for skin.

    Parameters
    ----------
    lab : FloatArray
        CIELAB (D65), (H, W, 3), L* 0-100.

    Returns
    -------
    BoolArray
        (H, W).

    References
    ----------
    Limits measured on the development photos (see the constants); skin's place in CIELAB: Xiao et al. 2017,
    doi:10.1111/srt.12295.

    Examples
    --------
    >>> skin_coloured(np.array([[[65, 12, 18], [65, -30, 18]]], np.float32)).tolist()
    [[True, False]]
    """
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    return _within(lab[..., 0], LIGHTNESS) & _within(chroma, CHROMA) & _within(hue, HUE_DEGREES)


def _within(values: FloatArray, limits: tuple[float, float]) -> BoolArray:
    return np.asarray((values > limits[0]) & (values < limits[1]), np.bool_)
