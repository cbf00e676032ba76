"""The same rendered skin under even light and under others, and things drawn on pictures with known truth."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from flexura.synthesis import SkinSpec, body, camera, lesions, light, signs, skin
from flexura.synthesis.colour import linear_to_srgb, rgb_to_lab, srgb_to_linear


@dataclass(frozen=True)
class Scene:
    pixels: np.ndarray
    skin: np.ndarray
    lesion: np.ndarray

    def own_skin(self, pixels=None):
        """Mean Lab of skin beside the lesion, of these or other pixels of the scene."""
        lab = rgb_to_lab(self.pixels if pixels is None else pixels)
        return lab[self.skin & ~self.lesion].mean(axis=0)

    def redness(self, pixels=None):
        """a* of the lesion minus a* of the skin beside it."""
        lab = rgb_to_lab(self.pixels if pixels is None else pixels)
        return float(lab[self.lesion, 1].mean()) - float(self.own_skin(pixels)[1])


def _photograph(spec, *, lamp=(1.0, 1.0, 1.0), behind=None, exposed=1.0, **optics):
    """Take the renderer's steps with a lamp, a plain background, an exposure and a camera of our choice."""
    stream = [np.random.default_rng([spec.seed, part]) for part in range(8)]
    form = body.draw_form(spec.size, spec.framing, rng=stream[1])
    healthy = skin.healthy_skin(form, spec.tone, flush=1.0, rng=stream[2])
    lesion = lesions.draw_lesion(form, spec.area, rng=stream[4])
    layers = signs.lay_signs(healthy, lesion, form=form, signs=spec.signs, tone=spec.tone, seed=spec.seed)
    table = camera.draw_colour_table(stream[3])
    lens = camera.even_camera(spec.tone, table)
    lens = replace(lens, exposure=exposed * lens.exposure)
    flat = body.flattened(form)
    colour = light.albedo(layers, table=table, tint=lens.tint)
    lit = light.illuminate(flat, layers, colour, light=replace(light.EVEN_LIGHT, colour=lamp))
    if behind is not None:
        ground = np.array(behind, np.float32) * np.array(lamp, np.float32) / np.float32(lens.exposure)
        lit = ground + flat.cover[..., None] * (lit - ground)
    pixels = camera.expose(lit.astype(np.float32), replace(lens, **optics), rng=stream[6])
    return Scene(pixels, form.cover > 0.5, lesion.outline)


@pytest.fixture(scope="session")
def photograph():
    return _photograph


def _scene_spec(tone, grade, framing="limb"):
    area = (0.3, 0.1, 0.3, 0.6)[grade]
    return SkinSpec(
        seed=100 * tone + grade, tone=tone, signs=(grade, 1, 0, 0, 0, 1), area=area, size=(192, 256), framing=framing
    )


@pytest.fixture(scope="session")
def scene_spec():
    return _scene_spec


def _lay_ruler(pixels, pixels_per_mm, angle_deg, *, millimetres=45, body_colour=(235, 235, 225)):
    """Draw a metric ruler in the middle, four times oversampled; gives the picture and the ruler's mask."""
    fine, ink = 4, (30, 30, 30)
    unit = pixels_per_mm * fine
    length, width = int(millimetres * unit), int(18 * unit)
    ruler = np.full((width, length, 3), body_colour, np.uint8)
    for number in range(millimetres):
        tall = 6.0 if number % 10 == 0 else 4.5 if number % 5 == 0 else 3.0
        x, thick = round((number + 0.5) * unit), max(1, int(0.25 * unit))
        cv2.rectangle(ruler, (x - thick // 2, 0), (x - thick // 2 + thick - 1, int(tall * unit)), ink, -1)
    angle = np.deg2rad(angle_deg)
    cos, sin = np.cos(angle) / fine, np.sin(angle) / fine
    height, across = pixels.shape[:2]
    x = across / 2 - (cos * length / 2 - sin * width / 2)
    y = height / 2 - (sin * length / 2 + cos * width / 2)
    turn = np.array([[cos, -sin, x], [sin, cos, y]])
    laid = cv2.warpAffine(cv2.GaussianBlur(ruler, (0, 0), fine / 2), turn, (across, height))
    cover = cv2.warpAffine(np.full((width, length), 255, np.uint8), turn, (across, height))
    share = cover[..., None] / 255
    return (pixels * (1 - share) + laid * share).round().astype(np.uint8), cover > 127


@pytest.fixture(scope="session")
def lay_ruler():
    return _lay_ruler


# sRGB (D65) of the card's patches, row by row, as its maker published them in 2005.
CARD = np.array(
    [
        [(115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170)],
        [(214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46)],
        [(56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161)],
        [(243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52)],
    ],
    np.uint8,
)


@pytest.fixture(scope="session")
def card_patches():
    return CARD


@dataclass(frozen=True)
class Laid:
    """A picture with a card on it, where the card lies, and from its first patch to the sixth of a row."""

    pixels: np.ndarray
    mask: np.ndarray
    row_px: float


def _lay_card(pixels, row_px, *, centre, angle_deg=0, tilt=0.0, lamp=(1.0, 1.0, 1.0), patches=CARD):
    """Draw a card under a lamp, its patches 0.85 and its black edge 0.3 of a step wide; one row shorter by `tilt`."""
    step = 40
    card = np.full((4 * step + 24, 6 * step + 24, 3), 40, np.uint8)
    for row, column in np.ndindex(4, 6):
        y, x = 15 + step * row, 15 + step * column
        card[y : y + step - 6, x : x + step - 6] = patches[row, column]
    height, width = card.shape[:2]
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2) * row_px / (5 * step)
    corners[:, 0] *= 1 + tilt * np.sign(corners[:, 1]) / 2
    angle = np.deg2rad(angle_deg)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    place = cv2.getPerspectiveTransform(flat, (corners @ turn + centre).astype(np.float32))
    size = (pixels.shape[1], pixels.shape[0])
    lit = np.clip(srgb_to_linear(card) * np.array(lamp) * 0.8, 0, 1)
    laid = cv2.warpPerspective(linear_to_srgb(lit.astype(np.float32)), place, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), place, size) > 127
    return Laid(np.where(mask[..., None], cv2.GaussianBlur(laid, (0, 0), 0.8), pixels), mask, row_px)


@pytest.fixture(scope="session")
def lay_card():
    return _lay_card


def _paint(pixels, opacity, colour):
    """Lay a colour on a picture; opacity (H, W) 0-1."""
    return (pixels + opacity[..., None] * (np.array(colour) - pixels.astype(float))).round().astype(np.uint8)


@pytest.fixture(scope="session")
def paint():
    return _paint


def _plain_skin(shape=(384, 512), colour=(205, 155, 130)):
    """Skin without relief: grain and a slope of light."""
    rng = np.random.default_rng(3)
    slope = np.linspace(0.9, 1.08, shape[1])[None, :, None]
    grain = cv2.GaussianBlur(rng.normal(0, 6, shape), (0, 0), 0.8)[..., None]
    return np.clip(np.array(colour) * slope + grain, 0, 253).astype(np.uint8)


@pytest.fixture(scope="session")
def plain_skin():
    return _plain_skin
