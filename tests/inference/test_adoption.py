"""Adopting, going back and the log: what passed comes into force, what changed on disk does not answer."""

import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flexura.errors import BundleMismatch, BundleMissing, StoreConflict
from flexura.inference import adoption
from flexura.inference.bundle import DESCRIPTION_FILE, load_bundle
from flexura.settings import build_predictor, read_settings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def made(tiny_bundle, tmp_path):
    """Makes a bundle of another version."""

    def make(version: str) -> Path:
        folder = shutil.copytree(tiny_bundle, tmp_path / version)
        description = json.loads((folder / DESCRIPTION_FILE).read_text())
        description["model"]["version"] = version
        (folder / DESCRIPTION_FILE).write_text(json.dumps(description))
        return Path(folder)

    return make


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models"


def adopt(folder, bundle):
    name = adoption.keep(folder, bundle)
    planned = adoption.plan_adoption(folder, name, by="mona", now=NOW, comparison="c" * 64)
    adoption.put_in_force(folder, planned)
    return name


def go_back(folder):
    planned = adoption.plan_rollback(folder, by="mona", now=NOW)
    adoption.put_in_force(folder, planned)
    return planned.bundle


def test_without_a_line_the_shipped_bundle_is_in_force(folder):
    assert adoption.find_in_force(folder) is None
    assert adoption.read_log(folder) == ()


def test_going_back_walks_through_what_was_adopted_and_adds_to_the_log(folder, made):
    shipped = adoption.identify(None)
    first, second = adopt(folder, made("1")), adopt(folder, made("2"))
    assert adoption.find_in_force(folder) == folder / second
    assert go_back(folder) == first
    third = adopt(folder, made("3"))
    assert (go_back(folder), go_back(folder)) == (first, shipped)
    assert adoption.find_in_force(folder) == folder / shipped  # a copy: a new flexura ships another one
    with pytest.raises(StoreConflict, match="nothing to go back"):
        go_back(folder)
    log = adoption.read_log(folder)
    assert [(line.action, line.version) for line in log[:4]] == [
        ("adopt", "1"),
        ("adopt", "2"),
        ("rollback", "1"),
        ("adopt", "3"),
    ]
    assert (log[3].bundle, log[3].replaces, log[3].by, log[3].at) == (third, first, "mona", NOW.isoformat())


def test_going_back_to_the_shipped_bundle_takes_less_than_a_minute_until_it_can_answer(tmp_path, folder, made):
    adopt(folder, made("1"))
    begun = time.monotonic()
    back = go_back(folder)
    predictor = build_predictor(replace(read_settings({}), data_dir=tmp_path))
    assert time.monotonic() - begun < 60
    assert (back, predictor.bundle.info) == (adoption.identify(None), load_bundle(None).info)


def test_the_bundle_in_force_is_not_adopted_again(folder, made):
    bundle = made("1")
    adopt(folder, bundle)
    with pytest.raises(StoreConflict, match="already"):
        adopt(folder, bundle)


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_a_bundle_that_was_changed_does_not_answer(folder, made, harm):
    name = adopt(folder, made("1"))
    if harm == "remove":
        shutil.rmtree(folder / name)
    else:
        (folder / name / DESCRIPTION_FILE).write_text("{}")
    with pytest.raises(BundleMismatch, match="gone or changed"):
        adoption.find_in_force(folder)


def test_a_log_that_cannot_be_read_is_no_shipped_bundle(folder):
    folder.mkdir()
    (folder / adoption.LOG_FILE).write_text('{"at": ')
    with pytest.raises(BundleMismatch, match="cannot be read"):
        adoption.find_in_force(folder)


def test_what_is_no_bundle_is_not_kept(folder, tmp_path):
    with pytest.raises(BundleMissing):
        adoption.keep(folder, tmp_path)
    assert not folder.exists()


GOOD = {"schema": adoption.COMPARISON, "current": "a", "candidate": "b", "reasons": []}


def test_a_comparison_that_passed_lets_it_through():
    adoption.check_comparison(GOOD, "a", "b")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": "other"}, "no comparison"),
        ({"current": "x"}, "other bundles"),
        ({"candidate": "x"}, "other bundles"),
        ({"reasons": ["site hand: -0.1"]}, "stays refused"),
        ({"reasons": None}, "stays refused"),
    ],
)
def test_any_other_comparison_does_not(change, told):
    with pytest.raises(StoreConflict, match=told):
        adoption.check_comparison(GOOD | change, "a", "b")
