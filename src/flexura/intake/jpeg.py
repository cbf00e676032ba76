"""JPEG read straight from its markers: sizes before pixels, then a decode at reduced scale.

The header tells everything that intake must know before it decodes. Ordinary photos (8-bit grey
or three colours) go through libjpeg-turbo, which drops unneeded resolution in the inverse DCT; four
colour planes (print) go through Pillow. Pixels come out as stored, not yet turned.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import simplejpeg
from PIL import JpegImagePlugin

from flexura.errors import CorruptImage, UnsupportedImage
from flexura.intake import containers, metadata
from flexura.intake.standardise import Raster
from flexura.records import Capture, UInt8Array

_DECODED_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended sequential, progressive; Huffman (ISO/IEC 10918-1 table B.1)
_ALL_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_APP1, _APP2, _APP14 = 0xE1, 0xE2, 0xEE
_EXIF, _ICC, _MPF, _ADOBE = b"Exif\x00\x00", b"ICC_PROFILE\x00", b"MPF\x00", b"Adobe"


@dataclass(frozen=True)
class JpegHeader:
    """What the markers of a JPEG say; `width` and `height` are as stored, before any turn."""

    width: int
    height: int
    components: int
    orientation: int
    captured_at: str | None
    capture: Capture
    pictures: int
    is_adobe: bool
    icc: bytes | None = field(repr=False)


def read_header(content: bytes) -> JpegHeader:
    """Read a JPEG's markers without decoding its pixels.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    JpegHeader
        Size, number of colour planes, orientation and profile.

    Raises
    ------
    CorruptImage
        There is no frame header, or it is cut short.
    UnsupportedImage
        Lossless, arithmetic-coded or hierarchical JPEG, or other than 8 bits per sample.
    TruncatedImage
        There is no end mark.

    References
    ----------
    ISO/IEC 10918-1, B.2.2 (frame header); ISO/IEC 10918-6, 6.5.3 (Adobe marker); ICC.1:2022, B.4.
    """
    segments = containers.jpeg_segments(content)
    precision, height, width, components = _frame(segments)
    if precision != 8:
        raise UnsupportedImage(f"a JPEG of {precision} bits per sample; send one of 8 bits")
    if components not in (1, 3, 4) or not height or not width:
        raise UnsupportedImage(f"a JPEG of {width} x {height} pixels and {components} colour planes")
    exif = next((body for marker, body in segments if marker == _APP1 and body.startswith(_EXIF)), None)
    mpf = next((body[len(_MPF) :] for marker, body in segments if marker == _APP2 and body.startswith(_MPF)), None)
    return JpegHeader(
        width=width,
        height=height,
        components=components,
        orientation=metadata.orientation(exif),
        captured_at=metadata.captured_at(exif),
        capture=metadata.capture(exif),
        pictures=metadata.count_of_pictures(mpf),
        is_adobe=any(marker == _APP14 and body.startswith(_ADOBE) for marker, body in segments),
        icc=embedded_profile(segments),
    )


def decode(content: bytes, header: JpegHeader, *, longest_side: int | None) -> Raster:
    """Decode the first picture of a JPEG, at a reduced scale where that is enough.

    Parameters
    ----------
    content : bytes
        The whole file.
    header : JpegHeader
        From `read_header`.
    longest_side : int or None
        Pixels that the longest side must keep if it has them; `None` keeps all.

    Returns
    -------
    Raster
        As stored: grey (H, W), RGB (H, W, 3) or CMYK (H, W, 4), uint8.

    Raises
    ------
    CorruptImage
        The decoder found data that contradicts itself.
    """
    if header.components == 4:
        samples = _cmyk(content, is_adobe=header.is_adobe)
    else:
        samples = _scaled(content, header, longest_side or 0)
    return Raster(samples=samples, alpha=None, icc=header.icc)


def embedded_profile(segments: Iterable[tuple[int, bytes]]) -> bytes | None:
    """Join the pieces of the embedded profile by their numbers.

    Parameters
    ----------
    segments : Iterable[tuple[int, bytes]]
        Second byte of each marker with its parameters.

    Returns
    -------
    bytes or None
        The ICC profile, if there is one.

    References
    ----------
    ICC.1:2022, B.4.
    """
    start = len(_ICC)
    pieces = [body[start:] for marker, body in segments if marker == _APP2 and body.startswith(_ICC)]
    return b"".join(piece[2:] for piece in sorted(pieces, key=lambda piece: piece[:1])) if pieces else None


def _frame(segments: list[tuple[int, bytes]]) -> tuple[int, int, int, int]:
    """Sample precision, height, width and number of components of the first frame header."""
    marker, body = next(((marker, body) for marker, body in segments if marker in _ALL_FRAMES), (0, b""))
    if len(body) < 6:
        raise CorruptImage("the JPEG has no frame header; export the photo again")
    if marker not in _DECODED_FRAMES:
        raise UnsupportedImage("a lossless, arithmetic-coded or hierarchical JPEG; export it as an ordinary JPEG")
    return body[0], int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big"), body[5]


def _scaled(content: bytes, header: JpegHeader, longest_side: int) -> UInt8Array:
    is_wide = header.width >= header.height
    samples: UInt8Array = simplejpeg.decode_jpeg(
        content,
        colorspace="GRAY" if header.components == 1 else "RGB",
        min_width=longest_side if is_wide else 0,
        min_height=0 if is_wide else longest_side,
        strict=True,  # libjpeg's warnings mean missing or contradicting data
    )
    return samples[..., 0] if header.components == 1 else samples


def _cmyk(content: bytes, *, is_adobe: bool) -> UInt8Array:
    """Ink amounts, 255 full. Adobe's writers store them inverted and leave their marker; Pillow undoes that always."""
    with JpegImagePlugin.JpegImageFile(io.BytesIO(content)) as image:
        inks: UInt8Array = np.asarray(image)
    return inks if is_adobe else 255 - inks
