"""The photo with what the network saw: affected skin tinted and outlined, the skin's boundary dashed.

Blue and white are the hues that skin never has, and both stay apart for red-green blindness
(Okabe and Ito). Every line has a dark casing, so that it shows on pale and on dark skin, and the two
lines differ in stroke too, so that a black-and-white print can be read. sRGB uint8 (H, W, 3).
"""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from flexura.decision.calibration import AreaReading
from flexura.records import BoolArray, FloatArray, Photo, Prediction, UInt8Array

Colour = tuple[int, int, int]
IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class OverlayStyle:
    """How the overlay is drawn; lengths are per mille of the photo's longest side, opacities 0-1."""

    lesion_colour: Colour = (86, 180, 233)  # "sky blue" of Okabe and Ito's palette
    skin_colour: Colour = (255, 255, 255)
    casing_colour: Colour = (20, 20, 20)
    # At 0.22 the redness and scale underneath can still be judged; above 0.35 they cannot.
    highest_opacity: float = 0.22
    line_width: float = 4.0
    dash_length: float = 16.0
    # Specks smaller than this part of the photo are below what the map resolves.
    smallest_patch: float = 0.0008
    legend_height: float = 30.0


def draw_overlay(
    photo: Photo, prediction: Prediction, *, reading: AreaReading, style: OverlayStyle | None = None
) -> UInt8Array:
    """Draw on a photo what the network took for affected skin and for skin.

    Parameters
    ----------
    photo : Photo
        Picture (H, W, 3).
    prediction : Prediction
        Its lesion and skin maps (h, w) lie over the whole photo.
    reading : AreaReading
        The thresholds with which the area was counted, so that the lines show what the number says.
    style : OverlayStyle | None
        Colours, widths and opacities; `OverlayStyle()` if `None`.

    Returns
    -------
    UInt8Array
        A new picture (H, W, 3) of the photo's size.

    References
    ----------
    Okabe M, Ito K. Color universal design, 2008. https://jfly.uni-koeln.de/color/
    """
    style = style or OverlayStyle()
    height, width = photo.pixels.shape[:2]
    skin = enlarge(prediction.skin_map, width, height)
    lesion = enlarge(prediction.lesion_map, width, height)
    is_skin = skin >= reading.skin_threshold
    is_lesion = is_skin & (lesion >= reading.lesion_threshold)
    picture = _tint(photo.pixels, np.where(is_skin, lesion, 0), style)
    pen = Pen(picture, max(height, width) / 1000, style)
    for contour in find_contours(is_skin, style):
        pen.dash(contour, style.skin_colour)
    for contour in find_contours(is_lesion, style):
        pen.line(contour, style.lesion_colour)
    return picture


def encode_png(picture: UInt8Array) -> bytes:
    """Code a picture as PNG.

    Parameters
    ----------
    picture : UInt8Array
        sRGB (H, W, 3).

    Returns
    -------
    bytes
        The content of a PNG file.
    """
    return cv2.imencode(".png", picture[..., ::-1])[1].tobytes()


