"""Left against right: rendered skin whose sides differ by what was asked for; by hand where nothing can be told."""

import functools
import math
from dataclasses import replace

import numpy as np
import pytest

from flexura.decision.decide import decide
from flexura.decision.findings.sources import RAFF_2016
from flexura.decision.whole.sides import (
    FOLDS_ON_BOTH_SIDES,
    LIGHTNESS_LIMIT,
    MEASURES,
    MORE_ON_ONE_SIDE,
    ONE_HAND,
    SHARE,
    area_interval,
    pair_sides,
)
from flexura.features import compare_sides, extract
from flexura.features.symmetry import SIDE_FEATURES
from flexura.records import Area, FeatureValue, PreprocessingStep, QualityCheck, QualityReport
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec

RED, PALE = (3, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 2)


@functools.cache
def _rendered(signs, area):
    spec = SkinSpec(seed=11, tone=4, signs=signs, area=area, size=(216, 288), framing="flat", lighting="even")
    return render(spec)


@pytest.fixture
def side(case, prediction, calibration, model):
    """Give a function that answers on rendered skin, seen as it is."""

    def answer(site, signs=RED, area=0.3):
        photo = _rendered(signs, area)
        features = extract(photo.pixels, photo.lesion_mask, photo.skin_mask)
        maps = (np.float32(photo.lesion_mask), np.float32(photo.skin_mask))
        seen = replace(prediction, lesion_map=maps[0], skin_map=maps[1])
        told = replace(case, context=replace(case.context, site=site), features=features)
        return decide(told, seen, calibration=calibration, model=model)

    return answer


def paired(left, right):
    (pair,) = pair_sides([left, right], [1, 1], compare=compare_sides)
    return {one.name: one for one in pair.differences}, pair


def with_features(answer, **values):
    changed = {name: FeatureValue(value, answer.features[name].unit) for name, value in values.items()}
    return replace(answer, features={**answer.features, **changed})


def with_scale(answer, mm_per_pixel, known_by="ruler"):
    return replace(
        answer, preprocessing=(PreprocessingStep("scale", {"mm_per_pixel": mm_per_pixel, "known_by": known_by}),)
    )


def test_every_side_feature_is_told():
    assert (SHARE, *(one.name for one in MEASURES)) == SIDE_FEATURES


def test_the_side_with_more_lesion_is_more_affected(side):
    """60 % against 10 % of the skin, each known to 9 points: 50 ± 9·√2 = 12.7 points."""
    found, pair = paired(side("left_forearm", area=0.6), side("right_forearm", area=0.1))
    share = found[SHARE]
    assert share.difference == pytest.approx(0.5, abs=0.01)
    assert np.subtract(share.interval, share.difference) == pytest.approx([-0.127, 0.127], abs=0.001)
    assert (share.more, share.unit) == ("left", "share of skin")
    assert pair.area_asymmetry == pytest.approx(0.5 / 0.7, abs=0.01)
    assert pair.hints == MORE_ON_ONE_SIDE
    other, _ = paired(side("left_forearm", area=0.1), side("right_forearm", area=0.6))
    assert other[SHARE].more == "right"


def test_equal_sides_are_inside_the_error_and_both_affected(side):
    found, pair = paired(side("left_popliteal_fossa"), side("right_popliteal_fossa"))
    compared = [one for one in pair.differences if one.reason is None]
    assert [one.name for one in compared] == [SHARE, *(one.name for one in MEASURES if one.needs == "light")]
    assert [(one.difference, one.more) for one in compared] == [(0, "within_error")] * 5
    assert found["delta_a"].interval == (-7.5, 7.5)
    assert pair.hints == (FOLDS_ON_BOTH_SIDES,)
    assert paired(side("left_forearm"), side("right_forearm"))[1].hints == ()  # no fold


def test_the_redder_side_is_named(side):
    """Deep erythema against scale without redness, on the same share of the skin."""
    found, _ = paired(side("left_palm", RED), side("right_palm", PALE))
    assert found["delta_a"].difference > 7.5
    assert found["delta_a"].more == "left"
    assert found[SHARE].more == "within_error"
    other, _ = paired(side("left_palm", PALE), side("right_palm", RED))
    assert other["delta_a"].more == "right"


def test_two_grades_of_erythema_are_inside_the_error(side):
    """What docs/patient.md says of the limit: grade 3 and grade 1 differ by 6 a*."""
    found, _ = paired(side("left_palm", (3, 0, 0, 0, 0, 1)), side("right_palm", (1, 0, 0, 0, 0, 1)))
    assert found["delta_a"].difference == pytest.approx(6, abs=0.5)
    assert found["delta_a"].more == "within_error"


