"""The house's own rules, checked by walking the code: stairs, light answer path, sizes, error tree."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import flexura
from flexura import errors

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src" / "flexura").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
NEEDS_A_GPU = ROOT / "tests/inference/test_cuda.py"

# A training loop or a network's assembly may be longer than 50 lines (style.md).
LONG_BY_NATURE: frozenset[str] = frozenset()
# What the answer path must never load: its cold start is measured in fractions of a second.
HEAVY = {"torch", "onnx", "onnxscript", "safetensors", "fastapi", "scipy", "skimage", "sklearn", "pandas"}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    """Lines of code under the signature; docstring, comments and blank lines do not count."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    code = (line.strip() for line in lines[body[0].lineno - 1 : function.end_lineno])
    return sum(bool(line) and not line.startswith("#") for line in code)


def _function_sizes() -> dict[str, int]:
    sizes = {}
    for path in SOURCES:
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                sizes[f"{_name(path)}:{node.name}"] = _body_lines(node, lines)
    return sizes


def _leaves(error: type[errors.FlexuraError]) -> list[type[errors.FlexuraError]]:
    below = error.__subclasses__()
    return [leaf for child in below for leaf in _leaves(child)] if below else [error]


def _all_errors() -> list[type[errors.FlexuraError]]:
    members = inspect.getmembers(errors, inspect.isclass)
    return [member for _, member in members if issubclass(member, errors.FlexuraError)]


def test_the_stairs_hold() -> None:
    # A process of its own: import-linter sets up logging anew and would silence the loggers of other tests.
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = "import sys, flexura.cli; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(run.stdout.split())


def test_only_the_settings_read_the_environment() -> None:
    for path in SOURCES:
        if path.name == "variables.py" and path.parent.name == "settings":
            continue
        reads = [node.lineno for node in ast.walk(_tree(path)) if ast.unparse(node) in {"os.environ", "os.getenv"}]
        assert not reads, f"{_name(path)}:{reads} reads the environment; only settings/variables.py may"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_module_opens_with_its_purpose(path: Path) -> None:
    assert ast.get_docstring(_tree(path)), f"{_name(path)} has no docstring"


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=_name)
def test_files_stay_readable_in_one_sitting(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    limit = 400 if path in SOURCES else 600
    assert lines <= limit, f"{_name(path)} has {lines} lines, more than {limit}"


def test_nine_in_ten_functions_are_short_and_none_is_long() -> None:
    sizes = _function_sizes()
    short = sum(size < 25 for size in sizes.values())
    assert short >= 0.9 * len(sizes), f"{short} of {len(sizes)} functions have under 25 body lines"
    long = {name: size for name, size in sizes.items() if size > 50 and name not in LONG_BY_NATURE}
    assert not long, f"over 50 body lines: {long}"


def test_long_functions_that_are_excused_exist_and_are_long() -> None:
    sizes = _function_sizes()
    assert all(sizes.get(name, 0) > 50 for name in LONG_BY_NATURE)


@pytest.mark.parametrize("error", _all_errors(), ids=lambda error: error.__name__)
def test_every_error_says_what_it_means(error: type[errors.FlexuraError]) -> None:
    assert error.__dict__.get("__doc__")
    assert "code" in error.__dict__, f"{error.__name__} inherits its code"
    assert error.__name__ in (errors.__doc__ or ""), f"{error.__name__} is missing in the drawn tree"


def test_every_error_has_a_code_of_its_own_and_an_exit_status() -> None:
    codes = [error.code for error in _all_errors()]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.isidentifier() for code in codes)
    assert {error.exit_status for error in _all_errors()} == {1, 2, 3, 4}
    assert len(_leaves(errors.FlexuraError)) >= 10


def test_no_error_is_drawn_that_does_not_exist() -> None:
    drawn = {word for line in (errors.__doc__ or "").splitlines() if "──" in line for word in _names(line)}
    assert drawn == {error.__name__ for error in _all_errors()} - {"FlexuraError"}


def _names(line: str) -> list[str]:
    """Class names at the head of a branch of the drawn tree."""
    head = line.split("──", 1)[1].split("  ", maxsplit=1)[0]
    return [word for word in head.replace(",", " ").split() if word[0].isupper()]


def test_every_room_can_be_imported() -> None:
    for room in pkgutil.iter_modules(flexura.__path__, "flexura."):
        importlib.import_module(room.name)


@pytest.mark.parametrize("path", TESTS, ids=_name)
def test_no_test_may_be_skipped(path: Path) -> None:
    if path in (Path(__file__), NEEDS_A_GPU):
        return
    skips = {"pytest.skip", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}
    used = skips & {ast.unparse(node) for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}
    assert not used, f"{_name(path)} uses {used}"


def test_the_shipped_bundle_stays_small() -> None:
    files = [path for path in (ROOT / "src/flexura/inference/weights").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 30 * 2**20
