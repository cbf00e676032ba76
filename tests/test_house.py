"""What surrounds the code: pinned requirements, licences, scripts, the README's promises."""

import ast
import os
import re
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


PROJECT = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
LICENCE_ROW = re.compile(r"^\| `([a-z0-9-]+)` \| ([^|]+?) \|", re.MULTILINE)

# GNU's general licences, Affero, and MariaDB's Business Source Licence. Torch's "BSL-1.0" is Boost's.
UNWANTED = re.compile(r"\bA?GPL|Affero|Business Source|BUSL", re.IGNORECASE)


def _pins(name: str) -> dict[str, str]:
    return dict(PIN.findall(_text(ROOT / "requirements" / name)))


def _licence(package: Distribution) -> str:
    """What the installed package declares: expression, else its classifiers, else the free text."""
    meta = package.metadata
    classifiers = [line.rpartition(" :: ")[2] for line in meta.get_all("Classifier") or [] if "License ::" in line]
    declared = meta.get("License-Expression") or "; ".join(classifiers) or meta.get("License") or ""
    return declared.strip().splitlines()[0]


def _licence_table(heading: str) -> dict[str, str]:
    """Package and licence of each row under a heading of docs/licences.md."""
    page = _text(ROOT / "docs" / "licences.md")
    section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return dict(LICENCE_ROW.findall(section))


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("base.txt", PROJECT["dependencies"]),
        ("dev.txt", PROJECT["dependencies"] + EXTRAS["dev"] + EXTRAS["server"] + EXTRAS["hsm"]),
        ("hsm.txt", PROJECT["dependencies"] + EXTRAS["server"] + EXTRAS["hsm"]),
        ("server.txt", PROJECT["dependencies"] + EXTRAS["server"]),
        ("train.txt", PROJECT["dependencies"] + EXTRAS["train"]),
    ],
)
def test_requirements_pin_what_the_project_asks_for(file: str, wanted: list[str]) -> None:
    pins = _pins(file)
    for line in wanted:
        need = Requirement(line)
        pinned = pins.get(canonicalize_name(need.name))
        assert pinned, f"{need.name} is not in requirements/{file}: run scripts/lock"
        assert need.specifier.contains(pinned), f"{need.name}=={pinned} in requirements/{file}: run scripts/lock"


def test_requirements_agree_with_one_another() -> None:
    dev, train = _pins("dev.txt"), _pins("train.txt")
    assert not {name for name in dev.keys() & train.keys() if dev[name] != train[name]}
    assert _pins("base.txt").items() <= _pins("server.txt").items() <= _pins("hsm.txt").items() <= dev.items()


@pytest.mark.parametrize("file", ["base.txt", "server.txt", "hsm.txt", "dev.txt", "build.txt", "audit.txt"])
def test_hashed_requirements_leave_nothing_unhashed(file: str) -> None:
    blocks = re.split(r"\n(?=[A-Za-z])", _text(ROOT / "requirements" / file).split("\n", 1)[1].strip())
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)


def test_the_build_tool_is_pinned_to_the_one_in_the_requirements() -> None:
    build = tomllib.loads(_text(ROOT / "pyproject.toml"))["build-system"]["requires"]
    assert build == [f"hatchling=={_pins('build.txt')['hatchling']}"]


def test_torch_and_the_database_are_no_base_dependencies() -> None:
    assert not {"torch", "onnx", "safetensors", "sqlalchemy", "cryptography"} & _pins("base.txt").keys()


@pytest.mark.parametrize("name", sorted(_pins("base.txt")))
def test_every_dependency_is_in_the_licence_table_as_it_declares_itself(name: str) -> None:
    assert _licence_table("Run time").get(name) == _licence(distribution(name))


@pytest.mark.parametrize("name", [Requirement(line).name for line in EXTRAS["train"]])
def test_every_training_dependency_is_in_the_licence_table_too(name: str) -> None:
    assert _licence_table("Training").get(name) == _licence(distribution(name))


# Only Windows needs tzdata, so it is not here to be asked.
SERVER_ONLY = sorted(_pins("server.txt").keys() - _pins("base.txt").keys() - {"tzdata"})
HSM_ONLY = sorted(_pins("hsm.txt").keys() - _pins("server.txt").keys())


@pytest.mark.parametrize("name", SERVER_ONLY)
def test_every_dependency_of_the_server_is_in_the_licence_table_too(name: str) -> None:
    assert _licence_table("Server").get(name) == _licence(distribution(name))


