"""One door per image format: the header now, the pixels on request.

`open_*` reads what a file says of itself, so that its size can be judged before anything is
decoded; `Opened.decode` then gives the pixels of the first picture as a `Raster`. Foreign
exceptions pass through: `read` translates them once.
"""

import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
from PIL import Image, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from flexura.errors import CorruptImage, DependencyMissing, TruncatedImage, UnsupportedImage
from flexura.intake import containers, jpeg, metadata
from flexura.intake.standardise import Raster, eight_bits
from flexura.records import Capture, UInt8Array, UInt16Array

try:
    import pillow_heif
except ModuleNotFoundError:  # the extra "heic": its wheel is GPL as a whole, so the base install goes without
    pillow_heif = None  # type: ignore[assignment]  # a module or nothing

_BITS, _PHOTOMETRIC, _SUBFILE_TYPE, _DNG_VERSION = 258, 262, 254, 50706
_STRIPS, _TILES = (273, 279), (324, 325)  # offsets and byte counts (TIFF 6.0 sections 8 and 15)
_WHITE_IS_ZERO, _REDUCED_SIZE = 0, 1
_MOST_TIFF_PAGES = 8
# Pillow modes that are pictures -> how they are read without and with transparency.
_TARGET_MODES = MappingProxyType(
    {
        **dict.fromkeys(("1", "L", "LA", "La"), ("L", "LA")),
        **dict.fromkeys(("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr"), ("RGB", "RGBA")),
        "CMYK": ("CMYK", "CMYK"),
    }
)
# Colour signalled by number (ITU-T H.273) that is sRGB to the eye: BT.709 or BT.601 primaries, or unspecified, ...
_SRGB_PRIMARIES = frozenset({1, 2, 5, 6})
# ... with the transfer curve of BT.709, BT.601 or sRGB, or unspecified. 16 and 18 are high dynamic range.
_SDR_TRANSFERS = frozenset({1, 2, 6, 13, 14})


@dataclass(frozen=True)
class Opened:
    """A file whose header was read.

    `width` and `height` are upright, in pixels; `orientation` is what its EXIF says, `orientation_left`
    what is still to be applied after `decode`, which takes the longest side that is wanted.
    """

    format: str
    width: int
    height: int
    orientation: int
    orientation_left: int
    captured_at: str | None
    decode: Callable[[int | None], Raster] = field(repr=False)
    capture: Capture = field(default_factory=Capture)


def open_jpeg(content: bytes) -> Opened:
    """Read the header of a JPEG, or of the first picture of a multi-picture JPEG (MPO).

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Opened
        Its `format` is "MPO" if the file lists more than one picture.

    Raises
    ------
    CorruptImage, TruncatedImage, UnsupportedImage
        See `jpeg.read_header`.
    """
    header = jpeg.read_header(content)
    width, height = _turned(header.width, header.height, header.orientation)
    return Opened(
        format="MPO" if header.pictures > 1 else "JPEG",
        width=width,
        height=height,
        orientation=header.orientation,
        orientation_left=header.orientation,
        captured_at=header.captured_at,
        capture=header.capture,
        decode=lambda longest_side: jpeg.decode(content, header, longest_side=longest_side),
    )


def open_png(content: bytes) -> Opened:
    """Read the header of a PNG.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Opened
        With the orientation of the eXIf chunk, wherever in the file it is.

    Raises
    ------
    UnsupportedImage
        An animation.
    CorruptImage
        The file does not begin with a header chunk.

    References
    ----------
    ISO/IEC 15948 (PNG, third edition), 11.2.1 IHDR, 11.3.4.5 eXIf, 11.3.5.1 acTL.
    """
    chunks = containers.png_chunks(content)
    kinds = dict(reversed(chunks))  # the first of each kind counts
    if chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13:
        raise CorruptImage("the PNG does not begin with a header; export the photo again")
    if int.from_bytes(kinds.get(b"acTL", b"")[:4], "big") > 1:
        raise UnsupportedImage("an animated PNG; send a single picture")
    width, height, bits = struct.unpack_from(">IIB", chunks[0][1])
    deep = content if bits == 16 else None
    return _from_exif(
        "PNG",
        (width, height),
        kinds.get(b"eXIf"),
        lambda: _raster(PngImagePlugin.PngImageFile(io.BytesIO(content)), deep),
    )


