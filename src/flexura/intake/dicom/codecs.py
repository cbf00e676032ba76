"""One code stream of a DICOM frame -> samples as an array, its header compared with the description first.

JPEG baseline and lossless are decoded by libjpeg-turbo (simplejpeg), JPEG 2000 by OpenJPEG
(Pillow), JPEG-LS by CharLS (pyjpegls), RLE here. `Stored.is_rgb` says whether the decoder has
already turned luminance and chrominance into RGB.
"""

import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import jpeg_ls
import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Jpeg2KImagePlugin

from flexura.errors import CorruptImage, DicomJpegTooDeep, UnsupportedImage
from flexura.intake import jpeg
from flexura.intake.dicom import runs
from flexura.intake.dicom.layout import PixelLayout
from flexura.intake.dicom.syntaxes import Codec
from flexura.records import UInt8Array

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.int16]

_SOI = b"\xff\xd8"
_APP0, _APP14, _SOF55, _SOS = 0xE0, 0xEE, 0xF7, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {_SOF55}  # ISO/IEC 10918-1 table B.1; 14495-1 C.1.1
_SIZ = b"\xff\x4f\xff\x51"  # SOC, SIZ (ISO/IEC 15444-1 A.5.1)
_ADOBE_BYTES = 12  # a shorter Adobe segment holds no colour transform, and libjpeg ignores it
_AS_STORED, _LUMA_CHROMA = 0, 1  # Adobe colour transforms (ISO/IEC 10918-6 6.5.3)


@dataclass(frozen=True)
class Stored:
    """Samples grey (H, W) or (H, W, 3); `bits` of them are used; `icc` is a profile inside the code stream."""

    samples: Samples = field(repr=False)
    bits: int
    is_rgb: bool
    icc: bytes | None = field(default=None, repr=False)


def decode(frame: bytes, layout: PixelLayout, codec: Codec, longest_side: int | None) -> Stored:
    """Decode one frame.

    Parameters
    ----------
    frame : bytes
        From `frames.first_frame`.
    layout : PixelLayout
        What it should hold.
    codec : Codec
        A compression; not "none".
    longest_side : int or None
        Pixels that the longest side must keep; only JPEG baseline can drop more.

    Returns
    -------
    Stored
        The samples.

    Raises
    ------
    CorruptImage
        The stream's own header states another size than the data set; nothing was decoded.
    DicomJpegTooDeep
        A JPEG of more than 8 bits.
    """
    return _DECODERS[codec](frame, layout, longest_side)


def _jpeg(frame: bytes, layout: PixelLayout, longest_side: int | None) -> Stored:
    segments = _segments(frame)
    _require_eight_bits(_require_described(segments, layout))
    if layout.samples == 3 and not _states_colour(segments):
        transform = _AS_STORED if layout.photometric == "RGB" else _LUMA_CHROMA
        frame = _SOI + _adobe(transform) + frame[len(_SOI) :]
    is_wide = layout.columns >= layout.rows
    samples: UInt8Array = simplejpeg.decode_jpeg(
        frame,
        colorspace="RGB" if layout.samples == 3 else "GRAY",
        min_width=(longest_side or 0) if is_wide else 0,
        min_height=0 if is_wide else (longest_side or 0),
        strict=True,  # libjpeg's warnings mean missing or contradicting data
    )
    profile = jpeg.embedded_profile((marker, body) for marker, body, _ in segments)
    return Stored(samples if layout.samples == 3 else samples[..., 0], bits=8, is_rgb=True, icc=profile)


def _jpeg_lossless(frame: bytes, layout: PixelLayout, _: int | None) -> Stored:
    """Decode without libjpeg's colour conversion, which a lossless stream does not allow."""
    segments = _segments(frame)
    _require_eight_bits(_require_described(segments, layout))
    kept = b"".join(
        bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
        for marker, body, _ in segments
        if marker not in (_APP0, _APP14)
    )
    stream = _SOI + _adobe(_AS_STORED) + kept + frame[segments[-1][2] :]
    colours = "RGB" if layout.samples == 3 else "GRAY"
    samples: UInt8Array = simplejpeg.decode_jpeg(stream, colorspace=colours, strict=True)
    return Stored(samples if layout.samples == 3 else samples[..., 0], bits=8, is_rgb=False)


def _jpeg_ls(frame: bytes, layout: PixelLayout, _: int | None) -> Stored:
    precision = _require_described(_segments(frame), layout)
    values, info = jpeg_ls.decode_pixel_data(frame)
    flat: Samples = np.frombuffer(values, np.uint8) if precision <= 8 else np.frombuffer(values, np.uint16)
    if layout.samples == 3 and info["interleave_mode"] == 0:  # plane after plane (ISO/IEC 14495-1 C.2.3)
        return Stored(flat.reshape(3, layout.rows, layout.columns).transpose(1, 2, 0), bits=precision, is_rgb=False)
    return Stored(_shaped(flat, layout), bits=precision, is_rgb=False)


