"""What the network saw, kept small beside the answer and drawn later as transparent layers to lay over the photo.

Stored maps are a JSON-ready mapping of `height` and `width` in cells, `lesion` and `skin` as Base64 of uint8
probabilities (255 is 1), and the thresholds with which the area was counted; `attention`, which older
answers do not have, is such a mapping of its own, in which 255 is the largest weight. Layers are PNG of RGBA.
"""

import base64
from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import cv2
import numpy as np

from flexura.decision.calibration import AreaReading
from flexura.records import BoolArray, FloatArray, Prediction, UInt8Array
from flexura.report.overlay import Colour, OverlayStyle, Pen, enlarge, find_contours

Layer = Literal["lesion", "skin", "attention"]
LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
LONGEST_SIDE: Final = 512  # pixels of a layer; 14 times the cells of the shipped network's maps

_STYLE: Final = OverlayStyle(line_width=6.0)
_HIGHEST_TINT: Final = 0.55  # of a layer that the viewer can fade; a fixed overlay has less
_ATTENTION: Final[Colour] = (0, 158, 115)  # "bluish green" of the same palette; purple would pass for redness
_CLINICIANS: Final[Colour] = (230, 159, 0)  # "orange" of Okabe and Ito's palette


def pack_maps(prediction: Prediction, reading: AreaReading) -> dict[str, Any]:
    """Pack the maps of a prediction to be stored with its answer.

    Parameters
    ----------
    prediction : Prediction
        With lesion and skin maps (h, w) and attention (h/2, w/2).
    reading : AreaReading
        The thresholds with which the area was counted.

    Returns
    -------
    dict[str, Any]
        JSON-ready, some 5 kB for maps of 36 x 36 cells.
    """
    height, width = prediction.lesion_map.shape
    return {
        "height": height,
        "width": width,
        "lesion": _pack(prediction.lesion_map),
        "skin": _pack(prediction.skin_map),
        "attention": _pack_attention(prediction.attention),
        "lesion_threshold": reading.lesion_threshold,
        "skin_threshold": reading.skin_threshold,
    }


def layers_of(maps: Mapping[str, Any]) -> tuple[Layer, ...]:
    """Name the layers that stored maps can be drawn as."""
    return tuple(layer for layer in LAYERS if layer in maps)


def fit_layer(width: int, height: int) -> tuple[int, int]:
    """Give width and height of a layer over a photo of that width and height.

    Parameters
    ----------
    width : int
        Of the photo, in pixels.
    height : int
        Of the photo, in pixels.

    Returns
    -------
    tuple[int, int]
        The longer one is `LONGEST_SIDE`.

    Examples
    --------
    >>> fit_layer(4000, 3000)
    (512, 384)
    """
    scale = LONGEST_SIDE / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def draw_layer(maps: Mapping[str, Any], layer: Layer, size: tuple[int, int]) -> bytes:
    """Draw what the network took for affected skin, where skin ends, or how it weighed the picture's places.

    Affected skin is tinted by its probability and outlined; attention is tinted by its share of the largest weight.

    Parameters
    ----------
    maps : Mapping[str, Any]
        From `pack_maps`.
    layer : Layer
        Which map.
    size : tuple[int, int]
        Width and height in pixels.

    Returns
    -------
    bytes
        A PNG file, transparent where there is nothing.
    """
    picture, pen = _canvas(size)
    if layer == "skin":
        for contour in find_contours(_is_skin(maps, size), _STYLE):
            pen.dash(contour, _STYLE.skin_colour)
        return _encode(picture)
    if layer == "attention":
        weights = maps["attention"]
        picture[..., :3] = _ATTENTION
        picture[..., 3] = np.rint(255 * _HIGHEST_TINT * _unpack(weights, "weights", size))
        return _encode(picture)
    lesion = np.where(_is_skin(maps, size), _unpack(maps, "lesion", size), 0)
    picture[..., :3] = _STYLE.lesion_colour
    picture[..., 3] = np.rint(255 * _HIGHEST_TINT * lesion)
    for contour in find_contours(find_lesion(maps, size), _STYLE):
        pen.line(contour, _STYLE.lesion_colour)
    return _encode(picture)


def draw_mask(inside: BoolArray) -> bytes:
    """Draw the outline that a clinician drew.

    Parameters
    ----------
    inside : BoolArray
        Affected skin (H, W).

    Returns
    -------
    bytes
        A PNG file, transparent where there is nothing.
    """
    picture, pen = _canvas((inside.shape[1], inside.shape[0]))
    for contour in find_contours(inside, _STYLE):
        pen.line(contour, _CLINICIANS)
    return _encode(picture)


def find_lesion(maps: Mapping[str, Any], size: tuple[int, int]) -> BoolArray:
    """Tell which pixels were counted as affected skin.

    Parameters
    ----------
    maps : Mapping[str, Any]
        From `pack_maps`.
    size : tuple[int, int]
        Width and height in pixels.

    Returns
    -------
    BoolArray
        (height, width).
    """
    inside: BoolArray = _is_skin(maps, size) & (_unpack(maps, "lesion", size) >= maps["lesion_threshold"])
    return inside


def _is_skin(maps: Mapping[str, Any], size: tuple[int, int]) -> BoolArray:
    inside: BoolArray = _unpack(maps, "skin", size) >= maps["skin_threshold"]
    return inside


def _canvas(size: tuple[int, int]) -> tuple[UInt8Array, Pen]:
    picture = np.zeros((size[1], size[0], 4), np.uint8)
    return picture, Pen(picture, max(size) / 1000, _STYLE)


def _pack(probabilities: FloatArray) -> str:
    return base64.b64encode(np.rint(255 * probabilities).astype(np.uint8).tobytes()).decode("ascii")


def _pack_attention(weights: FloatArray) -> dict[str, Any]:
    height, width = weights.shape
    return {"height": height, "width": width, "weights": _pack(weights / max(float(weights.max()), 1e-9))}


def _unpack(maps: Mapping[str, Any], name: str, size: tuple[int, int]) -> FloatArray:
    cells = np.frombuffer(base64.b64decode(maps[name]), np.uint8).reshape(maps["height"], maps["width"])
    return enlarge(cells.astype(np.float32) / np.float32(255), *size)


def _encode(picture: UInt8Array) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA))[1].tobytes()
