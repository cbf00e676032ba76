"""The calibration as the JSON mapping of the model bundle, and back, refusing what does not fit.

Diagnoses are stored as codes alone; names and groups come from the taxonomy. A mapping with a
missing, unknown or impossible entry is a damaged bundle, never patched with a default.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Final, TypeVar

from flexura.decision.area import tail_rank
from flexura.decision.calibration import (
    AbstentionLimits,
    AreaErrors,
    AreaReading,
    Calibration,
    ConformalQuantile,
    DistanceReference,
    ToneScores,
)
from flexura.decision.context_evidence import ContextEvidence
from flexura.decision.taxonomy import labels_of
from flexura.decision.tone_groups import GROUP_NAMES
from flexura.errors import BundleMismatch, CalibrationError

_OLDEST_YEARS: Final = 120
Part = TypeVar(
    "Part", ConformalQuantile, ToneScores, DistanceReference, AreaErrors, AreaReading, AbstentionLimits, ContextEvidence
)

_KEYS: Final = frozenset(field.name for field in fields(Calibration)) - {"labels"} | {"codes"}
# Bundles up to main 0.3.0 were fitted on all photos together, and say nothing of tones, of how common diseases were or
# of how much what is told weighs.
_LATER: Final = frozenset({"tone_scores", "prevalence", "logit_offsets", "context_evidence"})


def calibration_to_mapping(calibration: Calibration) -> dict[str, Any]:
    """Write a calibration as a mapping for JSON.

    Parameters
    ----------
    calibration : Calibration
        As fitted.

    Returns
    -------
    dict[str, Any]
        `calibration_from_mapping` gives back the same; floats are kept to the last digit.
    """
    written = asdict(calibration)
    del written["labels"]
    return {"codes": [label.code for label in calibration.labels], **written}


def calibration_from_mapping(mapping: Mapping[str, Any]) -> Calibration:
    """Read a calibration from the mapping of a bundle.

    Parameters
    ----------
    mapping : mapping of str to Any
        As JSON gives it.

    Returns
    -------
    Calibration
        Checked.

    Raises
    ------
    BundleMismatch
        If an entry is missing, unknown, of the wrong kind or out of its range.
    """
    _check_keys("calibration", mapping, _KEYS, optional=_LATER)
    try:
        calibration = Calibration(
            labels=labels_of(mapping["codes"]),
            temperature=float(mapping["temperature"]),
            conformal=_part(ConformalQuantile, "conformal", mapping["conformal"]),
            tone_scores=tuple(_part(ToneScores, "tone_scores", group) for group in mapping.get("tone_scores", ())),
            prevalence=_frozen(mapping.get("prevalence", ())),
            logit_offsets=_frozen(mapping.get("logit_offsets", ())),
            context_evidence=_evidence(mapping.get("context_evidence")),
            distance=_part(DistanceReference, "distance", mapping["distance"]),
            area_errors=_part(AreaErrors, "area_errors", mapping["area_errors"]),
            expected_calibration_error=mapping["expected_calibration_error"],
            area_reading=_part(AreaReading, "area_reading", mapping["area_reading"]),
            limits=_part(AbstentionLimits, "limits", mapping["limits"], optional=frozenset({"ages_years"})),
        )
        broken = [entry for entry, holds in _conditions(calibration) if not holds]
    except (TypeError, ValueError, CalibrationError) as error:
        raise BundleMismatch(f"the bundle's calibration cannot be read ({error}); install the bundle again") from error
    if broken:
        raise BundleMismatch(f"the bundle's calibration is impossible in {', '.join(broken)}; install the bundle again")
    return calibration


def _part(kind: type[Part], name: str, given: Mapping[str, Any], *, optional: frozenset[str] = frozenset()) -> Part:
    _check_keys(f"calibration.{name}", given, {field.name for field in fields(kind)}, optional=optional)
    return kind(**{key: _frozen(value) for key, value in given.items()})


def _evidence(given: Mapping[str, Any] | None) -> ContextEvidence | None:
    return None if given is None else _part(ContextEvidence, "context_evidence", given)


def _check_keys(
    name: str, given: object, expected: frozenset[str] | set[str], *, optional: frozenset[str] = frozenset()
) -> None:
    if not isinstance(given, Mapping) or set(given) | optional != expected:
        raise BundleMismatch(f"{name} in the bundle must hold exactly {', '.join(sorted(expected))}")


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list | tuple) else value


def _conditions(calibration: Calibration) -> tuple[tuple[str, bool], ...]:
    """Entry by entry, whether it is possible; comparisons are false for NaN."""
    codes = [label.code for label in calibration.labels]
    error, reading = calibration.expected_calibration_error, calibration.area_reading
    quantiles, ages = calibration.distance.quantiles, calibration.limits.ages_years
    return (
        ("codes", len(codes) > 1 and len(set(codes)) == len(codes)),
        ("temperature", math.isfinite(calibration.temperature) and calibration.temperature > 0),
        ("conformal", 0 <= calibration.conformal.quantile <= 1 and 0 < calibration.conformal.coverage < 1),
        ("tone_scores", _possible_scores(calibration.tone_scores)),
        ("prevalence", _possible_shares(calibration.prevalence, len(codes))),
        (
            "logit_offsets",
            len(calibration.logit_offsets) in (0, len(codes)) and all(map(math.isfinite, calibration.logit_offsets)),
        ),
        ("context_evidence", _possible_evidence(calibration.context_evidence, codes)),
        ("distance", len(quantiles) > 1 and _rising(quantiles) and 0 < calibration.distance.threshold <= 1),
        ("area_errors", _possible_errors(calibration.area_errors)),
        ("expected_calibration_error", error is None or 0 <= error <= 1),
        ("area_reading.skin_threshold", 0 < reading.skin_threshold < 1),
        ("area_reading.lesion_threshold", 0 < reading.lesion_threshold < 1),
        ("area_reading.minimum_skin_fraction", 0 <= reading.minimum_skin_fraction < 1),
        ("limits.largest_set", 1 <= calibration.limits.largest_set <= len(codes)),
        ("limits.ages_years", ages is None or (len(tuple(ages)) == 2 and 0 <= ages[0] < ages[1] <= _OLDEST_YEARS)),
        ("limits.lowest_confidence", 0 <= calibration.limits.lowest_confidence < 1),
    )


def _possible_scores(groups: tuple[ToneScores, ...]) -> bool:
    named = tuple(group.name for group in groups)
    return named in ((), GROUP_NAMES) and all(
        not group.scores or (_rising(group.scores) and group.scores[0] >= 0 and group.scores[-1] <= 1)
        for group in groups
    )


def _possible_shares(shares: tuple[float, ...], count: int) -> bool:
    known = len(shares) == count and min(shares) > 0 and math.isclose(sum(shares), 1, abs_tol=1e-6)
    return not shares or known


def _possible_evidence(evidence: ContextEvidence | None, codes: Sequence[str]) -> bool:
    if evidence is None:
        return True
    values, known = len(evidence.names), len(evidence.codes)
    numbers = (*evidence.centre, *evidence.log_prior, *(one for row in evidence.weights for one in row))
    return (
        len(set(evidence.codes)) == known > 0
        and set(evidence.codes) <= set(codes)
        and len(set(evidence.names)) == len(evidence.centre) == len(evidence.spread) == values
        and len(evidence.log_prior) == len(evidence.weights) == known
        and all(len(row) == values for row in evidence.weights)
        and all(map(math.isfinite, numbers))
        and min(evidence.spread) > 0
        and 0 < evidence.strength <= 1
    )


def _possible_errors(errors: AreaErrors) -> bool:
    bounds = errors.upper_bounds
    return (
        len(bounds) == len(errors.errors) > 0
        and _rising(bounds)
        and bounds[0] > 0
        and bounds[-1] == 1
        and 0 < errors.coverage < 1
        and all(_rising(known) and min(known) >= -1 and max(known) <= 1 for known in errors.errors)
        and all(tail_rank(len(known), errors.coverage) <= len(known) for known in errors.errors)
    )


def _rising(values: Sequence[float]) -> bool:
    return len(values) > 0 and all(map(math.isfinite, values)) and list(values) == sorted(values)
