"""Rendered skin with its truth: photographs of skin that never existed, for tests, the demo and pre-training.

Knows optics, form and the six signs; knows nothing of networks, clinics or the photos of real people.
Pictures are sRGB uint8 (H, W, 3); everything inside works on linear light, float32.
"""

from flexura.synthesis.render import RenderedPhoto, render
from flexura.synthesis.spec import SkinSpec, draw_spec
from flexura.synthesis.write import SetConfig, write_set

__all__ = ["RenderedPhoto", "SetConfig", "SkinSpec", "draw_spec", "render", "write_set"]
