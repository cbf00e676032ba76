"""Bytes of a photo -> `Photo`, or a refusal that says why.

The one door for pictures: training and answering both come through it. Sizes are judged from the
header before a pixel is decoded, and whatever a decoder raises becomes an `InputRefused` here.
Pillow's global switches are neither read nor set.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image

from flexura.errors import CorruptImage, FlexuraError, PhotoTooLarge, PhotoTooSmall, UsageError
from flexura.intake import containers, formats
from flexura.intake.containers import Container
from flexura.intake.formats import Opened
from flexura.intake.standardise import standardise
from flexura.records import Photo, PhotoSource


@dataclass(frozen=True)
class IntakeLimits:
    """What a photo must keep to, judged on the original."""

    min_side_px: int = 224  # the network's input: a smaller photo would have to be enlarged
    max_pixels: int = 120_000_000  # the largest phone sensors give 108 MP; 8 bytes a pixel at worst while decoding
    max_bytes: int = 64 * 1024 * 1024  # twice a 108 MP JPEG


DEFAULT_LIMITS = IntakeLimits()


def _open_dicom(content: bytes) -> Opened:
    from flexura.intake.dicom.door import open_dicom  # noqa: PLC0415  # pydicom, a fifth of a second, for DICOM alone

    return open_dicom(content)


_DOORS: Mapping[Container, Callable[[bytes], Opened]] = MappingProxyType(
    {
        "JPEG": formats.open_jpeg,
        "PNG": formats.open_png,
        "WEBP": formats.open_webp,
        "TIFF": formats.open_tiff,
        "HEIF": formats.open_heif,
        "DICOM": _open_dicom,
    }
)


def read_photo(content: bytes, *, limits: IntakeLimits = DEFAULT_LIMITS, longest_side: int | None = 1024) -> Photo:
    """Read a photo from the bytes of its file.

    Reads JPEG, MPO (first picture), PNG, WebP, TIFF, HEIC/HEIF and DICOM (first frame) by content. The
    picture comes out as sRGB, upright, on white, and averaged down to `longest_side` if it is larger.

    Parameters
    ----------
    content : bytes
        The whole file.
    limits : IntakeLimits
        Smallest side in pixels, most pixels, most bytes.
    longest_side : int or None
        Longest side of the result in pixels, at least 1; `None` keeps the full size.

    Returns
    -------
    Photo
        Pixels uint8 (H, W, 3), and where they came from.

    Raises
    ------
    UsageError
        `longest_side` is below 1.
    EmptyFile, NotAnImage, UnsupportedImage
        See `containers.recognise`; animations, several pages and pixels that are no picture too.
    TruncatedImage, CorruptImage
        The file is cut, or its data contradicts itself.
    DicomNotAPhoto, DicomSyntaxUnsupported, DicomJpegTooDeep
        A DICOM file of another kind, or compressed in a way that is not read.
    PhotoTooSmall, PhotoTooLarge
        Outside `limits`, or beyond the memory there is.

    Examples
    --------
    >>> read_photo(b"hello")
    Traceback (most recent call last):
    flexura.errors.NotAnImage: the content is no known image format; send JPEG, PNG, WebP, HEIC, TIFF or DICOM
    """
    if longest_side is not None and longest_side < 1:
        raise UsageError(f"a longest side of {longest_side} pixels; give at least 1, or None for the full size")
    if len(content) > limits.max_bytes:
        raise PhotoTooLarge(f"the file has {len(content)} bytes, more than {limits.max_bytes}; send a smaller copy")
    container = containers.recognise(content)
    containers.require_whole(content, container)
    with refusing(container):
        opened = _DOORS[container](content)
        _require_size(opened, limits)
        raster = opened.decode(longest_side)
        pixels, profile = standardise(raster, opened.orientation_left, longest_side=longest_side)
    source = PhotoSource(
        sha256=hashlib.sha256(content).hexdigest(),
        format=opened.format,
        width=opened.width,
        height=opened.height,
        orientation_applied=opened.orientation,
        colour_profile=profile,
        captured_at=opened.captured_at,
        capture=opened.capture,
    )
    return Photo(pixels=pixels, source=source)


def _require_size(opened: Opened, limits: IntakeLimits) -> None:
    width, height = opened.width, opened.height
    if min(width, height) < limits.min_side_px:
        raise PhotoTooSmall(
            f"the photo has {width} x {height} pixels; the shorter side needs {limits.min_side_px}: take it closer, "
            "or send the original instead of a preview"
        )
    if width * height > limits.max_pixels:
        raise PhotoTooLarge(
            f"the photo has {width} x {height} pixels, more than {limits.max_pixels} in all; send a smaller copy"
        )


@contextmanager
def refusing(container: Container) -> Iterator[None]:
    """Translate what decoders raise.

    On damaged files Pillow, libheif, libjpeg-turbo, OpenCV and pydicom raise nearly every built-in
    exception, so all of them mean the same here; the cause stays attached.

    Parameters
    ----------
    container : Container
        Of which format the file is.

    Yields
    ------
    None
        While it is read.

    Raises
    ------
    FlexuraError
        As it comes.
    PhotoTooLarge
        For what needs more memory than there is.
    CorruptImage
        For all else.
    """
    try:
        yield
    except FlexuraError:
        raise
    except (MemoryError, Image.DecompressionBombError) as error:
        raise PhotoTooLarge(f"the {container} needs more memory than there is; send a smaller copy") from error
    except Exception as error:
        raise CorruptImage(f"the {container} holds data that contradicts itself; send the original again") from error
