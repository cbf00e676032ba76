"""POEM on the course: what is read of it, what is entered, and what the page says of a change."""

import re
from datetime import UTC, date, datetime

import pytest

from flexura.service.forms import Case, Record
from flexura.service.web.poem import SHEET, read_poems
from flexura.service.web.texts import TEXTS

ID = "0" * 32
FORM = {f"poem_{item}": str(points) for item, points in zip(SHEET.items, (4, 3, 1, 1, 2, 2, 4), strict=True)}


def _at(day):
    return datetime(2026, 3, day, 12, tzinfo=UTC)


def _case(day, **context):
    return Case(id=ID, patient=ID, created_by=ID, created_at=_at(day), context=context, photos=[])


def _outcome(written, observed, items):
    document = {"observed_on": f"2026-03-{observed:02}", "iga": None, "note": "", "poem_items": items}
    return Record(id=ID, about=None, created_by=ID, created_at=_at(written), document=document)


def test_totals_of_cases_and_outcomes_are_one_line_with_bands_and_changes():
    told = [_case(1, poem=25), _case(6, itch=7), _case(8, poem_items=[2, 2, 2, 2, 2, 2, 2])]
    entered = [_outcome(20, 11, [2, 2, 2, 2, 2, 1, 0]), _outcome(21, 21, [1, 1, 0, 0, 0, 0, 0])]
    marks = read_poems(told, entered)
    assert [(mark.day.day, mark.total, mark.band) for mark in marks] == [
        (1, 25, "very severe"), (8, 14, "moderate"), (11, 11, "moderate"), (21, 2, "clear or almost clear")
    ]  # fmt: skip
    assert [mark.change and (mark.change.difference, mark.change.verdict) for mark in marks] == [
        None, (-11, "very_likely_important"), (-3, "probably_important"), (-9, "very_likely_important")
    ]  # fmt: skip
    assert [mark.x for mark in marks] == [0, 0.35, 0.5, 1]
    assert [mark.y for mark in marks] == [25 / 28, 0.5, 11 / 28, 2 / 28]


def test_of_one_day_the_last_that_was_entered_counts_and_one_day_stands_in_the_middle():
    told, zeros = [_case(1, poem=25)], [0] * 7
    (mark,) = read_poems(told, [_outcome(9, 1, [1] * 7), _outcome(8, 1, zeros), _outcome(7, 1, None)])
    assert (mark.day, mark.total, mark.band, mark.x) == (date(2026, 3, 1), 7, "mild", 0.5)
    assert read_poems([_case(1)], []) == ()


def test_what_the_page_says_of_bands_answers_and_changes_is_in_the_catalogue():
    bands = {f"band_{name.replace(' ', '_')}" for name, _ in SHEET.scheme.upper_bounds}
    verdicts = {f"verdict_{verdict}" for verdict in ("within_error", "probably_important", "very_likely_important")}
    assert bands | verdicts | FORM.keys() <= TEXTS["en"].keys()


def test_poem_is_entered_on_the_course_and_read_there(enter, patient, case):
    browser, token = enter("clinician")
    for key, day, changed in (("a", "2026-02-01", {}), ("b", "2026-02-22", {"poem_sleep": "0"})):
        form = FORM | changed | {"counter_token": token, "key": key, "observed_on": day}
        for _ in range(2):  # sent twice, kept once
            answer = browser.post(f"/patients/{patient}/poem", data=form)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/patients/{patient}/course")
    page = browser.get(f"/patients/{patient}/course").text
    rows = re.findall(r'<tr><th scope="row">([-\d]+)</th><td><strong>(\d+)</strong></td>(.*?)</tr>', page)
    assert [(day, total, re.findall(r"<td>([^<]*)</td>", rest)) for day, total, rest in rows] == [
        ("2026-02-01", "17", ["Severe", "–", "–"]), ("2026-02-22", "14", ["Moderate", "-3", "Probably important"])
    ]  # fmt: skip
    assert page.count("<circle") == 2
    assert "2026-02-22 · POEM 14" in browser.get(f"/cases/{case}").text
    german = browser.get(f"/patients/{patient}/course", headers={"accept-language": "de"}).text
    assert "Wahrscheinlich bedeutsam" in german


@pytest.mark.parametrize("wrong", [{"poem_itch": ""}, {"poem_itch": "5"}, {"poem_itch": "1.5"}, {"observed_on": "x"}])
def test_answers_that_are_missing_or_out_of_range_are_refused_whole(enter, patient, case, wrong):
    browser, token = enter("clinician")
    form = FORM | {"counter_token": token, "observed_on": "2026-02-01"} | wrong
    assert browser.post(f"/patients/{patient}/poem", data=form).status_code == 422
    assert "<circle" not in browser.get(f"/patients/{patient}/course").text


def test_without_a_case_there_is_nothing_to_enter_it_with(enter, patient):
    browser, token = enter("clinician")
    assert "/poem" not in browser.get(f"/patients/{patient}/course").text
    form = FORM | {"counter_token": token, "observed_on": "2026-02-01"}
    answer = browser.post(f"/patients/{patient}/poem", data=form)
    assert (answer.status_code, "begin one first" in answer.text) == (422, True)
