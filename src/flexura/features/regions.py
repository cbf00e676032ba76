"""Areas: how much of the skin is lesion, in how many parts, how confluent; and superpixels, how mottled it is.

Superpixels are our own SLIC on a reduced picture: OpenCV's is not in the headless wheel, and what they are used
for here, patches of one colour, needs no finer ones.
"""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from flexura.features.view import MIN_PIXELS, FeatureTable, Int32Array, SkinView, fill
from flexura.records import FeatureVector, FloatArray

_MOSTLY = 0.75  # a patch belongs to a region that covers more of it than this
_OUTLINE_BAND = np.ones((5, 5), np.uint8)  # a pixel of the reduced picture is near an outline at most 2 px away

REGIONS: FeatureTable = {
    "lesion_skin_share": "share of skin",
    "lesion_count": "lesions",
    "lesion_largest_share": "share of lesion",
    "lesion_confluence": "0-1",
    "lesion_mottling": "CIE76 Delta E",
    "skin_mottling": "CIE76 Delta E",
    "outline_adherence": "0.5-1",
}


@dataclass(frozen=True)
class SlicConfig:
    """Settings of `superpixels`; defaults give 140 patches for a photo of 4:3."""

    longest_side_px: int = 112  # the picture is reduced to this
    spacing_px: int = 8  # of the patches' first centres, in the reduced picture
    compactness: float = 10.0  # Delta E that weighs as much as one spacing; the authors' own choice for photos
    rounds: int = 5  # after which, on rendered skin, fewer than 1 in 50 pixels still change patch


@dataclass(frozen=True)
class Superpixels:
    """Patches of a reduced picture: `labels` (h, w) from 0; their mean colours `lab` (N, 3) and sizes `pixels` (N,)."""

    labels: Int32Array = field(repr=False)
    lab: FloatArray = field(repr=False)
    pixels: Int32Array = field(repr=False)


DEFAULT_SLIC = SlicConfig()


def region_features(view: SkinView) -> FeatureVector:
    """Measure area, number and confluence of lesions, and how evenly coloured lesion and skin are.

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    FeatureVector
        In the order of `REGIONS`. Without skin all is NaN; without lesion, share and count are 0.

    References
    ----------
    Jaeger 2000, doi:10.1023/A:1008129329289 (degree of coherence, here of lesions).
    """
    skin_area = int(np.count_nonzero(view.skin))
    if skin_area < MIN_PIXELS:
        return fill(REGIONS, {})
    areas = view.lesion_areas
    values = {
        "lesion_skin_share": np.count_nonzero(view.lesion) / skin_area,
        "lesion_count": float(len(areas)),
    }
    if len(areas):
        values["lesion_largest_share"] = float(areas[0] / areas.sum())
        values["lesion_confluence"] = confluence(areas)
    return fill(REGIONS, values | _patch_values(view))


def confluence(areas: Int32Array) -> float:
    """Give the chance that two points of the lesion, taken at random, lie in the same connected part.

    Parameters
    ----------
    areas : Int32Array
        (N,), at least one.

    Returns
    -------
    float
        1 for one plaque, 1 / N for N equal ones.

    References
    ----------
    Jaeger 2000, doi:10.1023/A:1008129329289.

    Examples
    --------
    >>> confluence(np.array([3, 1], np.int32))
    0.625
    """
    shares = areas / areas.sum()
    return float((shares**2).sum())


