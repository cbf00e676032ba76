"""The one road into the network: the whole photo, squeezed, by hand."""

import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import AreaReading
from flexura.features import FEATURE_NAMES
from flexura.pipeline import MEASURED_SIDE_PX, PREPROCESSING_VERSION, measure, prepare, squeeze
from flexura.records import PatientContext, Photo, PhotoSource

SOURCE = PhotoSource("ab" * 32, "JPEG", 8, 2, 1, "sRGB")


def test_the_version_stands_for_these_numbers() -> None:
    # Areas are averaged and rounded. Whoever changes one of these numbers raises the version.
    picture = np.array([[0, 10, 100, 101], [20, 30, 101, 101], [7, 7, 0, 0], [7, 7, 0, 255]], np.uint8)
    assert PREPROCESSING_VERSION == "squeeze-1 measure-1"
    assert squeeze(picture, 2).tolist() == [[15, 101], [7, 64]]
    assert squeeze(picture, 4).tolist() == picture.tolist()


def test_a_wide_photo_is_squeezed_and_not_cropped() -> None:
    picture = np.array([[0, 40, 80, 120, 160, 200, 240, 255], [0, 40, 80, 120, 160, 200, 240, 255]], np.uint8)
    assert squeeze(picture, 2).tolist() == [[60, 214], [60, 214]]
    assert squeeze(picture.T, 2).tolist() == [[60, 60], [214, 214]]


@pytest.mark.parametrize("shape", [(300, 700), (700, 300), (299, 401)])
def test_fractions_of_area_stay_what_they_are(shape: tuple[int, int]) -> None:
    height, width = shape
    lesion = np.zeros(shape, np.uint8)
    lesion[: height // 3, width // 2 :] = 255
    assert squeeze(lesion, 64).mean() == pytest.approx(lesion.mean(), abs=0.5)


def test_fine_stripes_become_grey_and_no_coarse_ones() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (256, 128))
    assert set(np.unique(squeeze(stripes, 32))) <= {127, 128}


def test_a_small_photo_is_enlarged_smoothly() -> None:
    enlarged = squeeze(np.array([[0, 200]], np.uint8), 4)
    assert enlarged.tolist() == [[0, 50, 150, 200]] * 4


def test_channels_keep_their_order() -> None:
    picture = np.full((4, 8, 3), (10, 20, 30), np.uint8)
    assert squeeze(picture, 2).tolist() == [[[10, 20, 30]] * 2] * 2


def test_a_photo_and_its_context_become_the_networks_input() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (48, 80, 3), np.uint8)
    before = pixels.copy()
    made = prepare(Photo(pixels, SOURCE), PatientContext(age_years=75, site="palm"), side=32)
    assert made.pixels.shape == (32, 32, 3)
    assert made.pixels.dtype == np.uint8
    assert np.array_equal(made.pixels, squeeze(pixels, 32))
    assert np.array_equal(pixels, before)
    context = dict(zip(CONTEXT_NAMES, made.context.tolist(), strict=True))
    assert (context["age"], context["site_hand"], context["site_foot"]) == (1.0, 1.0, 0.0)
    assert np.isnan(context["itches"])


def test_features_are_measured_where_the_maps_say() -> None:
    """Dark lesion on light skin, left third of a wide photo; the right third is no skin."""
    pixels = np.full((200, 600, 3), (215, 189, 150), np.uint8)
    pixels[:, :200] = (150, 90, 80)
    pixels[:, 400:] = (0, 0, 255)
    lesion, skin = np.zeros((12, 12), np.float32), np.ones((12, 12), np.float32)
    lesion[:, :4], skin[:, 8:] = 1, 0
    found = measure(pixels, lesion, skin, reading=AreaReading())
    values = dict(zip(found.names, found.values.tolist(), strict=True))
    assert found.names == FEATURE_NAMES
    assert values["delta_lightness"] == pytest.approx(44.3 - 77.9, abs=1.0)
    assert values["skin_ita"] == pytest.approx(50, abs=1)


@pytest.mark.parametrize("larger", [1, 3])
def test_a_photo_is_measured_at_one_size(larger: int) -> None:
    random = np.random.default_rng(5)
    small = np.kron(random.integers(60, 200, (9, 12, 3)), np.ones((24, 24, 1))).astype(np.uint8)
    assert max(small.shape) == MEASURED_SIDE_PX
    lesion = np.zeros((9, 12), np.float32)
    lesion[3:6, 3:8] = 1
    pixels = np.repeat(np.repeat(small, larger, 0), larger, 1)
    reading = AreaReading()
    first, found = (measure(each, lesion, np.ones_like(lesion), reading=reading) for each in (small, pixels))
    assert np.array_equal(first.values, found.values, equal_nan=True)


def test_without_skin_nothing_is_measured() -> None:
    nothing = np.zeros((6, 6), np.float32)
    found = measure(np.full((90, 120, 3), 120, np.uint8), nothing, nothing, reading=AreaReading())
    assert np.isnan(found.values).mean() > 0.9
