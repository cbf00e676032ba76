"""The clinic's verbs: check a photo, assess a photo, assess many, assess a patient. Read this first.

Only this module and `pipeline` know the order of the rooms. Bytes come in, records go out; files, the
terminal and the network are somebody else's business. Times are wall-clock milliseconds.
"""

import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from queue import SimpleQueue
from typing import Final, TypeAlias

import numpy as np

from flexura.clinical.sites import SITES, strip_laterality
from flexura.decision.calibration import AreaReading
from flexura.decision.decide import decide
from flexura.decision.whole.body import parts_of_site
from flexura.decision.whole.change import Change, compare_all
from flexura.decision.whole.draws import SeenPhoto, draw_chance
from flexura.decision.whole.sides import SidePair, pair_sides
from flexura.decision.whole.visit import VisitReading, read_visit
from flexura.features import compare_sides
from flexura.inference.predictor import Predictor, available_threads
from flexura.intake.isolated import IsolatedReader
from flexura.intake.quality import QualityThresholds, check_quality
from flexura.intake.read import read_photo
from flexura.pipeline import MEASURED, measure, prepare, prepare_photo, reduce_to_measure, withhold_parts
from flexura.preprocessing.prepare import PreparationConfig
from flexura.records import (
    Assessment,
    Case,
    PartialAnswers,
    PatientContext,
    Photo,
    Prediction,
    PreprocessingStep,
    QualityReport,
    Timings,
)

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
    preprocessing: tuple[PreprocessingStep, ...] = ()


@dataclass(frozen=True)
class AssessedPhoto:
    """The answer on a photo, with what a report needs to draw it: the maps and how they were read."""

    assessment: Assessment
    photo: Photo
    prediction: Prediction
    reading: AreaReading


# What becomes of one photo among many: the answer, the checks that it failed, or the error it ended with.
Outcome: TypeAlias = AssessedPhoto | CheckedPhoto | Exception


@dataclass(frozen=True)
class AssessedPatient:
    """One patient: of each photo its outcome, visit from 1 and whether it entered the scores; the rest by visit."""

    outcomes: tuple[Outcome, ...]
    visit_numbers: tuple[int, ...]
    used: tuple[bool, ...]
    visits: tuple[VisitReading, ...]
    changes: tuple[Change, ...]
    sides: tuple[SidePair, ...]