def superpixels(lab: FloatArray, config: SlicConfig = DEFAULT_SLIC) -> Superpixels:
    """Divide a picture into compact patches of one colour.

    Each pixel chooses among the nine nearest centres of a regular grid, in colour and place together; the centres
    then move to the means of their pixels.

    Parameters
    ----------
    lab : FloatArray
        CIELAB (H, W, 3).
    config : SlicConfig
        Reduction, spacing and compactness.

    Returns
    -------
    Superpixels

    References
    ----------
    Achanta et al. 2012, doi:10.1109/TPAMI.2012.120. Left out: their joining of stray pixels, which no colour
    statistic notices.
    """
    height, width = lab.shape[:2]
    step = config.spacing_px
    scale = min(1.0, config.longest_side_px / max(height, width))
    rows, columns = (max(1, round(side * scale / step)) for side in (height, width))
    small = cv2.resize(lab, (columns * step, rows * step), interpolation=cv2.INTER_AREA)
    place = np.mgrid[: rows * step, : columns * step].astype(np.float32) * np.float32(config.compactness / step)
    points = _in_cells(np.dstack([small, *place]), step)  # (cells, pixels of a cell, 5)
    around = _around(rows, columns)
    centres = points.mean(axis=1)
    labels = np.repeat(around[:, :1], step * step, axis=1)
    for _ in range(config.rounds):
        near = centres[around]  # (cells, 9, 5)
        # |p - c|² without |p|², which is the same for all nine.
        distance = (near**2).sum(axis=2)[:, None] - 2 * points @ near.transpose(0, 2, 1)
        labels = np.take_along_axis(around, distance.argmin(axis=2), axis=1)
        centres = _means(points.reshape(-1, 5), labels.ravel(), keep=centres)
    picture = labels.reshape(rows, columns, step, step).swapaxes(1, 2).reshape(small.shape[:2])
    sizes = np.bincount(labels.ravel(), minlength=len(centres))
    return Superpixels(picture.astype(np.int32), centres[:, :3], sizes.astype(np.int32))


def _in_cells(image: FloatArray, step: int) -> FloatArray:
    rows, columns = image.shape[0] // step, image.shape[1] // step
    blocks = image.reshape(rows, step, columns, step, -1).swapaxes(1, 2)
    return np.ascontiguousarray(blocks.reshape(rows * columns, step * step, -1))


def _around(rows: int, columns: int) -> npt.NDArray[np.int64]:
    """Each cell's own number and those of the eight around it, (cells, 9); at the edge some come twice."""
    row, column = np.divmod(np.arange(rows * columns), columns)
    near = [
        np.clip(row + down, 0, rows - 1) * columns + np.clip(column + right, 0, columns - 1)
        for down in (0, -1, 1)
        for right in (0, -1, 1)
    ]
    return np.stack(near, axis=1)


def _means(points: FloatArray, labels: npt.NDArray[np.int64], *, keep: FloatArray) -> FloatArray:
    """Mean point of each label (cells, 5); a label that lost all its points keeps its centre."""
    count = len(keep)
    sizes = np.bincount(labels, minlength=count)[:, None]
    sums = np.stack([np.bincount(labels, channel, count) for channel in points.T], axis=1)
    return np.where(sizes > 0, sums / np.maximum(sizes, 1), keep).astype(np.float32)


def _patch_values(view: SkinView) -> dict[str, float]:
    """How much the patches of a region differ in colour, and how far the lesion's outline follows patches."""
    patches = superpixels(view.lab)
    size = patches.labels.shape[::-1]
    lesion, own_skin, skin = (
        cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for mask in (view.lesion, view.own_skin, view.skin)
    )
    lesion_share = _share_of_patches(patches, lesion)
    values = {
        "lesion_mottling": _mottling(patches, lesion_share),
        "skin_mottling": _mottling(patches, _share_of_patches(patches, own_skin)),
    }
    inside = (lesion >= 0.5).astype(np.uint8)
    near_outline = cv2.morphologyEx(inside, cv2.MORPH_GRADIENT, _OUTLINE_BAND) > 0
    band = near_outline & (skin >= 0.5)
    if band.any():
        purity = np.maximum(lesion_share, 1 - lesion_share)
        values["outline_adherence"] = float(purity[patches.labels[band]].mean())
    return values


def _share_of_patches(patches: Superpixels, mask: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Which part of each patch a mask covers, (N,)."""
    sums = np.bincount(patches.labels.ravel(), mask.ravel(), len(patches.pixels))
    return np.asarray(sums / np.maximum(patches.pixels, 1))


def _mottling(patches: Superpixels, share: npt.NDArray[np.float64]) -> float:
    """Root mean square colour difference of a region's patches from their mean; NaN under three patches."""
    chosen = share > _MOSTLY
    if np.count_nonzero(chosen) < 3:
        return float("nan")
    colours = patches.lab[chosen]
    return float(np.sqrt(((colours - colours.mean(axis=0)) ** 2).sum(axis=1).mean()))
