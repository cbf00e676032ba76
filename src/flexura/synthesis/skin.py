"""Healthy skin as layers: pigments, relief, gloss and matter lying on it.

Layers are frozen; every step gives new ones. Pigments are volume fractions, relief is in
millimetres, all maps are float32 (H, W).
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from flexura.records import FloatArray
from flexura.synthesis.body import Form
from flexura.synthesis.colour import TONES
from flexura.synthesis.noise import Shape, blur, cells, fractal, smooth, spots


@dataclass(frozen=True)
class Deposit:
    """Matter on the skin: linear sRGB reflectance and how much of the skin it hides, 0-1 (H, W)."""

    colour: tuple[float, float, float]
    opacity: FloatArray


@dataclass(frozen=True)
class SkinLayers:
    """All that decides how a patch of skin looks under any light.

    Melanosome and blood fractions, relief in mm, gloss relative to normal skin (1), and deposits from
    the lowest to the topmost.
    """

    melanin: FloatArray
    blood: FloatArray
    relief_mm: FloatArray
    gloss: FloatArray
    deposits: tuple[Deposit, ...] = ()


@dataclass(frozen=True)
class SkinConfig:
    """How healthy skin varies; ranges that a person is drawn from."""

    blood: float = 0.008  # volume fraction of the whole dermis: 0.2-2 % in Jacques 2013, table 3
    blood_mottling: float = 0.15  # log standard deviation, 2-20 mm
    melanin_mottling: float = 0.016  # standard deviation over the root of the fraction, so as dense in any tone
    furrow_mm: tuple[float, float] = (0.7, 1.3)  # spacing of primary skin lines (Hashimoto 1974: 0.3-1 mm and more)
    furrow_depth_mm: tuple[float, float] = (0.05, 0.15)  # primary lines 20-100 um, more on the back of hand and elbow
    wrinkle_mm: tuple[float, float] = (3.0, 8.0)  # spacing of secondary creases
    wrinkle_depth_mm: tuple[float, float] = (0.0, 0.35)
    naevi_per_dm2: float = 0.7
    hairs_per_cm2: tuple[float, float] = (0.0, 6.0)  # terminal hairs; vellus cannot be seen at this scale


SKIN = SkinConfig()


def _person(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def healthy_skin(form: Form, tone: int, *, flush: float, rng: np.random.Generator) -> SkinLayers:
    """Draw a person's unaffected skin on a form.

    Parameters
    ----------
    form : Form
        The body part.
    tone : int
        Monk skin tone 1-10.
    flush : float
        Blood relative to `SkinConfig.blood`; 1 is the skin that swatches are matched on.
    rng : np.random.Generator
        Source of randomness.

    Returns
    -------
    SkinLayers
        Mottled pigments, criss-cross lines, naevi and hairs.
    """
    shape = (form.cover.shape[0], form.cover.shape[1])
    scale = form.pixels_per_mm
    level = TONES[tone].melanin
    mottling = SKIN.melanin_mottling / np.sqrt(level)
    melanin = level * np.exp(mottling * fractal(shape, rng, period_px=15 * scale))
    blood = SKIN.blood * flush * np.exp(SKIN.blood_mottling * fractal(shape, rng, period_px=20 * scale, gain=0.6))
    relief, depth = _lines(form, rng)
    crease, crease_depth = _wrinkles(form, rng)
    layers = SkinLayers(
        # Light leaves the bottom of a furrow dimmer and browner than its banks.
        melanin=(melanin * (1.0 - 0.05 * relief + 0.5 * crease_depth * crease)).astype(np.float32),
        blood=(blood * (1.0 + 0.12 * relief)).astype(np.float32),
        relief_mm=np.asarray(relief * depth - crease * crease_depth, np.float32),
        gloss=_oil(shape, rng, scale=scale),
    )
    return _with_hairs(_with_naevi(layers, rng, scale=scale, tone=tone), form, rng=rng)


def _oil(shape: Shape, rng: np.random.Generator, *, scale: float) -> FloatArray:
    """Draw the sebum film: glints between pores."""
    film = fractal(shape, rng, period_px=max(2.0 * scale, 3.0), octaves=3, gain=0.8)
    return np.asarray(np.exp(0.22 * film), np.float32)


def _lines(form: Form, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """Draw the criss-cross relief: rhombic plateaus (about 0.4) between furrows (down to -1)."""
    spacing = max(_person(rng, *SKIN.furrow_mm) * form.pixels_per_mm, 2.2)
    primary = cells(form.across, form.along, rng=rng, spacing_px=spacing, stretch=_person(rng, 1.2, 2.0))
    shape = (form.cover.shape[0], form.cover.shape[1])
    fine = fractal(shape, rng, period_px=max(0.5 * spacing, 2.0), octaves=2)
    relief = 0.5 - 1.4 * smooth(primary.distance, 0.25, 0.75) + 0.12 * fine
    return np.asarray(relief, np.float32), _person(rng, *SKIN.furrow_depth_mm)


def _wrinkles(form: Form, rng: np.random.Generator) -> tuple[FloatArray, float]:
    """Draw shallow creases across the limb, 1 in their bottom, and their depth in mm."""
    scale = form.pixels_per_mm
    spacing = _person(rng, *SKIN.wrinkle_mm) * scale
    shape = (form.cover.shape[0], form.cover.shape[1])
    wander = fractal(shape, rng, period_px=max(12.0 * scale, 8.0), octaves=3) * np.float32(0.25 * spacing)
    folds = cells(
        form.along + wander, form.across - wander, rng=rng, spacing_px=spacing, stretch=_person(rng, 2.5, 6.0)
    )
    here = smooth(fractal(shape, rng, period_px=80.0 * scale, octaves=2), -0.5, 1.5)
    return smooth(folds.distance, 0.42, 0.75) * here, _person(rng, *SKIN.wrinkle_depth_mm)


def _scatter(shape: Shape, rng: np.random.Generator, number: int) -> FloatArray:
    return np.asarray(rng.uniform(0.0, 1.0, (number, 2)) * np.array(shape), dtype=np.float32)


def _with_naevi(layers: SkinLayers, rng: np.random.Generator, *, scale: float, tone: int) -> SkinLayers:
    shape = (layers.melanin.shape[0], layers.melanin.shape[1])
    area_dm2 = shape[0] * shape[1] / (scale * 100.0) ** 2
    centres = _scatter(shape, rng, int(rng.poisson(SKIN.naevi_per_dm2 * area_dm2)))
    dark = spots(shape, rng, centres=centres, radius_px=(0.5 * scale, 1.5 * scale))
    freckles = fractal(shape, rng, period_px=max(3.0 * scale, 4.0), octaves=2)
    speckle = smooth(freckles, 1.6, 3.0) * np.float32(rng.choice([0.0, 0.0, 0.0, 0.6]) * (1.0 - tone / 10.0))
    melanin = layers.melanin * (1.0 + speckle) + dark * np.float32(rng.uniform(0.06, 0.2))
    return replace(layers, melanin=np.asarray(melanin, np.float32))


def _with_hairs(layers: SkinLayers, form: Form, *, rng: np.random.Generator) -> SkinLayers:
    shape = (form.cover.shape[0], form.cover.shape[1])
    scale = form.pixels_per_mm
    density = max(_person(rng, -2.0, 1.0), 0.0) * SKIN.hairs_per_cm2[1]
    number = min(int(density * shape[0] * shape[1] / (10.0 * scale) ** 2), 1200)
    if number == 0:
        return layers
    canvas = np.zeros(shape, np.uint8)
    roots = _scatter(shape, rng, number)
    heading = _person(rng, 0.0, 2 * np.pi) + 0.25 * rng.standard_normal(number)
    length = rng.uniform(4.0, 13.0, number) * scale
    curl = rng.normal(0.2, 0.35, number)
    t = np.linspace(0.0, 1.0, 6)[None]
    course = heading[:, None] + curl[:, None] * t
    y = roots[:, :1] + length[:, None] * t * np.sin(course)
    x = roots[:, 1:] + length[:, None] * t * np.cos(course)
    strokes = np.rint(np.stack([x, y], axis=2) * 16.0).astype(np.int32)
    cv2.polylines(canvas, list(strokes), isClosed=False, color=255, thickness=1, lineType=cv2.LINE_AA, shift=4)
    strength = _person(rng, 0.15, 0.6) * min(1.0, 0.1 * scale + 0.15)
    opacity = canvas.astype(np.float32) * np.float32(strength / 255.0)
    shade = _person(rng, 0.008, 0.05)
    return replace(layers, deposits=(*layers.deposits, Deposit((shade, shade * 0.7, shade * 0.5), blur(opacity, 0.5))))
