"""Body sites that a photo or a context may name, each in its EASI region and its coarse zone.

EASI regions: Hanifin et al. 2001, doi 10.1034/j.1600-0625.2001.100102.x (axillae and groin
belong to the trunk, buttocks to the lower limbs; the neck belongs to the head). Laterality is
a prefix `left_` or `right_`, never part of the table.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Region = Literal["head_neck", "upper_limbs", "trunk", "lower_limbs"]
Zone = Literal["head_neck", "arm", "hand", "trunk", "leg", "foot"]


@dataclass(frozen=True)
class Site:
    """One site: its EASI region, and the coarse zone that the network's context uses."""

    region: Region | None
    zone: Zone | None


_TABLE: tuple[tuple[str, Region | None, Zone | None], ...] = (
    ("scalp", "head_neck", "head_neck"),
    ("face", "head_neck", "head_neck"),
    ("eyelid", "head_neck", "head_neck"),
    ("lip", "head_neck", "head_neck"),
    ("ear", "head_neck", "head_neck"),
    ("neck", "head_neck", "head_neck"),
    ("shoulder", "upper_limbs", "arm"),
    ("upper_arm", "upper_limbs", "arm"),
    ("elbow", "upper_limbs", "arm"),
    ("antecubital_fossa", "upper_limbs", "arm"),
    ("forearm", "upper_limbs", "arm"),
    ("wrist", "upper_limbs", "arm"),
    ("hand_back", "upper_limbs", "hand"),
    ("palm", "upper_limbs", "hand"),
    ("finger", "upper_limbs", "hand"),
    ("chest", "trunk", "trunk"),
    ("abdomen", "trunk", "trunk"),
    ("back", "trunk", "trunk"),
    ("axilla", "trunk", "trunk"),
    ("groin", "trunk", "trunk"),
    ("genitals", "trunk", "trunk"),
    ("buttocks", "lower_limbs", "leg"),
    ("thigh", "lower_limbs", "leg"),
    ("knee", "lower_limbs", "leg"),
    ("popliteal_fossa", "lower_limbs", "leg"),
    ("lower_leg", "lower_limbs", "leg"),
    ("ankle", "lower_limbs", "foot"),
    ("foot_back", "lower_limbs", "foot"),
    ("sole", "lower_limbs", "foot"),
    # A nail or the whole body names no single region.
    ("nail", None, None),
    ("whole_body", None, None),
)
SITES = {name: Site(region, zone) for name, region, zone in _TABLE}
ZONES: tuple[Zone, ...] = ("head_neck", "arm", "hand", "trunk", "leg", "foot")


def strip_laterality(site: str) -> str:
    """The site's name without `left_` or `right_`.

    Parameters
    ----------
    site : str
        A name of `SITES`, with or without laterality.

    Returns
    -------
    str
        A name of `SITES`.

    Examples
    --------
    >>> strip_laterality("left_antecubital_fossa")
    'antecubital_fossa'
    """
    laterality, _, name = site.partition("_")
    return name if laterality in ("left", "right") else site


def zones_of(sites: Collection[str] | None) -> set[Zone] | None:
    """The coarse zones that hold any of these sites.

    Parameters
    ----------
    sites : collection of str | None
        Names of `SITES`, with or without laterality; `None` is unknown.

    Returns
    -------
    set of Zone | None
        All zones for the whole body; `None` for unknown.

    Examples
    --------
    >>> sorted(zones_of(["left_palm", "finger", "back"]))
    ['hand', 'trunk']
    """
    if sites is None:
        return None
    if "whole_body" in sites:
        return set(ZONES)
    return {zone for site in sites if (zone := SITES[strip_laterality(site)].zone) is not None}
