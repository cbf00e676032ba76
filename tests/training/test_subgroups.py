"""Subgroups, diagnoses and confusion by hand: forty photos, of which the first twenty are always right."""

from pathlib import Path

import numpy as np
import pytest

from flexura.errors import ManifestError
from flexura.training.datasets import CODES, LabelledPhoto
from flexura.training.subgroups import (
    Subgroup,
    code_figures,
    first_readings,
    group_confusion,
    subgroup_figures,
    subgroups,
)

ATOPIC, ACNE, PSORIASIS = (CODES.index(code) for code in ("atopic_dermatitis", "acne", "psoriasis"))


def _photo(number: int, code: str, source: str, skin_type: int | None) -> LabelledPhoto:
    blank = np.zeros((8, 8, 3), np.uint8)
    return LabelledPhoto(f"{number}.jpg", code, source, f"patient {number}", 4, blank, skin_type=skin_type)


PHOTOS = [
    *(_photo(number, "acne", "a", 1 + number % 2) for number in range(20)),
    *(_photo(20 + number, "atopic_dermatitis", "b", 3 if number < 19 else None) for number in range(20)),
]


def _said() -> np.ndarray:
    """Acne of all photos, psoriasis second; only for atopic dermatitis that third."""
    said = np.full((40, len(CODES)), 1e-4)
    said[:, ACNE], said[:, PSORIASIS] = 0.6, 0.3
    said[20:, ATOPIC] = 0.05
    return said / said.sum(1, keepdims=True)


def test_groups_are_of_twenty_photos_at_least_and_the_whole_comes_first() -> None:
    readings = {f"{number}.jpg": {"fitzpatrick": "5", "site": "left_forearm"} for number in range(10, 30)}
    readings["0.jpg"] = {"fitzpatrick": "", "site": "unknown"}
    found = {group.title: group.places for group in subgroups(PHOTOS, readings)}
    first, read, last = tuple(range(20)), tuple(range(10, 30)), tuple(range(20, 40))
    # Nineteen photos of type 3 are too few.
    assert list(found.items()) == [
        ("all", first + last),
        ("site: left forearm", read),
        ("skin type 1-2, of the source", first),
        ("skin type 5-6, of the reading", read),
        ("source: a", first),
        ("source: b", last),
    ]


@pytest.mark.parametrize(
    ("skin_type", "pair"), [(1, "1-2"), (2, "1-2"), (3, "3-4"), (4, "3-4"), (5, "5-6"), (6, "5-6")]
)
def test_skin_types_are_put_together_two_by_two(skin_type: int, pair: str) -> None:
    photos = [_photo(number, "acne", "a", skin_type) for number in range(20)]
    assert [group.name for group in subgroups(photos, {}) if group.by == "skin_type_told"] == [pair]


def test_each_group_is_measured_on_its_own_photos() -> None:
    groups = (Subgroup("all", "", tuple(range(40))), Subgroup("source", "b", tuple(range(20, 40))))
    found = subgroup_figures(_said(), PHOTOS, groups)
    whole, other = found["all"], found["source: b"]
    assert (whole["photos"], whole["top1"], whole["top3"], whole["eczema_photos"]) == (40, 0.5, 1.0, 20)
    # Eczema is said with more than a trace only of eczema: all of it ranks above the rest.
    assert whole["eczema_auc"] == 1.0
    assert (other["by"], other["name"], other["photos"], other["top1"], other["top3"]) == ("source", "b", 20, 0.0, 1.0)
    # Never right, whoever is drawn, and how sure it is is how wrong; without other diseases there is no AUC.
    assert other["interval"] == {"low": 0.0, "high": 0.0}
    assert other["calibration_error"] == pytest.approx(0.6 / _raw_sum(), rel=1e-6)
    assert other["eczema_auc"] is None


def _raw_sum() -> float:
    return 0.6 + 0.3 + 0.05 + (len(CODES) - 3) * 1e-4


def test_photos_of_one_patient_have_no_interval() -> None:
    photos = [PHOTOS[0]] * 20
    found = subgroup_figures(_said()[:20], photos, (Subgroup("all", "", tuple(range(20))),))
    assert found["all"]["interval"] is None


def test_each_diagnosis_is_counted_by_hand() -> None:
    found = code_figures(_said(), np.array([photo.label for photo in PHOTOS]))
    assert list(found) == ["atopic_dermatitis", "acne"]
    assert found["acne"] == {"photos": 20, "first": 20, "among three": 20, "said": 40, "instead": {}}
    assert found["atopic_dermatitis"] == {
        "photos": 20,
        "first": 0,
        "among three": 20,
        "said": 0,
        "instead": {"acne": 20},
    }


def test_confusion_is_of_groups_of_diagnoses() -> None:
    found = group_confusion(_said(), np.array([photo.label for photo in PHOTOS]))
    assert found["eczema"]["inflammatory"] == 20
    assert found["inflammatory"]["inflammatory"] == 20
    assert sum(count for row in found.values() for count in row.values()) == 40


def test_the_first_reading_of_a_photo_counts(tmp_path: Path) -> None:
    assert first_readings(tmp_path) == {}
    (tmp_path / "readings.csv").write_text("file,fitzpatrick\na.jpg,2\na.jpg,3\n", encoding="utf-8")
    assert first_readings(tmp_path) == {"a.jpg": {"file": "a.jpg", "fitzpatrick": "2"}}
    (tmp_path / "readings.csv").write_text("photo\na.jpg\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="file"):
        first_readings(tmp_path)
