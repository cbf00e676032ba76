"""When guidance is withheld, each reason by itself."""

from dataclasses import replace

import pytest

from flexura.decision.guidance.suggest import suggest
from flexura.records import Abstention, Assessment, EczemaProbability, PatientContext, Reason

TOLD = PatientContext(age_years=6.0, site="left_knee", confirmed_diagnosis="atopic_dermatitis")


def abstaining(answer: Assessment, code: str) -> Assessment:
    return replace(answer, abstained=Abstention((Reason(code, "Because."),)))


def test_guidance_is_given_where_nothing_withholds_it(answer: Assessment) -> None:
    guidance = suggest(answer, TOLD)
    assert {line.kind for line in guidance.lines} >= {"topical", "basics", "referral"}
    assert guidance.gaps == ()
    steroid = next(line for line in guidance.lines if line.topic == "Topical corticosteroid")
    assert steroid.applies_because == "mild, 6 years, body"
    assert not steroid.urgent


def test_an_uncertain_diagnosis_withholds_it_unless_a_clinician_made_it(answer: Assessment) -> None:
    untold = replace(TOLD, confirmed_diagnosis=None)
    assert answer.diagnosis.is_eczema.probability < 0.8
    withheld = suggest(answer, untold)
    assert withheld.lines == ()
    assert "not certain enough" in withheld.gaps[0]
    sure = replace(answer, diagnosis=replace(answer.diagnosis, is_eczema=EczemaProbability(0.85, {})))
    assert suggest(sure, untold).lines


def test_a_first_diagnosis_that_is_no_eczema_withholds_it(answer: Assessment) -> None:
    ranking = (answer.diagnosis.ranking[1], answer.diagnosis.ranking[0], *answer.diagnosis.ranking[2:])
    psoriasis = replace(answer.diagnosis, ranking=ranking, is_eczema=EczemaProbability(0.85, {}))
    assert suggest(replace(answer, diagnosis=psoriasis), replace(TOLD, confirmed_diagnosis=None)).lines == ()


@pytest.mark.parametrize("code", ["out_of_distribution", "too_little_skin_seen", "too_blurred"])
def test_abstention_withholds_it(answer: Assessment, code: str) -> None:
    assert suggest(abstaining(answer, code), TOLD).lines == ()


@pytest.mark.parametrize("code", ["too_many_diagnoses", "low_confidence"])
def test_doubts_about_the_diagnosis_end_with_a_clinician_s(answer: Assessment, code: str) -> None:
    assert suggest(abstaining(answer, code), TOLD).lines
    assert suggest(abstaining(answer, code), replace(TOLD, confirmed_diagnosis=None)).lines == ()


def test_other_kinds_of_eczema_and_an_unknown_age_withhold_it(answer: Assessment) -> None:
    contact = replace(TOLD, confirmed_diagnosis="contact_dermatitis", age_years=40.0)
    assert "these tables hold" in suggest(answer, contact).gaps[0]
    assert suggest(answer, replace(contact, site="left_palm")).lines
    assert "age was not told" in suggest(answer, replace(TOLD, age_years=None)).gaps[0]


def test_a_red_flag_comes_first(answer: Assessment) -> None:
    stopped = suggest(answer, TOLD, stopped_by=("Erythroderma",))
    assert stopped.lines == ()
    assert stopped.gaps == ("Withheld until the red flags are excluded: Erythroderma.",)


def test_what_is_missing_is_said_beside_what_is_given(answer: Assessment) -> None:
    guidance = suggest(answer, replace(TOLD, age_years=30.0, site=None))
    assert guidance.lines
    assert len(guidance.gaps) == 2
    assert not any(line.topic == "Topical corticosteroid" for line in guidance.lines)
