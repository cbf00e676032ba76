"""The lesion's border and grain: sharpness, irregularity, fractal dimension, satellites, and the size of details.

Lengths are in pixels of the photo given; the physical scale is not known here.
"""

import cv2
import numpy as np
import numpy.typing as npt

from flexura.features.view import (
    MIN_PIXELS,
    BoolArray,
    FeatureTable,
    SkinView,
    bounding_box,
    fill,
    mean_and_spread,
)
from flexura.records import FeatureVector, FloatArray, UInt8Array

# How far the profile across the border reaches to either side, and what counts as the plateau at its ends.
_REACH_PX = 16
_PLATEAU_PX = 4
# Less contrast between the plateaus than this Delta E is no border: the smallest step would look steep.
_LEAST_CONTRAST = 3.0
# A part smaller than this share of the largest one is its satellite. Ours: above it, two lesions stand side by side.
_SATELLITE_SHARE = 0.1
# Half sides of the squares that open and close the picture: details narrower than 3, 5, 9 and 17 px. Larger
# squares take light and shade of the body's form.
_HALF_SIDES_PX = (1, 2, 4, 8)

EDGES: FeatureTable = {
    "border_sharpness": "1/px",
    "border_irregularity": "1 for a disc",
    "border_solidity": "0-1",
    "border_fractal_dimension": "1-2",
    "satellite_count": "lesions",
    "bright_detail_scale": "px",
    "bright_detail_contrast": "grey levels",
    "dark_detail_scale": "px",
    "dark_detail_contrast": "grey levels",
}


def edge_features(view: SkinView) -> FeatureVector:
    """Measure the lesion's border and the size of its bright and dark details.

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    FeatureVector
        In the order of `EDGES`; without lesion only `satellite_count` has a value, 0 where there is skin.

    References
    ----------
    Maragos 1989, doi:10.1109/34.192465 (pattern spectrum: size of details by openings and closings).
    """
    values: dict[str, float] = {}
    areas = view.lesion_areas
    if np.count_nonzero(view.skin) >= MIN_PIXELS:
        values["satellite_count"] = float(np.count_nonzero(areas < _SATELLITE_SHARE * areas[:1]))
    if np.count_nonzero(view.lesion) >= MIN_PIXELS:
        values["border_sharpness"] = border_sharpness(view)
        values["border_irregularity"] = irregularity(view.lesion)
        values["border_solidity"] = solidity(view.lesion)
        values["border_fractal_dimension"] = box_counting_dimension(_border(view.lesion))
        values |= _detail_values(view)
    return fill(EDGES, values)


def border_sharpness(view: SkinView) -> float:
    """Give the steepest step of the mean colour profile across the border, as a share of its whole height.

    The profile is the colour along the line from skin to lesion in CIELAB, averaged over all border points at the
    same distance. An edge blurred by a Gaussian of standard deviation s has 1 / (s sqrt(2 pi)).

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    float
        1/px, 1 for a step from one pixel to the next, more only where the profile overshoots; NaN without contrast,
        or without `MIN_PIXELS` of lesion and of skin 12-16 px from the border.

    References
    ----------
    Kaya et al. 2016, doi:10.1186/s12859-016-1221-4 (abruptness of a border from layers parallel to it).
    """
    signed = _distance_inside(view.lesion)
    bands = [
        view.skin & low & high
        for low, high in (
            (signed > _REACH_PX - _PLATEAU_PX, signed < _REACH_PX),
            (signed > -_REACH_PX, signed < _PLATEAU_PX - _REACH_PX),
        )
    ]
    means = [mean_and_spread(view.lab, band)[0] for band in bands]
    across = means[0] - means[1]
    height = float(np.linalg.norm(across))
    if not height >= _LEAST_CONTRAST:
        return float("nan")
    height_along = cv2.transform(view.lab, (across / height**2)[None])
    near = view.skin & (np.abs(signed) < _REACH_PX)
    bins = np.floor(signed[near]).astype(np.int64) + _REACH_PX
    counts = np.bincount(bins, minlength=2 * _REACH_PX)
    profile = np.bincount(bins, height_along[near], 2 * _REACH_PX) / np.maximum(counts, 1)
    steps = np.diff(profile)[(counts[1:] > 0) & (counts[:-1] > 0)]
    return float(steps.max())


def _distance_inside(mask: BoolArray) -> FloatArray:
    """Distance to the border in px, positive inside, 0 between the last pixel inside and the first outside."""
    inside, outside = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5) for side in (mask, ~mask)
    )
    return np.where(mask, inside - np.float32(0.5), np.float32(0.5) - outside)


