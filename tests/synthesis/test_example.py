"""The bundled example is what its script renders, and its context is one that can be read."""

import json
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from flexura.records import PatientContext
from flexura.synthesis import render

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script():
    """Give the script that makes the example, as a module."""
    loader = SourceFileLoader("render_example", str(ROOT / "scripts" / "render_example"))
    module = module_from_spec(spec_from_loader("render_example", loader))
    # No bytecode beside the script: it has no suffix that git would know to ignore.
    exec(compile(loader.get_source("render_example"), loader.path, "exec"), module.__dict__)
    return module


def test_example_is_what_its_seed_renders(script):
    """Decoded, the file differs from the rendering by what JPEG loses and no more."""
    decoded = np.asarray(Image.open(script.EXAMPLE).convert("RGB")).astype(int)
    difference = np.abs(decoded - render(script.SPEC).pixels)
    assert difference.mean() < 3.0
    assert np.quantile(difference, 0.999) < 25


def test_example_is_small_enough_to_ship(script):
    """A demo photo has no business weighing more than the page that shows it."""
    assert script.EXAMPLE.stat().st_size < 300_000


def test_example_context_is_a_context():
    """Every key is a field of `PatientContext`."""
    context = json.loads((ROOT / "examples" / "eczema_forearm.json").read_text(encoding="utf-8"))
    assert PatientContext(**context).site == "forearm"
