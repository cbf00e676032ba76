"""Whole-body scores of photos that are certain equal the calculators'; of those that are not, bounds hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.decision.calibration import AreaErrors
from flexura.decision.scores import EASI_REGIONS, RegionSigns, easi, easi_area_score, objective_scorad
from flexura.decision.whole.body import map_body
from flexura.decision.whole.draws import (
    Chance,
    SeenPhoto,
    draw_chance,
    easi_draws,
    half_points,
    objective_scorad_draws,
    read_photo,
)
from flexura.records import SIGN_NAMES, PatientContext

# No error of the area: what is read is true.
EXACT = AreaErrors((1.0,), ((0.0,),), 0.9)


def seen(site, fraction, *grades):
    """A photo with certain grades of the six signs, in the order of SIGN_NAMES; missing ones are 0."""
    given_ = dict(zip(SIGN_NAMES, (*grades, 0, 0, 0, 0, 0, 0), strict=False))
    signs = {name: tuple(float(step == grade) for step in range(4)) for name, grade in given_.items()}
    return SeenPhoto(site, signs, fraction)


# One photo per region; with these lists of sites every other part is told to be clear.
PLACES = {"head_neck": "face", "upper_limbs": "forearm", "trunk": "back", "lower_limbs": "lower_leg"}
# Shares of the photographed part in its region, adult (Lund & Browder): 7 of 9, 6 of 19, 13 of 27, 14 of 45 %.
SHARES = {"head_neck": 7 / 9, "upper_limbs": 6 / 19, "trunk": 13 / 27, "lower_limbs": 14 / 45}


def scored(photos, chance, *, age=30, sites=None, errors=EXACT):
    parts = map_body([photo.site for photo in photos], PatientContext(sites=sites), age)
    reads = [read_photo(photo, errors, chance) for photo in photos]
    bounds = [easi_draws(parts, reads, age_years=age, bound=bound) for bound in ("low", "high")]
    return bounds, [objective_scorad_draws(parts, reads, bound=bound) for bound in ("low", "high")]


def test_certain_photos_of_all_regions_give_the_calculators_score(chance):
    graded = {"head_neck": (1, 1, 0, 0, 0.1), "upper_limbs": (2, 2, 1, 1, 0.8), "trunk": (1, 1, 1, 0, 0.25)}
    graded["lower_limbs"] = (2, 1, 2, 1, 1.0)
    photos = [seen(PLACES[region], area, *signs) for region, (*signs, area) in graded.items()]
    (low, high), _ = scored(photos, chance, sites=tuple(PLACES.values()))
    by_hand = {
        region: RegionSigns(*signs, easi_area_score(round(100 * area * SHARES[region], 6)))
        for region, (*signs, area) in graded.items()
    }
    assert np.ptp(low) == 0
    assert low[0] == high[0] == pytest.approx(float(easi(by_hand, 30).value))


def test_objective_scorad_of_one_certain_photo(chance):
    _, (low, high) = scored([seen("back", 1.0, 2, 2, 2, 1, 1, 1)], chance, sites=("back",))
    # The back is 13 % of the body.
    by_hand = objective_scorad(13, dict(zip(SIGN_NAMES, (2, 2, 2, 1, 1, 1), strict=True))).value
    assert low[0] == high[0] == pytest.approx(float(by_hand))


def test_nothing_but_the_worst_reaches_the_highest_scores(chance):
    worst = [seen(site, 1.0, 3, 3, 3, 3, 3, 3) for site in ("face", "neck", "palm")]
    (low, high), (scorad_low, scorad_high) = scored(worst, chance, sites=("whole_body",))
    assert high.max() == pytest.approx(72)
    assert scorad_high.max() == pytest.approx(83)
    assert low.max() < 72
    assert scorad_low.max() < 83


def test_two_photos_of_one_part_are_pooled_by_what_is_affected(chance):
    # Affected fractions .6 and .2: mean .4 of the back. Erythema (.6 x 3 + .2 x 1) / .8 = 2.5.
    (low, _), _ = scored([seen("back", 0.6, 3), seen("back", 0.2, 1)], chance, sites=("back",))
    # .4 of 13 of 27 % of the trunk is 19 %: area score 2; times 2.5 and the weight .3.
    assert low[0] == pytest.approx(0.3 * 2 * 2.5)


def test_a_clear_photo_is_clear(chance):
    (low, high), _ = scored([seen("back", 0.0, 3, 3, 3, 3)], chance, sites=("back",))
    assert low.max() == high.max() == 0


def test_told_but_not_photographed_is_at_least_one_mild_sign(chance):
    (low, high), _ = scored([seen("back", 0.0)], chance, sites=("back", "face"))
    assert low[0] == pytest.approx(0.1)
    assert high[0] > low[0]


@pytest.mark.parametrize(("mean", "grade"), [(0, 0), (0.01, 1), (0.99, 1), (1.24, 1), (1.25, 1.5), (2.75, 3), (3, 3)])
def test_half_points(mean, grade):
    assert half_points(np.array(mean)) == grade


def test_the_draws_follow_the_networks_doubt():
    signs = dict.fromkeys(SIGN_NAMES, (0.25, 0.25, 0.25, 0.25))
    even = Chance(np.tile((np.arange(4000) + 0.5) / 4000, (6, 1)), np.zeros(4000), np.zeros(4000))
    read = read_photo(SeenPhoto("back", signs, 0.5), EXACT, even)
    assert np.bincount(read.grades[0].astype(int)).tolist() == [1000] * 4


def test_errors_of_the_area_are_drawn_and_stay_fractions(chance):
    errors = AreaErrors((1.0,), ((-0.5, 0.0, 0.9),), 0.9)
    assert set(read_photo(seen("back", 0.3), errors, chance).fraction) == {0.0, 0.3, 1.0}


photos_ = st.lists(
    st.builds(
        lambda site, fraction, grades: seen(site, fraction, *grades),
        st.sampled_from([*PLACES.values(), "left_palm", "neck"]),
        st.floats(0, 1),
        st.lists(st.integers(0, 3), min_size=6, max_size=6),
    ),
    min_size=1,
    max_size=4,
)
SOME = draw_chance(np.random.default_rng(1), 50)


@given(photos_, st.sampled_from([0.5, 5, 30]), st.sampled_from([None, (), ("face",), ("whole_body",)]))
def test_bounds_are_in_order_and_in_range(photos, age, sites):
    (low, high), (scorad_low, scorad_high) = scored(photos, SOME, age=age, sites=sites)
    assert (low <= high + 1e-9).all()
    assert (scorad_low <= scorad_high + 1e-9).all()
    assert low.min() >= 0
    assert high.max() <= 72 + 1e-9
    assert scorad_high.max() <= 83 + 1e-9


@given(photos_)
def test_a_worse_photo_never_lowers_a_score(photos):
    worse = [seen(photo.site, min(photo.fraction + 0.2, 1), 3, 3, 3, 3, 3, 3) for photo in photos]
    (low, _high), (scorad_low, _) = scored(photos, SOME, sites=())
    (worse_low, _high), (worse_scorad, _) = scored(worse, SOME, sites=())
    assert (low <= worse_low + 1e-9).all()
    assert (scorad_low <= worse_scorad + 1e-9).all()


def test_regions_are_all_there():
    assert set(PLACES) == set(EASI_REGIONS)
