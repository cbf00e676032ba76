"""Two photos in one drawing: sizes and gains by hand, the choice of which, and what the page says of it."""

from datetime import date
from typing import Any

import pytest

from flexura.errors import NotStored
from flexura.service.web.beside import Shot, arrange, choose


def shot(day: int, site: str | None = "left_forearm", **told: Any) -> Shot:
    """A photo of 400 x 300 px of a day in March, with what was measured on it."""
    cast = {
        f"gain_{channel}": gain for channel, gain in zip(("red", "green", "blue"), told.get("gains", ()), strict=False)
    }
    scale = {"mm_per_pixel": told.get("mm_per_pixel"), "known_by": told.get("known_by", "ruler")}
    document = {
        "assessment": {
            "photo": {"width": 400, "height": 300},
            "preprocessing": [{"step": "scale", "parameters": scale}, {"step": "colour_cast", "parameters": cast}],
            "features": {"skin_lightness": {"value": told.get("lightness"), "unit": "L*"}},
        }
    }
    return Shot(f"answer {day}", "case", f"photo {day}", date(2026, 3, day), site, document)


def test_two_known_scales_give_millimetres() -> None:
    pair = arrange(shot(1, mm_per_pixel=0.5), shot(2, mm_per_pixel=0.25, known_by="pixel_spacing"), match_light=True)
    assert pair.to_scale
    assert (pair.left.width, pair.left.height) == (200, 150)
    assert (pair.right.width, pair.right.height) == (100, 75)
    # The gap is a fiftieth of both.
    assert (pair.left.x, pair.right.x, pair.width, pair.height) == (0, 206, 306, 150)


@pytest.mark.parametrize("other", [{}, {"mm_per_pixel": 0.5, "known_by": "site_prior"}])
def test_without_two_measured_scales_both_are_as_wide(other: dict[str, Any]) -> None:
    pair = arrange(shot(1, mm_per_pixel=0.5), shot(2, **other), match_light=True)
    assert not pair.to_scale
    assert (pair.left.width, pair.right.width, pair.right.height) == (100, 100, 75)


def test_colour_is_taken_out_of_each_and_both_skins_meet_in_the_middle() -> None:
    # L* 50 is Y .1842; L* 62 is Y .3040: they meet at .2366.
    pair = arrange(
        shot(1, gains=(1.1, 1.0, 0.9), lightness=50), shot(2, gains=(1, 1, 1), lightness=62), match_light=True
    )
    assert (pair.colour_known, pair.brightness_known) == (True, True)
    assert pair.left.gains == pytest.approx((1.1 * 1.2847, 1.2847, 0.9 * 1.2847), abs=1e-3)
    assert pair.right.gains == pytest.approx((0.7784, 0.7784, 0.7784), abs=1e-3)


def test_what_was_not_measured_stays_as_taken_and_is_said() -> None:
    pair = arrange(shot(1, gains=(1.1, 1.0, 0.9)), shot(2, lightness=62), match_light=True)
    assert (pair.colour_known, pair.brightness_known) == (False, False)
    assert (pair.left.gains, pair.right.gains) == ((1.1, 1.0, 0.9), (1, 1, 1))


def test_brightness_is_at_most_doubled_or_halved() -> None:
    pair = arrange(shot(1, lightness=10), shot(2, lightness=95), match_light=True)
    assert (pair.left.gains, pair.right.gains) == ((2, 2, 2), (0.5, 0.5, 0.5))


def test_light_can_stay_as_taken() -> None:
    pair = arrange(shot(1, gains=(1.1, 1, 1), lightness=50), shot(2, lightness=62), match_light=False)
    assert (pair.left.gains, pair.right.gains) == ((1, 1, 1), (1, 1, 1))


def test_the_longest_series_of_one_site_is_shown_unless_others_are_asked_for() -> None:
    shots = [shot(20, "neck"), shot(5), shot(1, "chest"), shot(9), shot(3, "neck")]
    chosen = choose(shots, left=None, right=None)
    assert chosen is not None
    assert [each.answer for each in chosen] == ["answer 3", "answer 20"]
    chosen = choose(shots, left="answer 9", right="answer 1")
    assert chosen is not None
    assert [each.answer for each in chosen] == ["answer 9", "answer 1"]
    chosen = choose([shot(5), shot(1, "chest"), shot(7, None)], left=None, right="")
    assert chosen is not None
    assert [each.answer for each in chosen] == ["answer 1", "answer 7"]
    assert choose([shot(1)], left=None, right=None) is None
    with pytest.raises(NotStored):
        choose(shots, left="another patient's", right=None)
