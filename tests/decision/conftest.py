"""A small honest calibration and prediction, as a bundle of three sizes smaller would give."""

import math

import numpy as np
import pytest

from flexura.decision.calibration import AreaErrors, Calibration, ConformalQuantile, DistanceReference
from flexura.decision.taxonomy import TAXONOMY
from flexura.records import (
    Case,
    ModelInfo,
    PatientContext,
    Photo,
    PhotoSource,
    Prediction,
    QualityCheck,
    QualityReport,
)


@pytest.fixture
def area_errors() -> AreaErrors:
    """One bin, 19 errors from -9 to +9 points: the fewest that give 90 %."""
    return AreaErrors((1.0,), (tuple(point / 100 for point in range(-9, 10)),), 0.9)


@pytest.fixture
def calibration(area_errors: AreaErrors) -> Calibration:
    return Calibration(
        labels=TAXONOMY,
        temperature=1.0,
        conformal=ConformalQuantile(0.7, 0.9),
        distance=DistanceReference((0.0, 1.0, 2.0, 3.0, 4.0), 0.95),
        area_errors=area_errors,
        expected_calibration_error=0.05,
    )


@pytest.fixture
def model() -> ModelInfo:
    return ModelInfo("flexura-test", "1", "ab" * 32, "none", "tests")


@pytest.fixture
def case() -> Case:
    source = PhotoSource("cd" * 32, "JPEG", 640, 480, 1, "sRGB", "2026-01-02T03:04:05")
    check = QualityCheck(
        "sharpness", 12.34567, 5.0, "grey levels", True, "too_blurred", "Hold the camera still.", "at_least"
    )
    context = PatientContext(site="left_antecubital_fossa")
    return Case(Photo(np.zeros((48, 64, 3), np.uint8), source), context, QualityReport((check,)), region="upper_limbs")


@pytest.fixture
def prediction() -> Prediction:
    """Atopic dermatitis .6, psoriasis .25, contact dermatitis .1; a quarter of the skin is affected."""
    probabilities = np.full(len(TAXONOMY), 0.05 / 32)
    probabilities[[0, 10, 1]] = 0.6, 0.25, 0.1
    logits = np.log(probabilities)
    signs = np.tile([0.0, 0.0, 1.0, 0.0], (6, 1))
    lesion = np.zeros((4, 4))
    lesion[0, :2] = 1.0
    skin = np.zeros((4, 4))
    skin[:2] = 1.0
    return Prediction(
        logits=logits.astype(np.float32),
        logit_samples=np.stack([logits, logits + math.log(2)]).astype(np.float32),
        signs=signs.astype(np.float32),
        iga=np.array([0, 0, 0.5, 0.5, 0], np.float32),
        lesion_map=lesion.astype(np.float32),
        skin_map=skin.astype(np.float32),
        attention=np.full((2, 2), 0.25, np.float32),
        distance=1.0,
    )
