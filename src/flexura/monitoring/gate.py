"""Whether a candidate model may replace the current one: paired, by patient, in every subgroup.

Nothing is adopted here; a refusal binds, a pass asks for a person's signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from flexura.errors import MetricError
from flexura.monitoring.arrays import Array, paired
from flexura.monitoring.intervals import Interval, bootstrap_interval

# All cases together: the candidate may surely lose no more than this share of right answers. Ours.
MARGIN: Final = 0.02
# A bootstrap over fewer patients is too narrow to refuse or to pass anybody.
MIN_PATIENTS: Final = 20


@dataclass(frozen=True)
class Compared:
    """Candidate less current in one subgroup; `difference` is `None` where there are too few patients to tell."""

    kind: str
    name: str
    cases: int
    patients: int
    difference: Interval | None

    @property
    def worse(self) -> bool:
        """Whether the candidate is worse beyond its interval."""
        return self.difference is not None and self.difference.high < 0


@dataclass(frozen=True)
class Verdict:
    """All cases and every subgroup, and why the candidate is refused; it passes where no reason is given."""

    overall: Compared
    subgroups: tuple[Compared, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the candidate is refused; empty where it passes."""
        gap = self.overall.difference
        if gap is None:
            return (f"fewer than {MIN_PATIENTS} patients: nothing can be said",)
        lost = [f"all cases: may lose {-gap.low:.3f}, more than {MARGIN}"] if gap.low < -MARGIN else []
        worse = [each for each in self.subgroups if each.worse and each.difference]
        return (
            *lost,
            *(f"{each.kind} {each.name}: {each.difference.estimate:+.3f}" for each in worse if each.difference),
        )

    @property
    def untold(self) -> tuple[str, ...]:
        """Subgroups with too few patients to tell; whoever signs must know them."""
        return tuple(f"{each.kind} {each.name}" for each in self.subgroups if each.difference is None)


def compare_models(
    current: Array, candidate: Array, patients: Array, *, subgroups: Mapping[str, Array], seed: int = 0
) -> Verdict:
    """Compare two models on the same cases.

    Parameters
    ----------
    current : array (N,)
        How good each answer of the model in force is, e.g. 1 for right and 0 for wrong.
    candidate : array (N,)
        The same of the candidate.
    patients : array (N,)
        The patient of each case; patients are resampled, with both models' answers.
    subgroups : Mapping[str, array (N,)]
        By kind (skin tone, site, diagnosis): the subgroup of each case as a word, "" where it is unknown.
    seed : int
        Of the resampling.

    Returns
    -------
    Verdict

    Raises
    ------
    MetricError
        When the arrays are not of one length, empty or not finite.
    """
    before, after = paired(current, candidate)
    if any(each.shape != before.shape for each in (patients, *subgroups.values())):
        raise MetricError("patients and subgroups must have one value per case")
    difference = after - before
    rows = [
        _compared(kind, str(name), difference[words == name], patients[words == name], seed)
        for kind, words in subgroups.items()
        for name in np.unique(words)
        if name
    ]
    return Verdict(_compared("all", "cases", difference, patients, seed), tuple(rows))


def _compared(kind: str, name: str, difference: Array, patients: Array, seed: int) -> Compared:
    count = len(np.unique(patients))
    interval = None
    if count >= MIN_PATIENTS:
        interval = bootstrap_interval(lambda cases: float(difference[cases].mean()), patients, seed=seed)
    return Compared(kind, name, len(difference), count, interval)
