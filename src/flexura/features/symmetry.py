"""Symmetry: of the lesion about its own principal axes, and of two photos of the same site left and right.

Eczema of the flexures is typically found on both sides; a lesion on one side only speaks for an outside cause.
"""

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from flexura.errors import FeatureError
from flexura.features.view import MIN_PIXELS, BoolArray, FeatureTable, SkinView, bounding_box, fill
from flexura.records import FeatureVector, FloatArray

_LONGEST_SIDE_PX = 128  # a form's symmetry needs no finer picture

SYMMETRY: FeatureTable = {
    "shape_asymmetry_major": "0-1",
    "shape_asymmetry_minor": "0-1",
    "colour_asymmetry_major": "CIE76 Delta E",
    "colour_asymmetry_minor": "CIE76 Delta E",
    "lesion_elongation": "1 or more",
}

# Features of one photo that two sides are compared by.
SIDE_FEATURES = (
    "lesion_skin_share",
    "lesion_count",
    "delta_lightness",
    "delta_a",
    "delta_erythema_index",
    "delta_haemoglobin",
    "delta_gabor_4px",
    "delta_gabor_16px",
)


def symmetry_features(view: SkinView) -> FeatureVector:
    """Measure how far the lesion is from its own mirror image, in shape and colour.

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    FeatureVector
        In the order of `SYMMETRY`; NaN without lesion. All parts of the lesion count as one form.

    References
    ----------
    Stoecker, Li & Moss 1992, doi:10.1016/0895-6111(92)90073-I (area that does not overlap when a lesion is folded
    about its principal axes); Grana et al. 2006, doi:10.2340/00015555-0043 (asymmetry of colour).
    """
    if np.count_nonzero(view.lesion) < MIN_PIXELS:
        return fill(SYMMETRY, {})
    box = bounding_box(view.lesion)
    lesion, lab = _reduced(view.lesion[box].astype(np.float32)), _reduced(view.lab[box])
    mask = (lesion >= 0.5).astype(np.float32)
    if not mask.any():  # nothing but lines finer than a reduced pixel
        return fill(SYMMETRY, {})
    centre, axes, spread = principal_axes(mask > 0)
    values = {"lesion_elongation": float(np.sqrt(spread[0] / max(spread[1], 1 / 12)))}
    for name, axis in zip(("major", "minor"), axes, strict=True):
        values[f"shape_asymmetry_{name}"] = shape_asymmetry(mask, centre, axis)
        values[f"colour_asymmetry_{name}"] = colour_asymmetry(lab, mask, centre, axis)
    return fill(SYMMETRY, values)


def principal_axes(
    mask: BoolArray,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Centre and principal axes of a form.

    Parameters
    ----------
    mask : BoolArray
        (H, W), not empty.

    Returns
    -------
    tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]
        Centre (x, y) in px; axes (2, 2) as unit vectors (x, y), the longer first; variance along each (2,) in px².
    """
    y, x = np.nonzero(mask)
    centre = np.array([x.mean(), y.mean()])
    offset = np.stack([x, y]) - centre[:, None]
    variance, vectors = np.linalg.eigh(offset @ offset.T / len(x))
    return centre, vectors.T[::-1], variance[::-1]


def shape_asymmetry(mask: FloatArray, centre: npt.NDArray[np.float64], axis: npt.NDArray[np.float64]) -> float:
    """Share of a form that its mirror image about an axis does not cover.

    Parameters
    ----------
    mask : FloatArray
        (H, W), 0 or 1, not empty.
    centre : npt.NDArray[np.float64]
        A point (x, y) of the axis, px.
    axis : npt.NDArray[np.float64]
        Direction of the axis, a unit vector (x, y).

    Returns
    -------
    float
        0 (symmetric) to 1 (nothing covered).
    """
    mirrored = _mirror(mask, centre, axis)
    return float(1 - np.minimum(mask, mirrored).sum() / mask.sum())


def colour_asymmetry(
    lab: FloatArray, mask: FloatArray, centre: npt.NDArray[np.float64], axis: npt.NDArray[np.float64]
) -> float:
    """Mean colour difference between mirrored points that both lie in the lesion.

    Parameters
    ----------
    lab : FloatArray
        CIELAB (H, W, 3).
    mask : FloatArray
        (H, W), 0 or 1.
    centre : npt.NDArray[np.float64]
        A point (x, y) of the axis, px.
    axis : npt.NDArray[np.float64]
        Direction of the axis, a unit vector (x, y).

    Returns
    -------
    float
        CIE76 Delta E, 0 or more; NaN where the mirror image meets the lesion nowhere.
    """
    both = (mask > 0) & (_mirror(mask, centre, axis) > 0.99)
    if not both.any():
        return float("nan")
    return float(np.linalg.norm(lab - _mirror(lab, centre, axis), axis=2)[both].mean())


def compare_sides(left: FeatureVector, right: FeatureVector) -> FeatureVector:
    """Compare the same site of the left and the right side, each measured on its own photo.

    Parameters
    ----------
    left : FeatureVector
        From `extract`.
    right : FeatureVector
        From `extract`.

    Returns
    -------
    FeatureVector
        `left_minus_right_…` for each of `SIDE_FEATURES` in its unit, then `side_area_asymmetry`, from 0 (the same
        share of the skin affected on both sides) to 1 (one side only); NaN where a side has no value, and the
        asymmetry also where neither side has a lesion. Contrasts are to own skin, so two photos need not be taken
        in the same light.

    Raises
    ------
    FeatureError
        A side lacks one of `SIDE_FEATURES`.

    References
    ----------
    Asymmetry index (l - r) / (l + r): Palmer & Strobeck 1986, doi:10.1146/annurev.es.17.110186.002135.
    """
    sides = [_by_name(side) for side in (left, right)]
    units = dict(zip(left.names, left.units, strict=True))
    table = {f"left_minus_right_{name}": units[name] for name in SIDE_FEATURES} | {"side_area_asymmetry": "0-1"}
    values = {f"left_minus_right_{name}": sides[0][name] - sides[1][name] for name in SIDE_FEATURES}
    left_share, right_share = (side["lesion_skin_share"] for side in sides)
    if left_share + right_share > 0:
        values["side_area_asymmetry"] = abs(left_share - right_share) / (left_share + right_share)
    return fill(table, values)


def _by_name(side: FeatureVector) -> Mapping[str, float]:
    values = dict(zip(side.names, map(float, side.values), strict=True))
    missing = [name for name in SIDE_FEATURES if name not in values]
    if missing:
        raise FeatureError(f"expected the features of a whole photo on both sides; missing: {', '.join(missing)}")
    return values


def _mirror(image: FloatArray, centre: npt.NDArray[np.float64], axis: npt.NDArray[np.float64]) -> FloatArray:
    reflection = 2 * np.outer(axis, axis) - np.eye(2)
    motion = np.column_stack([reflection, centre - reflection @ centre])
    # A reflection is its own inverse.
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, motion, image.shape[1::-1], flags=flags), np.float32)


def _reduced(image: FloatArray) -> FloatArray:
    height, width = image.shape[:2]
    scale = min(1.0, _LONGEST_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
