"""The build of a DICOM file, walked over before anything believes its lengths: no recursion, nothing is kept.

pydicom trusts lengths and recurses into sequences; files that misuse this come from outside every day (reports in
docs/dicom.md). A file that passes here costs pydicom no more than its own size.
"""

import struct
from dataclasses import dataclass
from typing import Final

from pydicom.datadict import dictionary_VR
from pydicom.tag import Tag

from flexura.errors import CorruptImage
from flexura.intake.dicom.dataset import open_body

MOST_DEPTH: Final = 32
MOST_ELEMENTS: Final = 100_000

_UNDEFINED: Final = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END, _PIXELS = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0x7FE00010
_LONG: Final = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})


@dataclass(frozen=True)
class _Level:
    """A part of the file that holds elements, or the items of a sequence or of encapsulated pixels."""

    end: int | None  # None: until its delimiter
    kind: str  # "elements", "items" or "fragments"
    is_implicit: bool


def require_sound(content: bytes) -> None:
    """Refuse a DICOM file that is built to harm: too deep, too many elements, or longer than it is.

    Parameters
    ----------
    content : bytes
        The whole file.

    Raises
    ------
    CorruptImage
        When sequences lie deeper than 32, there are more than 100,000 elements, or a length or delimiter does not fit.
    DicomSyntaxUnsupported, TruncatedImage, PhotoTooLarge
        See `dataset.read_dataset`; deflated files are inflated under its cap.

    References
    ----------
    PS3.5, 7.1 (elements), 7.5 (nesting), A.4 (encapsulated pixels).
    """
    body, syntax = open_body(content)
    _Walk(body, "<" if syntax.is_little_endian else ">").run(is_implicit=syntax.is_implicit)


@dataclass
class _Walk:
    body: bytes
    order: str
    position: int = 0
    elements: int = 0

    def run(self, *, is_implicit: bool) -> None:
        levels = [_Level(len(self.body), "elements", is_implicit)]
        while levels:
            level = levels[-1]
            if level.end is not None and self.position >= level.end:
                _require(self.position == level.end, "an element reaches beyond what holds it")
                levels.pop()
                continue
            self._step(levels, level)
            self.elements += 1
            _require(self.elements <= MOST_ELEMENTS, f"more than {MOST_ELEMENTS} elements")
            _require(len(levels) <= 2 * MOST_DEPTH + 1, f"sequences deeper than {MOST_DEPTH}")

    def _step(self, levels: list[_Level], level: _Level) -> None:
        tag, form, length = self._header(is_implicit=level.is_implicit)
        if tag in (_ITEM_END, _SEQUENCE_END):
            fits = level.kind == "elements" if tag == _ITEM_END else level.kind != "elements"
            _require(fits and level.end is None and length == 0, "a delimiter stands where nothing is open")
            levels.pop()
            return
        _require((tag == _ITEM) == (level.kind != "elements"), "an item is missing or stands outside its sequence")
        end = self._end(levels, length)
        if level.kind == "items":
            levels.append(_Level(end, "elements", level.is_implicit))
        elif level.kind == "fragments" or not self._opens(tag, form, end):
            _require(end is not None, "an element without length")
            self.position = end or 0
        else:
            kind = "fragments" if tag == _PIXELS else "items"
            # PS3.5, 6.2.2: an unknown sequence of undefined length is written implicitly.
            levels.append(_Level(end, kind, level.is_implicit or form == b"UN"))

    def _opens(self, tag: int, form: bytes, end: int | None) -> bool:
        return end is None or form == b"SQ" or (form == b"" and _is_sequence(tag))

    def _end(self, levels: list[_Level], length: int) -> int | None:
        if length == _UNDEFINED:
            return None
        end = self.position + length
        bound = next((level.end for level in reversed(levels) if level.end is not None), len(self.body))
        _require(end <= bound, "an element is longer than what is left")
        return end

    def _header(self, *, is_implicit: bool) -> tuple[int, bytes, int]:
        """Tag, value representation (empty if implicit) and length; the position moves behind them."""
        group, element = struct.unpack(self.order + "HH", self._take(4))
        tag = group << 16 | element
        if is_implicit or group == 0xFFFE:
            return tag, b"", struct.unpack(self.order + "I", self._take(4))[0]
        form = self._take(2)
        if form not in _LONG:
            return tag, form, struct.unpack(self.order + "H", self._take(2))[0]
        return tag, form, struct.unpack(self.order + "2xI", self._take(6))[0]

    def _take(self, count: int) -> bytes:
        taken = self.body[self.position : self.position + count]
        _require(len(taken) == count, "it ends within an element")
        self.position += count
        return taken


def _is_sequence(tag: int) -> bool:
    try:
        return dictionary_VR(Tag(tag)) == "SQ"
    except KeyError:
        return False


def _require(condition: bool, fault: str) -> None:
    if not condition:
        raise CorruptImage(f"the DICOM file is not built as the standard has it: {fault}; export it again")
