"""The environment becomes settings, or an error that names the variable."""

from dataclasses import fields
from pathlib import Path

import pytest

from flexura.errors import SettingsError
from flexura.pipeline import MEASURED
from flexura.records import PREPARATION_STEPS
from flexura.settings import (
    VARIABLES,
    Settings,
    build_preparation,
    intake_limits,
    open_reader,
    read_settings,
    unknown_variables,
)

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"


def test_an_empty_environment_gives_the_defaults():
    assert read_settings({}) == Settings()


def test_every_variable_is_read():
    environment = {
        "FLEXURA_BUNDLE": "/models/one",
        "FLEXURA_MAX_BYTES": "1000",
        "FLEXURA_MAX_PIXELS": "2000",
        "FLEXURA_DECODING_BYTES": "4000",
        "FLEXURA_DECODING_SECONDS": "5",
        "FLEXURA_THREADS": "3",
        "FLEXURA_PREPARATION": "scale, Illumination",
        "FLEXURA_DEBUG": "1",
    }
    assert set(environment) == {variable.name for variable in VARIABLES}
    assert read_settings(environment) == Settings(
        Path("/models/one"),
        max_bytes=1000,
        max_pixels=2000,
        decoding_bytes=4000,
        decoding_seconds=5,
        threads=3,
        preparation=("scale", "illumination"),
        debug=True,
    )


def test_an_empty_variable_counts_as_unset():
    assert read_settings({"FLEXURA_THREADS": " "}) == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FLEXURA_THREADS", "0"),
        ("FLEXURA_THREADS", "two"),
        ("FLEXURA_MAX_BYTES", "-5"),
        ("FLEXURA_MAX_PIXELS", "1e6"),
        ("FLEXURA_PREPARATION", "sharpen"),
        ("FLEXURA_PREPARATION", "scale,"),
        ("FLEXURA_DEBUG", "maybe"),
    ],
)
def test_a_useless_value_is_an_error_that_names_its_variable_and_not_its_value(name, text):
    with pytest.raises(SettingsError, match=name) as caught:
        read_settings({name: text})
    assert text not in str(caught.value).replace("from 1 up", "").replace("1 or 0", "")


def test_every_field_has_a_variable_and_every_variable_a_field():
    assert sorted(variable.field for variable in VARIABLES) == sorted(field.name for field in fields(Settings))


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_is_documented(variable):
    assert f"| `{variable.name}` |" in DOCUMENT.read_text(encoding="utf-8")


def test_nothing_else_is_documented():
    documented = {line.split("`")[1] for line in DOCUMENT.read_text().splitlines() if line.startswith("| `FLEXURA_")}
    assert documented == {variable.name for variable in VARIABLES}


def test_slips_of_the_pen_are_named():
    assert unknown_variables({"FLEXURA_THREAD": "2", "FLEXURA_DEBUG": "1", "HOME": "/"}) == ("FLEXURA_THREAD",)


def test_only_what_is_set_replaces_intakes_own_limits():
    with open_reader(Settings()) as usual, open_reader(Settings(max_bytes=5, decoding_seconds=2)) as chosen:
        assert (chosen.limits.max_bytes, chosen.decoding.max_seconds) == (5, 2)
        assert chosen.limits.max_pixels == usual.limits.max_pixels
        assert chosen.decoding.max_memory_bytes == usual.decoding.max_memory_bytes


def test_preparation_is_the_pipelines_unless_steps_are_named():
    assert build_preparation(read_settings({})) is MEASURED
    none = build_preparation(read_settings({"FLEXURA_PREPARATION": "none"}))
    assert (none.scale, none.artefacts, none.colour_cast, none.illumination) == (None, None, None, None)
    assert none.background.outside == "keep"
    named = build_preparation(read_settings({"FLEXURA_PREPARATION": "illumination,artefacts"}))
    assert (named.scale, named.colour_cast) == (None, None)
    assert named.artefacts is MEASURED.artefacts
    assert named.illumination is not None


def test_the_documented_steps_are_those_there_are():
    row = next(line for line in DOCUMENT.read_text().splitlines() if line.startswith("| `FLEXURA_PREPARATION`"))
    assert all(f"`{name}`" in row for name in PREPARATION_STEPS)
    switched = {"scale": MEASURED.scale, "artefacts": MEASURED.artefacts}
    assert "`scale,artefacts`" in row
    assert None not in switched.values()
    assert (MEASURED.colour_cast, MEASURED.illumination, MEASURED.background.outside) == (None, None, "keep")


def test_the_limits_of_a_file_are_those_of_the_reader():
    settings = Settings(max_bytes=5, max_pixels=7)
    with open_reader(settings) as reader:
        assert intake_limits(settings) == reader.limits
