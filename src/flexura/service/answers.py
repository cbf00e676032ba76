"""Answer a stored photo: the document beside the context that it was given on, computed once; or its refusal."""

import time
from dataclasses import dataclass, field

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.decision.red_flags.raised import told_flags
from flexura.errors import InputRefused, PhotoUnfit
from flexura.monitoring.resources import note_resources
from flexura.records import Photo, QualityReport
from flexura.report.advice import flag_words
from flexura.report.layers import pack_maps
from flexura.service.clinic import Assessor
from flexura.storage.answers import Answer, name_answer, recall_answer
from flexura.storage.cases import Document, read_photo
from flexura.storage.checks import record_unanswered
from flexura.storage.store import Actor, Store, Visit
from flexura.workflow import AssessedPhoto, CheckedPhoto


@dataclass(frozen=True)
class Question:
    """What is asked of a photo: its id, what was told, the name of the answer, and the answer if there is one."""

    photo: str
    context: Document = field(repr=False)
    key: str
    known: Answer | None = field(repr=False)


def ask(visit: Visit, photo: str, context: Document, *, assessor: Assessor) -> Question:
    """Ask what a photo's answer is; what was answered before need not be computed again.

    Parameters
    ----------
    visit : Visit
        The transaction of the program, in the role of a worker.
    photo : str
        The photo's id.
    context : Document
        As it is stored with the case.
    assessor : Assessor
        What will answer.

    Returns
    -------
    Question
    """
    key = name_answer(visit, photo, context, assessor.version)
    found = recall_answer(visit, key)
    if found is None:
        return Question(photo, context, key, None)
    return Question(photo, context, key, Answer({k: found[k] for k in found if k != "resources"}, key, reused=True))


def answer_photo(store: Store, actor: Actor, question: Question, *, assessor: Assessor) -> Answer:
    """Answer a question; a refusal does not hide what was told.

    The file is read when its turn has come: who waits holds none in memory. No transaction is open while the network
    looks.

    Parameters
    ----------
    store : Store
        Where the photo is.
    actor : Actor
        The program, in the role of a worker.
    question : Question
        From `ask`.
    assessor : Assessor
        What answers.

    Returns
    -------
    Answer
        Its document holds `assessment`, `context`, `maps` of what the network saw (`report.layers`) and, where it was
        computed, `resources`: what it cost this process.

    Raises
    ------
    InputRefused
        When the photo cannot be read or is not good enough; with the red flags of the context, and on record.
    """
    if question.known is not None:
        return question.known

    def bring() -> tuple[bytes, Photo | None]:
        with store.visit(actor) as visit:
            return read_photo(visit, question.photo), assessor.recent.take(question.photo)

    told = read_context(question.context)
    began = time.perf_counter()
    try:
        outcome = assessor.assess(bring, told)
        document = _document(outcome, question.context, elapsed_ms=1000 * (time.perf_counter() - began))
        return Answer(document, question.key, reused=False)
    except InputRefused as error:
        error.red_flags = tuple(map(flag_words, told_flags(told)))
        record_unanswered(store, actor, question.photo, error)
        raise


def _document(outcome: AssessedPhoto | CheckedPhoto, context: Document, *, elapsed_ms: float) -> Document:
    if isinstance(outcome, AssessedPhoto):
        cost = note_resources(elapsed_ms, outcome.assessment.timings_ms.total or 0.0)
        maps = pack_maps(outcome.prediction, outcome.reading)
        answered = to_document(outcome.assessment)
        return {"assessment": answered, "context": dict(context), "maps": maps, "resources": cost}
    raise refuse_unfit(outcome.quality)


def refuse_unfit(quality: QualityReport) -> PhotoUnfit:
    """Make the refusal of a photo that is not good enough.

    Parameters
    ----------
    quality : QualityReport
        Not accepted.

    Returns
    -------
    PhotoUnfit
        With the reasons and what to do about each.
    """
    failed = [check for check in quality.checks if check.gating and not check.passed]
    refusal = PhotoUnfit(" ".join(str(check.advice) for check in failed))
    refusal.reasons = tuple((str(check.reason), str(check.advice)) for check in failed)
    return refusal
