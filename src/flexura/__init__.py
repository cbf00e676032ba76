"""flexura: decision support for eczema from skin photographs, for research and clinicians; not a medical device."""

__version__ = "0.1.0"
