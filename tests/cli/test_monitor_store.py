"""`monitor` over a clinic's store: figures of reviewed answers, a report without anybody's data, and the audit log."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from flexura.errors import NotAnImage, NotStored, PhotoUnfit
from flexura.settings import open_store, read_settings
from flexura.storage.auditlog import search
from flexura.storage.cases import create_case, write_record
from flexura.storage.checks import record_check
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient
from flexura.storage.store import Actor, Store
from flexura.storage.tenants import create_tenant

DOCTOR, WORKER = Actor("clinic", "doctor", "clinician"), Actor("clinic", "w", "worker")
PATIENTS = 24


@pytest.fixture
def store(tmp_path, monkeypatch, run):
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "clinic"))
    monkeypatch.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    assert run("admin", "key", "create").exit_code == 0
    opened = open_store(read_settings())
    create_tenant(opened, "clinic")
    yield opened
    opened.engine.dispose()


def assessment(number):
    return {
        "schema": "flexura.assessment/1",
        "photo": {"format": "JPEG", "site": "left_forearm"},
        "diagnosis": {"ranking": [{"code": "atopic_dermatitis"}, {"code": "psoriasis"}]},
        "confidence": {"score": 0.9},
        "features": {"skin_tone_class": {"value": 5.0}},
        "severity": {"iga": {"expected": 3.0}},
        "abstained": {"reasons": [{"code": "low_confidence"}]} if number % 4 == 0 else None,
        "timings_ms": {"total": 100.0},
        "model": {"name": "flexura-main", "version": "0.3.0"},
    }


def fill(store: Store, *, months_ago: int = 0):
    """So many patients with one answer each: a third is corrected, all are followed up."""
    past = Store(store.engine, store.folder, store.read_ring, _clock(30 * months_ago), store.randomness)
    for number in range(PATIENTS):
        told = {"age_years": 7, "site": "left_forearm"}
        with past.visit(DOCTOR) as visit:
            patient = create_patient(visit, Identity(f"MRN-{months_ago}-{number}", "CANARY Jane"))
            case = create_case(visit, patient, told)
        stored = {"assessment": assessment(number), "context": told, "resources": {"peak_memory_mb": 321.0}}
        with past.visit(WORKER) as visit:
            answered = write_record(visit, "assessment", case, stored, about="photo")
        wrong = number % 3 == 0
        said = {"agrees": not wrong, "diagnosis": "psoriasis" if wrong else None, "iga": 2, "note": "CANARY"}
        day = (past.clock() + timedelta(days=20)).date().isoformat()
        with past.visit(DOCTOR) as visit:
            write_record(visit, "review", case, said, about=answered)
            write_record(visit, "outcome", case, {"observed_on": day, "diagnosis": None, "iga": 1, "note": "CANARY"})


def _clock(days):
    return lambda: datetime.now(UTC) - timedelta(days=days)


def test_a_store_is_watched_by_reviews_outcomes_and_cost(store, run, tmp_path):
    fill(store)
    fill(store, months_ago=2)
    done = run("monitor", "--days", 30, "--out", tmp_path / "report.json")
    assert done.exit_code == 0, done.output
    for line in (
        f"{PATIENTS} photos of {PATIENTS} patients; flexura-main 0.3.0 ({PATIENTS})",
        "low_confidence",
        "peak memory 321.0 MB",
        "reviewed 24 of 24 answers, of 24 patients",
        "agreement                           0.667 [",
        "corrected: atopic_dermatitis -> psoriasis",
        "predicted moderate, then            -2.000 [",
        "of 24, after 20 days",
        "MET      grades_off",
        "retraining: collect_reviews",
    ):
        assert line in done.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["agreement"]["subgroups"]["age group"][0] | {"low": 0, "high": 0} == {
        "name": "child", "count": 16, "of": 24, "low": 0, "high": 0,
    }  # fmt: skip
    assert report["windows"] == []  # nothing in the month before


def test_the_time_before_is_what_drift_is_measured_against(store, run):
    fill(store)
    fill(store, months_ago=2)
    report = json.loads(run("monitor", "--days", 45, "--json").stdout)
    (window,) = report["windows"]
    assert (window["reference_cases"], window["window_cases"], window["drifted"]) == (PATIENTS, PATIENTS, [])
    earlier = run("monitor", "--days", 45, "--until", f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%d}", "--json")
    assert json.loads(earlier.stdout)["photos"] == PATIENTS


def test_refused_photos_are_counted_by_their_codes_and_move_nothing_else(store, run):
    fill(store)
    with store.visit(DOCTOR) as visit:
        case = create_case(visit, create_patient(visit, Identity("MRN-9", "CANARY Joe")), {})
    dark = PhotoUnfit("Take it in brighter light.")
    dark.reasons = (("too_dark", "Take it in brighter light."), ("too_small", "Step closer."))
    long_ago = Store(store.engine, store.folder, store.read_ring, _clock(40), store.randomness)
    for where, refusal in ((store, dark), (store, NotAnImage("")), (store, None), (long_ago, NotAnImage(""))):
        record_check(where, DOCTOR, case, refusal)
    with pytest.raises(NotStored), store.visit(DOCTOR) as visit:
        visit.touch("case.read", "nobody", "cases/none")
    report = json.loads(run("monitor", "--days", 30, "--json").stdout)
    shares = {each["name"]: (each["count"], each["of"]) for each in report["shares"]}
    of = PATIENTS + 2
    assert shares == {
        "refused": (2, of), "too_dark": (1, of), "too_small": (1, of), "not_an_image": (1, of),
        "abstained": (PATIENTS // 4, PATIENTS), "low_confidence": (PATIENTS // 4, PATIENTS),
    }  # fmt: skip
    assert (report["photos"], report["patients"]) == (PATIENTS, PATIENTS)
    assert "not_an_image" in run("monitor", "--days", 30).stdout


def test_nobody_can_be_told_from_the_report_and_the_touch_is_on_record(store, run, tmp_path):
    fill(store)
    done = run("monitor", "--days", 30, "--out", tmp_path / "report.json")
    with begin(store.engine) as connection:
        events = list(search(connection, "clinic"))
    told = [event for event in events if event.verb.startswith("monitoring.")]
    assert [(event.verb, event.user) for event in told] == [
        ("monitoring.run", "console"),
        *[("monitoring.read", "monitoring")] * PATIENTS,
    ]
    out = done.output + (tmp_path / "report.json").read_text()
    assert not [sign for sign in ("CANARY", "MRN-", *(event.patient or "CANARY" for event in events)) if sign in out]
