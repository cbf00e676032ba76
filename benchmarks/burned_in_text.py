"""How often text in a photo is found, and skin is taken for text, at a confidence.

Rendered skin, half of it with one line of text (size, colour, turn and place drawn by the seed):

    python benchmarks/burned_in_text.py --photos 40
"""

import argparse

import cv2
import numpy as np

from flexura.records import UInt8Array
from flexura.research.text import LEAST_CONFIDENCE, TextReader, find_reader
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec

COLOURS = ((255, 255, 255), (0, 0, 0), (255, 255, 0), (255, 0, 0))
SIZES = (0.5, 0.7, 1.0)


def write_text(pixels: UInt8Array, number: int) -> UInt8Array:
    """Write a name, a date and a number into a photo; every third one runs upwards."""
    random = np.random.default_rng(number)
    canvas = np.ascontiguousarray(np.rot90(pixels) if number % 3 == 2 else pixels)
    size, colour = SIZES[number % len(SIZES)], COLOURS[number % len(COLOURS)]
    place = (int(random.integers(10, 200)), int(random.integers(40, canvas.shape[0] - 20)))
    cv2.putText(canvas, "DOE JANE 1984-03-02 MRN 4711", place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1 + (size > 0.6))
    return np.rot90(canvas, -1) if number % 3 == 2 else canvas


def main() -> None:
    """Print the two counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--confidence", type=float, default=LEAST_CONFIDENCE)
    options = parser.parse_args()
    reader = TextReader(find_reader().program, least_confidence=options.confidence)
    found = mistaken = 0
    for number in range(options.photos):
        spec = SkinSpec(seed=500 + number, tone=1 + number % 10, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(768, 1024))
        pixels = render(spec).pixels
        found += bool(reader.find(write_text(pixels, number)))
        mistaken += bool(reader.find(pixels))
    print(f"text found in {found} of {options.photos}, skin taken for text in {mistaken} of {options.photos}")


if __name__ == "__main__":
    main()
