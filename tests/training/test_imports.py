import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from flexura.errors import ManifestError, OutputUnwritable
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.training.datasets import read_manifest
from flexura.training.imports import ImportChoices, import_set, read_label_codes
from flexura.training.sets.every import set_named

CODES = ("psoriasis", "acne")
ONE_GROUP = ImportChoices(min_groups=1)


@pytest.fixture(scope="module")
def skins() -> list[np.ndarray]:
    """Twelve rendered photos that differ."""
    tones = [SkinSpec(seed, 1 + seed % 10, (2, 1, 0, 1, 0, 1), 0.3, size=(72, 96)) for seed in range(12)]
    return [render(spec).pixels for spec in tones]


@pytest.fixture
def clinic(tmp_path: Path, skins: list[np.ndarray]) -> Path:
    """Twelve photos of two codes in a folder per code."""
    for number, pixels in enumerate(skins):
        _write(tmp_path / "clinic" / CODES[number % 2] / f"{number}.png", pixels)
    return tmp_path / "clinic"


def _write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))


def _csv(folder: Path, columns: str, rows: list[str]) -> None:
    (folder / "photos.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")


def _rows(out: Path, name: str = "photos.csv") -> list[dict[str, str]]:
    with (out / name).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_a_folder_per_diagnosis_becomes_a_manifest_that_training_reads(clinic: Path, tmp_path: Path) -> None:
    done = import_set(set_named("folder"), clinic, tmp_path / "data")
    assert done.photos == {"psoriasis": 6, "acne": 6}
    assert done.groups == 12
    photos = read_manifest(tmp_path / "data")
    assert {photo.code for photo in photos} == set(CODES)
    for code in CODES:
        assert {photo.fold for photo in photos if photo.code == code} == {0, 1, 2, 3, 4}
    assert photos[0].pixels.shape == (72, 96, 3)
    assert photos[0].code_weights is None


def test_near_duplicates_share_a_group(clinic: Path, tmp_path: Path, skins: list[np.ndarray]) -> None:
    _write(clinic / "acne" / "again.png", np.ascontiguousarray(skins[1][:, ::-1]))
    done = import_set(set_named("folder"), clinic, tmp_path / "data")
    assert done.groups == 12
    assert sum(done.photos.values()) == 13
    groups = {row["file"]: (row["group"], row["fold"]) for row in _rows(tmp_path / "data")}
    assert groups["folder/acne/1.png"] == groups["folder/acne/again.png"]


def test_a_csv_brings_patients_sources_and_readings(clinic: Path, tmp_path: Path) -> None:
    _csv(
        clinic,
        "file,code,patient,source,skin_type,erythema,iga",
        [f"{CODES[n % 2]}/{n}.png,{CODES[n % 2]},p{n % 6},ward{n % 3},{1 + n % 6},2,3" for n in range(12)],
    )
    done = import_set(set_named("csv"), clinic, tmp_path / "data", choices=ONE_GROUP)
    assert done.groups == 6
    photos = read_manifest(tmp_path / "data")
    assert {photo.source for photo in photos} == {"ward0", "ward1", "ward2"}
    assert photos[0].skin_type == 1
    assert photos[0].reading is not None
    assert (photos[0].reading.signs[0], photos[0].reading.iga) == (2, 3)
    assert np.isnan(photos[0].reading.signs[1])


