"""Which parts of the body photos show, which are told to be clear, and which nobody knows.

Parts are those of Lund and Browder's chart, by side where they are paired. A site of the context without
a side stands for both sides; a list of all affected sites says that the parts it does not touch are clear.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from flexura.decision.scores import EASI_REGIONS, Number
from flexura.decision.scores.surface import part_percents
from flexura.records import PatientContext

# How a part is known: on a photo; told to be clear; told to be affected, but on no photo; not at all.
State = Literal["seen", "clear", "affected", "unknown"]

SIDES: Final = ("left", "right")
PAIRED: Final = frozenset({"upper_arms", "forearms", "hands", "buttocks", "thighs", "lower_legs", "feet"})
# EASI region of each part (Hanifin 2001: buttocks to the lower limbs, genitals to the trunk).
REGION_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "head": "head_neck",
        "neck": "head_neck",
        "upper_arms": "upper_limbs",
        "forearms": "upper_limbs",
        "hands": "upper_limbs",
        "front_trunk": "trunk",
        "back_trunk": "trunk",
        "genitals": "trunk",
        "buttocks": "lower_limbs",
        "thighs": "lower_limbs",
        "lower_legs": "lower_limbs",
        "feet": "lower_limbs",
    }
)
# Parts that a photo of a site shows; a joint shows both its neighbours. A nail or the whole body names none.
_PARTS_OF_SITE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "scalp": ("head",),
        "face": ("head",),
        "eyelid": ("head",),
        "lip": ("head",),
        "ear": ("head",),
        "neck": ("neck",),
        "shoulder": ("upper_arms",),
        "upper_arm": ("upper_arms",),
        "elbow": ("upper_arms", "forearms"),
        "antecubital_fossa": ("upper_arms", "forearms"),
        "forearm": ("forearms",),
        "wrist": ("forearms",),
        "hand_back": ("hands",),
        "palm": ("hands",),
        "finger": ("hands",),
        "chest": ("front_trunk",),
        "abdomen": ("front_trunk",),
        "back": ("back_trunk",),
        "axilla": ("front_trunk",),
        "groin": ("genitals",),
        "genitals": ("genitals",),
        "buttocks": ("buttocks",),
        "thigh": ("thighs",),
        "knee": ("thighs", "lower_legs"),
        "popliteal_fossa": ("thighs", "lower_legs"),
        "lower_leg": ("lower_legs",),
        "ankle": ("lower_legs", "feet"),
        "foot_back": ("feet",),
        "sole": ("feet",),
    }
)


@dataclass(frozen=True)
class Part:
    """One part of the body, on one side where it is paired: share of the body in [0, 1], and how it is known."""

    name: str
    region: str
    share: float
    state: State
    photos: tuple[int, ...]


def parts_of_site(site: str | None) -> tuple[str, ...]:
    """Parts that a photo of a site shows.

    Parameters
    ----------
    site : str or None
        With or without side.

    Returns
    -------
    tuple of str
        Names such as "left_forearms" or "neck"; empty where the site names no part.

    Examples
    --------
    >>> parts_of_site("left_antecubital_fossa"), parts_of_site("hand_back")
    (('left_upper_arms', 'left_forearms'), ('left_hands', 'right_hands'))
    """
    if site is None:
        return ()
    side, _, rest = site.partition("_")
    sides = (side,) if side in SIDES else SIDES
    parts = _PARTS_OF_SITE.get(rest if side in SIDES else site, ())
    return tuple(f"{one}_{part}" if one else part for part in parts for one in (sides if part in PAIRED else ("",)))


def map_body(sites: Iterable[str | None], context: PatientContext, age_years: Number) -> tuple[Part, ...]:
    """Say of every part of the body how it is known.

    Parameters
    ----------
    sites : iterable of str or None
        Where each photo was taken.
    context : PatientContext
        Its `sites` are all affected sites, if they were told.
    age_years : Decimal, int or float
        0-120; the shares go by age.

    Returns
    -------
    tuple of Part
        All parts; their shares add up to 1.

    Raises
    ------
    ScoreError
        If the age is out of its range.

    References
    ----------
    Lund & Browder 1944, Surg Gynecol Obstet 79:352-358.
    """
    shown = [set(parts_of_site(site)) for site in sites]
    touched = None if context.sites is None else {part for site in context.sites for part in parts_of_site(site)}
    everywhere = "whole_body" in (context.sites or ())
    parts = []
    for name, percent in part_percents(age_years).items():
        sides = [f"{side}_{name}" for side in SIDES] if name in PAIRED else [name]
        for part in sides:
            photos = tuple(index for index, covered in enumerate(shown) if part in covered)
            state = _state(part, seen=bool(photos), touched=touched, everywhere=everywhere)
            parts.append(Part(part, REGION_OF[name], float(percent) / 100 / len(sides), state, photos))
    return tuple(parts)


def _state(part: str, *, seen: bool, touched: set[str] | None, everywhere: bool) -> State:
    if seen:
        return "seen"
    if everywhere or (touched is not None and part in touched):
        return "affected"
    return "unknown" if touched is None else "clear"


def regions_by_state(parts: tuple[Part, ...]) -> dict[str, list[str]]:
    """Regions of the body by how they are known.

    Parameters
    ----------
    parts : iterable of Part
        All parts.

    Returns
    -------
    dict of str to list of str
        "seen" has a photo of any of its parts; of the rest, "clear" was told to be clear as a whole; "not_seen".
    """
    states = {region: {part.state for part in parts if part.region == region} for region in EASI_REGIONS}
    found: dict[str, list[str]] = {"seen": [], "clear": [], "not_seen": []}
    for region, known in states.items():
        found["seen" if "seen" in known else "clear" if known == {"clear"} else "not_seen"].append(region)
    return found
