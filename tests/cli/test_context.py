"""Patient context from options or a file: never both, never an unknown key, never repeated in a message."""

from datetime import date

import pytest

from flexura.cli.context import gather_context
from flexura.errors import ContextError, FileUnreadable
from flexura.records import ItchScore, PatientContext

FIELDS = {"age_years": 6, "sex": "female", "itch": 7, "site": "left_forearm"}
EXPECTED = PatientContext(age_years=6, sex="female", itch=7, site="left_forearm")


@pytest.fixture
def context_file(tmp_path):
    def write(text, name="context.json"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_options_json_and_toml_say_the_same(context_file):
    in_json = context_file('{"age_years": 6, "sex": "female", "itch": 7, "site": "left_forearm"}')
    in_toml = context_file('age_years = 6\nsex = "female"\nitch = 7\nsite = "left_forearm"\n', "context.toml")
    assert gather_context(None, FIELDS) == gather_context(in_json, {}) == gather_context(in_toml, {}) == EXPECTED


def test_a_file_may_hold_the_whole_schema_with_nested_history(context_file):
    in_json = context_file(
        '{"birth_date": "2018-02-28", "captured_at": "2024-09-14T17:05:00+02:00", "flares": ["2024-08-29"],'
        ' "itch_history": [{"day": "2024-09-12", "itch": 7}], "treatments": [{"treatment": "emollient"}]}'
    )
    in_toml = context_file(
        "birth_date = 2018-02-28\ncaptured_at = 2024-09-14T17:05:00+02:00\nflares = [2024-08-29]\n"
        '[[itch_history]]\nday = 2024-09-12\nitch = 7\n[[treatments]]\ntreatment = "emollient"\n',
        "context.toml",
    )
    assert gather_context(in_json, {}) == gather_context(in_toml, {})
    assert gather_context(in_json, {}).itch_history == (ItchScore(date(2024, 9, 12), 7.0),)
    assert gather_context(in_json, {}).age_months == 78


def test_options_that_were_not_given_are_unknown():
    assert gather_context(None, {"age_years": None, "sex": None, "report": "x"}) == PatientContext()


def test_an_unknown_key_is_named(context_file):
    with pytest.raises(ContextError, match="agee"):
        gather_context(context_file('{"agee": 6}'), {})


def test_file_and_options_exclude_each_other(context_file):
    with pytest.raises(ContextError, match="itch"):
        gather_context(context_file("{}"), {"itch": 3.0})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("[" * 100_000, "a.json", id="endless nesting"),
        ("{", "a.json"),
        ("a = ", "a.toml"),
        ("[6]", "a.json"),
        ('"Jane"', "a.json"),
        ("\x00", "a.json"),
    ],
)
def test_a_malformed_file_is_an_error_that_repeats_nothing(context_file, text, name):
    with pytest.raises(ContextError) as caught:
        gather_context(context_file(text, name), {})
    assert "Jane" not in str(caught.value)


def test_a_field_that_is_given_twice_is_refused(context_file):
    with pytest.raises(ContextError, match="'itch' is given twice"):
        gather_context(context_file('{"itch": 3, "sex": "male", "itch": 7}'), {})
    with pytest.raises(ContextError, match="not valid JSON or TOML"):
        gather_context(context_file("itch = 3\nitch = 7\n", "a.toml"), {})


def test_text_that_is_not_utf8_is_malformed(tmp_path):
    path = tmp_path / "context.json"
    path.write_bytes(b'{"site": "\xff"}')
    with pytest.raises(ContextError, match="UTF-8"):
        gather_context(path, {})


def test_a_missing_file_is_unreadable(tmp_path):
    with pytest.raises(FileUnreadable):
        gather_context(tmp_path / "none.json", {})
