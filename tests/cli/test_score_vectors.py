"""The hand-worked vectors of docs/scores.md, each by the command that its line names."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from flexura.cli.root import verbs

PAGE = (Path(__file__).parents[2] / "docs" / "scores.md").read_text(encoding="utf-8")
VECTORS = re.findall(
    r"^\| `([^`]+)` \| ([\d.]+) \| ([^|]+) \| [^|]+ \|$", PAGE.partition("## Vectors\n")[2], re.MULTILINE
)


@pytest.mark.parametrize(("command", "value", "band"), VECTORS, ids=[command.split()[0] for command, *_ in VECTORS])
def test_a_vector_of_the_page(run, command, value, band):
    answer = json.loads(run("score", *command.split(), "--json").stdout)
    first = next(iter(answer.values()))
    assert Decimal(str(first["value"])) == Decimal(value)
    assert first["band"] == (None if band == "–" else band)


def test_every_score_has_a_vector_on_the_page():
    scores = verbs.commands["score"].commands
    assert {command.split()[0] for command, *_ in VECTORS} == set(scores)
    assert len(VECTORS) >= 2 * len(scores)
