"""Which pixel descriptions may go with which transfer syntax, and with one another.

PS3.5 8.2 says for each compression which photometric interpretations it may carry; PS3.3
C.7.6.3.1 how the numbers of the Image Pixel module hang together. One row per rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydicom.dataset import Dataset

from flexura.intake.conformance.conditions import number, text
from flexura.intake.dicom.syntaxes import TransferSyntax

_GREY = ("MONOCHROME1", "MONOCHROME2")
_LOSSLESS = (*_GREY, "PALETTE COLOR", "RGB", "YBR_FULL")
# Compression -> photometric interpretations that it may carry, and where the standard says so.
PHOTOMETRIC: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "none": (_LOSSLESS, "PS3.3 C.7.6.3.1.2"),
        "jpeg": ((*_GREY, "RGB", "YBR_FULL_422"), "PS3.5 8.2.1"),
        "jpeg_lossless": (_LOSSLESS, "PS3.5 8.2.1"),
        "rle": (_LOSSLESS, "PS3.5 8.2.2"),
        "jpeg_ls": (_LOSSLESS, "PS3.5 8.2.3"),
        "jpeg_2000": ((*_LOSSLESS, "YBR_RCT", "YBR_ICT"), "PS3.5 8.2.4"),
    }
)
# Visible light is stricter about colour: no YBR_FULL, and JPEG 2000 with its own colour transforms.
VISIBLE_LIGHT: Mapping[str, tuple[tuple[str, ...], str]] = MappingProxyType(
    {
        "none": (("MONOCHROME2", "RGB"), "PS3.3 C.8.12.1"),
        "jpeg": (("MONOCHROME2", "YBR_FULL_422"), "PS3.3 C.8.12.1"),
        "jpeg_2000": (("MONOCHROME2", "YBR_RCT", "YBR_ICT"), "PS3.3 C.8.12.1"),
    }
)
_REVERSIBLE_JPEG_2000 = "1.2.840.10008.1.2.4.90"
_LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81")
_ONE_SAMPLE = (*_GREY, "PALETTE COLOR")


def _has_length(dataset: Dataset) -> bool:
    pixels = number(dataset, "Rows") * number(dataset, "Columns") * max(1, number(dataset, "NumberOfFrames"))
    samples = 2 if text(dataset, "PhotometricInterpretation") == "YBR_FULL_422" else number(dataset, "SamplesPerPixel")
    expected = (pixels * samples * number(dataset, "BitsAllocated") + 7) // 8
    return len(dataset.PixelData) == expected + expected % 2


@dataclass(frozen=True)
class Rule:
    """A relation that must hold between attributes if all are there; it is reported at the first of them."""

    attributes: tuple[str, ...]
    message: str
    clause: str
    holds: Callable[[Dataset, TransferSyntax], bool]


def photometric_fault(dataset: Dataset, syntax: TransferSyntax, *, is_visible_light: bool) -> str | None:
    """Name the clause that forbids this photometric interpretation in this transfer syntax.

    Parameters
    ----------
    dataset : Dataset
        With its Photometric Interpretation, if it has one.
    syntax : TransferSyntax
        How the pixels are compressed.
    is_visible_light : bool
        Whether the object has the VL Image module, which is stricter.

    Returns
    -------
    str or None
        A clause; `None` if it is allowed, or missing and so reported elsewhere.
    """
    photometric = text(dataset, "PhotometricInterpretation")
    if not photometric:
        return None
    tables = (PHOTOMETRIC, VISIBLE_LIGHT) if is_visible_light else (PHOTOMETRIC,)
    for table in tables:
        allowed, clause = table.get(syntax.codec, ((photometric,), ""))
        if photometric not in allowed or (photometric == "YBR_ICT" and syntax.uid == _REVERSIBLE_JPEG_2000):
            return clause
    return None


RULES: tuple[Rule, ...] = (
    Rule(
        ("HighBit", "BitsStored"),
        "must be one less than Bits Stored",
        "PS3.5 8.1.1",
        lambda d, _: number(d, "HighBit") == number(d, "BitsStored") - 1,
    ),
    Rule(
        ("BitsStored", "BitsAllocated"),
        "must not exceed Bits Allocated",
        "PS3.5 8.1.1",
        lambda d, _: number(d, "BitsStored") <= number(d, "BitsAllocated"),
    ),
    Rule(
        ("SamplesPerPixel", "PhotometricInterpretation"),
        "does not fit the photometric interpretation",
        "PS3.3 C.7.6.3.1.1",
        lambda d, _: number(d, "SamplesPerPixel") == (1 if text(d, "PhotometricInterpretation") in _ONE_SAMPLE else 3),
    ),
    Rule(
        ("PixelData", "Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "PhotometricInterpretation"),
        "has not the length that rows, columns, samples, bits and frames give",
        "PS3.5 8.1.1",
        lambda d, syntax: syntax.codec != "none" or _has_length(d),
    ),
    Rule(
        ("LossyImageCompression",),
        "must be 01 once an image was compressed with loss",
        "PS3.3 C.7.6.1.1.5",
        lambda d, syntax: syntax.uid not in _LOSSY or text(d, "LossyImageCompression") == "01",
    ),
)
