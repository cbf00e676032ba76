"""The peer is the real process; hostile files are made here."""

import json
import os
import signal
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

from flexura.errors import (
    CorruptImage,
    DecodingCrashed,
    DecodingTimedOut,
    InputRefused,
    NotAnImage,
    PhotoTooLarge,
    UsageError,
)
from flexura.intake.isolated import DecodingLimits, IsolatedReader, _source
from flexura.intake.read import IntakeLimits, read_photo
from flexura.records import Capture, PhotoSource

Encode = Callable[..., bytes]
SMALL = IntakeLimits(min_side_px=16)


@pytest.fixture(scope="module")
def reader() -> Iterator[IsolatedReader]:
    with IsolatedReader(SMALL) as opened:
        yield opened


@pytest.fixture(scope="module")
def photo(encode: Encode) -> bytes:
    return encode(np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8), "JPEG")


def test_it_gives_what_read_photo_gives(reader: IsolatedReader, photo: bytes) -> None:
    here, there = read_photo(photo, limits=SMALL, longest_side=100), reader.read(photo, longest_side=100)
    assert there.source == here.source
    assert np.array_equal(there.pixels, here.pixels)
    assert there.pixels.flags.writeable


def test_camera_and_time_cross_the_pipe_as_records(reader: IsolatedReader, encode: Encode) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Phone 7"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 12:30:45"
    exif.get_ifd(0x8769)[0x8827] = 125
    content = encode(np.zeros((32, 32, 3), np.uint8), "JPEG", exif=exif.tobytes())
    source = reader.read(content).source
    assert source.capture == Capture(camera_model="Phone 7", iso_speed=125)
    assert source == read_photo(content, limits=SMALL).source


def test_a_pixel_spacing_crosses_as_a_tuple() -> None:
    capture = Capture(pixel_spacing_mm=(0.1, 0.2), body_site="forearm")
    here = PhotoSource("ab", "DICOM", 8, 8, 1, "sRGB", None, capture)
    assert _source(json.loads(json.dumps(asdict(here)))) == here


def test_refusals_cross_the_pipe_with_their_type_and_words(reader: IsolatedReader) -> None:
    with pytest.raises(NotAnImage) as there:
        reader.read(b"hello")
    with pytest.raises(NotAnImage) as here:
        read_photo(b"hello")
    assert str(there.value) == str(here.value)
    with pytest.raises(UsageError):
        reader.read(b"hello", longest_side=0)


def test_one_process_reads_many_photos(reader: IsolatedReader, photo: bytes) -> None:
    before = reader.process_id
    for _ in range(3):
        reader.read(photo)
        with pytest.raises(InputRefused):
            reader.read(photo[:-300])
    assert reader.process_id == before


def test_threads_get_their_own_photos(reader: IsolatedReader, encode: Encode) -> None:
    contents = [encode(np.full((32, 32, 3), 10 * shade, np.uint8), "PNG") for shade in range(20)]
    with ThreadPoolExecutor(4) as pool:
        shades = [int(read.pixels[0, 0, 0]) for read in pool.map(reader.read, contents)]
    assert shades == [10 * shade for shade in range(20)]


def test_a_killed_process_costs_one_photo_and_is_replaced(photo: bytes) -> None:
    with IsolatedReader(SMALL) as reader:
        reader.read(photo)
        first = reader.process_id
        os.kill(first, signal.SIGSTOP)
        threading.Timer(0.2, os.kill, (first, signal.SIGKILL)).start()
        with pytest.raises(DecodingCrashed):
            reader.read(photo)
        assert reader.read(photo).source.width == 320
        assert reader.process_id != first


def test_a_decoder_that_hangs_is_killed_in_time(photo: bytes) -> None:
    with IsolatedReader(SMALL, decoding=DecodingLimits(max_seconds=0.3)) as reader:
        os.kill(reader.process_id, signal.SIGSTOP)
        started = time.monotonic()
        with pytest.raises(DecodingTimedOut):
            reader.read(photo)
        assert time.monotonic() - started < 2


def test_memory_beyond_the_limit_is_refused_and_the_process_lives_on(photo: bytes, png: Encode) -> None:
    with IsolatedReader(IntakeLimits(), decoding=DecodingLimits(max_memory_bytes=64 * 1024 * 1024)) as reader:
        before = reader.process_id
        # 100 megapixels of one colour: 100 kB in the file, 300 MB in memory.
        side = 10_000
        rows = (b"\0" + b"\x80" * (3 * side)) * side
        bomb = png(side, side, bits=8, colour=2, rows=rows)
        assert len(bomb) < 1_000_000
        with pytest.raises(PhotoTooLarge, match="memory"):
            reader.read(bomb)
        assert reader.process_id == before
        assert reader.read(photo).source.height == 240


def test_a_lie_about_the_size_is_refused_without_the_memory(reader: IsolatedReader, png: Encode) -> None:
    bomb = png(100, 60, bits=8, colour=2, rows=zlib.compress(b"x") * 10)
    ihdr = bomb.index(b"IHDR") + 4
    lying = bomb[:ihdr] + struct.pack(">II", 60_000, 60_000) + bomb[ihdr + 8 :]
    crc = struct.pack(">I", zlib.crc32(lying[ihdr - 4 : ihdr + 13]))
    with pytest.raises((PhotoTooLarge, CorruptImage)):
        reader.read(lying[: ihdr + 13] + crc + lying[ihdr + 17 :])


def test_a_closed_reader_leaves_no_process(photo: bytes) -> None:
    reader = IsolatedReader(SMALL)
    reader.read(photo)
    left = reader.process_id
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)
