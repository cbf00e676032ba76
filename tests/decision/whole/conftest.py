"""The luck of the draws, the same in every run."""

import numpy as np
import pytest

from flexura.decision.whole.draws import Chance, draw_chance


@pytest.fixture
def chance() -> Chance:
    return draw_chance(np.random.default_rng(7), 2000)
