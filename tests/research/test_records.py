"""What leaves of a case's words: checked fields, moved days, no notes, no file."""

from datetime import date

import pytest

from flexura.errors import ContextError
from flexura.research.pseudonyms import Pseudonyms
from flexura.research.records import (
    deidentify_assessment,
    deidentify_context,
    deidentify_outcome,
    deidentify_review,
)

PSEUDONYMS = Pseudonyms(b"k" * 32)
WHO = {"patient": "p", "pseudonyms": PSEUDONYMS}


def _moved(text: str) -> str:
    return PSEUDONYMS.shift("p", date.fromisoformat(text)).isoformat()


def test_days_of_a_context_move_and_the_rest_stays():
    told = {
        "birth_date": "2019-05-04", "captured_at": "2026-03-01T10:11:12+01:00", "sex": "female", "itch": 7,
        "flares": ["2026-01-01", "2026-02-01"], "itch_history": [{"day": "2026-02-01", "itch": 3}],
        "site": "left_forearm",
    }  # fmt: skip
    left = deidentify_context(told, **WHO)
    assert "birth_date" not in left
    assert "captured_at" not in left
    assert left["captured_on"] == _moved("2026-03-01")
    assert left["flares"] == [_moved("2026-01-01"), _moved("2026-02-01")]
    assert _moved("2026-02-01") in left["itch_history"][0].values()
    assert (left["sex"], left["itch"], left["site"]) == ("female", 7, "left_forearm")
    assert left["age_years"] == pytest.approx(6.8, abs=0.1)


def test_the_oldest_ages_are_cut():
    assert deidentify_context({"age_years": 97, "onset_age_years": 92}, **WHO) == {
        "age_years": 90.0,
        "onset_age_years": 90.0,
    }
    assert "age_months" not in deidentify_context({"age_months": 1170}, **WHO)


def test_what_the_schema_does_not_know_stops_the_export():
    with pytest.raises(ContextError):
        deidentify_context({"name": "Jane"}, **WHO)


def test_of_an_assessment_only_numbers_leave():
    document = {
        "assessment": {
            "photo": {"sha256": "ab"},
            "diagnosis": {"x": 1, "for": ["Jane"], "against": ["Jane"]},
            "why": ["Jane"],
            "timings_ms": {},
        }
    }
    assert deidentify_assessment(document) == {"diagnosis": {"x": 1}}


def test_notes_stay():
    said = {"agrees": False, "diagnosis": "psoriasis", "iga": 2, "outline": "2x1:1,1"}
    assert deidentify_review({"assessment": "id", **said, "note": "Jane's aunt"}) == said
    outcome = {"observed_on": "2026-04-01", "diagnosis": None, "note": "Jane"}
    assert deidentify_outcome(outcome, **WHO) == {"observed_on": _moved("2026-04-01")}
    points = {"iga": 0, "poem_items": [4, 3, 1, 1, 2, 2, 4]}
    assert deidentify_outcome(outcome | points, **WHO) == {"observed_on": _moved("2026-04-01"), **points}
