"""One photo through the bundle's two graphs, by ONNX Runtime; imports no torch."""

import ctypes
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import onnxruntime
from threadpoolctl import threadpool_limits

from flexura.clinical.context import CONTEXT_NAMES
from flexura.decision.calibration import context_logits
from flexura.errors import BundleMismatch, DependencyMissing
from flexura.inference.bundle import Bundle
from flexura.inference.devices import NOT_STARTED, PROVIDERS, Device, Place, choose_place
from flexura.inference.gathering import Batching, Gathering
from flexura.inference.graphs import ANSWER, LOOK, Graph, answer_shapes, look_shapes
from flexura.records import FloatArray, Look, Prediction, UInt8Array

Session: TypeAlias = onnxruntime.InferenceSession

ENGINE: Final = f"ONNX Runtime {onnxruntime.__version__}"
# Full float32, where CUDA's default multiplies with 10 bits of mantissa; and no measuring of every algorithm anew at
# the first call of each batch size.
_CUDA_OPTIONS: Final = {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}
# Of glibc's mallopt: blocks from so many bytes on are mapped, and unmapped when they are freed.
_MMAP_THRESHOLD: Final = -3
# The smallest graph that a session takes: y = x, one float.
_PROBE: Final = (
    b'\x08\x08:7\n\x10\n\x01x\x12\x01y"\x08Identity\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r"
)


def available_threads() -> int:
    """Processor cores this process may run on, which in a container can be fewer than the machine has.

    Systems without `sched_getaffinity` do not tell, and a number of cores is no permission to use them
    all, so there it is 1; `FLEXURA_THREADS` gives more.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def find_place(device: Device) -> Place:
    """Find where this machine computes for a choice of device, by starting the provider.

    Parameters
    ----------
    device : Device
        What is asked for.

    Returns
    -------
    Place

    Raises
    ------
    DependencyMissing
        When `cuda` is asked for and cannot be had.
    """
    if device == "auto":
        # A provider that does not start says so on standard error; here that is an answer, not a fault.
        onnxruntime.set_default_logger_severity(4)
    return choose_place(device, listed=onnxruntime.get_available_providers(), starts=_starts_cuda)


def _starts_cuda() -> bool:
    with redirect_stdout(io.StringIO()):  # it prints what it does not find
        onnxruntime.preload_dlls()  # CUDA and cuDNN as packages of Python, where they are installed so
    try:
        open_session(_PROBE, threads=1, place="cuda")
    except (BundleMismatch, DependencyMissing):
        return False
    return True


class Engine:
    """The two graphs of a model, ready to run; safe to share between threads.

    Parameters
    ----------
    look : Path
        The first graph's file.
    answer : Path
        The second graph's file.
    side : int
        The network's square input in pixels.
    codes : int
        How many diagnoses it tells apart.
    threads : int, optional
        Of one call; by default the cores that this process may use.
    place : Place
        Where the first graph computes, from `find_place`; the second is too small to gain from a GPU.

    Raises
    ------
    BundleMismatch
        If a graph cannot be loaded, or its inputs and outputs are not these.
    DependencyMissing
        If it is to compute by CUDA and cannot.
    """

    def __init__(
        self, look: Path, answer: Path, *, side: int, codes: int, threads: int | None = None, place: Place = "cpu"
    ) -> None:
        self.side, self.place = side, place
        shapes = look_shapes(side)
        self._look = _open_checked(look, LOOK, shapes, threads=threads or available_threads(), place=place)
        # Two small matrices: more threads would only wait for each other.
        self._answer = _open_checked(answer, ANSWER, answer_shapes(codes), threads=1)

    def look(self, pixels: UInt8Array) -> Look:
        """See where lesion and skin are, and what the picture is like.

        Parameters
        ----------
        pixels : UInt8Array
            sRGB (side, side, 3), as made by `flexura.pipeline.prepare` for this bundle's side.

        Returns
        -------
        Look
        """
        (look,) = self.look_at(pixels[None])
        return look

    def look_at(self, pictures: UInt8Array) -> tuple[Look, ...]:
        """The same for several pictures (B, side, side, 3) in one call of the engine."""
        maps, attention, pooled = self._look.run(None, {"pixels": pictures})
        seen = zip(pooled, maps, attention, strict=True)
        return tuple(Look(features, lesion, skin, weights) for features, (lesion, skin), (weights,) in seen)

    def answer(self, look: Look, *, context: FloatArray, findings: FloatArray) -> Prediction:
        """Answer on what was seen and what is known beside it.

        Parameters
        ----------
        look : Look
            Of this predictor.
        context : FloatArray
            float32 (F,), as made by `flexura.pipeline.prepare`; NaN is unknown.
        findings : FloatArray
            float32 (M,), as made by `flexura.pipeline.measure`; NaN is unknown.

        Returns
        -------
        Prediction
        """
        feeds = {"pooled": look.pooled[None], "context": context[None], "findings": findings[None]}
        logits, samples, signs, iga, distance = self._answer.run(None, feeds)
        return Prediction(
            logits=logits[0],
            logit_samples=samples[0],
            signs=signs[0],
            iga=iga[0],
            lesion_map=look.lesion_map,
            skin_map=look.skin_map,
            attention=look.attention,
            distance=float(np.float32(distance[0])),
        )

    def logits(self, look: Look, *, contexts: FloatArray, findings: FloatArray) -> FloatArray:
        """Diagnosis logits (N, T) of the same look with N contexts (N, F) and findings (N, M)."""
        pooled = np.repeat(look.pooled[None], len(contexts), axis=0)
        (logits,) = self._answer.run(["logits"], {"pooled": pooled, "context": contexts, "findings": findings})
        return np.asarray(logits, np.float32)


class Predictor(Engine):
    """A verified bundle's network, ready to answer.

    Parameters
    ----------
    bundle : Bundle
        A verified bundle.
    threads : int, optional
        As for `Engine`.
    place : Place
        As for `Engine`.
    batching : Batching, optional
        Lets the looks of several threads be made in one call of the engine; by default each is made alone.

    Raises
    ------
    BundleMismatch
        If the graphs are not those that the bundle describes, or it weighs other context values than are encoded.
    DependencyMissing
        If it is to compute by CUDA and cannot.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        threads: int | None = None,
        place: Place = "cpu",
        batching: Batching | None = None,
    ) -> None:
        codes = len(bundle.calibration.labels)
        super().__init__(bundle.look, bundle.answer, side=bundle.side, codes=codes, threads=threads, place=place)
        evidence = bundle.calibration.context_evidence
        if evidence is not None and evidence.names != CONTEXT_NAMES:
            raise BundleMismatch("the bundle weighs other context values than this flexura encodes")
        self.bundle = bundle
        self._together = Gathering(self._look_at_all, batching) if batching else None

    def look(self, pixels: UInt8Array) -> Look:
        """See as `Engine.look` does, perhaps together with what other threads look at."""
        return self._together(pixels) if self._together else super().look(pixels)

    def _look_at_all(self, pictures: Sequence[UInt8Array]) -> tuple[Look, ...]:
        return self.look_at(np.stack(pictures))

    def answer(self, look: Look, *, context: FloatArray, findings: FloatArray) -> Prediction:
        """Answer as the network does, with what was told weighed as the bundle's calibration says."""
        prediction = super().answer(look, context=context, findings=findings)
        (added,) = context_logits(context[None], self.bundle.calibration)
        return replace(prediction, logits=prediction.logits + added, logit_samples=prediction.logit_samples + added)

    def logits(self, look: Look, *, contexts: FloatArray, findings: FloatArray) -> FloatArray:
        """The same for the logits of N contexts (N, F) and findings (N, M)."""
        added = context_logits(contexts, self.bundle.calibration)
        return np.asarray(super().logits(look, contexts=contexts, findings=findings) + added, np.float32)


