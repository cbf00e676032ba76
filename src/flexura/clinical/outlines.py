"""An outline drawn by a clinician, as text that a form can carry: WIDTHxHEIGHT:RUNS.

Runs are the lengths, row by row from the top left, of pixels outside and inside affected skin in turn, outside first.
"""

import re
from itertools import groupby
from typing import Final

import numpy as np

from flexura.records import BoolArray

LONGEST_SIDE: Final = 1024
_FORM: Final = re.compile(r"(\d{1,4})x(\d{1,4}):(\d{1,7}(?:,\d{1,7})*)")


def parse_outline(text: str) -> BoolArray:
    """Read an outline.

    Parameters
    ----------
    text : str
        Such as "4x2:1,2,5".

    Returns
    -------
    BoolArray
        Affected skin (H, W).

    Raises
    ------
    ValueError
        When it is no outline, larger than 1024 pixels a side, or its runs do not fill it exactly.

    Examples
    --------
    >>> parse_outline("4x2:1,2,5").astype(int).tolist()
    [[0, 1, 1, 0], [0, 0, 0, 0]]
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError("an outline is WIDTHxHEIGHT:RUNS")
    width, height = int(found[1]), int(found[2])
    runs = np.array(found[3].split(","), np.int64)
    if not 1 <= min(width, height) <= max(width, height) <= LONGEST_SIDE or runs.sum() != width * height:
        raise ValueError("an outline has at most 1024 pixels a side, and runs that fill it")
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(height, width)


def write_outline(inside: BoolArray) -> str:
    """Write an outline.

    Parameters
    ----------
    inside : BoolArray
        Affected skin (H, W), at most 1024 pixels a side.

    Returns
    -------
    str
        What `parse_outline` reads.

    Examples
    --------
    >>> write_outline(np.array([[True, True], [False, True]]))
    '2x2:0,2,1,1'
    """
    runs = [sum(1 for _ in group) for _, group in groupby(inside.ravel().tolist())]
    first = [0] if inside.flat[0] else []
    return f"{inside.shape[1]}x{inside.shape[0]}:{','.join(map(str, first + runs))}"
