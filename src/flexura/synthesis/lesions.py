"""Where skin is affected: soft, irregular patches with satellites that cover a given share of it.

The affected amount is soft, 0-1 (H, W); the outline is where it passes one half. What the affected
skin looks like is the business of `signs`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flexura.records import FloatArray
from flexura.synthesis.body import Form
from flexura.synthesis.noise import fractal, spots

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Lesion:
    """Where the skin is affected.

    `amount` is soft, 0-1; `outline` is the truth, boolean and inside the skin; both (H, W).
    """

    amount: FloatArray
    outline: BoolArray


def draw_lesion(form: Form, area: float, *, rng: np.random.Generator) -> Lesion:
    """Draw soft, irregular, partly confluent patches that cover a given share of the skin.

    Parameters
    ----------
    form : Form
        The body part.
    area : float
        Affected fraction of the visible skin, 0-0.9.
    rng : np.random.Generator
        Source of randomness.

    Returns
    -------
    Lesion
        Its outline covers the wanted share to within a pixel's rounding.
    """
    shape = (form.cover.shape[0], form.cover.shape[1])
    skin = form.cover > 0.5
    if area == 0.0:
        return Lesion(np.zeros(shape, np.float32), np.zeros(shape, np.bool_))
    field = _field(form, rng)
    level = float(np.quantile(field[skin], 1.0 - area))
    # Width of the border relative to the height of the patch: eczema fades out, now and then it ends sharply.
    height = float(np.quantile(field[skin], 1.0 - 0.2 * area)) - level
    width = max(height, 0.05) * float(np.exp(rng.uniform(np.log(0.4), np.log(1.7))))
    amount = 0.5 + 0.5 * np.tanh((field - level) / np.float32(width))
    return Lesion(np.asarray(amount, np.float32), (field >= level) & skin)


def _field(form: Form, rng: np.random.Generator) -> FloatArray:
    shape = (form.cover.shape[0], form.cover.shape[1])
    longer = float(max(shape))
    scale = form.pixels_per_mm
    field = np.zeros(shape, np.float32)
    for _ in range(int(rng.integers(1, 5))):
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        angle, long, wide = rng.uniform(0, np.pi), rng.uniform(0.12, 0.4) * longer, rng.uniform(0.1, 0.25) * longer
        y, x = y - rng.uniform(0.2, 0.8) * shape[0], x - rng.uniform(0.15, 0.85) * shape[1]
        u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        field = np.maximum(field, np.exp(-0.5 * ((u / long) ** 2 + (v / wide) ** 2)).astype(np.float32))
    ragged = fractal(shape, rng, period_px=0.30 * longer, octaves=6, gain=0.5)
    field = 2.2 * field + np.float32(rng.uniform(0.25, 0.7)) * ragged
    # Satellites and papules at the border: eczema seldom ends in one line.
    number = int(rng.uniform(0, 60))
    centres = np.asarray(rng.uniform(0.0, 1.0, (number, 2)) * np.array(shape), np.float32)
    islands = spots(shape, rng, centres=centres, radius_px=(max(1.0 * scale, 1.5), max(4.0 * scale, 3.0)))
    islands = islands * np.clip(0.6 + 0.5 * ragged, 0.0, 1.5)
    return np.asarray(field + np.float32(rng.uniform(0.3, 1.2)) * islands, np.float32)
