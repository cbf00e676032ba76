"""One rendered photo with its truth: the whole way from a spec to pixels, on one page.

`render` is a pure function of its spec. Masks are boolean (H, W); pixels sRGB uint8 (H, W, 3).
"""

from dataclasses import dataclass, field

import numpy as np

from flexura.records import FloatArray, UInt8Array
from flexura.synthesis import body, camera, lesions, light, signs, skin
from flexura.synthesis.lesions import BoolArray
from flexura.synthesis.spec import SkinSpec

# Each part of a photo draws from its own stream, so that changing one leaves the others as they were.
FORM, PERSON, OPTICS, LESION, BEHIND, SENSOR, PERFUSION = range(1, 8)


@dataclass(frozen=True)
class RenderedPhoto:
    """A photo of skin that never existed, and all that is true of it.

    `lesion_mask` lies inside `skin_mask`; `signs` are six grades 0-3 in the order of `SIGN_NAMES`;
    `area_fraction` is measured: lesion pixels over skin pixels; `tone` is Monk 1-10.
    """

    pixels: UInt8Array = field(repr=False)
    lesion_mask: BoolArray = field(repr=False)
    skin_mask: BoolArray = field(repr=False)
    signs: tuple[int, ...]
    area_fraction: float
    tone: int


def render(spec: SkinSpec) -> RenderedPhoto:
    """Render a photo of skin.

    Parameters
    ----------
    spec : SkinSpec
        What it shall show. The same spec gives the same bytes.

    Returns
    -------
    RenderedPhoto
        Pixels and truth.

    Examples
    --------
    >>> photo = render(SkinSpec(seed=1, tone=5, signs=(2, 1, 0, 0, 0, 1), area=0.2, size=(96, 128)))
    >>> photo.pixels.shape, round(photo.area_fraction, 2)
    ((96, 128, 3), 0.2)
    """
    form = body.draw_form(spec.size, spec.framing, rng=_stream(spec, FORM))
    healthy = skin.healthy_skin(form, spec.tone, flush=_flush(spec), rng=_stream(spec, PERSON))
    lesion = lesions.draw_lesion(form, spec.area, rng=_stream(spec, LESION))
    layers = signs.lay_signs(healthy, lesion, form=form, signs=spec.signs, tone=spec.tone, seed=spec.seed)
    pixels = _photograph(spec, form, layers)
    skin_mask = form.cover > 0.5
    return RenderedPhoto(
        pixels=pixels,
        lesion_mask=lesion.outline,
        skin_mask=skin_mask,
        signs=spec.signs,
        area_fraction=float(lesion.outline.sum() / skin_mask.sum()),
        tone=spec.tone,
    )


def _stream(spec: SkinSpec, part: int) -> np.random.Generator:
    return np.random.default_rng([spec.seed, part])


def _flush(spec: SkinSpec) -> float:
    """Draw how well this skin is perfused, relative to the skin that swatches are matched on."""
    return 1.0 if spec.lighting == "even" else float(np.exp(_stream(spec, PERFUSION).uniform(0.0, 1.4)))


def _photograph(spec: SkinSpec, form: body.Form, layers: skin.SkinLayers) -> UInt8Array:
    optics = _stream(spec, OPTICS)
    table = camera.draw_colour_table(optics)
    if spec.lighting == "even":
        form = body.flattened(form)
        lamp, lens = light.EVEN_LIGHT, camera.even_camera(spec.tone, table)
    else:
        lamp, lens = light.draw_light(optics), camera.draw_camera(spec.tone, table, rng=optics)
    colour = light.albedo(layers, table=table, tint=lens.tint)
    lit = light.illuminate(form, layers, colour, light=lamp)
    return camera.expose(_before_background(spec, form, lit, exposure=lens.exposure), lens, rng=_stream(spec, SENSOR))


def _before_background(spec: SkinSpec, form: body.Form, lit: FloatArray, *, exposure: float) -> FloatArray:
    if spec.framing != "limb":
        return lit
    # Backgrounds are given as they photograph: whoever takes the picture exposes for the skin.
    behind = body.draw_background(form, _stream(spec, BEHIND)) / np.float32(exposure)
    return np.asarray(behind + form.cover[..., None] * (lit - behind), dtype=np.float32)
