"""What takes its time: a photo's way from the script to its answer, cancelled, asked for again, broken off."""

import asyncio
import re

import pytest

from flexura.storage.cases import read_records
from flexura.storage.jobs import take_job
from flexura.storage.objects import list_objects
from flexura.storage.store import Actor

AUDITED = Actor("clinic", "w", "worker")


@pytest.fixture
def sent(enter, case, skin_photo):
    """A photo that a clinician's page has sent: the browser, its counter-token, and what the script is shown."""
    browser, token = enter("clinician")
    headers = {"X-CSRF-Token": token, "Idempotency-Key": "digest"}
    answer = browser.post(f"/cases/{case}/photos", content=skin_photo, headers=headers)
    assert answer.status_code == 200
    assert browser.post(f"/cases/{case}/photos", content=skin_photo, headers=headers).text.count("<li") == 1
    return browser, token, answer.text


def _answers(store, case):
    with store.visit(AUDITED) as visit:
        return len(tuple(read_records(visit, "assessment", case)))


def _follow(page):
    """Where a script looks again."""
    return re.search(r'data-work="([^"]+)"', page).group(1)


def _act(browser, token, page, name):
    """Press the button of a form."""
    action = re.search(rf'action="([^"]+/{name})"', page).group(1)
    answer = browser.post(action, data={"counter_token": token})
    assert answer.status_code == 303
    return browser.get(answer.headers["location"]).text


def test_a_sent_photo_waits_runs_and_is_answered(sent, store, case, work_off):
    browser, _, shown = sent
    assert "waits to be assessed" in shown
    assert len(list(list_objects(store.folder))) == 1
    take_job(store, "worker-1")
    assert "is being assessed" in browser.get(_follow(shown)).text
    assert 'class="waiting"' in browser.get(f"/cases/{case}").text


def test_a_photo_that_is_answered_says_so_once_and_waits_no_more(sent, store, case, work_off):
    browser, _, shown = sent
    work_off()
    assert _answers(store, case) == 1  # sent twice, answered once
    assert "data-done" in browser.get(_follow(shown)).text
    page = browser.get(f"/cases/{case}").text
    assert ('class="waiting"' in page, 'class="answer"' in page) == (False, True)


def test_a_cancelled_assessment_stores_no_answer_and_is_asked_for_again(sent, store, clock, case, work_off):
    browser, token, shown = sent
    page = _act(browser, token, shown, "cancel")
    assert "the assessment was cancelled" in page
    work_off()
    assert _answers(store, case) == 0
    clock.move(seconds=1)
    page = _act(browser, token, page, "ask")
    assert "waits to be assessed" in page
    work_off()
    assert _answers(store, case) == 1


def test_who_cancels_too_late_sees_the_answer(sent, case, work_off):
    browser, token, shown = sent
    work_off()
    assert 'class="answer"' in _act(browser, token, shown, "cancel")


def test_a_photo_that_nobody_asked_about_is_there_with_a_way_to_ask(enter, case, photo):
    browser, token = enter("clinician")
    page = browser.get(f"/cases/{case}").text
    assert "no answer was asked for" in page
    assert "waits to be assessed" in _act(browser, token, page, "ask")


def test_how_far_a_photo_is_is_told_to_its_care_team_only(enter, case, photo):
    path = f"/cases/{case}/photos/{photo}/work"
    assert "no answer was asked for" in enter("clinician")[0].get(path).text
    assert enter("nurse")[0].get(path).status_code == 403
    assert enter("clinician")[0].get(f"/cases/{case}/photos/{'0' * 32}/work").status_code == 404


def test_why_a_photo_could_not_be_assessed_is_said_in_the_pages_language(enter, doctor, patient, grey_photo, work_off):
    context = {"age_years": 4, "warning_signs": ["punched_out_erosions"]}
    case = doctor.post(f"/patients/{patient}/cases", json={"context": context}).json()["id"]
    photo = doctor.post(f"/cases/{case}/photos", content=grey_photo).json()["id"]
    doctor.post(f"/cases/{case}/photos/{photo}/jobs")
    work_off()
    page = enter("clinician")[0].get(f"/cases/{case}", headers={"accept-language": "de"}).text
    assert "nicht zu beurteilen" in page
    assert "Die Kamera ruhig halten" in page
    assert "Eczema herpeticatum. Am selben Tag: Sofort systemisches Aciclovir" in page
    assert "ausgestanzte Erosionen" in page


def test_an_upload_that_breaks_off_stores_nothing(app, enter, store, case, skin_photo):
    browser, token = enter("clinician")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {
        "host": "clinic.test",
        "cookie": cookie,
        "x-csrf-token": token,
        "content-type": "application/octet-stream",
    }
    headers["content-length"] = str(len(skin_photo))
    path = f"/cases/{case}/photos"
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "https", "server": ("clinic.test", 443),
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": ("192.0.2.7", 4711),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    parts = [
        {"type": "http.request", "body": skin_photo[:2000], "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered = []

    async def receive():
        return parts.pop(0)

    async def send(message):
        answered.append(message)

    asyncio.run(app(scope, receive, send))
    assert parts == []
    assert 200 not in [message.get("status") for message in answered]
    assert list(list_objects(store.folder)) == []
    assert 'class="waiting"' not in browser.get(f"/cases/{case}").text
