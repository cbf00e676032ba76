"""Scores of what patients answer: POEM, DLQI, CDLQI, ADCT from the points of each answer, and the rating of itch."""

from decimal import Decimal

import click

from flexura.cli.score.shown import as_json_option, exact, exact_or_unknown, show
from flexura.decision.scores import QUESTIONNAIRES, itch_nrs, questionnaire_score
from flexura.decision.scores.questionnaires import Questionnaire
from flexura.errors import UsageError
from flexura.report.wording import plain


def questionnaire_commands() -> list[click.Command]:
    """Make one command for each questionnaire of the table.

    Returns
    -------
    list of click.Command
        In the order of the table.
    """
    return [_command(sheet) for sheet in QUESTIONNAIRES.values()]


def _command(sheet: Questionnaire) -> click.Command:
    labels = ", ".join(plain(item) for item in sheet.items)
    words = (
        f"{sheet.title}, 0 to {sheet.highest} ({sheet.meant_for}). Give the points of its {len(sheet.items)} answers, "
        f"0 to {sheet.highest_item} each, in its order: {labels}; - for one that was not given, which leaves the score "
        f"unknown. The questionnaire's own wording is copyrighted ({sheet.copyright}) and not part of flexura."
    )
    points = (sheet.highest_item, 1, 0, 2, 1, 0, 1, 2, 0, 1)[: len(sheet.items)]
    example = f"\b\nExample:\n  flexura score {sheet.name} {' '.join(map(str, points))}"

    @click.command(sheet.name, help=words, epilog=example, no_args_is_help=True)
    @click.argument("points", nargs=-1, required=True, type=exact_or_unknown, metavar="POINTS...")
    @as_json_option
    def score_questionnaire(points: tuple[Decimal | str, ...], *, as_json: bool) -> None:
        """Add the answers up."""
        if len(points) != len(sheet.items):
            raise UsageError(
                f"{sheet.title} has {len(sheet.items)} answers, {len(points)} were given; write - for one."
            )
        answers = {
            item: given if isinstance(given, Decimal) else None for item, given in zip(sheet.items, points, strict=True)
        }
        show({sheet.name: questionnaire_score(sheet.name, answers)}, as_json=as_json)

    return score_questionnaire


@click.command(
    "itch-nrs",
    help="Numerical rating of itch, 0 (none) to 10 (the worst imaginable), with its band.",
    epilog="\b\nExample:\n  flexura score itch-nrs 7",
    no_args_is_help=True,
)
@click.argument("itch", type=exact, metavar="0-10")
@as_json_option
def score_itch_nrs(itch: Decimal, *, as_json: bool) -> None:
    """Name the band of an itch rating."""
    show({"itch_nrs": itch_nrs(itch)}, as_json=as_json)
