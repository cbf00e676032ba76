"""HEIC as iPhones write it: a base picture, and a gain map beside it for bright screens, which is no photo."""

import io
import struct
from collections.abc import Iterator

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from flexura.intake.read import read_photo

GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap"
# Where the six blocks of an upright picture are stored by EXIF orientation (CIPA DC-008, 4.6.5.1.6).
STORED = {1: [[0, 1, 2], [3, 4, 5]], 6: [[2, 5], [1, 4], [0, 3]], 7: [[5, 2], [4, 1], [3, 0]]}
ITEM = struct.Struct(
    ">HHIHII"
)  # iloc version 0 with one extent: id, data reference, base offset, count, offset, length


def boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload of each box in turn (ISO/IEC 14496-12, 4.2; lengths of 32 bits)."""
    while content:
        length = int.from_bytes(content[:4], "big")
        yield content[4:8], content[8:length]
        content = content[length:]


def box(kind: bytes, payload: bytes) -> bytes:
    return (8 + len(payload)).to_bytes(4, "big") + kind + payload


def as_gain_map(content: bytes, item: int, *, of: int) -> bytes:
    """Make one picture of a HEIC another's hidden gain map: auxC and auxl (ISO/IEC 23008-12, 6.5.8 and 6.4.4)."""
    top = dict(boxes(content))
    meta = dict(boxes(top[b"meta"][4:]))
    properties = dict(boxes(meta[b"iprp"]))
    properties[b"ipco"] += box(b"auxC", bytes(4) + GAIN_MAP + b"\0")
    last = len(list(boxes(properties[b"ipco"])))
    own = properties[b"ipma"].index(item.to_bytes(2, "big"), 8) + 2
    count = properties[b"ipma"][own]
    listed = properties[b"ipma"][own + 1 : own + 1 + count]
    properties[b"ipma"] = (
        properties[b"ipma"][:own] + bytes([count + 1]) + listed + bytes([last]) + properties[b"ipma"][own + 1 + count :]
    )
    meta[b"iprp"] = b"".join(box(kind, payload) for kind, payload in properties.items())
    meta[b"iref"] = meta.get(b"iref", bytes(4)) + box(b"auxl", struct.pack(">HHH", item, 1, of))
    entry = b"infe\2\0\0\0" + item.to_bytes(2, "big")
    assert entry in meta[b"iinf"]
    meta[b"iinf"] = meta[b"iinf"].replace(entry, b"infe\2\0\0\1" + item.to_bytes(2, "big"))  # hidden
    grown = sum(8 + len(payload) for payload in meta.values()) + 4 - len(top[b"meta"])
    assert meta[b"iloc"][:6] == b"\0\0\0\0\x44\x40"
    # The pictures lie after the boxes that grew.
    places = [(*place[:2], place[2] + grown, *place[3:]) for place in ITEM.iter_unpack(meta[b"iloc"][8:])]
    meta[b"iloc"] = meta[b"iloc"][:8] + b"".join(ITEM.pack(*place) for place in places)
    top[b"meta"] = bytes(4) + b"".join(box(kind, payload) for kind, payload in meta.items())
    return b"".join(box(kind, payload) for kind, payload in top.items())


def pair(base: np.ndarray, exif: bytes, *, base_first: bool) -> bytes:
    """A base picture and a grey one of half its size that is its gain map."""
    pictures = [Image.fromarray(base), Image.new("L", (base.shape[1] // 2, base.shape[0] // 2), 77)]
    places = [0, 1] if base_first else [1, 0]
    heif = pillow_heif.from_pillow(pictures[places[0]])
    heif.add_from_pillow(pictures[places[1]])
    file = io.BytesIO()
    options = {"quality": -1, "chroma": 444, "matrix_coefficients": 0, "primary_index": places[0], "exif": exif}
    heif.save(file, **options)
    content = file.getvalue()
    kinds = dict(boxes(dict(boxes(content))[b"meta"][4:]))
    entries = [payload for kind, payload in boxes(kinds[b"iinf"][6:]) if payload[8:12] == b"hvc1"]
    first, second = (int.from_bytes(payload[4:6], "big") for payload in entries)
    mine, its_map = (first, second) if base_first else (second, first)
    return as_gain_map(content, its_map, of=mine)


@pytest.mark.parametrize("base_first", [True, False])
@pytest.mark.parametrize("orientation", STORED)
def test_the_base_comes_out_upright_and_the_gain_map_is_ignored(orientation, base_first, blocks, exif, limits):
    content = pair(blocks(STORED[orientation]), exif(orientation), base_first=base_first)
    opened = pillow_heif.open_heif(io.BytesIO(content))
    assert list(opened[opened.primary_index].info["aux"]) == [GAIN_MAP.decode()]  # it really is one
    photo = read_photo(content, limits=limits)
    assert np.array_equal(photo.pixels, blocks(STORED[1]))
    assert (photo.source.format, photo.source.orientation_applied) == ("HEIF", 1)
