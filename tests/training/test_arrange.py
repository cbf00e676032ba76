from dataclasses import replace
from pathlib import Path

import pytest

from flexura.errors import LeakageError, ManifestError
from flexura.training.arrange import arrange
from flexura.training.datasets import LabelledPhoto
from flexura.training.predictions import ECZEMA
from flexura.training.recipe import DataConfig, Recipe, StageConfig

GENERAL = StageConfig("general")
DATA = DataConfig(train_folds=(0, 1, 2), watch_folds=(3,), unseen_sources=("home",), calibration_one_in=4, scin="")


def _recipe(data: DataConfig) -> Recipe:
    return Recipe("test", (GENERAL,), data=data)


def test_nobody_is_both_taught_and_watched(photos: list[LabelledPhoto], data_folder: Path) -> None:
    arranged = arrange(photos, _recipe(replace(DATA, least_photos=1)), data_folder)
    training = {photo.file for photo in arranged.training}
    watched = {name: {photo.file for photo in group} for name, group in arranged.watched.items()}
    assert set(watched) == {"watch", "calibration", "unseen"}
    assert training
    for group in watched.values():
        assert not training & group
    assert {photo.fold for photo in arranged.training} == {0, 1, 2}
    # Fifteen photos of the source kept out, in all folds; twelve of its like are left, three in the watched fold.
    assert (len(watched["unseen"]), len(watched["watch"])) == (15, 3)
    assert len(training) + len(watched["calibration"]) == 9


def test_stages_choose_their_photos(photos: list[LabelledPhoto], data_folder: Path) -> None:
    arranged = arrange(photos, _recipe(replace(DATA, unseen_sources=(), watch_folds=())), data_folder)
    eczema = arranged.batches(replace(GENERAL, photos="eczema"), seed=0).photos
    assert eczema
    assert all(ECZEMA[photo.label] for photo in eczema)
    graded = arranged.batches(replace(GENERAL, photos="graded"), seed=0).photos
    assert graded
    assert all(photo.reading is not None for photo in graded)
    assert len(arranged.batches(GENERAL, seed=0).photos) == len(arranged.training)


def test_too_few_photos_of_a_code_are_named_before_anything_runs(
    photos: list[LabelledPhoto], data_folder: Path
) -> None:
    few = [photo for photo in photos if photo.code != "psoriasis"] + [p for p in photos if p.code == "psoriasis"][:2]
    data = DataConfig(train_folds=(0, 1, 2, 3, 4), scin="")
    with pytest.raises(ManifestError, match=r"too few training photos of psoriasis \(2\)"):
        arrange(few, _recipe(data), data_folder)
    assert arrange(few, _recipe(replace(data, least_photos=2)), data_folder).training


def test_a_run_without_photos_is_refused(photos: list[LabelledPhoto], data_folder: Path) -> None:
    with pytest.raises(ManifestError, match="folds 7"):
        arrange(photos, _recipe(DataConfig(train_folds=(7,), scin="")), data_folder)
    unread = [photo for photo in photos if photo.reading is None]
    arranged = arrange(unread, _recipe(replace(DATA, unseen_sources=(), least_photos=1)), data_folder)
    with pytest.raises(ManifestError, match="stage 'general'"):
        arranged.batches(replace(GENERAL, photos="graded"), seed=0)


def test_photos_are_left_out_by_name_or_pattern(photos: list[LabelledPhoto], data_folder: Path) -> None:
    data = replace(DATA, unseen_sources=(), watch_folds=(), least_photos=1)
    names = {photo.file for photo in arrange(photos, _recipe(data), data_folder).training}
    gone = replace(data, leave_out=("00.jpg", "1*.jpg"))
    left = {photo.file for photo in arrange(photos, _recipe(gone), data_folder).training}
    assert left == {name for name in names if name != "00.jpg" and not name.startswith("1")}
    with pytest.raises(ManifestError, match=r"none\*"):
        arrange(photos, _recipe(replace(data, leave_out=("none*",))), data_folder)


def test_a_copy_of_a_held_out_photo_stops_the_run(photos: list[LabelledPhoto], data_folder: Path) -> None:
    copy = replace(photos[-1], file="copy.jpg", fold=0, group="somebody else", pixels=photos[-1].pixels[:, ::-1].copy())
    data = replace(DATA, unseen_sources=(), watch_folds=(), least_photos=1)
    with pytest.raises(LeakageError, match=r"copy\.jpg"):
        arrange([*photos, copy], _recipe(data), data_folder)
    assert arrange([*photos, copy], _recipe(replace(data, audit=False)), data_folder).training
    assert arrange([*photos, copy], _recipe(replace(data, leave_out=("copy.jpg",))), data_folder).training