@pytest.mark.parametrize("name", HSM_ONLY)
def test_every_dependency_of_keys_in_a_token_is_in_the_licence_table_too(name: str) -> None:
    assert _licence_table("HSM").get(name) == _licence(distribution(name))


def test_the_licence_table_names_no_stranger() -> None:
    assert _licence_table("HSM").keys() == set(HSM_ONLY)
    assert _licence_table("Run time").keys() == _pins("base.txt").keys()
    assert _licence_table("Server").keys() - {"tzdata"} == set(SERVER_ONLY)


@pytest.mark.parametrize("name", [*sorted(_pins("base.txt")), *SERVER_ONLY, *HSM_ONLY])
def test_no_dependency_binds_the_whole_program(name: str) -> None:
    package = distribution(name)
    bundled = [Path(str(file.locate())) for file in package.files or [] if "LICENSES_bundled" in file.name]
    stated = [line for path in bundled for line in _text(path).splitlines() if line.startswith("License")]
    declared = [_licence(package), *stated]
    assert not [line for line in declared if UNWANTED.search(line) and "exception" not in line]


@pytest.mark.parametrize(
    "name", ["scripts/demo", "scripts/test", "scripts/check", "scripts/setup", "scripts/known-weaknesses", ".ci/run"]
)
def test_scripts_can_be_run_and_stop_at_the_first_error(name: str) -> None:
    path = ROOT / name
    assert os.access(path, os.X_OK)
    text = _text(path)
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text


def test_the_readme_names_the_two_commands_and_only_files_that_exist() -> None:
    readme = _text(ROOT / "README.md")
    assert "scripts/demo" in readme
    assert "scripts/test" in readme
    links = re.findall(r"\]\(([^)#]+)\)", readme)
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]


def test_nothing_lies_at_the_root_that_does_not_belong_there() -> None:
    # What a command wrote while somebody tried it out is not committed with the rest.
    ignored = [line.rstrip("/") for line in _text(ROOT / ".gitignore").splitlines()]
    found = {path.name for path in ROOT.iterdir() if not any(path.match(pattern) for pattern in [*ignored, ".git"])}
    folders = {"benchmarks", "deploy", "docs", "examples", "recipes", "requirements", "scripts", "src", "tests", ".ci"}
    files = {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "NOTICE", "README.md", "pyproject.toml", "uv.lock"}
    hidden = {".flake8", ".gitignore", ".pre-commit-config.yaml"}
    assert found == folders | files | hidden


def test_the_version_is_said_once() -> None:
    import flexura

    assert flexura.__version__ == PROJECT["version"] == distribution("flexura").version
    assert f"## {PROJECT['version']}" in _text(ROOT / "CHANGELOG.md")


# Pages that name tests as proofs, and the rows of the first: number, what, shown by.
PROVED = ("reliability.md", "threat-model.md")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
CHECKS = range(1, 20)


def _page(name: str) -> str:
    return _text(ROOT / "docs" / name)


def _functions(path: Path) -> set[str]:
    tree = ast.parse(_text(path))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("name", PROVED)
def test_every_test_that_is_named_exists(name):
    named = NAMED.findall(_page(name))
    assert len(named) > 20
    assert not [(file, test) for file, test in named if test not in _functions(ROOT / file)]


def test_every_check_is_answered_by_a_test_or_a_plain_not_yet():
    rows = ROW.findall(_page("reliability.md"))
    assert {int(number) for number, _, _ in rows} == set(CHECKS)
    assert not [what for _, what, shown in rows if not _answers(shown)]


def _answers(shown: str) -> bool:
    scripts = re.findall(r"`python (benchmarks/\w+\.py)", shown)
    named = bool(NAMED.search(shown)) or (bool(scripts) and all((ROOT / script).exists() for script in scripts))
    return named or shown.startswith("not yet")


def test_every_threat_names_its_control_and_a_test():
    kinds = "Spoofing|Tampering|Repudiation|Information disclosure|Denial of service|Elevation of privilege"
    rows = re.findall(rf"^\| ({kinds}) \| (.+?) \| (.+?) \| (.+) \|$", _page("threat-model.md"), re.MULTILINE)
    assert {kind for kind, *_ in rows} == set(kinds.split("|"))
    assert not [threat for _, threat, _, shown in rows if not NAMED.search(shown)]
