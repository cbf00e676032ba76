"""The camera before the skin: exposure, tint, optics, sensor and file.

Cameras are drawn from a generator; the arithmetic is in linear light until the sensor.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from flexura.records import FloatArray, UInt8Array
from flexura.synthesis.colour import TONES, linear_to_srgb, srgb_to_linear
from flexura.synthesis.light import tinted
from flexura.synthesis.noise import Shape, blur
from flexura.synthesis.pigments import SURFACE_REFLECTANCE, colour_table, pigments_to_rgb
from flexura.synthesis.skin import SKIN

LUMINANCE = (0.2126, 0.7152, 0.0722)  # linear sRGB to Y, IEC 61966-2-1:1999
MIDDLE_GREY = 0.3  # what the tone curve leaves where it is; skin, rather than the 0.18 of a landscape
SHOULDER = 0.7  # where the tone curve begins to hold highlights back


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


def _luminance(colour: FloatArray) -> float:
    return sum(float(channel) * weight for channel, weight in zip(colour, LUMINANCE, strict=True))


def _swatch_and_model(tone: int, table: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give a tone's swatch and the skin modelled for it, both linear sRGB (3,)."""
    melanin = np.full((1, 1), TONES[tone].melanin, np.float32)
    modelled = pigments_to_rgb(melanin, np.full((1, 1), SKIN.blood, np.float32), table=table)[0, 0]
    return srgb_to_linear(np.array(TONES[tone].swatch, np.uint8)), modelled


def _within(colour: FloatArray) -> FloatArray:
    """Give the light that has been inside the skin: all but what the surface sends back."""
    return np.asarray(np.maximum(colour - np.float32(SURFACE_REFLECTANCE), 1e-3), dtype=np.float32)


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
    pulled = wanted / _luminance(tinted(modelled, (red, green, blue)))
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
    linear = _through_lens(scene, camera)
    linear = _on_sensor(linear, camera, rng=rng)
    pixels = linear_to_srgb(_developed(linear, camera))
    return _recompressed(pixels, camera.jpeg_quality) if camera.jpeg_quality else pixels


def _through_lens(scene: FloatArray, camera: Camera) -> FloatArray:
    falloff = _falloff((scene.shape[0], scene.shape[1]), camera)
    return blur(np.asarray(scene * (camera.exposure * falloff)[..., None], np.float32), camera.blur_px)


def _on_sensor(linear: FloatArray, camera: Camera, *, rng: np.random.Generator) -> FloatArray:
    """Add shot noise, which grows with the root of the light, over a floor of read noise."""
    if camera.noise == 0.0:
        return linear
    grain = rng.standard_normal(linear.shape, dtype=np.float32)
    return linear + np.float32(camera.noise) * np.sqrt(np.maximum(linear, 0.0) + np.float32(0.02)) * grain


def _developed(linear: FloatArray, camera: Camera) -> FloatArray:
    """Apply saturation, a tone curve about middle grey with a soft shoulder, and sharpening."""
    if camera.saturation != 1.0:
        grey = (linear @ np.array(LUMINANCE, np.float32))[..., None]
        linear = grey + np.float32(camera.saturation) * (linear - grey)
    if camera.contrast != 1.0:
        toned = np.float32(MIDDLE_GREY) * cv2.pow(np.maximum(linear, 0.0) / np.float32(MIDDLE_GREY), camera.contrast)
        room = np.float32(1.0 - SHOULDER)
        above = np.maximum(toned - np.float32(SHOULDER), 0.0)
        linear = np.minimum(toned, np.float32(SHOULDER)) + room * (1.0 - np.exp(-above / room))
    if camera.sharpening != 0.0:
        linear = linear + np.float32(camera.sharpening) * (linear - blur(linear, 1.2))
    return np.asarray(linear, dtype=np.float32)


def _falloff(shape: Shape, camera: Camera) -> FloatArray:
    y = np.linspace(-1.0, 1.0, shape[0], dtype=np.float32)[:, None]
    x = np.linspace(-1.0, 1.0, shape[1], dtype=np.float32)[None]
    slope = np.exp(camera.gradient[0] * x + camera.gradient[1] * y)
    return np.asarray(slope * (1.0 - camera.vignette * 0.5 * (x * x + y * y)), dtype=np.float32)


def _recompressed(pixels: UInt8Array, quality: int) -> UInt8Array:
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
