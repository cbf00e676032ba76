"""What can be measured on a photo without a network: named numbers with units, each with its source.

Knows pixels and two masks, lesion and skin; knows nothing of files, networks or diseases. Pictures are sRGB
uint8 (H, W, 3), masks boolean (H, W). What cannot be measured is NaN, never 0.
"""

from flexura.features.extract import FEATURE_NAMES, FEATURE_UNITS, extract
from flexura.features.symmetry import compare_sides
from flexura.features.view import SkinView, view_skin

__all__ = ["FEATURE_NAMES", "FEATURE_UNITS", "SkinView", "compare_sides", "extract", "view_skin"]
