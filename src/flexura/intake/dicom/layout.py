"""What the pixels of a DICOM image are, by its own description, checked before any is touched.

Knows the Image Pixel module (PS3.3 C.7.6.3) and nothing of compression. A description that
contradicts itself is refused here: a guess would change the colour of skin.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydicom.dataset import Dataset

from flexura.errors import CorruptImage, DicomNotAPhoto, UnsupportedImage

# SOP classes that hold photographs -> what they are called (PS3.4 table B.5-1).
PHOTO_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "1.2.840.10008.5.1.4.1.1.77.1.4": "VL Photographic Image",
        "1.2.840.10008.5.1.4.1.1.77.1.4.1": "Video Photographic Image",
        "1.2.840.10008.5.1.4.1.1.77.1.7": "Dermoscopic Photography Image",
        "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture Image",
        "1.2.840.10008.5.1.4.1.1.7.2": "Multi-frame Grayscale Byte Secondary Capture Image",
        "1.2.840.10008.5.1.4.1.1.7.3": "Multi-frame Grayscale Word Secondary Capture Image",
        "1.2.840.10008.5.1.4.1.1.7.4": "Multi-frame True Color Secondary Capture Image",
    }
)
# Those of several frames -> the like of one frame.
OF_ONE_FRAME: Mapping[str, str] = MappingProxyType(
    {
        "1.2.840.10008.5.1.4.1.1.77.1.4.1": "1.2.840.10008.5.1.4.1.1.77.1.4",
        "1.2.840.10008.5.1.4.1.1.7.2": "1.2.840.10008.5.1.4.1.1.7",
        "1.2.840.10008.5.1.4.1.1.7.3": "1.2.840.10008.5.1.4.1.1.7",
        "1.2.840.10008.5.1.4.1.1.7.4": "1.2.840.10008.5.1.4.1.1.7",
    }
)
# Photometric interpretations that are read -> samples per pixel (PS3.3 C.7.6.3.1.2).
SAMPLES: Mapping[str, int] = MappingProxyType(
    {
        "MONOCHROME1": 1,
        "MONOCHROME2": 1,
        "PALETTE COLOR": 1,
        "RGB": 3,
        "YBR_FULL": 3,
        "YBR_FULL_422": 3,
        "YBR_RCT": 3,
        "YBR_ICT": 3,
    }
)
LAYOUT_KEYWORDS = (
    "SOPClassUID",
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "NumberOfFrames",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "PhotometricInterpretation",
    "PlanarConfiguration",
)


@dataclass(frozen=True)
class PixelLayout:
    """Size and form of the frames; `photometric` as stored, before any decoder has converted it."""

    rows: int
    columns: int
    frames: int
    samples: int
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    photometric: str
    is_planar: bool

    @property
    def frame_bytes(self) -> int:
        """Bytes of one uncompressed frame; 4:2:2 shares each pair of colour samples between two pixels."""
        stored = 2 if self.photometric == "YBR_FULL_422" else self.samples
        return self.rows * self.columns * stored * self.bits_allocated // 8


def require_photo_class(dataset: Dataset) -> None:
    """Refuse objects that hold no photograph.

    Parameters
    ----------
    dataset : Dataset
        With its SOP Class UID.

    Raises
    ------
    DicomNotAPhoto
        Another SOP class (CT, report, waveform…), or none.
    """
    uid = dataset.get("SOPClassUID")
    if uid not in PHOTO_CLASSES:
        name = uid.name if uid and uid.is_valid and uid.name != uid else "an object of an unknown kind"
        raise DicomNotAPhoto(f"the DICOM file is {name}, not a photograph; send a VL Photographic or Secondary Capture")


def pixel_layout(dataset: Dataset) -> PixelLayout:
    """Read and check the description of the pixels.

    Parameters
    ----------
    dataset : Dataset
        With the attributes of `LAYOUT_KEYWORDS`.

    Returns
    -------
    PixelLayout
        Free of contradictions in itself.

    Raises
    ------
    CorruptImage
        An attribute is missing, empty or contradicts another.
    UnsupportedImage
        A photometric interpretation or a bit depth that is not read.

    References
    ----------
    PS3.3, C.7.6.3 Image Pixel Module.
    """
    photometric = str(dataset.get("PhotometricInterpretation") or "")
    samples = _number(dataset, "SamplesPerPixel")
    layout = PixelLayout(
        rows=_number(dataset, "Rows"),
        columns=_number(dataset, "Columns"),
        frames=_number(dataset, "NumberOfFrames", default=1),
        samples=samples,
        bits_allocated=_number(dataset, "BitsAllocated"),
        bits_stored=_number(dataset, "BitsStored"),
        is_signed=_number(dataset, "PixelRepresentation", default=0) == 1,
        photometric=photometric,
        is_planar=samples > 1 and _number(dataset, "PlanarConfiguration", default=0) == 1,
    )
    _require_readable(layout)
    return layout


def _require_readable(layout: PixelLayout) -> None:
    if layout.photometric not in SAMPLES:
        raise UnsupportedImage("a DICOM photometric interpretation that is not read; export the photo as RGB")
    if layout.bits_allocated not in (8, 16):
        raise UnsupportedImage(f"DICOM pixels of {layout.bits_allocated} bits; export the photo with 8 bits a sample")
    if layout.samples != SAMPLES[layout.photometric]:
        raise CorruptImage(f"the DICOM file states {layout.photometric} with {layout.samples} samples a pixel")
    if min(layout.rows, layout.columns, layout.frames) < 1:
        raise CorruptImage("the DICOM file states an image without rows, columns or frames")
    if not 1 <= layout.bits_stored <= layout.bits_allocated:
        raise CorruptImage(f"the DICOM file stores {layout.bits_stored} bits in {layout.bits_allocated}")


def _number(dataset: Dataset, keyword: str, default: int | None = None) -> int:
    value = dataset.get(keyword)
    if value is None and default is not None:
        return default
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise CorruptImage(f"the DICOM file has no usable value of {keyword}") from error
