"""`assess --patient`: folders and tables of one patient, and what they must tell."""

import json
import shutil
from datetime import date

import jsonschema
import pytest

from flexura.cli.patient import list_visits
from flexura.decision.whole.document import patient_schema
from flexura.errors import ContextError, FileUnreadable, ManifestError


@pytest.fixture
def folder(tmp_path, photo_file):
    """Two days; the second tells all affected sites."""
    root = tmp_path / "visits"
    for name in ("2026-01-10/left_forearm.jpg", "2026-01-10/left_forearm-2.jpg", "2026-03-02/neck.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo_file, root / name)
    (root / "context.json").write_text('{"birth_date": "2018-02-28", "sex": "female"}')
    (root / "2026-03-02" / "context.toml").write_text('sites = ["neck"]')
    return root


@pytest.fixture
def table(tmp_path, photo_file):
    def write(*lines):
        path = tmp_path / "visits.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def test_a_folder_tells_days_and_sites_by_its_names(folder):
    photos = list_visits(folder, {"itch": 5})
    told = [(photo.context.captured_on, photo.context.site) for photo in photos]
    assert told == [(date(2026, 1, 10), "left_forearm")] * 2 + [(date(2026, 3, 2), "neck")]
    assert [photo.context.age_months for photo in photos] == [94, 94, 96]
    assert [photo.context.sites for photo in photos] == [None, None, ("neck",)]
    assert {photo.context.itch for photo in photos} == {5}


def test_a_table_tells_them_in_columns(table):
    path = table("file,site,captured_at", "a.jpg,left_palm,2026-01-10", "b.jpg,back,2026-01-10")
    assert [photo.context.site for photo in list_visits(path, {"age_years": 6})] == ["left_palm", "back"]


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        (["file,site"], ManifestError, "no photo"),
        (["file,site,itch", "a.jpg,back,3", "b.jpg,neck,4"], ManifestError, "tell different things"),
        (["file,site,captured_at", "a.jpg,back,2026-01-10", "b.jpg,neck,"], ManifestError, "others none"),
        (["file,site,sex", "a.jpg,back,female"], ContextError, "sex is told for all photos and again for one"),
    ],
)
def test_a_table_must_fit_together(table, lines, error, words):
    with pytest.raises(error, match=words):
        list_visits(table(*lines), {"sex": "female"})


@pytest.mark.parametrize(
    ("name", "words"), [("2026-01-10/jane.jpg", "named by its site"), ("march/neck.jpg", "named by its day")]
)
def test_names_must_tell_and_are_never_repeated(folder, photo_file, name, words):
    (folder / name).parent.mkdir(exist_ok=True)
    shutil.copy(photo_file, folder / name)
    with pytest.raises(ManifestError, match=words) as caught:
        list_visits(folder, {})
    assert "jane" not in str(caught.value)
    assert "march" not in str(caught.value)


def test_a_folder_holds_one_context_and_exists(folder, tmp_path):
    (folder / "context.toml").write_text("itch = 3")
    with pytest.raises(ContextError, match="keep one"):
        list_visits(folder, {})
    with pytest.raises(FileUnreadable):
        list_visits(tmp_path / "none", {})


def test_one_answer_on_two_visits(run, folder, tmp_path):
    page = tmp_path / "patient.html"
    result = run("assess", "--patient", folder, "--json", "--report", page)
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    jsonschema.validate(document, patient_schema())
    assert [visit["day"] for visit in document["visits"]] == ["2026-01-10", "2026-03-02"]
    assert [visit["photos"] for visit in document["visits"]] == [[1, 2], [3]]
    assert [photo["used"] for photo in document["photos"]] == [True] * 3
    first, second = document["visits"]
    assert first["easi"]["value"] is None
    assert second["easi"]["value"] is not None
    assert second["regions"]["clear"] == ["upper_limbs", "trunk", "lower_limbs"]
    assert document["changes"][0]["verdict"] == "unknown"
    assert "Visit 2, 2026-03-02" in page.read_text(encoding="utf-8")


def test_left_and_right_of_a_visit_are_compared(run, folder, tmp_path):
    """The same photo on both sides differs in nothing; the neck of the other visit has no sides."""
    shutil.copy(folder / "2026-01-10" / "left_forearm.jpg", folder / "2026-01-10" / "right_forearm.jpg")
    page = tmp_path / "patient.html"
    document = json.loads(run("assess", "--patient", folder, "--json", "--report", page).stdout)
    jsonschema.validate(document, patient_schema())
    (pair,) = document["left_and_right"]
    named = [document["photos"][place - 1]["site"] for place in (pair["photos"]["left"], pair["photos"]["right"])]
    assert (pair["visit"], named) == (1, ["left_forearm", "right_forearm"])
    compared = [one for one in pair["differences"] if one["reason"] is None]
    assert {"lesion_skin_share", "delta_a"} <= {one["name"] for one in compared}
    assert {(one["left_minus_right"], one["more"]) for one in compared} == {(0, "within_error")}
    assert "no difference beyond the error of measurement" in page.read_text(encoding="utf-8")


def test_a_photo_that_fails_does_not_stop_the_others(run, folder, grey_file):
    shutil.copy(grey_file, folder / "2026-01-10" / "chest.png")
    result = run("assess", "--patient", folder)
    assert result.exit_code == 3
    assert "Visit 1, 2026-01-10: 3 photos, 2 of them used" in result.stdout
    assert "chest" not in result.stdout


def test_a_warning_sign_is_a_red_flag_whatever_becomes_of_the_photos(run, folder, grey_file, tmp_path):
    (folder / "2026-01-10" / "context.json").write_text('{"warning_signs": ["punched_out_erosions"]}')
    shutil.copy(grey_file, folder / "2026-01-10" / "left_forearm.jpg")
    page = tmp_path / "patient.html"
    document = json.loads(run("assess", "--patient", folder, "--json", "--report", page).stdout)
    jsonschema.validate(document, patient_schema())
    assert [photo["used"] for photo in document["photos"]].count(False) == 1
    assert [[flag["topic"] for flag in photo["red_flags"]] for photo in document["photos"]] == [
        ["Eczema herpeticum"],
        ["Eczema herpeticum"],
        [],
    ]
    assert "Eczema herpeticum" in page.read_text(encoding="utf-8")
    text = run("assess", "--patient", folder).stdout
    assert text.startswith("RED FLAGS, to be excluded first\n  - Photos 1, 2: Eczema herpeticum.")


def test_a_site_that_names_no_part_has_no_place(run, folder):
    (folder / "2026-03-02" / "neck.jpg").rename(folder / "2026-03-02" / "nail.jpg")
    document = json.loads(run("assess", "--patient", folder, "--json").stdout)
    assert document["photos"][2]["reasons"][0]["code"] == "site_unknown"
    assert document["visits"][1]["easi"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name at least one photo"),
        (["photo.jpg", "--patient", "visits"], "takes all photos"),
        (["--patient", "visits", "--overlay", "x.png"], "neither --overlay nor --fhir"),
    ],
)
def test_wrong_usage(run, arguments, words):
    result = run("assess", *arguments, "--json")
    assert result.exit_code == 2
    assert words in result.stderr


def test_the_report_never_writes_over_a_photo(run, folder):
    photo = folder / "2026-03-02" / "neck.jpg"
    before = photo.read_bytes()
    assert run("assess", "--patient", folder, "--report", photo).exit_code == 2
    assert photo.read_bytes() == before
