"""The gate against candidates that are better, the same, worse everywhere, and worse in one subgroup alone."""

import numpy as np
import pytest

from flexura.errors import MetricError
from flexura.monitoring.gate import MIN_PATIENTS, compare_models

PATIENTS = np.arange(400)
TONES = np.where(PATIENTS < 60, "VI", "II")
RIGHT = (PATIENTS % 2).astype(float)


def verdict(candidate, *, patients=PATIENTS, tones=TONES):
    return compare_models(RIGHT, candidate, patients, subgroups={"skin type": tones})


def test_the_same_model_passes():
    same = verdict(RIGHT)
    assert same.reasons == ()
    assert (same.overall.difference.low, same.overall.difference.high) == (0.0, 0.0)


def test_a_candidate_that_is_better_on_the_whole_and_worse_in_one_skin_type_is_refused():
    candidate = np.where(PATIENTS < 60, RIGHT * (PATIENTS % 4 == 1), np.where(PATIENTS % 3 == 0, 1.0, RIGHT))
    found = verdict(candidate)
    assert found.overall.difference.estimate > 0
    assert [reason.split(":")[0] for reason in found.reasons] == ["skin type VI"]


def test_a_candidate_that_may_lose_more_than_the_margin_is_refused():
    found = verdict(np.where(PATIENTS % 10 == 1, 0.0, RIGHT))
    assert found.reasons[0].startswith("all cases")


def test_too_few_patients_are_named_and_pass_nobody():
    few = np.where(PATIENTS < MIN_PATIENTS - 1, "VI", "")
    found = verdict(np.where(PATIENTS < 5, 0.0, RIGHT), tones=few)
    assert found.untold == ("skin type VI",)
    assert [row.name for row in found.subgroups] == ["VI"]
    assert "nothing can be said" in verdict(RIGHT, patients=PATIENTS % 5).reasons[0]


def test_mismatched_cases_are_refused():
    with pytest.raises(MetricError, match="one value per case"):
        verdict(RIGHT, patients=np.arange(3))
    with pytest.raises(MetricError, match="one length"):
        verdict(RIGHT[:3])
