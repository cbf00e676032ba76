"""What the form of a new case asks: each question changes the answer, is read as told, and is shown with the answer."""

from pathlib import Path

import pytest

import flexura
from flexura.clinical.context import read_context
from flexura.clinical.schema import FIELDS
from flexura.decision.document import to_document
from flexura.errors import RequestUnfit
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor
from flexura.service.web.asking import FIRST, FOLDS, list_told, read_told, responses
from flexura.service.web.texts import TEXTS
from flexura.workflow import assess_photo

WEIGHTS = Path(flexura.__file__).parent / "inference" / "weights"
ASKED = [field.name for fold in (FIRST, *FOLDS) for field in fold.fields]
KNOWN = {"age_years": 34, "sex": "female", "itch": 7, "confirmed_diagnosis": "atopic_dermatitis"}
# Another answer to each question.
OTHER = {
    "site": "left_forearm",
    "age_years": 50,
    "sex": "male",
    "itch": 0,
    "duration_days": 400,
    "skin_type": 5,
    "textures": ["flat"],
    "symptoms": ["pain"],
    "warning_signs": ["clustered_blisters"],
    "course": "relapsing",
    "triggers": ["sweat"],
    "atopy_self": ["asthma"],
    "atopy_family": ["asthma"],
    "treatments": [{"treatment": "topical_corticosteroid_potent", "response": "unchanged"}],
    "confirmed_diagnosis": "nummular_eczema",
    "pregnancy": "pregnant",
    "conditions": ["immunosuppression"],
}
PARTS = ("diagnosis", "why", "alternatives", "recommendations")


@pytest.fixture(scope="module")
def answer(skin_photo):
    """Answers about one photo by what is told, as its parts that the page shows."""
    predictor = Predictor(load_bundle(WEIGHTS), threads=1)

    def ask(told):
        seen = assess_photo(skin_photo, read_context(told), predictor=predictor, preparation=None)
        document = to_document(seen.assessment)
        return {part: document[part] for part in PARTS}

    return ask


@pytest.mark.slow
def test_nothing_is_asked_that_does_not_change_the_answer(answer):
    assert set(ASKED) == OTHER.keys()
    plain = answer(KNOWN)
    assert answer(KNOWN) == plain
    assert [name for name, told in OTHER.items() if answer(KNOWN | {name: told}) == plain] == []


def test_a_form_is_read_as_told_and_what_is_empty_stays_unknown():
    form = {"site": "forearm", "side": "left", "age_years": "6,5", "sex": "female", "skin_type": "4"}
    form |= {"textures:flat": "1", "textures:rough_or_flaky": "1", "warning_signs:none": "1"}
    form |= {"treatments:emollient": "tried", "treatments:antihistamine": "worse", "pregnancy": "not_pregnant"}
    told = read_told(form)
    assert told == {
        "site": "left_forearm",
        "age_years": 6.5,
        "sex": "female",
        "skin_type": 4.0,
        "textures": ["flat", "rough_or_flaky"],
        "warning_signs": [],
        "treatments": [{"treatment": "emollient"}, {"treatment": "antihistamine", "response": "worse"}],
        "pregnancy": "not_pregnant",
    }
    known = read_context(told)
    assert (known.warning_signs, known.symptoms, known.skin_type) == ((), None, 4)
    assert read_told({}) == {}


@pytest.mark.parametrize("form", [{"symptoms:none": "1", "symptoms:pain": "1"}, {"itch": "much"}])
def test_none_of_these_beside_a_word_and_a_number_that_is_none_are_refused(form):
    with pytest.raises(RequestUnfit):
        read_told(form)


def test_what_was_told_is_listed_in_the_order_in_which_it_is_asked():
    context = {"conditions": [], "itch": 3, "site": "face", "age_years": {"value": 6, "unit": "years"}}
    context |= {"sleep_loss": 2, "sex": "unknown"}  # not asked; not known
    assert [(field.name, value) for field, value in list_told(context)] == [
        ("age_years", 6.0),
        ("itch", 3.0),
        ("conditions", ()),
    ]


def test_every_question_and_every_word_has_a_text():
    folded = [field for fold in FOLDS for field in fold.fields]
    words = {word for field in folded if field.kind in {"word", "words"} for word in field.words}
    words -= set(FIELDS["confirmed_diagnosis"].words)  # they are diagnoses' names
    wanted = {f"word_{word}" for word in words | set(responses())} | {f"field_{field.name}" for field in folded}
    wanted |= {f"word_{word}" for word in FIELDS["atopy_self"].words}
    assert wanted == {key for key in TEXTS["en"] if key.startswith(("word_", "field_"))}


def test_the_page_asks_tells_and_refuses(enter):
    browser, token = enter("clinician")
    form = {"counter_token": token, "number": "MRN-1", "name": "Jane Doe", "born": "2019-05-04"}
    patient = browser.post("/patients", data=form).headers["location"]
    asked = browser.get(patient).text
    for name in ("warning_signs:skin_detaching", "textures:none", "treatments:biologic", "confirmed_diagnosis"):
        assert f'name="{name}"' in asked
    told = {"counter_token": token, "site": "neck", "age_years": "6", "warning_signs:none": "1"}
    told |= {"symptoms:fever": "1", "symptoms:chills": "1", "treatments:emollient": "improved", "sex": "female"}
    case = browser.post(f"{patient}/cases", data=told).headers["location"]
    page = browser.get(case).text
    for field, value in (
        ("Age (years)", "6"),
        ("Sex", "Female"),
        ("Signs that cannot wait", "None of these"),
        ("Other symptoms", "Fever, Chills"),
        ("Treatments, and what they did", "Emollient (Improved)"),
    ):
        assert f"<dt>{field}:</dt> <dd>{value}</dd>" in page
    refused = browser.post(f"{patient}/cases", data=told | {"symptoms:none": "1"})
    assert (refused.status_code, "names one" in refused.text) == (422, True)
