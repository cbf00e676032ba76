"""One whole answer, written out by hand, for everything that shows answers."""

import numpy as np
import pytest

from flexura.records import (
    Area,
    Assessment,
    Confidence,
    Diagnosis,
    EczemaProbability,
    Grade,
    ModelInfo,
    NotCovered,
    OutOfDistribution,
    Photo,
    PhotoSource,
    Prediction,
    PredictionSet,
    PreprocessingStep,
    QualityCheck,
    QualityReport,
    RankedDiagnosis,
    RegionScore,
    Severity,
    Timings,
    Uncertainty,
)

RANKING = (
    RankedDiagnosis("atopic_dermatitis", "Atopic dermatitis (atopic eczema)", "24079001", 0.58),
    RankedDiagnosis("contact_dermatitis", "Contact dermatitis (allergic or irritant)", None, 0.21),
    RankedDiagnosis("psoriasis", "Psoriasis", "9014002", 0.09),
    RankedDiagnosis("tinea", "Tinea (dermatophytosis)", None, 0.05),
    RankedDiagnosis("scabies", "Scabies", None, 0.04),
    RankedDiagnosis("urticaria", "Urticaria", None, 0.026),
    RankedDiagnosis("vitiligo", "Vitiligo", None, 0.004),
)

SIGNS = {
    "erythema": Grade(1.86, (0.04, 0.26, 0.50, 0.20)),
    "oedema_papulation": Grade(1.13, (0.20, 0.50, 0.27, 0.03)),
    "excoriation": Grade(0.35, (0.70, 0.25, 0.05, 0.0)),
    "lichenification": Grade(0.9, (0.35, 0.42, 0.21, 0.02)),
    "oozing_crusting": Grade(0.08, (0.93, 0.06, 0.01, 0.0)),
    "dryness": Grade(2.0, (0.02, 0.2, 0.54, 0.24)),
}


@pytest.fixture
def photo() -> Photo:
    """A plain picture of 240 x 360, read from a larger file that had been turned."""
    pixels = np.full((240, 360, 3), (198, 150, 130), np.uint8)
    return Photo(pixels, PhotoSource("ab" * 32, "JPEG", 3600, 2400, 6, "Display P3", "2026-03-01T10:20:30+01:00"))


@pytest.fixture
def prediction() -> Prediction:
    """Skin fills all but the left edge; one square lesion in the middle."""
    lesion, skin = np.zeros((12, 18), np.float32), np.ones((12, 18), np.float32)
    lesion[4:8, 7:12], skin[:, :3] = 0.95, 0.02
    return Prediction(
        logits=np.zeros(7, np.float32),
        logit_samples=np.zeros((4, 7), np.float32),
        signs=np.array([grade.distribution for grade in SIGNS.values()], np.float32),
        iga=np.array([0.02, 0.1, 0.5, 0.3, 0.08], np.float32),
        lesion_map=lesion,
        skin_map=skin,
        attention=np.eye(6, 9, 3, np.float32) / 6,
        distance=3.0,
    )


@pytest.fixture
def assessment(photo: Photo) -> Assessment:
    """Atopic dermatitis of the upper limb, not abstained."""
    checks = (
        QualityCheck("sharpness", 34.2, 12.0, "grey levels", True, "too_blurred", "Hold the camera still.", "at_least"),
        QualityCheck(
            "skin_coverage", 0.83, 0.25, "fraction of photo", True, "not_enough_skin", "Move closer.", "at_least"
        ),
    )
    return Assessment(
        photo=photo.source,
        site="left_forearm",
        quality=QualityReport(checks),
        preprocessing=(PreprocessingStep("orientation", {"exif": 6}), PreprocessingStep("squeeze", {"side_px": 256})),
        diagnosis=Diagnosis(
            RANKING,
            EczemaProbability(0.79, {"atopic_dermatitis": 0.58, "contact_dermatitis": 0.21}),
            PredictionSet(0.9, ("atopic_dermatitis", "contact_dermatitis", "psoriasis")),
        ),
        confidence=Confidence(0.58, True, 0.043),
        uncertainty=Uncertainty(0.41, 0.07, 0.34, OutOfDistribution(0.62, 0.95, False)),
        severity=Severity(
            SIGNS,
            Grade(2.32, (0.02, 0.1, 0.5, 0.3, 0.08)),
            RegionScore("upper_limbs", 8.3, (4.0, 14.0)),
            easi=None,
            objective_scorad=None,
        ),
        area=Area(0.124, (0.06, 0.21), 0.83, 2),
        features={},
        criteria={},
        why=(),
        contributions=None,
        alternatives=(),
        recommendations=(),
        abstained=None,
        not_covered=(
            NotCovered("features", "Hand-made image features are not measured by this version."),
            NotCovered("severity.easi", "EASI needs all four regions; this photo shows one."),
            NotCovered("severity.objective_scorad", "SCORAD needs the extent over the whole body."),
        ),
        model=ModelInfo(
            "flexura-resnet50", "1", "cd" * 32, "research, non-commercial", "Research and decision support."
        ),
        timings_ms=Timings(decode=31.0, quality=9.0, preprocess=4.0, inference=41.0, decision=3.0, total=88.0),
    )
