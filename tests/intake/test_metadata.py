"""EXIF as phones write it, and as they should not."""

import struct

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from flexura.intake.metadata import capture, captured_at, count_of_pictures, orientation
from flexura.records import Capture


@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_as_pillow_writes_it(value, exif):
    block = exif(value)
    assert orientation(block) == value
    assert orientation(block.removeprefix(b"Exif\0\0")) == value


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_no_standard_knows_is_upright(value, exif):
    assert orientation(exif(value)) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_in_both_byte_orders_and_as_a_long(order):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    for kind, value in ((3, struct.pack(order + "HH", 8, 0)), (4, struct.pack(order + "I", 8))):
        block = mark + struct.pack(order + "IHHHI", 8, 1, 0x0112, kind, 1) + value
        assert orientation(block) == 8


@pytest.mark.parametrize(
    "block",
    [
        None,
        b"",
        b"Exif\0\0",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff\x12\x01",  # a directory of 65535 entries that ends in its first
        b"II*\0\x08\0\0\0\1\0\x12\x01\x05\0\1\0\0\0\x06\0\0\0",  # orientation as a fraction
        b"II*\0\x08\0\0\0\1\0\x12\x01\x03\0\xff\xff\xff\xff\x06\0\0\0",  # four thousand million orientations
    ],
)
def test_damaged_exif_says_nothing(block):
    assert orientation(block) == 1
    assert captured_at(block) is None
    assert capture(block) == Capture()
    assert count_of_pictures(block) == 1


def test_capture_time_with_and_without_offset(exif):
    assert captured_at(exif(1, "2024:05:01 12:30:45")) == "2024-05-01T12:30:45"
    assert captured_at(exif(1, "2024:05:01 12:30:45", "-03:30")) == "2024-05-01T12:30:45-03:30"
    assert captured_at(exif(1, "2024:05:01 12:30:45", "   :  ")) == "2024-05-01T12:30:45"


@pytest.mark.parametrize(
    "taken", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024-05-01 12:30:45", "2024:13:01 00:00:00"]
)
def test_an_invalid_date_is_unknown(taken, exif):
    assert captured_at(exif(1, taken)) is None


def test_pictures_of_a_multi_picture_index():
    index = b"MM\0*" + struct.pack(">IHHHII", 8, 1, 0xB001, 4, 1, 3)
    assert count_of_pictures(index) == 3


def camera_exif(make="Maker", exposure=(1, 60), flash=0):
    """EXIF of a camera, its tags in Pillow's words."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = make, "Phone 7"
    details = exif.get_ifd(0x8769)
    details[0x829A], details[0x829D], details[0x920A] = (IFDRational(*pair) for pair in (exposure, (9, 5), (57, 10)))
    details[0x8827], details[0x9209] = 125, flash
    return exif.tobytes()


def test_camera_and_exposure():
    assert capture(camera_exif()) == Capture(
        camera_make="Maker",
        camera_model="Phone 7",
        exposure_time_s=1 / 60,
        f_number=1.8,
        iso_speed=125,
        focal_length_mm=5.7,
        flash_fired=False,
    )


@pytest.mark.parametrize(("value", "fired"), [(0x00, False), (0x10, False), (0x01, True), (0x19, True), (0x20, False)])
def test_the_flash_is_its_lowest_bit(value, fired):
    assert capture(camera_exif(flash=value)).flash_fired is fired


def test_an_exposure_of_nothing_is_unknown():
    assert capture(camera_exif(exposure=(0, 60))).exposure_time_s is None
    # Pillow writes no zero below the line, a camera may.
    block = camera_exif()
    order = ">" if b"MM" in block[:8] else "<"
    at = block.index(struct.pack(order + "II", 1, 60))
    assert capture(block[: at + 4] + bytes(4) + block[at + 8 :]).exposure_time_s is None


def test_a_maker_cannot_steer_a_terminal():
    assert capture(camera_exif(make="A\x1b[2J\x07B")).camera_make == "A[2JB"
