"""Patients judged by hand against each set: the thresholds, the forms by age, and the questions that are left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.clinical.vocabulary import ECZEMA_FEATURES, EXCLUSIONS
from flexura.decision.criteria.judge import judge
from flexura.decision.criteria.sets import SETS
from flexura.records import PatientContext

NOTHING = PatientContext()
DRY = {"features_found": ("dry_skin_last_year",)}
NOT_DRY = {"features_not_found": ("dry_skin_last_year",)}
NO_CREASES = {"features_not_found": ("flexural_history",)}
# Itch, creases now and ever, and dry skin: three of the five, or four.
TYPICAL = {"itch": 5.0, "sites": ("left_antecubital_fossa",), **DRY}
ALL_DENIED = {"atopy_self": (), "atopy_family": (), "onset_age_years": 30.0, "sites": ("back",)}


def verdict(name, **context):
    result = judge(PatientContext(**context)).get(name)
    return None if result is None else result.met


def test_every_set_has_its_size():
    sizes = {one.name: [[len(group.rows) for group in form.groups] for form in one.forms] for one in SETS}
    assert sizes == {
        "uk_working_party": [[1, 4], [1, 5], [1, 5]],
        "nice_cg57": [[1, 4], [1, 4], [1, 5]],
        "hanifin_rajka": [[4, 23], [4, 23]],
        "aad_2014": [[3, 9, 4, 5], [3, 9, 4, 5]],
    }


@pytest.mark.parametrize("one", SETS, ids=lambda one: one.name)
def test_codes_are_unique_and_every_row_asks_a_question(one):
    for form in one.forms:
        rows = [row for group in form.groups for row in group.rows]
        assert len({row.code for row in rows}) == len(rows)
        assert all(row.question.endswith("?") for row in rows)


def test_of_nothing_nothing_can_be_told():
    judged = judge(NOTHING)
    assert list(judged) == ["uk_working_party", "hanifin_rajka", "aad_2014"]
    assert {result.met for result in judged.values()} == {None}
    assert all(result.questions[0] == "How old is the patient?" for result in judged.values())


# Published threshold: itch and three of five. Each line is worked by hand.
@pytest.mark.parametrize(
    ("age", "context", "met"),
    [
        (30.0, TYPICAL, True),
        (30.0, {**TYPICAL, "itch": None}, None),
        (30.0, {**TYPICAL, "itch": None, "features_not_found": ("itchy_skin_last_year",)}, False),
        # Creases give two of five; with all else denied a third is missing.
        (30.0, {**ALL_DENIED, "itch": 5.0, "sites": ("neck",), **NOT_DRY}, False),
        (30.0, {**ALL_DENIED, "itch": 5.0, "sites": ("neck",), **DRY}, True),
        (30.0, {"itch": 5.0, "sites": ("neck",)}, None),
        # Cheeks: a history under 10, a visible sign under 4 only.
        (9.9, {**ALL_DENIED, "itch": 5.0, "sites": ("face",), "onset_age_years": 1.0, **DRY}, True),
        (10.0, {**ALL_DENIED, "itch": 5.0, "sites": ("face",), "onset_age_years": 1.0, **DRY, **NO_CREASES}, False),
        (3.9, {**ALL_DENIED, "itch": 5.0, "sites": ("face",), **DRY}, True),
        # Outer limbs show dermatitis under 4; relatives count there, and the onset does not.
        (3.9, {**ALL_DENIED, "itch": 5.0, "sites": ("knee",), "atopy_family": ("asthma",), **DRY}, True),
        (4.0, {**ALL_DENIED, "itch": 5.0, "sites": ("knee",), "atopy_family": ("asthma",), **DRY, **NO_CREASES}, False),
        (3.9, {**ALL_DENIED, "itch": 5.0, "sites": ("neck",), "onset_age_years": 0.5, **NOT_DRY}, False),
        (4.0, {**ALL_DENIED, "itch": 5.0, "sites": ("neck",), "onset_age_years": 0.5, **NOT_DRY}, True),
    ],
)  # fmt: skip
def test_uk_working_party(age, context, met):
    assert verdict("uk_working_party", age_years=age, **context) is met


@pytest.mark.parametrize(
    ("months", "site", "met"),
    [(18, "face", True), (19, "face", False), (18, "knee", True), (19, "neck", True), (18, "neck", False)],
)
def test_nice_takes_cheeks_and_extensors_up_to_18_months(months, site, met):
    context = {**ALL_DENIED, "itch": 5.0, "sites": (site,), "onset_age_years": None}
    context |= {**DRY, **NO_CREASES}
    assert verdict("nice_cg57", age_years=months / 12, **context) is met


def test_nice_is_for_children_under_12():
    assert verdict("nice_cg57", age_years=11.9, **TYPICAL) is True
    assert "nice_cg57" not in judge(PatientContext(age_years=12.0, **TYPICAL))


MAJOR = {
    "itch": 5.0,
    "course": "relapsing",
    "atopy_self": ("asthma",),
    "sites": ("back",),
}
MINORS = ("dry_skin_last_year", "cheilitis", "keratoconus")


def test_hanifin_rajka_needs_three_of_each():
    base = {"age_years": 30.0, **MAJOR, "triggers": ()}
    everything_else = tuple(word for word in ECZEMA_FEATURES if word not in MINORS)
    denied = {"features_not_found": everything_else, "onset_age_years": 30.0}
    assert verdict("hanifin_rajka", **base, features_found=MINORS) is True
    assert verdict("hanifin_rajka", **base, features_found=MINORS[:2]) is None
    missing = (*everything_else, MINORS[2])
    assert (
        verdict("hanifin_rajka", **base, features_found=MINORS[:2], **{**denied, "features_not_found": missing})
        is False
    )
    assert verdict("hanifin_rajka", **{**base, "itch": None}, features_found=MINORS, **denied) is False
    denied["features_not_found"] = tuple(word for word in everything_else if word != "itchy_skin_last_year")
    assert verdict("hanifin_rajka", **{**base, "itch": None}, features_found=MINORS, **denied) is None
    no_course = {**base, "course": "first_episode", "atopy_self": (), "atopy_family": ()}
    assert verdict("hanifin_rajka", **no_course, features_found=MINORS) is False


def test_typical_sites_depend_on_the_age():
    context = {"itch": 5.0, "course": "first_episode", "atopy_self": ("asthma",), "sites": ("face",)}
    context |= {"features_found": ("typical_morphology", *MINORS)}
    assert verdict("hanifin_rajka", age_years=5.0, **context) is True
    assert verdict("hanifin_rajka", age_years=30.0, **context) is False


def test_aad_needs_the_essential_features_and_every_exclusion():
    context = {"age_years": 30.0, **MAJOR, "sites": ("neck",), "features_found": ("typical_morphology",)}
    assert verdict("aad_2014", **context) is None
    assert len(judge(PatientContext(**context))["aad_2014"].questions) == 9
    assert verdict("aad_2014", **context, excluded_diagnoses=EXCLUSIONS) is True
    assert verdict("aad_2014", **context, excluded_diagnoses=EXCLUSIONS[:-1]) is None
    assert verdict("aad_2014", **{**context, "course": "first_episode"}, excluded_diagnoses=EXCLUSIONS) is False


def test_a_decided_set_asks_nothing_and_an_open_one_only_what_is_open():
    decided = judge(PatientContext(age_years=30.0, **TYPICAL))["uk_working_party"]
    assert (decided.met, decided.questions, decided.count) == (True, (), 4)
    assert decided.unknown == ("atopy", "onset")
    still_open = judge(PatientContext(age_years=30.0, itch=5.0, sites=("neck",)))["uk_working_party"]
    assert still_open.questions == (
        "Has the patient ever had asthma or hay fever?",
        "Has the skin been generally dry in the last year?",
        "Did it begin before the age of 2?",
    )


def test_without_an_age_the_forms_must_agree():
    typical = judge(PatientContext(**TYPICAL))["uk_working_party"]
    assert (typical.met, typical.unknown[0], typical.questions) == (True, "age", ())
    context = {**ALL_DENIED, "itch": 5.0, "sites": ("face",), **DRY}
    split = judge(PatientContext(**context, features_not_found=("flexural_history",)))["uk_working_party"]
    assert (split.met, split.count, split.questions[0]) == (None, None, "How old is the patient?")


_WORDS = st.lists(st.sampled_from(ECZEMA_FEATURES), max_size=8, unique=True).map(tuple)


@given(_WORDS, st.sampled_from([1.0, 3.0, 6.0, 40.0]), st.sampled_from(ECZEMA_FEATURES))
def test_finding_one_more_feature_never_undoes_a_set(found, age, more):
    before = judge(PatientContext(age_years=age, itch=5.0, features_found=found))
    after = judge(PatientContext(age_years=age, itch=5.0, features_found=(*found, more)))
    for name, result in before.items():
        assert result.met is not False
        assert not (result.met is True and after[name].met is not True)
        assert after[name].count >= result.count
