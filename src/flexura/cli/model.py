"""The verb `model`: which bundles are there, what they are for, and whether their files are whole."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flexura.cli.adoption import adopt, history, rollback
from flexura.cli.importance import importance
from flexura.cli.outcome import DONE, worst, write_output
from flexura.cli.training import needing_training_packages
from flexura.errors import SomethingMissing
from flexura.report.wording import plain
from flexura.settings import Settings, build_predictor, models_folder, open_bundle

if TYPE_CHECKING:
    from flexura.inference.bundle import Bundle
    from flexura.training.refit import Prevalence

_LIST_EXAMPLE = """\b
Example:
  flexura model list"""

_SHOW_EXAMPLE = """\b
Example:
  flexura model show --json"""

_VERIFY_EXAMPLE = """\b
Example:
  flexura model verify --bundle runs/main/bundle"""

_EXPORT_EXAMPLE = """\b
Example:
  flexura model export runs/main/member-*/network.safetensors --data DATA --out runs/main/bundle --version 0.4.0"""

_REFIT_EXAMPLE = """\b
Example:
  flexura model refit --data clinic --out bundles/clinic --version 0.3.1-clinic"""

_RECALIBRATE_EXAMPLE = """\b
Example:
  flexura model recalibrate --data ../shared/data --out bundles/again --version 0.3.1"""

_COMPARE_EXAMPLE = """\b
Example:
  flexura model compare shipped runs/own/bundle --data DATA --fold 4"""

_COMPARE_HELP = """Hold a candidate against the model in force on photos that neither learned from.

CURRENT is a bundle, or the word shipped or adopted (the clinic's). Right first diagnoses are compared by patient; the
candidate is refused (exit status 2) where a skin type, site or diagnosis is worse beyond its 95 % interval, or all
cases may lose over 0.02."""

_BUNDLE = click.option(
    "--bundle", type=click.Path(path_type=Path), metavar="DIR", help="A bundle other than the one in force."
)


@click.group(
    help="List, show, verify, export, refit, compare and adopt model bundles.",
    epilog=_SHOW_EXAMPLE,
    no_args_is_help=True,
)
def model() -> None:
    """Look at model bundles."""


@model.command(
    "list", help="List the bundle in the package, the adopted one and the one of FLEXURA_BUNDLE.", epilog=_LIST_EXAMPLE
)
@click.pass_obj
def list_bundles(settings: Settings) -> None:
    """List bundles."""
    candidates = [("shipped", replace(settings, bundle=None))]
    if (adopted := _adopted(settings)) is not None:
        candidates.append(("adopted", replace(settings, bundle=adopted)))
    if settings.bundle is not None:
        candidates.append(("FLEXURA_BUNDLE", settings))
    click.get_current_context().exit(worst(_list_one(origin, candidate) for origin, candidate in candidates))


@model.command(
    "show", help="Show what a bundle is, what it may be used for and how it was measured.", epilog=_SHOW_EXAMPLE
)
@_BUNDLE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def show(settings: Settings, bundle: Path | None, *, as_json: bool) -> None:
    """Show a bundle."""
    description = _describe(open_bundle(replace(settings, bundle=bundle or settings.bundle)))
    if as_json:
        click.echo(json.dumps(description))
        return
    for name, value in description.items():
        if isinstance(value, dict):
            click.echo(f"{plain(name)}\n{json.dumps(value, indent=2, ensure_ascii=False)}")
            continue
        words = ", ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{plain(name):<28}{'unknown' if words is None else words}")


@model.command(
    "verify", help="Verify every file of a bundle by its hash, and that the engine can run it.", epilog=_VERIFY_EXAMPLE
)
@_BUNDLE
@click.pass_obj
def verify(settings: Settings, bundle: Path | None) -> None:
    """Verify a bundle."""
    whole = build_predictor(replace(settings, bundle=bundle or settings.bundle)).bundle
    click.echo(f"{whole.info.name} {whole.info.version} is whole: sha256 {whole.info.sha256}")


@model.command(
    "export",
    help="Quantise, calibrate and describe trained networks as a bundle: checkpoints, or folders of bundles, whose "
    "networks are taken over. Several answer as one.",
    epilog=_EXPORT_EXAMPLE,
)
@click.argument("networks", metavar="NETWORK...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder with photos.csv.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the bundle.")
@click.option("--version", required=True, help="Of the model.")
def export(networks: tuple[Path, ...], *, data: Path, out: Path, version: str) -> None:
    """Export trained networks."""
    with needing_training_packages():
        from flexura.training.release import release
    release(networks, data, out, version=version)


@model.command(
    "refit", help="Fit probabilities and prediction sets on a clinic's own cases, in a copy.", epilog=_REFIT_EXAMPLE
)
@_BUNDLE
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder with photos.csv.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the copy.")
@click.option("--version", required=True, help="Of the copy.")
@click.option(
    "--prevalence",
    type=click.Choice(["bundle", "clinic"]),
    default="bundle",
    show_default=True,
    help="Whose shares of diseases to go by; for the clinic's, give consecutive cases.",
)
@click.pass_obj
def refit(
    settings: Settings, bundle: Path | None, *, data: Path, out: Path, version: str, prevalence: "Prevalence"
) -> None:
    """Refit a bundle's calibration."""
    with needing_training_packages():
        from flexura.training.refit import refit as run
    figures = run(bundle or settings.bundle, data, out, version=version, prevalence=prevalence)
    for name, value in figures.items():
        click.echo(f"{plain(name):<28}{value:.3f}")


@model.command(
    "recalibrate",
    help="Calibrate a bundle anew on the photos that its training kept out, in a copy.",
    epilog=_RECALIBRATE_EXAMPLE,
)
@_BUNDLE
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True, help="It was trained on.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the copy.")
@click.option("--version", required=True, help="Of the copy.")
@click.pass_obj
def recalibrate(settings: Settings, bundle: Path | None, *, data: Path, out: Path, version: str) -> None:
    """Calibrate a bundle anew."""
    with needing_training_packages():
        from flexura.training.release import recalibrate as run
    run(bundle or settings.bundle, data, out, version=version)