def test_folds_told_by_the_csv_are_kept_and_a_patient_in_two_is_refused(clinic: Path, tmp_path: Path) -> None:
    rows = [f"{CODES[n % 2]}/{n}.png,{CODES[n % 2]},p{n},{n % 5}" for n in range(12)]
    _csv(clinic, "file,code,patient,fold", rows)
    import_set(set_named("csv"), clinic, tmp_path / "data")
    assert [row["fold"] for row in _rows(tmp_path / "data")] == [str(n % 5) for n in range(12)]
    _csv(clinic, "file,code,patient,fold", [*rows[:11], rows[11].replace("p11", "p0")])
    with pytest.raises(ManifestError, match="more than one fold"):
        import_set(set_named("csv"), clinic, tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("fold", ["5", "", "x"])
def test_a_fold_that_is_none_is_refused(clinic: Path, tmp_path: Path, fold: str) -> None:
    _csv(clinic, "file,code,patient,fold", [f"psoriasis/{n}.png,psoriasis,p{n},{n and fold}" for n in range(0, 12, 2)])
    with pytest.raises(ManifestError, match="fold must be"):
        import_set(set_named("csv"), clinic, tmp_path / "data")


@pytest.mark.parametrize(
    ("columns", "row", "named"),
    [
        ("name,code", "a.png,acne", "lacks the columns file"),
        ("file,diagnosis", "a.png,acne", "lacks a column code"),
        ("file,code,colour", "acne/1.png,acne,red", "colour"),
        ("file,code", "acne/1.png,akne", "'akne'"),
        ("file,code", "../x.png,acne", "row 2"),
        ("file,code", "acne/99.png,acne", "1 photos of the table are not"),
        ("file,code,patient", "acne/1.png,acne,p1", "acne (1)"),
    ],
)
def test_impossible_tables_are_refused_early_and_by_name(
    clinic: Path, tmp_path: Path, columns: str, row: str, named: str
) -> None:
    _csv(clinic, columns, [row])
    with pytest.raises(ManifestError) as refused:
        import_set(set_named("csv"), clinic, tmp_path / "data")
    assert named in str(refused.value)
    assert not (tmp_path / "data").exists()


def test_a_file_named_twice_and_two_tables_are_refused(clinic: Path, tmp_path: Path) -> None:
    _csv(clinic, "file,code", ["acne/1.png,acne", "acne/1.png,acne"])
    with pytest.raises(ManifestError, match="row 3"):
        import_set(set_named("csv"), clinic, tmp_path / "data")
    (clinic / "more.csv").write_text("file,code\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="2 CSV files"):
        import_set(set_named("csv"), clinic, tmp_path / "data")


def test_missing_photos_and_codes_can_be_left_out_on_purpose(clinic: Path, tmp_path: Path) -> None:
    _csv(clinic, "file,code", ["acne/1.png,acne", "acne/99.png,acne", "psoriasis/0.png,psoriasis"])
    choices = ImportChoices(min_groups=1, skip_missing=True, leave_out=("psoriasis",))
    done = import_set(set_named("csv"), clinic, tmp_path / "data", choices=choices)
    assert (done.photos, done.missing, done.left_out) == ({"acne": 1}, 1, {"psoriasis": 1})
    all_out = ImportChoices(skip_missing=True, leave_out=CODES)
    with pytest.raises(ManifestError, match="no photo has a label"):
        import_set(set_named("csv"), clinic, tmp_path / "none", choices=all_out)
    with pytest.raises(ManifestError, match="akne"):
        import_set(
            set_named("csv"), clinic, tmp_path / "none", choices=ImportChoices(skip_missing=True, leave_out=("akne",))
        )


def test_own_words_need_a_table_of_labels(clinic: Path, tmp_path: Path) -> None:
    (clinic / "acne").rename(clinic / "Akne")
    (clinic / "psoriasis").rename(clinic / "sonstiges")
    with pytest.raises(ManifestError, match="'Akne', 'sonstiges'"):
        import_set(set_named("folder"), clinic, tmp_path / "data")
    table = tmp_path / "labels.csv"
    table.write_text("label,code\nAkne,acne\nsonstiges,\n", encoding="utf-8")
    done = import_set(
        set_named("folder"), clinic, tmp_path / "data", choices=ImportChoices(labels=read_label_codes(table))
    )
    assert (done.photos, done.left_out) == ({"acne": 6}, {"sonstiges": 6})
    table.write_text("label,code\nAkne,akne\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="akne"):
        read_label_codes(table)


def test_a_photo_that_cannot_be_read_is_refused_before_anything_is_written(clinic: Path, tmp_path: Path) -> None:
    (clinic / "acne" / "1.png").write_bytes(b"no photo")
    with pytest.raises(ManifestError, match="photo 1 of those"):
        import_set(set_named("folder"), clinic, tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_second_set_joins_a_data_folder_and_the_same_set_does_not(clinic: Path, tmp_path: Path) -> None:
    import_set(set_named("folder"), clinic, tmp_path / "data")
    before = (tmp_path / "data" / "photos.csv").read_text(encoding="utf-8")
    _csv(clinic, "file,code,patient", ["acne/1.png,acne,p1"])
    import_set(set_named("csv"), clinic, tmp_path / "data", choices=ONE_GROUP)
    assert (tmp_path / "data" / "photos.csv").read_text(encoding="utf-8").startswith(before)
    assert len(read_manifest(tmp_path / "data")) == 13
    with pytest.raises(ManifestError, match="already"):
        import_set(set_named("csv"), clinic, tmp_path / "data", choices=ONE_GROUP)


def test_a_data_folder_that_cannot_be_made_is_told(clinic: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputUnwritable):
        import_set(set_named("folder"), clinic, tmp_path / "data")


def test_weights_of_several_readers_become_soft_labels(clinic: Path, tmp_path: Path) -> None:
    (clinic / "dataset" / "images").mkdir(parents=True)
    (clinic / "acne" / "1.png").rename(clinic / "dataset" / "images" / "1.png")
    weights = "{'Eczema': 0.4, 'Acute dermatitis, NOS': 0.3, 'Tinea': 0.2, 'a rare thing': 0.1}"
    (clinic / "scin_cases.csv").write_text(
        "case_id,fitzpatrick_skin_type,image_1_path,image_2_path,image_3_path\nc,FST4,dataset/images/1.png,,\n",
        encoding="utf-8",
    )
    (clinic / "scin_labels.csv").write_text(f'case_id,weighted_skin_condition_label\nc,"{weights}"\n', encoding="utf-8")
    import_set(set_named("scin"), clinic, tmp_path / "data", choices=ONE_GROUP)
    (photo,) = read_manifest(tmp_path / "data")
    assert photo.code_weights is not None
    assert photo.code == "eczema_unspecified"
    assert photo.code_weights[photo.label] == pytest.approx(0.7)
    assert photo.code_weights.sum() == pytest.approx(0.9)
    assert photo.target[photo.label] == pytest.approx(7 / 9)
    assert photo.target.sum() == pytest.approx(1)
    assert (photo.group, photo.skin_type) == ("scin:c", 4)
