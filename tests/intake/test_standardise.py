"""Turns, profiles, bits and grounds, against values worked out by hand."""

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from flexura.intake.read import read_photo
from flexura.intake.standardise import (
    OTHER,
    SRGB,
    UNREADABLE,
    Raster,
    eight_bits,
    on_white,
    shrink,
    standardise,
    to_srgb,
    upright,
)

# Linear Display P3 to linear sRGB (both D65), from the primaries of SMPTE EG 432-1 and IEC 61966-2-1.
P3_TO_SRGB = np.array([[1.2249402, -0.2249402, 0], [-0.0420570, 1.0420570, 0], [-0.0196376, -0.0786361, 1.0982735]])


def p3_to_srgb(colour):
    level = np.array(colour) / 255
    light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    light = np.clip(P3_TO_SRGB @ light, 0, 1)
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


# Linear Adobe RGB to linear sRGB (both D65), from the primaries of Adobe RGB (1998) 4.3.4 and IEC 61966-2-1.
ADOBE_TO_SRGB = np.array([[1.3983557, -0.3983557, 0], [0, 1, 0], [0, -0.0429290, 1.0429290]])


def adobe_to_srgb(colour):
    light = np.clip(ADOBE_TO_SRGB @ (np.array(colour) / 255) ** (563 / 256), 0, 1)
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_agrees_with_pillow(orientation):
    stored = np.random.default_rng(1).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    image = Image.fromarray(stored)
    image.getexif()[0x0112] = orientation
    assert np.array_equal(upright(stored, orientation), np.asarray(ImageOps.exif_transpose(image)))


def test_mirrored_orientations_do_not_swap_left_and_right():
    assert upright(np.array([[[1], [2]]], np.uint8), 2)[0, :, 0].tolist() == [2, 1]
    assert upright(np.array([[[1], [2]]], np.uint8), 4)[0, :, 0].tolist() == [1, 2]


def test_eight_bits_rounds_every_level():
    levels = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(eight_bits(levels), np.round(levels / 257).astype(np.uint8))
    assert eight_bits(np.array([7], np.uint8)).tolist() == [7]


def test_on_white_rounds_every_pair():
    level, alpha = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    exact = level * (alpha / 255) + 255 * (1 - alpha / 255)
    assert np.abs(on_white(level, alpha) - exact).max() <= 0.5
    assert on_white(np.zeros((1, 1, 3), np.uint8), np.array([[51]], np.uint8)).tolist() == [[[204, 204, 204]]]


def test_shrink_averages_areas():
    picture = np.array([[0, 100, 20, 20], [100, 200, 20, 20]], np.uint8)
    assert shrink(picture, 2).tolist() == [[100, 20]]
    assert shrink(picture, 4) is picture
    assert shrink(picture, None) is picture
    assert shrink(np.zeros((1, 1000), np.uint8), 10).shape == (1, 10)


@pytest.mark.parametrize("colour", [(200, 100, 50), (230, 170, 150), (90, 60, 45), (128, 128, 128), (255, 255, 255)])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_display_p3_becomes_srgb(form, colour, p3, encode, limits):
    options = {} if form == "HEIF" else {"icc_profile": p3}
    image = Image.new("RGB", (32, 32), colour)
    image.info["icc_profile"] = p3
    photo = read_photo(encode(image, form, **options), limits=limits)
    assert photo.source.colour_profile == "Display P3"
    assert np.abs(photo.pixels[5, 5] - p3_to_srgb(colour)).max() <= (3 if form == "JPEG" else 1.5)


@pytest.mark.parametrize("colour", [(160, 128, 100), (200, 150, 130), (90, 60, 45), (128, 128, 128), (255, 255, 255)])
def test_adobe_rgb_becomes_srgb(colour, adobe, encode, limits):
    image = Image.new("RGB", (32, 32), colour)
    photo = read_photo(encode(image, "JPEG", icc_profile=adobe), limits=limits)
    assert photo.source.colour_profile == "Adobe RGB (1998)"
    assert np.abs(photo.pixels[5, 5] - adobe_to_srgb(colour)).max() <= 3


def test_red_really_moves(p3):
    pixels, _ = to_srgb(np.full((1, 1, 3), (200, 100, 50), np.uint8), p3)
    assert pixels[0, 0, 0] > 210


def test_srgb_by_another_name_changes_nothing():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().replace(b"s\0R\0G\0B", b"m\0i\0n\0e")
    samples = np.random.default_rng(2).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    pixels, name = to_srgb(samples, profile)
    assert name == SRGB
    assert pixels is samples


def test_a_profile_that_only_claims_to_be_srgb_is_converted(p3):
    liar = p3.replace("Display P3".encode("utf-16-be"), "sRGB IEC61".encode("utf-16-be"))
    pixels, name = to_srgb(np.full((1, 1, 3), (200, 100, 50), np.uint8), liar)
    assert name == OTHER
    assert pixels[0, 0, 0] > 210


@pytest.mark.parametrize(
    "damage", [lambda icc: b"", lambda icc: b"nonsense", lambda icc: icc[:200], lambda icc: icc[:-100]]
)
def test_a_broken_profile_is_recorded(damage, p3):
    samples = np.full((2, 2, 3), (10, 20, 30), np.uint8)
    pixels, name = to_srgb(samples, damage(p3))
    assert name == UNREADABLE
    assert np.array_equal(pixels, samples)


def test_a_profile_of_another_colour_space_is_recorded(p3):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert to_srgb(np.zeros((2, 2, 3), np.uint8), lab)[1] == UNREADABLE
    assert to_srgb(np.zeros((2, 2, 4), np.uint8), p3)[1] == UNREADABLE


def test_an_rgb_profile_on_a_grey_picture(p3):
    pixels, name = to_srgb(np.full((2, 2), 128, np.uint8), p3)
    assert name == "Display P3"
    assert np.abs(pixels.astype(int) - 128).max() <= 1


def test_a_profile_names_nobody(p3):
    named = p3.replace("Display P3".encode("utf-16-be"), "Dr J. Doe ".encode("utf-16-be"))
    pixels, name = to_srgb(np.full((1, 1, 3), (200, 100, 50), np.uint8), named)
    assert name == OTHER
    assert pixels[0, 0, 0] > 210


def test_cmyk_without_profile_by_hand():
    pixels, name = to_srgb(np.array([[[20, 90, 100, 10], [255, 0, 0, 0], [0, 0, 0, 255]]], np.uint8), None)
    assert pixels.tolist() == [[[226, 159, 149], [0, 255, 255], [0, 0, 0]]]
    assert name == "CMYK without profile"


def test_the_whole_way_in_its_order():
    samples = np.zeros((4, 2), np.uint16)
    alpha = np.full((4, 2), 65535, np.uint16)
    alpha[:2] = 0
    pixels, name = standardise(Raster(samples, alpha, None), 6, longest_side=2)
    assert name == SRGB
    assert pixels[..., 0].tolist() == [[0, 255]]
