"""The form of the body in the frame, and what lies behind it.

Gives a silhouette, surface normals, coordinates along and across the skin, and a background in
linear light. Knows nothing of pigments or disease.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from flexura.records import FloatArray
from flexura.synthesis.noise import Shape, blur, fractal, smooth
from flexura.synthesis.spec import Framing


@dataclass(frozen=True)
class Form:
    """The visible body.

    `cover` is 1 on skin and 0 on background with a soft edge (H, W); `normal` the surface normals
    (H, W, 3) as x right, y down, z to the camera; `across` and `along` the skin's own coordinates in
    pixels (H, W); `pixels_per_mm` the scale at the centre.
    """

    cover: FloatArray
    normal: FloatArray
    across: FloatArray
    along: FloatArray
    pixels_per_mm: float


@dataclass(frozen=True)
class FormConfig:
    """Sizes of what is photographed; ranges that a form is drawn from."""

    frame_mm: dict[Framing, tuple[float, float]]  # what the longer side of the frame spans
    limb_share: tuple[float, float] = (0.45, 0.95)  # width of a limb, of the shorter side
    bend: float = 0.18  # largest bow of a limb, of the longer side


FORM = FormConfig(frame_mm={"close": (60.0, 120.0), "flat": (130.0, 260.0), "limb": (130.0, 260.0)})

# Linear sRGB of common backgrounds, our own choice after clinic photographs: (colour, weave contrast, depth of folds).
BACKGROUNDS: tuple[tuple[tuple[float, float, float], float, float], ...] = (
    ((0.012, 0.012, 0.014), 0.10, 0.30),  # black velvet
    ((0.05, 0.20, 0.36), 0.10, 0.28),  # blue drape
    ((0.05, 0.17, 0.11), 0.10, 0.28),  # green drape
    ((0.62, 0.62, 0.60), 0.04, 0.16),  # white sheet
    ((0.40, 0.44, 0.46), 0.02, 0.05),  # painted wall
    ((0.36, 0.27, 0.18), 0.03, 0.08),  # beige wall
    ((0.22, 0.11, 0.05), 0.25, 0.02),  # wood
    ((0.30, 0.08, 0.12), 0.14, 0.28),  # clothing, red
    ((0.10, 0.11, 0.16), 0.14, 0.28),  # clothing, grey
)


def _normals(dx: FloatArray, dy: FloatArray) -> FloatArray:
    normal = np.dstack([-dx, -dy, np.ones_like(dx)])
    return np.asarray(normal / np.linalg.norm(normal, axis=2, keepdims=True), dtype=np.float32)


def _plane(shape: Shape, angle_rad: float) -> tuple[FloatArray, FloatArray]:
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    y, x = y - shape[0] / 2, x - shape[1] / 2
    cos, sin = np.float32(np.cos(angle_rad)), np.float32(np.sin(angle_rad))
    return cos * y - sin * x, cos * x + sin * y


def _warp(shape: Shape, rng: np.random.Generator, pixels_per_mm: float) -> FloatArray:
    # Grain of real skin wanders: by a few millimetres over a few centimetres, and by a little from cell to cell.
    slow = fractal(shape, rng, period_px=60.0 * pixels_per_mm, octaves=2)
    return np.asarray(2.5 * pixels_per_mm * slow, dtype=np.float32)


def draw_form(shape: Shape, framing: Framing, *, rng: np.random.Generator) -> Form:
    """Draw what of the body is in the frame.

    Parameters
    ----------
    shape : Shape
        Height and width in pixels.
    framing : Framing
        As in `SkinSpec`.
    rng : np.random.Generator
        Source of randomness.

    Returns
    -------
    Form
        Silhouette, normals and coordinates.
    """
    pixels_per_mm = max(shape) / float(rng.uniform(*FORM.frame_mm[framing]))
    angle_rad = float(rng.uniform(-0.6, 0.6)) + (np.pi / 2 if shape[0] > shape[1] else 0.0)
    if framing == "limb":
        return _limb(shape, rng, angle_rad=angle_rad, pixels_per_mm=pixels_per_mm)
    across, along = _plane(shape, angle_rad)
    relief = fractal(shape, rng, period_px=1.3 * max(shape), octaves=3, gain=0.3) * np.float32(0.05 * max(shape))
    relief = blur(relief, 0.06 * max(shape))
    dx, dy = (np.asarray(np.gradient(relief, axis=axis), np.float32) for axis in (1, 0))
    return Form(
        cover=np.ones(shape, np.float32),
        normal=_normals(dx, dy),
        across=across + _warp(shape, rng, pixels_per_mm),
        along=along + _warp(shape, rng, pixels_per_mm),
        pixels_per_mm=pixels_per_mm,
    )


def _limb(shape: Shape, rng: np.random.Generator, *, angle_rad: float, pixels_per_mm: float) -> Form:
    across, along = _plane(shape, angle_rad)
    longer = float(max(shape))
    t = along / longer
    bow = float(rng.uniform(-FORM.bend, FORM.bend)) * longer * (t * t * 2.0 - 0.1)
    half = 0.5 * min(shape) * float(rng.uniform(*FORM.limb_share))
    taper = 1.0 + float(rng.uniform(-0.5, 0.5)) * t + float(rng.uniform(-0.15, 0.15)) * np.cos(4.0 * t)
    wobble = blur(fractal(shape, rng, period_px=0.6 * longer, octaves=2), 0.05 * longer) * np.float32(0.02 * longer)
    shift = float(rng.uniform(-0.15, 0.15)) * min(shape)
    radius = (half * taper).astype(np.float32)
    u = ((across - bow - shift + wobble) / radius).astype(np.float32)
    edge = np.clip(u, -0.999, 0.999)
    depth = np.sqrt(1.0 - edge * edge)
    cos, sin = np.float32(np.cos(angle_rad)), np.float32(np.sin(angle_rad))
    # A limb is flatter than a cylinder: the normal is pulled towards the camera.
    normal = np.dstack([-sin * edge, cos * edge, 0.25 + 0.75 * depth])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    return Form(
        cover=smooth(np.abs(u) * radius - radius, 0.7, -0.7),
        normal=normal.astype(np.float32),
        across=radius * np.arcsin(edge) + _warp(shape, rng, pixels_per_mm),
        along=along + _warp(shape, rng, pixels_per_mm),
        pixels_per_mm=pixels_per_mm,
    )


def draw_background(form: Form, rng: np.random.Generator) -> FloatArray:
    """Draw what lies behind a limb: cloth, wall or table, with the limb's shadow on it.

    Parameters
    ----------
    form : Form
        The body before it.
    rng : np.random.Generator
        Source of randomness.

    Returns
    -------
    FloatArray
        Linear light (H, W, 3).
    """
    shape = (form.cover.shape[0], form.cover.shape[1])
    colour, weave, folds = BACKGROUNDS[int(rng.integers(len(BACKGROUNDS)))]
    longer = float(max(shape))
    tint = np.array(colour, np.float32) * rng.uniform(0.7, 1.3, 3).astype(np.float32)
    grain = rng.standard_normal(shape, dtype=np.float32)
    grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(0.5, 4.0)), sigmaY=0.5), np.float32)
    grain = grain / np.float32(grain.std())
    drape = blur(fractal(shape, rng, period_px=0.5 * longer, octaves=3), 0.015 * longer)
    light = np.exp(np.float32(weave) * grain + np.float32(folds) * drape)
    reach = 0.02 * longer * rng.uniform(0.5, 2.0)
    shift = np.array([[1, 0, rng.uniform(-1, 1) * reach], [0, 1, rng.uniform(0, 1.5) * reach]], np.float32)
    fallen = cv2.warpAffine(form.cover, shift, (shape[1], shape[0]), borderMode=cv2.BORDER_REPLICATE)
    shadow = 1.0 - np.float32(rng.uniform(0.3, 0.75)) * blur(np.asarray(fallen, np.float32), float(reach))
    return np.asarray(tint * (light * shadow)[..., None], dtype=np.float32)


def flattened(form: Form) -> Form:
    """Turn every surface to the camera, so that only the relief of the skin is left to shade.

    Parameters
    ----------
    form : Form
        Any form.

    Returns
    -------
    Form
        The same, with all normals along the line of sight.
    """
    normal = np.zeros_like(form.normal)
    normal[..., 2] = 1.0
    return replace(form, normal=normal)