def open_webp(content: bytes) -> Opened:
    """Read the header of a WebP.

    Pillow allocates the canvas when it opens a WebP, so nothing of it is used before `decode`.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Opened
        With the orientation of the EXIF chunk.

    Raises
    ------
    UnsupportedImage
        An animation.
    CorruptImage
        The first chunk states no size.

    References
    ----------
    RFC 9649, 2.5-2.7; RFC 6386, 9.1.
    """
    chunks = containers.webp_chunks(content)
    size = _webp_size(*chunks[0]) if chunks else None
    if size is None:
        raise CorruptImage("the WebP does not begin with a header; export the photo again")
    if any(kind == b"ANIM" for kind, _ in chunks):
        raise UnsupportedImage("an animated WebP; send a single picture")
    return _from_exif(
        "WEBP",
        size,
        dict(chunks).get(b"EXIF"),
        lambda: _raster(WebPImagePlugin.WebPImageFile(io.BytesIO(content)), None),
    )


def open_tiff(content: bytes) -> Opened:
    """Read the first directory of a TIFF.

    Pillow turns a TIFF while it loads it and cannot be stopped, so no orientation is left.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Opened
        Of a single-page TIFF; smaller copies in further pages are ignored.

    Raises
    ------
    UnsupportedImage
        Several pages, a camera's raw format, or sample types that are no picture.
    TruncatedImage
        A strip or tile lies outside the file.
    """
    try:
        image = TiffImagePlugin.TiffImageFile(io.BytesIO(content))
    except SyntaxError as error:
        raise UnsupportedImage("a TIFF of a kind that is not read; export it as 8-bit RGB") from error
    _require_one_photo(image)
    _require_strips_inside(image, len(content))
    orientation = int(image.tag_v2.get(metadata.ORIENTATION, 1))
    bits = image.tag_v2.get(_BITS, (1,))
    is_deep = len(bits) > 1 and max(bits) > 8
    return Opened(
        format="TIFF",
        width=image.size[0],
        height=image.size[1],
        orientation=orientation if orientation in range(1, 9) else 1,
        orientation_left=1,
        captured_at=metadata.captured_at(content),  # a TIFF is the structure that EXIF is
        capture=metadata.capture(content),
        decode=lambda _: _raster(image, content if is_deep else None),
    )


def open_heif(content: bytes) -> Opened:
    """Read the primary picture's header of a HEIC or HEIF file.

    libheif applies the container's own rotation and mirroring (irot, imir); the orientation that
    EXIF repeats is not to be applied again, so 1 is reported and left.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Opened
        Of the primary picture; others in the file are ignored.

    Raises
    ------
    DependencyMissing
        Without the extra "heic".
    UnsupportedImage
        Wide-gamut or high-dynamic-range colour without a profile.

    References
    ----------
    ISO/IEC 23008-12, 6.5.10, 6.5.12 and annex A; ITU-T H.273.
    """
    if pillow_heif is None:
        raise DependencyMissing("HEIC needs an extra package: pip install 'flexura[heic]', or export the photo as JPEG")
    heif = pillow_heif.open_heif(io.BytesIO(content))
    image = heif[heif.primary_index]
    info: Mapping[str, Any] = image.info
    nclx = info.get("nclx_profile")
    if nclx and not (nclx["color_primaries"] in _SRGB_PRIMARIES and nclx["transfer_characteristics"] in _SDR_TRANSFERS):
        raise UnsupportedImage("a HEIC of wide or high-dynamic-range colour without a profile; export it as JPEG")
    return Opened(
        format="HEIF",
        width=image.size[0],
        height=image.size[1],
        orientation=1,
        orientation_left=1,
        captured_at=metadata.captured_at(info.get("exif")),
        capture=metadata.capture(info.get("exif")),
        decode=lambda _: _raster(image.to_pillow(), None),
    )


def _turned(width: int, height: int, orientation: int) -> tuple[int, int]:
    return (height, width) if orientation >= 5 else (width, height)


