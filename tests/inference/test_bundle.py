"""A bundle is taken whole or refused with its reason; nothing in it is guessed."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flexura.decision.taxonomy import TAXONOMY
from flexura.errors import BundleMismatch, BundleMissing
from flexura.inference.bundle import DESCRIPTION_FILE, load_bundle, sha256_of, write_description
from flexura.inference.graphs import ANSWER, LOOK

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the bundle that may be damaged."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


def change_description(folder: Path, change: Change) -> None:
    path = folder / DESCRIPTION_FILE
    description = json.loads(path.read_text(encoding="utf-8"))
    change(description)
    path.write_text(json.dumps(description), encoding="utf-8")


def test_a_good_bundle_is_what_was_written(tiny_bundle: Path) -> None:
    bundle = load_bundle(tiny_bundle)
    assert (bundle.look, bundle.answer) == (tiny_bundle / LOOK.file, tiny_bundle / ANSWER.file)
    assert bundle.side == 64
    assert (bundle.info.name, bundle.info.version) == ("flexura-tiny", "test")
    hashes = f"{sha256_of(bundle.look)}\n{sha256_of(bundle.answer)}"
    assert bundle.info.sha256 == hashlib.sha256(hashes.encode()).hexdigest()
    assert bundle.origin == {"recipe": "none"}
    assert bundle.calibration.labels == TAXONOMY
    assert bundle.calibration.temperature == 1.5
    assert bundle.calibration.distance.quantiles == (0.0, 2.0, 4.0, 6.0, 8.0)


def test_the_shipped_bundle_is_for_this_flexura() -> None:
    assert load_bundle().calibration.labels == TAXONOMY


def test_sha256_of_the_standards_example(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("name", [DESCRIPTION_FILE, LOOK.file, ANSWER.file])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BundleMissing, match=name) as caught:
        load_bundle(folder)
    assert caught.value.code == "bundle_missing"


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": "\xff"}'])
def test_a_description_that_is_no_json_is_refused(folder: Path, content: bytes) -> None:
    (folder / DESCRIPTION_FILE).write_bytes(content)
    with pytest.raises(BundleMismatch, match="not JSON"):
        load_bundle(folder)


@pytest.mark.parametrize("content", ["[]", "{}", "7", "null"])
def test_a_description_of_another_shape_is_refused(folder: Path, content: str) -> None:
    (folder / DESCRIPTION_FILE).write_text(content)
    with pytest.raises(BundleMismatch, match="must hold exactly calibration, context_names"):
        load_bundle(folder)


@pytest.mark.parametrize("name", [LOOK.file, ANSWER.file])
def test_one_changed_byte_of_a_graph_is_noticed(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleMismatch, match="SHA-256") as caught:
        load_bundle(folder)
    assert caught.value.code == "bundle_mismatch"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: it["sha256"].update({"look.onnx": "ab" * 32}), "expected abababababab"),
        (lambda it: it.update(format="flexura.bundle/1"), "format is 'flexura.bundle/1'"),
        (lambda it: it.update(preprocessing_version="squeeze-0"), "preprocessing_version is 'squeeze-0'"),
        (lambda it: it["context_names"].reverse(), "context_names is"),
        (lambda it: it["finding_names"].pop(), "finding_names is"),
        (lambda it: it["sha256"].pop("answer.onnx"), "one hash of each graph"),
        (lambda it: it.update(sha256="ab" * 32), "one hash of each graph"),
        (lambda it: it.pop("figures"), "must hold exactly"),
        (lambda it: it.update(licence="none"), "must hold exactly"),
        (lambda it: it["model"].pop("intended_use"), "model in the bundle must hold exactly"),
        (lambda it: it.update(model="flexura-tiny"), "model in the bundle must hold exactly"),
        (lambda it: it.update(side="64"), "side is '64'"),
        (lambda it: it.update(side=0), "side is 0"),
        (lambda it: it.update(side=True), "side is True"),
        (lambda it: it.update(side=100), "side is 100"),
        (lambda it: it["calibration"]["codes"].__setitem__(0, "measles"), "measles"),
        (lambda it: it["calibration"]["codes"].__setitem__(0, "psoriasis"), "impossible in codes"),
        (lambda it: it["calibration"].update(temperature=-1), "impossible in temperature"),
        (lambda it: it.update(calibration=None), "calibration in the bundle must hold exactly"),
    ],
)
def test_a_description_that_promises_something_else_is_refused(folder: Path, change: Change, message: str) -> None:
    change_description(folder, change)
    with pytest.raises(BundleMismatch, match=message) as caught:
        load_bundle(folder)
    assert caught.value.code == "bundle_mismatch"


def test_a_description_is_never_written_incomplete(folder: Path, tiny_bundle: Path) -> None:
    written, bundle = (folder / DESCRIPTION_FILE).read_bytes(), load_bundle(tiny_bundle)
    with pytest.raises(BundleMismatch, match="model"):
        write_description(
            folder, side=64, calibration=bundle.calibration, model={"name": "nameless"}, origin={}, figures={}
        )
    assert (folder / DESCRIPTION_FILE).read_bytes() == written
