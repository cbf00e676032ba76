"""A colour card of 24 patches in the picture (ColorChecker and its like): where it lies, and the light on it.

OpenCV finds it; its patches are then found one by one, which places the grid to a tenth of a patch. The last of
its four rows is grey, from white to black: what is not grey there in the picture is the colour of the light. Cards come
in many sizes, so a card alone tells no millimetres. sRGB uint8 (H, W, 3) in.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

from flexura.preprocessing.step import check_pixels, shrunk, to_linear
from flexura.records import BoolArray, FloatArray, UInt8Array

_ROWS, _COLUMNS = 4, 6
_SOUGHT_SIDE_PX = 768  # a card of a fifth of this has patches of 20 px; larger finds no more and costs as it is larger
# Colours are counted first, on a picture of this side, which is a tenth of the work: a card spans more of the ratios
# of channels (in log) than most photos, whatever the lamp, since a lamp shifts all of them alike.
_COUNTED_SIDE_PX, _FEWEST_RATIOS, _RARE_PERCENT = 96, 1.5, 0.3
_PATCH_PX = 24  # from patch to patch where the card is looked at from the front
_FEWEST_PATCHES = 12  # that must be found one by one
_SLACK = 0.12  # of the distance of patches, by which a found one may lie beside the grid
_DARK_LEVEL, _CLIPPED_LEVEL = 20, 250  # beyond them channels no longer tell the light's colour
_ALIKE = 0.3  # log of channel ratios, by which one grey patch may differ from all
_FEWEST_GREYS = 2
_RIM = 0.9  # from the centres of the outer patches to the card's edge, in distances of patches
_GRID = np.array([(column, row) for row in range(_ROWS) for column in range(_COLUMNS)], np.float32)


@dataclass(frozen=True)
class ColourCard:
    """A card's place and the light on it.

    `centres` of its patches as x and y in pixels (24, 2), four rows of six, the grey row last and white first; `light`
    linear red, green and blue (3,), of which only the ratios count.
    """

    centres: FloatArray = field(repr=False)
    light: FloatArray = field(repr=False)

    @property
    def row_px(self) -> float:
        """From the first patch of a row to its sixth, centre to centre; as if seen from the front."""
        grid = self.centres.reshape(_ROWS, _COLUMNS, 2)
        across = float(np.linalg.norm(grid[:, -1] - grid[:, 0], axis=1).mean()) / (_COLUMNS - 1)
        down = float(np.linalg.norm(grid[-1] - grid[0], axis=1).mean()) / (_ROWS - 1)
        return (_COLUMNS - 1) * float(np.sqrt(across * down))


def find_colour_card(pixels: UInt8Array) -> ColourCard | None:
    """Find a colour card of 24 patches.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3); the card at least a fifth of the longer side.

    Returns
    -------
    ColourCard or None
        `None` if there is none whose patches lie in a grid and whose last row is grey and falls from white to black.

    Raises
    ------
    PreprocessingError
        The picture is none.

    References
    ----------
    McCamy, Marcus and Davidson 1976, A color-rendition chart, J. Applied Photographic Engineering 2(3), 95-99.
    """
    check_pixels(pixels)
    if not _many_colours(pixels):
        return None
    sought = shrunk(pixels, _SOUGHT_SIDE_PX)
    rough = _rough_centres(sought)
    if rough is None:
        return None
    scale = max(pixels.shape[:2]) / max(sought.shape[:2])
    centres = _refined(pixels, (rough + 0.5) * scale - 0.5)
    if centres is None:
        return None
    greys = _patch_colours(pixels, centres)[-_COLUMNS:]
    light = _light(greys)
    return None if light is None else ColourCard(centres, light)


def card_mask(card: ColourCard, shape: tuple[int, int]) -> BoolArray:
    """Mark a card with its edge.

    Parameters
    ----------
    card : ColourCard
        From `find_colour_card`.
    shape : tuple of int
        Height and width of the picture in which it was found.

    Returns
    -------
    BoolArray
        `shape`.
    """
    low, right, below = -_RIM, _COLUMNS - 1 + _RIM, _ROWS - 1 + _RIM
    corners = np.array([[(low, low), (right, low), (right, below), (low, below)]], np.float32)
    mask = np.zeros(shape, np.uint8)
    in_picture = cv2.perspectiveTransform(corners, cv2.findHomography(_GRID, card.centres)[0])
    cv2.fillConvexPoly(mask, np.rint(in_picture[0]).astype(np.int32), 1)
    return mask.astype(np.bool_)


def _many_colours(pixels: UInt8Array) -> bool:
    """Whether red and blue against green span as much as the patches of a card."""
    step = max(1, max(pixels.shape[:2]) // (2 * _COUNTED_SIDE_PX))  # averaging them all would take longer than this
    small = shrunk(np.ascontiguousarray(pixels[::step, ::step]), _COUNTED_SIDE_PX)
    light = np.log(np.maximum(to_linear(), 1e-3))[small[small.max(axis=2) > _DARK_LEVEL]]
    rare = int(len(light) * _RARE_PERCENT / 100)
    if rare == 0:
        return False
    for channel in (0, 2):
        ratios = np.partition(light[:, channel] - light[:, 1], (rare, -rare - 1))
        if ratios[-rare - 1] - ratios[rare] < _FEWEST_RATIOS:
            return False
    return True


def _rough_centres(pixels: UInt8Array) -> FloatArray | None:
    """Centres of the patches (24, 2) to about half a patch."""
    settings = cv2.mcc.DetectorParametersMCC()
    settings.minImageSize = 1  # never enlarged
    settings.adaptiveThreshWinSizeMin, settings.adaptiveThreshWinSizeMax = 23, 87
    settings.adaptiveThreshWinSizeStep = 32  # three windows instead of nine: half the time
    detector = cv2.mcc.CCheckerDetector.create()
    detector.setColorChartType(cv2.mcc.MCC24)
    detector.setUseDnnModel(False)
    detector.setDetectionParams(settings)
    if not detector.process(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)):
        return None
    corners = np.asarray(detector.getBestColorChecker().getColorCharts(), np.float32)
    return np.asarray(corners.reshape(_ROWS * _COLUMNS, 4, 2).mean(axis=1), np.float32)


def _refined(pixels: UInt8Array, centres: FloatArray) -> FloatArray | None:
    """Move the grid onto the patches that can be found one by one; twice, as the first look may be askew."""
    for _ in range(2):
        front, to_front = _from_front(pixels, centres)
        found = _bright_squares(cv2.medianBlur(front, 3).max(axis=2)) / _PATCH_PX - 1.5
        if len(found) < _FEWEST_PATCHES:
            return None
        nearest = np.linalg.norm(found[:, None] - _GRID[None], axis=2).argmin(axis=1)
        moved, kept = cv2.findHomography(_GRID[nearest], found, cv2.RANSAC, _SLACK)
        if np.count_nonzero(kept) < _FEWEST_PATCHES or np.shape(moved) != (3, 3):
            return None
        in_front = (cv2.perspectiveTransform(_GRID[None], moved) + 1.5) * _PATCH_PX
        centres = np.asarray(cv2.perspectiveTransform(in_front, np.linalg.inv(to_front))[0], np.float32)
    return centres


def _from_front(pixels: UInt8Array, centres: FloatArray) -> tuple[UInt8Array, FloatArray]:
    """Look at a card from the front with a patch's width around it: the picture and the homography to it."""
    to_front, _ = cv2.findHomography(centres, (_GRID + 1.5) * _PATCH_PX)
    size = ((_COLUMNS + 2) * _PATCH_PX, (_ROWS + 2) * _PATCH_PX)
    front = cv2.warpPerspective(pixels, to_front, size, borderMode=cv2.BORDER_REPLICATE)
    return front.astype(np.uint8, copy=False), np.asarray(to_front, np.float64)


