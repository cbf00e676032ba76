"""JPEG headers by hand."""

import struct

import numpy as np
import pytest
from PIL import Image

from flexura.errors import CorruptImage, TruncatedImage, UnsupportedImage
from flexura.intake.jpeg import decode, read_header


def test_header_of_an_ordinary_photo(encode, exif, p3):
    header = read_header(
        encode(Image.new("RGB", (70, 40)), "JPEG", exif=exif(3, "2024:05:01 12:30:45"), icc_profile=p3)
    )
    assert (header.width, header.height, header.components, header.orientation) == (70, 40, 3, 3)
    assert header.captured_at == "2024-05-01T12:30:45"
    assert header.icc == p3
    assert not header.is_adobe
    assert "icc" not in repr(header)


def test_a_profile_in_several_pieces_is_joined_by_their_numbers(encode):
    content = encode(Image.new("RGB", (20, 20)), "JPEG")
    pieces = [b"ICC_PROFILE\0" + bytes([number, 2]) + body for number, body in ((2, b"second"), (1, b"first "))]
    segments = b"".join(b"\xff\xe2" + struct.pack(">H", len(piece) + 2) + piece for piece in pieces)
    assert read_header(content[:2] + segments + content[2:]).icc == b"first second"


def test_the_decoded_picture_is_never_below_the_wanted_side(encode):
    content = encode(Image.new("RGB", (1000, 700)), "JPEG")
    header = read_header(content)
    for side in (100, 126, 500, 501, 999, 2000):
        assert min(side, 1000) <= decode(content, header, longest_side=side).samples.shape[1] <= 1000
    assert decode(content, header, longest_side=100).samples.shape[1] < 200


def test_grey_stays_one_plane(encode):
    content = encode(np.full((20, 30), 77, np.uint8), "JPEG")
    assert decode(content, read_header(content), longest_side=None).samples.shape == (20, 30)


def test_faults(encode):
    content = encode(Image.new("RGB", (20, 20)), "JPEG")
    frame = content.index(b"\xff\xc0")
    with pytest.raises(CorruptImage):
        read_header(content[:frame] + content[frame:].replace(b"\xff\xc0", b"\xff\xe5", 1))
    with pytest.raises(UnsupportedImage):
        read_header(content.replace(b"\x00\x14\x00\x14\x03", b"\x00\x00\x00\x14\x03", 1))  # height left to a DNL
    with pytest.raises(TruncatedImage):
        read_header(content[:-2])
