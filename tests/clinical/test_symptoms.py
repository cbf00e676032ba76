"""Scales and bands against tables typed from the publications."""

import math
from typing import Any

import pytest

from flexura.clinical.symptoms import itch_band, poem_band, symptom_features
from flexura.records import PatientContext

# Charman et al. 2013: 0-2, 3-7, 8-16, 17-24, 25-28.
POEM = {
    "clear_or_almost_clear": range(3),
    "mild": range(3, 8),
    "moderate": range(8, 17),
    "severe": range(17, 25),
    "very_severe": range(25, 29),
}


def known(**given: Any) -> dict[str, float]:
    vector = symptom_features(PatientContext(**given))
    named = zip(vector.names, vector.values.tolist(), strict=True)
    return {name: value for name, value in named if not math.isnan(value)}


def test_every_poem_total_lies_in_its_band() -> None:
    assert {total: poem_band(total) for total in range(29)} == {
        total: band for band, totals in POEM.items() for total in totals
    }


@pytest.mark.parametrize(
    ("itch", "band"),
    [(0, "none"), (0.1, "mild"), (3, "mild"), (3.99, "mild"), (4, "moderate"), (6.99, "moderate"), (7, "severe")],
)
def test_itch_bands(itch: float, band: str) -> None:
    assert itch_band(itch) == band


def test_scores_are_shares_of_their_scales() -> None:
    found = known(itch=7, sleep_loss=4, poem=17)
    assert found == pytest.approx(
        {"itch": 0.7, "itch_band": 3, "sleep_loss": 0.4, "scorad_subjective": 11, "poem": 17 / 28, "poem_band": 3}
    )


def test_zero_is_known_and_unknown_is_not_zero() -> None:
    assert known() == {}
    assert known(itch=0) == {"itch": 0, "itch_band": 0}
    assert known(poem=0) == {"poem": 0, "poem_band": 0}


def test_each_poem_answer_keeps_its_question() -> None:
    found = known(poem_items=(4, 3, 2, 1, 0, 2, 4))
    assert found == pytest.approx(
        {
            "poem_itch": 1,
            "poem_sleep": 0.75,
            "poem_bleeding": 0.5,
            "poem_weeping": 0.25,
            "poem_cracking": 0,
            "poem_flaking": 0.5,
            "poem_dryness": 1,
        }
    )
