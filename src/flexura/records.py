"""The nouns that the rooms share; frozen, without behaviour of their own.

Pictures are sRGB uint8 arrays (H, W, 3), upright. Probabilities lie in [0, 1]. Unknown is
`None`, never 0. Letters in shapes: H, W pixels; h, w map cells; T diagnosis codes;
S stochastic samples; E embedding width; F features.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float32]

# The order is part of the model bundle: heads are trained and read in it.
SIGN_NAMES = ("erythema", "oedema_papulation", "excoriation", "lichenification", "oozing_crusting", "dryness")

Sex = Literal["female", "male", "other"]


@dataclass(frozen=True)
class PhotoSource:
    """Where a photo came from and what was done to its file.

    `width` and `height` are those of the upright original in pixels; `orientation_applied`
    is the EXIF value 1-8; `colour_profile` names the profile converted from, "sRGB" if none.
    """

    sha256: str
    format: str
    width: int
    height: int
    orientation_applied: int
    colour_profile: str
    captured_at: str | None = None


@dataclass(frozen=True)
class Photo:
    """A picture in the one internal form: sRGB uint8 (H, W, 3), upright, alpha laid on white.

    It may be smaller than the original (`source.width`, `source.height`), never larger.
    """

    pixels: UInt8Array = field(repr=False)
    source: PhotoSource


@dataclass(frozen=True)
class PatientContext:
    """What is known of the patient; `None` is unknown.

    Age in years (0-120), itch and sleep loss 0-10 (numerical rating, worst of the last three
    days), duration of this episode in days, Fitzpatrick skin type 1-6.
    """

    age_years: float | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    itch: float | None = field(default=None, repr=False)
    sleep_loss: float | None = field(default=None, repr=False)
    site: str | None = field(default=None, repr=False)
    duration_days: float | None = field(default=None, repr=False)
    skin_type: int | None = field(default=None, repr=False)


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
class Prediction:
    """What the network gives for one photo, before any clinical reading.

    Diagnosis logits (T,) and stochastic samples of them (S, T); sign probabilities (6, 4);
    IGA probabilities (5,); lesion and skin maps (h, w) as probabilities; squared distance of
    the embedding to the training photos.
    """

    logits: FloatArray
    logit_samples: FloatArray
    signs: FloatArray
    iga: FloatArray
    lesion_map: FloatArray
    skin_map: FloatArray
    distance: float


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


@dataclass(frozen=True)
class QualityReport:
    """All checks of one photo; accepted when every one passed."""

    checks: tuple[QualityCheck, ...]

    @property
    def accepted(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)
