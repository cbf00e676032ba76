"""Which pixel descriptions may go with which transfer syntax.

PS3.5 8.2 says for each compression which photometric interpretations it may carry.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pydicom.dataset import Dataset

from flexura.intake.conformance.conditions import number, text
from flexura.intake.conformance.rules import Rule
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


def _has_length(dataset: Dataset) -> bool:
    pixels = number(dataset, "Rows") * number(dataset, "Columns") * max(1, number(dataset, "NumberOfFrames"))
    samples = 2 if text(dataset, "PhotometricInterpretation") == "YBR_FULL_422" else number(dataset, "SamplesPerPixel")
    expected = (pixels * samples * number(dataset, "BitsAllocated") + 7) // 8
    return len(dataset.PixelData) == expected + expected % 2


def rules_of(syntax: TransferSyntax, *, is_visible_light: bool) -> tuple[Rule, ...]:
    """List what a transfer syntax asks of the description of the pixels.

    Parameters
    ----------
    syntax : TransferSyntax
        How the pixels are compressed.
    is_visible_light : bool
        Whether the object has the VL Image module, which is stricter.

    Returns
    -------
    tuple of Rule
        In the order in which they are reported.
    """
    tables = (PHOTOMETRIC, VISIBLE_LIGHT) if is_visible_light else (PHOTOMETRIC,)
    rules = [_photometric(*table[syntax.codec], syntax) for table in tables if syntax.codec in table]
    if syntax.codec == "none":
        rules.append(_LENGTH)
    if syntax.uid in _LOSSY:
        rules.append(_LOSSY_ONCE)
    return tuple(rules)


def _photometric(allowed: tuple[str, ...], clause: str, syntax: TransferSyntax) -> Rule:
    fitting = tuple(name for name in allowed if name != "YBR_ICT" or syntax.uid != _REVERSIBLE_JPEG_2000)
    return Rule(
        ("PhotometricInterpretation",),
        "not allowed in this transfer syntax",
        clause,
        lambda dataset: text(dataset, "PhotometricInterpretation") in fitting,
    )


_LENGTH = Rule(
    ("PixelData", "Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "PhotometricInterpretation"),
    "has not the length that rows, columns, samples, bits and frames give",
    "PS3.5 8.1.1",
    _has_length,
)
_LOSSY_ONCE = Rule(
    ("LossyImageCompression",),
    "must be 01 once an image was compressed with loss",
    "PS3.3 C.7.6.1.1.5",
    lambda dataset: text(dataset, "LossyImageCompression") == "01",
)
