"""No answer is left without a word: severity, age, site, infection and kind of eczema in every combination.

The whole way from answer and context, red flags first; written apart from the tables.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from flexura.clinical.vocabulary import ECZEMAS
from flexura.decision.guidance.suggest import Guidance, suggest
from flexura.decision.red_flags.raised import raised_flags
from flexura.records import Assessment, Grade, PatientContext

# IGA 0, 2, 3, 4 for certain, and one that leaves everything open.
SEVERITIES = {"clear": 0, "mild": 2, "moderate": 3, "severe": 4, "unknown": None}
AGES = (None, 0.1, 0.9, 1.0, 5.0, 11.9, 12.0, 17.9, 18.0, 40.0, 70.0)
SITES = (None, "left_eyelid", "groin", "left_popliteal_fossa", "right_palm", "scalp", "back", "nail", "whole_body")
INFECTIONS = {
    "none": {},
    "suspected": {"warning_signs": ("pustules",)},
    "unwell": {"warning_signs": ("pustules", "unwell")},
}


def advised(answer: Assessment, context: PatientContext, *, severity: str) -> Guidance:
    grade = SEVERITIES[severity]
    shares = (0.2,) * 5 if grade is None else tuple(np.eye(5)[grade])
    graded = replace(answer, severity=replace(answer.severity, iga=Grade(0.0, shares)))
    stops = tuple(flag.name for flag, _ in raised_flags(graded, context) if flag.stops)
    return suggest(graded, context, stopped_by=stops)


@pytest.mark.parametrize("diagnosis", ECZEMAS)
@pytest.mark.parametrize("infection", INFECTIONS)
def test_every_combination_is_advised_on_or_told_why_not(diagnosis: str, infection: str, answer: Assessment) -> None:
    hands_too = diagnosis in ("contact_dermatitis", "dyshidrotic_eczema")
    for severity, age, site in product(SEVERITIES, AGES, SITES):
        known = {"age_years": age, "site": site, "confirmed_diagnosis": diagnosis, "sex": "male"}
        guidance = advised(answer, PatientContext(**known, **INFECTIONS[infection]), severity=severity)
        atopic = diagnosis in ("atopic_dermatitis", "eczema_unspecified")
        covered = atopic or (hands_too and site == "right_palm" and age is not None and age >= 12)
        case = (severity, age, site)
        if not covered or age is None or infection == "unwell":
            assert guidance.lines == (), case
            assert guidance.gaps, case
            assert all(gap.startswith("Withheld") for gap in guidance.gaps), case
            continue
        kinds = {line.kind for line in guidance.lines}
        assert {"basics", "referral"} <= kinds, case
        assert infection == "none" or "infection" in kinds, case
        steroid = any(line.topic == "Topical corticosteroid" for line in guidance.lines)
        known_place = site not in (None, "nail", "whole_body")
        assert steroid == (severity not in ("clear", "unknown") and known_place), case
        # What leaves lines out is said.
        assert any("severity" in gap for gap in guidance.gaps) == (severity == "unknown"), case
        assert any("site" in gap for gap in guidance.gaps) == (not known_place), case


def test_hand_eczema_of_a_child_that_is_not_atopic_says_why_nothing_is_suggested(answer: Assessment) -> None:
    context = PatientContext(age_years=11.9, site="left_palm", confirmed_diagnosis="contact_dermatitis")
    assert suggest(answer, context).gaps == (
        "Withheld: under 12 years these tables hold no guidance for contact and dyshidrotic eczema.",
    )
    assert suggest(answer, replace(context, age_years=12.0, sex="male")).lines
    assert suggest(answer, replace(context, confirmed_diagnosis="atopic_dermatitis")).lines