@model.command("compare", help=_COMPARE_HELP, short_help="Refuse a candidate that is worse.", epilog=_COMPARE_EXAMPLE)
@click.argument("current", type=click.Path(path_type=Path))
@click.argument("candidate", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder with photos.csv.")
@click.option("--fold", type=int, required=True, help="Photos of this fold.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it for `flexura model adopt`.")
@click.pass_context
def compare(ctx: click.Context, current: Path, *, candidate: Path, data: Path, fold: int, out: Path | None) -> None:
    """Hold a candidate against the model in force."""
    with needing_training_packages():
        from flexura.training.compare import compare_bundles, describe_comparison
    before = None if str(current) == "shipped" else _adopted(ctx.obj) if str(current) == "adopted" else current
    verdict = compare_bundles(before, candidate, data, fold=fold)
    if out is not None:
        report = describe_comparison(verdict, before, candidate, data=data, fold=fold)
        write_output(out, f"{json.dumps(report)}\n".encode())
    for row in (verdict.overall, *verdict.subgroups):
        gap = row.difference
        told = f"{gap.estimate:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]" if gap else "too few patients to tell"
        click.echo(f"{row.kind + ' ' + row.name:<44}{row.patients:>5} patients  {told}")
    for reason in verdict.reasons:
        click.echo(f"refused: {reason}")
    if verdict.reasons:
        ctx.exit(2)
    click.echo("passed; a person decides whether it replaces the model in force")


for _verb in (adopt, rollback, history, importance):
    model.add_command(_verb)


def _adopted(settings: Settings) -> Path | None:
    from flexura.inference.adoption import find_in_force

    return find_in_force(models_folder(settings)) if settings.data_dir else None


def _list_one(origin: str, settings: Settings) -> int:
    try:
        found = open_bundle(settings).info
    except SomethingMissing as error:
        click.echo(f"{origin:<16}{error} [{error.code}]")
        return error.exit_status
    click.echo(f"{origin:<16}{found.name} {found.version}  sha256 {found.sha256[:12]}  {found.weights_licence}")
    return DONE


def _describe(bundle: "Bundle") -> dict[str, Any]:
    calibration = bundle.calibration
    return asdict(bundle.info) | {
        "input_side_px": bundle.side,
        "expected_calibration_error": calibration.expected_calibration_error,
        "prediction_set_coverage": calibration.conformal.coverage,
        "held_out_photos_by_tone": {group.name: len(group.scores) for group in calibration.tone_scores} or None,
        "diagnoses": [label.code for label in calibration.labels],
        "measured": dict(bundle.figures),
        "origin": dict(bundle.origin),
    }
