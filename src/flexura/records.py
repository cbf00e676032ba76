"""The nouns that the rooms share; frozen, without behaviour of their own.

Pictures are sRGB uint8 arrays (H, W, 3), upright. Probabilities lie in [0, 1]. Unknown is
`None`, never 0. Letters in shapes: H, W pixels; h, w map cells; T diagnosis codes;
S stochastic samples; E embedding width; F features.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from flexura.patient import ItchScore as ItchScore
from flexura.patient import PatientContext as PatientContext
from flexura.patient import Sex as Sex
from flexura.patient import TriedTreatment as TriedTreatment
from flexura.photo import Capture as Capture
from flexura.photo import KnownBy as KnownBy
from flexura.photo import Photo as Photo
from flexura.photo import PhotoSource as PhotoSource
from flexura.photo import Scale as Scale
from flexura.photo import SpacingFault as SpacingFault
from flexura.photo import UInt8Array as UInt8Array
from flexura.reasoning import Alternative as Alternative
from flexura.reasoning import CitedFinding as CitedFinding
from flexura.reasoning import Contribution as Contribution
from flexura.reasoning import Contributions as Contributions
from flexura.reasoning import CriteriaResult as CriteriaResult
from flexura.reasoning import Criterion as Criterion
from flexura.reasoning import Finding as Finding
from flexura.reasoning import Recommendation as Recommendation
from flexura.reasoning import SettlingStep as SettlingStep

UInt16Array = npt.NDArray[np.uint16]
FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

# The order is part of the model bundle: heads are trained and read in it.
SIGN_NAMES = ("erythema", "oedema_papulation", "excoriation", "lichenification", "oozing_crusting", "dryness")

# The preparation steps that can be switched, in the order they are taken.
PREPARATION_STEPS = ("scale", "artefacts", "colour_cast", "illumination", "background")
# Those of them that can change the picture.
CORRECTIONS = PREPARATION_STEPS[1:]

# Lower and upper bound.
Interval = tuple[float, float]

# Which side of a threshold is the good one.
Bound = Literal["at_least", "at_most"]


@dataclass(frozen=True)
class FeatureVector:
    """Named numbers with their units; NaN is unknown."""

    names: tuple[str, ...]
    values: FloatArray
    units: tuple[str, ...]


@dataclass(frozen=True)
class ModelInput:
    """What the network takes: pixels uint8 (side, side, 3) and context float32 (F,) with NaN for unknown."""

    pixels: UInt8Array = field(repr=False)
    context: FloatArray = field(repr=False)


@dataclass(frozen=True)
class Look:
    """What the network sees in one photo before anything else is known.

    Pooled image features (3072,); lesion and skin maps (h, w) as probabilities; attention (h/2, w/2), by which
    positions are weighed in a third of the features, sum 1.
    """

    pooled: FloatArray = field(repr=False)
    lesion_map: FloatArray = field(repr=False)
    skin_map: FloatArray = field(repr=False)
    attention: FloatArray = field(repr=False)


@dataclass(frozen=True)
class PartialAnswers:
    """Diagnosis logits (2**K, T) for every choice among K parts of what is known beside the picture.

    Part k is known to the network where bit k of the row's number is 1; the last row is the whole answer.
    """

    parts: tuple[str, ...]
    logits: FloatArray


@dataclass(frozen=True)
class Prediction:
    """What the network gives for one photo, before any clinical reading.

    Diagnosis logits (T,) and stochastic samples of them (S, T); sign probabilities (6, 4);
    IGA probabilities (5,); lesion and skin maps (h, w) as probabilities; attention (h/2, w/2), sum 1; squared
    distance of the embedding to the training photos; logits without parts of what was known, where they were asked for.
    """

    logits: FloatArray
    logit_samples: FloatArray
    signs: FloatArray
    iga: FloatArray
    lesion_map: FloatArray
    skin_map: FloatArray
    attention: FloatArray
    distance: float
    partial: PartialAnswers | None = None


@dataclass(frozen=True)
class QualityCheck:
    """One measured property of a photo; `reason` is the stable code given when it fails."""

    name: str
    value: float
    threshold: float
    unit: str
    passed: bool
    reason: str
    advice: str
    bound: Bound  # whether the threshold is a floor or a ceiling; a value on it passes
    gating: bool = True  # otherwise it only advises: good photos fail it too often to be refused for it


@dataclass(frozen=True)
class QualityReport:
    """All checks of one photo; accepted when every gating one passed."""

    checks: tuple[QualityCheck, ...]

    @property
    def accepted(self) -> bool:
        """Whether every gating check passed."""
        return all(check.passed or not check.gating for check in self.checks)


@dataclass(frozen=True)
class PreprocessingStep:
    """One preparation step and its parameters, JSON-ready; whether it changed the picture is one of them."""

    step: str
    parameters: Mapping[str, float | int | str | bool | None]


@dataclass(frozen=True)
class Case:
    """All that is known beside the network's output: photo, context, quality, preparation and scale.

    `region` is the EASI region of the site (head_neck, upper_limbs, trunk, lower_limbs), if one is known;
    `corrected` says whether the network saw other pixels than the photo's.
    """

    photo: Photo
    context: PatientContext
    quality: QualityReport
    region: str | None = None
    preprocessing: tuple[PreprocessingStep, ...] = ()
    scale: Scale | None = None
    corrected: bool = False
    features: FeatureVector | None = field(default=None, repr=False)


@dataclass(frozen=True)
class RankedDiagnosis:
    """One diagnosis with its calibrated probability; `snomed` only where the code was verified."""

    code: str
    name: str
    snomed: str | None
    probability: float


@dataclass(frozen=True)
class EczemaProbability:
    """Probability of any disease of the eczema family, and its share by code of the family."""

    probability: float
    subtype_mass: Mapping[str, float]


@dataclass(frozen=True)
class CalibrationGroup:
    """The held-out photos that a prediction set rests on: those of one skin-tone group, how many, how many it takes."""

    name: str
    cases: int
    cases_needed: int

    @property
    def enough(self) -> bool:
        """Whether a set can be given at all."""
        return self.cases >= self.cases_needed


@dataclass(frozen=True)
class PredictionSet:
    """The codes that hold the truth for at least `coverage` of comparable photos; most likely first, never empty.

    `group` is `None` where one quantile of all held-out photos decides. Without enough cases of the group, `codes` are
    all codes: no smaller set is known to hold the truth.
    """

    coverage: float
    codes: tuple[str, ...]
    group: CalibrationGroup | None = None


@dataclass(frozen=True)
class Diagnosis:
    """All codes by falling probability, eczema or not, the prediction set; of the first, findings and what settles."""

    ranking: tuple[RankedDiagnosis, ...]
    is_eczema: EczemaProbability
    prediction_set: PredictionSet
    supporting: tuple[CitedFinding, ...] | None = field(default=None, repr=False)
    opposing: tuple[CitedFinding, ...] | None = field(default=None, repr=False)
    would_settle_it: tuple[SettlingStep, ...] | None = None


@dataclass(frozen=True)
class Confidence:
    """Calibrated probability of the most likely code; calibration error as measured on held-out photos."""

    score: float
    calibrated: bool
    expected_calibration_error: float | None


@dataclass(frozen=True)
class OutOfDistribution:
    """Share of held-out photos nearer to the training photos than this one (0-1); flagged from the threshold up."""

    score: float
    threshold: float
    flag: bool


@dataclass(frozen=True)
class Uncertainty:
    """Entropies as fractions of log T: total = model (mutual information) + data (expected entropy).

    `None` where the network gives no stochastic samples.
    """

    total: float
    model: float | None
    data: float | None
    out_of_distribution: OutOfDistribution


@dataclass(frozen=True)
class Grade:
    """An ordinal grade: its expected value and the probability of each grade from 0 up."""

    expected: float
    distribution: tuple[float, ...]


@dataclass(frozen=True)
class RegionScore:
    """EASI score of the one region seen, 0-72 before the region's weight, with its 90 % interval.

    `region` is head_neck, upper_limbs, trunk or lower_limbs.
    """

    region: str | None
    value: float | None
    interval: Interval | None


@dataclass(frozen=True)
class WholeScore:
    """A score of the whole body (EASI, objective SCORAD) with the regions that were seen and assumed."""

    value: float
    interval: Interval
    band: str
    regions_seen: tuple[str, ...]
    regions_assumed: tuple[str, ...]


@dataclass(frozen=True)
class Severity:
    """Six signs in the order of SIGN_NAMES, IGA 0-4, and the scores that follow from them."""

    signs: Mapping[str, Grade]
    iga: Grade
    region_score: RegionScore
    easi: WholeScore | None
    objective_scorad: WholeScore | None


@dataclass(frozen=True)
class LesionSize:
    """Affected skin in view in cm², seen from the front, with its 90 % interval and the source of the scale."""

    value_cm2: float
    interval_cm2: Interval
    known_by: KnownBy


@dataclass(frozen=True)
class Area:
    """Affected share of the visible skin (0-1) with its 90 % interval; skin's share of the photo; EASI area 0-6.

    `lesion_size` is `None` where the share or the scale is unknown.
    """

    lesion_fraction_of_skin: float | None
    interval: Interval | None
    skin_fraction_of_photo: float
    easi_area_score: int | None
    lesion_size: LesionSize | None = None


@dataclass(frozen=True)
class FeatureValue:
    """One measured feature and its unit."""

    value: float | None
    unit: str


@dataclass(frozen=True)
class Reason:
    """A stable code and a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True)
