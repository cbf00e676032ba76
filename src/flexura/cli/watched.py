"""What `monitor` prints: every signal with its interval and count, and the table of rules with what follows."""

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flexura.monitoring.drift import Drift
    from flexura.monitoring.feedback import Agreement
    from flexura.monitoring.intervals import Interval
    from flexura.monitoring.retraining import Decision
    from flexura.monitoring.severity import GradeAgreement, Outcomes
    from flexura.monitoring.watch import Watched

_VERDICTS = {
    "retrain": "train again; a person decides",
    "refit": "fit the probabilities anew (flexura model refit); a person decides",
    "look": "look at what drifted; a person decides",
    "collect_reviews": "a rule is met, but a training could not be judged yet: review more cases",
    "keep": "no rule is met",
    "unknown": "too little is known for any rule",
}
_MET = {True: "MET", False: "not met", None: "unknown"}


def plain(value: Any) -> Any:
    """Turn records into what JSON takes; a window of drift names its drifted channels too."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        told = {name: plain(getattr(value, name)) for name in asdict(value)}
        return told | ({"drifted": list(value.drifted)} if hasattr(value, "drifted") else {})
    return value


def show_watched(found: "Watched") -> None:
    """Print all signals.

    Parameters
    ----------
    found : Watched
        Of one time.
    """
    models = ", ".join(f"{name} ({count})" for name, count in found.models.items())
    click.echo(f"{found.photos} photos of {found.patients} patients; {models or 'no answers'}")
    for each in found.shares:
        click.echo(f"{each.name:<28}{each.count:>6} of {each.of}  {each.share:.3f} [{each.low:.3f}, {each.high:.3f}]")
    for step in found.times:
        line = f"{step.median_ms:>8.1f} ms, 95 % {step.p95_ms:.1f}, 99 % {step.p99_ms:.1f}"
        click.echo(f"time: {step.step:<22}{line}")
    cost = found.resources
    if cost.told:
        waited = f"{cost.waited_median_ms} ms, 95 % {cost.waited_p95_ms}"
        click.echo(f"peak memory {cost.peak_memory_mb} MB; waiting beside the steps: {waited} ({cost.told} answers)")
    if cost.queue:
        click.echo("jobs left: " + ", ".join(f"{count} {state}" for state, count in sorted(cost.queue.items())))
    for number, drift in enumerate(found.windows, 1):
        _show_drift(number, drift)
    _show_agreement(found.agreement)
    _show_grades(found.grades)
    _show_outcomes(found.outcomes)
    _show_decision(found.decision)


def _show_drift(number: int, drift: "Drift") -> None:
    told = ", ".join(drift.drifted) or "none"
    click.echo(f"window {number}: {drift.window_cases} cases against {drift.reference_cases}; drift: {told}")
    for each in drift.channels:
        if each.p is not None and each.p <= drift.level:
            click.echo(f"  {each.name:<30}p {each.p:.4f}  was {_figure(each.before)}, is {_figure(each.now)}")


def _show_agreement(agreement: "Agreement") -> None:
    click.echo(f"reviewed {agreement.reviewed} of {agreement.answered} answers, of {agreement.patients} patients")
    _show_interval("agreement", agreement.first)
    _show_interval("among the first three", agreement.among_three)
    _show_interval("confidence less agreement", agreement.overconfidence)
    rows = [(f"{kind}: {each.name}", each) for kind, shares in agreement.subgroups.items() for each in shares]
    rows += [(f"corrected: {each.share.name}", each.share) for each in agreement.corrections]
    for name, each in rows:
        click.echo(f"  {name:<54}{each.share:.3f} [{each.low:.3f}, {each.high:.3f}] of {each.of}")
    chosen = agreement.selection.drifted if agreement.selection else ()
    click.echo(f"  reviewed cases differ from the others in: {', '.join(chosen) or 'nothing that was found'}")


def _show_grades(grades: "GradeAgreement") -> None:
    click.echo(f"IGA graded at review: {grades.graded}")
    _show_interval("predicted less graded", grades.difference)
    _show_interval("weighted kappa", grades.kappa)


def _show_outcomes(outcomes: "Outcomes") -> None:
    told = f"{outcomes.told_diagnosis} with a diagnosis, {outcomes.graded} with IGA"
    click.echo(f"outcomes of {outcomes.followed} answers: {told}")
    _show_interval("diagnosis confirmed", outcomes.confirmed)
    _show_interval("pairs in the predicted order", outcomes.order)
    for row in outcomes.bands:
        told = f"predicted {row.band}, then"
        _show_interval(told, row.change, f" of {row.cases}, after {row.median_days:.0f} days")


def _show_decision(decision: "Decision") -> None:
    click.echo("rules for training again")
    for rule in decision.rules:
        click.echo(f"  {_MET[rule.met]:<9}{rule.code:<22}{rule.seen}  ({rule.limit}: {rule.why})")
    counted = f"{decision.reviewed} reviewed photos of {decision.reviewed_patients} patients"
    click.echo(f"retraining: {decision.verdict}: {_VERDICTS[decision.verdict]} ({counted})")


def _show_interval(name: str, found: "Interval | None", more: str = "") -> None:
    shown = f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]{more}" if found else "unknown"
    click.echo(f"  {name:<36}{shown}")


def _figure(value: float | str | None) -> str:
    return value if isinstance(value, str) else "unknown" if value is None else f"{value:.4g}"
