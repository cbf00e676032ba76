"""The elements of a data set as they stand in the file, before pydicom converts a value.

Conversion hides faults and may raise; what is judged here are the bytes.
"""

from dataclasses import dataclass, field

from pydicom import datadict
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from flexura.intake.conformance.representations import split_values

# Several possible representations in PS3.6 -> the one whose size they share.
_AMBIGUOUS = {"US or SS": "US", "OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW"}
_BYTES = ("OB", "OW", "UN", "OF", "OD", "OL", "OV")


@dataclass(frozen=True)
class Element:
    """One public element: its keyword, its representation as written, and its bytes or its items.

    `character_sets` are those declared for it, by its item or by a data set around that.
    """

    keyword: str
    tag: str
    representation: str
    raw: bytes = field(repr=False)
    items: tuple[Dataset, ...] | None = field(default=None, repr=False)
    character_sets: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a byte (other than padding) nor an item."""
        return not self.raw.strip(b" \0") if self.items is None and not self.is_bytes else not (self.items or self.raw)

    @property
    def is_bytes(self) -> bool:
        """Whether zeros and blanks are values: binary numbers and bytes."""
        return self.representation in (*_BYTES, "US", "SS", "UL", "SL", "FL", "FD", "AT", "SV", "UV")


def list_elements(dataset: Dataset, inherited: tuple[str, ...] = ()) -> dict[str, Element]:
    """List the public elements of a data set or item.

    Parameters
    ----------
    dataset : Dataset
        As read, none of its values converted yet.
    inherited : tuple[str, ...]
        Specific Character Set of the data set around an item.

    Returns
    -------
    dict of str to Element
        By keyword, in the order of the file.
    """
    elements = {}
    sets = _character_sets(dataset) or inherited
    for tag, item in sorted(dataset.items()):
        keyword = datadict.keyword_for_tag(tag)
        if keyword and datadict.tag_for_keyword(keyword) == tag:  # private and repeating groups (overlays) are left out
            elements[keyword] = _element(dataset, item, keyword, sets)
    return elements


def tag_text(keyword: str) -> str:
    """Write the tag of an attribute as the standard does.

    Parameters
    ----------
    keyword : str
        DICOM keyword.

    Returns
    -------
    str
        Such as "(0010,0020)".

    Examples
    --------
    >>> tag_text("PatientID")
    '(0010,0020)'
    """
    tag = datadict.tag_for_keyword(keyword)
    assert tag is not None, keyword  # the tables hold keywords of the standard only
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _character_sets(dataset: Dataset) -> tuple[str, ...]:
    value = (
        getattr(dataset.get_item("SpecificCharacterSet"), "value", None) if "SpecificCharacterSet" in dataset else None
    )
    if isinstance(value, bytes):
        return tuple(split_values(value, "CS"))
    return () if not value else (value,) if isinstance(value, str) else tuple(value)


def _element(dataset: Dataset, item: DataElement | RawDataElement, keyword: str, sets: tuple[str, ...]) -> Element:
    stated = item.VR or datadict.dictionary_VR(keyword)
    representation = _AMBIGUOUS.get(stated, stated)
    value = item.value
    if representation == "SQ" or isinstance(value, Sequence):
        sequence = dataset[keyword].value
        return Element(keyword, tag_text(keyword), "SQ", b"", tuple(sequence), sets)
    return Element(keyword, tag_text(keyword), representation, _bytes(value), character_sets=sets)


def _bytes(value: object) -> bytes:
    """The value as bytes; pydicom has already converted the two elements that it needs for reading others."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, int):  # Pixel Representation
        return value.to_bytes(2, "little")
    if isinstance(value, str):  # Specific Character Set
        return value.encode("ascii", "replace")
    return "\\".join(str(part) for part in value).encode("ascii", "replace") if isinstance(value, MultiValue) else b""
