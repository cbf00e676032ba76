"""What clinicians' diagnoses say of the answers: agreement, by subgroup, what is corrected into what, calibration.

Reviewed cases are no random sample: whoever reviews, picks. How they differ from the others is measured, with the
test of `drift`, and stands beside every figure.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from flexura.errors import MetricUndefined
from flexura.monitoring.answers import Answer
from flexura.monitoring.arrays import Array
from flexura.monitoring.channels import UNKNOWN, find, read_columns
from flexura.monitoring.drift import Drift, find_drift
from flexura.monitoring.intervals import Interval, bootstrap_interval
from flexura.monitoring.running import Share, share_of

# A share of fewer cases than this is not shown: its interval spans most of what is possible.
MIN_CASES: Final = 20
_FIRST: Final = 3


def _at(*path: str) -> Callable[[Answer], object]:
    return lambda answer: find(answer.document, path)


# By what reviewed answers are grouped, and what says so.
SUBGROUPS: Final[Mapping[str, Callable[[Answer], object]]] = {
    "diagnosis": lambda answer: answer.truth,
    "site": _at("photo", "site"),
    "skin tone": _at("features", "skin_tone_class", "value"),
    "age group": _at("context", "age_group"),
    "sex": _at("context", "sex"),
    "file format": _at("photo", "format"),
    "held back": lambda answer: "yes" if answer.document.get("abstained") else "no",
}


@dataclass(frozen=True)
class Correction:
    """An answer that clinicians changed into another diagnosis, of all reviewed answers of that kind."""

    answered: str
    truth: str
    share: Share


@dataclass(frozen=True)
class Agreement:
    """Reviewed answers in figures; intervals resample patients, `None` where there are fewer than two.

    `first` is the share whose likeliest diagnosis is the clinicians', `among_three` that with it among the first
    three, `overconfidence` mean confidence less `first`, in [-1, 1].
    """

    reviewed: int
    patients: int
    answered: int
    first: Interval | None
    among_three: Interval | None
    overconfidence: Interval | None
    subgroups: Mapping[str, tuple[Share, ...]]
    corrections: tuple[Correction, ...]
    selection: Drift | None


def measure_agreement(answers: Sequence[Answer], *, seed: int = 0) -> Agreement:
    """Compare answers with clinicians' diagnoses.

    Parameters
    ----------
    answers : Sequence[Answer]
        Reviewed or not, no refusals; those that nobody reviewed say how the reviewed ones differ.
    seed : int
        Of the resampling.

    Returns
    -------
    Agreement
    """
    reviewed = [each for each in answers if each.truth is not None]
    others = [each for each in answers if each.truth is None]
    right = np.array([each.diagnosis == each.truth for each in reviewed], float)
    near = np.array([_is_among_first(each) for each in reviewed], float)
    sure = np.array([_confidence(each) for each in reviewed])
    patients = patients_of(reviewed)
    return Agreement(
        len(reviewed),
        len(set(patients)),
        len(answers),
        mean_interval(right, patients, seed=seed),
        mean_interval(near, patients, seed=seed),
        mean_interval(sure - right, patients, seed=seed),
        {name: _shares_by(reviewed, told) for name, told in SUBGROUPS.items()},
        _corrections(reviewed),
        _selection(others, reviewed, seed) if others and reviewed else None,
    )


def patients_of(answers: Sequence[Answer]) -> Array:
    """The patient of each answer (N,)."""
    return np.array([each.patient for each in answers])


def mean_interval(values: Array, patients: Array, *, seed: int = 0) -> Interval | None:
    """Mean of the known values with its interval over patients.

    Parameters
    ----------
    values : array (N,)
        NaN is unknown.
    patients : array (N,)
        Whose value each is.
    seed : int
        Of the resampling.

    Returns
    -------
    Interval | None
        `None` with fewer than two patients.
    """
    known = ~np.isnan(values)
    values, patients = values[known], patients[known]
    if not values.size:
        return None
    try:
        return bootstrap_interval(lambda cases: float(values[cases].mean()), patients, seed=seed)
    except MetricUndefined:
        return None


def _is_among_first(answer: Answer) -> bool:
    ranking = find(answer.document, ("diagnosis", "ranking")) or ()
    return answer.truth in [row["code"] for row in ranking[:_FIRST]]


def _confidence(answer: Answer) -> float:
    """Probability of the likeliest diagnosis; NaN where it is not known."""
    found = find(answer.document, ("confidence", "score"))
    return float("nan") if found is None else float(found)


def _selection(others: Sequence[Answer], reviewed: Sequence[Answer], seed: int) -> Drift:
    columns = [read_columns([each.document for each in side]) for side in (others, reviewed)]
    return find_drift(*columns, groups=(patients_of(others), patients_of(reviewed)), seed=seed)


def _shares_by(reviewed: Sequence[Answer], told: Callable[[Answer], object]) -> tuple[Share, ...]:
    """Agreement of every subgroup that is large enough, smallest first."""

    def key(each: Answer) -> str:
        found = told(each)
        return UNKNOWN if found is None else f"{found:g}" if isinstance(found, float) else str(found)

    grouped = [(name, list(cases)) for name, cases in groupby(sorted(reviewed, key=key), key)]
    shares = [
        share_of(name, sum(each.diagnosis == each.truth for each in cases), len(cases))
        for name, cases in grouped
        if len(cases) >= MIN_CASES
    ]
    return tuple(sorted(shares, key=lambda each: each.share))


def _corrections(reviewed: Sequence[Answer]) -> tuple[Correction, ...]:
    """What is changed into what, most frequent first, of answers that were given often enough."""
    given = Counter(each.diagnosis for each in reviewed)
    changed = Counter((each.diagnosis, str(each.truth)) for each in reviewed if each.diagnosis != each.truth)
    return tuple(
        Correction(answered, truth, share_of(f"{answered} -> {truth}", count, given[answered]))
        for (answered, truth), count in changed.most_common()
        if given[answered] >= MIN_CASES
    )
