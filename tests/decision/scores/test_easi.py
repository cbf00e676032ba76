"""EASI: published vectors, and the wrong calculators that are in use elsewhere."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.decision.scores import (
    EASI_REGIONS,
    Number,
    RegionSigns,
    easi,
    easi_area_score,
    easi_region_score,
)
from flexura.errors import ScoreError

CLEAR = RegionSigns(0, 0, 0, 0, 0)
WORST = RegionSigns(3, 3, 3, 3, 6)
LEAST = RegionSigns(1, 0, 0, 0, 1)
HEAD_ONLY = {"head_neck": RegionSigns(2, 2, 1, 1, 3), "upper_limbs": CLEAR, "trunk": CLEAR, "lower_limbs": CLEAR}
MIXED = {
    "head_neck": RegionSigns(1, 1, 0, 0, easi_area_score(8)),
    "upper_limbs": RegionSigns(2, 2, 1, 1, easi_area_score(25)),
    "trunk": RegionSigns(1, 1, 1, 0, easi_area_score(12)),
    "lower_limbs": RegionSigns(2, 1, 2, 1, easi_area_score(35)),
}


@pytest.mark.parametrize(
    ("regions", "age_years", "value", "band"),
    [
        (dict.fromkeys(EASI_REGIONS, WORST), 3, "72.0", "very severe"),
        (dict.fromkeys(EASI_REGIONS, WORST), 30, "72.0", "very severe"),
        (dict.fromkeys(EASI_REGIONS, CLEAR), 30, "0", "clear"),
        ({**dict.fromkeys(EASI_REGIONS, CLEAR), "head_neck": LEAST}, 30, "0.1", "almost clear"),
        ({**dict.fromkeys(EASI_REGIONS, CLEAR), "head_neck": LEAST}, 3, "0.2", "almost clear"),
        (MIXED, 30, "11.6", "moderate"),
        (MIXED, 5, "10.0", "moderate"),
        (HEAD_ONLY, 8, "1.8", "mild"),
        (HEAD_ONLY, 7.99, "3.6", "mild"),
    ],
)
def test_easi_vectors(regions: dict[str, RegionSigns], age_years: float, value: str, band: str) -> None:
    result = easi(regions, age_years)
    assert result.value == Decimal(value)
    assert result.band == band
    assert result.unknown == ()


@pytest.mark.parametrize(("bands", "band"), [("leshem_2015", "moderate"), ("chopra_2017", "moderate")])
def test_easi_names_the_scheme_it_used(bands: str, band: str) -> None:
    result = easi(MIXED, 30, bands=bands)  # type: ignore[arg-type]
    assert result.band == band
    assert result.scheme.startswith(bands)


@pytest.mark.parametrize("child", [True, False])
def test_weights_add_up_to_one(child: bool) -> None:
    # A calculator in use gives children weights of 1.1 and a maximum of 79.2.
    one = {name: RegionSigns(1, 0, 0, 0, 1) for name in EASI_REGIONS}
    assert easi(one, 3 if child else 30).value == 1


@pytest.mark.parametrize(
    ("area", "score"),
    [
        (0, 0),
        (0.0001, 1),
        (0.4, 1),
        (1, 1),
        (9, 1),
        (9.5, 1),
        (9.99, 1),
        (10, 2),
        (29.99, 2),
        (30, 3),
        (49.99, 3),
        (50, 4),
        (69.99, 4),
        (70, 5),
        (89.99, 5),
        (90, 6),
        (100, 6),
    ],
)
def test_area_bins(area: float, score: int) -> None:
    assert easi_area_score(area) == score


@pytest.mark.parametrize("area", [-0.1, 100.1, float("nan"), float("inf"), True, "12"])
def test_area_out_of_range_is_refused(area: Number) -> None:
    with pytest.raises(ScoreError, match="area_percent"):
        easi_area_score(area)


def test_half_points_count_exactly() -> None:
    assert easi_region_score(RegionSigns(1.5, 2.5, Decimal("1.5"), 0, 3)) == Decimal("16.5")


@pytest.mark.parametrize("grade", [0.5, 3.5, -1, 1.25, float("nan"), True, "2"])
def test_easi_grade_out_of_range_is_refused(grade: Number) -> None:
    with pytest.raises(ScoreError, match="erythema"):
        easi_region_score(RegionSigns(grade, 0, 0, 0, 1))


@pytest.mark.parametrize("area_score", [-1, 7, 2.5, True])
def test_area_score_out_of_range_is_refused(area_score: int) -> None:
    with pytest.raises(ScoreError, match="area score"):
        easi_region_score(RegionSigns(1, 1, 1, 1, area_score))


@pytest.mark.parametrize("age", [-1, 121, float("nan")])
def test_age_out_of_range_is_refused(age: float) -> None:
    with pytest.raises(ScoreError, match="age_years"):
        easi(MIXED, age)


def test_unknown_region_name_is_refused() -> None:
    with pytest.raises(ScoreError, match="'arm'"):
        easi({"arm": WORST}, 30)


def test_missing_region_leaves_the_score_unknown() -> None:
    result = easi({name: MIXED[name] for name in EASI_REGIONS if name != "trunk"}, None)
    assert (result.value, result.band, result.unknown) == (None, None, ("trunk", "age_years"))


def test_unknown_sign_leaves_the_region_unknown_unless_its_area_is_nought() -> None:
    assert easi_region_score(RegionSigns(1, None, 1, 1, 2)) is None
    assert easi_region_score(RegionSigns(1, 1, 1, 1, None)) is None
    assert easi_region_score(RegionSigns(None, None, None, None, 0)) == 0


grades = st.sampled_from([0, 1, 1.5, 2, 2.5, 3])
region = st.builds(RegionSigns, grades, grades, grades, grades, st.integers(0, 6))


@given(st.fixed_dictionaries(dict.fromkeys(EASI_REGIONS, region)), st.floats(0, 120))
def test_easi_against_a_second_formula(regions: dict[str, RegionSigns], age_years: float) -> None:
    # In hundredths of points, whole numbers all the way.
    tenths = (1, 2, 3, 4) if age_years >= 8 else (2, 2, 3, 3)
    total = 0
    for tenth, name in zip(tenths, EASI_REGIONS, strict=True):
        seen = regions[name]
        halves = [seen.erythema, seen.oedema_papulation, seen.excoriation, seen.lichenification]
        total += tenth * sum(int(2 * grade) for grade in halves if grade is not None) * (seen.area_score or 0)
    value = easi(regions, age_years).value
    assert value is not None
    assert value * 20 == total
    assert 0 <= value <= 72
