"""The GPU gives the answers of the CPU. The one file of tests that a machine may leave out: it needs a GPU."""

import math

import numpy as np
import pytest

from flexura.clinical.context import CONTEXT_NAMES
from flexura.features import FEATURE_NAMES
from flexura.inference.bundle import load_bundle
from flexura.inference.predictor import Predictor, find_place
from flexura.synthesis.render import render
from flexura.synthesis.spec import SkinSpec

pytestmark = pytest.mark.skipif(
    find_place("auto") != "cuda", reason="ONNX Runtime's CUDA provider is not installed or does not start: no GPU"
)
UNKNOWN = np.full(len(CONTEXT_NAMES), math.nan, np.float32)
UNMEASURED = np.full(len(FEATURE_NAMES), math.nan, np.float32)


def test_the_gpu_answers_as_the_cpu_one_by_one_and_together():
    bundle = load_bundle()
    specs = [
        SkinSpec(seed=seed, tone=2 + seed, signs=(2, 1, 1, 1, 0, 2), area=0.3, size=(288, 288)) for seed in (1, 2, 3)
    ]
    pictures = np.stack([render(spec).pixels for spec in specs])
    on_cpu, on_gpu = Predictor(bundle), Predictor(bundle, place="cuda")
    together = on_gpu.look_at(pictures)
    for pixels, beside in zip(pictures, together, strict=True):
        told = on_cpu.look(pixels)
        expected = on_cpu.answer(told, context=UNKNOWN, findings=UNMEASURED)
        for look in (on_gpu.look(pixels), beside):
            assert look.lesion_map == pytest.approx(told.lesion_map, abs=1e-3)
            assert look.skin_map == pytest.approx(told.skin_map, abs=1e-3)
            answer = on_gpu.answer(look, context=UNKNOWN, findings=UNMEASURED)
            assert answer.logits == pytest.approx(expected.logits, abs=1e-2)
            assert answer.signs == pytest.approx(expected.signs, abs=1e-3)
            assert answer.iga == pytest.approx(expected.iga, abs=1e-3)