def add_legend(picture: UInt8Array, prediction: Prediction, *, style: OverlayStyle | None = None) -> UInt8Array:
    """Write what tint and lines mean into the corner of an overlay that shows the least affected skin.

    Parameters
    ----------
    picture : UInt8Array
        Overlay (H, W, 3).
    prediction : Prediction
        What the overlay was drawn from.
    style : OverlayStyle | None
        The style that the overlay was drawn with.

    Returns
    -------
    UInt8Array
        A new picture of the same size.
    """
    style = style or OverlayStyle()
    height, width = picture.shape[:2]
    row = max(14, round(style.legend_height * max(height, width) / 1000))
    font = ImageFont.load_default(row * 0.72)
    entries = (("affected skin", style.lesion_colour, False), ("edge of visible skin", style.skin_colour, True))
    box_width = round(3.4 * row + max(font.getlength(text) for text, _, _ in entries))
    box_height = (len(entries) + 1) * row
    left, top = _calm_corner(enlarge(prediction.lesion_map, width, height), box_width, box_height)
    image = Image.fromarray(picture)
    canvas = ImageDraw.Draw(image, "RGBA")
    canvas.rectangle((left, top, left + box_width, top + box_height), fill=(*style.casing_colour, 190))
    for index, (text, colour, dashed) in enumerate(entries):
        middle = top + (index + 1) * row
        for start, end in ((0.5, 1.0), (1.3, 1.8), (2.1, 2.5)) if dashed else ((0.5, 2.5),):
            stroke = (left + start * row, middle, left + end * row, middle)
            canvas.line(stroke, fill=colour, width=max(2, row // 6))
        canvas.text((left + 2.9 * row, middle), text, fill=(255, 255, 255), font=font, anchor="lm")
    return np.asarray(image, np.uint8)


def _calm_corner(lesion: FloatArray, box_width: int, box_height: int) -> tuple[int, int]:
    height, width = lesion.shape
    lower, right = max(0, height - box_height), max(0, width - box_width)
    corners = ((0, lower), (right, lower), (0, 0), (right, 0))
    return min(corners, key=lambda corner: lesion[corner[1] :, corner[0] :][:box_height, :box_width].sum())


@dataclass(frozen=True)
class Pen:
    """Draws cased lines onto one picture; `unit` is a thousandth of the longest side in pixels.

    A picture of four channels takes colours of four, the last one opaque.
    """

    picture: UInt8Array
    unit: float
    style: OverlayStyle

    def line(self, contour: IntArray, colour: Colour) -> None:
        """Draw along a contour (N, 1, 2)."""
        core, channels = max(2, round(self.style.line_width * self.unit)), self.picture.shape[2]
        for shade, width in ((self.style.casing_colour, core + 2 * max(1, core // 2)), (colour, core)):
            ink = (*shade, 255)[:channels]
            cv2.polylines(self.picture, [contour], isClosed=False, color=ink, thickness=width, lineType=cv2.LINE_AA)

    def dash(self, contour: IntArray, colour: Colour) -> None:
        """Draw dashes along a contour (N, 1, 2)."""
        points = contour.reshape(-1, 2)
        steps = np.hypot(*np.diff(points, axis=0).T)
        period = np.concatenate([[0.0], np.cumsum(steps)]) // (self.style.dash_length * self.unit)
        cuts = [0, *(np.flatnonzero(np.diff(period)) + 1), len(points)]
        for start, end in pairwise(cuts):
            if period[start] % 2 == 0 and end - start > 1:
                self.line(contour[start:end], colour)


def enlarge(probabilities: FloatArray, width: int, height: int) -> FloatArray:
    """Enlarge a map (h, w) smoothly to (height, width), kept in [0, 1]."""
    enlarged = cv2.resize(probabilities.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(enlarged, 0.0, 1.0)


def _tint(pixels: UInt8Array, lesion: FloatArray, style: OverlayStyle) -> UInt8Array:
    opacity = (style.highest_opacity * lesion)[..., None]
    tinted = pixels * (1 - opacity) + np.array(style.lesion_colour, np.float32) * opacity
    return np.ascontiguousarray(np.rint(tinted), dtype=np.uint8)


def find_contours(inside: BoolArray, style: OverlayStyle) -> list[IntArray]:
    """Boundary lines (N, 1, 2) of a mask (H, W); parts along the photo's frame are left out."""
    found, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    large = [
        contour.astype(np.int32) for contour in found if cv2.contourArea(contour) >= style.smallest_patch * inside.size
    ]
    return [piece for contour in large for piece in _inner_pieces(contour, inside.shape[1], inside.shape[0])]


def _inner_pieces(contour: IntArray, width: int, height: int) -> list[IntArray]:
    x, y = contour[:, 0, 0], contour[:, 0, 1]
    on_frame = (x == 0) | (y == 0) | (x == width - 1) | (y == height - 1)
    if not on_frame.any():
        return [np.concatenate([contour, contour[:1]])]
    first = int(np.argmax(on_frame))  # start at the frame, so that no piece is cut in two
    contour, on_frame = np.roll(contour, -first, axis=0), np.roll(on_frame, -first)
    cuts = np.flatnonzero(np.diff(on_frame)) + 1
    pieces = np.split(contour, cuts)
    return [piece for piece, framed in zip(pieces, np.split(on_frame, cuts), strict=True) if not framed[0]]
