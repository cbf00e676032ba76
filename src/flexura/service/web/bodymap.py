"""The figure on which a site is pointed at: views of a body, and of each the regions with their outlines.

Drawn by us in a canvas of 150 x 340 (the head: 150 x 150), y down. Of what there are two, the outline is of the
viewer's right half and is mirrored; facing the viewer the patient's left is on the right. A site without a region,
such as the whole body, is chosen from the list beside the figure.
"""

from dataclasses import dataclass
from typing import Final, Literal

Half = Literal["left", "right"]  # of the patient
_MIRROR: Final = "matrix(-1 0 0 1 150 0)"


@dataclass(frozen=True)
class Region:
    """One region of a view: a site, on which half if there are two of it, and its outline as an SVG path."""

    site: str
    half: Half | None
    outline: str
    transform: str | None = None


@dataclass(frozen=True)
class View:
    """One drawing: `name` is the key of a text."""

    name: str
    height: int
    regions: tuple[Region, ...]


# Site, whether there are two, outline; what lies on top comes later.
_Rows = tuple[tuple[str, bool, str], ...]
_LEGS: Final = ("M78 223L98 223L97 246L78 246Z", "M80 311L96 311L103 328Q100 334 79 332Z")
_ARMS: Final = ("M109 123L130 123L132 140L111 140Z", "M115 185L136 185L138 204L116 204Z")
_BOTH_SIDES: Final[_Rows] = (
    ("shoulder", True, "M88 66Q120 66 128 88L96 88Q96 76 88 72Z"),
    ("upper_arm", True, "M106 89L128 89L130 122L109 122Z"),
    ("forearm", True, "M111 141L132 141L134 172L115 172Z"),
    ("wrist", True, "M115 173L134 173L135 184L116 184Z"),
    ("finger", True, "M116 205L138 205L136 224Q127 230 119 224Z"),
    ("lower_leg", True, "M78 247L97 247L95 296L80 296Z"),
    ("ankle", True, "M80 297L95 297L96 310L80 310Z"),
)
_FRONT: Final[_Rows] = (
    ("scalp", False, "M57 26Q57 4 75 4Q93 4 93 26Q84 17 75 17Q66 17 57 26Z"),
    ("face", False, "M57 27Q66 18 75 18Q84 18 93 27L92 38Q86 54 75 54Q64 54 58 38Z"),
    ("neck", False, "M66 53L84 53L85 66L65 66Z"),
    *_BOTH_SIDES,
    ("chest", False, "M63 67L87 67L87 72Q95 76 95 88L95 112L55 112L55 88Q55 76 63 72Z"),
    ("axilla", True, "M96 89L105 89L105 106L96 112Z"),
    ("abdomen", False, "M55 113L95 113L96 150L54 150Z"),
    ("groin", True, "M85 151L96 151L97 160L81 172L81 165Z"),
    ("genitals", False, "M66 151L84 151L80 164L80 173L70 173L70 164Z"),
    ("thigh", True, "M97 161L98 222L78 222L77 174L81 173Z"),
    ("antecubital_fossa", True, _ARMS[0]),
    ("palm", True, _ARMS[1]),
    ("knee", True, _LEGS[0]),
    ("foot_back", True, _LEGS[1]),
)
_BACK: Final[_Rows] = (
    ("scalp", False, "M57 28Q57 4 75 4Q93 4 93 28L91 42Q75 50 59 42Z"),
    ("neck", False, "M64 45Q75 49 86 45L85 66L65 66Z"),
    *_BOTH_SIDES,
    ("back", False, "M63 67L87 67L87 72Q95 76 95 88L95 112L96 146L54 146L55 112L55 88Q55 76 63 72Z"),
    ("buttocks", False, "M54 147L96 147L98 178L76 180L74 180L52 178Z"),
    ("thigh", True, "M76 182L98 179L98 222L78 222Z"),
    ("elbow", True, _ARMS[0]),
    ("hand_back", True, _ARMS[1]),
    ("popliteal_fossa", True, _LEGS[0]),
    ("sole", True, _LEGS[1]),
)
_HEAD: Final[_Rows] = (
    ("scalp", False, "M30 62Q30 8 75 8Q120 8 120 62Q104 38 75 38Q46 38 30 62Z"),
    ("ear", True, "M121 62Q140 56 138 78Q134 94 118 86Z"),
    ("face", False, "M30 64Q46 40 75 40Q104 40 120 64L118 84Q110 122 75 124Q40 122 32 84Z"),
    ("eyelid", True, "M84 66Q97 54 110 66Q97 78 84 66Z"),
    ("lip", False, "M56 101Q75 90 94 101Q75 117 56 101Z"),
    ("neck", False, "M58 123Q75 127 92 123L94 148L56 148Z"),
)


def _draw(rows: _Rows, *, faces_viewer: bool) -> tuple[Region, ...]:
    sides: tuple[Half, Half] = ("left", "right") if faces_viewer else ("right", "left")
    regions: list[Region] = []
    for site, paired, outline in rows:
        if paired:
            regions += [Region(site, sides[1], outline, _MIRROR), Region(site, sides[0], outline)]
        else:
            regions.append(Region(site, None, outline))
    return tuple(regions)


VIEWS: Final = (
    View("view_front", 340, _draw(_FRONT, faces_viewer=True)),
    View("view_back", 340, _draw(_BACK, faces_viewer=False)),
    View("view_head", 150, _draw(_HEAD, faces_viewer=True)),
)
