"""Text that stands in a photo: names, dates and numbers that a camera or a program wrote into the pixels.

tesseract reads it (a program of its own: apt-get install tesseract-ocr); what it reads is thrown away at once, only the
places stay. It misses some text and takes some skin for text (docs/deidentification.md): a photo with a
place is for a person to look at, and one without is probably, not certainly, free of text.
"""

import csv
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from flexura.errors import DependencyMissing
from flexura.records import UInt8Array

Box = tuple[int, int, int, int]  # left, top, width, height in pixels

LONGEST_SIDE_PX: Final = 1600
_STROKE_PX: Final = 15  # wider than the strokes of burned-in letters at that size
LEAST_CONFIDENCE: Final = 60.0  # tesseract's, 0-100; benchmarks/burned_in_text.py
_LEAST_LETTERS: Final = 3
_MOST_GAIN: Final = 3.0
_MARGIN: Final = 0.5  # of a word's height, around it
_SECONDS: Final = 60


@dataclass(frozen=True)
class TextReader:
    """The program that reads text; a word counts from `least_confidence` (0-100) up. `find_reader` looks for it."""

    program: str
    least_confidence: float = LEAST_CONFIDENCE

    def find(self, pixels: UInt8Array) -> tuple[Box, ...]:
        """Find where text stands in a photo.

        The photo is read as it is, and as its bright and its dark strokes alone; upright and turned by 90°.

        Parameters
        ----------
        pixels : UInt8Array
            sRGB (H, W, 3).

        Returns
        -------
        tuple[Box, ...]
            With a margin, in pixels of the photo; empty where none was found.
        """
        scale = min(1.0, LONGEST_SIDE_PX / max(pixels.shape[:2]))
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        small: UInt8Array = np.asarray(
            cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        upright = [box for view in _views(small) for box in self._read(view)]
        clockwise: UInt8Array = np.ascontiguousarray(np.rot90(small, -1))
        turned = [box for view in _views(clockwise) for box in self._read(view)]
        boxes = upright + [_turn_back(box, small.shape[0]) for box in turned]
        return tuple(sorted({_grown(box, scale) for box in boxes}))

    def _read(self, view: UInt8Array) -> Iterator[Box]:
        picture = cv2.imencode(".png", view)[1].tobytes()
        command = [self.program, "stdin", "stdout", "--psm", "11", "-l", "eng", "tsv"]
        environment = {"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"}
        try:
            done = subprocess.run(
                command, input=picture, capture_output=True, timeout=_SECONDS, check=True, env=environment
            )
        except (OSError, subprocess.SubprocessError):
            # Not `from`: its output may hold what stands in the photo.
            raise DependencyMissing(
                "tesseract could not read a photo; check `tesseract --list-langs` for eng."
            ) from None
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            letters = sum(letter.isalnum() for letter in row["text"] or "")
            if letters >= _LEAST_LETTERS and float(row["conf"]) >= self.least_confidence:
                yield int(row["left"]), int(row["top"]), int(row["width"]), int(row["height"])


def find_reader() -> TextReader:
    """Look for tesseract.

    Returns
    -------
    TextReader

    Raises
    ------
    DependencyMissing
        When it is not installed: photos that nobody has read for text do not leave.
    """
    program = shutil.which("tesseract")
    if program is None:
        raise DependencyMissing("tesseract is not installed; apt-get install tesseract-ocr.")
    return TextReader(program)


def _views(grey: UInt8Array) -> Iterator[UInt8Array]:
    yield grey
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_STROKE_PX, _STROKE_PX))
    for strokes in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        found = cv2.morphologyEx(grey, strokes, kernel)
        gain = min(_MOST_GAIN, 255 / max(1, int(found.max())))  # noise of smooth skin is not to become strokes
        yield np.asarray(255 - found * gain, np.uint8)


def _turn_back(box: Box, height: int) -> Box:
    """From a view turned clockwise to the upright one of that height."""
    left, top, wide, high = box
    return top, height - left - wide, high, wide


def _grown(box: Box, scale: float) -> Box:
    left, top, wide, high = box
    margin = round(_MARGIN * min(wide, high)) + 2
    corner = max(0, left - margin), max(0, top - margin)
    size = wide + 2 * margin, high + 2 * margin
    return (int(corner[0] / scale), int(corner[1] / scale), int(size[0] / scale) + 1, int(size[1] / scale) + 1)
