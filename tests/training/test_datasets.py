import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import ManifestError
from flexura.synthesis.write import SetConfig, write_set
from flexura.training.datasets import (
    CODES,
    LabelledPhoto,
    kept_for_calibration,
    manifest_sha256,
    outline_maps,
    own_context,
    read_manifest,
    read_rendered,
)


def _edited(data_folder: Path, out: Path, table: str, old: str, new: str) -> Path:
    shutil.copytree(data_folder, out, dirs_exist_ok=True)
    text = (out / table).read_text(encoding="utf-8")
    assert old in text
    (out / table).write_text(text.replace(old, new, 1), encoding="utf-8")
    return out


def test_labels_readings_and_outlines_meet_their_photos(photos: list[LabelledPhoto]) -> None:
    assert len(photos) == 30
    read, unread = photos[4], photos[5]
    assert (read.code, read.source, read.fold, read.group) == ("psoriasis", "home", 0, "patient 4")
    assert read.reading is not None
    assert read.reading.signs.tolist() == [2, 0, 0, 0, 1, 2]
    assert (read.reading.iga, read.reading.area_fraction, read.reading.site) == (2, 0.3, "forearm")
    assert unread.reading is None
    assert unread.outline is None
    maps = outline_maps(read)
    assert maps is not None
    lesion, skin = maps[..., 0], maps[..., 1]
    assert (lesion <= skin).all()
    assert lesion.sum() / skin.sum() == pytest.approx(0.3, abs=0.06)


def test_two_readings_of_a_photo_are_averaged_and_unusable_ones_left_out(data_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(data_folder, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "readings.csv").open("a", encoding="utf-8") as opened:
        # file, reading, usable, site, area, iga, six signs
        opened.write("00.jpg,2,1,forearm,50,3,3,,0,0,1,0\n00.jpg,3,0,forearm,99,4,3,3,3,3,3,3\n")
    reading = read_manifest(tmp_path)[0].reading
    assert reading is not None
    assert reading.signs.tolist() == [2, 0, 0, 0, 1, 1]
    assert (reading.iga, reading.area_fraction) == (2.5, pytest.approx(0.4))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("psoriasis", "soriasis", "soriasis"),
        ("file,code", "name,code", "file"),
        ("00.jpg", "99.jpg", "cannot be read"),
        ("patient 29", "patient 0", "more than one fold"),
    ],
)
def test_impossible_manifests_are_refused_by_name(
    data_folder: Path, tmp_path: Path, old: str, new: str, named: str
) -> None:
    folder = _edited(data_folder, tmp_path / "data", "photos.csv", old, new)
    with pytest.raises(ManifestError) as refused:
        read_manifest(folder)
    assert named in str(refused.value)


