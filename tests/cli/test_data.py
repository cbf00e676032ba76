"""Import and audit from the command line."""

import cv2
import pytest

from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec


@pytest.fixture
def clinic(tmp_path):
    """Six photos of one code."""
    folder = tmp_path / "clinic" / "acne"
    folder.mkdir(parents=True)
    for seed in range(6):
        pixels = render(SkinSpec(seed, 1 + seed, (2, 1, 0, 0, 0, 1), 0.3, size=(72, 96))).pixels
        cv2.imwrite(str(folder / f"{seed}.png"), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return tmp_path / "clinic"


def test_photos_come_in_and_their_folds_hold(run, clinic, tmp_path):
    result = run("data", "import", "folder", clinic, "--out", tmp_path / "data", "--name", "north")
    assert result.exit_code == 0, result.stderr
    assert "6 photos in 6 groups" in result.stdout
    assert (tmp_path / "data" / "photos" / "north" / "acne" / "0.png").is_file()
    audited = run("data", "audit", tmp_path / "data")
    assert audited.exit_code == 0, audited.stderr
    assert "6 photos, no near-duplicates" in audited.stdout


def test_a_leak_is_told_by_name_and_exit_status(run, clinic, tmp_path):
    (clinic / "acne" / "again.png").write_bytes((clinic / "acne" / "0.png").read_bytes())
    files = [*(f"acne/{seed}.png" for seed in range(6)), "acne/again.png"]
    rows = [f"{file},acne,p{number},{number % 5}" for number, file in enumerate(files)]
    (clinic / "list.csv").write_text("\n".join(["file,code,patient,fold", *rows]) + "\n", encoding="utf-8")
    assert run("data", "import", "csv", clinic, "--out", tmp_path / "data").exit_code == 0
    audited = run("data", "audit", tmp_path / "data")
    assert audited.exit_code == 2
    assert "csv/acne/0.png and csv/acne/again.png" in audited.stderr
    assert "leakage_found" in audited.stderr


def test_what_was_left_out_is_said(run, clinic, tmp_path):
    (clinic / "acne").rename(clinic / "Akne")
    (clinic / "anderes").mkdir()
    (clinic / "Akne" / "5.png").rename(clinic / "anderes" / "5.png")
    words = tmp_path / "words.csv"
    words.write_text("label,code\nAkne,acne\nanderes,\n", encoding="utf-8")
    options = ("--labels", words, "--out", tmp_path / "data")
    result = run("data", "import", "folder", clinic, *options)
    assert result.exit_code == 0, result.stderr
    assert "'anderes' (1)" in result.stderr


def test_an_unknown_set_is_wrong_usage(run, clinic, tmp_path):
    result = run("data", "import", "imagenet", clinic, "--out", tmp_path / "data")
    assert result.exit_code == 2
    assert "manifest_invalid" in result.stderr
