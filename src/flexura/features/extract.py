"""All features of one photo, in one fixed order: colour, pigments, texture, edges, regions, symmetry."""

from collections.abc import Callable

import numpy as np

from flexura.features.colour import COLOUR, colour_features
from flexura.features.edges import EDGES, edge_features
from flexura.features.pigments import PIGMENTS, pigment_features
from flexura.features.regions import REGIONS, region_features
from flexura.features.symmetry import SYMMETRY, symmetry_features
from flexura.features.texture import TEXTURE, texture_features
from flexura.features.view import BoolArray, FeatureTable, SkinView, view_skin
from flexura.records import FeatureVector, UInt8Array

FAMILIES: tuple[tuple[FeatureTable, Callable[[SkinView], FeatureVector]], ...] = (
    (COLOUR, colour_features),
    (PIGMENTS, pigment_features),
    (TEXTURE, texture_features),
    (EDGES, edge_features),
    (REGIONS, region_features),
    (SYMMETRY, symmetry_features),
)
FEATURE_NAMES = tuple(name for table, _ in FAMILIES for name in table)
FEATURE_UNITS = tuple(unit for table, _ in FAMILIES for unit in table.values())


def extract(pixels: UInt8Array, lesion: BoolArray, skin: BoolArray) -> FeatureVector:
    """Measure every feature of a photo.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3); `pipeline.measure` gives it 288 px on the longest side, since lengths are in px.
    lesion : BoolArray
        (H, W); may be empty. What lies outside the skin is left out.
    skin : BoolArray
        (H, W), with the lesion; may be empty.

    Returns
    -------
    FeatureVector
        `FEATURE_NAMES` with `FEATURE_UNITS`; NaN for what cannot be measured. See docs/features.md.

    Raises
    ------
    FeatureError
        The picture is not uint8 (H, W, 3), or a mask is not boolean (H, W).

    Examples
    --------
    >>> pixels = np.full((64, 64, 3), (215, 189, 150), np.uint8)
    >>> features = extract(pixels, np.zeros((64, 64), np.bool_), np.ones((64, 64), np.bool_))
    >>> round(float(features.values[features.names.index("skin_ita")]))
    50
    """
    view = view_skin(pixels, lesion, skin)
    return FeatureVector(
        FEATURE_NAMES,
        np.concatenate([measure(view).values for _, measure in FAMILIES]),
        FEATURE_UNITS,
    )
