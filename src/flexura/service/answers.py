"""Answer a stored photo: the document beside the context that it was given on, computed once; or its refusal."""

import time

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.decision.red_flags.raised import told_flags
from flexura.errors import InputRefused, PhotoUnfit
from flexura.monitoring.resources import note_resources
from flexura.records import QualityReport
from flexura.report.advice import flag_words
from flexura.report.layers import pack_maps
from flexura.service.clinic import Assessor
from flexura.storage.answers import Answer, name_answer, recall_answer
from flexura.storage.cases import Document, read_photo
from flexura.storage.checks import record_unanswered
from flexura.storage.store import Actor, Store
from flexura.workflow import AssessedPhoto, CheckedPhoto


def answer_photo(store: Store, actor: Actor, photo: str, context: Document, *, assessor: Assessor) -> Answer:
    """Answer a photo; what was answered before is not computed again, and a refusal does not hide what was told.

    No transaction is open while the network looks.

    Parameters
    ----------
    store : Store
        Where the photo is.
    actor : Actor
        The program, in the role of a worker.
    photo : str
        The photo's id.
    context : Document
        As it is stored with the case.
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
    with store.visit(actor) as visit:
        key = name_answer(visit, photo, context, assessor.version)
        known = recall_answer(visit, key)
        if known is not None:
            return Answer({name: known[name] for name in known if name != "resources"}, key, reused=True)
        content = read_photo(visit, photo)
    told = read_context(context)
    began = time.perf_counter()
    try:
        outcome = assessor.assess(content, told)
        document = _document(outcome, context, elapsed_ms=1000 * (time.perf_counter() - began))
        return Answer(document, key, reused=False)
    except InputRefused as error:
        error.red_flags = tuple(map(flag_words, told_flags(told)))
        record_unanswered(store, actor, photo, error)
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
