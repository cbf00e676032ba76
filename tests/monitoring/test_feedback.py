"""Agreement with clinicians, by hand: shares, corrections, small groups left out, selection."""

import pytest

from flexura.monitoring.feedback import MIN_CASES, Reviewed, measure_agreement


def answer(code="atopic_dermatitis", *, confidence=0.6, site="forearm"):
    return {
        "schema": "flexura.assessment/1",
        "photo": {"site": site, "format": "JPEG"},
        "diagnosis": {"ranking": [{"code": code}]},
        "confidence": {"score": confidence},
    }


def reviewed(count, truth="atopic_dermatitis", *, start=0, **said):
    return [Reviewed(answer(**said), truth, str(start + number)) for number in range(count)]


def test_agreement_and_overconfidence_have_their_values():
    found = measure_agreement(reviewed(30) + reviewed(10, "psoriasis", start=30, confidence=0.8), [])
    assert (found.reviewed, found.answered, found.selection) == (40, 40, None)
    assert found.first.estimate == 0.75
    assert found.first.low < 0.75 < found.first.high
    assert found.overconfidence.estimate == pytest.approx((30 * 0.6 + 10 * 0.8) / 40 - 0.75)


def test_corrections_say_what_becomes_of_an_answer():
    (correction,) = measure_agreement(reviewed(30) + reviewed(10, "psoriasis", start=30), []).corrections
    assert (correction.answered, correction.truth) == ("atopic_dermatitis", "psoriasis")
    assert (correction.share.count, correction.share.of) == (10, 40)


def test_subgroups_too_small_to_tell_are_left_out():
    cases = reviewed(MIN_CASES, site="hand") + reviewed(MIN_CASES - 1, site="face", start=50)
    sites = measure_agreement(cases, []).subgroups["site"]
    assert [(each.name, each.of) for each in sites] == [("hand", MIN_CASES)]


def test_photos_of_one_patient_give_no_interval():
    one = [Reviewed(answer(), "psoriasis", "same") for _ in range(5)]
    assert measure_agreement(one, []).first is None
    assert measure_agreement([], []).first is None


def test_how_reviewed_cases_differ_is_said():
    doubtful = [each for number in range(40) for each in reviewed(1, confidence=0.2 + number / 1000, start=number)]
    others = [answer(confidence=0.7 + number / 1000) for number in range(60)]
    assert "confidence" in measure_agreement(doubtful, others).selection.drifted