@pytest.mark.parametrize(("left", "right", "more"), [(-20.0, -5.0, "left"), (-5.0, -20.0, "right"), (-20.0, -6, None)])
def test_the_darker_side_is_that_with_less_lightness(side, left, right, more):
    """15 L* are beyond the error of 14.6, 14 are not."""
    found, _ = paired(
        with_features(side("left_palm"), delta_lightness=left), with_features(side("right_palm"), delta_lightness=right)
    )
    assert found["delta_lightness"].difference == pytest.approx(left - right)
    assert found["delta_lightness"].more == (more or "within_error")


def test_colours_are_not_compared_in_unlike_light(side):
    left, right = side("left_palm"), side("right_palm")
    bright = right.features["skin_lightness"].value + LIGHTNESS_LIMIT
    for lightness, reason in ((bright - 0.1, None), (bright + 0.1, "light_differs"), (None, "not_measured")):
        found, _ = paired(left, with_features(right, skin_lightness=lightness))
        assert {found[one.name].reason for one in MEASURES if one.needs == "light"} == {reason}
        assert found[SHARE].reason is None
    cast = QualityCheck("colour_cast", 14.0, 10.5, "degrees", False, "colour_cast", "Use daylight.", "at_most", False)
    found, _ = paired(replace(left, quality=QualityReport((cast,))), right)
    assert (found["delta_a"].reason, found["delta_a"].difference) == ("coloured_light", None)
    white = replace(left, quality=QualityReport((replace(cast, value=3.0, passed=True),)))
    assert paired(white, right)[0]["delta_a"].reason is None


def test_lengths_are_compared_at_one_measured_scale_only(side):
    """The photos are 640 px wide: 0.1 mm per pixel are 64 mm, 0.126 are 1.26 times that."""
    left, right = with_scale(side("left_palm"), 0.1), side("right_palm")
    wide = replace(right, photo=replace(right.photo, width=1280, height=960))
    cases = (
        (right, "scale_unknown"),
        (with_scale(right, 0.1, "site_prior"), "scale_unknown"),
        (with_scale(right, 0.126), "scale_differs"),
        (with_scale(right, 0.124), None),
        (with_scale(wide, 0.05), None),
    )
    for other, reason in cases:
        found, _ = paired(left, other)
        assert {found[one.name].reason for one in MEASURES if one.needs == "scale"} == {reason}
    rough = with_features(with_scale(right, 0.1), delta_gabor_4px=left.features["delta_gabor_4px"].value + 3)
    assert paired(left, rough)[0]["delta_gabor_4px"].more == "right"


def test_a_clear_side_has_a_share_and_no_contrast(side):
    found, pair = paired(side("left_palm", (0,) * 6, 0.0), side("right_palm"))
    assert found[SHARE].more == "right"
    assert (found["delta_a"].reason, found["delta_a"].more) == ("not_measured", "unknown")
    assert pair.area_asymmetry == 1
    assert pair.hints == (*MORE_ON_ONE_SIDE, ONE_HAND)


def test_two_clear_sides_mean_nothing(side):
    clear = [side(f"{name}_popliteal_fossa", (0,) * 6, 0.0) for name in ("left", "right")]
    found, pair = paired(*clear)
    assert found[SHARE].more == "within_error"
    assert (pair.hints, pair.area_asymmetry) == ((), None)


def test_a_share_that_was_not_measured_is_unknown(side):
    found, pair = paired(replace(side("left_palm"), area=Area(None, None, 0.01, None)), side("right_palm"))
    assert (found[SHARE].more, found[SHARE].reason, found[SHARE].difference) == ("unknown", "not_measured", None)
    assert pair.hints == ()


def test_only_one_site_at_one_visit_makes_a_pair(side):
    sites = ["left_palm", "right_palm", "right_palm", "right_elbow", "palm", None, "left_elbow", "left_palm"]
    visits = [2, 1, 2, 1, 1, 1, 1, 2]
    answers = [None, *(replace(side("neck"), site=site) for site in sites)]
    pairs = pair_sides(answers, [2, *visits], compare=compare_sides)
    # Photo 2 is the first left palm of visit 2, photo 9 its second; photo 1 was refused.
    assert [(pair.visit, pair.site, pair.photos) for pair in pairs] == [(1, "elbow", (8, 5)), (2, "palm", (2, 4))]


def test_limits_of_a_difference_by_hand():
    """0.5 (0.2 to 0.6) less 0.3 (0.26 to 0.7): down by hypot(0.3, 0.4) = 0.5, up by hypot(0.1, 0.04)."""
    left, right = Area(0.5, (0.2, 0.6), 1.0, 4), Area(0.3, (0.26, 0.7), 1.0, 3)
    assert area_interval(left, right) == pytest.approx((-0.3, 0.2 + math.sqrt(0.0116)))
    assert area_interval(left, Area(None, None, 0.0, None)) is None


def test_one_side_asks_for_infection_with_its_source():
    assert [hint.source for hint in MORE_ON_ONE_SIDE if "cellulitis" in hint.text] == [RAFF_2016]
