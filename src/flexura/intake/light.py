"""What the light did to a picture: contrast, burnt-out skin, and a colour cast.

Pure measurement of an sRGB uint8 (H, W, 3) picture, small enough that grain is averaged out.
"""

import functools

import cv2
import numpy as np
import numpy.typing as npt

from flexura.records import FloatArray, UInt8Array

BoolArray = npt.NDArray[np.bool_]
FloatVector = npt.NDArray[np.float64]

BRIGHT_PERCENT, DARK_PERCENT = 95.0, 5.0

_CLIPPED_LEVEL = 254  # averaging and JPEG keep a clipped channel from staying at 255
_COLOURED_SPREAD = 8  # levels between the largest and smallest channel; less is white: paper, glint, wall

_MINKOWSKI = 6  # van de Weijer et al. 2007: between the mean (1) and the brightest (infinity)
_GREY = np.full(3, 3**-0.5)
# Linear light of skin: the median over 184 development photos, in white light as far as anybody knows.
_SKIN = np.array([0.84, 0.44, 0.31])


def contrast(lab: FloatArray) -> float:
    """Measure contrast as light minus dark over light plus dark.

    A ratio of luminances, so that the same relief gives the same contrast on every tone of skin; a
    difference of lightness would refuse dark skin first.

    Parameters
    ----------
    lab : FloatArray
        CIELAB (D65), (H, W, 3).

    Returns
    -------
    float
        0 (one grey) to 1, between the 95th and the 5th percentile.

    References
    ----------
    Michelson 1927, Studies in Optics (contrast); CIE 15:2018, 8.2.1 (luminance from L*).

    Examples
    --------
    >>> lab = np.zeros((1, 100, 3), np.float32)
    >>> lab[:, :50, 0], lab[:, 50:, 0] = 100, 50  # luminance 1 and 0.184
    >>> round(contrast(lab), 2)
    0.69
    """
    light, dark = (_luminance(float(level)) for level in np.percentile(lab[..., 0], (BRIGHT_PERCENT, DARK_PERCENT)))
    return (light - dark) / (light + dark) if light > 0 else 0.0


def blown_share(pixels: UInt8Array, skin: BoolArray) -> float:
    """Measure how much of the skin has lost a colour channel to over-exposure.

    Over-exposed skin turns yellow-white: red, of which skin of any tone reflects most, is full while another
    channel is not. White walls, paper and glints, full in all channels, do not count, nor do bluish walls and
    drapes, whose blue is full first.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).
    skin : BoolArray
        (H, W), from `framing.skin_map`.

    Returns
    -------
    float
        0-1; 0 where there is neither skin nor blown colour.
    """
    red, emptiest = pixels[..., 0], functools.reduce(np.minimum, cv2.split(pixels))
    blown = (red >= _CLIPPED_LEVEL) & (red - emptiest > _COLOURED_SPREAD)
    area = int((skin | blown).sum())
    return int(blown.sum()) / area if area else 0.0


def colour_cast(pixels: UInt8Array) -> float:
    """Measure how far the colour of the light lies from all that white light on skin can look like.

    Two estimates of the light's colour, from the levels (shades of grey) and from the edges (grey
    edge), point anywhere between grey and the colour of skin when white light falls on skin: that
    arc is no cast. The angle to the arc is; the smaller of the two, since a blue cloth moves the
    levels and a few coloured edges move the edges. So a warm cast, along the arc, cannot be seen.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3).

    Returns
    -------
    float
        Degrees between vectors of linear light, 0 to 90; 0 for a black picture.

    References
    ----------
    Finlayson & Trezzi 2004, Shades of gray and colour constancy (CIC 12); van de Weijer et al. 2007,
    Edge-based color constancy, doi:10.1109/TIP.2007.901808; angular error: Hordley & Finlayson 2006,
    doi:10.1364/JOSAA.23.001008.
    """
    light = _linear(pixels)
    smooth = cv2.GaussianBlur(light, (0, 0), 1)
    edges = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    # A clipped channel says nothing of the light's colour.
    whole = functools.reduce(np.maximum, cv2.split(pixels)) < _CLIPPED_LEVEL
    return min(_angle_to_arc(_minkowski(values, whole)) for values in (light, edges))


def _minkowski(values: npt.NDArray[np.floating], kept: BoolArray) -> FloatVector:
    chosen = values[kept] if kept.any() else values.reshape(-1, 3)
    cubes = chosen * chosen * chosen  # a power of six takes ten times as long
    means: FloatVector = (cubes * cubes).mean(axis=0, dtype=np.float64) ** (1 / _MINKOWSKI)
    return means


def _angle_to_arc(colour: FloatVector) -> float:
    """Degrees from a colour of light to the nearest point between grey and skin."""
    length = float(np.linalg.norm(colour))
    if length < 1e-6:
        return 0.0
    skin = _SKIN / np.linalg.norm(_SKIN)
    toward = skin - (skin @ _GREY) * _GREY
    toward /= np.linalg.norm(toward)  # in the plane of the arc, at right angles to grey
    end = np.arctan2(skin @ toward, skin @ _GREY)
    place = np.clip(np.arctan2(colour @ toward, colour @ _GREY), 0, end)
    nearest = np.cos(place) * _GREY + np.sin(place) * toward
    return float(np.degrees(np.arccos(np.clip(colour @ nearest / length, -1, 1))))


def _linear(pixels: UInt8Array) -> FloatArray:
    """Undo the sRGB curve (IEC 61966-2-1); 0-1."""
    level = np.arange(256) / 255
    curve = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return np.asarray(curve[pixels], np.float32)


def _luminance(lightness: float) -> float:
    """CIE 15:2018, equation 8.5 turned round; 0-1."""
    return float(((lightness + 16) / 116) ** 3) if lightness > 8 else lightness * 27 / 24389
