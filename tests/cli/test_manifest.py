"""What a batch assesses: files of a folder in order, rows of a manifest with their context, and named errors."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from flexura.cli import manifest
from flexura.cli.manifest import list_photos, read_photo_table
from flexura.clinical.schema import Kind
from flexura.errors import ContextError, FileUnreadable, ManifestError
from flexura.records import ItchScore, PatientContext, TriedTreatment


@pytest.fixture
def table(tmp_path):
    def write(*lines, encoding="utf-8"):
        path = tmp_path / "patients.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write


def test_a_folder_gives_its_files_sorted_without_hidden_ones_and_the_results(tmp_path):
    for name in ("b.jpg", "a/z.dcm", "a/b/1", ".hidden.jpg", ".git/x.jpg", "results.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    photos = list_photos(tmp_path, leave_out=tmp_path / "a" / ".." / "results.csv")
    assert [photo.file for photo in photos] == ["a/b/1", "a/z.dcm", "b.jpg"]
    assert photos[0].path == tmp_path / "a" / "b" / "1"
    assert {photo.context for photo in photos} == {PatientContext()}


def test_a_folder_without_photos_and_an_empty_manifest_are_errors(tmp_path, table):
    for source in (tmp_path, table("file,itch")):
        with pytest.raises(ManifestError, match="no photo"):
            list_photos(source, leave_out=tmp_path / "patients.csv")


def test_a_folder_that_may_not_be_read_is_an_error(tmp_path, monkeypatch):
    def walk(_, onerror):
        onerror(PermissionError(str(tmp_path)))

    monkeypatch.setattr(manifest.os, "walk", walk)
    with pytest.raises(FileUnreadable) as caught:
        list_photos(tmp_path, leave_out=Path("out.csv"))
    assert str(tmp_path) not in str(caught.value)


def test_rows_carry_their_context_and_files_lie_beside_the_manifest(table, tmp_path):
    path = table(
        "file,age_years,sex,site", "jane/1.jpg,6,female,left_forearm", "", "2.jpg,,unknown, ", encoding="utf-8-sig"
    )
    first, second = list_photos(path, leave_out=Path("out.csv"))
    assert (first.file, first.path) == ("jane/1.jpg", tmp_path / "jane" / "1.jpg")
    assert first.context == PatientContext(age_years=6, sex="female", site="left_forearm")
    assert second.context == PatientContext()


def test_every_kind_of_field_can_stand_in_a_cell(table):
    path = table(
        "file,skin_type,captured_at,time_zone,symptoms,sites,flares,poem_items,itch_history,treatments,course,triggers",
        "1.jpg,3,2024-09-14,Europe/Berlin,fever;chills,left_forearm; palm,2024-08-29;2024-07-01,1;0;2;0;0;1;0,"
        '"[{""day"": ""2024-09-12"", ""itch"": 7}]","[{""treatment"": ""emollient""}]",unknown,none',
    )
    (photo,) = read_photo_table(path)
    context = photo.context
    assert context.skin_type == 3
    assert set(context.symptoms) == {"fever", "chills"}
    assert context.sites == ("left_forearm", "palm")
    assert context.flares == (date(2024, 7, 1), date(2024, 8, 29))
    assert context.poem == 4
    assert (context.course, context.triggers) == (None, ())
    assert context.itch_history == (ItchScore(date(2024, 9, 12), 7.0),)
    assert context.treatments == (TriedTreatment("emollient"),)


def test_no_kind_of_field_is_left_out():
    assert manifest._CELLS.keys() == set(get_args(Kind))


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (["file,age_yeers", "1.jpg,6"], "age_yeers"),
        (["name,itch", "1.jpg,6"], "no column file"),
        (["file;itch", "1.jpg;6"], "no column file"),
        (["file,itch,itch", "1.jpg,6,7"], "twice"),
        (["file,itch", "1.jpg"], "Row 1"),
        (["file,itch", "1.jpg,6,7"], "Row 1"),
        (["file,itch", "1.jpg,6", ",6"], "Row 2"),
        (["file,itch", "1.jpg,6", "1.jpg,7"], "Row 2"),
        (['file,"itch', "1.jpg,6"], "no CSV"),
    ],
)
def test_a_malformed_manifest_is_an_error_that_says_where(table, lines, seen):
    with pytest.raises(ManifestError, match=seen) as caught:
        read_photo_table(table(*lines))
    assert "1.jpg" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("itch", "much"),
        ("itch", "11"),
        ("site", "moon"),
        ("poem_items", "1;x"),
        ("treatments", "{"),
        ("treatments", '"[{""treatment"": ""emollient"", ""treatment"": ""emollient""}]"'),
    ],
)
def test_an_impossible_field_is_an_error_with_its_row_and_name_and_without_its_value(table, header, cell):
    with pytest.raises(ContextError, match="row 2 of the manifest: ") as caught:
        read_photo_table(table(f"file,{header}", "1.jpg,", f"2.jpg,{cell}"))
    assert header.removesuffix("s") in str(caught.value)
    assert cell not in str(caught.value).removeprefix("row 2")


def test_what_is_no_text_and_what_is_not_there(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(ManifestError, match="no CSV"):
        read_photo_table(tmp_path / "photo.jpg")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ManifestError, match="no CSV"):
        read_photo_table(tmp_path / "empty.csv")
    with pytest.raises(FileUnreadable):
        list_photos(tmp_path / "none", leave_out=Path("out.csv"))
