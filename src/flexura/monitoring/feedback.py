"""What clinicians' diagnoses say of the answers: agreement, by subgroup, what is corrected into what, calibration.

Reviewed cases are no random sample: whoever reviews, picks. How they differ from the others is measured, with the
test of `drift`, and stands beside every figure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from flexura.errors import MetricUndefined
from flexura.monitoring.channels import UNKNOWN, Document, find, read_columns
from flexura.monitoring.drift import Drift, find_drift
from flexura.monitoring.intervals import Interval, bootstrap_interval
from flexura.monitoring.running import Share, share_of

# A share of fewer cases than this is not shown: its interval spans most of what is possible.
MIN_CASES: Final = 20
# By what cases are grouped, and where it stands in the document.
SUBGROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "diagnosis": ("truth",),
    "site": ("photo", "site"),
    "skin tone": ("features", "skin_tone_class", "value"),
    "file format": ("photo", "format"),
}


@dataclass(frozen=True)
class Reviewed:
    """One answer with the diagnosis that a clinician gave, and whose it is."""

    document: Document
    truth: str
    patient: str

    @property
    def answered(self) -> str:
        """The likeliest diagnosis of the answer."""
        return str(find(self.document, ("diagnosis", "ranking", "0", "code")) or UNKNOWN)

    @property
    def confidence(self) -> float:
        """Probability of the likeliest diagnosis; NaN where it is not known."""
        found = find(self.document, ("confidence", "score"))
        return float("nan") if found is None else float(found)


@dataclass(frozen=True)
class Correction:
    """An answer that clinicians changed into another diagnosis, of all reviewed answers of that kind."""

    answered: str
    truth: str
    share: Share


@dataclass(frozen=True)
class Agreement:
    """Reviewed cases in figures; intervals resample patients, `None` where there are fewer than two."""

    reviewed: int
    answered: int
    first: Interval | None
    overconfidence: Interval | None
    subgroups: Mapping[str, tuple[Share, ...]]
    corrections: tuple[Correction, ...]
    selection: Drift | None


def measure_agreement(reviewed: Sequence[Reviewed], others: Sequence[Document], *, seed: int = 0) -> Agreement:
    """Compare answers with clinicians' diagnoses.

    Parameters
    ----------
    reviewed : Sequence[Reviewed]
        Answered cases that somebody reviewed.
    others : Sequence[Document]
        Answered cases that nobody reviewed, to say how the reviewed ones differ.
    seed : int
        Of the resampling.

    Returns
    -------
    Agreement
        `overconfidence` is mean confidence less agreement, in [-1, 1].
    """
    right = np.array([each.answered == each.truth for each in reviewed], float)
    sure = np.array([each.confidence for each in reviewed])
    patients = np.array([each.patient for each in reviewed])
    documents = [each.document for each in reviewed]
    selection = find_drift(read_columns(others), read_columns(documents), seed=seed) if others and reviewed else None
    return Agreement(
        len(reviewed),
        len(reviewed) + len(others),
        _interval(right, patients, seed),
        _interval(sure - right, patients, seed),
        {name: _shares_by(reviewed, path) for name, path in SUBGROUPS.items()},
        _corrections(reviewed),
        selection,
    )


def _interval(values: np.ndarray, patients: np.ndarray, seed: int) -> Interval | None:
    known = ~np.isnan(values)
    values, patients = values[known], patients[known]
    if not values.size:
        return None
    try:
        return bootstrap_interval(lambda cases: float(values[cases].mean()), patients, seed=seed)
    except MetricUndefined:
        return None


def _shares_by(reviewed: Sequence[Reviewed], path: tuple[str, ...]) -> tuple[Share, ...]:
    """Agreement of every subgroup that is large enough, smallest first."""

    def key(each: Reviewed) -> str:
        found = each.truth if path == ("truth",) else find(each.document, path)
        return UNKNOWN if found is None else str(found)

    grouped = [(name, list(cases)) for name, cases in groupby(sorted(reviewed, key=key), key)]
    shares = [
        share_of(name, sum(each.answered == each.truth for each in cases), len(cases))
        for name, cases in grouped
        if len(cases) >= MIN_CASES
    ]
    return tuple(sorted(shares, key=lambda each: each.share))


def _corrections(reviewed: Sequence[Reviewed]) -> tuple[Correction, ...]:
    """What is changed into what, most frequent first, of answers that were given often enough."""
    given = Counter(each.answered for each in reviewed)
    changed = Counter((each.answered, each.truth) for each in reviewed if each.answered != each.truth)
    return tuple(
        Correction(answered, truth, share_of(f"{answered} -> {truth}", count, given[answered]))
        for (answered, truth), count in changed.most_common()
        if given[answered] >= MIN_CASES
    )
