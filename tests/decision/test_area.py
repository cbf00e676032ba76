"""Affected area: 4x4 maps by hand, intervals and area scores from known errors."""

import math

import numpy as np
import pytest

from flexura.decision.area import (
    area_interval,
    area_of,
    area_score_distribution,
    fit_area_errors,
    lesion_fraction,
    lesion_size,
    tail_rank,
)
from flexura.decision.calibration import AreaErrors, AreaReading
from flexura.errors import CalibrationError
from flexura.records import Area, PhotoSource, Scale

READING = AreaReading()
SKIN = np.array([[1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]], float)
LESION = np.array([[1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]], float)


def test_only_lesion_inside_skin_counts() -> None:
    assert lesion_fraction(LESION, SKIN, reading=READING) == (0.25, 0.5)


def test_a_cell_counts_from_the_threshold_up() -> None:
    lesion = np.array([[0.5, 0.49, 0.6, 0.0]])
    assert lesion_fraction(lesion, np.full((1, 4), 0.9), reading=READING)[0] == 0.5
    assert lesion_fraction(lesion, np.full((1, 4), 0.9), reading=AreaReading(lesion_threshold=0.4))[0] == 0.75
    assert lesion_fraction(lesion, np.full((1, 4), 0.4), reading=AreaReading(skin_threshold=0.3))[0] == 0.5


def test_dim_background_adds_no_area() -> None:
    # Summed probabilities would call a tenth of this healthy skin affected.
    assert lesion_fraction(np.full((8, 8), 0.1), np.ones((8, 8)), reading=READING) == (0.0, 1.0)


@pytest.mark.parametrize(("minimum", "fraction"), [(0.5, 0.25), (0.51, None)])
def test_area_is_unknown_under_the_least_share_of_skin(minimum: float, fraction: float | None) -> None:
    assert lesion_fraction(LESION, SKIN, reading=AreaReading(minimum_skin_fraction=minimum))[0] == fraction


def test_no_skin_at_all_is_unknown_even_without_a_minimum(area_errors: AreaErrors) -> None:
    found = area_of(LESION, np.zeros((4, 4)), reading=AreaReading(minimum_skin_fraction=0.0), errors=area_errors)
    assert found.lesion_fraction_of_skin is None
    assert found.interval is None
    assert found.easi_area_score is None
    assert found.skin_fraction_of_photo == 0


def test_area_with_interval_and_score(area_errors: AreaErrors) -> None:
    found = area_of(LESION, SKIN, reading=READING, errors=area_errors)
    assert found.lesion_fraction_of_skin == 0.25
    assert found.interval == pytest.approx((0.16, 0.34))
    assert found.easi_area_score == 2


def test_interval_stays_in_range_and_holds_the_estimate(area_errors: AreaErrors) -> None:
    assert area_interval(0.02, area_errors) == pytest.approx((0.0, 0.11))
    assert area_interval(0.98, area_errors) == pytest.approx((0.89, 1.0))
    # Held-out photos that were all larger than predicted.
    assert area_interval(0.3, AreaErrors((1.0,), ((0.1,) * 19,), 0.9)) == pytest.approx((0.3, 0.4))


def test_bins_reach_up_to_and_including_their_bound() -> None:
    errors = AreaErrors((0.2, 1.0), ((0.0,) * 19, (-0.1,) * 19), 0.9)
    assert area_interval(0.2, errors) == (0.2, 0.2)
    assert area_interval(0.21, errors)[0] == pytest.approx(0.11)


def test_interval_keeps_its_promise() -> None:
    rng = np.random.default_rng(1)
    predicted = rng.random(4000)
    truth = np.clip(predicted + rng.normal(size=4000) * (0.02 + 0.2 * predicted), 0, 1)
    errors = fit_area_errors(predicted[:1000], truth[:1000])
    spans = np.array([area_interval(one, errors) for one in predicted[1000:]])
    covered = np.mean((truth[1000:] >= spans[:, 0]) & (truth[1000:] <= spans[:, 1]))
    slack = 4 * math.sqrt(0.09 * (1 / 1000 + 1 / 3000))
    assert 0.9 - slack <= covered <= 0.9 + slack + 0.02


