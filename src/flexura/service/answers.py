"""What is stored of an answer on a photo: its document beside the context that it was given on; or its refusal."""

from flexura.clinical.context import read_context
from flexura.decision.document import to_document
from flexura.decision.red_flags.raised import told_flags
from flexura.errors import InputRefused, PhotoUnfit
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
        JSON-ready: `assessment` and `context`.

    Raises
    ------
    InputRefused
        When the photo cannot be read or is not good enough; with the red flags of the context.
    """
    told = read_context(context)
    try:
        return _document(assess(content, told), context)
    except InputRefused as error:
        error.red_flags = tuple(map(flag_words, told_flags(told)))
        raise


def _document(outcome: AssessedPhoto | CheckedPhoto, context: Document) -> Document:
    if isinstance(outcome, AssessedPhoto):
        return {"assessment": to_document(outcome.assessment), "context": dict(context)}
    failed = [check for check in outcome.quality.checks if check.gating and not check.passed]
    refusal = PhotoUnfit(" ".join(str(check.advice) for check in failed))
    refusal.reasons = tuple((str(check.reason), str(check.advice)) for check in failed)
    raise refusal
