"""Pages: who may see them, what they say, and that they obey the rules of the interface."""

import re

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from flexura.security.roles import GRANTS, Scope
from flexura.service.web.pages import PAGES

PERSONS = ("clinician", "nurse", "researcher", "auditor", "administrator")


def _browser(app):
    return TestClient(app, base_url="https://clinic.test", follow_redirects=False)


def test_a_stranger_is_sent_to_sign_in(app):
    answer = _browser(app).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_a_wrong_password_says_so_and_opens_nothing(app, people):
    people.add("nurse", "nurse")
    answer = _browser(app).post("/sign-in", data={"name": "nurse", "password": "wrong"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert 'role="alert"' in answer.text


def test_another_sites_form_does_not_sign_in(app):
    answer = _browser(app).post("/sign-in", data={"name": "x"}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("role", PERSONS)
def test_each_role_gets_the_pages_of_its_verbs_and_no_other(enter, role):
    browser, token = enter(role)
    for page in PAGES:
        if page.verb in {None, "session.close"}:
            continue
        path = re.sub(r"{\w+}", "0" * 32, page.path)
        form = {"counter_token": token} if page.method == "POST" and not page.takes_files else None
        answer = browser.request(page.method, path, data=form, headers={"X-CSRF-Token": token})
        refused = "This role may not do this." in answer.text
        assert refused is (GRANTS[role, page.verb] is Scope.NO), (role, path, answer.status_code)


def test_a_child_is_one_year_old_on_its_birthday_and_not_before(enter, clock):
    browser, token = enter("clinician")
    today = clock().date()
    for number, (born, age) in enumerate(((today.replace(year=today.year - 1), "1"), (today, "0"))):
        form = {"number": f"M{number}", "name": "Jane Doe", "born": born.isoformat(), "counter_token": token}
        page = browser.post("/patients", data=form, follow_redirects=True)
        assert f'id="age_years" name="age_years" inputmode="decimal" value="{age}"' in page.text


def test_a_form_without_its_counter_token_changes_nothing(enter):
    browser, _ = enter("clinician")
    answer = browser.post("/patients", data={"number": "1", "name": "Jane Doe"})
    assert answer.status_code == 403
    assert "cross_site" in answer.text


def test_a_script_that_sends_a_form_is_told_where_to_go_and_reads_no_page_twice(enter, store):
    browser, token = enter("clinician")
    form = {"number": "1", "name": "Jane Doe", "counter_token": token}
    answer = browser.post("/patients", data=form, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Jane Doe" in browser.get(answer.headers["location"]).text


def test_pages_allow_no_inline_script_and_no_other_host(app):
    answer = _browser(app).get("/sign-in")
    policy = answer.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert "script-src 'self'" in policy[0]
    assert "unsafe" not in policy[0]
    assert "//" not in answer.text


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/cases/xyz", 404), ("/sign-out", 405)])
def test_an_address_where_nothing_is_answers_with_a_page(enter, path, status):
    answer = enter("clinician")[0].get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "Back to the worklist" in answer.text


def test_the_pages_speak_the_browsers_language(app):
    page = _browser(app).get("/sign-in", headers={"accept-language": "de-AT,en;q=0.5"}).text
    assert 'lang="de"' in page
    assert "Anmelden" in page


def test_from_admission_to_a_signed_review(enter, skin_photo):
    browser, token = enter("clinician")
    form = {"counter_token": token, "number": "MRN-1", "name": "Jane Doe", "born": "2019-05-04", "key": "a"}
    patient = browser.post("/patients", data=form).headers["location"]
    assert browser.post("/patients", data=form).headers["location"] == patient  # sent twice, made once
    told = {"counter_token": token, "site": "forearm", "side": "left", "itch": "7", "age_years": "6"}
    case = browser.post(f"{patient}/cases", data=told).headers["location"]
    for there in ("/", "/?status=waiting", "/?status=all"):
        assert "Jane Doe" in browser.get(there).text
    sent = {"headers": {"X-CSRF-Token": token}}
    photo = browser.post(f"/api/v1{case}/photos", content=skin_photo, **sent).json()["id"]
    assessment = browser.post(f"/api/v1{case}/photos/{photo}/assessments", **sent).json()["id"]
    assert browser.get(f"{case}/photos/{photo}").content == skin_photo
    page = browser.get(case).text
    assert "flexura-tiny" in page
    # Of the first diagnosis too, with who says so.
    assert re.search(
        r'Atopic dermatitis.*?<p>For: [^<]*itches <span class="soft" lang="en">Eichenfield 2014', page, re.DOTALL
    )
    settling = [part.partition("</p>")[0] for part in page.split("<p>Would settle it: ")[1:]]
    assert settling[0].startswith("Ask about itch, flexures, dry skin, atopy and the age at onset")
    assert all('<span class="soft" lang="en">' in part for part in settling)
    assert len(settling) == 1 + page.count("<h3>", page.index("<summary>Alternatives"), page.index("What was not seen"))
    correct = browser.get(f"{case}/assessments/{assessment}/correct").text
    start = re.search(r'data-start="(\d+x\d+:[\d,]+)"', correct).group(1)
    review = {"counter_token": token, "assessment": assessment, "agrees": "false", "diagnosis": "contact_dermatitis"}
    review |= {"sign_dryness": "3", "reason_wrong_diagnosis": "1", "outline": start, "brush": "draw"}
    assert browser.post(f"{case}/reviews", data=review).headers["location"] == case
    page = browser.get(case).text
    for said in (
        "Contact dermatitis (allergic or irritant)",
        "clinician: Does not agree",
        "Dryness, scaling 3",
        "Wrong diagnosis",
        "outline drawn",
    ):
        assert said in page
    layers = re.findall(r'class="layer" data-layer="\w+" src="([^"]+)"', page)
    assert len(layers) == 4
    for layer in layers:
        drawn = browser.get(layer)
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/png")
    report = browser.get(f"{case}/assessments/{assessment}/report").text
    for said in ("Jane Doe", "MRN-1", "outline drawn", "What was not seen", "flexura-tiny"):
        assert said in report
    outcome = {"counter_token": token, "observed_on": "2026-04-01", "iga": "0", "note": "Healed"}
    assert browser.post(f"{case}/outcomes", data=outcome).status_code == 303
    assert "2026-04-01 · IGA 0 Healed" in browser.get(case).text
    listed = browser.get("/?status=reviewed").text
    assert "Jane Doe" in listed
    assert "Jane Doe" in browser.get("/?status=all").text
    for done in ("/", "/?status=waiting", "/?status=nonsense"):
        assert "Jane Doe" not in browser.get(done).text


def test_a_case_of_which_nothing_is_known_is_shown(enter):
    browser, token = enter("clinician")
    form = {"counter_token": token, "number": "MRN-1", "name": "Jane Doe"}
    patient = browser.post("/patients", data=form).headers["location"]
    case = browser.post(f"{patient}/cases", data={"counter_token": token}).headers["location"]
    for path in (case, patient, "/"):
        assert browser.get(path).status_code == 200
        assert "Unknown" in browser.get(path).text


@pytest.mark.parametrize("wrong", [{"sign_dryness": "4"}, {"outline": "2x2:3"}, {"diagnosis": "measles_of_mars"}])
def test_a_correction_that_cannot_be_is_refused_whole(enter, assessment, case, people, wrong):
    browser, token = enter("clinician")
    review = {"counter_token": token, "assessment": assessment, "agrees": "false", **wrong}
    answer = browser.post(f"/cases/{case}/reviews", data=review)
    assert (answer.status_code, "request_unfit" in answer.text) == (422, True)
    assert "Does not agree" not in browser.get(f"/cases/{case}").text


@pytest.mark.parametrize("path", ["assessments/{}/layers/lesion", "assessments/{}/layers/hair", "reviews/{}/outline"])
def test_a_layer_that_was_never_drawn_is_not_there(enter, case, path):
    browser, _ = enter("clinician")
    assert browser.get(f"/cases/{case}/{path.format('0' * 32)}").status_code == 404


def test_no_line_of_guidance_stands_without_what_it_is_about(enter, skin_photo):
    browser, token = enter("clinician")
    sent = {"headers": {"X-CSRF-Token": token}}
    form = {"counter_token": token, "number": "MRN-1", "name": "Jane Doe"}
    patient = browser.post("/patients", data=form).headers["location"]
    context = {"age_years": 6, "itch": 8, "site": "left_forearm", "confirmed_diagnosis": "atopic_dermatitis"}
    case = browser.post(f"/api/v1{patient}/cases", json={"context": context}, **sent).json()["id"]
    photo = browser.post(f"/api/v1/cases/{case}/photos", content=skin_photo, **sent).json()["id"]
    made = browser.post(f"/api/v1/cases/{case}/photos/{photo}/assessments", **sent).json()
    told = made["document"]["assessment"]["recommendations"]
    page = browser.get(f"/cases/{case}").text
    assert "NICE" in page
    # Of a child that itches severely NICE offers a trial of antihistamines, the AAD recommends none as a routine.
    assert "<strong>Antihistamines (guidelines differ):</strong>" in page
    for line in told:
        mark = " (guidelines differ)" if line["topic"] == "Antihistamines" else ""
        assert f"<strong>{escape(line['topic'])}{mark}:</strong> {escape(line['text'])}" in page
        assert escape(line["strength"]) in page
    assert "Oedema, papulation" in page


def test_a_patient_is_found_by_number_which_is_in_no_address(enter):
    browser, token = enter("nurse")
    form = {"counter_token": token, "number": "MRN-2", "name": "John Roe"}
    patient = browser.post("/patients", data=form).headers["location"]
    found = browser.post("/search", data={"counter_token": token, "number": "MRN-2"}).headers["location"]
    assert found == patient
    assert (
        "No patient has this number." in browser.post("/search", data={"counter_token": token, "number": "MRN-3"}).text
    )


def test_signing_out_ends_the_session(enter):
    browser, token = enter("nurse")
    assert browser.post("/sign-out", data={"counter_token": token}).headers["location"] == "/sign-in"
    assert browser.get("/").headers["location"] == "/sign-in"
