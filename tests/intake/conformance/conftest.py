"""The benchmark's files, valid and with planted faults, which the tests hold to the same answers."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "dicom_conformance.py"


@pytest.fixture(scope="session")
def benchmark() -> ModuleType:
    import sys

    spec = importlib.util.spec_from_file_location("dicom_conformance", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their module up
    spec.loader.exec_module(module)
    return module
