"""An answer that was given is not computed again, for the one who waits and for the worker alike."""

from dataclasses import replace

import pytest

from flexura.service.answers import answer_photo, ask
from flexura.service.clinic import make_assessor
from flexura.storage.store import Actor

PROGRAM = Actor("clinic", "service", "worker")
TOLD = {"age_years": 6, "itch": 7}


@pytest.fixture
def counted(assessor):
    """An assessor that counts how often it is asked to look."""
    looks = []

    def assess(bring, context):
        looks.append(context)
        return assessor.assess(bring, context)

    return replace(assessor, assess=assess), looks


def test_the_same_question_is_computed_once_and_stored_twice(clinic, doctor, app, counted, case, photo):
    app.state.clinic = replace(clinic, assessor=counted[0])
    first, second = (doctor.post(f"/cases/{case}/photos/{photo}/assessments").json() for _ in "ab")
    assert len(counted[1]) == 1
    assert second["document"] | {"resources": first["document"]["resources"]} == first["document"]
    assert "resources" not in second["document"]  # it cost nothing
    assert first["id"] != second["id"]
    assert len(doctor.get(f"/cases/{case}/assessments").json()["items"]) == 2


def test_another_model_is_asked_anew(clinic, doctor, app, counted, case, photo):
    for version in ("1", "2"):
        app.state.clinic = replace(clinic, assessor=replace(counted[0], version=version))
        doctor.post(f"/cases/{case}/photos/{photo}/assessments")
    assert len(counted[1]) == 2


def test_a_refusal_is_not_remembered(store, doctor, counted, case, grey_photo):
    photo = doctor.post(f"/cases/{case}/photos", content=grey_photo).json()["id"]
    from flexura.errors import PhotoUnfit

    for _ in range(2):
        with store.visit(PROGRAM) as visit:
            question = ask(visit, photo, TOLD, assessor=counted[0])
        with pytest.raises(PhotoUnfit):
            answer_photo(store, PROGRAM, question, assessor=counted[0])
    assert len(counted[1]) == 2


def test_the_version_changes_with_bundle_and_preparation(assessor, tiny_bundle, tmp_path):
    import shutil

    from flexura.inference.bundle import load_bundle
    from flexura.inference.predictor import Predictor
    from flexura.intake.read import read_photo
    from flexura.pipeline import MEASURED

    other = shutil.copytree(tiny_bundle, tmp_path / "other")
    description = other / "bundle.json"
    description.write_text(description.read_text().replace('"temperature": 1.5', '"temperature": 1.6'))

    def make(folder, preparation):
        return make_assessor(Predictor(load_bundle(folder), threads=1), [read_photo], preparation=preparation).version

    on_gpu = Predictor(load_bundle(tiny_bundle), threads=1)
    on_gpu.place = "cuda"
    versions = {make(tiny_bundle, None), make(other, None), make(tiny_bundle, MEASURED)}
    assert assessor.version in versions
    assert len(versions | {make_assessor(on_gpu, [read_photo], preparation=None).version}) == 4
