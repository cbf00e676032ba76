"""Pictures whose features are known: drawn forms, and rendered skin with its truth; functions come as fixtures."""

import functools

import cv2
import numpy as np
import pytest

from flexura.features.view import view_skin
from flexura.synthesis import SkinSpec, render


@pytest.fixture(scope="session")
def disc():
    """Give a function that draws a disc: mask of a shape, centre (y, x), radius."""

    def draw(shape, centre, radius):
        y, x = np.mgrid[: shape[0], : shape[1]]
        return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2

    return draw


@pytest.fixture(scope="session")
def painted():
    """Give a function that paints a flat lesion on flat skin."""

    def paint(lesion, skin=None, lesion_colour=(190, 120, 100), skin_colour=(215, 189, 150)):
        skin = np.ones_like(lesion) if skin is None else skin
        return view_skin(np.where(lesion[..., None], np.uint8(lesion_colour), np.uint8(skin_colour)), lesion, skin)

    return paint


@pytest.fixture(scope="session")
def rendered():
    """Give a function that renders skin of a Monk tone with erythema of a grade on 30 % of it, in even light."""

    @functools.cache
    def photo(tone, erythema, *, size=(120, 160), other_signs=(0, 0, 0, 0, 1), seed=11):
        signs = (erythema, *other_signs)
        return render(SkinSpec(seed=seed, tone=tone, signs=signs, area=0.3, size=size, framing="flat", lighting="even"))

    return photo


@pytest.fixture(scope="session")
def eczema(rendered):
    """Moderate eczema with every sign, large enough for its texture."""
    photo = rendered(5, 2, size=(256, 320), other_signs=(1, 1, 1, 1, 1))
    return view_skin(photo.pixels, photo.lesion_mask, photo.skin_mask)


@pytest.fixture(scope="session")
def named():
    """Give a function that turns a feature vector into a dictionary."""
    return lambda vector: dict(zip(vector.names, map(float, vector.values), strict=True))


@pytest.fixture(scope="session")
def grain():
    """A soft random texture, grey uint8."""
    noise = np.random.default_rng(3).integers(0, 256, (150, 170), dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.5)
