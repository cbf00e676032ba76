"""DICOM's run-length coding (PS3.5 annex G), decoded into arrays whose size is fixed beforehand.

A stream that would give more than its description stops there: two bytes of it can stand for 128.
"""

import struct

import numpy as np

from flexura.errors import CorruptImage, TruncatedImage
from flexura.records import UInt8Array

_HEADER_BYTES, _MOST_SEGMENTS = 64, 15
_NOTHING = 128


def decode_segments(frame: bytes, count: int, size: int) -> UInt8Array:
    """Decode the segments of one frame.

    Parameters
    ----------
    frame : bytes
        Header of 64 bytes, then the segments.
    count : int
        Segments that the image needs.
    size : int
        Bytes of each segment when decoded.

    Returns
    -------
    UInt8Array
        (count, size).

    Raises
    ------
    CorruptImage
        Another number of segments, or offsets that point outside.
    TruncatedImage
        A segment gives fewer bytes than `size`.

    References
    ----------
    PS3.5, G.3.2 (decoder) and G.5 (header).

    Examples
    --------
    >>> header = struct.pack("<16I", 1, 64, *[0] * 14)
    >>> decode_segments(header + bytes([0xFE, 7, 1, 8, 9]), 1, 5).tolist()
    [[7, 7, 7, 8, 9]]
    """
    if len(frame) < _HEADER_BYTES:
        raise TruncatedImage("the run-length coded DICOM frame has no header")
    stated, *offsets = struct.unpack_from("<16I", frame)
    if stated != count or stated > _MOST_SEGMENTS:
        raise CorruptImage(f"the run-length coded DICOM frame has {stated} segments where {count} are needed")
    bounds = [*offsets[:count], len(frame)]
    if bounds != sorted(bounds) or bounds[0] < _HEADER_BYTES:
        raise CorruptImage("the run-length coded DICOM frame has segments that overlap")
    decoded = np.empty((count, size), np.uint8)
    for number in range(count):
        decoded[number] = _segment(frame[bounds[number] : bounds[number + 1]], size)
    return decoded


def _segment(coded: bytes, size: int) -> UInt8Array:
    """Undo PackBits until `size` bytes are there."""
    decoded = bytearray()
    position = 0
    while len(decoded) < size and position < len(coded):
        head = coded[position]
        if head < _NOTHING:
            decoded += coded[position + 1 : position + 2 + head]
            position += head + 2
        else:
            if head > _NOTHING:
                decoded += coded[position + 1 : position + 2] * (257 - head)
            position += 2 if head > _NOTHING else 1
    if len(decoded) < size:
        raise TruncatedImage("the run-length coded DICOM frame ends before the picture does")
    return np.frombuffer(bytes(decoded[:size]), np.uint8)
