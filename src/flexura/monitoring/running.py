"""How the answering itself runs: how long each step takes, and which photos are refused for what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flexura.monitoring.channels import REFUSAL, Document, find
from flexura.monitoring.intervals import wilson_interval


@dataclass(frozen=True)
class StepTime:
    """Milliseconds of one step at the median, for 19 in 20 photos, and for 99 in 100."""

    step: str
    photos: int
    median_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Share:
    """How many of how many, with a 95 % interval (Wilson)."""

    name: str
    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return self.count / self.of


def share_of(name: str, count: int, of: int) -> Share:
    """Put the interval to a share of 1 or more cases."""
    return Share(name, count, of, *wilson_interval(count, of))


def step_times(documents: Sequence[Document]) -> tuple[StepTime, ...]:
    """Measure the steps of the answered photos.

    Parameters
    ----------
    documents : Sequence[Document]
        Assessments and refusals; steps that did not run are left out.

    Returns
    -------
    tuple[StepTime, ...]
        In the order of the steps.
    """
    spent: dict[str, list[float]] = {}
    for document in documents:
        for step, milliseconds in (document.get("timings_ms") or {}).items():
            if milliseconds is not None:
                spent.setdefault(step, []).append(float(milliseconds))
    return tuple(
        StepTime(step, len(times), *(round(float(each), 1) for each in np.quantile(times, (0.5, 0.95, 0.99))))
        for step, times in spent.items()
    )


def refusals(documents: Sequence[Document]) -> tuple[Share, ...]:
    """Count the reasons for which photos were refused; a photo may have several.

    Parameters
    ----------
    documents : Sequence[Document]
        Assessments and refusals.

    Returns
    -------
    tuple[Share, ...]
        First all refused photos as "refused", then the reasons, most frequent first; empty without documents.
    """
    refused = [document for document in documents if document.get("schema") == REFUSAL]
    return _shares("refused", len(refused), _codes(refused, ("reasons",)), len(documents))


def abstentions(documents: Sequence[Document]) -> tuple[Share, ...]:
    """Count why answers are not to be relied on, as `refusals` does: first all of them as "abstained"."""
    answered = [document for document in documents if document.get("schema") != REFUSAL]
    held = [document for document in answered if document.get("abstained")]
    return _shares("abstained", len(held), _codes(held, ("abstained", "reasons")), len(answered))


def _codes(documents: Sequence[Document], path: tuple[str, ...]) -> Counter[str]:
    return Counter(code for each in documents for code in sorted({row["code"] for row in find(each, path) or ()}))


def _shares(name: str, count: int, codes: Counter[str], of: int) -> tuple[Share, ...]:
    rows = [(name, count), *codes.most_common()]
    return tuple(share_of(each, number, of) for each, number in rows) if of else ()
