"""The report on paper, as the README's first command writes it."""

import re
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
    page = chromium.new_page()
    page.goto(report.as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert 2 <= len(re.findall(rb"/Type /Page\b", printed)) <= 3
