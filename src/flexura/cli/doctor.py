"""The verb `doctor`: what is installed, which engine and threads, whether the model is whole, and one real answer."""

import platform
from collections.abc import Callable
from importlib import metadata

import click

from flexura import __version__
from flexura.cli.outcome import DONE, explain_fault, worst
from flexura.errors import FlexuraError
from flexura.records import PatientContext
from flexura.report.wording import percent
from flexura.settings import Settings, build_predictor, open_bundle, unknown_variables

_EXAMPLE = """\b
Example:
  flexura doctor"""

_PACKAGES = ("numpy", "opencv-python-headless", "pillow", "simplejpeg", "jinja2", "click")
_SELF_TEST_SEED = 7


@click.command(
    help="Show what is installed and in force, verify the model, and answer on a rendered photo.", epilog=_EXAMPLE
)
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Examine this installation."""
    settings: Settings = ctx.obj
    probes: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("flexura", _software),
        ("packages", _packages),
        ("training", _training),
        ("settings", _settings),
        ("engine", _engine),
        ("model", _model),
        ("self-test", _self_test),
    )
    ctx.exit(worst(_examine(name, probe, settings) for name, probe in probes))


def _examine(name: str, probe: Callable[[Settings], str], settings: Settings) -> int:
    status = DONE
    try:
        finding = probe(settings)
    except FlexuraError as error:
        finding, status = f"{error} [{error.code}]", error.exit_status
    except Exception as error:  # noqa: BLE001  # one broken part must not hide the state of the others
        finding, status = explain_fault(error, debug=settings.debug), FlexuraError.exit_status
    click.echo(f"{'ok' if status == DONE else 'FAILED':<8}{name:<11}{finding}")
    return status


def _software(_: Settings) -> str:
    return f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def _packages(_: Settings) -> str:
    return ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)


def _training(_: Settings) -> str:
    try:
        return f"torch {metadata.version('torch')}"
    except metadata.PackageNotFoundError:
        return "not installed; only train and evaluate need it: pip install 'flexura[train]'"


def _settings(settings: Settings) -> str:
    changed = [f"{name}={value}" for name, value in vars(settings).items() if value not in (None, False)]
    slips = [f"{name} is no setting of flexura" for name in unknown_variables()]
    return "; ".join(["defaults" if not changed else ", ".join(changed), *slips])


def _engine(settings: Settings) -> str:
    from flexura.inference.devices import PLACE_WORDS
    from flexura.inference.predictor import ENGINE, available_threads, find_place

    usable, place = available_threads(), find_place(settings.device)
    threads = f"{settings.threads or usable} of {usable} usable threads"
    return f"{ENGINE} {PLACE_WORDS[place]}, device {settings.device}, {threads}"


def _model(settings: Settings) -> str:
    model = open_bundle(settings).info
    return f"{model.name} {model.version}, sha256 {model.sha256[:12]} verified; weights: {model.weights_licence}"


def _self_test(settings: Settings) -> str:
    from flexura.synthesis.render import render
    from flexura.synthesis.spec import SkinSpec
    from flexura.synthesis.write import SetConfig, encode
    from flexura.workflow import AssessedPhoto, assess_photo

    spec = SkinSpec(seed=_SELF_TEST_SEED, tone=4, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(384, 512))
    outcome = assess_photo(
        encode(render(spec).pixels, SetConfig()), PatientContext(), predictor=build_predictor(settings)
    )
    if not isinstance(outcome, AssessedPhoto):
        failed = ", ".join(check.reason for check in outcome.quality.checks if not check.passed)
        raise FlexuraError(f"the rendered photo was refused ({failed})")
    answer = outcome.assessment
    eczema = percent(answer.diagnosis.is_eczema.probability)
    return f"answered on a rendered photo in {answer.timings_ms.total or 0:.0f} ms (eczema of any kind {eczema})"
