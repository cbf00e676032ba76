"""SCORAD, objective SCORAD and PO-SCORAD: published vectors, and the wrong calculators that are in use elsewhere."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.decision.scores import Number, objective_scorad, po_scorad, scorad
from flexura.errors import ScoreError
from flexura.records import SIGN_NAMES


def signs(total: int) -> dict[str, Number | None]:
    """Six signs that add up to the total."""
    whole, rest = divmod(total, 6)
    return {name: whole + (place < rest) for place, name in enumerate(SIGN_NAMES)}


@pytest.mark.parametrize(
    ("extent", "intensity", "itch", "sleep_loss", "value", "band"),
    [
        (20, 9, 5, 3, "43.5", "moderate"),
        (35, 10, 7, 6, "55.0", "severe"),
        (100, 18, 10, 10, "103", "severe"),
        (0, 0, 0, 0, "0", "mild"),
        # A calculator in use calls 50 severe; with A/5 + B/2 + C this would be 23, mild.
        (50, 9, 5, 3.5, "50.0", "moderate"),
    ],
)
def test_scorad_vectors(extent: int, intensity: int, itch: float, sleep_loss: float, value: str, band: str) -> None:
    result = scorad(extent, signs(intensity), itch=itch, sleep_loss=sleep_loss)
    assert result.value == Decimal(value)
    assert result.band == band
    assert objective_scorad(extent, signs(intensity)).value == Decimal(value) - Decimal(str(itch + sleep_loss))


def test_scorad_is_none_of_the_wrong_calculators() -> None:
    extent, intensity, itch, sleep_loss = 20, 9, 5, 3
    found = scorad(extent, signs(intensity), itch=itch, sleep_loss=sleep_loss).value
    halved = extent / 5 + intensity / 2 + itch + sleep_loss
    weakened = extent / 5 * 0.7 + 7 * intensity / 2 + itch + sleep_loss
    assert found not in {Decimal(str(halved)), Decimal(str(weakened))}


def test_scorad_other_scheme() -> None:
    assert scorad(20, signs(9), itch=5, sleep_loss=3, bands="chopra_2017").band == "moderate"
    assert objective_scorad(20, signs(9)).band == "moderate"


def test_scorad_names_what_it_lacks() -> None:
    given: dict[str, Number | None] = {**signs(9), "dryness": None}
    del given["erythema"]
    result = scorad(None, given, itch=None, sleep_loss=3)
    assert result.value is None
    assert result.unknown == ("extent_percent", "erythema", "dryness", "itch")
    assert objective_scorad(20, given).unknown == ("erythema", "dryness")


@pytest.mark.parametrize(("extent", "intensity", "value"), [(20, 9, "35.5"), (35, 10, "42.0"), (100, 18, "83")])
def test_objective_scorad_needs_no_symptoms(extent: int, intensity: int, value: str) -> None:
    assert scorad(extent, signs(intensity), itch=None, sleep_loss=None).value is None
    assert objective_scorad(extent, signs(intensity)).value == Decimal(value)


@pytest.mark.parametrize(
    ("extent", "changed", "itch", "named"),
    [
        (101, {}, 5, "extent_percent"),
        (20, {"dryness": 1.5}, 5, "dryness"),
        (20, {"dryness": 4}, 5, "dryness"),
        (20, {}, 10.1, "itch"),
        (20, {"redness": 2}, 5, "'redness'"),
    ],
)
def test_scorad_part_out_of_range_is_refused(extent: int, changed: dict[str, Number], itch: float, named: str) -> None:
    with pytest.raises(ScoreError, match=named):
        scorad(extent, {**signs(9), **changed}, itch=itch, sleep_loss=3)


def test_messages_never_repeat_the_value() -> None:
    with pytest.raises(ScoreError) as caught:
        scorad(20, signs(9), itch=77, sleep_loss=3)
    assert "77" not in str(caught.value)


@pytest.mark.parametrize("bands", ["etfad_classic", "chopra_2017"])
def test_po_scorad_is_the_same_formula_with_its_own_source(bands):
    whole = po_scorad(20, signs(9), itch=5, sleep_loss=3, bands=bands)
    assert (whole.value, whole.band) == (Decimal("43.5"), "moderate")
    assert "Stalder" in whole.source
    assert po_scorad(20, signs(9), itch=None, sleep_loss=3, bands=bands).unknown == ("itch",)


def test_po_scorad_refuses_what_is_out_of_range():
    with pytest.raises(ScoreError, match="sleep_loss"):
        po_scorad(20, signs(9), itch=5, sleep_loss=11)


graded = st.fixed_dictionaries(dict.fromkeys(SIGN_NAMES, st.integers(0, 3)))


@given(st.integers(0, 100), graded, st.integers(0, 10), st.integers(0, 10), st.sampled_from(SIGN_NAMES))
def test_scorad_stays_in_range_and_never_falls_when_a_part_rises(extent, signs_, itch, sleep_loss, sign):
    lower = scorad(extent, signs_, itch=itch, sleep_loss=sleep_loss).value
    # In tenths of points: 2 per percent, 35 per grade, 10 per point of complaint.
    assert lower * 10 == 2 * extent + 35 * sum(signs_.values()) + 10 * (itch + sleep_loss)
    worse = {**signs_, sign: min(signs_[sign] + 1, 3)}
    assert 0 <= lower <= scorad(min(extent + 1, 100), worse, itch=itch, sleep_loss=sleep_loss).value <= 103
