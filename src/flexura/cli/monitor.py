"""The verb `monitor`: results of `batch` in, signals out: times, refusals, drift, agreement with clinicians."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.errors import FileUnreadable

if TYPE_CHECKING:
    from flexura.monitoring.drift import Drift
    from flexura.monitoring.feedback import Agreement
    from flexura.monitoring.retraining import RetrainingDue
    from flexura.monitoring.running import Share, StepTime

_HELP = """Say how answers go, from the JSON lines of `flexura batch`.

With --reference (results of an earlier time) each window is tested for drift; with --reviews (CSV: file, diagnosis,
optionally patient) answers are compared with what clinicians said. Exit status 0 whatever is found."""

_EXAMPLE = """\b
Example:
  flexura monitor march.jsonl --reference january.jsonl --reviews reviews.csv"""

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(help=_HELP, short_help="Watch times, refusals, drift and agreement.", epilog=_EXAMPLE)
@click.argument("results", type=_FILE)
@click.option("--reference", type=_FILE, help="Results of the time to compare with.")
@click.option("--window", type=click.IntRange(min=40), default=100, show_default=True, help="Cases per window.")
@click.option("--reviews", type=_FILE, help="What clinicians said.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def monitor(results: Path, *, reference: Path | None, window: int, reviews: Path | None, as_json: bool) -> None:
    """Watch how answers go."""
    from flexura.monitoring.retraining import Signals, judge_retraining
    from flexura.monitoring.running import abstentions, refusals, step_times

    documents = _read_results(results)
    windows = _windows(documents, _read_results(reference), window) if reference else ()
    agreement = _agreement(documents, reviews) if reviews else None
    due = judge_retraining(Signals(windows, agreement))
    shares = (*refusals(documents), *abstentions(documents))
    if as_json:
        told = {"photos": len(documents), "shares": shares, "times": step_times(documents), "windows": windows}
        click.echo(json.dumps(_plain({"schema": "flexura.monitoring/1", **told, "agreement": agreement, "due": due})))
        return
    _show_running(shares, step_times(documents))
    for number, drift in enumerate(windows, 1):
        _show_drift(number, drift)
    if agreement is not None:
        _show_agreement(agreement)
    _show_due(due)


def _read_results(path: Path) -> list[dict[str, Any]]:
    try:
        documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError) as error:
        raise FileUnreadable("The results cannot be read; give the JSON lines of `flexura batch`.") from error
    if not documents or not all(isinstance(each, dict) and "schema" in each for each in documents):
        raise FileUnreadable("The file holds no results; give the JSON lines of `flexura batch`.")
    return documents


def _windows(
    documents: Sequence[dict[str, Any]], reference: Sequence[dict[str, Any]], size: int
) -> "tuple[Drift, ...]":
    """Drift of each whole window, in order; of all cases together where they fill none."""
    from flexura.monitoring.channels import read_columns
    from flexura.monitoring.drift import find_drift

    before = read_columns(reference)
    starts = range(0, max(1, len(documents) - size + 1), size)
    return tuple(find_drift(before, read_columns(documents[start : start + size])) for start in starts)


def _agreement(documents: Sequence[dict[str, Any]], reviews: Path) -> "Agreement":
    from flexura.monitoring.channels import REFUSAL
    from flexura.monitoring.feedback import Reviewed, measure_agreement

    said = _read_reviews(reviews)
    answered = [each for each in documents if each["schema"] != REFUSAL]
    reviewed = [Reviewed(each, *said[each["file"]]) for each in answered if each.get("file") in said]
    return measure_agreement(reviewed, [each for each in answered if each.get("file") not in said])


def _read_reviews(path: Path) -> dict[str, tuple[str, str]]:
    """Diagnosis and patient by file; a photo without a patient is a patient of its own."""
    from flexura.decision.taxonomy import TAXONOMY

    try:
        with path.open(encoding="utf-8", newline="") as lines:
            said = {row["file"]: (row["diagnosis"], row.get("patient") or row["file"]) for row in csv.DictReader(lines)}
    except (OSError, ValueError, KeyError) as error:
        raise FileUnreadable("The reviews cannot be read; a CSV with the columns file and diagnosis.") from error
    unknown = {code for code, _ in said.values()} - {row.code for row in TAXONOMY}
    if unknown:
        raise FileUnreadable(f"The reviews hold {len(unknown)} diagnoses that are no codes of the taxonomy.")
    return said


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "drifted"):
        return {**_plain(asdict(value)), "drifted": list(value.drifted)}
    return _plain(asdict(value)) if hasattr(value, "__dataclass_fields__") else value


def _show_running(shares: "Sequence[Share]", times: "Sequence[StepTime]") -> None:
    for each in shares:
        click.echo(f"{each.name:<28}{each.count:>6} of {each.of}  {each.share:.3f} [{each.low:.3f}, {each.high:.3f}]")
    for step in times:
        line = f"{step.median_ms:>8.1f} ms, 95 % {step.p95_ms:.1f}, 99 % {step.p99_ms:.1f}"
        click.echo(f"time: {step.step:<22}{line}")


def _show_drift(number: int, drift: "Drift") -> None:
    told = ", ".join(drift.drifted) or "none"
    click.echo(f"window {number}: {drift.window_cases} cases against {drift.reference_cases}; drift: {told}")
    for each in drift.channels:
        if each.p is not None and each.p <= drift.level:
            click.echo(f"  {each.name:<30}p {each.p:.4f}  was {_figure(each.before)}, is {_figure(each.now)}")


def _show_agreement(agreement: "Agreement") -> None:
    click.echo(f"reviewed {agreement.reviewed} of {agreement.answered} answers")
    for name, interval in (("agreement", agreement.first), ("confidence less agreement", agreement.overconfidence)):
        shown = f"{interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]" if interval else "unknown"
        click.echo(f"  {name:<30}{shown}")
    rows = [(f"{kind}: {each.name}", each) for kind, shares in agreement.subgroups.items() for each in shares]
    rows += [(f"corrected: {each.share.name}", each.share) for each in agreement.corrections]
    for name, each in rows:
        click.echo(f"  {name:<54}{each.share:.3f} [{each.low:.3f}, {each.high:.3f}] of {each.of}")
    chosen = agreement.selection.drifted if agreement.selection else ()
    click.echo(f"  reviewed cases differ from the others in: {', '.join(chosen) or 'nothing that was found'}")


def _show_due(due: "RetrainingDue | None") -> None:
    click.echo("retraining: " + ("due, a person decides" if due else "no rule is met"))
    for reason in due.reasons if due else ():
        click.echo(f"  {reason.code}: {reason.seen} ({reason.why})")


def _figure(value: float | str | None) -> str:
    return value if isinstance(value, str) else "unknown" if value is None else f"{value:.4g}"
