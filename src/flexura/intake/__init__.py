"""Bytes of a photo -> `Photo`, or a named refusal; and whether the photo is good enough to judge.

`read` opens and standardises, `quality` measures. No network, no model.
"""
