"""The door for DICOM: its description now, the pixels of the first frame on request.

The same contract as the doors in `formats`: foreign exceptions pass through, `read` translates them.
"""

from pydicom.dataset import Dataset

from flexura.errors import CorruptImage, TruncatedImage
from flexura.intake.dicom import codecs, colour, frames
from flexura.intake.dicom.capture import CAPTURE_KEYWORDS, captured_at, read_capture
from flexura.intake.dicom.dataset import quietly, read_dataset
from flexura.intake.dicom.layout import LAYOUT_KEYWORDS, PixelLayout, pixel_layout, require_photo_class
from flexura.intake.dicom.syntaxes import TransferSyntax
from flexura.intake.formats import Opened
from flexura.intake.standardise import Raster

_KEYWORDS = (*LAYOUT_KEYWORDS, *colour.COLOUR_KEYWORDS, *CAPTURE_KEYWORDS, "PixelData")


def open_dicom(content: bytes) -> Opened:
    """Read the description of a DICOM photograph.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Opened
        Of the first frame; its `format` says so if there are more. DICOM pictures are stored upright.

    Raises
    ------
    DicomNotAPhoto
        See `layout.require_photo_class`.
    DicomSyntaxUnsupported
        See `syntaxes.transfer_syntax`.
    UnsupportedImage, CorruptImage
        See `layout.pixel_layout`.
    TruncatedImage
        There is no pixel data, or less than the description promises.
    """
    dataset, syntax = read_dataset(content, _KEYWORDS)
    with quietly():
        require_photo_class(dataset)
        layout = pixel_layout(dataset)
        frame = frames.first_frame(_pixel_data(dataset), layout, syntax)
        return Opened(
            format="DICOM" if layout.frames == 1 else f"DICOM (frame 1 of {layout.frames})",
            width=layout.columns,
            height=layout.rows,
            orientation=1,
            orientation_left=1,
            captured_at=captured_at(dataset),
            capture=read_capture(dataset),
            decode=lambda longest_side: _decode(dataset, syntax, layout, frame, longest_side),
        )


def _pixel_data(dataset: Dataset) -> bytes:
    if "PixelData" not in dataset:
        raise TruncatedImage("the DICOM file ends before its pixel data, or has none; send the original file again")
    value = dataset.PixelData
    if not isinstance(value, bytes | bytearray):
        raise CorruptImage("the DICOM pixel data is no string of bytes")
    return bytes(value)


def _decode(
    dataset: Dataset, syntax: TransferSyntax, layout: PixelLayout, frame: bytes, longest_side: int | None
) -> Raster:
    with quietly():
        if syntax.codec == "none":
            stored = colour.native_samples(
                frame,
                layout,
                is_little_endian=syntax.is_little_endian,
                is_word=dataset["PixelData"].VR == "OW",
            )
        else:
            # Indices of a palette cannot be averaged.
            longest_kept = None if layout.photometric == "PALETTE COLOR" else longest_side
            stored = codecs.decode(frame, layout, syntax.codec, longest_kept)
        return colour.to_raster(stored, layout, dataset)
