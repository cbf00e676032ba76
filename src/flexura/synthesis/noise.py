"""Random fields of which skin is made: fractal noise, cells, spots. Pure functions of a generator.

All sizes are in pixels; all fields are float32 (H, W).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from flexura.records import FloatArray

Shape = tuple[int, int]


@dataclass(frozen=True)
class Cells:
    """A jittered tiling of the plane.

    `distance` to the centre of the cell in units of the spacing (about 0 to 0.8, ridges at the borders) and
    `value`, uniform in [0, 1) and constant over each cell; both (H, W).
    """

    distance: FloatArray
    value: FloatArray


def smooth(field: FloatArray, low: float, high: float) -> FloatArray:
    """Map a field to 0-1 by a smooth step between two levels.

    Parameters
    ----------
    field : FloatArray
        Any shape.
    low : float
        Level that becomes 0; may lie above `high` for a falling step.
    high : float
        Level that becomes 1.

    Returns
    -------
    FloatArray
        Values 0-1, the same shape.

    Examples
    --------
    >>> smooth(np.array([0.0, 0.5, 2.0], np.float32), 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    """
    t = np.clip((field - np.float32(low)) * np.float32(1.0 / (high - low)), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def blur(field: FloatArray, sigma_px: float) -> FloatArray:
    """Blur a field by a Gaussian; wide kernels work on a reduced copy.

    Parameters
    ----------
    field : FloatArray
        (H, W) or (H, W, C).
    sigma_px : float
        Standard deviation in pixels; under 0.2 the field comes back as it is.

    Returns
    -------
    FloatArray
        The same shape.
    """
    if sigma_px < 0.2:
        return field
    step = int(sigma_px / 3.0)
    if step < 2:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma_px), dtype=np.float32)
    height, width = field.shape[:2]
    reduced = cv2.resize(field, (max(width // step, 2), max(height // step, 2)), interpolation=cv2.INTER_AREA)
    reduced = cv2.GaussianBlur(reduced, (0, 0), sigma_px / step)
    return _enlarged(np.asarray(reduced, np.float32), (height, width), smoothing_px=0.6 * step)


def _enlarged(field: FloatArray, shape: Shape, *, smoothing_px: float) -> FloatArray:
    """Enlarge a field without facets in its slope.

    Linear and then blurred, since OpenCV's cubic resize differs in the last bit with its number of threads, and
    photos shall not.
    """
    enlarged = cv2.resize(field, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(enlarged, (0, 0), smoothing_px), dtype=np.float32)


def fractal(
    shape: Shape, rng: np.random.Generator, *, period_px: float, octaves: int = 4, gain: float = 0.5
) -> FloatArray:
    """Draw band-limited noise of unit variance, octave by octave.

    Parameters
    ----------
    shape : Shape
        Height and width.
    rng : np.random.Generator
        Source of randomness.
    period_px : float
        Longest period in pixels; each octave halves it, and octaves under two pixels are left out.
    octaves : int
        Number of octaves.
    gain : float
        Amplitude of an octave relative to the one before it; 0.5 gives a spectrum near 1/f.

    Returns
    -------
    FloatArray
        (H, W), mean about 0, variance 1.
    """
    height, width = shape
    cell, amplitude = max(period_px / 4.0, 1.0), 1.0
    # The longest octave, which shapes are made of, is blurred so that it does not show the grid it is drawn on.
    sigma = 0.28 * period_px / cell
    white = rng.standard_normal(_grid(shape, cell), dtype=np.float32)
    field = np.asarray(cv2.GaussianBlur(white, (0, 0), sigma) * max(2.0 * sigma * np.sqrt(np.pi), 1.0), np.float32)
    for octave in range(1, octaves):
        if period_px < 2.0 ** (octave + 1):
            break
        amplitude *= gain
        if octave > 1:
            cell /= 2.0
            # Each octave is laid on the one before while both are still coarse: only the last step is at full size.
            field = _enlarged(field, _grid(shape, cell), smoothing_px=0.7)
        field += np.float32(amplitude) * rng.standard_normal(_grid(shape, cell), dtype=np.float32)
    while cell > 3.0:
        cell /= 2.0
        field = _enlarged(field, _grid(shape, cell), smoothing_px=0.7)
    if cell > 1.0:
        full = (int(field.shape[0] * cell), int(field.shape[1] * cell))
        field = _enlarged(field, full, smoothing_px=0.35 * cell)
    field = field[:height, :width]
    return np.asarray((field - field.mean()) / max(float(field.std()), 1e-6), dtype=np.float32)


def _grid(shape: Shape, cell: float) -> Shape:
    return int(np.ceil(shape[0] / cell)) + 3, int(np.ceil(shape[1] / cell)) + 3


def _tile_centres(shape: Shape, rng: np.random.Generator, spacing_px: float) -> tuple[FloatArray, FloatArray]:
    rows = np.arange(0.0, shape[0] + spacing_px, spacing_px)
    columns = np.arange(0.0, shape[1] + spacing_px, spacing_px)
    y, x = np.meshgrid(rows, columns, indexing="ij")
    x = x + 0.5 * spacing_px * (np.arange(len(rows)) % 2)[:, None]
    jitter = rng.uniform(-0.42, 0.42, (2, *y.shape)) * spacing_px
    return (y + jitter[0]).ravel().astype(np.float32), (x + jitter[1]).ravel().astype(np.float32)


def cells(
    across: FloatArray, along: FloatArray, *, rng: np.random.Generator, spacing_px: float, stretch: float = 1.5
) -> Cells:
    """Tile the skin with jittered cells laid along its own coordinates.

    Parameters
    ----------
    across : FloatArray
        Coordinate across the grain of the skin at every pixel, in pixels (H, W).
    along : FloatArray
        Coordinate along the grain, in pixels (H, W).
    rng : np.random.Generator
        Source of randomness.
    spacing_px : float
        Distance of neighbouring centres across the grain.
    stretch : float
        Length of a cell along the grain relative to its width.

    Returns
    -------
    Cells
        Distance and value maps on the pixels of the input.
    """
    # The tiling is drawn on a canvas in grain coordinates, fine enough for round cells, then looked up.
    scale = max(1.0, 5.0 / spacing_px)
    spacing = spacing_px * scale
    u = (across - across.min()) * np.float32(scale)
    v = (along - along.min()) * np.float32(scale / stretch)
    shape = (int(u.max()) + 2, int(v.max()) + 2)
    y, x = _tile_centres(shape, rng, spacing)
    centres = np.full(shape, 255, np.uint8)
    inside = (y >= 0) & (y < shape[0]) & (x >= 0) & (x < shape[1])
    centres[y[inside].astype(int), x[inside].astype(int)] = 0
    distance, label = cv2.distanceTransformWithLabels(centres, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    value = rng.random(int(label.max()) + 1, dtype=np.float32)[label]
    spread = cv2.remap(distance.astype(np.float32), v, u, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    own = cv2.remap(value, v, u, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
    return Cells(np.asarray(spread / np.float32(spacing), np.float32), np.asarray(own, np.float32))


def spots(shape: Shape, rng: np.random.Generator, *, centres: FloatArray, radius_px: tuple[float, float]) -> FloatArray:
    """Lay round bumps of random size at given places.

    Parameters
    ----------
    shape : Shape
        Height and width.
    rng : np.random.Generator
        Source of randomness.
    centres : FloatArray
        Row and column of every bump (N, 2) in pixels.
    radius_px : tuple[float, float]
        Smallest and largest radius.

    Returns
    -------
    FloatArray
        (H, W), 0 outside, 1 at the top of a bump; overlapping bumps take the larger.
    """
    field = np.zeros(shape, np.float32)
    radii = rng.uniform(*radius_px, len(centres))
    for (y, x), radius in zip(centres, radii, strict=True):
        reach = int(radius * 1.6) + 1
        top, left = max(int(y) - reach, 0), max(int(x) - reach, 0)
        rows = np.arange(top, min(int(y) + reach + 1, shape[0]), dtype=np.float32)[:, None] - y
        columns = np.arange(left, min(int(x) + reach + 1, shape[1]), dtype=np.float32)[None] - x
        bump = np.exp(-(((rows * rows + columns * columns) / np.float32(radius * radius)) ** 1.5))
        window = field[top : top + bump.shape[0], left : left + bump.shape[1]]
        np.maximum(window, bump, out=window)
    return field