def _from_exif(form: str, size: tuple[int, int], exif: bytes | None, decode: Callable[[], Raster]) -> Opened:
    """Open a format whose pixels come as stored, with an EXIF block beside them."""
    orientation = metadata.orientation(exif)
    width, height = _turned(*size, orientation)
    return Opened(
        format=form,
        width=width,
        height=height,
        orientation=orientation,
        orientation_left=orientation,
        captured_at=metadata.captured_at(exif),
        capture=metadata.capture(exif),
        decode=lambda _: decode(),
    )


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int] | None:
    """Width and height from the first chunk: extended (RFC 9649 2.7), lossless (3.4), lossy (RFC 6386 9.1)."""
    if kind == b"VP8X" and len(body) >= 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L" and len(body) >= 5 and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) >= 10:
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None


def _require_one_photo(image: TiffImagePlugin.TiffImageFile) -> None:
    """Refuse camera raw files, whose first picture is a thumbnail or a mosaic, and several pages."""
    if _DNG_VERSION in image.tag_v2 or image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED_SIZE:
        raise UnsupportedImage("a camera raw file; export it as JPEG")
    for page in range(1, _MOST_TIFF_PAGES + 1):
        try:
            image.seek(page)
        except EOFError:
            break
        if page == _MOST_TIFF_PAGES or not image.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED_SIZE:
            raise UnsupportedImage("a TIFF of several pages; send a single picture")
    image.seek(0)


def _require_strips_inside(image: TiffImagePlugin.TiffImageFile, size_bytes: int) -> None:
    for offsets, counts in (_STRIPS, _TILES):
        for offset, count in zip(image.tag_v2.get(offsets, ()), image.tag_v2.get(counts, ()), strict=False):
            if offset + count > size_bytes:
                raise TruncatedImage("the TIFF ends before the picture does; send the original file again")


def _raster(image: Image.Image, deep: bytes | None) -> Raster:
    """Take the pixels of a Pillow image; `deep` is the file if it holds colour of 16 bits, which Pillow cuts to 8."""
    image.load()
    icc = image.info.get("icc_profile")
    if image.mode.startswith("I;16"):
        return Raster(samples=_grey_of_16_bits(image), alpha=None, icc=icc)
    if image.mode not in _TARGET_MODES:
        raise UnsupportedImage(f"pixels of type {image.mode}; export the photo as 8-bit RGB")
    opaque, transparent = _TARGET_MODES[image.mode]
    bands: UInt8Array = np.asarray(image.convert(transparent if image.has_transparency_data else opaque))
    samples, alpha = (bands[..., :-1], bands[..., -1]) if image.has_transparency_data else (bands, None)
    if deep is not None and opaque == "RGB":
        return Raster(*_colour_of_16_bits(deep, samples, alpha), icc=icc)
    return Raster(samples=samples[..., 0] if samples.shape[2:] == (1,) else samples, alpha=alpha, icc=icc)


def _grey_of_16_bits(image: Image.Image) -> UInt16Array:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        if max(image.tag_v2.get(_BITS, (16,))) != 16:
            raise UnsupportedImage("a grey TIFF of 12 bits; export the photo as 8-bit RGB")
        if image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
            return 65535 - np.asarray(image).astype(np.uint16)
    return np.asarray(image).astype(np.uint16)


def _colour_of_16_bits(
    content: bytes, samples: UInt8Array, alpha: UInt8Array | None
) -> tuple[UInt16Array, UInt16Array | None]:
    """Decode again with OpenCV, which keeps 16 bits; Pillow, which has checked the file, must agree to one level."""
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    planes = 3 if alpha is None else 4
    high = samples if alpha is None else np.dstack([samples, alpha])
    if decoded is None or decoded.dtype != np.uint16 or decoded.ndim != 3 or decoded.shape[2] < planes:
        raise UnsupportedImage("16-bit colour in a form that is not read; export the photo as 8-bit RGB")
    order = [2, 1, 0, 3][:planes]  # OpenCV gives BGR(A)
    deep: UInt16Array = decoded[..., order].astype(np.uint16)
    if deep.shape != high.shape or int(np.abs(eight_bits(deep).astype(np.int16) - high).max()) > 1:
        raise UnsupportedImage("16-bit colour that two decoders read differently; export the photo as 8-bit RGB")
    return deep[..., :3], None if alpha is None else deep[..., 3]
