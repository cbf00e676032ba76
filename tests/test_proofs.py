"""Pages that name tests as proofs: every test is there, every number is answered."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("reliability.md", "threat-model.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
CHECKS = range(1, 20)


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", PAGES)
def test_every_test_that_is_named_exists(name):
    named = NAMED.findall(_page(name))
    assert len(named) > 20
    assert not [(file, test) for file, test in named if test not in _tests(ROOT / file)]


def test_every_check_is_answered_by_a_test_or_a_plain_not_yet():
    rows = ROW.findall(_page("reliability.md"))
    assert {int(number) for number, _, _ in rows} == set(CHECKS)
    assert not [what for _, what, shown in rows if not NAMED.search(shown) and not shown.startswith("not yet")]


def test_every_threat_names_its_control_and_a_test():
    kinds = "Spoofing|Tampering|Repudiation|Information disclosure|Denial of service|Elevation of privilege"
    rows = re.findall(rf"^\| ({kinds}) \| (.+?) \| (.+?) \| (.+) \|$", _page("threat-model.md"), re.MULTILINE)
    assert {kind for kind, *_ in rows} == set(kinds.split("|"))
    assert not [threat for _, threat, _, shown in rows if not NAMED.search(shown)]