def test_a_teacher_gives_features_and_saliency_by_file(
    photos: list[LabelledPhoto], data_folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "teacher.npz"
    features, saliency = np.full((1, 768), 0.5, np.float32), np.full((1, 56, 56), 255, np.uint8)
    np.savez_compressed(path, files=np.array([photos[3].file]), features=features, saliency=saliency)
    taught = read_manifest(data_folder, teacher=path)
    assert [n for n, photo in enumerate(taught) if photo.teacher is not None] == [3]
    assert taught[3].teacher is not None
    assert taught[3].teacher.tolist() == [0.5] * 768
    assert taught[3].saliency is not None
    assert (taught[3].saliency == 255).all()


def test_a_teacher_that_is_none_or_of_other_photos_is_refused(data_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "teacher.npz"
    with pytest.raises(ManifestError, match=r"teacher.npz cannot be read; write it with scripts/teacher"):
        read_manifest(data_folder, teacher=path)
    path.write_bytes(b"no archive")
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(data_folder, teacher=path)
    np.savez_compressed(path, files=np.array(["elsewhere.jpg"]), features=np.zeros((1, 768)), saliency=np.zeros((1, 2)))
    with pytest.raises(ManifestError, match="is of other photos"):
        read_manifest(data_folder, teacher=path)


def test_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError):
        read_manifest(tmp_path)


def test_hash_follows_labels_and_readings_but_not_other_files(data_folder: Path, tmp_path: Path) -> None:
    same = tmp_path / "same"
    shutil.copytree(data_folder, same)
    (same / "notes.txt").write_text("x", encoding="utf-8")
    assert manifest_sha256(same) == manifest_sha256(data_folder)
    for number, (table, old, new) in enumerate((("photos.csv", "home", "away"), ("readings.csv", ",30,", ",31,"))):
        edited = _edited(data_folder, tmp_path / str(number), table, old, new)
        assert manifest_sha256(edited) != manifest_sha256(data_folder)


def test_calibration_takes_whole_patients_of_the_training_folds(photos: list[LabelledPhoto]) -> None:
    folds = (0, 1, 2, 3)
    kept = [photo for photo in photos if kept_for_calibration(photo, folds=folds, one_in=3)]
    assert 0 < len(kept) < 24
    assert all(photo.fold in folds for photo in kept)
    twin = LabelledPhoto("other.jpg", "psoriasis", "clinic", kept[0].group, kept[0].fold, kept[0].pixels)
    assert kept_for_calibration(twin, folds=folds, one_in=3)
    assert not any(kept_for_calibration(photo, folds=folds, one_in=0) for photo in photos)


def test_context_of_a_photo_is_what_its_reading_and_source_say(photos: list[LabelledPhoto]) -> None:
    read = own_context(photos[4])
    known = {name: value for name, value in zip(CONTEXT_NAMES, read.tolist(), strict=True) if not np.isnan(value)}
    assert sum(known.values()) == 1
    assert known["site_arm"] == 1
    assert np.isnan(own_context(photos[5])).all()


def test_rendered_sets_bring_signs_and_masks_but_no_diagnosis(tmp_path: Path) -> None:
    write_set(tmp_path, count=3, seed=5, config=SetConfig(size=(96, 128)))
    rendered = read_rendered(tmp_path)
    with (tmp_path / "truth.csv").open(newline="", encoding="utf-8") as opened:
        truth = list(csv.DictReader(opened))
    assert [photo.file for photo in rendered] == [row["file"] for row in truth]
    for photo, row in zip(rendered, truth, strict=True):
        maps = outline_maps(photo)
        assert maps is not None
        assert photo.reading is not None
        assert maps[..., 0].sum() / maps[..., 1].sum() == pytest.approx(float(row["area_fraction"]), abs=1e-3)
        assert photo.reading.signs[0] == float(row["erythema"])
        assert photo.code == "rendered"


@pytest.mark.parametrize(
    ("row", "named"),
    [("00.jpg,soriasis,0.5", "soriasis"), ("00.jpg,psoriasis,0", "above 0"), ("00.jpg,psoriasis,x", "no number")],
)
def test_impossible_weights_are_refused(data_folder: Path, tmp_path: Path, row: str, named: str) -> None:
    shutil.copytree(data_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "labels.csv").write_text(f"file,code,weight\n{row}\n", encoding="utf-8")
    with pytest.raises(ManifestError, match=named):
        read_manifest(tmp_path)


def test_soft_labels_are_the_target_and_change_the_hash(data_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(data_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "labels.csv").write_text(
        "file,code,weight\n00.jpg,psoriasis,0.2\n00.jpg,atopic_dermatitis,0.6\n", encoding="utf-8"
    )
    weighted, plain = read_manifest(tmp_path)[:2]
    assert weighted.target[CODES.index("atopic_dermatitis")] == pytest.approx(0.75)
    assert weighted.target[CODES.index("psoriasis")] == pytest.approx(0.25)
    assert plain.target[plain.label] == 1
    assert plain.target.sum() == 1
    assert manifest_sha256(tmp_path) != manifest_sha256(data_folder)
