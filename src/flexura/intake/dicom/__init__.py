"""Bytes of a DICOM file -> the same `Photo` as any other format, or a refusal that says why.

Read in this order: `syntaxes` (how files are written), `dataset` (bytes -> attributes), `layout`
(what the pixels are), `frames` (bytes of the first frame), `codecs` (bytes -> samples), `colour`
(samples -> picture), `capture` (what may leave of the rest), `door` (all of it in order).

Nothing here is imported before a DICOM file comes: pydicom costs a fifth of a second.
"""
