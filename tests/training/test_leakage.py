from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flexura.errors import LeakageError, ManifestError
from flexura.training.datasets import LabelledPhoto
from flexura.training.leakage import (
    LeakageConfig,
    audit,
    find_leaks,
    read_allowed,
    refuse_leaks,
    teacher_embeddings,
)

STRICT = LeakageConfig(bits=0)


def _with_copy(photos: list[LabelledPhoto], *, fold: int) -> list[LabelledPhoto]:
    mirrored = np.ascontiguousarray(photos[0].pixels[:, ::-1])
    return [*photos, replace(photos[0], file="copy.jpg", fold=fold, group="someone", pixels=mirrored)]


def test_a_mirrored_copy_in_another_fold_is_a_leak(photos: list[LabelledPhoto]) -> None:
    (leak,) = find_leaks(_with_copy(photos, fold=3), config=LeakageConfig(bits=4))
    assert (leak.first, leak.second) == ("00.jpg", "copy.jpg")
    assert leak.bits <= 4
    assert np.isnan(leak.cosine)


def test_within_a_split_a_copy_is_none(photos: list[LabelledPhoto]) -> None:
    assert find_leaks(_with_copy(photos, fold=0), config=LeakageConfig(bits=4)) == []
    everything = find_leaks(_with_copy(photos, fold=3), split_of=lambda _: "train", config=LeakageConfig(bits=4))
    assert everything == []
    assert find_leaks([]) == []


def test_embeddings_find_what_the_hash_does_not(photos: list[LabelledPhoto]) -> None:
    embeddings = np.eye(len(photos), 40, dtype=np.float32)
    embeddings[7] = 5 * embeddings[20]
    embeddings[8], embeddings[9] = np.nan, np.nan
    (leak,) = find_leaks(photos, embeddings=embeddings, config=STRICT)
    assert {leak.first, leak.second} == {photos[7].file, photos[20].file}
    assert leak.cosine == pytest.approx(1)
    assert np.isnan(leak.bits)


def test_a_pair_seen_both_ways_is_told_once(photos: list[LabelledPhoto]) -> None:
    copied = _with_copy(photos, fold=3)
    taught = [replace(photo, teacher=np.eye(len(copied), dtype=np.float32)[n]) for n, photo in enumerate(copied)]
    taught[-1] = replace(taught[-1], teacher=taught[0].teacher)
    embeddings = teacher_embeddings(taught)
    (leak,) = find_leaks(taught, embeddings=embeddings, config=LeakageConfig(bits=4))
    assert leak.bits <= 4
    assert leak.cosine == pytest.approx(1)


def test_photos_without_a_teacher_have_no_embeddings(photos: list[LabelledPhoto]) -> None:
    assert teacher_embeddings(photos) is None
    some = [replace(photos[0], teacher=np.ones(3, np.float32)), *photos[1:]]
    embeddings = teacher_embeddings(some)
    assert embeddings is not None
    assert np.isnan(embeddings[1:]).all()


def test_a_leak_stops_and_names_ten_pairs_at_most(photos: list[LabelledPhoto]) -> None:
    leaks = find_leaks(photos, config=LeakageConfig(bits=128))
    with pytest.raises(LeakageError) as stopped:
        refuse_leaks(leaks)
    assert str(len(leaks)) in str(stopped.value)
    assert str(stopped.value).count(" and ") == 11  # ten pairs, and "group and fold"


def test_a_pair_that_was_looked_at_is_allowed(photos: list[LabelledPhoto], tmp_path: Path) -> None:
    copied = _with_copy(photos, fold=3)
    with pytest.raises(LeakageError, match=r"00\.jpg and copy\.jpg"):
        audit(copied, tmp_path, config=LeakageConfig(bits=4))
    (tmp_path / "allowed_pairs.csv").write_text(
        "first,second,why\ncopy.jpg,00.jpg,two hands of one atlas plate\n", encoding="utf-8"
    )
    audit(copied, tmp_path, config=LeakageConfig(bits=4))
    assert read_allowed(tmp_path) == {frozenset(("00.jpg", "copy.jpg"))}
    (tmp_path / "allowed_pairs.csv").write_text("one,two\na,b\n", encoding="utf-8")
    with pytest.raises(ManifestError, match="first"):
        read_allowed(tmp_path)
