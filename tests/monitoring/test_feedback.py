"""Agreement with clinicians, by hand: shares, corrections, small groups left out, several reviewers, selection."""

import pytest

from flexura.monitoring.answers import Answer, Judgement
from flexura.monitoring.feedback import MIN_CASES, measure_agreement


def document(code="atopic_dermatitis", *, confidence=0.6, site="forearm", age_group="child", abstained=None):
    return {
        "schema": "flexura.assessment/1",
        "photo": {"site": site, "format": "JPEG"},
        "diagnosis": {"ranking": [{"code": code}, {"code": "psoriasis"}]},
        "confidence": {"score": confidence},
        "features": {"skin_tone_class": {"value": 3.0}},
        "context": {"age_group": age_group},
        "abstained": abstained,
    }


def answers(count, *said, start=0, **told):
    judged = tuple(
        Judgement(reviewer, agrees=diagnosis is None, diagnosis=diagnosis) for reviewer, diagnosis in enumerate(said)
    )
    return [Answer(document(**told), str(start + number), judgements=judged) for number in range(count)]


def test_agreement_and_overconfidence_have_their_values():
    found = measure_agreement(answers(30, None) + answers(10, "psoriasis", start=30, confidence=0.8))
    assert (found.reviewed, found.patients, found.answered, found.selection) == (40, 40, 40, None)
    assert found.first.estimate == 0.75
    assert found.among_three.estimate == 1.0
    assert found.first.low < 0.75 < found.first.high
    assert found.overconfidence.estimate == pytest.approx((30 * 0.6 + 10 * 0.8) / 40 - 0.75)


def test_most_reviewers_decide_and_each_has_one_vote():
    said = (Judgement("a", agrees=True), Judgement("b", agrees=False, diagnosis="psoriasis"))
    again = Judgement("a", agrees=False, diagnosis="psoriasis", iga=3)
    answer = Answer(document(), "p", judgements=(*said, again, Judgement("c", agrees=True, iga=2)))
    assert answer.votes == {"psoriasis": 2, "atopic_dermatitis": 1}
    assert (answer.truth, answer.iga) == ("psoriasis", 2.5)


def test_whoever_disagrees_without_a_diagnosis_counts_against_the_answer():
    wrong = [Answer(document(), str(number), judgements=(Judgement("a", agrees=False),)) for number in range(20)]
    found = measure_agreement(wrong)
    assert (found.first.estimate, found.among_three.estimate) == (0.0, 0.0)
    assert [each.truth for each in found.corrections] == ["unknown"]


def test_corrections_say_what_becomes_of_an_answer():
    (correction,) = measure_agreement(answers(30, None) + answers(10, "psoriasis", start=30)).corrections
    assert (correction.answered, correction.truth) == ("atopic_dermatitis", "psoriasis")
    assert (correction.share.count, correction.share.of) == (10, 40)


@pytest.mark.parametrize(
    ("kind", "told", "large", "small"),
    [
        ("site", "site", "hand", "face"),
        ("age group", "age_group", "infant", "adult"),
        ("held back", "abstained", None, {"reasons": [{"code": "low_confidence"}]}),
    ],
)
def test_subgroups_too_small_to_tell_are_left_out(kind, told, large, small):
    cases = answers(MIN_CASES, None, **{told: large}) + answers(MIN_CASES - 1, None, start=50, **{told: small})
    subgroups = measure_agreement(cases).subgroups
    assert [(each.name, each.of) for each in subgroups[kind]] == [(large or "no", MIN_CASES)]
    assert [each.name for each in subgroups["skin tone"]] == ["3"]


def test_photos_of_one_patient_give_no_interval():
    one = [Answer(document(), "same", judgements=(Judgement("a", agrees=True),)) for _ in range(5)]
    assert measure_agreement(one).first is None
    assert measure_agreement([]).first is None


def test_how_reviewed_cases_differ_is_said():
    doubtful = [each for number in range(40) for each in answers(1, None, confidence=0.2 + number / 1000, start=number)]
    others = [each for number in range(60) for each in answers(1, confidence=0.7 + number / 1000, start=100 + number)]
    assert "confidence" in measure_agreement(doubtful + others).selection.drifted
