"""A QR code for an authenticator app, drawn as an inline picture: no file, no script, no style of its own."""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

import segno

QUIET: Final = 4  # modules of white on every side (ISO/IEC 18004:2015, 6.3.8)


@dataclass(frozen=True)
class Drawing:
    """A square of `side` modules, quiet zone included, and the SVG path of its dark ones."""

    side: int
    path: str


def draw_qr(text: str) -> Drawing:
    """Draw a text as a QR code with error correction of level M or better.

    Parameters
    ----------
    text : str
        Up to some 300 characters, so that a phone reads it off a screen.

    Returns
    -------
    Drawing
        Dark modules of a row that touch are one rectangle.

    References
    ----------
    ISO/IEC 18004:2015.

    Examples
    --------
    >>> draw_qr("a").side
    29
    """
    matrix = segno.make_qr(text, error="m").matrix
    runs = [
        f"M{QUIET + first} {QUIET + y}h{length}v1h-{length}z"
        for y, row in enumerate(matrix)
        for first, length in _dark_runs(row)
    ]
    return Drawing(len(matrix) + 2 * QUIET, "".join(runs))


def _dark_runs(row: bytes | bytearray) -> list[tuple[int, int]]:
    """First module and length of each run of dark modules."""
    runs, at = [], 0
    for dark, group in groupby(row):
        length = len(list(group))
        if dark:
            runs.append((at, length))
        at += length
    return runs
