"""The whole loop on rendered skin: reviewed cases are watched, exported, learned from; the model is adopted, undone.

Only two things are small: the recipe (four short epochs on the fusion and the heads of the shipped network), and the
network that answered at the clinic (the tests' own, which says atopic dermatitis to everything).
"""

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.research.pseudonyms import Pseudonyms
from flexura.security.passwords import HashCost
from flexura.settings import open_bundle, open_store, read_settings
from flexura.storage.auditlog import search
from flexura.storage.cases import add_photo, create_case, write_photo, write_record
from flexura.storage.database import begin
from flexura.storage.patients import Identity, create_patient
from flexura.storage.research import study_secret
from flexura.storage.store import Actor, Store
from flexura.storage.tenants import create_tenant
from flexura.storage.users import add_user
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec
from flexura.synthesis.write import SetConfig, encode
from flexura.training.sets.reviewed import fold_of
from flexura.workflow import AssessedPhoto, assess_photo

PASSWORD = "seven green ladders"
STUDY = "learning"
DOCTOR, RESEARCHER = Actor("clinic", "doctor", "clinician"), Actor("clinic", "rita", "researcher")
WORKER = Actor("clinic", "worker", "worker")
# Patients whose photos are learned from, and those of the fold that is compared on: 20 are needed there.
LEARNED, COMPARED = 44, 22
RECIPE = """
name = "own"
seed = 1
start = "shipped"
members = 2
[data]
train_folds = [0, 1, 2, 3]
calibration_one_in = 4
scin = ""
[[stages]]
name = "differential"
teach = ["fusion", "heads"]
side = 288
view_strength = 0.4
kept_views = 1
watch_every = 4
[stages.optimiser]
epochs = 4
[stages.loss]
teacher = 0
"""


@pytest.fixture
def store(tmp_path, monkeypatch, run):
    """A clinic whose random numbers are the same on every run: the folds follow from the patients' pseudonyms."""
    monkeypatch.delenv("FLEXURA_BUNDLE")
    monkeypatch.setenv("FLEXURA_DATA_DIR", str(tmp_path / "clinic"))
    monkeypatch.setenv("FLEXURA_MASTER_KEY_FILE", str(tmp_path / "keys"))
    assert run("admin", "key", "create").exit_code == 0
    opened, numbers = open_store(read_settings()), count()
    made = Store(
        opened.engine,
        opened.folder,
        opened.read_ring,
        lambda: datetime.now(UTC),
        lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size),
    )
    create_tenant(made, "clinic")
    with made.visit(Actor("clinic", "console", "administrator")) as visit:
        for name, role in (("rita", "researcher"), ("mona", "administrator"), ("carl", "clinician")):
            add_user(visit, name, role, PASSWORD, cost=HashCost(1, 64, 1))
    yield made
    opened.engine.dispose()


def admit(store: Store) -> list[str]:
    """Admit patients until there are enough in either kind of fold; the others never come for a photo."""
    with store.visit(RESEARCHER) as visit:
        pseudonyms = Pseudonyms(study_secret(visit, STUDY))
    left, patients = {True: COMPARED, False: LEARNED}, []
    for number in range(1000):
        with store.visit(DOCTOR) as visit:
            patient = create_patient(visit, Identity(f"MRN-{number}", "CANARY Jane"))
        compared = fold_of(pseudonyms.name("patient", patient)) == "4"
        if left[compared]:
            left[compared] -= 1
            patients.append(patient)
        if not any(left.values()):
            return patients
    raise AssertionError("a thousand patients and not enough of them in one fold")


