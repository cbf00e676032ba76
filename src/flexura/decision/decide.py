"""From a case and a prediction to the assessment: the order of the decision's parts.

Knows the calibration, not the network; every number comes from one of the other files of this
room. Timings are the caller's to fill in.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from flexura.decision.abstention import Grounds, abstention_of
from flexura.decision.area import area_of, area_score_distribution, lesion_size
from flexura.decision.calibration import Array, Calibration, Probabilities, offset_logits, softmax
from flexura.decision.contributions import contributions_of
from flexura.decision.criteria.judge import judge
from flexura.decision.findings.look import look, speaking
from flexura.decision.findings.settling import would_settle
from flexura.decision.gaps import gaps_of
from flexura.decision.guidance.suggest import NOT_SAID, suggest
from flexura.decision.red_flags.raised import as_recommendation, raised_flags
from flexura.decision.severity import grade_of, region_score, signs_of
from flexura.decision.taxonomy import ECZEMA_GROUP
from flexura.decision.tone_groups import angle_of, grouped_set
from flexura.decision.uncertainty import distance_reading, uncertainty_of
from flexura.errors import BundleMismatch
from flexura.records import (
    SIGN_NAMES,
    Alternative,
    Area,
    Assessment,
    Case,
    Confidence,
    Diagnosis,
    EczemaProbability,
    FeatureValue,
    FeatureVector,
    Finding,
    ModelInfo,
    NotCovered,
    PatientContext,
    Prediction,
    PredictionSet,
    RankedDiagnosis,
    Severity,
    Timings,
)

_MOST_ALTERNATIVES: Final = 5
_SIGN_GRADES: Final = 4
_IGA_GRADES: Final = 5
# Rows of probabilities add up to 1 within what int8 and float32 round away.
_ROW_SUM_TOLERANCE: Final = 1e-2
_VALUE_TOLERANCE: Final = 1e-5


def decide(case: Case, prediction: Prediction, *, calibration: Calibration, model: ModelInfo) -> Assessment:
    """Read a prediction clinically.

    Parameters
    ----------
    case : Case
        Photo, context, quality, EASI region and, where they were measured, features.
    prediction : Prediction
        What the network gave for the photo.
    calibration : Calibration
        Of the same bundle.
    model : ModelInfo
        Of the same bundle.

    Returns
    -------
    Assessment
        The whole answer with empty timings. Where it should not be relied on, `abstained` says why.

    Raises
    ------
    BundleMismatch
        If the prediction is not finite or does not fit the calibration.
    """
    prediction = _checked(prediction, calibration)
    probabilities = softmax(prediction.logits, temperature=calibration.temperature)
    diagnosis = _diagnosis(probabilities, calibration, angle_degrees=angle_of(case.features))
    area = area_of(
        prediction.lesion_map,
        prediction.skin_map,
        reading=calibration.area_reading,
        errors=calibration.area_errors,
    )
    size = lesion_size(area, case.photo.source, case.scale, errors=calibration.area_errors)
    area = replace(area, lesion_size=size)
    severity = _severity(prediction, area, calibration=calibration, region=case.region)
    features = _feature_values(case.features)
    why = look(features, severity.signs, area=area, context=case.context)
    supporting, opposing = speaking(diagnosis.ranking[0].code, why) or (None, None)
    partial = prediction.partial
    contributions = None if partial is None else contributions_of(partial, calibration=calibration)
    measured = Assessment(
        photo=case.photo.source,
        site=case.context.site,
        quality=case.quality,
        preprocessing=case.preprocessing,
        diagnosis=replace(diagnosis, supporting=supporting, opposing=opposing),
        confidence=_confidence(diagnosis, calibration, corrected=case.corrected),
        uncertainty=uncertainty_of(
            prediction.logits,
            prediction.logit_samples,
            temperature=calibration.temperature,
            out_of_distribution=distance_reading(prediction.distance, calibration.distance),
        ),
        severity=severity,
        area=area,
        features=features,
        criteria=judge(case.context),
        why=why,
        contributions=contributions,
        alternatives=_alternatives(diagnosis, why),
        recommendations=(),
        abstained=None,
        not_covered=(),
        model=model,
        timings_ms=Timings(),
    )
    abstained = abstention_of(Grounds(measured, case.context, calibration))
    return _advised(replace(measured, abstained=abstained), case.context)


def _advised(answer: Assessment, context: PatientContext) -> Assessment:
    """Add red flags, guidance where none of them forbids it, and what is not covered."""
    flags = raised_flags(answer, context)
    guidance = suggest(answer, context, stopped_by=tuple(flag.name for flag, _ in flags if flag.stops))
    urgent = tuple(as_recommendation(flag, triggers) for flag, triggers in flags)
    advised = replace(answer, recommendations=urgent + guidance.lines)
    gap = NotCovered("recommendations", " ".join((*guidance.gaps, NOT_SAID)))
    return replace(advised, not_covered=(*gaps_of(advised), gap))


def _diagnosis(probabilities: Probabilities, calibration: Calibration, *, angle_degrees: float) -> Diagnosis:
    labels = calibration.labels
    ranking = tuple(
        RankedDiagnosis(labels[index].code, labels[index].name, labels[index].snomed, float(probabilities[index]))
        for index in np.argsort(-probabilities, kind="stable")
    )
    family = {
        label.code: float(share)
        for label, share in zip(labels, probabilities, strict=True)
        if label.group == ECZEMA_GROUP
    }
    chosen, group = grouped_set(probabilities, calibration, angle_degrees=angle_degrees)
    return Diagnosis(
        ranking=ranking,
        # The sum of rounded floats can pass 1 by a hair.
        is_eczema=EczemaProbability(min(sum(family.values()), 1.0), family),
        prediction_set=PredictionSet(
            calibration.conformal.coverage, tuple(labels[index].code for index in chosen), group
        ),
        would_settle_it=would_settle(ranking[0].code),
    )


def _confidence(diagnosis: Diagnosis, calibration: Calibration, *, corrected: bool) -> Confidence:
    # Calibrated on photos as they are: of corrected ones nothing is known.
    error = None if corrected else calibration.expected_calibration_error
    return Confidence(diagnosis.ranking[0].probability, error is not None, error)


def _severity(prediction: Prediction, area: Area, *, calibration: Calibration, region: str | None) -> Severity:
    fraction = area.lesion_fraction_of_skin
    area_scores = None if fraction is None else area_score_distribution(fraction, calibration.area_errors)
    signs = signs_of(prediction.signs)
    return Severity(
        signs=signs,
        iga=grade_of(prediction.iga),
        region_score=region_score(signs, area_scores, region=region),
        easi=None,
        objective_scorad=None,
    )


def _feature_values(vector: FeatureVector | None) -> Mapping[str, FeatureValue]:
    if vector is None:
        return {}
    return {
        name: FeatureValue(None if math.isnan(value) else value, unit)
        for name, value, unit in zip(vector.names, map(float, vector.values), vector.units, strict=True)
    }


def _alternatives(diagnosis: Diagnosis, why: tuple[Finding, ...]) -> tuple[Alternative, ...]:
    chosen = set(diagnosis.prediction_set.codes)
    others = [row for row in diagnosis.ranking[1:] if row.code in chosen]
    return tuple(_alternative(row, why) for row in others[:_MOST_ALTERNATIVES])


def _alternative(row: RankedDiagnosis, why: tuple[Finding, ...]) -> Alternative:
    supporting, opposing = speaking(row.code, why) or (None, None)
    return Alternative(row.code, row.name, row.probability, supporting, opposing, would_settle(row.code))


def _checked(prediction: Prediction, calibration: Calibration) -> Prediction:
    count = len(calibration.labels)
    samples = prediction.logit_samples
    if prediction.logits.shape != (count,) or samples.ndim != 2 or samples.shape[1] != count:
        raise BundleMismatch(
            f"the network gives logits {prediction.logits.shape} and samples {samples.shape}, "
            f"its calibration names {count} codes; install the bundle again"
        )
    partial = prediction.partial
    if partial is not None and partial.logits.shape != (2 ** len(partial.parts), count):
        raise BundleMismatch(f"the network gives partial logits {partial.logits.shape} for {len(partial.parts)} parts")
    numbers = (prediction.logits, samples, prediction.distance, 0.0 if partial is None else partial.logits)
    if not all(np.isfinite(each).all() for each in numbers):
        raise BundleMismatch("the network gives logits or a distance that are not finite; install the bundle again")
    if prediction.lesion_map.shape != prediction.skin_map.shape or prediction.skin_map.size == 0:
        raise BundleMismatch(f"the network gives maps {prediction.lesion_map.shape} and {prediction.skin_map.shape}")
    for name, given in (("lesion map", prediction.lesion_map), ("skin map", prediction.skin_map)):
        _check_probabilities(name, given)
    return replace(
        prediction,
        logits=offset_logits(prediction.logits, calibration),
        logit_samples=offset_logits(samples, calibration),
        signs=_rows("signs", prediction.signs, shape=(len(SIGN_NAMES), _SIGN_GRADES)),
        iga=_rows("IGA", prediction.iga, shape=(_IGA_GRADES,)),
    )


def _rows(name: str, given: Array, *, shape: tuple[int, ...]) -> Array:
    """Check rows of probabilities, and make them sum to 1 to the last digit."""
    if given.shape != shape:
        raise BundleMismatch(f"the network gives {name} of shape {given.shape}, expected {shape}")
    _check_probabilities(name, given)
    rows = np.clip(np.asarray(given, np.float64), 0.0, 1.0)
    sums = rows.sum(axis=-1, keepdims=True)
    if np.abs(sums - 1).max() > _ROW_SUM_TOLERANCE:
        raise BundleMismatch(f"the network's probabilities of {name} do not sum to 1; install the bundle again")
    normalised: Array = rows / sums
    return normalised


def _check_probabilities(name: str, given: Array) -> None:
    # A plain comparison is false for NaN too.
    if not np.all((given >= -_VALUE_TOLERANCE) & (given <= 1 + _VALUE_TOLERANCE)):
        raise BundleMismatch(f"the network's {name} holds values outside 0 to 1; install the bundle again")
