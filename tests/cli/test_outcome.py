"""Places, refusals and exit statuses: who is refused why, and what the command says in the end."""

import json
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from flexura.cli import outcome
from flexura.cli.outcome import Place, Refusal
from flexura.errors import EmptyFile, FileUnreadable
from flexura.records import QualityCheck, QualityReport, Reason

BLURRED = QualityCheck(
    "sharpness", 3.0, 12.0, "grey levels", False, "too_blurred", "Hold the camera still.", "at_least"
)
BRIGHT = QualityCheck("darkness", 0.5, 0.1, "fraction", True, "too_dark", "Use daylight.", "at_least")


@pytest.mark.parametrize("statuses", list(permutations([0, 2, 3])))
def test_the_worst_status_wins_in_any_order(statuses):
    assert outcome.worst(statuses) == 3


def test_our_own_fault_is_worse_than_all_others():
    assert outcome.worst([0, 1, 2, 3, 4]) == 1
    assert outcome.worst([2, 4, 3]) == 4
    assert outcome.worst([0, 0]) == 0


def test_only_several_photos_number_their_files():
    assert Place(1, 1).numbered(Path("a/answer.html")) == Path("a/answer.html")
    assert Place(2, 3).numbered(Path("a/answer.html")) == Path("a/answer-2.html")


def test_a_file_is_read_no_further_than_shows_that_it_is_too_large(tmp_path):
    path = tmp_path / "photo"
    path.write_bytes(b"123456789")
    assert outcome.read_content(path, 100) == b"123456789"
    assert outcome.read_content(path, 4) == b"12345"


def test_a_missing_file_and_a_folder_are_unreadable_without_their_names(tmp_path):
    for path in (tmp_path / "jane_doe.jpg", tmp_path):
        with pytest.raises(FileUnreadable) as caught:
            outcome.read_content(path, 10)
        assert "jane" not in str(caught.value)


def test_an_error_on_purpose_keeps_its_code_and_status():
    refusal = outcome.refuse_error(EmptyFile("The file is empty."), debug=False)
    assert refusal == Refusal((Reason("empty_file", "The file is empty."),), 3)


def test_a_fault_of_our_own_shows_its_kind_and_not_its_words(capsys):
    refusal = outcome.refuse_error(KeyError("Jane Doe"), debug=False)
    assert (refusal.exit_status, refusal.reasons[0].code) == (1, "internal_error")
    assert "KeyError" in refusal.reasons[0].message
    assert "Jane" not in refusal.reasons[0].message + "".join(capsys.readouterr())


def test_debug_shows_where_a_fault_happened(capsys):
    outcome.refuse_error(KeyError("detail"), debug=True)
    assert "detail" in capsys.readouterr().err


def test_failed_checks_become_reasons():
    refusal = outcome.refuse_quality(QualityReport((BLURRED, BRIGHT)), sha256="ab")
    assert refusal.reasons == (Reason("too_blurred", "Hold the camera still."),)
    assert refusal.exit_status == 3


def test_what_only_advises_is_no_reason():
    hint = replace(BRIGHT, passed=False, gating=False)
    refusal = outcome.refuse_quality(QualityReport((BLURRED, hint)), sha256="ab")
    assert [reason.code for reason in refusal.reasons] == ["too_blurred"]


def test_a_refused_photo_is_a_document_on_standard_output(capsys):
    refusal = outcome.refuse_quality(QualityReport((BLURRED, BRIGHT)), sha256="ab")
    assert outcome.show_refusal(refusal, Place(2, 3), as_json=True) == 3
    sharpness = {"name": "sharpness", "value": 3.0, "threshold": 12.0, "unit": "grey levels", "passed": False}
    darkness = {"name": "darkness", "value": 0.5, "threshold": 0.1, "unit": "fraction", "passed": True}
    gates = {"bound": "at_least", "gating": True}
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "schema": "flexura.refusal/1",
        "photo": {"index": 2, "of": 3, "sha256": "ab"},
        "reasons": [{"code": "too_blurred", "message": "Hold the camera still."}],
        "red_flags": [],
        "quality": {
            "accepted": False,
            "checks": [
                sharpness | gates | {"reason": "too_blurred"},
                darkness | gates | {"reason": "too_dark"},
            ],
        },
    }
    assert err == "Photo 2 of 3: refused (too_blurred)\n"


def test_in_text_the_table_and_the_advice_go_to_standard_error(capsys):
    refusal = outcome.refuse_quality(QualityReport((BLURRED, BRIGHT)), sha256="ab")
    outcome.show_refusal(refusal, Place(1, 1), as_json=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert "FAILED: too_blurred" in err
    assert "Hold the camera still." in err


def test_among_several_photos_standard_output_says_which_was_refused(capsys):
    outcome.show_refusal(Refusal((Reason("empty_file", "The file is empty."),), 3), Place(2, 3), as_json=False)
    assert capsys.readouterr().out == "Photo 2 of 3: refused (empty_file)\n\n"
