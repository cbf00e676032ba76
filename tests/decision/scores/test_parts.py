"""What all scores share: exact numbers, refusals by name, results without bands."""

from decimal import Decimal
from pathlib import Path

import pytest

from flexura.cli.score import score
from flexura.decision import bands
from flexura.decision.scores.parts import (
    Reading,
    grade,
    number,
    refuse_strangers,
    result_of,
    sum_of,
    unknown_result,
    whole_grades,
)
from flexura.errors import ScoreError

PLAIN = Reading("a sum", "a source")


def test_a_float_is_taken_as_it_prints():
    assert number("x", 0.1, highest=1) == Decimal("0.1")


def test_a_score_without_bands_has_none():
    assert (result_of(Decimal(3), PLAIN).band, result_of(Decimal(3), PLAIN).scheme) == (None, "")
    assert unknown_result(["a"], PLAIN).unknown == ("a",)


def test_a_sum_needs_every_part():
    assert sum_of({"a": Decimal(1), "b": Decimal("0.5")}, PLAIN).value == Decimal("1.5")
    assert sum_of({"a": Decimal(1), "b": None}, PLAIN).unknown == ("b",)


def test_refusals_name_the_field_and_never_the_value():
    with pytest.raises(ScoreError, match="x is out of range: 0 to 3") as caught:
        number("x", 77, highest=3)
    assert "77" not in str(caught.value)
    with pytest.raises(ScoreError, match="x must be one of 0, 1, 2"):
        grade("x", 1.5, allowed=whole_grades(2))
    with pytest.raises(ScoreError, match="sign 'y' is unknown; expected x"):
        refuse_strangers("sign", ["y"], known=("x",))


def test_an_unknown_grade_stays_unknown():
    assert grade("x", None, allowed=whole_grades(2)) is None


def test_the_page_for_clinicians_shows_every_scheme_and_every_calculator():
    page = (Path(__file__).parents[3] / "docs" / "scores.md").read_text(encoding="utf-8")
    schemes = [scheme for scheme in vars(bands).values() if isinstance(scheme, bands.BandScheme)]
    for scheme in (*schemes, *bands.EASI_BANDS.values(), *bands.SCORAD_BANDS.values()):
        assert f"`{scheme.name}`" in page
        assert scheme.source.rpartition("doi ")[2] in page
    assert all(f"| `{name}` |" in page for name in score.commands)
