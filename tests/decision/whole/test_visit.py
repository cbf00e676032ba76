"""One visit: value only where the whole body is known, intervals that hold it, and the photo that helps most."""

from datetime import date

import pytest

from flexura.decision.calibration import AreaErrors
from flexura.decision.whole.draws import SeenPhoto
from flexura.decision.whole.visit import EASI_SEM, read_visit
from flexura.records import SIGN_NAMES, PatientContext

# No error of the area: what is read is true.
EXACT = AreaErrors((1.0,), ((0.0,),), 0.9)


def seen(site, fraction, *grades):
    """A photo with certain grades of the six signs, in the order of SIGN_NAMES; missing ones are 0."""
    given_ = dict(zip(SIGN_NAMES, (*grades, 0, 0, 0, 0, 0, 0), strict=False))
    signs = {name: tuple(float(step == grade) for step in range(4)) for name, grade in given_.items()}
    return SeenPhoto(site, signs, fraction)


DAY = date(2026, 3, 2)


def visit(photos, chance, **context):
    return read_visit(photos, PatientContext(**{"age_years": 30.0, **context}), day=DAY, errors=EXACT, chance=chance)


def test_a_patient_whose_other_parts_are_clear_has_a_value(chance):
    found = visit([seen("back", 1.0, 2, 1, 1, 0)], chance, sites=("back",))
    # Area score 3 (48 %), signs 4, weight .3.
    assert found.easi.value == pytest.approx(3.6)
    assert found.easi.band == "mild"
    assert (found.next_photo, found.day) == (None, DAY)
    assert found.easi.interval[0] == 0
    assert found.easi.interval[1] == pytest.approx(3.6 + 1.645 * EASI_SEM, abs=0.6)
    assert (found.easi.spread.model, found.easi.spread.not_photographed) == (0, 0)
    assert found.easi.spread.reading == pytest.approx(14.18, abs=0.01)
    assert found.objective_scorad.spread.reading is None


def test_what_no_photo_shows_gives_bounds_and_no_value(chance):
    found = visit([seen("back", 1.0, 2, 1, 1, 0)], chance)
    assert (found.easi.value, found.easi.band, found.draws) == (None, None, None)
    assert found.easi.interval[1] > 60
    assert found.easi.bands == ("clear", "very severe")
    assert any(gap.field == "easi.value" for gap in found.not_covered)


def test_the_next_photo_is_the_one_that_lowers_the_upper_end_most(chance):
    unknown = visit([seen("back", 0.0)], chance).next_photo
    # The trunk falls from area score 4 (14 of 27 %) to 1 (1 of 27 %): 3 x 12 x .3. Thighs: from 6 to 4, 2 x 12 x .4.
    assert (unknown.part, unknown.lowers_by) == ("front_trunk", pytest.approx(10.8))
    told = visit([seen("back", 0.0)], chance, sites=("back", "left_palm", "face")).next_photo
    assert told.part == "head"


def test_one_more_photo_never_widens_the_bounds(chance):
    few = visit([seen("back", 0.2, 1)], chance)
    more = visit([seen("back", 0.2, 1), seen("chest", 0.0)], chance)
    assert more.easi.interval[1] <= few.easi.interval[1]
    assert more.objective_scorad.interval[1] <= few.objective_scorad.interval[1]


@pytest.mark.parametrize(
    ("photos", "context", "word"),
    [
        ([seen("back", 0.2)], {"age_years": None}, "age"),
        ([seen("nail", 0.2)], {}, "site"),
        ([seen(None, 0.2)], {}, "site"),
        ([], {}, "site"),
    ],
)
def test_without_age_or_place_there_is_no_score_and_a_reason(chance, photos, context, word):
    found = visit(photos, chance, **context)
    assert (found.easi, found.objective_scorad) == (None, None)
    assert {gap.field for gap in found.not_covered} == {"easi", "objective_scorad"}
    assert all(word in gap.reason for gap in found.not_covered)


def test_a_child_has_other_weights_and_shares(chance):
    photos = [seen("face", 1.0, 1)]
    assert visit(photos, chance, sites=("face",)).easi.value == pytest.approx(0.5)  # 78 % of head and neck: 5 x .1
    # Under one year the head is 19 of 21 %: area score 6, weight .2.
    assert visit(photos, chance, sites=("face",), age_years=0.5).easi.value == pytest.approx(1.2)


def test_nothing_of_the_patient_shows_in_the_repr(chance):
    shown = repr(visit([seen("left_palm", 0.4, 2)], chance))
    assert not [word for word in ("palm", "hands", "2026") if word in shown]