def test_tail_rank_is_symmetric_and_says_when_there_are_too_few() -> None:
    assert tail_rank(39, 0.9) == 38
    assert tail_rank(18, 0.9) > 18


def test_area_score_distribution_by_hand() -> None:
    errors = AreaErrors((1.0,), ((-0.3, -0.05, 0.0, 0.25),), 0.5)
    # Truths 0, .05, .1, .35: scores 0, 1, 2, 3.
    assert area_score_distribution(0.1, errors).tolist() == [0.25, 0.25, 0.25, 0.25, 0, 0, 0]


def test_exact_measurement_gives_one_area_score() -> None:
    errors = AreaErrors((1.0,), ((0.0,) * 19,), 0.9)
    for fraction, score in ((0.0, 0), (0.004, 1), (0.3, 3), (0.8999, 5), (1.0, 6)):
        assert area_score_distribution(fraction, errors)[score] == 1


@pytest.mark.parametrize(
    ("predicted", "truth", "bounds"),
    [
        (np.zeros(30), np.zeros(29), (1.0,)),
        (np.zeros((5, 6)), np.zeros((5, 6)), (1.0,)),
        (np.full(30, 1.1), np.zeros(30), (1.0,)),
        (np.zeros(30), np.full(30, np.nan), (1.0,)),
        (np.zeros(30), np.zeros(30), ()),
        (np.zeros(30), np.zeros(30), (0.5,)),
        (np.zeros(30), np.zeros(30), (0.5, 0.5, 1.0)),
        (np.zeros(30), np.zeros(30), (0.0, 1.0)),
    ],
)
def test_unfit_areas_are_refused(predicted: np.ndarray, truth: np.ndarray, bounds: tuple[float, ...]) -> None:
    with pytest.raises(CalibrationError):
        fit_area_errors(predicted, truth, upper_bounds=bounds)


def test_thin_bin_is_refused_and_named() -> None:
    predicted = np.repeat([0.1, 0.9], [30, 18])
    with pytest.raises(CalibrationError, match=r"18 photos in the area bin up to 1\.0"):
        fit_area_errors(predicted, predicted, upper_bounds=(0.5, 1.0))


def test_size_of_the_affected_skin_by_hand(area_errors: AreaErrors) -> None:
    """Half of the skin, which fills half of 400 x 200 px at 0.5 mm: 100 cm² of skin in the photo's 200, so 50 cm²."""
    area, source = Area(0.5, (0.41, 0.59), 0.5, 4), PhotoSource("ab" * 32, "JPEG", 400, 200, 1, "sRGB")
    exact = lesion_size(area, source, Scale(0.5, 0.0, "pixel_spacing"), errors=area_errors)
    rough = lesion_size(area, source, Scale(0.5, 0.6, "site_prior"), errors=area_errors)
    assert exact is not None
    assert rough is not None
    assert (exact.value_cm2, exact.known_by) == (pytest.approx(50), "pixel_spacing")
    assert exact.interval_cm2 == pytest.approx((42, 58), abs=1)
    # Log-normal: 5th and 95th percentile of exp(2 · 0.6 z) are 0.139 and 7.2.
    assert rough.interval_cm2[0] == pytest.approx(50 * 0.139, rel=0.1)
    assert rough.interval_cm2[1] == pytest.approx(50 * 7.2, rel=0.1)


def test_without_share_or_scale_the_size_is_unknown(area_errors: AreaErrors) -> None:
    source, known = PhotoSource("ab" * 32, "JPEG", 400, 200, 1, "sRGB"), Scale(0.5, 0.05, "ruler")
    share, unknown = Area(0.5, (0.41, 0.59), 0.5, 4), Scale(None, None, None, reason="no_source")
    assert lesion_size(Area(None, None, 0.01, None), source, known, errors=area_errors) is None
    assert lesion_size(share, source, unknown, errors=area_errors) is None
    assert lesion_size(share, source, None, errors=area_errors) is None
