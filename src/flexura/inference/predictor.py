"""One photo through the bundle's network, by ONNX Runtime; imports no torch."""

import os
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnxruntime

from flexura.clinical.context import CONTEXT_NAMES
from flexura.errors import BundleMismatch
from flexura.inference.bundle import Bundle
from flexura.records import ModelInput, Prediction

# The graph's outputs in the order of `Prediction`'s fields; written by `flexura.inference.quantise`.
Session: TypeAlias = onnxruntime.InferenceSession
OUTPUTS = ("logits", "logit_samples", "signs", "iga", "maps", "distance")


def available_threads() -> int:
    """Processor cores this process may run on, which in a container can be fewer than the machine has.

    Systems without `sched_getaffinity` do not tell, and a number of cores is no permission to use them
    all, so there it is 1; `FLEXURA_THREADS` gives more.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class Predictor:
    """A loaded network, ready to answer; safe to share between threads.

    Parameters
    ----------
    bundle : Bundle
        A verified bundle.
    threads : int, optional
        Threads of the engine; by default the cores that this process may use.

    Raises
    ------
    BundleMismatch
        If the graph cannot be loaded, or its inputs and outputs are not those that the bundle describes.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle
        self._session = open_session(bundle.network, threads=threads or available_threads())
        found = tuple(output.name for output in self._session.get_outputs())
        if found != OUTPUTS:
            raise BundleMismatch(f"the network gives {found}, expected {OUTPUTS}")
        self._check_shapes()

    def _check_shapes(self) -> None:
        side, codes = self.bundle.side, len(self.bundle.calibration.labels)
        expected = {"pixels": [side, side, 3], "context": [len(CONTEXT_NAMES)], "logits": [codes]}
        ends = (*self._session.get_inputs(), self._session.get_outputs()[0])
        found = {end.name: end.shape[1:] for end in ends}
        if found != expected:
            raise BundleMismatch(f"the network's shapes are {found}, the bundle describes {expected}")

    def predict(self, model_input: ModelInput) -> Prediction:
        """Read one photo.

        Parameters
        ----------
        model_input : ModelInput
            As made by `flexura.pipeline.prepare` for this bundle's side.

        Returns
        -------
        Prediction
        """
        feeds = {"pixels": model_input.pixels[None], "context": model_input.context[None]}
        logits, samples, signs, iga, maps, distance = self._session.run(None, feeds)
        return Prediction(
            logits=logits[0],
            logit_samples=samples[0],
            signs=signs[0],
            iga=iga[0],
            lesion_map=maps[0, 0],
            skin_map=maps[0, 1],
            distance=float(np.float32(distance[0])),
        )


def open_session(network: Path | bytes, *, threads: int) -> Session:
    """An ONNX Runtime session on the CPU.

    Parameters
    ----------
    network : Path | bytes
        The graph or its file.
    threads : int
        Threads of one call.

    Returns
    -------
    Session
        Ready to run.

    Raises
    ------
    BundleMismatch
        If the engine cannot read the graph.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Errors come back as exceptions; warnings of the engine are no message for a clinician.
    options.log_severity_level = 3
    source = network if isinstance(network, bytes) else str(network)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the engine raises its own untyped errors
        raise BundleMismatch("the engine cannot read the bundle's network; install the bundle again") from error