def check_photo(
    content: bytes,
    *,
    intake: Intake | None = None,
    preparation: PreparationConfig | None = None,
    clock: Clock = time.perf_counter,
) -> CheckedPhoto:
    """Read a photo, judge its quality and, where asked for, measure its scale, light and what lies on the skin.

    Parameters
    ----------
    content : bytes
        A photo file.
    intake : Intake | None
        The defaults of `Intake` if `None`.
    preparation : PreparationConfig | None
        One that finds skin by its colour, as no network looks; nothing is changed in the photo that is given back.
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
    judging = watch.lap()
    prepared = prepare_photo(photo, PatientContext(), preparation) if preparation else None
    preparing = watch.lap() if prepared else None
    timings = Timings(decode=decode, quality=judging, preprocess=preparing, total=watch.total())
    return CheckedPhoto(photo, quality, timings, prepared.steps if prepared else ())


def assess_photo(
    content: bytes,
    context: PatientContext,
    *,
    predictor: Predictor,
    intake: Intake | None = None,
    preparation: PreparationConfig | None = MEASURED,
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
    preparation : PreparationConfig | None
        From `pipeline.plan_preparation`; `None` measures nothing before the answer. What it changes the network sees.
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
    bundle, photo, context = predictor.bundle, checked.photo, with_site_of(checked.photo, context)
    watch.lap()
    corrected = prepare_photo(photo, context, preparation) if preparation and preparation.corrects else None
    seen = photo if corrected is None else replace(photo, pixels=corrected.pixels)
    model_input = prepare(seen, context, side=bundle.side)
    preparing = watch.lap()
    look = predictor.look(model_input.pixels)
    looking = watch.lap()
    reduced = reduce_to_measure(seen.pixels)
    prepared = corrected
    if preparation and corrected is None:
        prepared = prepare_photo(photo, context, preparation, skin_map=look.skin_map, reduced=reduced)
    preparing += watch.lap()
    reading = bundle.calibration.area_reading
    measured = measure(reduced, look.lesion_map, look.skin_map, reading=reading)
    features = watch.lap()
    prediction = predictor.answer(look, context=model_input.context, findings=measured.values)
    parts, contexts, findings = withhold_parts(model_input.context, measured.values)
    partial = PartialAnswers(parts, predictor.logits(look, contexts=contexts, findings=findings))
    answering = watch.lap()
    case = Case(
        photo,
        context,
        checked.quality,
        region=_region(context),
        preprocessing=prepared.steps if prepared else (),
        scale=prepared.scale if prepared else None,
        corrected=corrected is not None,
        features=measured,
    )
    prediction = replace(prediction, partial=partial)
    assessment = decide(case, prediction, calibration=bundle.calibration, model=bundle.info)
    timings = replace(
        checked.timings_ms,
        preprocess=preparing,
        features=features,
        inference=looking + answering,
        decision=watch.lap(),
        total=watch.total(),
    )
    return AssessedPhoto(replace(assessment, timings_ms=timings), photo, prediction, reading)


def assess_photos(
    photos: Iterable[tuple[Fetch, PatientContext]],
    *,
    predictor: Predictor,
    workers: int | None = None,
    open_reader: Callable[[], AbstractContextManager[IsolatedReader]] = IsolatedReader,
    thresholds: QualityThresholds | None = None,
    preparation: PreparationConfig | None = MEASURED,
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
    preparation : PreparationConfig | None
        As for `assess_photo`.

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
        assess = partial(assess_photo, predictor=predictor, preparation=preparation)
        for fetch, context in photos:
            ahead.append(pool.submit(_assess_idle, fetch, context, assess=assess, idle=idle))
            if len(ahead) >= _AHEAD * workers:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def assess_patient(
    photos: Sequence[tuple[Fetch, PatientContext]],
    *,
    predictor: Predictor,
    workers: int | None = None,
    open_reader: Callable[[], AbstractContextManager[IsolatedReader]] = IsolatedReader,
    preparation: PreparationConfig | None = MEASURED,
    seed: int = 0,
) -> AssessedPatient:
    """Answer on all photos of one patient, score the whole body at each visit, compare visits and sides.

    Parameters
    ----------
    photos : Sequence[tuple[Fetch, PatientContext]]
        What brings each photo's content, and its context: `site` places it on the body, `captured_on` is the day of
        its visit. The other fields of one visit are taken from its first photo.
    predictor : Predictor
        Shared by the workers; best opened with `threads=1`.
    workers : int | None
        From 1 up; by default as many as the cores that this process may use.
    open_reader : Callable[[], AbstractContextManager[IsolatedReader]]
        Opens the process that decodes one worker's photos; left at the end.
    preparation : PreparationConfig | None
        As for `assess_photo`.
    seed : int
        Of the draws behind the intervals.

    Returns
    -------
    AssessedPatient
        With an outcome for every photo; those that could not be assessed do not enter the scores.
    """
    outcomes = tuple(
        assess_photos(photos, predictor=predictor, workers=workers, open_reader=open_reader, preparation=preparation)
    )
    contexts = [context for _, context in photos]
    days = sorted({context.captured_on for context in contexts}, key=lambda day: day or date.min)
    numbers = tuple(days.index(context.captured_on) + 1 for context in contexts)
    seen = [_seen(outcome, context) for outcome, context in zip(outcomes, contexts, strict=True)]
    generator = np.random.default_rng(seed)
    visits = tuple(
        read_visit(
            [photo for photo, at in zip(seen, numbers, strict=True) if at == number and photo is not None],
            contexts[numbers.index(number)],
            day=day,
            errors=predictor.bundle.calibration.area_errors,
            chance=draw_chance(generator),
        )
        for number, day in enumerate(days, start=1)
    )
    used = tuple(photo is not None for photo in seen)
    answers = [outcome.assessment if isinstance(outcome, AssessedPhoto) else None for outcome in outcomes]
    sides = pair_sides(answers, numbers, compare=compare_sides)
    return AssessedPatient(outcomes, numbers, used, visits, compare_all(visits), sides)


def _seen(outcome: Outcome, context: PatientContext) -> SeenPhoto | None:
    """What a photo gives to the whole body, if its area was measured and its site names a part."""
    if not isinstance(outcome, AssessedPhoto) or not parts_of_site(context.site):
        return None
    severity, fraction = outcome.assessment.severity, outcome.assessment.area.lesion_fraction_of_skin
    if fraction is None:
        return None
    return SeenPhoto(context.site, {name: grade.distribution for name, grade in severity.signs.items()}, fraction)


def _assess_idle(
    fetch: Fetch, context: PatientContext, *, assess: Callable[..., Outcome], idle: SimpleQueue[Intake]
) -> Outcome:
    """Assess with an intake that nobody uses; there is one for every worker."""
    intake = idle.get()
    try:
        return assess(fetch(), context, intake=intake)
    except Exception as error:  # noqa: BLE001  # whoever asked decides what each photo's fault means
        traceback.clear_frames(error.__traceback__)
        return error
    finally:
        idle.put(intake)


def with_site_of(photo: Photo, context: PatientContext) -> PatientContext:
    """Take the body site from the photo's file where nobody told it.

    Parameters
    ----------
    photo : Photo
        Its file may state site and side.
    context : PatientContext
        A site that is told wins.

    Returns
    -------
    PatientContext
        The same where the file states none either.
    """
    capture = photo.source.capture
    if context.site is not None or capture.body_site is None:
        return context
    side = f"{capture.laterality}_" if capture.laterality in ("left", "right") else ""
    return replace(context, site=side + capture.body_site)


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