def fill(store: Store, bundle: Path) -> list[str]:
    """Assess a photo of each patient twice; a clinician says to both that most are psoriasis. Gives the photos."""
    predictor, photos = Predictor(load_bundle(bundle), threads=1), []
    for number, patient in enumerate(admit(store)):
        spec = SkinSpec(seed=number, tone=1 + number % 10, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(256, 256))
        content = encode(render(spec).pixels, SetConfig())
        told = {"age_years": 5 + number % 60, "site": "left_forearm"}
        with store.visit(DOCTOR) as visit:
            case = create_case(visit, patient, told)
        with write_photo(store, DOCTOR, case, content) as written, store.visit(DOCTOR) as visit:
            photos.append(add_photo(visit, written))
        assessed = assess_photo(content, read_context(told), predictor=predictor, preparation=None)
        if not isinstance(assessed, AssessedPhoto):
            continue  # out of focus, and so nothing to review
        stored = {"assessment": to_document(assessed.assessment), "context": told}
        psoriasis = number % 6 > 0
        said = {"agrees": not psoriasis, "diagnosis": "psoriasis" if psoriasis else None, "iga": 2, "note": "CANARY"}
        for _ in range(2):
            with store.visit(WORKER) as visit:
                answer = write_record(visit, "assessment", case, stored, about=photos[-1])
            with store.visit(DOCTOR) as visit:
                write_record(visit, "review", case, said, about=answer)
        with store.visit(DOCTOR) as visit:
            write_record(visit, "outcome", case, {"observed_on": "2099-01-01", "diagnosis": said["diagnosis"]})
    return photos


def decide(path: Path, photos) -> Path:
    lines = [{"photo": each, "release": True, "mask": [], "by": "Dr. Mira"} for each in photos]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.mark.timeout(600)  # 85 s of processor time, of which exporting the bundle is 40
def test_the_loop_closes(store, run, tiny_bundle, tmp_path):
    def done(*words, code=0):
        result = run(*words)
        assert result.exit_code == code, result.output + result.stderr
        return result.stdout

    photos = fill(store, tiny_bundle)
    watched = json.loads(done("monitor", "--json"))
    assert watched["agreement"]["first"]["estimate"] < 0.5
    assert watched["decision"]["verdict"] == "retrain"
    assert {"agreement_low", "correction_repeats", "outcome_contradicts"} <= set(watched["decision"]["because"])

    decided = decide(tmp_path / "decided.jsonl", photos)
    wanted = ("--study", STUDY, "--for", "rita", "--review", tmp_path / "look.jsonl", "--decided", decided)
    done("admin", "export-research", tmp_path / "export", *wanted)
    data, run_folder = tmp_path / "data", tmp_path / "run"
    told = done("data", "import", "reviewed", tmp_path / "export", "--out", data)
    assert "psoriasis" in told
    assert "CANARY" not in (data / "photos.csv").read_text() + (data / "readings.csv").read_text()

    (tmp_path / "own.toml").write_text(RECIPE)
    done("train", tmp_path / "own.toml", "--data", data, "--out", run_folder)
    bundle = run_folder / "bundle"
    done(
        "model",
        "export",
        *sorted(run_folder.glob("member-*/network.safetensors")),
        "--data",
        data,
        "--out",
        bundle,
        "--version",
        "1-clinic",
    )
    comparison = tmp_path / "comparison.json"
    compared = done("model", "compare", "adopted", bundle, "--data", data, "--fold", 4, "--out", comparison)
    assert "passed" in compared

    signed = ("--by", "mona", "--password", PASSWORD)
    done("model", "adopt", bundle, "--comparison", comparison, "--by", "carl", "--password", PASSWORD, code=2)
    assert open_bundle(read_settings()).info == load_bundle().info
    assert "In force: 1-clinic" in done("model", "adopt", bundle, "--comparison", comparison, *signed)
    assert open_bundle(read_settings()).info.version == "1-clinic"
    done(
        "model", "adopt", bundle, "--comparison", comparison, *signed, code=2
    )  # compared with another than is in force
    done("model", "rollback", *signed)
    assert open_bundle(read_settings()).info == load_bundle().info
    assert Counter(line.split()[1] for line in done("model", "history").splitlines()) == {"adopt": 1, "rollback": 1}

    with begin(store.engine) as connection:
        events = [event for event in search(connection, "clinic") if event.verb == "model.adopt"]
    assert [(event.role, event.outcome) for event in events] == [
        ("clinician", "refused"),
        ("administrator", "success"),
        ("administrator", "success"),
    ]
