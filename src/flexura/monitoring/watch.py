"""All signals of one time's answers together, as `flexura monitor` shows them: counts and figures, nobody's data."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flexura.monitoring.answers import Answer
from flexura.monitoring.channels import UNKNOWN, find, read_columns
from flexura.monitoring.drift import Drift, find_drift
from flexura.monitoring.feedback import Agreement, measure_agreement, patients_of
from flexura.monitoring.resources import Resources, measure_resources
from flexura.monitoring.retraining import Decision, Signals, decide_retraining
from flexura.monitoring.running import Share, StepTime, abstentions, refusals, step_times
from flexura.monitoring.severity import GradeAgreement, Outcomes, measure_grades, measure_outcomes


@dataclass(frozen=True)
class Watched:
    """One time's signals; `models` counts answers by the model's version."""

    photos: int
    patients: int
    models: Mapping[str, int]
    shares: tuple[Share, ...]
    times: tuple[StepTime, ...]
    resources: Resources
    windows: tuple[Drift, ...]
    agreement: Agreement
    grades: GradeAgreement
    outcomes: Outcomes
    decision: Decision


def watch(
    now: Sequence[Answer],
    before: Sequence[Answer],
    *,
    window: int,
    queue: Mapping[str, int] | None = None,
    refused: Sequence[Answer] = (),
) -> Watched:
    """Measure every signal.

    Parameters
    ----------
    now : Sequence[Answer]
        Answers and refusals of the time that is watched, oldest first.
    before : Sequence[Answer]
        Of the time to compare with; without any, no drift is measured.
    window : int
        Cases per window of drift.
    queue : Mapping[str, int] | None
        Jobs that are left now, by state.
    refused : Sequence[Answer]
        Refusals that are counted and nothing else, as a store has them, where a photo may be refused several times.

    Returns
    -------
    Watched
    """
    documents = [each.document for each in now]
    answered = [each for each in now if not each.refused]
    windows = _windows(now, before, window) if now and before else ()
    agreement, grades, outcomes = measure_agreement(answered), measure_grades(answered), measure_outcomes(answered)
    return Watched(
        photos=len(now),
        patients=len({each.patient for each in now}),
        models=Counter(_model(each) for each in answered),
        shares=(*refusals([*documents, *(each.document for each in refused)]), *abstentions(documents)),
        times=step_times(documents),
        resources=measure_resources(documents, queue or {}),
        windows=windows,
        agreement=agreement,
        grades=grades,
        outcomes=outcomes,
        decision=decide_retraining(Signals(windows, agreement, grades, outcomes)),
    )


def _model(answer: Answer) -> str:
    name, version = (find(answer.document, ("model", told)) for told in ("name", "version"))
    return f"{name} {version}" if name else UNKNOWN


def _windows(now: Sequence[Answer], before: Sequence[Answer], size: int) -> tuple[Drift, ...]:
    """Drift of each whole window, in order; of all cases together where they fill none."""
    reference = read_columns([each.document for each in before])
    found = []
    for start in range(0, max(1, len(now) - size + 1), size):
        part = now[start : start + size]
        columns = read_columns([each.document for each in part])
        found.append(find_drift(reference, columns, groups=(patients_of(before), patients_of(part))))
    return tuple(found)
