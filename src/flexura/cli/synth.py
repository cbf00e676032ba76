"""The verb `synth`: writes rendered photos of skin with their truth."""

import sys
import time
from pathlib import Path

import click

_HELP = "Write rendered photos of skin with their truth: outline, signs, area and tone."

_EXAMPLE = """\b
Example:
  flexura synth rendered --count 20 --seed 7"""

_PATIENCE_S = 2.0


@click.command(
    help=_HELP, short_help="Write rendered photos of skin with their truth.", epilog=_EXAMPLE, no_args_is_help=True
)
@click.argument("out_dir", type=click.Path(path_type=Path, file_okay=False))
@click.option("--count", type=click.IntRange(min=1), required=True, help="How many photos.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Same seed, same photos.")
def synth(out_dir: Path, count: int, *, seed: int) -> None:
    """Write rendered photos of skin."""
    from flexura.synthesis.write import write_set

    start, visible = time.monotonic(), sys.stderr.isatty()

    def show(done: int) -> None:
        if visible and time.monotonic() - start > _PATIENCE_S:
            click.echo(f"\rphoto {done} of {count}", err=True, nl=done == count)

    table = write_set(out_dir, count=count, seed=seed, progress=show)
    click.echo(f"{count} rendered photos; their truth is in {table}")
