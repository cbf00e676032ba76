"""The benchmark's files, valid and with planted faults, which the tests hold to the same answers."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The comparison with dciodvfy."""
    return _module("dicom_conformance", monkeypatch)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Valid files."""
    return _module("dicom_files", monkeypatch)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The same with one fault each."""
    return _module("dicom_faults", monkeypatch)


def _module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import a script beside which its siblings lie."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module(name)
