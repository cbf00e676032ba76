"""EXIF as phones write it, and as they should not."""

import struct

import pytest

from flexura.intake.metadata import captured_at, count_of_pictures, orientation


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
