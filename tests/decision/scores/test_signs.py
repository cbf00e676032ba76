"""TIS, SASSAD, vIGA-AD: hand-worked vectors, ranges, and what is unknown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexura.decision.scores import SASSAD_SIGNS, SASSAD_SITES, TIS_SIGNS, sassad, tis, viga_ad
from flexura.errors import ScoreError


# An independent table of the classes as printed: 0-2, 3-5, 6-9.
@pytest.mark.parametrize(
    ("erythema", "oedema", "excoriation", "value", "band"),
    [
        (0, 0, 0, 0, "mild"),
        (1, 1, 0, 2, "mild"),
        (1, 1, 1, 3, "moderate"),
        (2, 2, 1, 5, "moderate"),
        (3, 3, 3, 9, "severe"),
    ],
)
def test_tis_vectors(erythema, oedema, excoriation, value, band):
    result = tis(dict(zip(TIS_SIGNS, (erythema, oedema, excoriation), strict=True)))
    assert (result.value, result.band) == (value, band)


def test_tis_has_no_lichenification():
    # Calculators in use add the other signs of SCORAD to it: their highest score is then 18.
    with pytest.raises(ScoreError, match="'lichenification'"):
        tis({"lichenification": 3})
    assert tis(dict.fromkeys(TIS_SIGNS, 3)).value == 9


def test_tis_names_what_it_lacks():
    result = tis({"erythema": 2, "excoriation": None})
    assert (result.value, result.band, result.unknown) == (None, None, ("oedema_papulation", "excoriation"))


@pytest.mark.parametrize("grade", [4, -1, 1.5, True, float("nan"), "2"])
def test_a_grade_out_of_range_is_refused_by_its_name(grade):
    with pytest.raises(ScoreError, match="erythema"):
        tis({"erythema": grade})
    with pytest.raises(ScoreError, match=r"arms\.erythema"):
        sassad({"arms": {"erythema": grade}})


def all_sites(grade):
    return {site: dict.fromkeys(SASSAD_SIGNS, grade) for site in SASSAD_SITES}


@pytest.mark.parametrize(("grade", "value"), [(0, 0), (1, 36), (2, 72), (3, 108)])
def test_sassad_vectors(grade, value):
    result = sassad(all_sites(grade))
    assert (result.value, result.band, result.scheme) == (value, None, "")


def test_sassad_names_every_sign_that_it_lacks():
    graded = all_sites(1)
    del graded["feet"]
    graded["trunk"] = {**graded["trunk"], "dryness": None}
    assert sassad(graded).unknown == (*(f"feet.{sign}" for sign in SASSAD_SIGNS), "trunk.dryness")


@pytest.mark.parametrize("given_", [{"back": {}}, {"arms": {"oozing": 1}}])
def test_sassad_refuses_strangers(given_):
    with pytest.raises(ScoreError, match=r"'(back|oozing)'"):
        sassad(given_)


@pytest.mark.parametrize(("grade", "band"), list(enumerate(["clear", "almost clear", "mild", "moderate", "severe"])))
def test_viga_names_its_grades(grade, band):
    assert (viga_ad(grade).value, viga_ad(grade).band) == (grade, band)


def test_viga_without_a_grade_is_unknown():
    assert (viga_ad(None).value, viga_ad(None).unknown) == (None, ("viga_ad",))


@pytest.mark.parametrize("grade", [5, 2.5, -1, True])
def test_viga_knows_no_other_grade(grade):
    # Older IGA scales have a 5 for very severe, and some calculators give half grades; vIGA-AD has neither.
    with pytest.raises(ScoreError, match="viga_ad"):
        viga_ad(grade)


@given(st.lists(st.integers(0, 3), min_size=36, max_size=36), st.integers(0, 35))
def test_sassad_is_the_plain_sum_and_never_falls_when_a_sign_rises(grades, place):
    names = [(site, sign) for site in SASSAD_SITES for sign in SASSAD_SIGNS]

    def score(points):
        given_ = {site: {} for site in SASSAD_SITES}
        for (site, sign), point in zip(names, points, strict=True):
            given_[site][sign] = Decimal(point)
        return sassad(given_).value

    worse = [min(point + (index == place), 3) for index, point in enumerate(grades)]
    assert 0 <= score(grades) == sum(grades) <= score(worse) <= 108
