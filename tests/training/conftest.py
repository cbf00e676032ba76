"""A small data folder as `../shared/data` has it, filled with rendered skin."""

import csv
from pathlib import Path

import cv2
import pytest

from flexura.records import SIGN_NAMES
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode, mask_levels
from flexura.training.datasets import LabelledPhoto, read_manifest

CODE_OF_NUMBER = ("atopic_dermatitis", "psoriasis", "contact_dermatitis")
FOLDS, PER_FOLD = 5, 6
_READING = ("file", "reading", "usable", "site", "area_percent", "iga", *SIGN_NAMES)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty photos of three codes from two sources in five folds; every second one is read and outlined."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "photos").mkdir()
    (folder / "outlines").mkdir()
    photos, readings = [], []
    for number in range(FOLDS * PER_FOLD):
        fold, code = number // PER_FOLD, CODE_OF_NUMBER[number % 3]
        signs = (1 + number % 3, number % 4, 0, number % 2, 1, 2)
        spec = SkinSpec(seed=number, tone=1 + number % 10, signs=signs, area=0.3, size=(96, 128), lighting="even")
        skin, name = render(spec), f"{number:02d}.jpg"
        (folder / "photos" / name).write_bytes(encode(skin.pixels, SetConfig()))
        source = "clinic" if number % 2 else "home"
        photos.append({"file": name, "code": code, "source": source, "group": f"patient {number}", "fold": fold})
        if number % 2 == 0:
            cv2.imwrite(str(folder / "outlines" / f"{number:02d}.png"), mask_levels(skin))
            graded = dict(zip(SIGN_NAMES, signs, strict=True))
            readings.append(
                {"file": name, "reading": 1, "usable": 1, "site": "forearm", "area_percent": 30, "iga": 2} | graded
            )
    _write(folder / "photos.csv", ("file", "code", "source", "group", "fold"), photos)
    _write(folder / "readings.csv", _READING, readings)
    return folder


def _write(path: Path, columns: tuple[str, ...], rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as opened:
        table = csv.DictWriter(opened, columns)
        table.writeheader()
        table.writerows(rows)


@pytest.fixture(scope="session")
def photos(data_folder: Path) -> list[LabelledPhoto]:
    """Those photos with their labels."""
    return read_manifest(data_folder)
