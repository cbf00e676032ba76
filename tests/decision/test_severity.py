"""Signs and region score: by hand, and the convolution against drawing the signs one by one."""

import itertools

import numpy as np
import pytest

from flexura.decision.severity import central_interval, grade_of, product_distribution, region_score, signs_of
from flexura.records import SIGN_NAMES


def certain(grade: int, grades: int = 4) -> np.ndarray:
    return np.eye(grades)[grade]


def test_grade_by_hand() -> None:
    grade = grade_of(np.array([0.1, 0.2, 0.3, 0.4]))
    assert grade.expected == pytest.approx(2.0)
    assert grade.distribution == (0.1, 0.2, 0.3, 0.4)


def test_signs_come_in_the_order_of_the_heads() -> None:
    found = signs_of(np.stack([certain(place % 4) for place in range(6)]))
    assert tuple(found) == SIGN_NAMES
    assert [grade.expected for grade in found.values()] == [0, 1, 2, 3, 0, 1]


def test_certain_signs_give_the_calculators_score() -> None:
    # 2, 2, 1, 1 over area score 3: 18; oozing and dryness are no part of the EASI.
    signs = signs_of(np.stack([certain(grade) for grade in (2, 2, 1, 1, 3, 3)]))
    found = region_score(signs, certain(3, 7), region="head_neck")
    assert (found.region, found.value, found.interval) == ("head_neck", 18.0, (18.0, 18.0))


def test_worst_and_clear() -> None:
    worst = region_score(signs_of(np.tile(certain(3), (6, 1))), certain(6, 7), region=None)
    clear = region_score(signs_of(np.tile(certain(0), (6, 1))), certain(6, 7), region=None)
    assert (worst.region, worst.value, worst.interval) == (None, 72.0, (72.0, 72.0))
    assert (clear.value, clear.interval) == (0.0, (0.0, 0.0))


def test_distribution_against_every_combination() -> None:
    rng = np.random.default_rng(1)
    rows, areas = rng.dirichlet(np.ones(4), size=6), rng.dirichlet(np.ones(7))
    shares = np.zeros(73)
    for *grades, area in itertools.product(*[range(4)] * 4, range(7)):
        share = np.prod([rows[sign, grade] for sign, grade in enumerate(grades)]) * areas[area]
        shares[sum(grades) * area] += share
    found = region_score(signs_of(rows), areas, region="trunk")
    assert found.value == pytest.approx(float(shares @ np.arange(73)))
    assert found.interval == central_interval(shares, coverage=0.9)
    low, high = (int(bound) for bound in found.interval or (0, 0))
    assert shares[low : high + 1].sum() >= 0.9


def test_expected_score_is_the_product_of_expectations() -> None:
    rng = np.random.default_rng(2)
    rows, areas = rng.dirichlet(np.ones(4), size=6), rng.dirichlet(np.ones(7))
    expected = (rows[:4] @ np.arange(4)).sum() * (areas @ np.arange(7))
    assert region_score(signs_of(rows), areas, region=None).value == pytest.approx(expected)


def test_without_an_area_the_score_is_unknown() -> None:
    found = region_score(signs_of(np.tile(certain(2), (6, 1))), None, region="trunk")
    assert (found.region, found.value, found.interval) == ("trunk", None, None)


def test_product_of_two_dice() -> None:
    found = product_distribution(np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.5]))
    assert found.tolist() == [0.75, 0.125, 0.125]


@pytest.mark.parametrize(
    ("shares", "interval"),
    [
        ([0.05, 0.9, 0.05], (1, 1)),
        ([0.06, 0.9, 0.04], (0, 1)),
        ([0.04, 0.9, 0.06], (1, 2)),
        ([0.5, 0.0, 0.0, 0.5], (0, 3)),
        ([0.0, 0.0, 1.0], (2, 2)),
    ],
)
def test_central_interval_by_hand(shares: list[float], interval: tuple[int, int]) -> None:
    assert central_interval(np.array(shares), coverage=0.9) == interval
