"""`quantity`: what the table says, as text and JSON, and refusals."""

import json


def test_text_gives_units_grams_and_the_emollient_of_a_child(run):
    lines = run("quantity", "--age", 4, "--part", "face_neck", "--part", "arm_hand", "--part", "arm_hand").stdout
    assert "1 x face and neck, 2 x arm with hand, 3 to 5 years" in lines
    assert "5.5 fingertip units of 0.5 g, 2.75 g" in lines
    assert "7 days, 1 a day  19.25 g" in lines
    assert "250 to 500 g a week" in lines
    assert "emollient" not in run("quantity", "--age", 30, "--part", "face_neck").stdout


def test_json_is_one_document(run):
    result = run("quantity", "--age", 30, "--part", "leg_foot", "--per-day", 2, "--days", 14, "--json")
    assert json.loads(result.stdout) == {
        "age_row": "11 years and older",
        "units": 8.0,
        "grams": 4.0,
        "course_grams": 112.0,
    }


def test_impossible_requests_are_wrong_usage(run):
    assert run("quantity", "--age", 0.1, "--part", "face_neck").exit_code == 2
    assert run("quantity", "--age", 30, "--part", "nose").exit_code == 2
    assert run("quantity", "--age", 30, "--part", "face_neck", "--days", 60).exit_code == 2
