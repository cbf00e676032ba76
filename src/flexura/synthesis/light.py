"""Light on skin: its diffuse colour, its shading by form and relief, and its sheen.

Everything is linear light, float32; directions are x right, y down, z to the camera.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from flexura.records import FloatArray
from flexura.synthesis.body import Form
from flexura.synthesis.pigments import SURFACE_REFLECTANCE, pigments_to_rgb
from flexura.synthesis.skin import SkinLayers

# Shadow edges on skin are red, since red light travels furthest within it (d'Eon and Irving 2011,
# doi:10.1145/1964921.1964951): how far light wraps round the form, by channel.
WRAP = (0.34, 0.22, 0.17)

ILLUMINANT_K = (4200.0, 11000.0)  # from a lamp to open shade, after which the camera corrects most of it


@dataclass(frozen=True)
class Light:
    """What shines on the skin.

    `direction` to the light as x right, y down, z to the camera; `ambient` the share that comes from
    everywhere; `colour` linear sRGB gains; `sheen` strength of surface reflection; `sharpness` its exponent.
    """

    direction: tuple[float, float, float]
    ambient: float
    colour: tuple[float, float, float]
    sheen: float
    sharpness: float


EVEN_LIGHT = Light((0.0, 0.0, 1.0), ambient=0.5, colour=(1.0, 1.0, 1.0), sheen=0.0, sharpness=20.0)


def _planck(temperature_k: float) -> tuple[float, float, float]:
    """Give the colour of a black body relative to 6500 K at the sRGB primaries' wavelengths (612, 549, 465 nm)."""
    gains = [
        np.expm1(1.4388e7 / (nm * 6500.0)) / np.expm1(1.4388e7 / (nm * temperature_k)) for nm in (612.0, 549.0, 465.0)
    ]
    return float(gains[0] / gains[1]), 1.0, float(gains[2] / gains[1])


def draw_light(rng: np.random.Generator) -> Light:
    """Draw the light of a room, a window or a flash.

    Parameters
    ----------
    rng : np.random.Generator
        Source of randomness.

    Returns
    -------
    Light
        Direction, colour and sheen.
    """
    flash = rng.random() < 0.4
    azimuth, height = rng.uniform(0, 2 * np.pi), rng.uniform(1.2, 1.5) if flash else rng.uniform(0.4, 1.2)
    red, green, blue = _planck(float(np.exp(rng.uniform(*np.log(ILLUMINANT_K)))))
    corrected = float(rng.uniform(0.1, 0.45))  # what white balance leaves of the illuminant
    return Light(
        direction=(
            float(np.cos(azimuth) * np.cos(height)),
            float(np.sin(azimuth) * np.cos(height)),
            float(np.sin(height)),
        ),
        ambient=float(rng.uniform(0.05, 0.2) if flash else rng.uniform(0.1, 0.4)),
        colour=(
            red**corrected,
            green * float(rng.uniform(0.97, 1.03)),
            blue**corrected * float(rng.uniform(0.95, 1.2)),
        ),
        sheen=float(rng.uniform(0.004, 0.022)),
        sharpness=float(rng.uniform(10.0, 35.0)),
    )


def _bumped(form: Form, layers: SkinLayers) -> FloatArray:
    """Tilt the form's normals by the slope of the relief (H, W, 3)."""
    step = np.float32(0.125 * form.pixels_per_mm)  # Sobel sums to eight times the difference over one pixel
    slope_x = cv2.Sobel(layers.relief_mm, cv2.CV_32F, 1, 0, ksize=3) * step
    slope_y = cv2.Sobel(layers.relief_mm, cv2.CV_32F, 0, 1, ksize=3) * step
    normal = form.normal.copy()
    normal[..., 0] -= np.clip(slope_x, -0.9, 0.9) * form.normal[..., 2]
    normal[..., 1] -= np.clip(slope_y, -0.9, 0.9) * form.normal[..., 2]
    length = np.sqrt(np.einsum("ijk,ijk->ij", normal, normal))
    return np.asarray(normal / length[..., None], dtype=np.float32)


def tinted(colour: FloatArray, tint: tuple[float, float, float]) -> FloatArray:
    """Tint the light that has been inside the skin, and not what its surface sends back.

    Parameters
    ----------
    colour : FloatArray
        Modelled linear sRGB of skin, (..., 3).
    tint : tuple[float, float, float]
        Gains on red, green and blue.

    Returns
    -------
    FloatArray
        The same shape.
    """
    inside = (colour - np.float32(SURFACE_REFLECTANCE)) * np.array(tint, np.float32)
    return np.asarray(inside + np.float32(SURFACE_REFLECTANCE), dtype=np.float32)


def albedo(layers: SkinLayers, *, table: FloatArray, tint: tuple[float, float, float]) -> FloatArray:
    """Give the diffuse colour of skin with all that lies on it.

    Parameters
    ----------
    layers : SkinLayers
        Pigments and deposits.
    table : FloatArray
        Skin colours from `colour_table`.
    tint : tuple[float, float, float]
        Gains on bare skin, for pigments that are not modelled.

    Returns
    -------
    FloatArray
        Linear sRGB (H, W, 3).
    """
    colour = tinted(pigments_to_rgb(layers.melanin, layers.blood, table=table), tint)
    for deposit in layers.deposits:
        colour += deposit.opacity[..., None] * (np.array(deposit.colour, np.float32) - colour)
    return np.asarray(colour, dtype=np.float32)


def illuminate(form: Form, layers: SkinLayers, colour: FloatArray, *, light: Light) -> FloatArray:
    """Shine a light on skin: wrapped diffuse shading and a surface sheen.

    Parameters
    ----------
    form : Form
        The body part.
    layers : SkinLayers
        Relief and gloss.
    colour : FloatArray
        What `albedo` gave (H, W, 3).
    light : Light
        Direction, colour and sheen.

    Returns
    -------
    FloatArray
        Linear light (H, W, 3).

    References
    ----------
    Blinn JF. Models of light reflection for computer synthesized pictures. doi:10.1145/563858.563893
    """
    normal = _bumped(form, layers)
    direction = np.array(light.direction, np.float32)
    facing = normal @ direction
    lit = np.empty_like(colour)
    for channel, wrap in enumerate(WRAP):
        diffuse = np.maximum((facing + np.float32(wrap)) / np.float32(1.0 + wrap), 0.0)
        shade = light.ambient * (0.4 + 0.6 * normal[..., 2]) + (1.0 - light.ambient) * diffuse
        # The camera meters on what it sees, so only the pattern of the light is left, not its mean.
        gain = light.colour[channel] / max(float((shade * form.cover).sum() / form.cover.sum()), 0.05)
        lit[..., channel] = colour[..., channel] * shade * np.float32(gain)
    half = direction + np.array((0.0, 0.0, 1.0), np.float32)
    glance = np.maximum(normal @ (half / np.linalg.norm(half)), 0.0)
    sheen = light.sheen * layers.gloss * cv2.pow(glance.astype(np.float32), light.sharpness)
    wet = 0.07 * np.maximum(layers.gloss - 1.0, 0.0) * cv2.pow(glance.astype(np.float32), 60.0)
    lit += (sheen + wet)[..., None] * np.array(light.colour, np.float32)
    return lit
