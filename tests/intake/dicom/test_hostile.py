"""DICOM files that ask for more than they hold, hold more than they say, or are cut or changed anywhere."""

import struct
import tracemalloc

import numpy as np
import pytest
import simplejpeg
from pydicom.encaps import encapsulate

from flexura.errors import (
    CorruptImage,
    DicomJpegTooDeep,
    DicomSyntaxUnsupported,
    InputRefused,
    PhotoTooLarge,
    TruncatedImage,
    UnsupportedImage,
)
from flexura.intake.dicom import dataset as dataset_module
from flexura.intake.dicom.runs import decode_segments
from flexura.intake.read import IntakeLimits, read_photo

JPEG, JPEG_EXTENDED, JPEG_LOSSLESS, RLE, DEFLATED, MPEG = (
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.4.100",
)


@pytest.fixture
def code(smooth) -> bytes:
    return simplejpeg.encode_jpeg(smooth, quality=80)


@pytest.mark.parametrize(("rows", "columns"), [(64, 97), (32, 96), (1, 1)])
def test_a_stream_of_another_size_is_not_decoded(rows, columns, code, smooth, write, read):
    with pytest.raises(CorruptImage, match=f"{columns} x {rows}"):
        read(write(smooth, JPEG, PixelData=encapsulate([code]), Rows=rows, Columns=columns))


def test_more_rows_than_bytes(write, to_file, smooth):
    content = to_file(write(smooth, Rows=65535, Columns=65535))
    tracemalloc.start()
    with pytest.raises(TruncatedImage, match="needs 12884508675"):
        read_photo(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_compressed_bomb_is_refused_by_its_size(write, to_file, smooth, code):
    claim = struct.pack(">HH", 60000, 60000)
    bomb = code.replace(struct.pack(">HH", 64, 96), claim)
    content = to_file(write(smooth, JPEG, PixelData=encapsulate([bomb]), Rows=60000, Columns=60000))
    with pytest.raises(PhotoTooLarge):
        read_photo(content)


def test_a_deflated_bomb_stops_at_the_cap(write, to_file, read, monkeypatch):
    content = to_file(write(np.zeros((600, 600, 3), np.uint8), DEFLATED))
    assert len(content) < 10_000
    assert read(content).pixels.max() == 0
    monkeypatch.setattr(dataset_module, "MOST_INFLATED_BYTES", 100_000)
    with pytest.raises(PhotoTooLarge):
        read(content)


def test_a_run_length_bomb_stops_at_the_picture():
    header = struct.pack("<16I", 1, 64, *[0] * 14)
    tracemalloc.start()
    decoded = decode_segments(header + bytes([0x81, 7]) * 200_000, 1, 1000)  # 25 MB if it were let
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert decoded.tolist() == [[7] * 1000]
    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("header", "body", "error"),
    [
        ((2, 64, 66), b"\xfe\x07", CorruptImage),  # one segment is needed
        ((1, 10), b"\xfe\x07", CorruptImage),  # inside the header
        ((1, 64), b"\xfe\x07", TruncatedImage),  # three bytes of five
        ((1, 64), b"\x80\x80\x80", TruncatedImage),  # nothing, three times
    ],
)
def test_run_length_segments_that_contradict(header, body, error):
    with pytest.raises(error):
        decode_segments(struct.pack("<16I", *header, *[0] * (16 - len(header))) + body, 1, 5)


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"PhotometricInterpretation": "HSV"}, UnsupportedImage),
        ({"BitsAllocated": 32}, UnsupportedImage),
        ({"SamplesPerPixel": 1}, CorruptImage),
        ({"BitsStored": 9}, CorruptImage),
        ({"Rows": 0}, CorruptImage),
        ({"Rows": None}, CorruptImage),
        ({"NumberOfFrames": 0}, CorruptImage),
        ({"PhotometricInterpretation": "PALETTE COLOR", "SamplesPerPixel": 1, "Columns": 288}, CorruptImage),
    ],
)
def test_descriptions_that_contradict_themselves(attributes, error, smooth, write, read):
    with pytest.raises(error):
        read(write(smooth, **attributes))


@pytest.mark.parametrize("bits", [9, 12, 16])
@pytest.mark.parametrize("syntax", [JPEG, JPEG_EXTENDED, JPEG_LOSSLESS])
def test_deep_jpeg_is_refused_by_its_own_code_and_never_cut_to_8_bits(syntax, bits, code, smooth, write, read):
    start = code.index(b"\xff\xc0") + 4  # the frame header's sample precision (ISO/IEC 10918-1 B.2.2)
    deep = code[:start] + bytes([bits]) + code[start + 1 :]
    with pytest.raises(DicomJpegTooDeep, match=f"JPEG of {bits} bits a sample.*export the photo with 8 bits"):
        read(write(smooth, syntax, PixelData=encapsulate([deep])))
    assert DicomJpegTooDeep.code == "dicom_jpeg_too_deep"


def test_a_film_is_refused_by_name(smooth, write, read):
    with pytest.raises(DicomSyntaxUnsupported, match="MPEG2"):
        read(write(smooth, MPEG, PixelData=encapsulate([b"\0" * 64])))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", JPEG, RLE])
def test_cut_and_changed_files_are_read_or_refused(syntax, smooth, code, write, to_file):
    grey = np.zeros((64, 96), np.uint8)
    runs = struct.pack("<16I", 1, 64, *[0] * 14) + bytes([0x81, 9]) * 48
    dataset = {
        JPEG: lambda: write(smooth, JPEG, PixelData=encapsulate([code])),
        RLE: lambda: write(grey, RLE, PixelData=encapsulate([runs])),
    }.get(syntax, lambda: write(smooth))()
    content = to_file(dataset)
    random = np.random.default_rng(11)
    limits = IntakeLimits(min_side_px=1, max_pixels=200_000)
    refused = 0
    for trial in range(60):
        changed = bytearray(content)
        if trial % 2:
            del changed[int(random.integers(len(content))) :]
        else:
            for place in random.integers(128, len(content), 6):
                changed[place] = random.integers(256)
        try:
            read_photo(bytes(changed), limits=limits)
        except InputRefused:
            refused += 1
    assert refused >= 25
