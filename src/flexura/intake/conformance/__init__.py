"""Whether a DICOM file keeps to the standard: one row per attribute, with the clause that asks for it.

The rules are tables: `iods` (object -> modules), `common`, `images` and `secondary_capture`
(module -> attributes), `items` (sequence -> attributes of its items), `conditions` (when a conditional
attribute is required), `regions` (which body regions have a side), `compression` (transfer syntax ->
pixel descriptions), `representations` (how values are written). `check` reads a file against them and
gives a `ConformanceReport`, which never quotes a value.

Edition of the standard: PS3 2024. Attribute types were compared with highdicom's copy of it and the
findings with dciodvfy (`benchmarks/dicom_conformance.py`); not every clause number was looked up.
Not judged, because nothing in the file could tell or because skin photographs do not use it, is what
`iods.NOT_CHECKED` and `items.NOT_CHECKED_ITEMS` list.
"""
