"""The reports on paper: of one photo as the README's first command writes it, and of a patient with two visits."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import FLEXURA

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.slow
def test_the_example_s_report_fills_three_sheets_at_most(chromium, tmp_path):
    report, photo = tmp_path / "report.html", EXAMPLES / "eczema_forearm.jpg"
    context = photo.with_suffix(".json")
    subprocess.run([*FLEXURA, "assess", photo, "--context", context, "--report", report], check=True)
    assert 2 <= _sheets(chromium, report) <= 3


# Left against right, where a visit shows both, is the second sheet.
@pytest.mark.parametrize(("other_arm", "sheets"), [("right_upper_arm", 1), ("right_forearm", 2)])
@pytest.mark.slow
def test_two_visits_of_one_patient_fill_one_sheet_and_both_sides_a_second(chromium, tmp_path, other_arm, sheets):
    subprocess.run([*FLEXURA, "synth", tmp_path, "--count", "4", "--seed", "11"], check=True)
    photos = sorted((tmp_path / "photos").iterdir())
    for day in ("2026-01-10", "2026-03-02"):
        (tmp_path / "visits" / day).mkdir(parents=True)
        for photo, site in zip(photos, ("chest", "face", "left_forearm", other_arm), strict=True):
            shutil.copy(photo, tmp_path / "visits" / day / f"{site}.jpg")
    told = '{"birth_date": "1991-02-28", "warning_signs": ["unwell", "pustules"], "sites": ["face", "left_hand_back"]}'
    (tmp_path / "visits" / "context.json").write_text(told)
    report = tmp_path / "patient.html"
    subprocess.run([*FLEXURA, "assess", "--patient", tmp_path / "visits", "--report", report], check=True)
    assert "Red flags" in report.read_text()
    assert ("Left and right" in report.read_text()) == (sheets == 2)
    assert _sheets(chromium, report) == sheets


def _sheets(chromium, report):
    page = chromium.new_page()
    page.goto(report.as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    return len(re.findall(rb"/Type /Page\b", printed))
