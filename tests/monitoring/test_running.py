"""Times and refusals of documents, by hand."""

import pytest

from flexura.monitoring.running import abstentions, refusals, step_times

ANSWER = {"schema": "flexura.assessment/1", "timings_ms": {"decode": 10.0, "preprocess": None}, "abstained": None}
HELD = ANSWER | {"timings_ms": {"decode": 30.0}, "abstained": {"reasons": [{"code": "low_confidence"}]}}
REFUSED = {"schema": "flexura.refusal/1", "reasons": [{"code": "too_dark"}, {"code": "too_dark"}, {"code": "blurred"}]}


def test_steps_that_ran_have_their_times():
    (decode,) = step_times([ANSWER, HELD, REFUSED])
    assert (decode.step, decode.photos, decode.median_ms) == ("decode", 2, 20.0)
    assert decode.p95_ms == pytest.approx(29.0)


def test_a_photo_counts_once_per_reason():
    shares = refusals([ANSWER, REFUSED, ANSWER, ANSWER])
    assert [(each.name, each.count, each.of) for each in shares] == [
        ("refused", 1, 4),
        ("blurred", 1, 4),
        ("too_dark", 1, 4),
    ]
    assert shares[0].low < shares[0].share == 0.25 < shares[0].high


def test_refused_photos_are_not_counted_as_held_answers():
    assert [(each.name, each.count, each.of) for each in abstentions([ANSWER, HELD, REFUSED])] == [
        ("abstained", 1, 2),
        ("low_confidence", 1, 2),
    ]


def test_nothing_gives_nothing():
    assert refusals([]) == abstentions([REFUSED]) == step_times([]) == ()
