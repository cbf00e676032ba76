"""The verb `doctor`: what is installed, which engine and threads, whether the model is whole, and one real answer."""

import click


@click.command()
def doctor() -> None:
    """Wait."""
