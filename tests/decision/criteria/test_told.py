"""Three-valued readings of the context: what was told, what was denied, and what nobody asked."""

from datetime import date

import pytest

from flexura.decision.criteria import told
from flexura.records import ItchScore, PatientContext


@pytest.mark.parametrize(
    ("needed", "answers", "expected"),
    [
        (0, [], True),
        (0, [False, None], True),
        (1, [], False),
        (1, [None], None),
        (2, [True, True, None], True),
        (2, [True, None, False], None),
        (2, [True, False, False], False),
    ],
)
def test_at_least(needed, answers, expected):
    assert told.at_least(needed, answers) is expected


@pytest.mark.parametrize(
    ("answers", "some", "every"),
    [
        ([True, None], True, None),
        ([False, None], None, False),
        ([False, False], False, False),
        ([True, True], True, True),
    ],
)
def test_some_and_every(answers, some, every):
    assert (told.any_of(answers), told.all_of(answers)) == (some, every)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, None),
        ({"itch": 3.0}, True),
        # Three days without itch say nothing of the year.
        ({"itch": 0.0}, None),
        ({"itch": 0.0, "itch_history": (ItchScore(date(2024, 1, 1), 2.0),)}, True),
        ({"poem_items": (1, 0, 0, 0, 0, 0, 0)}, True),
        ({"itch": 0.0, "features_not_found": ("itchy_skin_last_year",)}, False),
        ({"features_found": ("itchy_skin_last_year",)}, True),
    ],
)
def test_itch(context, expected):
    assert told.itches(PatientContext(**context)) is expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, None),
        ({"site": "left_antecubital_fossa"}, True),
        ({"site": "back"}, None),
        ({"sites": ("back",)}, False),
        ({"sites": ()}, False),
        ({"sites": ("back", "right_ankle")}, True),
        ({"sites": ("whole_body",)}, True),
    ],
)
def test_flexures(context, expected):
    assert told.affected(told.FLEXURES)(PatientContext(**context)) is expected


@pytest.mark.parametrize(("age", "expected"), [(None, None), (1.9, True), (2, None), (17, None), (18, False)])
def test_early_onset_has_no_published_limit(age, expected):
    assert told.early_onset(PatientContext(onset_age_years=age)) is expected


def test_features_and_exclusions_that_nobody_asked_for_are_unknown():
    context = PatientContext(features_found=("keratosis_pilaris",), features_not_found=("ichthyosis",))
    assert told.feature("keratosis_pilaris", "ichthyosis")(context) is True
    assert told.feature("ichthyosis")(context) is False
    assert told.feature("ichthyosis", "palmar_hyperlinearity")(context) is None
    assert told.excluded("scabies")(context) is None
    assert told.excluded("scabies")(PatientContext(excluded_diagnoses=("scabies",))) is True


def test_a_list_that_was_told_is_complete():
    assert told.listed("triggers", "sweat")(PatientContext(triggers=())) is False
    assert told.listed("triggers", "sweat")(PatientContext()) is None
