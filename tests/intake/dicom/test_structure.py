"""The walk over a file's build: sound ones pass, those that are built to harm are refused without recursion."""

import struct
import zlib

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from flexura.errors import CorruptImage, PhotoTooLarge
from flexura.intake.dicom.structure import MOST_DEPTH, require_sound

PICTURE = np.zeros((4, 4, 3), np.uint8)


def _nested(depth: int) -> Dataset:
    inner = Dataset()
    inner.PatientID = "x"
    for _ in range(depth):
        outer = Dataset()
        outer.RequestAttributesSequence = Sequence([inner])
        inner = outer
    return inner


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_a_sound_file_passes(write, to_file, syntax):
    require_sound(to_file(write(PICTURE, syntax, RequestAttributesSequence=_nested(3).RequestAttributesSequence)))


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_rle.dcm", "examples_palette.dcm"])
def test_files_of_other_programs_pass(wheel, to_file, name):
    require_sound(to_file(wheel(name)))


@pytest.mark.parametrize(("depth", "passes"), [(MOST_DEPTH, True), (MOST_DEPTH + 1, False)])
def test_sequences_may_lie_so_deep(write, to_file, depth, passes):
    content = to_file(write(PICTURE, RequestAttributesSequence=_nested(depth).RequestAttributesSequence))
    if passes:
        require_sound(content)
    else:
        with pytest.raises(CorruptImage, match="deeper"):
            require_sound(content)


def test_a_bomb_of_sequences_is_refused_at_once(write, to_file):
    opening = struct.pack("<HH2sHI", 0x0040, 0x0275, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    with pytest.raises(CorruptImage, match="deeper"):
        require_sound(to_file(write(PICTURE)) + opening * 36_000)


@pytest.mark.parametrize(
    "tail",
    [
        struct.pack("<HH2sHI", 0x7FE1, 0x0010, b"OB", 0, 0x7FFFFFFF),  # longer than the file
        struct.pack("<HH2sHI", 0x7FE1, 0x0010, b"OB", 0, 0xFFFFFFFF),  # never ends
        struct.pack("<HHI", 0xFFFE, 0xE00D, 0),  # closes what is not open
        struct.pack("<HHI", 0xFFFE, 0xE000, 0),  # an item of no sequence
        b"\x10\x00",
        struct.pack("<HH2sHI", 0x7FE1, 0x0020, b"SQ", 0, 12) + struct.pack("<HHI", 0xFFFE, 0xE000, 64) + b"abcd",
    ],
)
def test_lengths_and_delimiters_must_fit(write, to_file, tail):
    with pytest.raises(CorruptImage, match="built"):
        require_sound(to_file(write(PICTURE)) + tail)


def test_too_many_elements_are_refused(write, to_file):
    empty = struct.pack("<HH2sH", 0x0010, 0x0010, b"PN", 0)
    with pytest.raises(CorruptImage, match="elements"):
        require_sound(to_file(write(PICTURE)) + empty * 100_001)


def test_a_deflated_bomb_is_inflated_under_its_cap(write, to_file):
    content = to_file(write(PICTURE, DeflatedExplicitVRLittleEndian))
    start = content.index(b"1.2.840.10008.1.2.1.99") + 22
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(140)) + packer.flush()
    head = content[: content.index(b"\x02\x00\x12\x00")] if b"\x02\x00\x12\x00" in content else content[:start]
    with pytest.raises((PhotoTooLarge, CorruptImage)):
        require_sound(head + bomb)
