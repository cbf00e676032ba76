"""Small photos in every format, drawn here: six colour blocks whose order shows every turn and mirroring."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from flexura.intake.read import IntakeLimits

BLOCK_PX = 24
BLOCKS = np.array(
    [[220, 40, 40], [40, 200, 60], [50, 60, 210], [230, 220, 50], [30, 30, 30], [200, 180, 170]], dtype=np.uint8
)

Encode = Callable[..., bytes]


def exif_bytes(orientation: int = 1, taken: str | None = None, offset: str | None = None) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if offset:
        exif.get_ifd(0x8769)[0x9011] = offset
    return exif.tobytes()


def draw_blocks(order: list[list[int]]) -> np.ndarray:
    return BLOCKS[np.array(order)].repeat(BLOCK_PX, axis=0).repeat(BLOCK_PX, axis=1)


def encode_image(image: np.ndarray | Image.Image, form: str, **options: object) -> bytes:
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    file = io.BytesIO()
    if form == "HEIF":
        heif = pillow_heif.from_pillow(picture)
        # iPhones write the turn twice: as irot/imir, which decoders obey, and in EXIF
        heif.save(file, quality=-1, chroma=444, matrix_coefficients=0, **options)
        return file.getvalue()
    lossless: dict[str, object] = {
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"lossless": True, "exact": True},
    }.get(form, {})
    picture.save(file, form, **{**lossless, **options})
    return file.getvalue()


def png_file(
    width: int, height: int, *, bits: int, colour: int, rows: bytes, before: bytes = b"", after: bytes = b""
) -> bytes:
    """A PNG written by hand: header, `before`, image data, `after`, end."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    body = before + png_chunk(b"IDAT", zlib.compress(rows)) + after
    return b"\x89PNG\r\n\x1a\n" + header + body + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def fixed(*values: float) -> bytes:
    """Numbers as a profile writes them (ICC.1:2022, s15Fixed16)."""
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def display_p3() -> bytes:
    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    colorants = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
    return profile("Display P3", colorants, curve)


def adobe_rgb() -> bytes:
    curve = b"para\0\0\0\0\0\0\0\0" + fixed(563 / 256)
    colorants = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
    return profile("Adobe RGB (1998)", colorants, curve)


def profile(name: str, colorants: tuple[tuple[float, ...], ...], curve: bytes) -> bytes:
    """An RGB profile (ICC.1:2022) of three colorants adapted to D50 and one curve for all."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    text = name.encode("utf-16-be")
    tags = {
        b"desc": b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28) + text,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(*colorants[0]),
        b"gXYZ": xyz(*colorants[1]),
        b"bXYZ": xyz(*colorants[2]),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for signature, tag in tags.items():
        padded = tag + b"\0" * (-len(tag) % 4)
        table += signature + struct.pack(">II", start + len(body), len(tag))
        body += padded
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"lcms", 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642, 1.0, 0.8249)
    return head + bytes(128 - len(head)) + table + body


@pytest.fixture
def limits() -> IntakeLimits:
    return IntakeLimits(min_side_px=16)


@pytest.fixture
def upright_blocks() -> np.ndarray:
    return draw_blocks([[0, 1, 2], [3, 4, 5]])


@pytest.fixture
def blocks() -> Callable[[list[list[int]]], np.ndarray]:
    return draw_blocks


@pytest.fixture(scope="session")
def encode() -> Encode:
    return encode_image


@pytest.fixture
def exif() -> Callable[..., bytes]:
    return exif_bytes


@pytest.fixture(scope="session")
def png() -> Callable[..., bytes]:
    return png_file


@pytest.fixture
def chunk() -> Callable[[bytes, bytes], bytes]:
    return png_chunk


@pytest.fixture
def p3() -> bytes:
    return display_p3()


@pytest.fixture
def adobe() -> bytes:
    return adobe_rgb()
