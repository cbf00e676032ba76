"""The pages of those who watch and run: audit log, emergency access, users, model."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from flexura.errors import NotAuthenticated
from flexura.security.codes import matching_step
from flexura.security.passwords import HashCost
from flexura.storage.devices import admit_device, recognise_device
from flexura.storage.store import Actor
from flexura.storage.users import require_codes

ADMIN_FORM = {"name": "zoe", "role": "nurse", "password": "seven purple ladders"}


def test_the_auditor_reads_who_touched_a_patient_newest_first(enter, patient, people):
    browser, _ = enter("auditor")
    page = browser.get("/audit").text
    assert page.index("session.open") < page.index("patient.create")
    one = browser.get(f"/audit?patient={patient}").text
    assert "patient.create" in one
    assert "session.open" not in one
    assert "Jane Doe" not in page
    mine = browser.get(f"/audit?user={people.ids['clinician']}").text
    assert "patient.create" in mine
    assert "user.manage" not in mine
    everybody = browser.get("/audit?user=").text  # as the form asks by default
    assert '<option value="">Everybody</option>' in everybody
    assert "session.open" in everybody


def test_the_auditor_reads_why_something_was_refused(enter, client, patient):
    assert client("clinician", "second clinician").get(f"/patients/{patient}").status_code == 403
    page = enter("auditor")[0].get(f"/audit?patient={patient}").text
    assert "refused <code>forbidden</code>" in page


def test_the_log_is_read_in_pages(enter, doctor, patient):
    for _ in range(60):
        doctor.get(f"/patients/{patient}")
    browser, _ = enter("auditor")
    page = browser.get("/audit").text
    assert page.count("<code>patient.read</code>") <= 50
    older = browser.get(re.search(r'href="(/audit\?before=\d+)"', page).group(1)).text
    assert "patient.create" in older


@pytest.mark.parametrize("query", ["before=x", "user=maria", "patient=1"])
def test_a_wrong_filter_finds_no_page(enter, query):
    assert enter("auditor")[0].get(f"/audit?{query}").status_code == 404


def test_users_are_added_and_locked_out(enter, app):
    browser, token = enter("administrator")
    assert browser.post("/users", data=ADMIN_FORM | {"counter_token": token}).headers["location"] == "/users"
    assert "zoe" in browser.get("/users").text
    zoe = TestClient(app, base_url="https://clinic.test", follow_redirects=False)
    shown = {"name": "zoe", "password": ADMIN_FORM["password"]}
    assert zoe.post("/sign-in", data=shown).status_code == 303
    path = re.search(r'action="(/users/\w+/disable)"', browser.get("/users").text).group(1)  # none for oneself
    assert browser.post(path, data={"counter_token": token}).status_code == 303
    assert zoe.get("/").headers["location"] == "/sign-in"
    assert zoe.post("/sign-in", data=shown).status_code == 401
    assert "Disabled" in browser.get("/users").text


def _add_zoe(browser, token):
    browser.post("/users", data=ADMIN_FORM | {"counter_token": token})
    return re.search(r'action="(/users/\w+)/disable"', browser.get("/users").text).group(1)  # none for oneself


def _roles_shown(page):
    """What each select of a role stands on, by whose it is."""
    rows = re.findall(r'<select name="role" aria-label="[^:]+: (\w+)">(.*?)</select>', page)
    return {name: re.search(r'value="(\w+)" selected', options).group(1) for name, options in rows}


def test_a_user_is_unlocked_on_the_page(enter, app):
    browser, token = enter("administrator")
    zoe = _add_zoe(browser, token)
    browser.post(f"{zoe}/disable", data={"counter_token": token})
    page = browser.get("/users").text
    assert (f'action="{zoe}/disable"' in page, f'action="{zoe}/enable"' in page) == (False, True)
    assert browser.post(f"{zoe}/enable", data={"counter_token": token}).headers["location"] == "/users"
    assert "Disabled" not in browser.get("/users").text
    shown = {"name": "zoe", "password": ADMIN_FORM["password"]}
    assert TestClient(app, base_url="https://clinic.test").post("/sign-in", data=shown).status_code == 200


def test_a_device_stands_among_the_users_can_be_locked_out_and_has_no_role_to_change(enter, store):
    with store.visit(Actor("clinic", "console", "administrator")) as visit:
        admit_device(visit, "CAMERA1", None, cost=HashCost(passes=1, memory_kib=64, lanes=1))
    browser, token = enter("administrator")
    page = browser.get("/users").text
    row = re.search(r'<tr><th scope="row">CAMERA1</th>.*?</tr>', page, re.DOTALL).group()
    assert ("<td>Device</td>" in row, "<select" in row, "/second-factor" in row) == (True, False, False)
    assert '<option value="device"' not in page
    lock = re.search(r'action="(/users/\w+/disable)"', row).group(1)
    assert browser.post(lock, data={"counter_token": token}).headers["location"] == "/users"
    with pytest.raises(NotAuthenticated):
        recognise_device(store, "CAMERA1", None)


def test_a_role_is_changed_on_the_page(enter):
    browser, token = enter("administrator")
    zoe = _add_zoe(browser, token)
    assert _roles_shown(browser.get("/users").text) == {"administrator": "administrator", "zoe": "nurse"}
    form = {"counter_token": token, "role": "auditor"}
    assert browser.post(f"{zoe}/role", data=form).headers["location"] == "/users"
    assert _roles_shown(browser.get("/users").text)["zoe"] == "auditor"
    for wrong in ({"role": "worker"}, {"role": ""}):
        assert browser.post(f"{zoe}/role", data=form | wrong).status_code == 422
    assert browser.post(f"/users/{'0' * 32}/role", data=form).status_code == 404


def test_a_refused_role_is_said_on_the_page_which_keeps_the_choice(enter, people):
    browser, token = enter("administrator")
    _add_zoe(browser, token)
    form = {"counter_token": token, "role": "auditor"}
    answer = browser.post(f"/users/{people.ids['administrator']}/role", data=form)
    assert answer.status_code == 409
    assert 'role="alert">Refused: nobody takes their own access' in answer.text
    assert _roles_shown(answer.text) == {"administrator": "auditor", "zoe": "nurse"}
    assert _roles_shown(browser.get("/users").text)["administrator"] == "administrator"


def test_roles_are_named_in_the_language_of_the_page(enter, patient):
    german = {"accept-language": "de"}
    browser, token = enter("administrator")
    _add_zoe(browser, token)
    page = browser.get("/users", headers=german).text
    names = re.findall(r"<option value=\"(\w+)\"[^>]*>([^<]+)</option>", page)
    assert dict(names) == {
        "clinician": "Ärztin, Arzt", "nurse": "Pflege", "researcher": "Forschung", "auditor": "Revision",
        "administrator": "Verwaltung",
    }  # fmt: skip
    auditor, _ = enter("auditor")
    page = auditor.get("/audit", headers=german).text
    assert {"Ärztin, Arzt", "Verwaltung"} <= set(re.findall(r'<span class="soft">([^<]+)</span>', page))


def test_the_secret_for_codes_is_shown_once(enter):
    browser, token = enter("administrator")
    made = browser.post("/users", data=ADMIN_FORM | {"counter_token": token, "codes": "1"})
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", made.text)
    assert secret not in browser.get("/users").text


@pytest.mark.parametrize("left_out", ["name", "role", "password"])
def test_a_user_without_everything_is_refused(enter, left_out):
    browser, token = enter("administrator")
    form = {name: value for name, value in ADMIN_FORM.items() if name != left_out}
    assert browser.post("/users", data=form | {"counter_token": token}).status_code == 422


def test_an_administrator_does_not_disable_oneself(enter, people):
    browser, token = enter("administrator")
    answer = browser.post(f"/users/{people.ids['administrator']}/disable", data={"counter_token": token})
    assert (answer.status_code, "Refused: nobody takes their own access" in answer.text) == (409, True)
    assert browser.get("/users").status_code == 200


def test_a_clinician_breaks_the_glass_with_a_code_and_the_auditor_reads_why(enter, client, store, people, clock):
    other = client("clinician", "colleague")
    patient = other.post("/patients", json={"number": "MRN-9", "name": "John Roe"}).json()["id"]
    people.add("clinician", "clinician")
    with store.visit(replace(_admin(), tenant="clinic")) as visit:
        secret = require_codes(visit, people.ids["clinician"])
    browser, token = enter("clinician", code=_code(secret, clock()))
    assert browser.get(f"/patients/{patient}").headers["location"] == f"/patients/{patient}/emergency"
    asked = browser.get(f"/patients/{patient}/emergency").text
    assert "John Roe" not in asked
    short = browser.post(f"/patients/{patient}/emergency", data={"reason": "because", "counter_token": token})
    assert short.status_code == 422
    form = {"reason": "Seizure in the emergency room", "counter_token": token}
    assert browser.post(f"/patients/{patient}/emergency", data=form).headers["location"] == f"/patients/{patient}"
    assert "John Roe" in browser.get(f"/patients/{patient}").text
    assert "Emergency access to review" not in browser.get("/").text
    auditor, token = enter("auditor")
    assert '<a href="/audit">Emergency access to review: 1</a>' in auditor.get("/model").text
    listed = auditor.get("/audit").text
    assert "review: 1" not in listed
    assert form["reason"] not in listed
    path = re.search(r'action="(/emergencies/\w+/review)"', listed).group(1)
    assert form["reason"] in auditor.post(path, data={"counter_token": token}).text
    assert path not in auditor.get("/audit").text
    assert "Emergency access to review" not in auditor.get("/model").text


def test_an_emergency_is_closed_after_its_patient_was_deleted(enter, client, store, people, clock):
    patient = client("clinician", "colleague").post("/patients", json={"number": "MRN-9", "name": "John Roe"}).json()
    people.add("clinician", "clinician")
    with store.visit(replace(_admin(), tenant="clinic")) as visit:
        secret = require_codes(visit, people.ids["clinician"])
    browser, token = enter("clinician", code=_code(secret, clock()))
    form = {"reason": "Seizure in the emergency room", "counter_token": token}
    browser.post(f"/patients/{patient['id']}/emergency", data=form)
    assert client("administrator").delete(f"/patients/{patient['id']}").status_code == 204
    auditor, token = enter("auditor")
    path = re.search(r'action="(/emergencies/\w+/review)"', auditor.get("/audit").text).group(1)
    assert "the patient was deleted" in auditor.post(path, data={"counter_token": token}).text
    assert "Emergency access to review" not in auditor.get("/model").text


def test_a_nurse_is_not_offered_the_glass(enter, doctor, patient):
    browser, _ = enter("nurse")
    assert browser.get(f"/patients/{patient}").status_code == 403


def _admin():
    from flexura.storage.store import Actor

    return Actor("clinic", "console", "administrator")


def _code(secret, now):
    import pyotp

    code = pyotp.TOTP(secret).at(now)
    assert matching_step(secret, code, now=now, after_step=None) is not None
    return code
