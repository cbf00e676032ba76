"""The report of an answer: on a page, and as one file that holds what it shows and asks for nothing."""

import re

CORRECTION = {"agrees": "false", "diagnosis": "contact_dermatitis", "note": "Nickel"}


def _correct(enter, case, assessment):
    browser, token = enter("clinician")
    outline = re.search(
        r'data-start="([^"]+)"', browser.get(f"/cases/{case}/assessments/{assessment}/correct").text
    ).group(1)
    form = CORRECTION | {"counter_token": token, "assessment": assessment, "outline": outline}
    assert browser.post(f"/cases/{case}/reviews", data=form).status_code == 303
    return browser


def test_what_a_clinician_said_stands_before_the_answer(enter, case, assessment):
    browser = _correct(enter, case, assessment)
    for path in (f"/cases/{case}", f"/cases/{case}/assessments/{assessment}/report"):
        page = browser.get(path).text
        places = [page.index(said) for said in ("clinician: Does not agree", "IGA, 0 to 4", "What was not seen")]
        assert places == sorted(places)
        assert page.count("clinician: Does not agree") == 1


def test_a_report_is_one_file_with_its_pictures_and_no_script(enter, case, assessment, skin_photo):
    browser = _correct(enter, case, assessment)
    there = f"/cases/{case}/assessments/{assessment}/report"
    assert f'href="{there}.html"' in browser.get(there).text
    answer = browser.get(f"{there}.html")
    assert answer.headers["content-disposition"] == 'attachment; filename="flexura-report.html"'
    assert "no-store" in answer.headers["cache-control"]
    saved = answer.text
    for said in ("Jane Doe", "Contact dermatitis", "Nickel", "outline drawn", "What was not seen", "flexura-tiny"):
        assert said in saved
    sources = re.findall(r'(?:src|href)="([^"]*)"', saved)
    assert [source for source in sources if not source.startswith("data:")] == []
    # The photo, what was found of lesion and skin, and what the clinician drew.
    assert [source.partition(";")[0] for source in sources] == ["data:,", "data:image/jpeg", *["data:image/png"] * 3]
    assert "<script" not in saved
    assert "default-src 'none'" in saved
    assert "--accent: #005b94" in saved


def test_a_report_of_a_colleagues_patient_is_refused(client, enter, case, assessment, people):
    people.add("stranger", "clinician")
    browser, _ = enter("nurse")
    assert browser.get(f"/cases/{case}/assessments/{assessment}/report.html").status_code == 403