def _open_checked(
    path: Path, graph: Graph, shapes: dict[str, list[int]], *, threads: int, place: Place = "cpu"
) -> Session:
    """Open a graph whose ends are as they must be; all of them have a batch axis first."""
    session = open_session(path, threads=threads, place=place)
    inputs, outputs = session.get_inputs(), session.get_outputs()
    found = tuple(end.name for end in inputs), tuple(end.name for end in outputs)
    if found != (graph.inputs, graph.outputs):
        raise BundleMismatch(f"{path.name} takes and gives {found}, expected {(graph.inputs, graph.outputs)}")
    sizes = {end.name: end.shape[1:] for end in (*inputs, *outputs) if end.name in shapes}
    if sizes != shapes:
        raise BundleMismatch(f"the shapes in {path.name} are {sizes}, the bundle describes {shapes}")
    return session


def open_session(network: Path | bytes, *, threads: int, place: Place = "cpu") -> Session:
    """An ONNX Runtime session.

    Parameters
    ----------
    network : Path | bytes
        The graph or its file.
    threads : int
        Threads of one call on the CPU.
    place : Place
        Where it computes.

    Returns
    -------
    Session
        Ready to run.

    Raises
    ------
    BundleMismatch
        If the engine cannot read the graph.
    DependencyMissing
        If it is to compute by CUDA and cannot.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Errors come back as exceptions; warnings of the engine are no message for a clinician.
    options.log_severity_level = 3
    # Weights stored as int8 become float32 once, when the graph is opened, and not at every call.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    # Threads without work sleep: awake they keep cores from whatever else runs, and calls took 1.6 times as long.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # So do those of NumPy's and OpenCV's BLAS, which would go on for 20 ms after a product of small matrices.
    threadpool_limits(limits=1, user_api="blas")
    source = network if isinstance(network, bytes) else str(network)
    providers: list[Any] = [PROVIDERS["cpu"]]
    if place == "cuda":
        providers.insert(0, (PROVIDERS["cuda"], _CUDA_OPTIONS))
    try:
        # Left to itself, it prints that a provider failed, and goes on without it.
        with _freeing_at_once():
            session = onnxruntime.InferenceSession(source, options, providers=providers, enable_fallback=0)
    except Exception as error:  # the engine raises its own untyped errors
        raise BundleMismatch("the engine cannot read the bundle's network; install the bundle again") from error
    if PROVIDERS[place] not in session.get_providers():
        raise DependencyMissing(NOT_STARTED)
    return session


@contextmanager
def _freeing_at_once() -> Iterator[None]:
    """Let what the engine frees while it opens a graph go back to the system: it holds all weights up to three times.

    For glibc, which else keeps large blocks for later; other C libraries have no such setting, and need none.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        yield
        return
    mallopt(_MMAP_THRESHOLD, 128 * 1024)
    try:
        yield
    finally:
        # Pictures that come and go are cheaper kept.
        mallopt(_MMAP_THRESHOLD, 32 * 1024 * 1024)