class Abstention:
    """Why the answer should not be relied on; at least one reason."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class NotCovered:
    """A field of the assessment that is null or empty, and why."""

    field: str
    reason: str


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered, under which licence, for what use."""

    name: str
    version: str
    sha256: str
    weights_licence: str
    intended_use: str


@dataclass(frozen=True)
class Timings:
    """Wall-clock milliseconds of each step; `None` for a step that was not taken."""

    decode: float | None = None
    quality: float | None = None
    preprocess: float | None = None
    features: float | None = None
    inference: float | None = None
    decision: float | None = None
    total: float | None = None


@dataclass(frozen=True)
class Assessment:
    """The whole answer on one photo; `decision.document` turns it into the JSON of "flexura.assessment/1"."""

    photo: PhotoSource
    site: str | None = field(repr=False)
    quality: QualityReport
    preprocessing: tuple[PreprocessingStep, ...]
    diagnosis: Diagnosis
    confidence: Confidence
    uncertainty: Uncertainty
    severity: Severity
    area: Area
    features: Mapping[str, FeatureValue]
    criteria: Mapping[str, CriteriaResult] = field(repr=False)
    why: tuple[Finding, ...] = field(repr=False)
    contributions: Contributions | None = field(repr=False)
    alternatives: tuple[Alternative, ...]
    recommendations: tuple[Recommendation, ...]
    abstained: Abstention | None
    not_covered: tuple[NotCovered, ...]
    model: ModelInfo
    timings_ms: Timings
