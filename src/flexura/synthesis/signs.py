"""The six signs of eczema, each laid on skin at its grade.

Each sign is one function from layers to layers; strengths by grade are tables. Signs draw from
their own streams and are laid on from the depth of the skin to its surface.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from flexura.records import SIGN_NAMES, FloatArray
from flexura.synthesis.body import Form
from flexura.synthesis.lesions import Lesion
from flexura.synthesis.noise import Shape, blur, cells, fractal, smooth, spots
from flexura.synthesis.skin import Deposit, SkinLayers

# Strength by grade 0-3, ours, set by eye beside photographs graded under the EASI definitions of the signs
# (Hanifin et al. 2001, doi:10.1034/j.1600-0625.2001.100102.x).
BLOOD_FACTOR = (0.0, 1.1, 2.8, 6.0)  # erythema: added blood as a multiple of the skin's own
SWELLING_MM = (0.0, 0.3, 0.65, 1.1)  # oedema: height of the plateau
PAPULES_PER_CM2 = (0.0, 2.0, 5.0, 9.0)
SCRATCHES_PER_DM2 = (0.0, 22.0, 60.0, 130.0)  # excoriation, per affected area
SCRATCH_DEPTH = (0.0, 0.45, 0.75, 1.0)
THICKENING = (0.0, 0.35, 0.7, 1.15)  # lichenification: depth of its lines in units of 0.2 mm
CRUST_SHARE = (0.0, 0.05, 0.15, 0.34)  # oozing and crusting, of the affected area
WETNESS = (0.0, 0.8, 2.0, 4.0)  # added gloss
SCALE_SHARE = (0.0, 0.16, 0.36, 0.62)  # dryness: cells that carry scale
SCALE_OPACITY = (0.0, 0.24, 0.42, 0.62)

CRUST_COLOUR = (0.40, 0.185, 0.055)  # honey
BLOOD_CRUST_COLOUR = (0.15, 0.042, 0.026)  # dried blood
SCALE_COLOUR = (0.72, 0.68, 0.63)  # loose keratin


@dataclass(frozen=True)
class Place:
    """What a sign is laid upon: form, lesion, tone, and the grade of the sign."""

    form: Form
    lesion: Lesion
    tone: int
    grade: int

    @property
    def shape(self) -> Shape:
        """Height and width in pixels."""
        return self.form.cover.shape[0], self.form.cover.shape[1]


def _erythema(layers: SkinLayers, place: Place, rng: np.random.Generator) -> SkinLayers:
    scale = place.form.pixels_per_mm
    patchy = fractal(place.shape, rng, period_px=18 * scale, octaves=5, gain=0.65)
    follicular = fractal(place.shape, rng, period_px=max(2.2 * scale, 3.0), octaves=2)
    local = np.clip(1.0 + 0.28 * patchy + 0.16 * follicular, 0.25, 2.2)
    halo = 0.85 * place.lesion.amount + 0.15 * blur(place.lesion.amount, 6 * scale)
    blood = layers.blood * (1.0 + BLOOD_FACTOR[place.grade] * halo * local)
    # Inflamed dark skin also darkens: pigment follows the inflammation.
    darkening = 0.05 * place.grade * max(0, place.tone - 5) / 5.0
    melanin = layers.melanin * (1.0 + darkening * place.lesion.amount * local)
    return replace(layers, blood=np.asarray(blood, np.float32), melanin=np.asarray(melanin, np.float32))


def _oedema(layers: SkinLayers, place: Place, rng: np.random.Generator) -> SkinLayers:
    scale = place.form.pixels_per_mm
    plateau = blur(smooth(place.lesion.amount, 0.2, 0.9), 2.5 * scale)
    bumpy = 1.0 + 0.25 * fractal(place.shape, rng, period_px=10 * scale, octaves=3)
    number = min(int(PAPULES_PER_CM2[place.grade] * place.lesion.outline.sum() / (10 * scale) ** 2), 900)
    papules = spots(
        place.shape, rng, centres=_inside(place, rng, number), radius_px=(max(0.6 * scale, 1.2), max(1.8 * scale, 2.0))
    )
    relief = layers.relief_mm + SWELLING_MM[place.grade] * (0.8 * plateau * bumpy + 0.35 * papules)
    return replace(
        layers,
        relief_mm=np.asarray(relief, np.float32),
        blood=np.asarray(layers.blood * (1.0 + 0.25 * place.grade * papules), np.float32),
        gloss=np.asarray(layers.gloss + 0.25 * place.grade * plateau, np.float32),
    )


def _inside(place: Place, rng: np.random.Generator, number: int) -> FloatArray:
    """Draw places inside the outline, (N, 2) rows and columns."""
    rows, columns = np.nonzero(place.lesion.outline)
    if number == 0 or not len(rows):
        return np.zeros((0, 2), np.float32)
    chosen = rng.integers(0, len(rows), number)
    return np.stack([rows[chosen], columns[chosen]], axis=1).astype(np.float32)


def _excoriation(layers: SkinLayers, place: Place, rng: np.random.Generator) -> SkinLayers:
    scale = place.form.pixels_per_mm
    affected_dm2 = place.lesion.outline.sum() / (100.0 * scale) ** 2
    number = max(4 * place.grade, min(int(SCRATCHES_PER_DM2[place.grade] * affected_dm2), 220))
    canvas = np.zeros(place.shape, np.uint8)
    for stroke, width, pressure in _scratches(place, rng, number=number):
        cv2.polylines(canvas, [stroke], False, pressure, width, cv2.LINE_AA, 4)
    strength = SCRATCH_DEPTH[place.grade]
    broken = smooth(fractal(place.shape, rng, period_px=max(5 * scale, 4.0), octaves=3), -1.0, 0.5)
    picked = spots(
        place.shape, rng, centres=_inside(place, rng, number), radius_px=(max(0.4 * scale, 0.8), max(1.3 * scale, 1.2))
    )
    line = np.maximum(canvas.astype(np.float32) / np.float32(255.0), 0.8 * picked)
    line = np.asarray(line * (0.25 + 0.75 * place.lesion.amount), np.float32)
    raw = np.asarray(blur(line, 0.25 * scale) * (0.4 + 0.6 * broken), np.float32)
    crusted = smooth(
        fractal(place.shape, rng, period_px=max(2.5 * scale, 3.0), octaves=2), 1.2 - strength, 2.0 - strength
    )
    crust = np.asarray(np.clip(blur(line, 0.15 * scale) * broken * crusted * (0.5 + strength), 0, 0.8), np.float32)
    return replace(
        layers,
        blood=np.asarray(layers.blood + 0.11 * strength * raw + 0.01 * blur(line, 1.5 * scale), np.float32),
        relief_mm=np.asarray(layers.relief_mm - 0.25 * strength * raw + 0.35 * crust, np.float32),
        deposits=(*layers.deposits, Deposit(BLOOD_CRUST_COLOUR, crust)),
    )


def _scratches(place: Place, rng: np.random.Generator, *, number: int) -> list[tuple[npt.NDArray[np.int32], int, int]]:
    """Draw fingernail strokes, nearly parallel in groups: pieces of line in 1/16 pixel, their width and pressure."""
    scale = place.form.pixels_per_mm
    strokes = []
    remaining = number
    while remaining > 0:
        centre = _inside(place, rng, 1)
        heading, group = rng.uniform(0, np.pi), min(int(rng.integers(1, 5)), remaining)
        for track in range(group):
            offset = (track - group / 2) * rng.uniform(2.5, 6.0) * scale
            length = float(np.exp(rng.uniform(np.log(3.0), np.log(25.0)))) * scale
            t = np.linspace(-0.5, 0.5, 10) + rng.uniform(-0.4, 0.4)
            turn = heading + rng.normal(0, 0.2) + rng.normal(0, 0.35) * t
            tremor = rng.normal(0, 0.25 * scale, (2, 10))
            y = centre[0, 0] + length * t * np.sin(turn) + offset * np.cos(heading) + tremor[0]
            x = centre[0, 1] + length * t * np.cos(turn) - offset * np.sin(heading) + tremor[1]
            points = np.rint(np.stack([x, y], axis=1) * 16).astype(np.int32)
            for piece in range(0, 9, 3):
                width = max(1, round(float(rng.uniform(0.1, 0.25 + 0.25 * place.grade)) * scale))
                strokes.append((points[piece : piece + 4], width, int(rng.integers(60, 256))))
        remaining -= group
    return strokes


def _lichenification(layers: SkinLayers, place: Place, rng: np.random.Generator) -> SkinLayers:
    scale = place.form.pixels_per_mm
    spacing = max(float(rng.uniform(1.5, 2.6)) * scale, 4.5)
    coarse = cells(
        place.form.across, place.form.along, rng=rng, spacing_px=spacing, stretch=float(rng.uniform(1.3, 2.4))
    )
    furrow = smooth(coarse.distance, 0.38, 0.68)
    dome = 0.6 - coarse.distance * coarse.distance * 2.0
    amount, strength = smooth(place.lesion.amount, 0.15, 0.85), THICKENING[place.grade]
    relief = layers.relief_mm + amount * strength * (0.20 * dome + 0.3)
    darkness = 0.25 + 0.02 * place.tone
    melanin = layers.melanin * (1.0 + amount * strength * (darkness + 0.4 * furrow))
    blood = layers.blood * (1.0 + 0.35 * strength * amount * (1.0 + furrow))
    return replace(
        layers,
        relief_mm=np.asarray(relief, np.float32),
        melanin=np.asarray(melanin, np.float32),
        blood=np.asarray(blood, np.float32),
        gloss=np.asarray(layers.gloss + 0.3 * strength * amount, np.float32),
    )


def _oozing(layers: SkinLayers, place: Place, rng: np.random.Generator) -> SkinLayers:
    scale = place.form.pixels_per_mm
    clumps = fractal(place.shape, rng, period_px=max(14 * scale, 8.0), octaves=5, gain=0.6)
    inside = np.where(place.lesion.outline, clumps * place.lesion.amount, np.float32(-9.0))
    level = _level(inside, place, share=CRUST_SHARE[place.grade])
    body = smooth(inside, level - 0.12, level + 0.25)
    granular = 0.75 + 0.25 * fractal(place.shape, rng, period_px=max(1.6 * scale, 2.5), octaves=2)
    opacity = np.clip(body * granular * 0.85, 0.0, 0.9)
    heaped = blur(np.asarray(body * granular, np.float32), 0.35 * scale)
    glaze = blur(smooth(inside, level - 1.3, level), 0.5 * scale)
    return replace(
        layers,
        blood=np.asarray(layers.blood * (1.0 + 0.6 * glaze), np.float32),
        relief_mm=np.asarray(layers.relief_mm + 0.25 * heaped, np.float32),
        gloss=np.asarray(layers.gloss + WETNESS[place.grade] * (glaze * 0.8 + body * 0.35), np.float32),
        deposits=(*layers.deposits, Deposit(CRUST_COLOUR, np.asarray(opacity, np.float32))),
    )


def _level(field: FloatArray, place: Place, *, share: float) -> float:
    """Give the level that `share` of the affected skin lies above."""
    inside = field[place.lesion.outline]
    return float(np.quantile(inside, 1.0 - share)) if len(inside) else 9.0


def _dryness(layers: SkinLayers, place: Place, rng: np.random.Generator) -> SkinLayers:
    scale = place.form.pixels_per_mm
    ragged = (fractal(place.shape, rng, period_px=max(2.0 * scale, 4.0), octaves=3) * np.float32(0.45 * scale)).astype(
        np.float32
    )
    spacing = max(float(rng.uniform(0.9, 2.6)) * scale, 3.0)
    plates = cells(place.form.across + ragged, place.form.along - ragged, rng=rng, spacing_px=spacing, stretch=1.2)
    cluster = fractal(place.shape, rng, period_px=12 * scale, octaves=4, gain=0.6)
    share = SCALE_SHARE[place.grade]
    flake = smooth(plates.value - 0.16 * cluster, share + 0.06, share - 0.06) * smooth(plates.distance, 0.72, 0.5)
    powder = smooth(fractal(place.shape, rng, period_px=max(1.5 * scale, 2.5), octaves=2), 0.6 - share, 2.6 - share)
    amount = smooth(place.lesion.amount, 0.25, 0.8)
    rim = smooth(plates.distance, 0.2, 0.55)
    opacity = SCALE_OPACITY[place.grade] * amount * (flake * (0.35 + 0.65 * rim) * (0.6 + 0.4 * powder) + 0.2 * powder)
    crack = smooth(plates.distance, 0.62, 0.8) * amount * (0.12 * place.grade)
    return replace(
        layers,
        blood=np.asarray(layers.blood * (1.0 + crack), np.float32),
        relief_mm=np.asarray(layers.relief_mm + amount * (0.10 * place.grade * flake * rim - crack), np.float32),
        gloss=np.asarray(layers.gloss * (1.0 - 0.25 * place.grade * amount), np.float32),
        deposits=(*layers.deposits, Deposit(SCALE_COLOUR, np.asarray(np.clip(opacity, 0, 0.9), np.float32))),
    )


# In the order of `SIGN_NAMES`; laid on from the depth to the surface.
SIGNS: dict[str, Callable[[SkinLayers, Place, np.random.Generator], SkinLayers]] = {
    "erythema": _erythema,
    "oedema_papulation": _oedema,
    "excoriation": _excoriation,
    "lichenification": _lichenification,
    "oozing_crusting": _oozing,
    "dryness": _dryness,
}
LAYING_ORDER = ("lichenification", "erythema", "oedema_papulation", "dryness", "excoriation", "oozing_crusting")


def lay_signs(
    layers: SkinLayers, lesion: Lesion, *, form: Form, signs: tuple[int, ...], tone: int, seed: int
) -> SkinLayers:
    """Lay the six signs on healthy skin, from the depth to the surface.

    Parameters
    ----------
    layers : SkinLayers
        Healthy skin.
    lesion : Lesion
        Where it is affected.
    form : Form
        The body part.
    signs : tuple[int, ...]
        Six grades 0-3 in the order of `SIGN_NAMES`.
    tone : int
        Monk skin tone 1-10.
    seed : int
        Each sign draws from its own stream, so that one grade changes nothing of the others.

    Returns
    -------
    SkinLayers
        Affected skin.
    """
    for name in LAYING_ORDER:
        index = SIGN_NAMES.index(name)
        if signs[index]:
            rng = np.random.default_rng([seed, 100 + index])
            layers = SIGNS[name](layers, Place(form, lesion, tone, signs[index]), rng)
    return layers
