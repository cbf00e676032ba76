"""The calibration's JSON: there and back unchanged, and each damage refused."""

import copy
import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from flexura.decision.calibration import AbstentionLimits, Calibration
from flexura.decision.calibration_file import calibration_from_mapping, calibration_to_mapping
from flexura.decision.context_evidence import ContextEvidence
from flexura.decision.tone_groups import GROUP_NAMES, group_scores
from flexura.errors import BundleMismatch


def _tones(scores: list[Any]) -> list[dict[str, Any]]:
    """All groups, of which the first has scores."""
    return [{"name": name, "scores": scores if name == GROUP_NAMES[0] else []} for name in GROUP_NAMES]


EVIDENCE = ContextEvidence(
    ("itches", "age"), ("scabies", "acne"), (0.5, 0.1), (0.5, 0.3), (-0.7, -0.7), ((1.0, 0.0), (-1.0, 0.1)), 0.75
)


@pytest.fixture
def mapping(calibration: Calibration) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(json.dumps(calibration_to_mapping(calibration), allow_nan=False))
    return written


def test_there_and_back(calibration: Calibration, mapping: dict[str, Any]) -> None:
    assert calibration_from_mapping(mapping) == calibration


def test_calibration_error_may_be_unknown(mapping: dict[str, Any]) -> None:
    mapping["expected_calibration_error"] = None
    assert calibration_from_mapping(mapping).expected_calibration_error is None


def test_a_bundle_from_before_the_tones_reads_as_one_without_groups(
    calibration: Calibration, mapping: dict[str, Any]
) -> None:
    assert [mapping.pop(name) for name in ("tone_scores", "prevalence", "logit_offsets")] == [[], [], []]
    assert mapping.pop("context_evidence") is None
    assert mapping["limits"].pop("ages_years") is None
    assert calibration_from_mapping(mapping) == calibration


def test_what_came_later_comes_back(calibration: Calibration) -> None:
    known = replace(
        calibration,
        prevalence=(1 / 35,) * 35,
        logit_offsets=(0.5,) * 35,
        context_evidence=EVIDENCE,
        limits=AbstentionLimits(ages_years=(18.0, 80.0)),
        tone_scores=group_scores(np.array([0.2, 0.1]), np.array([20.0, np.nan])),
    )
    assert calibration_from_mapping(json.loads(json.dumps(calibration_to_mapping(known)))) == known


def test_every_missing_or_unknown_entry_is_refused(mapping: dict[str, Any]) -> None:
    parts = [(), *((key,) for key, value in mapping.items() if isinstance(value, dict))]
    for path in parts:
        whole = mapping[path[0]] if path else mapping
        for key in whole.keys() - {"tone_scores", "prevalence", "logit_offsets", "context_evidence", "ages_years"}:
            damaged = copy.deepcopy(mapping)
            del (damaged[path[0]] if path else damaged)[key]
            with pytest.raises(BundleMismatch, match="exactly"):
                calibration_from_mapping(damaged)
        damaged = copy.deepcopy(mapping)
        (damaged[path[0]] if path else damaged)["novel"] = 1
        with pytest.raises(BundleMismatch, match="exactly"):
            calibration_from_mapping(damaged)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("codes", ["acne"]),
        ("codes", ["acne", "acne"]),
        ("codes", ["acne", "wart"]),
        ("codes", 7),
        ("temperature", 0),
        ("temperature", -1.0),
        ("temperature", float("nan")),
        ("temperature", None),
        ("temperature", "warm"),
        ("conformal", None),
        ("conformal.quantile", 1.1),
        ("conformal.quantile", "0.5"),
        ("conformal.coverage", 1.0),
        ("prevalence", [1.0]),
        ("prevalence", [0.0] + [1 / 34] * 34),
        ("prevalence", [1 / 34] * 35),
        ("prevalence", 7),
        ("logit_offsets", [1.0]),
        ("logit_offsets", [float("nan")] * 35),
        ("context_evidence", 7),
        ("context_evidence", {"names": ["itches"]}),
        *(
            ("context_evidence", {**asdict(EVIDENCE), name: value})
            for name, value in (
                ("names", ["itches"]),
                ("names", ["itches", "itches"]),
                ("codes", ["scabies", "scabies"]),
                ("codes", ["scabies", "wart"]),
                ("centre", [0.5]),
                ("spread", [0.5, 0.0]),
                ("log_prior", [-0.7]),
                ("log_prior", [-0.7, float("nan")]),
                ("weights", [[1.0, 0.0]]),
                ("weights", [[1.0, 0.0], [-1.0]]),
                ("weights", [[1.0, 0.0], [-1.0, float("inf")]]),
                ("strength", 0.0),
                ("strength", 1.5),
                ("strength", "0.5"),
            )
        ),
        ("tone_scores", None),
        ("tone_scores", [{"name": "tan", "scores": [0.1]}]),
        ("tone_scores", _tones([0.2, 0.1])),
        ("tone_scores", _tones([-0.1, 0.1])),
        ("tone_scores", _tones([0.1, 1.1])),
        ("tone_scores", _tones([0.1, float("nan")])),
        ("tone_scores", _tones(["0.1"])),
        ("tone_scores", [{**group, "novel": 1} for group in _tones([])]),
        ("distance.quantiles", [1.0]),
        ("distance.quantiles", [2.0, 1.0]),
        ("distance.quantiles", [0.0, float("inf")]),
        ("distance.threshold", 0),
        ("area_errors.upper_bounds", [0.9]),
        ("area_errors.upper_bounds", [0.5, 1.0]),
        ("area_errors.upper_bounds", []),
        ("area_errors.errors", [[0.0] * 18]),
        ("area_errors.errors", [[0.0] * 18 + [-0.1]]),
        ("area_errors.errors", [[0.0] * 18 + [1.1]]),
        ("area_errors.errors", [[]]),
        ("area_errors.coverage", 0.99),
        ("expected_calibration_error", 1.5),
        ("expected_calibration_error", "low"),
        ("area_reading.skin_threshold", 0),
        ("area_reading.lesion_threshold", 1),
        ("area_reading.minimum_skin_fraction", -0.1),
        ("limits.ages_years", [18]),
        ("limits.ages_years", [80, 18]),
        ("limits.ages_years", [18, 121]),
        ("limits.largest_set", 0),
        ("limits.largest_set", 36),
        ("limits.lowest_confidence", 1),
    ],
)
def test_each_impossible_entry_is_refused(mapping: dict[str, Any], path: str, value: object) -> None:
    *parents, last = path.split(".")
    whole = mapping
    for parent in parents:
        whole = whole[parent]
    whole[last] = value
    with pytest.raises(BundleMismatch):
        calibration_from_mapping(mapping)


def test_the_impossible_entry_is_named(mapping: dict[str, Any]) -> None:
    mapping["temperature"] = -1.0
    with pytest.raises(BundleMismatch, match="impossible in temperature"):
        calibration_from_mapping(mapping)