def _bright_squares(grey: UInt8Array) -> FloatArray:
    """Centres (N, 2) of what is brighter than its surroundings and about as large as a patch."""
    window = int(1.5 * _PATCH_PX) | 1
    bright = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, -4)
    eroded = cv2.erode(bright, np.ones((3, 3), np.uint8))
    _, _, sizes, centres = cv2.connectedComponentsWithStats(eroded)
    fits = (sizes[:, cv2.CC_STAT_AREA] > 0.3 * _PATCH_PX**2) & (sizes[:, cv2.CC_STAT_AREA] < 1.1 * _PATCH_PX**2)
    fits &= (sizes[:, cv2.CC_STAT_WIDTH] < 1.3 * _PATCH_PX) & (sizes[:, cv2.CC_STAT_HEIGHT] < 1.3 * _PATCH_PX)
    fits[0] = False  # what is not bright
    return centres[fits].astype(np.float32)


def _patch_colours(pixels: UInt8Array, centres: FloatArray) -> FloatArray:
    """Median sRGB levels of the middle of each patch (24, 3)."""
    front, _ = _from_front(pixels, centres)
    rows = front[_PATCH_PX:-_PATCH_PX, _PATCH_PX:-_PATCH_PX].reshape(_ROWS, _PATCH_PX, _COLUMNS, _PATCH_PX, 3)
    inner = slice(_PATCH_PX // 4, -(_PATCH_PX // 4))
    return np.asarray(np.median(rows[:, inner, :, inner], axis=(1, 3)).reshape(-1, 3), np.float32)


def _light(greys: FloatArray) -> FloatArray | None:
    """Light (3,) that falls on grey patches (6, 3), brighter ones counting for more; `None` if they are not alike."""
    measurable = greys[(greys.max(axis=1) < _CLIPPED_LEVEL) & (greys.min(axis=1) > _DARK_LEVEL)]
    if np.any(np.diff(greys.sum(axis=1)) >= 0) or len(measurable) < _FEWEST_GREYS:
        return None
    linear = to_linear()[np.rint(measurable).astype(np.uint8)]
    light = np.asarray(linear.mean(axis=0), np.float32)
    differ = np.ptp(np.log(linear / light), axis=1)  # how far each patch's colour is from the light's
    return light if differ.max() < _ALIKE else None
