"""The page of the model: what was measured of it, and how its answers go here, without anybody's data."""

import json
import re
import shutil
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from flexura.inference.bundle import SHIPPED, load_bundle
from flexura.inference.card import CARD_FILE
from flexura.service.measuring import Measurement
from flexura.storage.auditlog import search
from flexura.storage.cases import create_case, write_record
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor

DOCTOR, WORKER = Actor("clinic", "doctor", "clinician"), Actor("clinic", "w", "worker")
PATIENTS = 24


@pytest.fixture
def shipped(app, clinic):
    app.state.clinic = replace(clinic, assessor=replace(clinic.assessor, bundle=load_bundle()))


def _cells(page, row):
    """The words of the cells of a row, by how its head begins."""
    found = re.search(rf'<tr><th scope="row"[^>]*>{row}.*?</tr>', page, re.DOTALL).group(0)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", found)]


def test_the_page_says_what_the_model_is_for(enter, clinic):
    page = enter("researcher")[0].get("/model").text
    assert clinic.assessor.bundle.info.intended_use in page
    assert clinic.assessor.bundle.info.sha256[:16] in page
    assert "Nothing measured comes with this model" in page


@pytest.mark.parametrize("role", ["clinician", "nurse", "researcher", "auditor", "administrator"])
def test_whoever_sees_the_model_sees_its_figures_and_those_of_subgroups(enter, shipped, role):
    page = enter(role)[0].get("/model").text
    assert _cells(page, "The first diagnosis is right") == ["0.58 (0.52 to 0.65)"]
    assert _cells(page, "Skin type, of the source 3-4") == ["155", "0.54 (0.43 to 0.64)", "0.72", "0.81", "0.11"]
    assert _cells(page, "Brown or dark") == ["214", "87 %", "8"]
    assert "It does not work on unseen cameras" in page
    assert re.search(r"nothing is known by them: age, sex\.", page)


def test_what_rests_on_few_photos_is_not_shown(enter, shipped):
    page = enter("nurse")[0].get("/model").text
    assert _cells(page, "Skin type, of the source 5-6") == ["65", "0.46 (0.32 to 0.60)", "0.68", "too few", "0.17"]


def test_a_card_without_unseen_sources_says_that_nobody_measured_them(enter, app, clinic, tmp_path):
    bundle = shutil.copytree(SHIPPED, tmp_path / "bundle")
    card = json.loads((bundle / CARD_FILE).read_text(encoding="utf-8"))
    alone = card["groups"][1] | {"interval": None, "by": "site", "name": "left forearm"}
    (bundle / CARD_FILE).write_text(json.dumps(card | {"unseen_sources": None, "groups": [alone]}), encoding="utf-8")
    app.state.clinic = replace(clinic, assessor=replace(clinic.assessor, bundle=load_bundle(bundle)))
    page = enter("nurse")[0].get("/model").text
    assert "It was not measured on cameras that the training did not see" in page
    assert "It does not work on unseen cameras" not in page
    assert _cells(page, "Body site left forearm") == ["51", "0.59", "0.78", "too few", "0.22"]


@pytest.mark.parametrize(("role", "may"), [("auditor", True), ("administrator", True), ("clinician", False)])
def test_who_may_not_watch_is_neither_offered_it_nor_let(enter, role, may):
    browser, token = enter(role)
    assert ('action="/model"' in browser.get("/model").text) is may
    assert browser.post("/model", data={"counter_token": token}).status_code == (303 if may else 403)
    assert browser.post("/model", data={}).status_code == 403


def _measure(browser, token):
    """Ask for a measurement, and look until it has ended."""
    assert browser.post("/model", data={"counter_token": token}).headers["location"] == "/model"
    for _ in range(600):
        if "data-work" not in browser.get("/model/work").text:
            return browser.get("/model").text
        time.sleep(0.05)
    raise AssertionError("the measurement did not end")


def test_a_measurement_is_shown_while_it_runs_and_cancelled_from_the_page(enter, clinic, clock):
    browser, token = enter("auditor")
    clinic.measurements._last["clinic"] = Measurement(clock(), done=3, of=24)
    for path in ("/model", "/model/work"):
        page = browser.get(path).text
        assert 'data-work="/model/work"' in page
        assert 'max="24" value="3"' in page
        assert "Measure now" not in re.sub(r"<[^>]*>", "", page)
    assert browser.post("/model/cancel", data={"counter_token": token}).headers["location"] == "/model"
    page = browser.get("/model").text
    assert "The measurement was cancelled." in page
    assert "Measure now" in page


def test_an_empty_clinic_says_that_there_is_nothing_to_tell(enter):
    browser, token = enter("auditor")
    page = _measure(browser, token)
    for said in (
        "fewer than 20, fewer than 20",
        "nothing to compare",
        "Too few reviewed photos",
        "Too little is known",
    ):
        assert said in page


def test_drift_and_agreement_are_told_in_figures_of_nobody(enter, store, clock):
    _fill(store, ita=50.0)
    clock.move(days=100)
    _fill(store, ita=-20.0, few=3)
    browser, token = enter("auditor")
    page = _measure(browser, token)
    assert "Photos, patients: 24, 24" in page
    assert "no longer look as before: features: skin ita</p>" in page
    assert _cells(page, "features: skin ita")[:2] == ["50", "-20"]
    assert _cells(page, "quality: noise") == ["too few"]
    assert "<strong>67 %</strong>" in page
    groups = re.findall(r'<th scope="row">([\w ]+): ([\w ]+)</th><td[^>]*>(\d+)</td>', page)
    assert groups[-3:] == [("Skin tone", "brown", "21"), ("Age", "child", "24"), ("Sex", "female", "21")]
    assert "CANARY" not in page
    with begin(store.engine) as connection:
        verbs = [event.verb for event in search(connection, "clinic") if event.verb.startswith("monitoring.")]
    assert verbs == ["monitoring.run", *["monitoring.read"] * 2 * PATIENTS]


def _fill(store, *, ita, few=0):
    """So many patients with one answer each, a third of them corrected; the first `few` are men with lighter skin."""
    for number in range(PATIENTS):
        tone, sex = (1.0, "male") if number < few else (5.0, "female")
        told = {"age_years": 7, "site": "left_forearm", "sex": sex}
        with store.visit(DOCTOR) as visit:
            patient = create_patient(visit, Identity(f"MRN-{ita}-{number}", "CANARY Jane"))
            case = create_case(visit, patient, told)
        answer = {
            "schema": "flexura.assessment/1",
            "photo": {"format": "JPEG", "site": "left_forearm"},
            "diagnosis": {"ranking": [{"code": "atopic_dermatitis"}, {"code": "psoriasis"}]},
            "confidence": {"score": 0.9},
            "features": {"skin_tone_class": {"value": tone}, "skin_ita": {"value": ita}},
        }
        with store.visit(WORKER) as visit:
            answered = write_record(visit, "assessment", case, {"assessment": answer, "context": told}, about="photo")
        wrong = number % 3 == 0
        said = {"agrees": not wrong, "diagnosis": "psoriasis" if wrong else None, "iga": None, "note": "CANARY"}
        with store.visit(DOCTOR) as visit:
            write_record(visit, "review", case, said, about=answered)


def test_the_window_ends_with_today(enter, store, clock):
    _fill(store, ita=50.0)
    browser, token = enter("auditor")
    assert "24, 24" in _measure(browser, token)
    clock.now += timedelta(days=91)
    browser, token = enter("auditor")
    assert "fewer than 20, fewer than 20" in _measure(browser, token)
