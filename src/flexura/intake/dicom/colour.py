"""Stored samples of a DICOM frame -> grey or RGB as other formats give it.

Undoes what the photometric interpretation says: luminance and chrominance, palettes, inverted
grey, and the windows and tables that say how deep grey is to be shown. Knows nothing of files.
"""

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from flexura.errors import CorruptImage
from flexura.intake.dicom.codecs import Stored
from flexura.intake.dicom.layout import PixelLayout
from flexura.intake.standardise import Raster, eight_bits
from flexura.records import FloatArray, UInt8Array, UInt16Array

COLOUR_KEYWORDS = (
    "ICCProfile",
    *(f"{band}PaletteColorLookupTable{part}" for band in ("Red", "Green", "Blue") for part in ("Descriptor", "Data")),
    *(f"Segmented{band}PaletteColorLookupTableData" for band in ("Red", "Green", "Blue")),
    "RescaleSlope",
    "RescaleIntercept",
    "ModalityLUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "VOILUTSequence",
    "BitsStored",
    "BitsAllocated",
    "PixelRepresentation",
    "PhotometricInterpretation",
)
_TOP = 65535


def native_samples(frame: bytes, layout: PixelLayout, *, is_little_endian: bool, is_word: bool) -> Stored:
    """Arrange an uncompressed frame as an array.

    Parameters
    ----------
    frame : bytes
        From `frames.first_frame`.
    layout : PixelLayout
        What it holds.
    is_little_endian : bool
        Byte order of the transfer syntax.
    is_word : bool
        Whether the pixel data is written as words (OW), which big endian order swaps.

    Returns
    -------
    Stored
        Grey (H, W) or (H, W, 3).

    References
    ----------
    PS3.5, 8.1.1 and 8.2 (native format); PS3.3, C.7.6.3.1.2 (YBR_FULL_422) and C.7.6.3.1.3 (planes).
    """
    order = "<u2" if is_little_endian else ">u2"
    if layout.bits_allocated == 16:
        flat: npt.NDArray[np.uint8] | npt.NDArray[np.uint16] = np.frombuffer(frame, order)
    else:
        padded = frame + b"\0" * (len(frame) % 2)
        words = np.frombuffer(padded, order).astype("<u2") if is_word else np.frombuffer(padded, "<u2")
        flat = words.view(np.uint8)[: layout.frame_bytes]
    size = (layout.rows, layout.columns)
    samples: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
    if layout.photometric == "YBR_FULL_422":
        samples = _spread_chroma(flat, size)
    elif layout.samples == 1:
        samples = flat.reshape(size)
    elif layout.is_planar:
        samples = flat.reshape(layout.samples, *size).transpose(1, 2, 0)
    else:
        samples = flat.reshape(*size, layout.samples)
    return Stored(samples, bits=layout.bits_stored, is_rgb=False)


def to_raster(stored: Stored, layout: PixelLayout, dataset: Dataset) -> Raster:
    """Turn stored samples into grey or RGB.

    Parameters
    ----------
    stored : Stored
        From a decoder or `native_samples`.
    layout : PixelLayout
        The description of the pixels.
    dataset : Dataset
        With the attributes of `COLOUR_KEYWORDS` that the file has.

    Returns
    -------
    Raster
        Grey (H, W) or RGB (H, W, 3), uint8 or uint16 of full range.

    Raises
    ------
    CorruptImage
        A palette is missing.
    """
    icc = dataset.get("ICCProfile") or stored.icc
    match layout.photometric:
        case "PALETTE COLOR":
            samples = _palette(stored, dataset)
        case "MONOCHROME1" | "MONOCHROME2":
            samples = _grey(stored, layout, dataset)
        case photometric if photometric.startswith("YBR") and not stored.is_rgb:
            samples = ybr_to_rgb(eight_bits(_full_range(stored)))
        case _:
            samples = _full_range(stored)
    return Raster(samples=samples, alpha=None, icc=icc)


