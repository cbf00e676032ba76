"""The command group and its error boundary: every failure leaves as one line and an exit status."""

import io
import sys

import click

from flexura import __version__
from flexura.cli.admin import admin
from flexura.cli.assess import assess
from flexura.cli.batch import batch
from flexura.cli.check import check
from flexura.cli.data import data
from flexura.cli.doctor import doctor
from flexura.cli.model import model
from flexura.cli.monitor import monitor
from flexura.cli.outcome import explain_fault
from flexura.cli.quantity import quantity_of
from flexura.cli.receive import receive
from flexura.cli.score import score
from flexura.cli.serve import serve, worker
from flexura.cli.synth import synth
from flexura.cli.training import evaluate, train
from flexura.errors import FlexuraError
from flexura.settings import Settings, read_settings

_HELP = """Decision support for eczema from skin photographs, for research and clinicians; not a medical device.

Results go to standard output, everything else to standard error. Exit status: 0 done, 1 our own fault,
2 wrong usage, 3 a photo was refused, 4 something needed is missing."""

_EXAMPLE = """\b
Example:
  flexura assess photo.jpg --age 34 --itch 7 --site left_forearm --report answer.html"""


class Verbs(click.Group):
    """A group that turns errors into one line on standard error and the exit status of their kind."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the verbs in the order in which they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen verb."""
        try:
            return super().invoke(ctx)
        except FlexuraError as error:
            click.echo(f"flexura: {error} [{error.code}]", err=True)
            ctx.exit(error.exit_status)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001  # the last stop: a plain line instead of a traceback
            click.echo(explain_fault(error, debug=isinstance(ctx.obj, Settings) and ctx.obj.debug), err=True)
            ctx.exit(FlexuraError.exit_status)


@click.group(
    "flexura",
    cls=Verbs,
    help=_HELP,
    epilog=_EXAMPLE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__)
@click.pass_context
def verbs(ctx: click.Context) -> None:
    """Read the settings once for all verbs."""
    ctx.obj = read_settings()


for _verb in (
    assess,
    batch,
    check,
    score,
    quantity_of,
    synth,
    data,
    train,
    evaluate,
    model,
    monitor,
    doctor,
    serve,
    worker,
    receive,
    admin,
):
    verbs.add_command(_verb)


def main() -> None:
    """Run the command line of this process and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without block characters shows "?", not a fault
    verbs(prog_name="flexura")
