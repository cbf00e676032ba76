"""The file of results: lines of documents or figures, kept whatever happens, gone on in after a stop."""

import csv
import json
import os
import re
from pathlib import Path

import pytest

from flexura.cli.outcome import Place, Refusal, refusal_document
from flexura.cli.results import CSV_COLUMNS, Results, choose_format
from flexura.errors import FileUnreadable, OutputUnwritable, UsageError
from flexura.records import Reason

REFUSED = refusal_document(Refusal((Reason("not_an_image", "No."), Reason("too_dark", "Dark.")), 3), Place(1, 2))
ANSWERED = {
    "schema": "flexura.assessment/1",
    "diagnosis": {
        "ranking": [{"code": "psoriasis", "probability": 0.5}, {"code": "tinea", "probability": 0.1}],
        "is_eczema": {"probability": 0.25},
        "prediction_set": {"codes": ["psoriasis", "tinea"], "group": {"name": "tan", "cases": 9, "cases_needed": 9}},
    },
    "severity": {"iga": {"expected": 1.5}},
    "area": {"lesion_fraction_of_skin": 0.2, "interval": [0.1, 0.4]},
    "recommendations": [
        {"topic": "Eczema herpeticum", "urgent": True},
        {"topic": "Cellulitis or erysipelas", "urgent": True},
        {"topic": "Emollient", "urgent": False},
    ],
    "abstained": None,
    "model": {"name": "flexura-main", "version": "1"},
}
DOUBTED = ANSWERED | {
    "recommendations": [],
    "area": {"lesion_fraction_of_skin": None, "interval": None},
    "abstained": {"reasons": [{"code": "out_of_distribution"}, {"code": "unsure"}]},
}


@pytest.fixture(params=[".jsonl", ".csv"])
def out(tmp_path, request):
    return tmp_path / "new" / f"results{request.param}"


def write(out, *files, resume=False):
    with Results(out, resume=resume) as results:
        for file in files:
            results.write(file, REFUSED)
        return results.done


def test_json_lines_hold_whole_documents_with_their_file(tmp_path):
    out = tmp_path / "results.jsonl"
    with Results(out, resume=False) as results:
        results.write("a/1.jpg", ANSWERED)
        results.write("ü.jpg", REFUSED)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert lines == [{"file": "a/1.jpg", **ANSWERED}, {"file": "ü.jpg", **REFUSED}]


def test_csv_holds_the_main_figures_and_unknown_is_empty(tmp_path):
    out = tmp_path / "results.csv"
    with Results(out, resume=False) as results:
        for file, document in (("1.jpg", ANSWERED), ("2.jpg", DOUBTED), ("3.jpg", REFUSED)):
            results.write(file, document)
    with out.open(newline="") as lines:
        header, *rows = csv.reader(lines)
    assert tuple(header) == CSV_COLUMNS
    figures = ["psoriasis", "0.5", "0.25", "psoriasis tinea", "1.5"]
    flags = "Eczema herpeticum; Cellulitis or erysipelas"
    assert rows == [
        ["1.jpg", "answered", *figures, "0.2", "0.1", "0.4", flags, "", "flexura-main 1"],
        ["2.jpg", "abstained", *figures, "", "", "", "", "out_of_distribution unsure", "flexura-main 1"],
        ["3.jpg", "refused", *[""] * 9, "not_an_image too_dark", ""],
    ]


@pytest.mark.parametrize(
    ("group", "cell"), [(None, "psoriasis tinea"), ({"name": "tan", "cases": 8, "cases_needed": 9}, "")]
)
def test_without_enough_held_out_photos_the_set_is_empty(tmp_path, group, cell):
    out, diagnosis = tmp_path / "results.csv", ANSWERED["diagnosis"]
    chosen = diagnosis["prediction_set"] | {"group": group}
    with Results(out, resume=False) as results:
        results.write("1.jpg", ANSWERED | {"diagnosis": diagnosis | {"prediction_set": chosen}})
    with out.open(newline="") as lines:
        assert next(csv.DictReader(lines))["prediction_set"] == cell


def test_every_column_is_documented_and_no_other():
    page = (Path(__file__).parents[2] / "docs" / "batch.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == CSV_COLUMNS


def test_a_line_is_on_disk_as_soon_as_it_is_written(out):
    with Results(out, resume=False) as results:
        results.write("1.jpg", REFUSED)
        assert b"1.jpg" in out.read_bytes()


def test_what_is_there_is_not_written_over(out):
    write(out, "1.jpg")
    before = out.read_bytes()
    with pytest.raises(UsageError, match="--resume"):
        write(out, "2.jpg")
    assert out.read_bytes() == before


NAMES = ("1.jpg", 'a,"b"\nc.jpg', os.fsdecode(b"\xff.jpg"))


def test_resuming_knows_what_is_done_and_appends(out):
    write(out, *NAMES)
    before = out.read_bytes()
    assert write(out, "last.jpg", resume=True) == set(NAMES)
    assert out.read_bytes().startswith(before)
    assert write(out, resume=True) == {*NAMES, "last.jpg"}


def test_resuming_without_a_file_begins_it(out):
    assert write(out, "1.jpg", resume=True) == frozenset()
    assert write(out, resume=True) == {"1.jpg"}


def test_a_torn_last_line_is_dropped_wherever_it_is_torn(out):
    write(out, "1.jpg")
    first = out.read_bytes()
    write(out, "2.jpg", resume=True)
    whole = out.read_bytes()
    for end in range(len(first), len(whole), 9):
        out.write_bytes(whole[:end])
        assert write(out, "2.jpg", resume=True) == {"1.jpg"}
        assert out.read_bytes() == whole
    for end in range(0, len(first), 9):
        out.write_bytes(first[:end])
        if not write(out, resume=True):
            write(out, "1.jpg", resume=True)
        assert out.read_bytes() == first


@pytest.mark.parametrize("other", [b"notes without a line's end", b"file,itch\n1.jpg,6\n", b"\n", b'[1]\n{"file": "'])
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(out, other):
    out.parent.mkdir()
    out.write_bytes(other)
    with pytest.raises(UsageError, match="no results"):
        write(out, resume=True)
    assert out.read_bytes() == other


def test_a_broken_line_in_the_middle_is_refused(out):
    write(out, "1.jpg", "2.jpg")
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join([lines[0], b"[", *lines[1:]]) if out.suffix == ".jsonl" else b"".join([*lines, b"x,y\n"]))
    with pytest.raises(UsageError, match="no results"):
        write(out, resume=True)


@pytest.mark.parametrize("name", ["results.parquet", "results", "results.xlsx"])
def test_other_formats_are_refused_with_the_two_there_are(name):
    with pytest.raises(UsageError, match=r"\.jsonl or \.csv"):
        choose_format(Path(name))


def test_places_that_cannot_be_read_or_written_are_errors(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputUnwritable):
        write(tmp_path / "file" / "out.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileUnreadable):
        write(tmp_path / "folder.csv", resume=True)


def test_a_full_disk_is_an_error():
    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

    results = Results.__new__(Results)
    results._format, results._file = choose_format(Path("a.csv")), Full()
    with pytest.raises(OutputUnwritable, match="space"):
        results.write("1.jpg", REFUSED)
