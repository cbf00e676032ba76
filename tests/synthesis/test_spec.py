"""What may be asked for, and what is drawn."""

import numpy as np
import pytest

from flexura.errors import RenderError
from flexura.synthesis import SkinSpec, draw_spec

GOOD = {"seed": 1, "tone": 5, "signs": (1, 0, 0, 0, 0, 2), "area": 0.2}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": -1}, "seed"),
        ({"tone": 0}, "tone"),
        ({"tone": 11}, "tone"),
        ({"signs": (1, 0, 0)}, "signs"),
        ({"signs": (4, 0, 0, 0, 0, 0)}, "signs"),
        ({"area": 0.95}, "area"),
        ({"area": float("nan")}, "area"),
        ({"area": 0.0}, "area"),
        ({"signs": (0,) * 6}, "area"),
        ({"size": (32, 512)}, "size"),
        ({"size": (384, 9000)}, "size"),
        ({"framing": "portrait"}, "framing"),
        ({"lighting": "moon"}, "lighting"),
    ],
)
def test_impossible_specs_are_refused(change, named):
    """Each rule names the field that breaks it."""
    with pytest.raises(RenderError, match=named) as refusal:
        SkinSpec(**(GOOD | change))
    assert refusal.value.code == "render_invalid"
    assert refusal.value.exit_status == 2


def test_healthy_skin_may_be_asked_for():
    """No signs, no area."""
    assert SkinSpec(seed=1, tone=5, signs=(0,) * 6, area=0.0).area == 0.0


def test_drawing_is_a_function_of_the_seed():
    """Same seed, same spec; another seed, another."""
    assert draw_spec(7) == draw_spec(7)
    assert draw_spec(7) != draw_spec(8)


def test_drawn_specs_cover_what_there_is():
    """Every tone, framing and grade of every sign is drawn; about one in seven is healthy."""
    specs = [draw_spec(seed) for seed in range(600)]
    assert {spec.tone for spec in specs} == set(range(1, 11))
    assert {spec.framing for spec in specs} == {"close", "flat", "limb"}
    signs = np.array([spec.signs for spec in specs])
    assert all(set(signs[:, column]) == {0, 1, 2, 3} for column in range(6))
    assert 0.10 < np.mean([spec.area == 0.0 for spec in specs]) < 0.22


@pytest.mark.parametrize(("seed", "size"), [(-1, (384, 512)), (0, (10, 10))])
def test_impossible_draws_are_refused(seed, size):
    """Seed and size are checked before anything is drawn."""
    with pytest.raises(RenderError):
        draw_spec(seed, size)
