"""Areas: how much of the skin is lesion, in how many parts, how confluent; and superpixels, how mottled it is.

Superpixels are our own SLIC on a reduced picture: OpenCV's is not in the headless wheel, and what they are used
for here, patches of one colour, needs no finer ones.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from flexura.features.view import MIN_PIXELS, BoolArray, FeatureTable, SkinView, fill
from flexura.records import FeatureVector, FloatArray

Int32Array = npt.NDArray[np.int32]

# A part under this share of the skin is a speck of the outline, not a lesion.
_SPECK_SHARE = 2e-4

REGIONS: FeatureTable = {
    "lesion_skin_share": "share of skin",
    "lesion_count": "lesions",
    "lesion_largest_share": "share of lesion",
    "lesion_confluence": "0-1",
    "lesion_mottling": "CIE76 Delta E",
    "skin_mottling": "CIE76 Delta E",
    "lesion_patch_purity": "0.5-1",
}


@dataclass(frozen=True)
class SlicConfig:
    """Settings of `superpixels`; defaults give about 150 patches in 5 ms."""

    longest_side_px: int = 112  # the picture is reduced to this
    spacing_px: int = 8  # of the patches' first centres, in the reduced picture
    compactness: float = 10.0  # Delta E that weighs as much as one spacing; the authors' own choice for photos
    rounds: int = 5  # after which, on skin, fewer than 1 in 50 pixels still change patch


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
    areas = lesion_areas(view)
    values = {
        "lesion_skin_share": np.count_nonzero(view.lesion) / skin_area,
        "lesion_count": float(len(areas)),
    }
    if len(areas):
        values["lesion_largest_share"] = float(areas[0] / areas.sum())
        values["lesion_confluence"] = confluence(areas)
    return fill(REGIONS, values | _patch_values(view))


def lesion_areas(view: SkinView) -> Int32Array:
    """Areas of the connected lesions in pixels, largest first, specks left out.

    Parameters
    ----------
    view : SkinView

    Returns
    -------
    Int32Array
        (N,); pixels that touch at a corner belong together.
    """
    _, _, statistics, _ = cv2.connectedComponentsWithStats(view.lesion.astype(np.uint8), connectivity=8)
    areas = np.sort(statistics[1:, cv2.CC_STAT_AREA])[::-1]
    return np.asarray(areas[areas >= _SPECK_SHARE * np.count_nonzero(view.skin)], np.int32)


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
    points = np.dstack([small, *place]).reshape(rows, step, columns, step, 5)
    number = np.arange(rows * columns).reshape(rows, columns)
    labels = np.broadcast_to(number[:, None, :, None], points.shape[:4])
    centres = points.mean(axis=(1, 3))
    for _ in range(config.rounds):
        labels = _nearest(points, centres, number)
        centres = _means(points, labels, keep=centres)
    sizes = np.bincount(labels.ravel(), minlength=rows * columns).astype(np.int32)
    return Superpixels(labels.reshape(small.shape[:2]).astype(np.int32), centres.reshape(-1, 5)[:, :3], sizes)


def _nearest(points: FloatArray, centres: FloatArray, number: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Choose for each point (rows, step, columns, step, 5) the nearest centre among its cell's and the eight around."""
    rows, columns = number.shape
    best = np.full(points.shape[:4], np.inf, np.float32)
    labels = np.zeros(points.shape[:4], np.int64)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            y = np.clip(np.arange(rows) + down, 0, rows - 1)[:, None]
            x = np.clip(np.arange(columns) + right, 0, columns - 1)
            # |p - c|² without |p|², which is the same for all centres.
            centre = centres[y, x]
            distance = (centre**2).sum(axis=2)[:, None, :, None] - 2 * np.einsum("aibjc,abc->aibj", points, centre)
            closer = distance < best
            np.copyto(best, distance, where=closer)
            np.copyto(labels, number[y, x][:, None, :, None], where=closer)
    return labels


def _means(points: FloatArray, labels: npt.NDArray[np.int64], *, keep: FloatArray) -> FloatArray:
    """Mean point of each label (rows, columns, 5); a label that lost all its points keeps its centre."""
    count = keep.shape[0] * keep.shape[1]
    flat = labels.ravel()
    sizes = np.bincount(flat, minlength=count)[:, None]
    sums = np.stack([np.bincount(flat, channel, count) for channel in points.reshape(-1, 5).T], axis=1)
    means = np.where(sizes > 0, sums / np.maximum(sizes, 1), keep.reshape(-1, 5))
    return means.reshape(keep.shape).astype(np.float32)


def _patch_values(view: SkinView) -> dict[str, float]:
    """How much the patches of a region differ in colour, and how far patches follow the lesion's outline."""
    patches = superpixels(view.lab)
    size = patches.labels.shape[::-1]
    share = {
        name: _share_of_patches(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA), patches)
        for name, mask in (("lesion", view.lesion), ("skin", view.own_skin))
    }
    values = {f"{name}_mottling": _mottling(patches, inside) for name, inside in share.items()}
    lesion = share["lesion"]
    weight = lesion * patches.pixels
    if weight.sum() > 0:
        values["lesion_patch_purity"] = float((np.maximum(lesion, 1 - lesion) * weight).sum() / weight.sum())
    return values


def _share_of_patches(mask: npt.NDArray[np.floating], patches: Superpixels) -> npt.NDArray[np.float64]:
    sums = np.bincount(patches.labels.ravel(), mask.ravel().astype(np.float64), len(patches.pixels))
    return np.asarray(sums / np.maximum(patches.pixels, 1))


def _mottling(patches: Superpixels, share: npt.NDArray[np.float64]) -> float:
    """Root mean square colour difference of a region's patches from their mean; NaN under three patches."""
    chosen = share > 0.9
    if np.count_nonzero(chosen) < 3:
        return float("nan")
    colours = patches.lab[chosen]
    return float(np.sqrt(((colours - colours.mean(axis=0)) ** 2).sum(axis=1).mean()))