def ybr_to_rgb(ybr: UInt8Array) -> UInt8Array:
    """Convert full-range luminance and chrominance to RGB.

    Parameters
    ----------
    ybr : UInt8Array
        Y, CB, CR (H, W, 3).

    Returns
    -------
    UInt8Array
        R, G, B (H, W, 3), rounded and clipped.

    References
    ----------
    PS3.3, C.7.6.3.1.2 (YBR_FULL); ITU-T T.871, 7.

    Examples
    --------
    >>> ybr_to_rgb(np.array([[[76, 85, 255]]], np.uint8)).tolist()
    [[[254, 0, 0]]]
    """
    level = np.arange(256, dtype=np.float64) - 128
    luma = ybr[..., 0].astype(np.int16)
    red = luma + np.rint(1.402 * level).astype(np.int16)[ybr[..., 2]]
    blue = luma + np.rint(1.772 * level).astype(np.int16)[ybr[..., 1]]
    blue_part, red_part = ((factor * level).astype(np.float32) for factor in (-0.344136286, -0.714136286))
    green = luma + np.rint(blue_part[ybr[..., 1]] + red_part[ybr[..., 2]]).astype(np.int16)
    rgb: UInt8Array = np.clip(np.stack([red, green, blue], axis=-1), 0, 255).astype(np.uint8)
    return rgb


def _spread_chroma(flat: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], size: tuple[int, int]) -> UInt8Array:
    """(H, W, 3) from Y1 Y2 CB CR, the colour of two neighbours stored once, where the first of them lies."""
    rows, columns = size
    if columns % 2 or flat.dtype != np.uint8:
        raise CorruptImage("the DICOM file states YBR_FULL_422 for an odd number of columns or deep samples")
    pairs = flat.reshape(rows, columns // 2, 4)
    spread = np.empty((rows, columns, 3), np.uint8)
    spread[..., 0] = pairs[..., :2].reshape(size)
    spread[..., 1:] = pairs[..., 2:].repeat(2, axis=1)
    return spread


def _palette(stored: Stored, dataset: Dataset) -> UInt8Array | UInt16Array:
    try:
        coloured: UInt8Array | UInt16Array = apply_color_lut(stored.samples, dataset)
    except (AttributeError, KeyError, ValueError) as error:
        raise CorruptImage("the DICOM file states PALETTE COLOR and has no usable palette") from error
    return coloured[..., :3]


def _grey(stored: Stored, layout: PixelLayout, dataset: Dataset) -> UInt16Array:
    """Grey as it is to be shown: lowest value black, or white for MONOCHROME1 (PS3.3 C.7.6.3.1.2)."""
    values = _signed(stored, layout)
    if dataset.get("VOILUTSequence"):
        bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
        share = apply_voi(apply_modality_lut(values, dataset), dataset).astype(np.float32) / (2**bits - 1)
    elif dataset.get("WindowWidth") is not None:
        share = _windowed(apply_modality_lut(values, dataset).astype(np.float32), dataset)
    else:
        low = -(1 << (layout.bits_stored - 1)) if layout.is_signed else 0
        share = (values.astype(np.float32) - low) / ((1 << layout.bits_stored) - 1)
    if layout.photometric == "MONOCHROME1":
        share = 1 - share
    grey: UInt16Array = np.rint(np.clip(share, 0, 1) * _TOP).astype(np.uint16)
    return grey


def _windowed(values: FloatArray, dataset: Dataset) -> FloatArray:
    """Share of full white by the first window (PS3.3 C.11.2.1.2 and C.11.2.1.3)."""
    centre, width = (float(np.atleast_1d(dataset.get(name))[0]) for name in ("WindowCenter", "WindowWidth"))
    match dataset.get("VOILUTFunction", "LINEAR"):
        case "SIGMOID" if width > 0:
            share: FloatArray = 1 / (1 + np.exp(-4 * (values - centre) / width))
            return share
        case "LINEAR_EXACT" if width > 0:
            return (values - centre) / width + 0.5
        case "LINEAR" if width > 1:
            return (values - (centre - 0.5)) / (width - 1) + 0.5
        case "LINEAR" if width == 1:
            return (values > centre - 0.5).astype(np.float32)
        case _:
            raise CorruptImage("the DICOM file has a window that shows nothing")


def _signed(stored: Stored, layout: PixelLayout) -> npt.NDArray[np.int16] | npt.NDArray[np.uint16]:
    """The stored bits as the data set says they count: two's complement, or not; bits above them do not."""
    unused = 16 - layout.bits_stored
    raised = np.left_shift(stored.samples.astype(np.uint16), unused)
    if layout.is_signed:
        return np.right_shift(raised.view(np.int16), unused)
    return np.right_shift(raised, unused)


def _full_range(stored: Stored) -> UInt8Array | UInt16Array:
    """Stretch samples of fewer bits than their type to its full range."""
    if stored.bits == 8:
        return stored.samples.astype(np.uint8)
    top = (1 << stored.bits) - 1
    values = np.bitwise_and(stored.samples.astype(np.uint16), top).astype(np.uint32)
    return ((values * _TOP + top // 2) // top).astype(np.uint16)
