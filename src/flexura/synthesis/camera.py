"""Light on the skin and the camera before it: from layers to the pixels of a photo.

Lighting and camera are drawn from a generator; the arithmetic is in linear light until the sensor.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from flexura.records import FloatArray, UInt8Array
from flexura.synthesis.body import Form
from flexura.synthesis.colour import TONES, linear_to_srgb, srgb_to_linear
from flexura.synthesis.noise import Shape, blur
from flexura.synthesis.pigments import SURFACE_REFLECTANCE, colour_table, pigments_to_rgb
from flexura.synthesis.skin import SKIN, SkinLayers

LUMINANCE = (0.2126, 0.7152, 0.0722)  # linear sRGB to Y, IEC 61966-2-1:1999

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


@dataclass(frozen=True)
class Camera:
    """What the camera does: exposure, tint, optics, sensor and file.

    `exposure` is a gain; `tint` gains on the skin; `vignette` the loss in the corners; `gradient` a slope
    of light across the frame (log); `blur_px` standard deviation; `noise` at full scale; `contrast` an exponent;
    `sharpening` the share of lost detail put back; `jpeg_quality` 1-100, 0 for none.
    """

    exposure: float
    tint: tuple[float, float, float]
    vignette: float = 0.0
    gradient: tuple[float, float] = (0.0, 0.0)
    blur_px: float = 0.0
    noise: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.0
    sharpening: float = 0.0
    jpeg_quality: int = 0


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
        sheen=float(rng.uniform(0.004, 0.035)),
        sharpness=float(rng.uniform(10.0, 35.0)),
    )


def _luminance(colour: FloatArray) -> float:
    return float(colour @ np.array(LUMINANCE, np.float32))


def _swatch_and_model(tone: int, table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give a tone's swatch and the skin modelled for it, both linear sRGB (3,)."""
    melanin = np.full((1, 1), TONES[tone].melanin, np.float32)
    modelled = pigments_to_rgb(melanin, np.full((1, 1), SKIN.blood, np.float32), table=table)[0, 0]
    return srgb_to_linear(np.array(TONES[tone].swatch, np.uint8)), modelled


def _within(colour: FloatArray) -> FloatArray:
    """Give the light that has been inside the skin: all but what the surface sends back."""
    return np.maximum(colour - np.float32(SURFACE_REFLECTANCE), np.float32(1e-3))


def _tinted(colour: FloatArray, tint: tuple[float, float, float]) -> FloatArray:
    inside = (colour - np.float32(SURFACE_REFLECTANCE)) * np.array(tint, np.float32)
    return np.asarray(inside + np.float32(SURFACE_REFLECTANCE), dtype=np.float32)


def even_camera(tone: int, table: FloatArray) -> Camera:
    """Give the camera under which unaffected skin of a tone has the colour of its swatch.

    Parameters
    ----------
    tone : int
        Monk skin tone 1-10.
    table : FloatArray
        Skin colours from `colour_table`.

    Returns
    -------
    Camera
        Without blur, noise or compression.
    """
    swatch, modelled = _swatch_and_model(tone, table)
    exposure = _luminance(swatch) / _luminance(modelled)
    red, green, blue = (float(value) for value in _within(swatch / exposure) / _within(modelled))
    return Camera(exposure=exposure, tint=(red, green, blue))


