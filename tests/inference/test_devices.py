"""Where the network computes: the choice on every machine that there may be, and the refusals."""

from collections.abc import Callable

import onnxruntime
import pytest

from flexura.errors import DependencyMissing
from flexura.inference.bundle import load_bundle
from flexura.inference.devices import choose_place
from flexura.inference.predictor import Predictor, find_place

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
BARE, BUILT = ["AzureExecutionProvider", CPU], ["TensorrtExecutionProvider", CUDA, CPU]


def _not_asked() -> bool:
    raise AssertionError("the provider was started")


@pytest.mark.parametrize(
    ("device", "listed", "starts", "place"),
    [
        ("auto", BARE, _not_asked, "cpu"),
        ("auto", BUILT, lambda: False, "cpu"),
        ("auto", BUILT, lambda: True, "cuda"),
        ("cpu", BUILT, _not_asked, "cpu"),
        ("cuda", BUILT, lambda: True, "cuda"),
    ],
)
def test_what_is_taken(device, listed, starts: Callable[[], bool], place):
    assert choose_place(device, listed=listed, starts=starts) == place


@pytest.mark.parametrize(
    ("listed", "starts", "told"), [(BARE, _not_asked, "install onnxruntime-gpu"), (BUILT, lambda: False, "not start")]
)
def test_cuda_that_cannot_be_had_is_refused(listed, starts, told):
    with pytest.raises(DependencyMissing, match=told):
        choose_place("cuda", listed=listed, starts=starts)


def test_this_machine_always_has_a_cpu():
    assert find_place("cpu") == "cpu"


@pytest.fixture
def without_gpu(monkeypatch):
    """The engine built with CUDA on a machine without: it lists the provider, and opens sessions without a word."""
    real = onnxruntime.InferenceSession

    def fall_back(network, options, *, providers, enable_fallback):
        assert (CPU in providers, enable_fallback) == (True, 0)  # else it prints on standard output, and goes on
        return real(network, options, providers=[CPU], enable_fallback=enable_fallback)

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: BUILT)
    monkeypatch.setattr(onnxruntime, "InferenceSession", fall_back)


def test_a_provider_that_is_listed_and_does_not_start_is_no_gpu(without_gpu):
    assert find_place("auto") == "cpu"
    with pytest.raises(DependencyMissing, match="does not start"):
        find_place("cuda")


def test_a_network_is_never_quietly_computed_elsewhere(without_gpu, tiny_bundle):
    with pytest.raises(DependencyMissing, match="does not start"):
        Predictor(load_bundle(tiny_bundle), threads=1, place="cuda")
