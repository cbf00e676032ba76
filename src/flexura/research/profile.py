"""What happens to each attribute of a DICOM file: PS3.15 table E.1-1 (2026c), and the short list of what is kept.

The table is `annex_e.csv`, one row per attribute. An attribute that is neither in it nor in `KEPT` goes, and so does
every private one: what nobody thought of does not leave. No free text is kept.
"""

import csv
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal

Action = Literal[
    "X", "Z", "D", "U", "K"
]  # remove, empty, dummy or shifted date, another UID, keep if it is a known value

# Where the table leaves a choice (X/Z, X/D, ...), the one that no object's type forbids (PS3.15, E.1.1, note 4).
_CHOSEN: Final[Mapping[str, Action]] = MappingProxyType(
    {"X": "X", "Z": "Z", "D": "D", "U": "U", "Z/D": "D", "X/Z": "Z", "X/D": "D", "X/Z/D": "D", "X/Z/U": "U"}
)

# What a photo needs to be shown and understood, each with the values that may pass; numbers within a range. Another
# value goes: a name could stand in any attribute.
WORDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Modality": frozenset(["XC", "ES", "GM", "DMS", "OT", "SC", "DG"]),
        "ImageType": frozenset(["ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY"]),
        "ConversionType": frozenset(["DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN"]),
        "Laterality": frozenset(["L", "R"]),
        "ImageLaterality": frozenset(["L", "R", "U", "B"]),
        "LossyImageCompression": frozenset(("00", "01")),
        "CodingSchemeDesignator": frozenset(("SCT",)),
        "LightSourcePolarization": frozenset(["POLARIZED", "NON_POLARIZED"]),
        "ContactMethod": frozenset(["CONTACT", "NON_CONTACT"]),
        "ImmersionMedia": frozenset(["ULTRASOUND_GEL", "ALCOHOL", "WATER", "MINERAL_OIL", "PLASTIC_CAP"]),
        "RecognizableVisualFeatures": frozenset(["YES", "NO"]),
    }
)
RANGES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"SeriesNumber": (0, 999), "InstanceNumber": (0, 9999), "PixelSpacing": (0.001, 10.0)}
)
# Kept by rules of their own: a standard class, a sequence's items, and a site that flexura knows.
OTHERS: Final = frozenset(
    {"SOPClassUID", "ReferencedSOPClassUID", "AnatomicRegionSequence", "CodeValue", "CodeMeaning"}
)
KEPT: Final = frozenset(WORDS) | frozenset(RANGES) | OTHERS


def _read_table() -> Mapping[str, Action]:
    text = resources.files("flexura.research").joinpath("annex_e.csv").read_text(encoding="ascii")
    return MappingProxyType({row["tag"]: _CHOSEN[row["action"]] for row in csv.DictReader(text.splitlines())})


TABLE: Final = _read_table()


def action_of(tag: int, keyword: str) -> Action:
    """Say what happens to an attribute.

    Parameters
    ----------
    tag : int
        Group and element.
    keyword : str
        Of the dictionary; empty for one that it does not have.

    Returns
    -------
    Action

    References
    ----------
    DICOM PS3.15 2026c, table E.1-1, Basic Application Level Confidentiality Profile.

    Examples
    --------
    >>> action_of(0x00100010, "PatientName"), action_of(0x00091001, ""), action_of(0x00080060, "Modality")
    ('Z', 'X', 'K')
    """
    if (tag >> 16) % 2:
        return "X"
    chosen = TABLE.get(f"{tag:08X}")
    return chosen if chosen is not None else ("K" if keyword in KEPT else "X")