def draw_camera(tone: int, table: FloatArray, *, rng: np.random.Generator) -> Camera:
    """Draw a camera that exposes for the skin before it, not quite right.

    Parameters
    ----------
    tone : int
        Monk skin tone 1-10.
    table : FloatArray
        Skin colours from `colour_table`.
    rng : np.random.Generator
        Source of randomness.

    Returns
    -------
    Camera
        Exposure, optics, sensor and file.
    """
    swatch, modelled = _swatch_and_model(tone, table)
    # How much of the swatch's own hue is taken: pale swatches are yellower than pale skin, dark ones greyer.
    share = float(rng.uniform(0.25, 0.6) if TONES[tone].melanin > 0.06 else rng.uniform(0.0, 0.4))
    red, green, blue = (value**share for value in even_camera(tone, table).tint)
    # Cameras pull a frame towards middle grey, but not all the way: dark skin stays darker than pale skin.
    wanted = _luminance(swatch) ** 0.38 * 0.30**0.62
    pulled = wanted / _luminance(_tinted(modelled, (red, green, blue)))
    return Camera(
        exposure=pulled * float(np.exp(rng.normal(0.0, 0.2))),
        tint=(red, green, blue),
        vignette=float(rng.uniform(0.0, 0.35)),
        gradient=(float(rng.normal(0.0, 0.28)), float(rng.normal(0.0, 0.22))),
        blur_px=float(rng.uniform(0.25, 0.8)),
        noise=float(np.exp(rng.uniform(np.log(0.004), np.log(0.03)))),
        contrast=float(rng.uniform(1.05, 1.35)),
        saturation=float(rng.uniform(0.7, 1.05)),
        sharpening=float(rng.uniform(0.0, 1.2)),
        jpeg_quality=int(rng.integers(60, 97)),
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
    colour = _tinted(pigments_to_rgb(layers.melanin, layers.blood, table=table), tint)
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


def expose(scene: FloatArray, camera: Camera, *, rng: np.random.Generator) -> UInt8Array:
    """Take the photo.

    Parameters
    ----------
    scene : FloatArray
        Linear light (H, W, 3).
    camera : Camera
        Exposure, optics, sensor and file.
    rng : np.random.Generator
        Source of the sensor's noise.

    Returns
    -------
    UInt8Array
        sRGB (H, W, 3).
    """
    shape = (scene.shape[0], scene.shape[1])
    linear = blur(scene * (camera.exposure * _falloff(shape, camera))[..., None], camera.blur_px)
    if camera.saturation != 1.0:
        grey = linear @ np.array(LUMINANCE, np.float32)
        linear = grey[..., None] + np.float32(camera.saturation) * (linear - grey[..., None])
    if camera.contrast != 1.0:
        linear = np.maximum(linear, 0.0) / np.float32(0.3)
        linear = np.float32(0.3) * cv2.pow(linear.astype(np.float32), camera.contrast)
        linear = np.where(linear > 0.7, 1.0 - 0.3 * np.exp((0.7 - linear) / 0.3), linear)  # shoulder of the tone curve
    if camera.noise > 0.0:
        grain = rng.standard_normal(linear.shape, dtype=np.float32)
        linear = linear + np.float32(camera.noise) * np.sqrt(np.maximum(linear, 0.0) + np.float32(0.02)) * grain
    if camera.sharpening > 0.0:
        linear = linear + np.float32(camera.sharpening) * (linear - blur(np.asarray(linear, np.float32), 1.2))
    pixels = linear_to_srgb(np.asarray(linear, np.float32))
    return _recompress(pixels, camera.jpeg_quality) if camera.jpeg_quality else pixels


def _falloff(shape: Shape, camera: Camera) -> FloatArray:
    y = np.linspace(-1.0, 1.0, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1.0, 1.0, shape[1], dtype=np.float32)[None]
    slope = np.exp(camera.gradient[0] * x + camera.gradient[1] * y)
    return np.asarray(slope * (1.0 - camera.vignette * 0.5 * (x * x + y * y)), dtype=np.float32)


def _recompress(pixels: UInt8Array, quality: int) -> UInt8Array:
    coded = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(np.asarray(decoded, np.uint8)[..., ::-1])


def draw_colour_table(rng: np.random.Generator) -> FloatArray:
    """Draw the colour table of one person: how well the blood of the skin is supplied with oxygen.

    Parameters
    ----------
    rng : np.random.Generator
        Source of randomness.

    Returns
    -------
    FloatArray
        What `colour_table` gives, for an oxygenation of 0.6-0.9.
    """
    return colour_table(float(rng.uniform(0.6, 0.9)))
