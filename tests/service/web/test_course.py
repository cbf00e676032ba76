"""The course: what is computed from stored answers, where it stands on the chart, and what the page says of it."""

from datetime import UTC, date, datetime

import pytest

from flexura.decision.whole.change import compare_all
from flexura.service.forms import Case, Record
from flexura.service.web.course import Seen, highest_of, place, place_days, read_visits

ID = "0" * 32
CONTEXT = {"age_years": 30, "site": "abdomen", "sites": ["abdomen"]}


def _seen(day, grade, fraction, context=CONTEXT):
    at = datetime(2026, 3, day, 12, tzinfo=UTC)
    shares = [float(grade == other) for other in range(4)]
    names = ("erythema", "oedema_papulation", "excoriation", "lichenification", "oozing_crusting", "dryness")
    answer = {
        "area": {"lesion_fraction_of_skin": fraction},
        "severity": {"signs": {name: {"expected": grade, "distribution": shares} for name in names}},
    }
    case = Case(id=ID, patient=ID, created_by=ID, created_at=at, context=context, photos=[ID])
    return Seen(
        case, Record(id=ID, about=ID, created_by=ID, created_at=at, document={"assessment": answer, "context": context})
    )


@pytest.fixture
def errors(clinic):
    return clinic.assessor.bundle.calibration.area_errors


def test_a_day_is_a_visit_and_worse_skin_a_higher_score(errors):
    first, last = read_visits([_seen(20, 1, 0.1), _seen(2, 3, 0.95)], errors)
    assert (first.day, last.day) == (date(2026, 3, 2), date(2026, 3, 20))
    # The front of the trunk is under half of EASI's trunk: area score at most 3, weight 0.3, four signs of 3.
    assert 5 < first.easi.value <= 0.3 * 12 * 4
    assert last.easi.value < first.easi.value
    assert compare_all((first, last))[0].difference < 0


def test_the_same_records_give_the_same_figures(errors):
    seen = [_seen(2, 2, 0.5), _seen(9, 1, 0.2)]
    assert [visit.easi for visit in read_visits(seen, errors)] == [visit.easi for visit in read_visits(seen, errors)]


def test_without_age_or_site_a_visit_has_no_score_and_no_mark(errors):
    visits = read_visits([_seen(2, 2, 0.5, {"site": "abdomen"}), _seen(3, 2, None)], errors)
    assert [visit.easi for visit in visits] == [None, None]
    assert place(visits, highest_of(visits)) == ()


def test_marks_run_from_left_to_right_inside_the_chart(errors):
    visits = read_visits([_seen(1, 3, 0.9), _seen(6, 2, 0.5), _seen(11, 1, 0.1)], errors)
    marks = place(visits, highest_of(visits))
    assert [mark.x for mark in marks] == [0.0, 0.5, 1.0]
    assert all(0 <= mark.low <= mark.middle <= mark.high <= 1 for mark in marks)
    assert place(visits[:1], 72)[0].x == 0.5
    days = [date(2026, 2, 1), date(2026, 3, 6), date(2026, 4, 1)]
    assert place_days(visits, days) == [0.5]
    assert place_days(visits[:1], days) == []


def test_where_parts_are_not_known_there_are_bounds_and_no_dot(errors):
    (visit,) = read_visits([_seen(2, 2, 0.5, {"age_years": 30, "site": "abdomen"})], errors)
    (mark,) = place([visit], 72)
    assert mark.middle is None
    assert mark.high > 0.9


def test_the_page_shows_scores_photos_and_outcomes(enter, doctor, patient, case, assessment):
    doctor.post(f"/cases/{case}/outcomes", json={"observed_on": "2026-04-01", "note": "Healed without the bracelet"})
    browser, _ = enter("clinician")
    page = browser.get(f"/patients/{patient}/course").text
    for said in ("Jane Doe", "EASI (90 % interval)", "Healed without the bracelet", f'href="/cases/{case}"'):
        assert said in page


def test_a_patient_without_answers_has_an_empty_course(enter, patient, case):
    browser, _ = enter("clinician")
    assert "No photo has been answered on yet." in browser.get(f"/patients/{patient}/course").text
