"""The clinic's verbs: check a photo, assess a photo, assess many. Read this first.

Only this module and `pipeline` know the order of the rooms. Bytes come in, records go out; files, the
terminal and the network are somebody else's business. Times are wall-clock milliseconds.
"""

import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Final, TypeAlias

from flexura.clinical.sites import SITES, strip_laterality
from flexura.decision.calibration import AreaReading
from flexura.decision.decide import decide
from flexura.inference.predictor import Predictor, available_threads
from flexura.intake.isolated import IsolatedReader
from flexura.intake.quality import QualityThresholds, check_quality
from flexura.intake.read import read_photo
from flexura.pipeline import measure, prepare
from flexura.records import Assessment, Case, PatientContext, Photo, Prediction, QualityReport, Timings

Clock = Callable[[], float]  # seconds, never running backwards
Read = Callable[[bytes], Photo]  # raises InputRefused
Fetch = Callable[[], bytes]  # brings the content of a photo file

# How far photos run ahead of one that takes long, per worker; an answer waits with some 3 MB of pixels.
_AHEAD: Final = 4


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


# What becomes of one photo among many: the answer, the checks that it failed, or the error it ended with.
Outcome: TypeAlias = AssessedPhoto | CheckedPhoto | Exception


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


def assess_photos(
    photos: Iterable[tuple[Fetch, PatientContext]],
    *,
    predictor: Predictor,
    workers: int | None = None,
    open_reader: Callable[[], AbstractContextManager[IsolatedReader]] = IsolatedReader,
    thresholds: QualityThresholds | None = None,
) -> Generator[Outcome, None, None]:
    """Answer on many photos, several at a time; whatever one photo does, the next one gets its answer.

    Parameters
    ----------
    photos : Iterable[tuple[Fetch, PatientContext]]
        What brings each photo's content, and what is known of its patient. A worker fetches a photo when its
        turn comes, so that no more contents are in memory than there are workers.
    predictor : Predictor
        Shared by the workers; best opened with `threads=1`, since they fill the cores.
    workers : int | None
        From 1 up; by default as many as the cores that this process may use.
    open_reader : Callable[[], AbstractContextManager[IsolatedReader]]
        Opens the process that decodes one worker's photos; left at the end.
    thresholds : QualityThresholds | None
        What a picture must satisfy; the defaults if `None`.

    Yields
    ------
    Outcome
        One per photo, in the order of the photos. What `assess_photo` returns or raises; of errors without
        their frames' variables, which hold the photo.
    """
    workers = workers or available_threads()
    with ExitStack() as opened:
        idle: SimpleQueue[Intake] = SimpleQueue()
        for _ in range(workers):
            reader = opened.enter_context(open_reader())
            idle.put(Intake(reader.read, thresholds or QualityThresholds()))
        pool = ThreadPoolExecutor(workers)
        opened.callback(pool.shutdown, cancel_futures=True)
        ahead: deque[Future[Outcome]] = deque()
        for fetch, context in photos:
            ahead.append(pool.submit(_assess_idle, fetch, context, predictor=predictor, idle=idle))
            if len(ahead) >= _AHEAD * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _assess_idle(fetch: Fetch, context: PatientContext, *, predictor: Predictor, idle: SimpleQueue[Intake]) -> Outcome:
    """Assess with an intake that nobody uses; there is one for every worker."""
    intake = idle.get()
    try:
        return assess_photo(fetch(), context, predictor=predictor, intake=intake)
    except Exception as error:  # noqa: BLE001  # whoever asked decides what each photo's fault means
        traceback.clear_frames(error.__traceback__)
        return error
    finally:
        idle.put(intake)


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
