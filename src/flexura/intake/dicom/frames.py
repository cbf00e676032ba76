"""The bytes of the first frame of a DICOM image, as many as the description promises.

Uncompressed pixel data must have exactly the length that its description gives; compressed data
is cut into frames by the fragments, the offset table and the end marks of JPEG. Data that fits
no count of frames is refused.
"""

from collections.abc import Sequence

from pydicom import encaps

from flexura.errors import CorruptImage, TruncatedImage
from flexura.intake.dicom.layout import PixelLayout
from flexura.intake.dicom.syntaxes import TransferSyntax

_END_OF_IMAGE = b"\xff\xd9"  # EOI of JPEG and JPEG-LS, EOC of JPEG 2000
_ITEM = b"\xfe\xff\x00\xe0"
_ITEM_HEADER_BYTES = 8


def first_frame(pixel_data: bytes, layout: PixelLayout, syntax: TransferSyntax) -> bytes:
    """Take the first frame.

    Parameters
    ----------
    pixel_data : bytes
        Value of Pixel Data (7FE0,0010).
    layout : PixelLayout
        What it should hold.
    syntax : TransferSyntax
        How it is compressed.

    Returns
    -------
    bytes
        Uncompressed: `layout.frame_bytes`, and one more if that is odd, for words come whole. Compressed: one stream.

    Raises
    ------
    TruncatedImage
        Fewer bytes or fragments than frames.
    CorruptImage
        More of them, or data of the other kind than the transfer syntax says.

    References
    ----------
    PS3.5, 8.1.1, 8.2 and A.4 (encapsulation; table A.4-1 to A.4-3).
    """
    if syntax.codec == "none":
        return _native(pixel_data, layout)
    if not pixel_data.startswith(_ITEM):
        raise CorruptImage("the DICOM file says that its pixels are compressed, and they are not in fragments")
    offsets = encaps.parse_basic_offsets(pixel_data)
    table_bytes = _ITEM_HEADER_BYTES + 4 * len(offsets)
    fragments = list(encaps.generate_fragments(pixel_data[table_bytes:]))
    if len(fragments) < layout.frames:
        raise TruncatedImage(f"the DICOM file states {layout.frames} frames and holds {len(fragments)} fragments")
    if offsets:
        return b"".join(fragments[: _fragments_before_second(offsets, fragments, layout)])
    return b"".join(fragments[: _fragments_by_end_marks(fragments, layout, syntax)])


def _native(pixel_data: bytes, layout: PixelLayout) -> bytes:
    expected = layout.frame_bytes * layout.frames
    if len(pixel_data) < expected:
        raise TruncatedImage(f"the DICOM pixel data has {len(pixel_data)} bytes; its description needs {expected}")
    if len(pixel_data) > expected + expected % 2:
        raise CorruptImage(
            f"the DICOM pixel data has {len(pixel_data)} bytes, more than the {expected} of its description: the "
            "number of frames or the photometric interpretation is wrong"
        )
    return pixel_data[: layout.frame_bytes + layout.frame_bytes % 2]


def _fragments_before_second(offsets: Sequence[int], fragments: Sequence[bytes], layout: PixelLayout) -> int:
    """How many fragments lie before the second frame by the Basic Offset Table."""
    if len(offsets) != layout.frames:
        raise CorruptImage(f"the DICOM file states {layout.frames} frames and offsets of {len(offsets)}")
    starts, position = [], 0
    for fragment in fragments:
        starts.append(position)
        position += _ITEM_HEADER_BYTES + len(fragment)
    if offsets[0] != 0 or not set(offsets) <= set(starts):
        raise CorruptImage("the DICOM offset table points between the fragments")
    return starts.index(offsets[1]) if len(offsets) > 1 else len(fragments)


def _fragments_by_end_marks(fragments: Sequence[bytes], layout: PixelLayout, syntax: TransferSyntax) -> int:
    """How many fragments the first frame has when no table says so."""
    if len(fragments) == layout.frames:
        return 1
    ends = [
        number
        for number, fragment in enumerate(fragments, 1)
        if syntax.codec != "rle" and fragment.rstrip(b"\0").endswith(_END_OF_IMAGE)
    ]
    if len(ends) != layout.frames:
        raise CorruptImage(
            f"the DICOM file states {layout.frames} frames; its {len(fragments)} fragments hold {len(ends)}"
        )
    return ends[0]