def perimeter_px(mask: BoolArray) -> float:
    """Length of a mask's border by the Cauchy-Crofton formula in four directions.

    Parameters
    ----------
    mask : BoolArray
        (H, W); outside it is empty.

    Returns
    -------
    float
        px; a disc's is right to 3 %, a straight line 5 % too short to 3 % too long, by its direction.

    References
    ----------
    Lehmann & Legland 2012, Efficient N-dimensional surface estimation using Crofton formula and run-length encoding,
    hal.inrae.fr/hal-02811118.

    Examples
    --------
    >>> round(perimeter_px(np.ones((1, 1), np.bool_)), 2)  # pi/8 (2 + 2 + 2/sqrt(2) + 2/sqrt(2))
    2.68
    """
    padded = np.pad(mask, 1)
    straight = np.count_nonzero(padded[1:] ^ padded[:-1]) + np.count_nonzero(padded[:, 1:] ^ padded[:, :-1])
    falling = np.count_nonzero(padded[1:, 1:] ^ padded[:-1, :-1])
    rising = np.count_nonzero(padded[1:, :-1] ^ padded[:-1, 1:])
    return float(np.pi / 8 * (straight + (falling + rising) / np.sqrt(2)))


def irregularity(mask: BoolArray) -> float:
    """Squared perimeter over 4 pi times the area: 1 for a disc, more for any other form.

    Parameters
    ----------
    mask : BoolArray
        (H, W), not empty; several parts count as one form.

    Returns
    -------
    float
        About 1 or more.

    References
    ----------
    Osserman 1978, doi:10.1090/S0002-9904-1978-14553-4 (isoperimetric inequality: the disc has the least).
    """
    return perimeter_px(mask) ** 2 / (4 * np.pi * int(np.count_nonzero(mask)))


def solidity(mask: BoolArray) -> float:
    """Area over that of the convex hull.

    Parameters
    ----------
    mask : BoolArray
        (H, W), not empty.

    Returns
    -------
    float
        Above 0, up to 1 for a convex form; pixels count as squares.
    """
    points = np.argwhere(_border(mask))
    corners = np.concatenate([points + corner for corner in ((0, 0), (0, 1), (1, 0), (1, 1))]).astype(np.int32)
    return int(np.count_nonzero(mask)) / float(cv2.contourArea(cv2.convexHull(corners)))


def box_counting_dimension(mask: BoolArray) -> float:
    """Slope of the number of boxes that a form touches against their size, both as logarithms.

    A form that the photo cuts is measured as it is seen. Boxes are 1, 2, 4, … px wide, up to a quarter of the form. The
    grid is laid from each of the four corners of the form and the fewest boxes count.

    Parameters
    ----------
    mask : BoolArray
        (H, W).

    Returns
    -------
    float
        1 for a line, 2 for an area, between them for a ragged border; NaN under 8 px of extent.

    References
    ----------
    Liebovitch & Toth 1989, doi:10.1016/0375-9601(89)90854-2 (box counting).
    """
    form = mask[bounding_box(mask)]
    extent = max(form.shape)
    if extent < 8:
        return float("nan")
    side = 1 << (extent - 1).bit_length()
    corners = (form, form[::-1], form[:, ::-1], form[::-1, ::-1])
    counts = np.min([_box_counts(corner, side) for corner in corners], axis=0)
    sizes = 2.0 ** np.arange(len(counts))
    used = sizes <= extent / 4
    slope, _ = np.polyfit(np.log(sizes[used]), np.log(counts[used]), 1)
    return float(-slope)


def _box_counts(form: BoolArray, side: int) -> list[int]:
    boxes = np.zeros((side, side), np.bool_)
    boxes[: form.shape[0], : form.shape[1]] = form
    counts = [int(np.count_nonzero(boxes))]
    while len(boxes) > 1:
        pairs = boxes[::2] | boxes[1::2]
        boxes = pairs[:, ::2] | pairs[:, 1::2]
        counts.append(int(np.count_nonzero(boxes)))
    return counts


def _border(mask: BoolArray) -> BoolArray:
    """Pixels of a mask that have an outside neighbour, sideways, above or below."""
    padded = np.pad(mask, 1)
    kept = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(mask & ~kept, np.bool_)


def detail_spectrum(grey: UInt8Array, mask: BoolArray, operation: int) -> npt.NDArray[np.float64]:
    """Mean of what opening or closing by each square takes from a region beyond the square before.

    Parameters
    ----------
    grey : UInt8Array
        (H, W).
    mask : BoolArray
        (H, W), not empty.
    operation : int
        `cv2.MORPH_TOPHAT` for bright details, `cv2.MORPH_BLACKHAT` for dark ones.

    Returns
    -------
    npt.NDArray[np.float64]
        Grey levels for details narrower than 3, 5, 9 and 17 px.

    References
    ----------
    Maragos 1989, doi:10.1109/34.192465.
    """
    taken = [0.0]
    for half_side in _HALF_SIDES_PX:
        square = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * half_side + 1, 2 * half_side + 1))
        hat = cv2.morphologyEx(grey, operation, square)
        taken.append(float(cv2.mean(hat, mask.view(np.uint8))[0]))
    return np.maximum(np.diff(taken), 0.0)


def _detail_values(view: SkinView) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, operation in (("bright", cv2.MORPH_TOPHAT), ("dark", cv2.MORPH_BLACKHAT)):
        spectrum = detail_spectrum(view.grey, view.lesion, operation)
        widths = 2.0 * np.array(_HALF_SIDES_PX) + 1
        total = float(spectrum.sum())
        values[f"{name}_detail_contrast"] = total
        if total > 0:
            values[f"{name}_detail_scale"] = float(spectrum @ widths / total)
    return values
