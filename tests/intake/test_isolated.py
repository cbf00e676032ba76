"""The peer is the real process; hostile files are made here."""

import json
import os
import signal
import struct
import sys
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
from flexura.intake.messages import holds_bytes
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


# What a decoder that a photo has taken over might do, after it has read the request.
HOSTILE = {
    "a body of 2^60 bytes": "answer({}, 1 << 60)",
    "a head of 2^60 bytes": "os.write(1, struct.pack('>QQ', 1 << 60, 0))",
    "no JSON": "os.write(1, struct.pack('>QQ', 3, 0) + b'abc')",
    "JSON that is no object": "os.write(1, struct.pack('>QQ', 2, 0) + b'[]')",
    "JSON too deep to read": "os.write(1, struct.pack('>QQ', 10**6, 0) + b'[' * 10**6)",
    "nothing of what was asked": "answer({})",
    "a shape that the pixels have not": "answer({'shape': [9, 9, 3], 'source': SOURCE}, 3, b'abc')",
    "a picture without pixels": "answer({'shape': [0, 9, 3], 'source': SOURCE})",
    "a picture larger than asked for": "answer({'shape': [1, 2000, 3], 'source': SOURCE}, 6000, bytes(6000))",
    "a source of other fields": "answer({'shape': [1, 1, 3], 'source': {'capture': {}}}, 3, b'abc')",
    "a width in words": "answer({'shape': [1, 1, 3], 'source': SOURCE | {'width': 'wide'}}, 3, b'abc')",
    "an error that there is not": "answer({'code': ['x'], 'message': 'y'})",
    "an end without an answer": "sys.exit(0)",
}
SCRIPT = """
import json, os, struct, subprocess, sys, time
SOURCE = dict(sha256="", format="PNG", width=9, height=9, orientation_applied=1, colour_profile="sRGB",
              captured_at=None, capture=dict(pixel_spacing_mm=None))
def answer(head, count=0, body=b""):
    told = json.dumps(head).encode()
    os.write(1, struct.pack(">QQ", len(told), count) + told + body)
while os.read(0, 1 << 20):
    {act}
"""


class TakenOver(IsolatedReader):
    """A reader whose process does something else."""

    def __init__(self, act: str, max_seconds: float = 20.0) -> None:
        self.act = act
        super().__init__(SMALL, decoding=DecodingLimits(max_seconds=max_seconds))

    def _command(self) -> list[str]:
        return [sys.executable, "-c", SCRIPT.replace("{act}", self.act)]


@pytest.mark.parametrize("act", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_answer_that_ours_never_gives_is_refused_and_its_process_ended(act: str) -> None:
    with TakenOver(act) as reader:
        before = reader.process_id
        with pytest.raises(DecodingCrashed):
            reader.read(b"x")
        with pytest.raises(ProcessLookupError):
            os.kill(before, 0)


def test_a_report_that_ours_never_gives_is_refused() -> None:
    with TakenOver("answer({'report': {'rows': [{'colour': 1}]}})") as reader, pytest.raises(DecodingCrashed):
        reader.check_conformance(b"x")


@pytest.mark.parametrize(
    "act",
    [
        "time.sleep(60)",
        "subprocess.Popen(['sleep', '60']); sys.exit(0)",
        "subprocess.Popen(['sleep', '60'], start_new_session=True); sys.exit(0)",
        "[(os.write(1, b'x'), time.sleep(0.05)) for _ in range(1000)]",
    ],
    ids=["silence", "a child that holds the pipe", "one that left the group", "an answer that drips"],
)
def test_nothing_that_it_does_holds_the_reader_up(act: str) -> None:
    with TakenOver(act, max_seconds=0.4) as reader:
        started = time.monotonic()
        with pytest.raises((DecodingTimedOut, DecodingCrashed)):
            reader.read(b"x")
        assert time.monotonic() - started < 5


def test_a_process_that_does_not_take_its_request_is_killed_in_time() -> None:
    with TakenOver("time.sleep(60)", max_seconds=0.4) as reader:
        started = time.monotonic()
        with pytest.raises(DecodingTimedOut):
            reader.read(bytes(8_000_000))  # more than the pipe and one read of it
        assert time.monotonic() - started < 5


def test_an_answer_that_nobody_asked_for_is_not_the_next_photos() -> None:
    first = "answer({'shape': [1, 1, 3], 'source': SOURCE}, 3, b'abc')"
    with TakenOver(f"{first}; {first}") as reader:
        assert reader.read(b"x").pixels.tolist() == [[[97, 98, 99]]]
        before = reader.process_id
        while not holds_bytes(reader._process.stdout.fileno()):
            time.sleep(0.01)
        reader.read(b"x")
        assert reader.process_id != before
