"""`batch` from the outside: a folder and a manifest, results of both kinds, going on after a stop, exit statuses."""

import csv
import json
import shutil

import jsonschema
import pytest

from flexura.cli import progress
from flexura.decision.document import assessment_schema


def documents(path):
    return {document.pop("file"): document for document in map(json.loads, path.read_text().splitlines())}


@pytest.fixture
def folder(tmp_path, photo_file, text_file, grey_file):
    """A good photo, a text and a wall, in a folder and a folder in it."""
    folder = tmp_path / "photos"
    (folder / "arm").mkdir(parents=True)
    shutil.move(photo_file, folder / "arm" / "1.jpg")
    shutil.move(text_file, folder / "notes.jpg")
    shutil.move(grey_file, folder / "wall.png")
    return folder


def test_every_file_of_a_folder_gets_its_line_and_the_worst_status_wins(run, folder, tmp_path):
    out = tmp_path / "results.jsonl"
    result = run("batch", folder, "--out", out, "--workers", 2)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "3 photos, 2 of them refused" in result.stderr
    answers = documents(out)
    assert list(answers) == ["arm/1.jpg", "notes.jpg", "wall.png"]
    jsonschema.validate(answers["arm/1.jpg"], assessment_schema())
    assert [reason["code"] for reason in answers["notes.jpg"]["reasons"]] == ["not_an_image"]
    assert "not_enough_skin" in [reason["code"] for reason in answers["wall.png"]["reasons"]]
    assert answers["wall.png"]["photo"]["index"] == answers["wall.png"]["photo"]["of"] == 3


def test_refusals_are_the_documents_of_assess(run, folder, tmp_path):
    out = tmp_path / "results.jsonl"
    run("batch", folder, "--out", out)
    alone = run("assess", *sorted(path for path in folder.rglob("*") if path.is_file()), "--json").stdout
    expected = [json.loads(line) for line in alone.splitlines()]
    answers = list(documents(out).values())
    for document in (expected[0], answers[0]):
        del document["timings_ms"]
    assert answers == expected


def test_a_manifest_gives_each_photo_its_context(run, folder, tmp_path):
    manifest, out = folder / "patients.csv", tmp_path / "results.jsonl"
    manifest.write_text("file,site\narm/1.jpg,left_popliteal_fossa\n")
    result = run("batch", manifest, "--out", out)
    assert result.exit_code == 0
    assert documents(out)["arm/1.jpg"]["photo"]["site"] == "left_popliteal_fossa"


def test_a_refused_photo_keeps_the_red_flags_of_what_was_told(run, folder, tmp_path):
    manifest, out = folder / "patients.csv", tmp_path / "results.csv"
    manifest.write_text("file,warning_signs\nwall.png,punched_out_erosions\nnotes.jpg,\n")
    assert run("batch", manifest, "--out", out).exit_code == 3
    with out.open(newline="") as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines)}
    assert (rows["wall.png"]["status"], rows["wall.png"]["red_flags"]) == ("refused", "Eczema herpeticum")
    assert rows["notes.jpg"]["red_flags"] == ""


def test_a_table_of_results_has_a_row_for_each_photo(run, folder, tmp_path):
    out = tmp_path / "results.csv"
    assert run("batch", folder, "--out", out).exit_code == 3
    with out.open(newline="") as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines)}
    assert rows["arm/1.jpg"]["code"] == "atopic_dermatitis"
    assert rows["arm/1.jpg"]["model"] == "flexura-tiny test"
    assert float(rows["arm/1.jpg"]["lesion_fraction_low"]) <= float(rows["arm/1.jpg"]["lesion_fraction_of_skin"])
    assert (rows["notes.jpg"]["status"], rows["notes.jpg"]["reasons"]) == ("refused", "not_an_image")


def test_resuming_assesses_what_is_left_and_speaks_of_it(run, folder, tmp_path):
    out = tmp_path / "results.jsonl"
    run("batch", folder, "--out", out)
    whole = out.read_bytes()
    first, second, third = whole.splitlines(keepends=True)
    out.write_bytes(first + third + second[:40])  # a stop has torn a line
    result = run("batch", folder, "--out", out, "--resume")
    assert result.exit_code == 3
    assert "1 photos, 1 of them refused" in result.stderr
    assert out.read_bytes() == first + third + second
    again = run("batch", folder, "--out", out, "--resume")
    assert (again.exit_code, out.read_bytes()) == (0, first + third + second)


def test_results_that_are_there_are_refused_without_resume(run, folder, tmp_path):
    out = tmp_path / "results.csv"
    out.write_text("mine\n")
    for also in ([], ["--resume"]):
        result = run("batch", folder, "--out", out, *also)
        assert result.exit_code == 2
        assert "[usage_error]" in result.stderr
    assert out.read_text() == "mine\n"


def test_a_missing_photo_of_a_manifest_is_status_2_and_stops_no_other(run, folder, tmp_path):
    manifest, out = folder / "patients.csv", tmp_path / "results.jsonl"
    manifest.write_text("file\nnone.jpg\narm/1.jpg\n")
    result = run("batch", manifest, "--out", out)
    assert result.exit_code == 2
    missing, answered = documents(out).values()
    assert missing["reasons"][0]["code"] == "file_unreadable"
    assert answered["schema"] == "flexura.assessment/1"


@pytest.mark.parametrize(
    ("name", "seen"), [("results.parquet", ".jsonl or .csv"), ("photos/notes.jpg/out.csv", "output_unwritable")]
)
def test_an_output_that_cannot_be_is_wrong_usage(run, folder, tmp_path, name, seen):
    result = run("batch", folder, "--out", tmp_path / name)
    assert result.exit_code == 2
    assert seen in result.stderr


def test_an_unknown_column_is_named_before_anything_is_written(run, folder, tmp_path):
    manifest, out = folder / "patients.csv", tmp_path / "results.jsonl"
    manifest.write_text("file,age_yeers\narm/1.jpg,6\n")
    result = run("batch", manifest, "--out", out)
    assert result.exit_code == 2
    assert "age_yeers" in result.stderr
    assert not out.exists()


def test_a_missing_bundle_is_status_4_and_leaves_no_file(run, folder, tmp_path):
    out = tmp_path / "results.csv"
    result = run("batch", folder, "--out", out, "--bundle", tmp_path)
    assert result.exit_code == 4
    assert not out.exists()


def test_the_limit_of_the_settings_is_kept(run, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("FLEXURA_MAX_BYTES", "100")
    out = tmp_path / "results.csv"
    assert run("batch", folder, "--out", out).exit_code == 3
    assert "photo_too_large" in out.read_text()


def test_messages_name_no_photo(run, folder, tmp_path):
    result = run("batch", folder, "--out", tmp_path / "results.jsonl")
    for name in ("arm", "notes", "wall"):
        assert name not in result.output


def test_progress_counts_what_is_done_on_a_terminal_after_two_seconds(monkeypatch, capsys):
    times = iter([0.0, 1.0, 2.5, 3.0, 0.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))
    assert list(progress.followed("abc", 10, done=7, visible=True)) == ["a", "b", "c"]
    assert capsys.readouterr().err == "\rphoto 9 of 10\rphoto 10 of 10\n"
    assert list(progress.followed("abc", 3, visible=False)) == ["a", "b", "c"]
    assert capsys.readouterr().err == ""
