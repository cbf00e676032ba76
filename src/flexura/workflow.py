"""The clinic's verbs: check a photo, assess a photo. Read this first.

Only this module and `pipeline` know the order of the rooms. Bytes come in, records go out; files, the
terminal and the network are somebody else's business. Times are wall-clock milliseconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from flexura.clinical.sites import SITES, strip_laterality
from flexura.decision.calibration import AreaReading
from flexura.decision.decide import decide
from flexura.inference.predictor import Predictor
from flexura.intake.quality import QualityThresholds, check_quality
from flexura.intake.read import read_photo
from flexura.pipeline import measure, prepare
from flexura.records import Assessment, Case, PatientContext, Photo, Prediction, QualityReport, Timings

Clock = Callable[[], float]  # seconds, never running backwards
Read = Callable[[bytes], Photo]  # raises InputRefused


@dataclass(frozen=True)
class Intake:
    """How photos come in: what reads them, and what a picture must satisfy before it is assessed.

    Whoever takes files of strangers gives the `read` of an `IsolatedReader`; the default reads in
    this process, which is for files of one's own.
    """

    read: Read = read_photo
    thresholds: QualityThresholds = field(default_factory=QualityThresholds)


@dataclass(frozen=True)
class CheckedPhoto:
    """A photo that could be read, and how good it is."""

    photo: Photo
    quality: QualityReport
    timings_ms: Timings


@dataclass(frozen=True)
class AssessedPhoto:
    """The answer on a photo, with what a report needs to draw it: the maps and how they were read."""

    assessment: Assessment
    photo: Photo
    prediction: Prediction
    reading: AreaReading


def check_photo(content: bytes, *, intake: Intake | None = None, clock: Clock = time.perf_counter) -> CheckedPhoto:
    """Read a photo and judge its quality.

    Parameters
    ----------
    content : bytes
        A photo file.
    intake : Intake | None
        The defaults of `Intake` if `None`.
    clock : Clock
        Seconds.

    Returns
    -------
    CheckedPhoto
        Accepted or not: see `quality.accepted`.

    Raises
    ------
    InputRefused
        When the content cannot be read as a photo; the leaf says why.
    """
    intake = intake or Intake()
    watch = _Stopwatch(clock)
    photo = intake.read(content)
    decode = watch.lap()
    quality = check_quality(photo, intake.thresholds)
    return CheckedPhoto(photo, quality, Timings(decode=decode, quality=watch.lap(), total=watch.total()))


def assess_photo(
    content: bytes,
    context: PatientContext,
    *,
    predictor: Predictor,
    intake: Intake | None = None,
    clock: Clock = time.perf_counter,
) -> AssessedPhoto | CheckedPhoto:
    """Answer on one photo: read, check, prepare, look, measure, answer, decide.

    Parameters
    ----------
    content : bytes
        A photo file.
    context : PatientContext
        What is known of the patient.
    predictor : Predictor
        The network with its bundle.
    intake : Intake | None
        The defaults of `Intake` if `None`.
    clock : Clock
        Seconds.

    Returns
    -------
    AssessedPhoto | CheckedPhoto
        The answer; or, where the photo is not good enough to be answered on, only its checks.

    Raises
    ------
    InputRefused
        When the content cannot be read as a photo; the leaf says why.
    """
    watch = _Stopwatch(clock)
    checked = check_photo(content, intake=intake, clock=clock)
    if not checked.quality.accepted:
        return checked
    bundle = predictor.bundle
    watch.lap()
    model_input = prepare(checked.photo, context, side=bundle.side)
    preprocess = watch.lap()
    look = predictor.look(model_input.pixels)
    looking = watch.lap()
    reading = bundle.calibration.area_reading
    measured = measure(checked.photo.pixels, look.lesion_map, look.skin_map, reading=reading)
    features = watch.lap()
    prediction = predictor.answer(look, context=model_input.context, findings=measured.values)
    answering = watch.lap()
    case = Case(checked.photo, context, checked.quality, region=_region(context), features=measured)
    assessment = decide(case, prediction, calibration=bundle.calibration, model=bundle.info)
    timings = replace(
        checked.timings_ms,
        preprocess=preprocess,
        features=features,
        inference=looking + answering,
        decision=watch.lap(),
        total=watch.total(),
    )
    return AssessedPhoto(replace(assessment, timings_ms=timings), checked.photo, prediction, reading)


def _region(context: PatientContext) -> str | None:
    return None if context.site is None else SITES[strip_laterality(context.site)].region


class _Stopwatch:
    """Milliseconds since it was made and since the last lap."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = self._last = clock()

    def lap(self) -> float:
        now = self._clock()
        elapsed, self._last = now - self._last, now
        return 1000 * elapsed

    def total(self) -> float:
        return 1000 * (self._clock() - self._start)
