"""Sets of rendered photos on disk: photos, masks and a table of what is true of them.

Masks are PNG of the photo's size: 0 background, 128 skin, 255 affected skin.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from flexura.errors import OutputUnwritable, RenderError
from flexura.records import SIGN_NAMES, UInt8Array
from flexura.synthesis.render import RenderedPhoto, render
from flexura.synthesis.spec import SkinSpec, draw_spec

SKIN_LEVEL, LESION_LEVEL = 128, 255
TRUTH_COLUMNS = ("file", "mask", "seed", "tone", "framing", *SIGN_NAMES, "area_fraction")


@dataclass(frozen=True)
class SetConfig:
    """How a set is written."""

    size: tuple[int, int] = (384, 512)  # height and width in pixels
    photo_format: Literal["jpeg", "png"] = "jpeg"
    jpeg_quality: int = 92  # 1-100, of the file; the rendered camera has compressed before


def write_set(
    out_dir: Path,
    *,
    count: int,
    seed: int,
    config: SetConfig | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write rendered photos with their truth.

    Parameters
    ----------
    out_dir : Path
        Folder, made if it is not there; takes `photos/`, `masks/` and `truth.csv`.
    count : int
        Number of photos, 1 or more.
    seed : int
        The set follows from it; 0 or more. Each photo's own seed is a column of the table, and
        `render(draw_spec(seed, size))` gives the photo again.
    config : SetConfig | None
        Size and format; the defaults if None.
    progress : Callable[[int], None] | None
        Told the number of photos written so far, after each.

    Returns
    -------
    Path
        The table, `out_dir/truth.csv`.

    Raises
    ------
    RenderError
        Count, seed or size is out of its range.
    OutputUnwritable
        The folder or a file cannot be written.
    """
    if count < 1 or seed < 0:
        raise RenderError(f"count is {count} and seed {seed}; give a count of 1 or more and a seed of 0 or more")
    config = config or SetConfig()
    seeds = np.random.SeedSequence(seed).generate_state(count, np.uint64) >> np.uint64(1)
    try:
        for folder in ("photos", "masks"):
            (out_dir / folder).mkdir(parents=True, exist_ok=True)
        with (out_dir / "truth.csv").open("w", newline="", encoding="utf-8") as table:
            writer = csv.DictWriter(table, TRUTH_COLUMNS, lineterminator="\n")
            writer.writeheader()
            for index in range(count):
                writer.writerow(
                    _write_one(out_dir, index, spec=draw_spec(int(seeds[index]), config.size), config=config)
                )
                if progress is not None:
                    progress(index + 1)
    except OSError as error:
        raise OutputUnwritable(
            "the folder for rendered photos cannot be written; check its rights and space"
        ) from error
    return out_dir / "truth.csv"


def _write_one(out_dir: Path, index: int, *, spec: SkinSpec, config: SetConfig) -> dict[str, object]:
    photo = render(spec)
    suffix = "jpg" if config.photo_format == "jpeg" else "png"
    file, mask = f"photos/{index:06d}.{suffix}", f"masks/{index:06d}.png"
    (out_dir / file).write_bytes(encode(photo.pixels, config))
    (out_dir / mask).write_bytes(encode(mask_levels(photo), SetConfig(photo_format="png")))
    return {
        "file": file,
        "mask": mask,
        "seed": spec.seed,
        "tone": photo.tone,
        "framing": spec.framing,
        **dict(zip(SIGN_NAMES, photo.signs, strict=True)),
        "area_fraction": f"{photo.area_fraction:.6f}",
    }


def mask_levels(photo: RenderedPhoto) -> UInt8Array:
    """Give skin and affected skin of a photo as one map.

    Parameters
    ----------
    photo : RenderedPhoto
        Any rendered photo.

    Returns
    -------
    UInt8Array
        (H, W): 0 background, 128 skin, 255 affected skin.
    """
    levels = np.where(photo.skin_mask, np.uint8(SKIN_LEVEL), np.uint8(0))
    return np.where(photo.lesion_mask, np.uint8(LESION_LEVEL), levels).astype(np.uint8)


def encode(pixels: UInt8Array, config: SetConfig) -> bytes:
    """Code a picture as a file.

    Parameters
    ----------
    pixels : UInt8Array
        sRGB (H, W, 3) or a map (H, W).
    config : SetConfig
        Format and quality.

    Returns
    -------
    bytes
        The content of a JPEG (no colour subsampling) or PNG file.
    """
    ordered = pixels[..., ::-1] if pixels.ndim == 3 else pixels
    if config.photo_format == "png":
        return cv2.imencode(".png", ordered)[1].tobytes()
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        config.jpeg_quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    return cv2.imencode(".jpg", ordered, options)[1].tobytes()
