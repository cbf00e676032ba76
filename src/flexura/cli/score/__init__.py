"""The verb `score`: clinical scores from what a person graded or answered; no photo, no model."""

import click

from flexura.cli.score.answered import questionnaire_commands, score_itch_nrs
from flexura.cli.score.graded import (
    score_bsa,
    score_easi,
    score_po_scorad,
    score_sassad,
    score_scorad,
    score_tis,
    score_viga_ad,
)

_EXAMPLE = """\b
Examples:
  flexura score tis --erythema 2 --oedema-papulation 1 --excoriation 2
  flexura score poem 4 3 1 1 2 2 4
  flexura score easi --help"""


class Calculators(click.Group):
    """A group that lists its calculators in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the calculators."""
        return list(self.commands)


@click.group(
    cls=Calculators,
    help="Compute clinical scores from signs that you graded or answers that a patient gave; no photo.",
    epilog=_EXAMPLE,
    no_args_is_help=True,
)
def score() -> None:
    """Compute clinical scores."""


for _command in (score_easi, score_scorad, score_po_scorad, score_tis, score_sassad, score_viga_ad, score_bsa):
    score.add_command(_command)
for _command in (*questionnaire_commands(), score_itch_nrs):
    score.add_command(_command)
