"""What is stored of an answer on a photo: its document beside the context that it was given on; or its refusal."""

import time

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.decision.red_flags.raised import told_flags
from flexura.errors import InputRefused, PhotoUnfit
from flexura.monitoring.resources import note_resources
from flexura.report.advice import flag_words
from flexura.service.clinic import Assess
from flexura.storage.cases import Document
from flexura.workflow import AssessedPhoto, CheckedPhoto


def answer(content: bytes, context: Document, assess: Assess) -> Document:
    """Assess a photo; a refusal does not hide what was told.

    Parameters
    ----------
    content : bytes
        The photo's file.
    context : Document
        As it is stored with the case.
    assess : Assess
        From `make_assessor`.

    Returns
    -------
    Document
        JSON-ready: `assessment`, `context` and `resources`, what it cost this process.

    Raises
    ------
    InputRefused
        When the photo cannot be read or is not good enough; with the red flags of the context.
    """
    told = read_context(context)
    began = time.perf_counter()
    try:
        outcome = assess(content, told)
        return _document(outcome, context, elapsed_ms=1000 * (time.perf_counter() - began))
    except InputRefused as error:
        error.red_flags = tuple(map(flag_words, told_flags(told)))
        raise


def _document(outcome: AssessedPhoto | CheckedPhoto, context: Document, *, elapsed_ms: float) -> Document:
    if isinstance(outcome, AssessedPhoto):
        cost = note_resources(elapsed_ms, outcome.assessment.timings_ms.total or 0.0)
        return {"assessment": to_document(outcome.assessment), "context": dict(context), "resources": cost}
    failed = [check for check in outcome.quality.checks if check.gating and not check.passed]
    refusal = PhotoUnfit(" ".join(str(check.advice) for check in failed))
    refusal.reasons = tuple((str(check.reason), str(check.advice)) for check in failed)
    raise refusal