def _jpeg_2000(frame: bytes, layout: PixelLayout, _: int | None) -> Stored:
    """Decode the bare code stream: boxes around it (JP2), which DICOM forbids, may only contradict the data set."""
    start = frame.find(_SIZ)
    if start < 0 or len(frame) < start + 43:
        raise CorruptImage("the DICOM file holds no JPEG 2000 code stream where it says so")
    right, bottom, left, top = struct.unpack_from(">4I", frame, start + 8)
    components, depth = struct.unpack_from(">HB", frame, start + 40)
    _require_size(bottom - top, right - left, components, layout)
    bits, is_signed = (depth & 0x7F) + 1, bool(depth & 0x80)
    if bits > 8 and layout.samples == 3:
        raise UnsupportedImage(f"JPEG 2000 colour of {bits} bits; export the photo with 8 bits a sample")
    with Jpeg2KImagePlugin.Jpeg2KImageFile(io.BytesIO(frame[start:])) as image:
        stretched: npt.NDArray[np.uint8] | npt.NDArray[np.uint16] = np.asarray(image)
    # Pillow shifts samples up to 8 or 16 bits, and lifts signed ones to unsigned.
    samples = np.right_shift(stretched, stretched.dtype.itemsize * 8 - bits)
    if is_signed:
        return Stored((samples.astype(np.int32) - (1 << (bits - 1))).astype(np.int16), bits=bits, is_rgb=False)
    return Stored(samples, bits=bits, is_rgb=layout.photometric in ("YBR_RCT", "YBR_ICT"))


def _rle(frame: bytes, layout: PixelLayout, _: int | None) -> Stored:
    wide = layout.bits_allocated // 8
    planes = runs.decode_segments(frame, layout.samples * wide, layout.rows * layout.columns)
    # One segment per byte of a sample, the highest byte first (PS3.5 G.2).
    parts = planes.reshape(layout.samples, wide, -1).transpose(2, 0, 1)
    flat: Samples = parts[..., 0] if wide == 1 else np.left_shift(parts[..., 0].astype(np.uint16), 8) | parts[..., 1]
    return Stored(_shaped(flat.reshape(-1), layout), bits=layout.bits_stored, is_rgb=False)


_DECODERS: Mapping[Codec, Callable[[bytes, PixelLayout, int | None], Stored]] = MappingProxyType(
    {
        "jpeg": _jpeg,
        "jpeg_lossless": _jpeg_lossless,
        "jpeg_ls": _jpeg_ls,
        "jpeg_2000": _jpeg_2000,
        "rle": _rle,
    }
)


def _shaped(flat: Samples, layout: PixelLayout) -> Samples:
    """(H, W) or (H, W, 3) from samples that lie pixel by pixel."""
    size = (layout.rows, layout.columns)
    return flat.reshape(size if layout.samples == 1 else (*size, layout.samples))


def _segments(stream: bytes) -> list[tuple[int, bytes, int]]:
    """Marker, parameters and end of each segment up to the first scan header, the last one (ISO/IEC 10918-1 B.2)."""
    segments: list[tuple[int, bytes, int]] = []
    position = len(_SOI) if stream.startswith(_SOI) else len(stream)
    while position + 4 <= len(stream):
        mark, marker, length = struct.unpack_from(">BBH", stream, position)
        if mark != 0xFF or length < 2:
            break
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        end = position + 2 + length
        segments.append((marker, stream[position + 4 : end], end))
        if marker == _SOS:
            return segments
        position = end
    raise CorruptImage("the DICOM file holds no JPEG stream where it says so")


def _require_described(segments: list[tuple[int, bytes, int]], layout: PixelLayout) -> int:
    """Compare the frame header with the data set; return the bits of a sample."""
    header = next((body for marker, body, _ in segments if marker in _FRAMES), b"")
    if len(header) < 6:
        raise CorruptImage("the JPEG stream in the DICOM file has no frame header")
    precision, rows, columns, components = struct.unpack_from(">BHHB", header)
    _require_size(rows, columns, components, layout)
    return int(precision)


def _require_size(rows: int, columns: int, components: int, layout: PixelLayout) -> None:
    if (rows, columns, components) != (layout.rows, layout.columns, layout.samples):
        raise CorruptImage(
            f"the DICOM file describes {layout.columns} x {layout.rows} pixels of {layout.samples} samples and holds "
            f"{columns} x {rows} of {components}"
        )


def _require_eight_bits(precision: int) -> None:
    if precision != 8:
        raise DicomJpegTooDeep(
            f"the DICOM file holds a JPEG of {precision} bits a sample, which is not read; export the photo with 8 bits"
        )


def _states_colour(segments: list[tuple[int, bytes, int]]) -> bool:
    """Whether the stream itself says what its colours are: JFIF, Adobe, or components called R, G and B."""
    for marker, body, _ in segments:
        if marker == _APP0 and body.startswith(b"JFIF\0"):
            return True
        if marker == _APP14 and body.startswith(b"Adobe") and len(body) >= _ADOBE_BYTES:
            return True
        if marker in _FRAMES and body[6::3] == b"RGB":
            return True
    return False


def _adobe(transform: int) -> bytes:
    return b"\xff\xee" + struct.pack(">H5sHHHB", 2 + _ADOBE_BYTES, b"Adobe", 100, 0, 0, transform)
