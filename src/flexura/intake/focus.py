"""How sharp a picture is, and whether it lost its detail along one direction only: out of focus or shaken.

Pure measurement of grey uint8 (H, W). Both measures compare fine with coarser detail in tiles, so that
contrast cancels out, and let the best tiles speak: smooth skin and a blurred background do not count.
"""

from typing import NamedTuple

import cv2
import numpy as np

from flexura.records import FloatArray, UInt8Array

TILE_PX = 32

# Detail of 1-2 px against detail of 2-4 px (standard deviations of the Gaussians, in px).
_FINE_SIGMA, _MIDDLE_SIGMA, _COARSE_SIGMA = 1.0, 2.0, 4.0
_FLAT_VARIANCE = 1.0  # grey levels squared: below this a tile is smooth skin or wall and says nothing of focus
_FLAT_SLOPE = 0.05  # the same for slopes: grey levels per px, squared
_SHARPEST_PERCENT = 95.0
_STEADIEST_PERCENT = 90.0  # lower, because a single hair along the motion keeps all its sharpness
_DIRECTION_STEP_DEGREES = 15
# Sharp photos have 1.7 along their worst direction (5th percentile), copies moved by 8 px 1.2 at most (95th): what is
# sharper across than this is cloth or ridges, and says nothing more of motion. Curve: docs/quality.md.
MOST_ACROSS = 1.8


class Bands(NamedTuple):
    """Detail of 1-2 px and of 2-4 px in grey levels, (H, W) each."""

    fine: FloatArray
    coarse: FloatArray


def bands(grey: UInt8Array) -> Bands:
    """Take a picture's detail apart by size; each width is blurred from the one before: variances of Gaussians add.

    Parameters
    ----------
    grey : UInt8Array
        (H, W).

    Returns
    -------
    Bands
        Each of the picture's size.

    References
    ----------
    Burt & Adelson 1983, doi:10.1109/TCOM.1983.1095851 (bands as differences of Gaussians).
    """
    fine = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _FINE_SIGMA)
    middle = cv2.GaussianBlur(fine, (0, 0), (_MIDDLE_SIGMA**2 - _FINE_SIGMA**2) ** 0.5)
    coarse = cv2.GaussianBlur(middle, (0, 0), (_COARSE_SIGMA**2 - _MIDDLE_SIGMA**2) ** 0.5)
    return Bands(np.asarray(fine - middle, np.float32), np.asarray(middle - coarse, np.float32))


def sharpness(detail: Bands) -> float:
    """Measure focus as the ratio of fine to coarser detail where there is most of it.

    Blur takes the finest detail first, so the ratio falls with blur whatever the contrast. It is taken
    in tiles of 32 px and the 95th percentile counts: a few hairs, pores or edges in focus are
    enough, and smooth skin or an unfocused background does not count against a photo.

    Parameters
    ----------
    detail : Bands
        From `bands`, both sides at least 32 px.

    Returns
    -------
    float
        About 0.4 (blurred) to 2 (crisp); 0 for a picture without detail.

    References
    ----------
    Crete et al. 2007, The blur effect, doi:10.1117/12.702790 (re-blurring as the yardstick of blur).
    """
    fine, coarse = (tile_means(band**2) for band in detail)
    return float(np.percentile(np.sqrt(fine / (coarse + _FLAT_VARIANCE)), _SHARPEST_PERCENT))


def steadiness(detail: Bands, *, most_across: float = MOST_ACROSS) -> float:
    """Measure sharpness along the worst direction as a ratio of that across it.

    Motion averages along its path and leaves the detail across it; a lens out of focus takes both
    alike. Fine and coarser detail along a direction come from the structure tensors of two bands; the
    90th percentile of the tiles counts. A picture of hairs, finger ridges or threads that run one way
    is crisp along them too, at their ends and crossings, only far crisper across: sharpness across
    counts up to a limit, so that what is sharp in every direction is steady.

    Parameters
    ----------
    detail : Bands
        From `bands`, both sides at least 32 px.
    most_across : float
        The limit, above 0; without end for the ratio alone.

    Returns
    -------
    float
        0-1; 1 where no direction is favoured, and for a picture without detail.

    References
    ----------
    Foerstner & Guelch 1987, ISPRS Intercommission Conference (structure tensor); Levin 2006, Blind motion
    deblurring using image statistics, NIPS 19 (motion takes detail along one direction only).
    """
    fine, coarse = (_slopes(band) for band in detail)
    angle = np.radians(np.arange(0, 180, _DIRECTION_STEP_DEGREES))
    weights = np.stack([np.cos(angle) ** 2, np.sin(2 * angle), np.sin(angle) ** 2], axis=1)  # (directions, 3)
    ratios = np.sqrt(np.maximum(weights @ fine, 0) / (np.maximum(weights @ coarse, 0) + _FLAT_SLOPE))
    along = np.percentile(ratios, _STEADIEST_PERCENT, axis=1)
    across = np.minimum(np.roll(along, len(angle) // 2), most_across)  # a quarter turn
    return float(min(1.0, np.min((along + 1e-6) / (across + 1e-6))))


def tile_means(values: FloatArray) -> FloatArray:
    """Average each whole tile of 32 px; what is left at the right and lower edge does not count.

    Parameters
    ----------
    values : FloatArray
        (H, W), both at least 32.

    Returns
    -------
    FloatArray
        One mean per tile, row by row.
    """
    rows, columns = (side // TILE_PX for side in values.shape)
    tiles = values[: rows * TILE_PX, : columns * TILE_PX].reshape(rows, TILE_PX, columns, TILE_PX)
    means: FloatArray = tiles.mean(axis=(1, 3)).ravel()
    return means


def _slopes(band: FloatArray) -> FloatArray:
    """Structure tensor of each tile: mean squared slope along x, mean product, mean squared slope along y."""
    along_x, along_y = (np.asarray(cv2.Scharr(band, cv2.CV_32F, *order) / 32, np.float32) for order in ((1, 0), (0, 1)))
    return np.stack([tile_means(along_x**2), tile_means(along_x * along_y), tile_means(along_y**2)])
