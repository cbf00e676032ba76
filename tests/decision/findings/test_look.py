"""What is found on rendered skin with its truth, and that nothing is claimed where nothing is known."""

import numpy as np
import pytest

from flexura.decision.findings.look import FINDINGS, look, speaking
from flexura.features import extract
from flexura.records import SIGN_NAMES, Area, CitedFinding, FeatureValue, Finding, Grade, PatientContext
from flexura.synthesis import SkinSpec, render

UNKNOWN_AREA = Area(None, None, 1.0, None)
UNDECIDED = dict.fromkeys(SIGN_NAMES, Grade(1.0, (0.5, 0.0, 0.5, 0.0)))


def certain(grades: tuple[int, ...]) -> dict[str, Grade]:
    rows = np.eye(4)[list(grades)]
    return {name: Grade(float(grade), tuple(row)) for name, grade, row in zip(SIGN_NAMES, grades, rows, strict=True)}


def on_rendered(spec: SkinSpec) -> dict[str, Finding]:
    """Findings of a rendered photo with its true masks and signs."""
    photo = render(spec)
    vector = extract(photo.pixels, photo.lesion_mask, photo.skin_mask)
    features = {
        name: FeatureValue(None if np.isnan(value) else float(value), unit)
        for name, value, unit in zip(vector.names, vector.values, vector.units, strict=True)
    }
    share = photo.area_fraction
    area = Area(share, (share, share), 1.0, None)
    found = look(features, certain(photo.signs), area=area, context=PatientContext())
    return {finding.code: finding for finding in found}


def test_nothing_is_claimed_where_nothing_is_known() -> None:
    found = look({}, UNDECIDED, area=UNKNOWN_AREA, context=PatientContext())
    assert [finding.code for finding in found] == [row.code for row in FINDINGS]
    for finding in found:
        assert (finding.present, finding.supports, finding.opposes) == (None, (), ())
    assert speaking("atopic_dermatitis", found) == ((), ())


def test_without_features_signs_and_context_still_speak() -> None:
    found = look({}, certain((2, 0, 0, 0, 0, 2)), area=UNKNOWN_AREA, context=PatientContext(itch=8.0, atopy_self=()))
    told = {finding.code: finding.present for finding in found if finding.present is not None}
    assert told == {
        "red": True,
        "swollen": False,
        "scratched": False,
        "thickened": False,
        "oozing": False,
        "scaly": True,
        "itch": True,
        "severe_itch": True,
        "atopy_self": False,
    }
    said = speaking("atopic_dermatitis", found)
    assert said is not None
    aad = "Eichenfield 2014 (AAD guideline), doi 10.1016/j.jaad.2013.10.010"
    assert said[0] == (CitedFinding("dry or scaly", aad), CitedFinding("itches", aad))


def test_words_follow_what_was_found() -> None:
    found = look({}, UNDECIDED, area=UNKNOWN_AREA, context=PatientContext(itch=0.0))
    itch = next(finding for finding in found if finding.code == "itch")
    assert (itch.words, itch.present, itch.read_from) == ("does not itch", False, ("itch",))
    assert "scabies" in itch.opposes
    iacs = "Engelman 2020 (IACS criteria), doi 10.1111/bjd.18943"
    assert speaking("scabies", found) == ((), (CitedFinding("does not itch", iacs),))


def test_of_several_publications_each_line_cites_the_first_that_says_so() -> None:
    context = PatientContext(onset_age_years=1.0, itch=5.0)
    found = look({}, certain((0, 0, 0, 3, 0, 0)), area=UNKNOWN_AREA, context=context)
    said = speaking("atopic_dermatitis", found)
    assert said is not None
    # The AAD, the UK Working Party and Hanifin and Rajka say the first two, two, and one of these.
    assert [(line.text, line.source.partition(" (")[0]) for line in said[0]] == [
        ("thickened, with accentuated lines", "Hanifin & Rajka 1980, Acta Derm Venereol Suppl 92:44-47"),
        ("itches", "Eichenfield 2014"),
        ("began before the age of 2", "Eichenfield 2014"),
    ]
    assert "itches" not in repr(said)


@pytest.mark.parametrize("tone", [2, 5])
def test_red_thick_and_scaly_skin_is_found_so(tone: int) -> None:
    spec = SkinSpec(
        seed=11, tone=tone, signs=(3, 0, 0, 3, 0, 2), area=0.55, size=(256, 320), framing="flat", lighting="even"
    )
    found = on_rendered(spec)
    assert found["red"].present is True
    assert found["thickened"].present is True
    assert found["scaly"].present is True
    assert found["oozing"].present is False
    assert found["extensive"].present is True
    assert found["paler"].present is not True
    assert "lichen_simplex" in found["thickened"].supports


def test_healthy_skin_has_no_finding_of_a_lesion() -> None:
    spec = SkinSpec(seed=3, tone=4, signs=(0,) * 6, area=0.0, size=(160, 200), framing="flat", lighting="even")
    found = on_rendered(spec)
    assert [finding.words for finding in found.values() if finding.present] == []
    assert found["extensive"].present is False
    assert found["sharp_border"].present is None


def test_a_diagnosis_without_description_has_nothing_for_or_against() -> None:
    found = look({}, UNDECIDED, area=UNKNOWN_AREA, context=PatientContext(itch=0.0))
    assert speaking("other_infection", found) is None
    assert speaking("tinea", found) == ((), ())
