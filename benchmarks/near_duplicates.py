"""How many copies of photos the perceptual hash finds, and how many pairs of other photos: the tables of docs/data.md.

    python benchmarks/near_duplicates.py DATA [--teacher FILE]

DATA is a data folder. Every photo is changed in seven known ways, and the distance of its hash to the photo's own
counts; then all photos are compared with one another. With the embeddings of `scripts/teacher` pairs across folds are
counted by their cosine too. Folds and groups are used, diagnoses are not.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
import numpy.typing as npt

from flexura.records import UInt8Array
from flexura.training.datasets import LabelledPhoto, read_manifest
from flexura.training.leakage import LeakageConfig, find_leaks, teacher_embeddings
from flexura.training.near_duplicates import UInt64Array, close_pairs, hash_photo

_BITS = (6, 10, 14, 18, 24, 32)
_COSINES = (0.99, 0.985, 0.97)
Change = Callable[[UInt8Array, np.random.Generator], npt.NDArray[np.uint8]]


def compressed(pixels: UInt8Array, _: np.random.Generator) -> UInt8Array:
    """Written as JPEG of quality 30."""
    coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def reduced(pixels: UInt8Array, _: np.random.Generator) -> UInt8Array:
    """A third of the size."""
    return np.asarray(cv2.resize(pixels, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA), np.uint8)


def brightened(factor: float) -> Change:
    """All levels times a factor."""
    return lambda pixels, _: np.clip(pixels * factor, 0, 255).astype(np.uint8)


def cropped(share: float) -> Change:
    """So much of either side cut away, anywhere."""

    def crop(pixels: UInt8Array, random: np.random.Generator) -> UInt8Array:
        height, width = pixels.shape[:2]
        cut_rows, cut_columns = round(height * share), round(width * share)
        top, left = (int(random.integers(cut + 1)) for cut in (cut_rows, cut_columns))
        return pixels[top : top + height - cut_rows, left : left + width - cut_columns]

    return crop


_CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "JPEG 30": compressed,
        "1/3 size": reduced,
        "+25 %": brightened(1.25),
        "-25 %": brightened(0.75),
        "mirrored": lambda pixels, _: pixels[:, ::-1],
        "crop 5 %": cropped(0.05),
        "crop 10 %": cropped(0.1),
    }
)


def distances(photos: Sequence[LabelledPhoto], hashes: UInt64Array, change: Change) -> npt.NDArray[np.int64]:
    """Bits between each photo and its changed copy (N,)."""
    random = np.random.default_rng(0)
    copies = [hash_photo(change(photo.pixels, random)) for photo in photos]
    return np.array([close_pairs(np.stack(pair), bits=128)[0][2] for pair in zip(hashes, copies, strict=True)])


def print_hash(photos: Sequence[LabelledPhoto]) -> None:
    """Share of copies found by the number of bits, and pairs of photos across folds and within a group."""
    hashes = np.stack([hash_photo(photo.pixels) for photo in photos])
    apart = {name: distances(photos, hashes, change) for name, change in _CHANGES.items()}
    pairs = [(photos[one], photos[other], bits) for one, other, bits in close_pairs(hashes, bits=max(_BITS))]
    print(f"{'bits':>4}" + "".join(f"{name:>10}" for name in apart) + f"{'folds':>10}{'group':>10}")
    for limit in _BITS:
        near = [(one, other) for one, other, bits in pairs if bits <= limit]
        across = sum(one.fold != other.fold for one, other in near)
        within = sum(one.group == other.group for one, other in near)
        found = "".join(f"{np.mean(bits <= limit):10.3f}" for bits in apart.values())
        print(f"{limit:4}{found}{across:10}{within:10}")


def print_embeddings(photos: Sequence[LabelledPhoto]) -> None:
    """Pairs across folds by the cosine of their embeddings."""
    config = LeakageConfig(bits=-1, cosine=min(_COSINES))
    leaks = find_leaks(photos, embeddings=teacher_embeddings(photos), config=config)
    for cosine in _COSINES:
        print(f"cosine of {cosine} or more: {sum(leak.cosine >= cosine for leak in leaks)} pairs across folds")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--teacher", type=Path, metavar="FILE", help="embeddings of scripts/teacher")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    photos = read_manifest(arguments.data, teacher=arguments.teacher)
    print_hash(photos)
    if arguments.teacher:
        print_embeddings(photos)


if __name__ == "__main__":
    main()
